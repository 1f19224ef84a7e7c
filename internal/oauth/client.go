package oauth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"

	"github.com/mockbank/mockbank/internal/keys"
	"github.com/mockbank/mockbank/internal/problem"
)

// Auth says how a client may authenticate its calls.
type Auth string

const (
	AuthAny      Auth = "any"      // the default
	AuthInternal Auth = "internal" // id and secret in every call; gets no token
	AuthOAuth2   Auth = "oauth2"   // a token only
)

// MTLS says what a client's connections have to show.
type MTLS string

const (
	MTLSOff      MTLS = "off"      // the default: a certificate is ignored
	MTLSOptional MTLS = "optional" // one that is shown must be good
	MTLSRequired MTLS = "required" // one must be shown
)

// Client is a registered API client, in the form in which it is written.
type Client struct {
	ID           string          `json:"id"`
	Name         string          `json:"name,omitempty"`
	Secret       string          `json:"secret,omitempty"`
	SecretSHA256 string          `json:"secret_sha256,omitempty"`  // in hex, instead of Secret
	SecretEnd    string          `json:"secret_end,omitempty"`     // its last characters, for people
	PublicKeyPEM string          `json:"public_key_pem,omitempty"` // or JWKS
	JWKS         json.RawMessage `json:"jwks,omitempty"`
	Kid          string          `json:"kid,omitempty"`    // of a single key that does not name its own
	Alg          keys.Alg        `json:"alg,omitempty"`    // of assertions; empty: as the key says
	Scopes       []string        `json:"scopes,omitempty"` // empty: all of the provider
	Auth         Auth            `json:"auth,omitempty"`
	MTLS         MTLS            `json:"mtls,omitempty"`
	CAPEM        string          `json:"ca_pem,omitempty"`
	WebhookURL   string          `json:"webhook_url,omitempty"`
	Settings     map[string]any  `json:"settings,omitempty"`

	// AnySecret marks a client that was made on the fly: whatever it shows is its secret.
	AnySecret bool `json:"-"`
}

// WantsCertificate tells whether the certificates of the client's connections count.
func (c Client) WantsCertificate() bool { return c.MTLS == MTLSOptional || c.MTLS == MTLSRequired }

// String keeps secrets out of logs.
func (c Client) String() string { return c.ID }

// Masked is the client as views show it.
func (c Client) Masked() Client {
	if c.Secret != "" || c.SecretSHA256 != "" {
		c.Secret, c.SecretSHA256 = "********", ""
	}
	return c
}

// SetSecret gives a client another secret; an empty one takes it away.
func (c *Client) SetSecret(secret string) { c.Secret, c.SecretSHA256, c.SecretEnd = secret, "", "" }

// shownEnd is how many characters of a secret people see. One that is not much longer shows none.
const shownEnd = 4

// Hashed is the client in the form in which a store that must not give secrets away keeps it.
func (c Client) Hashed() Client {
	if c.Secret == "" {
		return c
	}
	digest, end := sha256.Sum256([]byte(c.Secret)), ""
	if text := []rune(c.Secret); len(text) > 2*shownEnd {
		end = string(text[len(text)-shownEnd:])
	}
	c.Secret, c.SecretSHA256, c.SecretEnd = "", hex.EncodeToString(digest[:]), end
	return c
}

// SecretDigest is the SHA-256 of the client's secret; false for a client without one.
func (c Client) SecretDigest() (digest [sha256.Size]byte, ok bool) {
	if c.Secret == "" && c.SecretSHA256 != "" {
		n, err := hex.Decode(digest[:], []byte(c.SecretSHA256))
		return digest, err == nil && n == len(digest)
	}
	return sha256.Sum256([]byte(c.Secret)), c.Secret != ""
}

// HasSecret compares in constant time. A client without a secret has none, not an empty one.
func (c Client) HasSecret(secret string) bool {
	want, ok := c.SecretDigest()
	got := sha256.Sum256([]byte(secret))
	return c.AnySecret || subtle.ConstantTimeCompare(want[:], got[:]) == 1 && ok
}

// Keys are the registered keys, each with a kid: its own, the client's, or its thumbprint.
func (c Client) Keys() ([]keys.PublicKey, error) {
	text, place := []byte(c.PublicKeyPEM), "/public_key_pem"
	if len(c.JWKS) > 0 {
		text, place = c.JWKS, "/jwks"
	}
	if len(text) == 0 {
		return nil, nil
	}
	all, err := keys.ParsePublic(text)
	if err != nil {
		p := problem.From(err)
		return nil, p.At(place + p.Pointer)
	}
	for i := range all {
		if all[i].Kid == "" && len(all) == 1 {
			all[i].Kid = c.Kid
		}
		if all[i].Kid == "" {
			all[i].Kid = all[i].Thumbprint()
		}
	}
	return all, nil
}

// Check says what is wrong with a client that is to be registered: Invalid problems with the place.
func (c Client) Check() error {
	if c.PublicKeyPEM != "" && len(c.JWKS) > 0 {
		return problem.New(problem.Invalid, "", "give public_key_pem or jwks, not both").At("/jwks")
	}
	switch c.Auth {
	case "", AuthAny, AuthInternal, AuthOAuth2:
	default:
		return problem.New(problem.Invalid, "", "auth must be any, internal or oauth2").At("/auth")
	}
	switch c.MTLS {
	case "", MTLSOff, MTLSOptional, MTLSRequired:
	default:
		return problem.New(problem.Invalid, "", "mtls must be off, optional or required").At("/mtls")
	}
	if _, ok := c.SecretDigest(); c.SecretSHA256 != "" && (c.Secret != "" || !ok) {
		return problem.New(problem.Invalid, "", "secret_sha256 must be 64 hex digits, and stands instead of secret").At("/secret_sha256")
	}
	if c.Alg != "" {
		if _, err := keys.ParseAlg(string(c.Alg)); err != nil {
			return problem.From(err).At("/alg")
		}
	}
	all, err := c.Keys()
	if err != nil {
		return err
	}
	if len(all) > 1 && c.Kid != "" {
		return problem.New(problem.Invalid, "", "kid names one key, and there are several; name each in a JWK set").At("/kid")
	}
	return c.checkAlgs(all)
}

func (c Client) checkAlgs(all []keys.PublicKey) error {
	for _, key := range all {
		alg := c.algOf(key)
		if !alg.Fits(key) {
			return problem.Newf(problem.Invalid, "", "alg %s can not be used with the key %s", alg, key.Kid).At("/alg")
		}
		if c.fapi2() && alg == keys.RS256 {
			return problem.New(problem.Invalid, "", "the profile fapi2 takes PS256, ES256 or EdDSA").At("/alg")
		}
	}
	return nil
}

// fapi2 is the client's stricter profile for assertions.
func (c Client) fapi2() bool { return c.Settings["profile"] == "fapi2" }

// algOf is the one algorithm that assertions by this key must have.
func (c Client) algOf(key keys.PublicKey) keys.Alg {
	if c.Alg != "" {
		return c.Alg
	}
	if key.Alg != "" {
		return key.Alg
	}
	switch key.Key.(type) {
	case *ecdsa.PublicKey:
		return keys.ES256
	case ed25519.PublicKey:
		return keys.EdDSA
	}
	if c.fapi2() {
		return keys.PS256
	}
	return keys.RS256
}
