package access

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func basic(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }

// TestCredentials holds the lines D1 to D12 against one program.
func TestCredentials(t *testing.T) {
	h := start(t, "--clock", "frozen@2026-01-15T10:30:00Z", "--log-level", "debug")
	for _, line := range []struct {
		name string
		hold func(*testing.T, *house)
	}{
		{"D1", d1}, {"D2", d2}, {"D3", d3}, {"D4", d4}, {"D5", d5}, {"D6", d6}, {"D7", d7}, {"D8", d8}, {"D9", d9}, {"D10", d10}, {"D11", d11}, {"D12", d12},
	} {
		t.Run(line.name, func(t *testing.T) { line.hold(t, h.in(t, strings.ToLower(line.name))) })
	}
}

// d1: a wrong secret and an unknown client look alike, in the form and in the header.
func d1(t *testing.T, h *house) {
	seen := map[string]bool{}
	for _, id := range []string{demo, "nobody"} {
		form := h.token(bySecret(id, "wrong").Encode())
		refusal(t, id, form, http.StatusBadRequest, "invalid_client")
		header := h.token(grant().Encode(), "Authorization", basic(id+":wrong"))
		refusal(t, id, header, http.StatusUnauthorized, "invalid_client")
		if !strings.HasPrefix(header.Header.Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("%s: %s", id, header)
		}
		for _, a := range []answer{form, header} {
			a.Header.Del("Date")
			seen[a.String()] = true
		}
	}
	if len(seen) != 2 {
		t.Errorf("the answers differ: %v", seen)
	}
}

// d2: a Basic header that can not be read.
func d2(t *testing.T, h *house) {
	for _, value := range []string{basic("no-colon"), "Basic ####", basic("demo:%zz"), basic("demo:\xff"), basic("demo:%ff"), "Basic", "Basic " + strings.Repeat("A", 10_000)} {
		refusal(t, value[:min(len(value), 20)], h.token(grant().Encode(), "Authorization", value), http.StatusUnauthorized, "invalid_client")
	}
}

// d3: two ways to authenticate at once.
func d3(t *testing.T, h *house) {
	good := basic(demo + ":" + demoSecret)
	assertion := grant("client_id", demo, "client_assertion_type", assertionType, "client_assertion", "x")
	refusal(t, "header and form", h.token(bySecret(demo, demoSecret).Encode(), "Authorization", good), http.StatusBadRequest, "invalid_request")
	refusal(t, "header and assertion", h.token(assertion.Encode(), "Authorization", good), http.StatusBadRequest, "invalid_request")
	assertion.Set("client_secret", demoSecret)
	refusal(t, "form and assertion", h.token(assertion.Encode()), http.StatusBadRequest, "invalid_request")
	refusal(t, "two headers", h.token(grant().Encode(), "Authorization", good, "Authorization", good), http.StatusBadRequest, "invalid_request")
}

// d4: credentials in the query are refused, whatever the body has.
func d4(t *testing.T, h *house) {
	for _, query := range []string{bySecret(demo, demoSecret).Encode(), "client_secret=" + demoSecret, "client%5Fsecret=x", "access_token=x"} {
		for _, body := range []string{"", bySecret(demo, demoSecret).Encode()} {
			a := h.do(http.MethodPost, h.base()+tokenPath+"?"+query, body, "Content-Type", formType)
			refusal(t, query, a, http.StatusBadRequest, "invalid_request")
		}
	}
}

// d5: a parameter that is there twice has no one reading.
func d5(t *testing.T, h *house) {
	good := bySecret(demo, demoSecret).Encode()
	for _, more := range []string{"&client_id=" + demo, "&grant_type=client_credentials", "&client%5Fid=other", "&x=1&x=2"} {
		refusal(t, more, h.token(good+more), http.StatusBadRequest, "invalid_request")
	}
}

// d6: grant and scope.
func d6(t *testing.T, h *house) {
	for _, c := range []struct{ name, value, code string }{
		{"grant_type", "", "invalid_request"}, {"grant_type", "password", "unsupported_grant_type"}, {"grant_type", "Client_Credentials", "unsupported_grant_type"},
		{"scope", "", "invalid_request"}, {"scope", "admin", "invalid_scope"}, {"scope", "pay_by_link admin", "invalid_scope"},
	} {
		form := bySecret(demo, demoSecret)
		form.Set(c.name, c.value)
		refusal(t, c.name+" "+c.value, h.token(form.Encode()), http.StatusBadRequest, c.code)
	}
	for _, media := range []string{"application/json", "multipart/form-data; boundary=x", "text/plain", "application/x-www-form-urlencoded; charset=utf-16"} {
		a := h.do(http.MethodPost, h.base()+tokenPath, bySecret(demo, demoSecret).Encode(), "Content-Type", media)
		refusal(t, media, a, http.StatusBadRequest, "invalid_request")
	}
}

// d7: the token endpoint is for POST.
func d7(t *testing.T, h *house) {
	for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"} {
		a := h.do(method, h.base()+tokenPath+"?x=1", "", "Content-Type", formType)
		if a.Status != http.StatusMethodNotAllowed || a.Header.Get("Allow") != "POST" {
			t.Errorf("%s: %s", method, a)
		}
	}
}

