package finqlink_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
)

const tokenURL = "/finqlink" + issuerPath + "/v1/token"

// tokenBySecret gets an access token in the plain way.
func tokenBySecret(t *testing.T, h *providertest.House) string {
	t.Helper()
	got := h.Form(tokenURL, url.Values{"grant_type": {"client_credentials"}, "scope": {"pay_by_link"}, "client_id": {id}, "client_secret": {secret}})
	if got.Status != 200 || got.Text("token_type") != "Bearer" || got.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %s", got.Status, got.Header, got.Body)
	}
	return got.Text("access_token")
}

func bearer(h *providertest.House, version, token string, change object) providertest.Answer {
	body := order(object{"client_secret": nil})
	merge(body, change)
	return h.Post("/finqlink/"+version+"/links/create", body, "Authorization", token)
}

func TestTokensLetTheirClientIn(t *testing.T) {
	h := house(t)
	token := tokenBySecret(t, h)
	for _, test := range []struct {
		name, version, header string
		change                object
		status                int
		challenge             string // what it must hold
	}{
		{"good", "v2", "Bearer " + token, nil, 200, ""},
		{"v1 knows it too", "v1", "Bearer " + token, nil, 200, ""},
		{"any case", "v2", "bearer " + token, nil, 200, ""},
		{"a secret beside it is ignored", "v2", "Bearer " + token, object{"client_secret": "wrong"}, 200, ""},
		{"another client in the body", "v2", "Bearer " + token, object{"client_id": "other"}, 401, `error="invalid_token"`},
		{"no client in the body", "v2", "Bearer " + token, object{"client_id": nil}, 401, `Bearer realm="finqlink"`},
		{"tampered", "v2", "Bearer " + token[:len(token)-3] + "AAA", nil, 401, `error="invalid_token"`},
		{"malformed", "v2", "Bearer x y", nil, 401, `error="invalid_token"`},
		{"another scheme", "v2", "Basic x", nil, 401, `Bearer realm="finqlink"`},
		{"/test does not know tokens", "test", "Bearer " + token, nil, 401, `Bearer realm="finqlink"`},
		{"/test ignores one beside a secret", "test", "Bearer rubbish", object{"client_secret": secret}, 200, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := bearer(h, test.version, test.header, test.change)
			if challenge := got.Header.Get("WWW-Authenticate"); got.Status != test.status || !strings.Contains(challenge, test.challenge) {
				t.Errorf("%d %q %s", got.Status, challenge, got.Body)
			}
			if got.Status == 401 && got.Text("code") != "unauthorized" {
				t.Errorf("%s", got.Body)
			}
		})
	}
}

func TestTokensLiveOnTheWorkspaceClock(t *testing.T) {
	h := house(t)
	token := tokenBySecret(t, h)
	h.Advance(time.Hour - time.Second)
	if got := bearer(h, "v2", "Bearer "+token, nil); got.Status != 200 {
		t.Errorf("a second before its end: %d %s", got.Status, got.Body)
	}
	h.Advance(time.Second)
	if got := bearer(h, "v2", "Bearer "+token, nil); got.Status != 401 {
		t.Errorf("at its end: %d", got.Status)
	}
}

func TestOneSecondHasOneToken(t *testing.T) {
	h := house(t)
	first := tokenBySecret(t, h)
	if again := tokenBySecret(t, h); again != first {
		t.Error("the same second has two tokens")
	}
	h.Advance(time.Second)
	if later := tokenBySecret(t, h); later == first {
		t.Error("the next second has the same token")
	}
}

func TestClientsAuthenticateInTheirWay(t *testing.T) {
	for _, test := range []struct {
		auth                  oauth.Auth
		bySecret, byToken, tk int
	}{
		{oauth.AuthAny, 200, 200, 200},
		{oauth.AuthInternal, 200, 401, 400},
		{oauth.AuthOAuth2, 401, 200, 200},
	} {
		h := house(t)
		token := tokenBySecret(t, h)
		change(t, h, func(c *oauth.Client) { c.Auth = test.auth })
		if got := h.Post("/finqlink/v2/links/create", order()); got.Status != test.bySecret {
			t.Errorf("%s, by secret: %d", test.auth, got.Status)
		}
		if got := bearer(h, "v2", "Bearer "+token, nil); got.Status != test.byToken {
			t.Errorf("%s, by token: %d %s", test.auth, got.Status, got.Body)
		}
		got := h.Form(tokenURL, url.Values{"grant_type": {"client_credentials"}, "scope": {"pay_by_link"}, "client_id": {id}, "client_secret": {secret}})
		if got.Status != test.tk {
			t.Errorf("%s, at the token endpoint: %d", test.auth, got.Status)
		}
	}
}

