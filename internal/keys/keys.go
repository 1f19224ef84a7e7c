// Package keys makes, publishes and reads signing keys, and owns all that the mock knows of JWS and JWK.
//
// Signing: a Series says whose keys are meant, a Rotation which of them signs now, and Series.Key gives a
// key that is the same on every run and on every machine; Sign makes a compact JWS with it, and JWKS the
// key set by which others verify. Nothing is generated and nothing is scheduled: all of it follows from the
// seed and the time, which are handed in.
//
// Reading: ParsePublic takes the keys that a client registers, Parse a compact JWS, and JWS.Verify checks it
// by one given key and one given algorithm.
//
// Invariant: what a JWS says of itself is never believed. Its header chooses neither key nor algorithm, and
// nothing that it points to is fetched. The private keys here are public knowledge: they prove nothing
// outside of a test.
package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"

	"github.com/mockbank/mockbank/internal/problem"
)

// Alg is a signature algorithm, by its name in RFC 7518 and RFC 8037. RFC 9864 calls EdDSA with the one curve that is
// taken here Ed25519; both names mean the same.
type Alg string

const (
	RS256 Alg = "RS256"
	PS256 Alg = "PS256" // verified only: its salt is random, and the mock's signatures are repeatable
	ES256 Alg = "ES256"
	EdDSA Alg = "EdDSA"
)

const ed25519Name = "Ed25519"

// ParseAlg returns the algorithm of exactly this name, or an Invalid problem that lists the known ones.
func ParseAlg(name string) (Alg, error) {
	switch alg := Alg(name); alg {
	case RS256, PS256, ES256, EdDSA:
		return alg, nil
	case ed25519Name:
		return EdDSA, nil
	}
	return "", problem.New(problem.Invalid, "", "the algorithm must be RS256, PS256, ES256 or EdDSA")
}

// named tells whether the header of a JWS means this algorithm.
func (a Alg) named(said any) bool {
	return said == string(a) || a == EdDSA && said == ed25519Name
}

// Fits tells whether signatures by this algorithm can be verified with the key.
func (a Alg) Fits(key PublicKey) bool {
	return a.fits(key.Key) && (key.Alg == "" || key.Alg == a)
}

func (a Alg) fits(key crypto.PublicKey) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return a == RS256 || a == PS256
	case *ecdsa.PublicKey:
		return a == ES256 && k.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return a == EdDSA
	}
	return false
}
