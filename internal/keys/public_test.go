package keys

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/mockbank/mockbank/internal/problem"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }
func fmtAny(v any) string   { return fmt.Sprint(v) }
func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func hmac256(secret []byte, input string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	return mac.Sum(nil)
}

func rfc6979Key(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	scalar, err := hex.DecodeString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func pkix(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// publicForms are the bytes of a public key that a confused verifier might take for a secret.
func publicForms(t *testing.T, key PublicKey) map[string][]byte {
	t.Helper()
	der, public := pkix(t, key.Key), key.Key.(*rsa.PublicKey)
	jwk, err := json.Marshal(key.JWK())
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"PEM": []byte(block("PUBLIC KEY", der)), "DER": der, "JWK": jwk, "modulus": public.N.Bytes(),
		"PKCS #1": x509.MarshalPKCS1PublicKey(public), "nothing": {}, "client id": []byte("finqlink-demo"),
	}
}

func TestParsePublicTakes(t *testing.T) {
	rs, es, ed := webhooks.Key(1, RS256).Public(), webhooks.Key(1, ES256).Public(), webhooks.Key(1, EdDSA).Public()
	text := func(k PublicKey) string {
		b, err := json.Marshal(k.JWK())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	rsaKey := rs.Key.(*rsa.PublicKey)
	zeroed := fmt.Sprintf(`{"kty":"RSA","kid":"z","n":%q,"e":"AQAB"}`, b64(append([]byte{0}, rsaKey.N.Bytes()...)))
	rsaPEM, ecPEM := block("PUBLIC KEY", pkix(t, rs.Key)), block("PUBLIC KEY", pkix(t, es.Key))
	for name, c := range map[string]struct {
		text string
		want []PublicKey
	}{
		"PKIX RSA":               {rsaPEM, []PublicKey{rs}},
		"PKIX P-256":             {ecPEM, []PublicKey{es}},
		"PKIX Ed25519":           {block("PUBLIC KEY", pkix(t, ed.Key)), []PublicKey{ed}},
		"PKCS #1":                {block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(rsaKey)), []PublicKey{rs}},
		"two blocks, CRLF, text": {"my keys\r\n" + strings.ReplaceAll(rsaPEM, "\n", "\r\n") + "\r\n" + ecPEM + "\n\n", []PublicKey{rs, es}},
		"JWK RSA":                {text(rs), []PublicKey{rs}},
		"JWK P-256":              {" " + text(es) + "\n", []PublicKey{es}},
		"JWK Ed25519":            {text(ed), []PublicKey{ed}},
		"leading zero byte":      {zeroed, []PublicKey{rs}},
		"x5c is not looked at":   {strings.Replace(text(rs), "{", `{"x5c":["junk"],"x5u":"http://127.0.0.1:1/",`, 1), []PublicKey{rs}},
		"set":                    {`{"keys":[` + text(rs) + "," + text(es) + `]}`, []PublicKey{rs, es}},
	} {
		got, err := ParsePublic([]byte(c.text))
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s: %d keys, %v", name, len(got), err)
			continue
		}
		for i := range got {
			if got[i].Thumbprint() != c.want[i].Thumbprint() {
				t.Errorf("%s: key %d is another", name, i)
			}
		}
	}
	if got, _ := ParsePublic([]byte(text(rs))); got[0].Kid != rs.Kid || got[0].Alg != RS256 {
		t.Errorf("kid and alg of the JWK are lost: %+v", got[0])
	}
}

