package payone

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // TransactionStatus names the portal key by it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"strings"
)

// The ways in which PAYONE Link uses a portal key, all of them pure functions of it.

// digest is the HMAC-SHA256 of a message.
func digest(portalKey, message string) []byte {
	mac := hmac.New(sha256.New, []byte(portalKey))
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

// linkHash is the link's hash for the client API.
func linkHash(portalKey, id string) string {
	return hex.EncodeToString(digest(portalKey, "link-hash:"+id))[:32]
}

// authCode is the X-Auth-Code of a notification. White space around the body does not count.
func authCode(portalKey, requestID string, body []byte) string {
	hash := sha512.Sum512([]byte(strings.TrimSpace(string(body))))
	key := sha512.Sum512([]byte(portalKey))
	mac := hmac.New(sha512.New, []byte(hex.EncodeToString(key[:])))
	mac.Write([]byte(requestID + ":" + hex.EncodeToString(hash[:])))
	return hex.EncodeToString(mac.Sum(nil))
}

// keyName is how TransactionStatus shows that it knows the portal key.
func keyName(portalKey string) string {
	sum := md5.Sum([]byte(portalKey)) //nolint:gosec // as the provider does
	return hex.EncodeToString(sum[:])
}