// change stores another form of the demo client.
func change(t *testing.T, h *providertest.House, by func(*oauth.Client)) {
	t.Helper()
	h.Update(func(tx *store.Tx) error {
		client, err := h.Runtime.Client(tx, id)
		if err != nil {
			return err
		}
		changed := *client
		by(&changed)
		return h.Runtime.PutClient(tx, &changed)
	})
}

// assertion signs one with the private key that mockbank made for the demo client. changes replace claims.
func assertion(t *testing.T, h *providertest.House, workspaceKey func() ([]byte, string), changes object) string {
	t.Helper()
	pem, kid := workspaceKey()
	key, err := jwk.ParseKey(pem, jwk.WithPEM(true))
	if err != nil {
		t.Fatal(err)
	}
	claims := object{
		"iss": id, "sub": id, "aud": "https://finqware.okta.com" + issuerPath + "/v1/token", "jti": "one",
		"iat": providertest.Start.Unix(), "exp": providertest.Start.Add(time.Hour).Unix(),
	}
	merge(claims, changes)
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	header := jws.NewHeaders()
	_ = header.Set("kid", kid)
	_ = header.Set("typ", "JWT")
	signed, err := jws.Sign(payload, jws.WithKey(jwa.RS256, key, jws.WithProtectedHeaders(header)))
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

func pairOf(t *testing.T, h *providertest.House) func() ([]byte, string) {
	return func() (pem []byte, kid string) {
		t.Helper()
		h.View(func(tx *store.Tx) (err error) { pem, kid, err = h.Runtime.PrivateKey(tx, id); return err })
		return pem, kid
	}
}

func byAssertion(h *providertest.House, address, signed string) providertest.Answer {
	return h.Form(address, url.Values{
		"grant_type": {"client_credentials"}, "scope": {"pay_by_link"}, "client_id": {id},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {signed},
	})
}

func TestTheMadeKeyPairSignsAssertions(t *testing.T) {
	h := house(t)
	issuer := "http://" + providertest.Host + "/finqlink" + issuerPath
	for i, test := range []struct {
		name   string
		change object
		status int
	}{
		{"the real token URL", nil, 200},
		{"the real issuer", object{"aud": "https://finqware.okta.com" + issuerPath}, 200},
		{"our token URL", object{"aud": issuer + "/v1/token"}, 200},
		{"our issuer in a list", object{"aud": []string{"x", issuer}}, 200},
		{"by another host form", object{"aud": "http://finqlink.localhost:6265" + issuerPath + "/v1/token"}, 200},
		{"by the workspace's path", object{"aud": "http://" + providertest.Host + "/w/default/finqlink" + issuerPath}, 200},
		{"another server", object{"aud": "https://finqware.okta.com/oauth2/other/v1/token"}, 400},
		{"another workspace", object{"aud": "http://" + providertest.Host + "/w/another/finqlink" + issuerPath}, 400},
		{"no audience", object{"aud": nil}, 400},
		{"another subject", object{"sub": "other"}, 400},
		{"expired by the wall", object{"exp": providertest.Start.Add(-time.Second).Unix()}, 400},
		{"too long", object{"exp": providertest.Start.Add(25 * time.Hour).Unix()}, 400},
		{"no jti", object{"jti": nil}, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			claims := object{"jti": string(rune('a' + i))}
			maps.Copy(claims, test.change)
			got := byAssertion(h, tokenURL, assertion(t, h, pairOf(t, h), claims))
			if got.Status != test.status || (got.Status == 400 && got.Text("error") != "invalid_client") {
				t.Errorf("%d %s", got.Status, got.Body)
			}
		})
	}
}

func TestAnAssertionIsUsedOnce(t *testing.T) {
	h := house(t)
	signed := assertion(t, h, pairOf(t, h), nil)
	forged := signed[:len(signed)-4] + "AAAA"
	for i, step := range []struct {
		signed string
		status int
	}{{forged, 400}, {signed, 200}, {signed, 400}} {
		if got := byAssertion(h, tokenURL, step.signed); got.Status != step.status {
			t.Errorf("step %d: %d %s", i, got.Status, got.Body)
		}
	}
}

