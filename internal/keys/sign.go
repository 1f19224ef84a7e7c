package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"math/big"
)

// Sign makes a compact JWS (RFC 7515) with the payload attached, byte for byte. Its protected header is
// exactly {"alg":...,"kid":...}. Equal calls give equal signatures.
func Sign(k Key, payload []byte) (string, error) {
	input := b64(fmt.Appendf(nil, `{"alg":%q,"kid":%q}`, k.alg, k.kid)) + "." + b64(payload)
	signature, err := k.sign([]byte(input))
	if err != nil {
		return "", fmt.Errorf("keys: sign with %s: %w", k.alg, err)
	}
	return input + "." + b64(signature), nil
}

// Signature signs bytes as they are, without the form of a JWS.
func (k Key) Signature(input []byte) ([]byte, error) {
	signature, err := k.sign(input)
	if err != nil {
		return nil, fmt.Errorf("keys: sign with %s: %w", k.alg, err)
	}
	return signature, nil
}

// sign uses the standard library and not jwx, whose ECDSA signer always draws a random nonce.
func (k Key) sign(input []byte) ([]byte, error) {
	digest := sha256.Sum256(input)
	switch key := k.signer.(type) {
	case *rsa.PrivateKey:
		if k.alg != RS256 {
			return nil, fmt.Errorf("its signatures are not repeatable; use RS256, ES256 or EdDSA")
		}
		return rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	case *ecdsa.PrivateKey:
		return signP256(key, digest[:])
	case ed25519.PrivateKey:
		return ed25519.Sign(key, input), nil
	}
	return nil, fmt.Errorf("there is no private key; take one from Series.Key")
}

// signP256 takes its nonce from key and digest (RFC 6979), which a nil reader asks for, and writes the two
// numbers side by side, as RFC 7518 section 3.4 wants them.
func signP256(key *ecdsa.PrivateKey, digest []byte) ([]byte, error) {
	der, err := key.Sign(nil, digest, crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		return nil, err
	}
	out := make([]byte, 64)
	pair.R.FillBytes(out[:32])
	pair.S.FillBytes(out[32:])
	return out, nil
}
