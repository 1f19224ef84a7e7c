package keys

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/mockbank/mockbank/internal/problem"
)

// Bounds of what a client may register.
const (
	minRSABits = 2048
	maxRSABits = 8192 // a longer one makes every verification slow
	maxKeyText = 64 << 10
	maxKeys    = 32
)

// PublicKey is a key that verifies signatures. Alg is empty where the key was registered without one, and
// Kid where it came as PEM: the caller knows it then, or takes the Thumbprint.
type PublicKey struct {
	Kid string
	Alg Alg
	Key crypto.PublicKey // *rsa.PublicKey, *ecdsa.PublicKey on P-256, or ed25519.PublicKey
}

// ParsePublic reads the public keys that a client registers: PEM (PUBLIC KEY, RSA PUBLIC KEY, CERTIFICATE),
// one JWK, or a JWK set. Its errors are Malformed, Invalid or TooLarge problems with the place: a JSON pointer, or
// the number of the PEM block in the sentence. There is at least one key when it returns none.
func ParsePublic(data []byte) ([]PublicKey, error) {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0:
		return nil, problem.New(problem.Invalid, "", "there is no key; give a PEM block, a JWK or a JWK set")
	case len(data) > maxKeyText:
		return nil, problem.Newf(problem.TooLarge, "", "the keys are longer than %d kB", maxKeyText>>10)
	case data[0] == '{':
		return parseJSON(data)
	}
	return parsePEM(data)
}

func parsePEM(data []byte) (keys []PublicKey, err error) {
	for n := 1; len(data) > 0; n++ {
		block, rest := pem.Decode(data)
		if block == nil {
			return nil, malformed("PEM block %d can not be read; it goes from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----", n)
		}
		if n > maxKeys {
			return nil, problem.Newf(problem.Invalid, "", "there are more than %d keys", maxKeys)
		}
		key, err := blockKey(block)
		if err == nil {
			err = checkKey(key)
		}
		if err != nil {
			return nil, problem.Newf(problem.Invalid, "", "PEM block %d (%s): %v", n, clip(block.Type), err)
		}
		keys, data = append(keys, PublicKey{Key: key}), bytes.TrimSpace(rest)
	}
	return keys, nil
}

// blockKey's errors are half sentences for parsePEM.
func blockKey(block *pem.Block) (key crypto.PublicKey, err error) {
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = certificate.PublicKey
		}
	default:
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return nil, errPrivate
		}
		return nil, fmt.Errorf("it must be a PUBLIC KEY, an RSA PUBLIC KEY or a CERTIFICATE")
	}
	if err != nil {
		return nil, fmt.Errorf("it does not hold a key that can be read (%w)", err)
	}
	return key, nil
}

var errPrivate = fmt.Errorf("this is a private key; upload the public key only, and make a new pair, since this one has left its owner")

// checkKey holds for keys of every form.
func checkKey(key crypto.PublicKey) error {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if bits := k.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return fmt.Errorf("the RSA key has %d bits; use %d to %d", bits, minRSABits, maxRSABits)
		}
		if k.N.Bit(0) == 0 || k.E < 3 || k.E%2 == 0 {
			return fmt.Errorf("the RSA key has an even modulus or a bad exponent; make a new pair with the exponent 65537")
		}
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return fmt.Errorf("the curve is %s; use P-256", k.Curve.Params().Name)
		}
		if _, err := k.Bytes(); err != nil {
			return fmt.Errorf("the point is not on the curve P-256")
		}
	case ed25519.PublicKey:
		if len(k) != ed25519.PublicKeySize { // jwx takes any length, and verification would panic
			return fmt.Errorf("the Ed25519 key has %d bytes; it must have %d", len(k), ed25519.PublicKeySize)
		}
	default:
		return fmt.Errorf("the key type is not supported; use RSA, P-256 or Ed25519")
	}
	return nil
}

func parseJSON(data []byte) ([]PublicKey, error) {
	top, err := object("the key", data, "keys")
	if err != nil {
		return nil, err
	}
	list, isSet := top["keys"]
	if !isSet {
		key, err := readJWK(top, "")
		return []PublicKey{key}, err
	}
	items, ok := list.([]any)
	if !ok || len(items) == 0 || len(items) > maxKeys {
		return nil, problem.Newf(problem.Invalid, "", "keys must be an array of 1 to %d JWKs", maxKeys).At("/keys")
	}
	return readSet(items)
}