// challenged wants a 401 of the API with a challenge that holds something, or nothing but the realm.
func challenged(t *testing.T, name string, a answer, holds string) {
	t.Helper()
	challenge := a.Header.Get("WWW-Authenticate")
	bare := holds == "" && challenge != `Bearer realm="finqlink"`
	if a.Status != http.StatusUnauthorized || a.text("code") != "unauthorized" || bare || !strings.Contains(challenge, holds) {
		t.Errorf("%s: %s", name, a)
	}
}

// d8: without a token the bare challenge, with a bad one invalid_token.
func d8(t *testing.T, h *house) {
	const invalid = `error="invalid_token"`
	token := h.login()
	if a := h.list("Authorization", "Bearer "+token); a.Status != http.StatusOK {
		t.Fatalf("the good one: %s", a)
	}
	parts := strings.Split(token, ".")
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	challenged(t, "none", h.list(), "")
	for name, bad := range map[string]string{
		"malformed": "a b c", "one segment": "abc", "tampered": token[:len(token)-4] + "AAAA", "of alg none": unsigned, "cut": parts[0] + "." + parts[1],
		"of a megabyte": strings.Repeat("a", 60_000), "of another payload": parts[0] + "." + parts[1] + "x." + parts[2], "empty": "",
	} {
		challenged(t, name, h.list("Authorization", "Bearer "+bad), invalid)
	}
	challenged(t, "of another workspace", h.in(t, "d8-other").list("Authorization", "Bearer "+token), invalid)
	h.control("POST", "/tokens/revoke", map[string]string{"token": token}, nil)
	challenged(t, "revoked", h.list("Authorization", "Bearer "+token), invalid)
	again := h.login()
	if a := h.list("Authorization", "Bearer "+again); a.Status != http.StatusOK || again == token {
		t.Errorf("after a revocation: %s", a)
	}
	h.control("POST", "/clock/advance", map[string]string{"by": "1h"}, nil)
	challenged(t, "expired", h.list("Authorization", "Bearer "+again), invalid)
}

// d9: two tokens, or one in the address.
func d9(t *testing.T, h *house) {
	token := "Bearer " + h.login()
	challenged(t, "two headers", h.list("Authorization", token, "Authorization", token), `error="invalid_request"`)
	a := h.do("POST", h.base()+"/v2/links/list?access_token="+token[7:], `{"client_id":"`+demo+`"}`, "Content-Type", "application/json", "Authorization", token)
	challenged(t, "header and address", a, `error="invalid_request"`)
	a = h.do("POST", h.base()+"/v2/links/list?access_token="+token[7:], `{"client_id":"`+demo+`"}`, "Content-Type", "application/json")
	challenged(t, "address only", a, "")
	a = h.do("POST", h.base()+"/v2/links/list", `{"client_id":"`+demo+`","access_token":"`+token[7:]+`"}`, "Content-Type", "application/json")
	challenged(t, "body", a, "")
}

// d10: FinqLink has one scope, so a client without it gets no token at all; the refusal of a token whose scope is too
// low is held where tokens are checked.
func d10(t *testing.T, h *house) {
	h.control("PUT", "/clients/finqlink/narrow", map[string]any{"secret": "narrow", "scopes": []string{"reports"}}, nil)
	refusal(t, "a scope that the client has not", h.token(bySecret("narrow", "narrow").Encode()), http.StatusBadRequest, "invalid_scope")
}

// d11: neither log nor journal nor client list has a secret or a token.
func d11(t *testing.T, h *house) {
	secrets := []string{"hunter2-secret", h.login()}
	for _, form := range []url.Values{bySecret(demo, secrets[0]), bySecret(secrets[0], demoSecret)} {
		h.token(form.Encode())
	}
	h.token(grant().Encode(), "Authorization", basic(demo+":"+secrets[0]))
	h.do(http.MethodPost, h.base()+tokenPath+"?client_secret="+secrets[0], "", "Content-Type", formType)
	h.list("Authorization", "Bearer "+secrets[1])
	h.control("PUT", "/clients/finqlink/third", map[string]any{"secret": secrets[0]}, nil)
	h.control("POST", "/tokens/introspect", map[string]string{"token": secrets[1]}, nil)
	var journal, clients json.RawMessage
	h.control("GET", "/requests?limit=500", nil, &journal)
	h.control("GET", "/clients", nil, &clients)
	for _, secret := range append(secrets, base64.StdEncoding.EncodeToString([]byte(demo+":"+secrets[0]))) {
		for where, text := range map[string]string{"log": h.Log(), "journal": string(journal), "client list": string(clients)} {
			// A client id may be shown: the one that is a secret by mistake is the caller's.
			text = regexp.MustCompile(`"client": ?"[^"]*"`).ReplaceAllString(text, "")
			if strings.Contains(text, secret) {
				t.Errorf("the %s shows %.20s", where, secret)
			}
		}
	}
}

// d12: no page of another origin commands mockbank, nor one whose name was bent to this machine.
func d12(t *testing.T, h *house) {
	address := h.Base + "/_mockbank/v1/workspaces/" + h.workspace + "/clients/finqlink/planted"
	for name, header := range map[string][]string{
		"another origin": {"Origin", "https://evil.example"}, "a bent name": {"Host", "evil.example"}, "another site": {"Sec-Fetch-Site", "cross-site"},
		"a real host": {"Host", "sandbox-pay.finqware.com"},
	} {
		a := h.do(http.MethodPut, address, `{"secret":"planted"}`, append(header, "Content-Type", "application/json")...)
		if a.Status != http.StatusForbidden || a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %s", name, a)
		}
	}
}
