package oauth

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/keys"
	"github.com/mockbank/mockbank/internal/problem"
)

func publicPEM(t *testing.T, key keys.Key) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public().Key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func bare(t *testing.T, key keys.Key) json.RawMessage {
	t.Helper()
	j := key.Public().JWK()
	text, err := json.Marshal(map[string]string{"kty": j.Kty, "n": j.N, "e": j.E})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestKidOfARegisteredKey(t *testing.T) {
	key := pair("demo", keys.RS256)
	thumbprint := key.Public().Thumbprint()
	for name, c := range map[string]struct {
		client Client
		want   string
	}{
		"PEM with a kid":         {Client{PublicKeyPEM: publicPEM(t, key), Kid: "mine"}, "mine"},
		"PEM without":            {Client{PublicKeyPEM: publicPEM(t, key)}, thumbprint},
		"JWK with its own":       {Client{JWKS: jwks(t, key), Kid: "mine"}, key.Kid()},
		"JWK without":            {Client{JWKS: bare(t, key)}, thumbprint},
		"JWK without, client's":  {Client{JWKS: bare(t, key), Kid: "mine"}, "mine"},
		"two in PEM, no one kid": {Client{PublicKeyPEM: publicPEM(t, key) + publicPEM(t, pair("es", keys.ES256)), Kid: "mine"}, thumbprint},
	} {
		all, err := c.client.Keys()
		if err != nil || all[0].Kid != c.want {
			t.Errorf("%s: %v, %v", name, all, err)
		}
	}
	if all, err := (Client{}).Keys(); err != nil || all != nil {
		t.Errorf("no keys: %v, %v", all, err)
	}
}

func TestAssertionByARegisteredPEM(t *testing.T) {
	key, e := pair("pem", keys.RS256), bench(t)
	e.Clients = directory{"pem": {ID: "pem", PublicKeyPEM: publicPEM(t, key), Kid: "my-key"}}
	form := asserted("pem", forge(t, key, `{"alg":"RS256","kid":"my-key"}`, claimsOf(t, "pem")))
	if _, err := e.Grant(Request{Form: form}, wall); err != nil {
		t.Error(err)
	}
}

func TestCheckClient(t *testing.T) {
	rs, es := pair("demo", keys.RS256), pair("es", keys.ES256)
	fapi := map[string]any{"profile": "fapi2"}
	for name, c := range map[string]struct {
		client  Client
		pointer string // of the refusal; "ok" for none
	}{
		"nothing":           {Client{}, "ok"},
		"RSA":               {Client{JWKS: bare(t, rs)}, "ok"},
		"RSA by PS256":      {Client{JWKS: bare(t, rs), Alg: keys.PS256}, "ok"},
		"P-256":             {Client{PublicKeyPEM: publicPEM(t, es)}, "ok"},
		"RSA, fapi2":        {Client{JWKS: bare(t, rs), Settings: fapi}, "ok"},
		"RS256, fapi2":      {Client{JWKS: bare(t, rs), Alg: keys.RS256, Settings: fapi}, "/alg"},
		"ES256 by RSA":      {Client{JWKS: bare(t, rs), Alg: keys.ES256}, "/alg"},
		"PS256, key RS256":  {Client{JWKS: jwks(t, rs), Alg: keys.PS256}, "/alg"},
		"Ed25519":           {Client{PublicKeyPEM: publicPEM(t, pair("ed", keys.EdDSA)), Alg: "Ed25519", Settings: fapi}, "ok"},
		"Ed25519 by RSA":    {Client{JWKS: bare(t, rs), Alg: "Ed25519"}, "/alg"},
		"HS256":             {Client{Alg: "HS256"}, "/alg"},
		"none":              {Client{Alg: "none"}, "/alg"},
		"both forms":        {Client{JWKS: bare(t, rs), PublicKeyPEM: publicPEM(t, rs)}, "/jwks"},
		"unknown auth":      {Client{Auth: "secret"}, "/auth"},
		"private JWK":       {Client{JWKS: json.RawMessage(`{"keys":[{"kty":"RSA","d":"AQ"}]}`)}, "/jwks/keys/0/d"},
		"junk PEM":          {Client{PublicKeyPEM: "junk"}, "/public_key_pem"},
		"one kid, two keys": {Client{JWKS: jwks(t, rs, rs)}, "/jwks/keys/1/kid"},
		"kid for two keys":  {Client{JWKS: jwks(t, rs, es), Kid: "mine"}, "/kid"},
		"a digest":          {Client{SecretSHA256: strings.Repeat("0a", 32)}, "ok"},
		"half a digest":     {Client{SecretSHA256: strings.Repeat("0a", 31)}, "/secret_sha256"},
		"no digest":         {Client{SecretSHA256: strings.Repeat("x", 64)}, "/secret_sha256"},
		"digest and secret": {Client{SecretSHA256: strings.Repeat("0a", 32), Secret: "s"}, "/secret_sha256"},
		"no kid, two keys":  {Client{PublicKeyPEM: publicPEM(t, rs) + publicPEM(t, es)}, "ok"},
	} {
		err := c.client.Check()
		if got := problem.From(err); (c.pointer == "ok") != (err == nil) || err != nil && (got.Pointer != c.pointer || got.Kind == problem.Internal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClientIsWrittenAsDocumented(t *testing.T) {
	const text = `{"id":"a","name":"A","secret":"s","secret_sha256":"d","secret_end":"e","public_key_pem":"p","jwks":{"keys":[]},"kid":"k","alg":"ES256","scopes":["x"],` +
		`"auth":"oauth2","mtls":"required","ca_pem":"c","webhook_url":"http://x","settings":{"ais":false}}`
	var c Client
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	if back, err := json.Marshal(c); err != nil || string(back) != text {
		t.Errorf("%s, %v", back, err)
	}
}

func TestSecretsPlainAndHashed(t *testing.T) {
	for secret, end := range map[string]string{"s3cret-of-mine": "mine", "12345678": "", "123456789": "6789", "schlüssel-äöü": "-äöü"} {
		plain := Client{ID: "a", Secret: secret}
		for _, c := range []Client{plain, plain.Hashed(), plain.Hashed().Hashed()} {
			if !c.HasSecret(secret) || c.HasSecret("") || c.HasSecret(secret+" ") || c.HasSecret(c.SecretSHA256) && c.SecretSHA256 != "" {
				t.Errorf("%q: %+v knows another secret", secret, c)
			}
			if m := c.Masked(); m.Secret != "********" || m.SecretSHA256 != "" {
				t.Errorf("%q: masked it is %+v", secret, m)
			}
		}
		if got := plain.Hashed(); got.Secret != "" || got.SecretEnd != end {
			t.Errorf("%q: hashed it is %+v, want the end %q", secret, got, end)
		}
		changed := plain.Hashed()
		changed.SetSecret("another")
		if changed.HasSecret(secret) || !changed.HasSecret("another") || changed.SecretEnd != "" {
			t.Errorf("%q: changed it is %+v", secret, changed)
		}
	}
}

func TestAClientWithoutASecret(t *testing.T) {
	for _, c := range []Client{{}, Client{}.Hashed(), {SecretSHA256: "0a"}, {SecretSHA256: strings.Repeat("x", 64)}} {
		if _, ok := c.SecretDigest(); ok || c.HasSecret("") {
			t.Errorf("%+v has one", c)
		}
	}
	if (Client{}).Masked().Secret != "" {
		t.Error("the mask makes believe that there is a secret")
	}
}
