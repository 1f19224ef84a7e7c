package oauth

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/keys"
)

var now = time.Date(2030, 2, 1, 9, 0, 0, 500_000_000, time.UTC) // of the workspace

func tokenKey(workspace string) keys.Key {
	return keys.Series{Seed: 1, Workspace: workspace, Provider: "finqlink", Purpose: "token"}.Key(1, keys.RS256)
}

func order() Order {
	return Order{
		Issuer: issuer, Audience: "finqlink", Lifetime: time.Hour,
		Grant: Grant{Client: Client{ID: "demo"}, Scopes: []string{"pay_by_link"}},
	}
}

func expect(workspace string) Expectation {
	return Expectation{Keys: []keys.PublicKey{tokenKey(workspace).Public()}, Audience: "finqlink", Realm: "finqlink"}
}

func mint(t testing.TB, tokens *Tokens, o Order) string {
	t.Helper()
	token, err := tokens.Mint(tokenKey("a"), o, now)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestTokenGoesRound(t *testing.T) {
	tokens := NewTokens(8)
	token := mint(t, tokens, order())
	for range 2 { // read, then remembered
		c, err := tokens.Check(token, expect("a"), now.Add(59*time.Minute))
		want := Claims{Issuer: issuer, Audience: "finqlink", Subject: "demo", Scopes: []string{"pay_by_link"}, IssuedAt: now.Unix(), Expires: now.Unix() + 3600}
		if err != nil || fmt.Sprint(c) != fmt.Sprint(want) {
			t.Errorf("%+v, %v", c, err)
		}
	}
	jws, err := keys.Parse(token, tokenLimits)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"iss":"` + issuer + `","aud":"finqlink","sub":"demo","scp":["pay_by_link"],"iat":1896166800,"exp":1896170400}`; string(jws.Payload) != want {
		t.Errorf("payload %s", jws.Payload)
	}
}

func TestEqualOrdersShareAToken(t *testing.T) {
	tokens := NewTokens(100)
	key, base := tokenKey("a"), order()
	token := mint(t, tokens, base)
	same, _ := tokens.Mint(key, base, now.Add(400*time.Millisecond))
	if same != token {
		t.Error("one second, two tokens")
	}
	differing := map[string]func(*Order){
		"issuer": func(o *Order) { o.Issuer = "x" }, "client": func(o *Order) { o.Grant.Client.ID = "x" },
		"scope": func(o *Order) { o.Grant.Scopes = []string{"x"} }, "certificate": func(o *Order) { o.Certificate = "x" },
		"audience": func(o *Order) { o.Audience = "x" }, "lifetime": func(o *Order) { o.Lifetime = time.Minute },
	}
	for name, change := range differing {
		o := base
		change(&o)
		if mint(t, tokens, o) == token {
			t.Errorf("another %s, the same token", name)
		}
	}
	if next, _ := tokens.Mint(key, base, now.Add(time.Second)); next == token {
		t.Error("another second, the same token")
	}
	if foreign, _ := tokens.Mint(tokenKey("b"), base, now); foreign == token {
		t.Error("another workspace, the same token")
	}
}

// D8
func TestTokensRefused(t *testing.T) {
	tokens := NewTokens(8)
	token := mint(t, tokens, order())
	if _, err := tokens.Check(token, expect("a"), now); err != nil {
		t.Fatal(err)
	}
	o := order()
	o.Audience = "linkmoney"
	webhook, err := keys.Sign(keys.Series{Seed: 1, Workspace: "a", Provider: "finqlink", Purpose: "webhook"}.Key(1, keys.RS256), []byte(`{"aud":"finqlink","sub":"demo","exp":9999999999}`))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	tampered := parts[0] + "." + b64([]byte(`{"aud":"finqlink","sub":"other","scp":["pay_by_link"],"exp":9999999999}`)) + "." + parts[2]
	none := b64([]byte(`{"alg":"none","kid":"`+tokenKey("a").Kid()+`"}`)) + "." + parts[1] + ".AA"
	for name, c := range map[string]struct {
		token string
		want  Expectation
		at    time.Time
	}{
		"expired on the instant": {token, expect("a"), time.Unix(now.Unix()+3600, 0)},
		"expired":                {token, expect("a"), now.Add(90 * 24 * time.Hour)},
		"of another workspace":   {token, expect("b"), now},
		"no keys":                {token, Expectation{Audience: "finqlink"}, now},
		"tampered":               {tampered, expect("a"), now},
		"none":                   {none, expect("a"), now},
		"last letter changed":    {token[:len(token)-3] + "AAA", expect("a"), now},
		"junk":                   {"junk", expect("a"), now},
		"huge":                   {strings.Repeat("A", 1<<20), expect("a"), now},
		"another audience":       {mint(t, tokens, o), expect("a"), now},
		"a webhook's signature":  {webhook, expect("a"), now},
	} {
		claims, err := tokens.Check(c.token, c.want, c.at)
		var e *Error
		if !errors.As(err, &e) || e.Status != 401 || e.Code != InvalidToken || claims.Subject != "" {
			t.Errorf("%s: %+v, %v", name, claims, err)
			continue
		}
		if !strings.Contains(e.Header.Get("WWW-Authenticate"), `error="invalid_token"`) {
			t.Errorf("%s: challenge %q", name, e.Header.Get("WWW-Authenticate"))
		}
	}
}

// F11
func TestTokenIsBoundToItsCertificate(t *testing.T) {
	tokens, o := NewTokens(8), order()
	o.Certificate = "thumbprint-a"
	token := mint(t, tokens, o)
	for certificate, good := range map[string]bool{"thumbprint-a": true, "thumbprint-b": false, "": false} {
		want := expect("a")
		want.Certificate = certificate
		if _, err := tokens.Check(token, want, now); (err == nil) != good {
			t.Errorf("with %q: %v", certificate, err)
		}
	}
}

// D8, D9
func TestBearer(t *testing.T) {
	for name, c := range map[string]struct {
		header    http.Header
		query     string
		status    int
		challenge string
	}{
		"none":                {http.Header{}, "", 401, `Bearer realm="finqlink"`},
		"Basic":               {basic("demo", "s3cret"), "", 401, `Bearer realm="finqlink"`},
		"scheme only":         {authorization("Bearer"), "", 401, `error="invalid_token"`},
		"two words":           {authorization("Bearer a b"), "", 401, `error="invalid_token"`},
		"quote":               {authorization(`Bearer a"b`), "", 401, `error="invalid_token"`},
		"not ASCII":           {authorization("Bearer \xff"), "", 401, `error="invalid_token"`},
		"two headers":         {authorization("Bearer a", "Bearer a"), "", 400, `error="invalid_request"`},
		"in the query":        {http.Header{}, "access_token=a", 400, `error="invalid_request"`},
		"in both":             {authorization("Bearer a"), "x=1&access_token=a", 400, `error="invalid_request"`},
		"two in one header":   {authorization("Bearer a, Bearer b"), "", 401, `error="invalid_token"`},
		"escaped in a query":  {http.Header{}, "access%5Ftoken=a", 400, `error="invalid_request"`},
		"realm can not break": {http.Header{}, "", 401, `Bearer realm="finqlink"`},
	} {
		token, err := Bearer(c.header, c.query, "finqlink")
		var e *Error
		if !errors.As(err, &e) || e.Status != c.status || !strings.Contains(e.Header.Get("WWW-Authenticate"), c.challenge) || token != "" {
			t.Errorf("%s: %q, %v", name, token, err)
			continue
		}
		if bare := e.Code == ""; bare && e.Header.Get("WWW-Authenticate") != c.challenge {
			t.Errorf("%s: the challenge is not bare: %s", name, e.Header.Get("WWW-Authenticate"))
		}
	}
	for _, value := range []string{"Bearer abc-._~+/=", "bearer abc-._~+/=", "BEARER  abc-._~+/="} {
		if token, err := Bearer(authorization(value), "a=1", "x"); err != nil || token != "abc-._~+/=" {
			t.Errorf("%s: %q, %v", value, token, err)
		}
	}
}

