package oauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/keys"
)

const (
	issuer   = "http://localhost:6265/finqlink/oauth2/ausfqbxutkZBUKUgQ417"
	tokenURL = issuer + "/v1/token"
)

var wall = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// directory is a fixed list of clients.
type directory map[string]Client

func (d directory) Client(id string) (Client, bool, error) {
	c, ok := d[id]
	return c, ok, nil
}

// ledger is a replay store in memory.
type ledger struct {
	mu   sync.Mutex
	used map[string]bool
}

func (l *ledger) UseOnce(client, jti string, _ time.Time) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.used == nil {
		l.used = map[string]bool{}
	}
	name := client + "\x00" + jti
	fresh := !l.used[name]
	l.used[name] = true
	return fresh, nil
}

// broken is a store that fails.
type broken struct{}

var errStore = errors.New("the disk is gone")

func (broken) Client(string) (Client, bool, error)             { return Client{}, false, errStore }
func (broken) UseOnce(string, string, time.Time) (bool, error) { return false, errStore }

func pair(id string, alg keys.Alg) keys.Key {
	return keys.Series{Seed: 1, Workspace: "t", Provider: "finqlink", Purpose: "client " + id}.Key(1, alg)
}

func jwks(t testing.TB, all ...keys.Key) json.RawMessage {
	t.Helper()
	var set keys.Set
	for _, k := range all {
		set.Keys = append(set.Keys, k.Public().JWK())
	}
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// bench is an endpoint with the clients that the tables need.
func bench(t testing.TB) Endpoint {
	t.Helper()
	return Endpoint{
		Config: Config{
			Issuers:   []string{issuer, "https://finqware.okta.com/oauth2/ausfqbxutkZBUKUgQ417"},
			TokenURLs: []string{tokenURL, "https://finqware.okta.com/oauth2/ausfqbxutkZBUKUgQ417/v1/token"},
			Scopes:    []string{"pay_by_link"},
			Realm:     "finqlink",
		},
		Clients: directory{
			"demo":     {ID: "demo", Secret: "s3cret", JWKS: jwks(t, pair("demo", keys.RS256))},
			"es":       {ID: "es", Alg: keys.ES256, JWKS: jwks(t, pair("es", keys.ES256))},
			"other":    {ID: "other", Secret: "another", JWKS: jwks(t, pair("other", keys.RS256))},
			"keyless":  {ID: "keyless"},
			"internal": {ID: "internal", Secret: "inner", Auth: AuthInternal},
			"narrow":   {ID: "narrow", Secret: "narrow", Scopes: []string{"else"}},
			"fapi":     {ID: "fapi", JWKS: jwks(t, pair("fapi", keys.ES256)), Settings: map[string]any{"profile": "fapi2"}},
			"fapi-rs":  {ID: "fapi-rs", JWKS: jwks(t, pair("fapi-rs", keys.RS256)), Settings: map[string]any{"profile": "fapi2"}},
			"a b:c%+":  {ID: "a b:c%+", Secret: "p:w %+é"},
		},
		Replay: &ledger{},
	}
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func private(t testing.TB, key keys.Key) any {
	t.Helper()
	text, err := key.PrivatePEM()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// forge signs any header and payload truly, so that only a rule can refuse them.
func forge(t testing.TB, key keys.Key, header, payload string) string {
	t.Helper()
	input := b64([]byte(header)) + "." + b64([]byte(payload))
	digest := sha256.Sum256([]byte(input))
	var signature []byte
	var err error
	switch k := private(t, key).(type) {
	case *rsa.PrivateKey:
		signature, err = rsa.SignPKCS1v15(nil, k, crypto.SHA256, digest[:])
	case ed25519.PrivateKey:
		signature = ed25519.Sign(k, []byte(input))
	case *ecdsa.PrivateKey:
		var der []byte
		der, err = k.Sign(nil, digest[:], crypto.SHA256)
		var rs struct{ R, S *big.Int }
		if err == nil {
			_, err = asn1.Unmarshal(der, &rs)
			signature = append(rs.R.FillBytes(make([]byte, 32)), rs.S.FillBytes(make([]byte, 32))...)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64(signature)
}

func header(key keys.Key) string {
	return `{"alg":"` + string(key.Alg()) + `","typ":"JWT","kid":"` + key.Kid() + `"}`
}

// claimsOf are good claims, changed by pairs of name and raw JSON; an empty JSON removes the claim.
func claimsOf(t testing.TB, client string, changes ...string) string {
	t.Helper()
	claims := map[string]any{
		"iss": client, "sub": client, "aud": tokenURL, "jti": "jti-1",
		"iat": wall.Unix(), "exp": wall.Add(time.Hour).Unix(),
	}
	for i := 0; i < len(changes); i += 2 {
		if claims[changes[i]] = json.RawMessage(changes[i+1]); changes[i+1] == "" {
			delete(claims, changes[i])
		}
	}
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func asserted(client, assertion string) Form {
	return Form{
		"grant_type": "client_credentials", "scope": "pay_by_link", "client_id": client,
		"client_assertion_type": AssertionType, "client_assertion": assertion,
	}
}

func secretForm(id, secret string) Form {
	return Form{"grant_type": "client_credentials", "scope": "pay_by_link", "client_id": id, "client_secret": secret}
}

func basic(id, secret string) http.Header {
	joined := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(joined))}}
}

func grantForm() Form { return Form{"grant_type": "client_credentials", "scope": "pay_by_link"} }

// wantRefusal checks status and code, and that nothing granted comes with it.
func wantRefusal(t *testing.T, name string, g Grant, err error, status int, code string) *Error {
	t.Helper()
	var refusal *Error
	if !errors.As(err, &refusal) {
		t.Errorf("%s: granted to %q, %v", name, g.Client.ID, err)
		return &Error{Header: http.Header{}}
	}
	if refusal.Status != status || refusal.Code != code || g.Client.ID != "" {
		t.Errorf("%s: %v, want %d %s", name, refusal, status, code)
	}
	if refusal.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: the refusal may be cached", name)
	}
	return refusal
}
