package keys

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
)

// Set is a published key set (RFC 7517), newest key first.
type Set struct {
	Keys []JWK `json:"keys"`
}

// JWK is a published key. Its members are written in this order, and only those of its type.
type JWK struct {
	Kty string `json:"kty"`
	Kid string `json:"kid"`
	Alg Alg    `json:"alg"`
	Use string `json:"use"`
	N   string `json:"n,omitempty"`
	E   string `json:"e,omitempty"`
	Crv string `json:"crv,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
}

// JWKS makes the key set of a series. Verifiers find both keys in it at all times.
func JWKS(current, previous Key) Set {
	return Set{Keys: []JWK{current.Public().JWK(), previous.Public().JWK()}}
}

// JWK is the key in its published form, for signatures.
func (k PublicKey) JWK() JWK {
	j := JWK{Kid: k.Kid, Alg: k.Alg, Use: "sig"}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		j.Kty, j.N, j.E = "RSA", b64(key.N.Bytes()), b64(big.NewInt(int64(key.E)).Bytes())
	case *ecdsa.PublicKey:
		// An uncompressed point: the byte 4, then two numbers of full width.
		if point, err := key.Bytes(); err == nil && len(point) == 65 {
			j.Kty, j.Crv, j.X, j.Y = "EC", "P-256", b64(point[1:33]), b64(point[33:])
		}
	case ed25519.PublicKey:
		j.Kty, j.Crv, j.X = "OKP", "Ed25519", b64(key)
	}
	return j
}

// Thumbprint names a key by its value (RFC 7638): the kid of a key that was registered without one.
func (k PublicKey) Thumbprint() string {
	j := k.JWK()
	var text string
	switch j.Kty {
	case "RSA":
		text = fmt.Sprintf(`{"e":%q,"kty":"RSA","n":%q}`, j.E, j.N)
	case "EC":
		text = fmt.Sprintf(`{"crv":%q,"kty":"EC","x":%q,"y":%q}`, j.Crv, j.X, j.Y)
	default:
		text = fmt.Sprintf(`{"crv":%q,"kty":%q,"x":%q}`, j.Crv, j.Kty, j.X)
	}
	sum := sha256.Sum256([]byte(text))
	return b64(sum[:])
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
