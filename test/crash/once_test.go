package crash

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// issuer is the audience of assertions in its real form, which holds at whatever port the program listens.
const issuer = "https://finqware.okta.com/oauth2/ausfqbxutkZBUKUgQ417"

// signer is a client that proves itself by assertions.
type signer struct{ key *rsa.PrivateKey }

func newSigner(t *testing.T, a *api) signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	client := map[string]any{"kid": "k1", "public_key_pem": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))}
	if err := a.call(t.Context(), http.MethodPut, control("default", "/clients/finqlink/signer"), client, nil); err != nil {
		t.Fatal(err)
	}
	return signer{key}
}

// assertion is a JWT that is stamped by the clock that the client reads.
func (s signer) assertion(t *testing.T, jti string, now time.Time) string {
	t.Helper()
	part := func(v map[string]any) string {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	text := part(map[string]any{"alg": "RS256", "typ": "JWT", "kid": "k1"}) + "." + part(map[string]any{
		"iss": "signer", "sub": "signer", "aud": issuer, "jti": jti, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	})
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// token asks for one and gives the status of the answer.
func (a *api) token(ctx context.Context, t *testing.T, assertion string) int {
	t.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"}, "scope": {"pay_by_link"}, "client_id": {"signer"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+"/finqlink/oauth2/ausfqbxutkZBUKUgQ417/v1/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	reply, err := a.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	return reply.StatusCode
}

// TestAssertionAfterKill uses an assertion, kills the program, and shows it again.
func TestAssertionAfterKill(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	s := newSigner(t, p.api(t))
	used := s.assertion(t, "one", time.Now())
	if got := p.api(t).token(t.Context(), t, used); got != http.StatusOK {
		t.Fatalf("a new assertion: %d", got)
	}
	p.kill()
	p = start(t, dir)
	if got := p.api(t).token(t.Context(), t, used); got != http.StatusBadRequest {
		t.Errorf("the same assertion after a kill: %d", got)
	}
	if got := p.api(t).token(t.Context(), t, s.assertion(t, "two", time.Now())); got != http.StatusOK {
		t.Errorf("another assertion after a kill: %d", got)
	}
	p.stop(t)
}