func readSet(items []any) (keys []PublicKey, err error) {
	seen := map[string]int{}
	for i, item := range items {
		place := fmt.Sprintf("/keys/%d", i)
		members, ok := item.(map[string]any)
		if !ok {
			return nil, problem.New(problem.Invalid, "", "a JWK is a JSON object").At(place)
		}
		key, err := readJWK(members, place)
		if err != nil {
			return nil, err
		}
		if first, twice := seen[key.Kid]; twice && key.Kid != "" {
			return nil, problem.Newf(problem.Invalid, "", "this kid is also that of /keys/%d; give each key its own", first).At(place + "/kid")
		}
		seen[key.Kid] = i
		keys = append(keys, key)
	}
	return keys, nil
}

// parameters are the members that make the key, by its type.
var parameters = map[string][]string{"RSA": {"n", "e"}, "EC": {"x", "y"}, "OKP": {"x"}}

func readJWK(members map[string]any, place string) (PublicKey, error) {
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, ok := members[name]; ok {
			return PublicKey{}, problem.New(problem.Invalid, "", errPrivate.Error()).At(place + "/" + name)
		}
	}
	key, err := labels(members, place)
	if err != nil {
		return PublicKey{}, err
	}
	if key.Key, err = rawKey(members, place); err != nil {
		return PublicKey{}, err
	}
	if err := checkKey(key.Key); err != nil {
		return PublicKey{}, problem.New(problem.Invalid, "", err.Error()).At(place)
	}
	if key.Alg != "" && !key.Alg.fits(key.Key) {
		return PublicKey{}, problem.Newf(problem.Invalid, "", "%s can not be used with a key of this kty", key.Alg).At(place + "/alg")
	}
	return key, nil
}

// labels reads what a JWK says about its key.
func labels(members map[string]any, place string) (key PublicKey, err error) {
	for _, name := range []string{"kid", "alg", "use"} {
		if value, ok := members[name]; ok {
			if _, ok := value.(string); !ok {
				return key, problem.Newf(problem.Invalid, "", "%s must be a text", name).At(place + "/" + name)
			}
		}
	}
	if use, ok := members["use"]; ok && use != "sig" {
		return key, problem.New(problem.Invalid, "", "use must be sig: the key is to verify signatures").At(place + "/use")
	}
	key.Kid, _ = members["kid"].(string)
	if alg, ok := members["alg"].(string); ok {
		if key.Alg, err = ParseAlg(alg); err != nil {
			return key, problem.From(err).At(place + "/alg")
		}
	}
	return key, nil
}

// rawKey hands jwx the parameters only: certificates and addresses that a JWK may carry are not looked at.
func rawKey(members map[string]any, place string) (crypto.PublicKey, error) {
	kty, _ := members["kty"].(string)
	names, ok := parameters[kty]
	if !ok {
		return nil, problem.New(problem.Invalid, "", "kty must be RSA, EC or OKP").At(place + "/kty")
	}
	clean := map[string]any{"kty": kty}
	if kty != "RSA" {
		clean["crv"] = members["crv"]
	}
	for _, name := range names {
		text, _ := members[name].(string)
		value, ok := unb64(text)
		if !ok || len(value) == 0 || len(value) > maxRSABits/8+1 {
			return nil, problem.Newf(problem.Invalid, "", "%s must be base64url without padding", name).At(place + "/" + name)
		}
		if name == "e" && len(value) > 4 { // jwx would keep the lowest bits of it
			return nil, problem.New(problem.Invalid, "", "e is too large; make a new pair with the exponent 65537").At(place + "/e")
		}
		clean[name] = text
	}
	return assemble(clean, place)
}

func assemble(members map[string]any, place string) (crypto.PublicKey, error) {
	unreadable := func(err error) error {
		return &problem.Error{Kind: problem.Invalid, Pointer: place, Err: err,
			Message: "the JWK can not be read; use RSA with n and e, P-256 with x and y, or Ed25519 with x"}
	}
	text, err := json.Marshal(members)
	if err != nil {
		return nil, unreadable(err)
	}
	parsed, err := jwk.ParseKey(text)
	if err != nil {
		return nil, unreadable(err)
	}
	var raw any
	if err := parsed.Raw(&raw); err != nil {
		return nil, unreadable(err)
	}
	return raw, nil
}