func TestParsePublicRefuses(t *testing.T) {
	n := b64(webhooks.Key(1, RS256).Public().Key.(*rsa.PublicKey).N.Bytes())
	jwk := func(more string) string { return `{"kty":"RSA","n":"` + n + `","e":"AQAB"` + more + `}` }
	small := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 1024), big.NewInt(1))
	p384 := block("PUBLIC KEY", pkix(t, &ecdsa.PublicKey{Curve: elliptic.P384(), X: elliptic.P384().Params().Gx, Y: elliptic.P384().Params().Gy}))
	private, err := webhooks.Key(1, RS256).PrivatePEM()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, pointer, says string }{
		"nothing":           {" \n", "", "no key"},
		"too long":          {strings.Repeat("x", 1<<20), "", "longer"},
		"not PEM":           {"ssh-rsa AAAA", "", "BEGIN PUBLIC KEY"},
		"tail after PEM":    {block("PUBLIC KEY", pkix(t, webhooks.Key(1, ES256).Public().Key)) + "tail", "", "block 2"},
		"private PEM":       {string(private), "", "public key only"},
		"EC private PEM":    {block("EC PRIVATE KEY", []byte{1}), "", "public key only"},
		"other PEM":         {block("X509 CRL", []byte{1}), "", "PUBLIC KEY"},
		"broken DER":        {block("PUBLIC KEY", []byte{1}), "", "block 1"},
		"P-384 PEM":         {p384, "", "P-256"},
		"private JWK":       {jwk(`,"d":"AQ"`), "/d", "public key only"},
		"private in a set":  {`{"keys":[` + jwk(`,"kid":"a"`) + "," + jwk(`,"kid":"b","p":"AQ"`) + `]}`, "/keys/1/p", "public key only"},
		"symmetric":         {`{"kty":"oct","k":"c2VjcmV0"}`, "/k", "public key only"},
		"unknown kty":       {`{"kty":"rsa"}`, "/kty", "RSA, EC or OKP"},
		"small RSA":         {`{"kty":"RSA","n":"` + b64(small.Bytes()) + `","e":"AQAB"}`, "", "1024 bits"},
		"huge RSA":          {`{"kty":"RSA","n":"` + strings.Repeat("_", 2000) + `","e":"AQAB"}`, "/n", ""},
		"exponent 1":        {`{"kty":"RSA","n":"` + n + `","e":"AQ"}`, "", "65537"},
		"even exponent":     {`{"kty":"RSA","n":"` + n + `","e":"AAAC"}`, "", "65537"},
		"exponent of 2^64+": {`{"kty":"RSA","n":"` + n + `","e":"AQAAAAAAAAAD"}`, "/e", "65537"},
		"no n":              {`{"kty":"RSA","e":"AQAB"}`, "/n", "base64url"},
		"n is a number":     {`{"kty":"RSA","n":5,"e":"AQAB"}`, "/n", "base64url"},
		"n padded":          {`{"kty":"RSA","n":"` + n + `==","e":"AQAB"}`, "/n", "base64url"},
		"N":                 {`{"kty":"RSA","N":"` + n + `","e":"AQAB"}`, "/n", "base64url"},
		"n twice":           {jwk(`,"n":"AQAB"`), "", "twice"},
		"kid a number":      {jwk(`,"kid":1`), "/kid", "text"},
		"use enc":           {jwk(`,"use":"enc"`), "/use", "sig"},
		"alg HS256":         {jwk(`,"alg":"HS256"`), "/alg", "RS256"},
		"alg of another":    {jwk(`,"alg":"ES256"`), "/alg", "kty"},
		"X25519":            {`{"kty":"OKP","crv":"X25519","x":"` + b64(make([]byte, 32)) + `"}`, "", "Ed25519"},
		"P-384 JWK":         {`{"kty":"EC","crv":"P-384","x":"AQAB","y":"AQAB"}`, "", "P-256"},
		"off the curve":     {`{"kty":"EC","crv":"P-256","x":"` + b64([]byte{1}) + `","y":"` + b64([]byte{1}) + `"}`, "", "P-256"},
		"crv missing":       {`{"kty":"EC","x":"AQAB","y":"AQAB"}`, "", "P-256"},
		"keys no array":     {`{"keys":{}}`, "/keys", "array"},
		"keys empty":        {`{"keys":[]}`, "/keys", "1 to"},
		"keys of text":      {`{"keys":["x"]}`, "/keys/0", "object"},
		"Keys":              {`{"Keys":[` + jwk("") + `]}`, "", `"keys"`},
		"one kid twice":     {`{"keys":[` + jwk(`,"kid":"a"`) + "," + jwk(`,"kid":"a"`) + `]}`, "/keys/1/kid", "/keys/0"},
		"short Ed25519":     {`{"kty":"OKP","crv":"Ed25519","x":"AQAB"}`, "", "3 bytes"},
	} {
		got, err := ParsePublic([]byte(c.text))
		p := problem.From(err)
		if err == nil || p.Kind == problem.Internal {
			t.Errorf("%s: %v, %v", name, got, err)
			continue
		}
		if p.Pointer != c.pointer || !strings.Contains(p.Message, c.says) {
			t.Errorf("%s: at %q: %s", name, p.Pointer, p.Message)
		}
	}
}

func FuzzParsePublic(f *testing.F) {
	f.Add([]byte(rsaExampleKey))
	f.Add([]byte(ecExampleKey))
	f.Add([]byte(`{"keys":[` + ecExampleKey + `]}`))
	f.Add([]byte(block("PUBLIC KEY", []byte{0x30, 0})))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := ParsePublic(data)
		if err != nil {
			if problem.From(err).Kind == problem.Internal {
				t.Fatalf("not a problem: %v", err)
			}
			return
		}
		if len(keys) == 0 {
			t.Fatal("no key and no error")
		}
		for _, k := range keys {
			switch k.Key.(type) {
			case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
			default:
				t.Fatalf("a key of type %T", k.Key)
			}
		}
	})
}