// D10
func TestScopeTooLow(t *testing.T) {
	c := Claims{Scopes: []string{"Link-Core"}}
	if err := c.Require("Link-Core", "linkmoney"); err != nil {
		t.Error(err)
	}
	var e *Error
	err := c.Require("Link-Payment", "linkmoney")
	if !errors.As(err, &e) || e.Status != 403 || e.Code != InsufficientScope ||
		!strings.HasSuffix(e.Header.Get("WWW-Authenticate"), `, scope="Link-Payment"`) {
		t.Errorf("%v, %v", err, e)
	}
}

func TestMemoryIsBoundedAndWorksOnce(t *testing.T) {
	m := newMemory[int](10)
	var mu sync.Mutex
	worked := map[string]int{}
	ask := func(name string) {
		_, _ = m.get(name, func() (int, error) {
			mu.Lock()
			defer mu.Unlock()
			worked[name]++
			return 1, nil
		})
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { ask("same") })
	}
	all.Wait()
	for i := range 1000 {
		ask("same") // in use, so never forgotten
		ask(fmt.Sprint(i))
	}
	if worked["same"] != 1 {
		t.Errorf("worked out %d times", worked["same"])
	}
	if kept := len(m.young) + len(m.old); kept > 20 {
		t.Errorf("%d are kept of 20", kept)
	}
}

func TestMemoryForgetsFailures(t *testing.T) {
	m := newMemory[int](10)
	if _, err := m.get("x", func() (int, error) { return 0, errStore }); err == nil {
		t.Fatal("no error")
	}
	if _, ok := m.peek("x"); ok {
		t.Error("a failure is remembered")
	}
	if v, err := m.get("x", func() (int, error) { return 7, nil }); v != 7 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
}
