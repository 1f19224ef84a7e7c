package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"fmt"
)

// Series names whose keys they are. Equal series give equal keys everywhere.
type Series struct {
	Seed                uint64
	Workspace, Provider string
	Purpose             string // what they sign: "webhook", "token", "client <id>"
}

// Key is one numbered key of a series. It is made by Series.Key; its zero value signs nothing.
type Key struct {
	kid    string
	alg    Alg
	signer crypto.Signer
}

// Key gives the key of this number. Neighbouring numbers never share a private key. RSA keys come from the
// embedded pool, so distant numbers and other series may hold the same one under another kid; all others are
// derived.
func (s Series) Key(number uint64, alg Alg) Key {
	id := s.derive("kid "+string(alg), number, 0)
	return Key{kid: hex.EncodeToString(id[:16]), alg: alg, signer: s.signer(number, alg)}
}

func (s Series) signer(number uint64, alg Alg) crypto.Signer {
	switch alg {
	case ES256:
		return s.p256(number)
	case EdDSA:
		seed := s.derive("Ed25519", number, 0)
		return ed25519.NewKeyFromSeed(seed[:])
	}
	start := s.derive("RSA pool", 0, 0)
	return pool[(binary.BigEndian.Uint64(start[:])+number)%poolSize]()
}

// p256 draws until the number lies below the order of the curve, which the first draw all but always does.
func (s Series) p256(number uint64) *ecdsa.PrivateKey {
	for draw := 0; ; draw++ {
		scalar := s.derive("P-256", number, draw)
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:]); err == nil {
			return key
		}
	}
}

// derive hashes every part with its length, so that no two series run together.
func (s Series) derive(label string, number uint64, draw int) [sha256.Size]byte {
	var text []byte
	for _, part := range []string{"mockbank key 1", label, s.Workspace, s.Provider, s.Purpose} {
		text = fmt.Appendf(text, "%d:%s,", len(part), part)
	}
	return sha256.Sum256(fmt.Appendf(text, "%d,%d,%d", s.Seed, number, draw))
}

// Kid is the key's id: 32 hexadecimal digits, different for each series, number and algorithm.
func (k Key) Kid() string { return k.kid }

// Alg is the algorithm that the key signs with.
func (k Key) Alg() Alg { return k.alg }

// Public is what verifies the key's signatures.
func (k Key) Public() PublicKey {
	return PublicKey{Kid: k.kid, Alg: k.alg, Key: k.signer.Public()}
}

// PublicPEM is the public half as a SubjectPublicKeyInfo.
func (k Key) PublicPEM() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(k.signer.Public())
	if err != nil {
		return nil, fmt.Errorf("keys: encode the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// PrivatePEM is the whole key as PKCS #8, for a client whose pair the mock made.
func (k Key) PrivatePEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.signer)
	if err != nil {
		return nil, fmt.Errorf("keys: encode the private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