// A workspace has a pair of its own, so that what was signed for one is nothing in another.
func TestThePairIsTheWorkspacesOwn(t *testing.T) {
	h := house(t)
	signed := assertion(t, h, pairOf(t, h), nil)
	if got := byAssertion(h, "/w/another"+tokenURL, signed); got.Status != 400 || got.Text("error") != "invalid_client" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

func TestARegisteredKeyReplacesThePair(t *testing.T) {
	h := house(t)
	made := assertion(t, h, pairOf(t, h), nil)
	other, err := jwk.FromRaw(mustPublic(t, h))
	if err != nil {
		t.Fatal(err)
	}
	_ = other.Set("kid", "mine")
	set, err := json.Marshal(object{"keys": []any{other}})
	if err != nil {
		t.Fatal(err)
	}
	change(t, h, func(c *oauth.Client) { c.JWKS = set })
	if got := byAssertion(h, tokenURL, made); got.Status != 400 {
		t.Errorf("the old pair is still taken: %s", got.Body)
	}
	h.View(func(tx *store.Tx) error {
		if _, _, err := h.Runtime.PrivateKey(tx, id); err == nil {
			t.Error("a private key is shown that is not that of the registered one")
		}
		return nil
	})
}

// mustPublic is some RSA key: that of the token signer.
func mustPublic(t *testing.T, h *providertest.House) any {
	t.Helper()
	set, err := jwk.Parse(h.Get("/finqlink" + issuerPath + "/v1/keys").Body)
	if err != nil {
		t.Fatal(err)
	}
	key, _ := set.Key(0)
	var raw any
	if err := key.Raw(&raw); err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestMetadataCarriesTheAddressThatWasAsked(t *testing.T) {
	h := house(t)
	const origin = "http://" + providertest.Host
	for target, issuer := range map[string]string{
		"/finqlink" + issuerPath + "/.well-known/openid-configuration":                            origin + "/finqlink" + issuerPath,
		"/finqlink" + issuerPath + "/.well-known/oauth-authorization-server":                      origin + "/finqlink" + issuerPath,
		"/.well-known/oauth-authorization-server/finqlink" + issuerPath:                           origin + "/finqlink" + issuerPath,
		"/.well-known/oauth-authorization-server/w/shop/finqlink" + issuerPath:                    origin + "/w/shop/finqlink" + issuerPath,
		"/w/shop/.well-known/oauth-authorization-server/finqlink" + issuerPath:                    origin + "/w/shop/finqlink" + issuerPath,
		"https://finqware.okta.com" + issuerPath + "/.well-known/openid-configuration":            "https://finqware.okta.com" + issuerPath,
		"http://shop.finqlink.localhost:6265/.well-known/oauth-authorization-server" + issuerPath: "http://shop.finqlink.localhost:6265" + issuerPath,
		"http://finqlink.localhost:6265" + issuerPath + "/.well-known/oauth-authorization-server": "http://finqlink.localhost:6265" + issuerPath,
	} {
		got := h.Get(target)
		if got.Text("issuer") != issuer || got.Text("token_endpoint") != issuer+"/v1/token" || got.Text("jwks_uri") != issuer+"/v1/keys" {
			t.Errorf("%s: %d %s", target, got.Status, got.Body)
		}
	}
}

// The claims of a token are opaque to clients and documented all the same.
func TestATokenSaysWhoAndWhat(t *testing.T) {
	h := house(t)
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(tokenBySecret(t, h), ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Iss, Aud, Sub string
		Scp           []string
		Iat, Exp      int64
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if claims.Sub != id || len(claims.Scp) != 1 || claims.Exp-claims.Iat != 3600 || claims.Iat != providertest.Start.Unix() {
		t.Errorf("%s", payload)
	}
}

// TestJ5AHundredThousandParameters: a form is given up at the first parameter that is one too many.
func TestJ5AHundredThousandParameters(t *testing.T) {
	h := house(t)
	form := url.Values{"grant_type": {"client_credentials"}}
	for i := range 100_000 {
		form.Set("p"+strconv.Itoa(i), "")
	}
	begun := time.Now()
	got := h.Form(tokenURL, form)
	if took := time.Since(begun); got.Status != 400 || got.Text("error") != "invalid_request" || took > 2*time.Second {
		t.Errorf("%d %s, after %s", got.Status, got.Body, took)
	}
}

// register adds a client.
func register(t *testing.T, h *providertest.House, id, secret string) {
	t.Helper()
	h.Update(func(tx *store.Tx) error {
		return h.Runtime.PutClient(tx, &oauth.Client{ID: id, Name: id, Secret: secret})
	})
}
