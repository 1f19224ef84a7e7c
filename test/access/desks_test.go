package access

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// desk is the token endpoint of another provider, and a call that wants one of its tokens.
type desk struct {
	name, mount, token, path string
	id, secret, scope        string
	narrow                   string // a scope that the call refuses; empty: there is none
	method, body             string
	call                     []string // headers besides the token
	taken, over              int      // statuses of the call with a good token, and with a bad one
	failed                   int      // status of a wrong secret in the form
	member                   string   // of a refusal of the token endpoint, which holds the code
	kind                     string   // of refusal when the token is bad
}

var desks = []desk{
	{
		name: "linkmoney", mount: "/linkmoney", token: "/v1/tokens", id: "linkmoney-demo", secret: "linkmoney-demo-secret", scope: "Link-Core", narrow: "Link-Payment",
		method: "POST", path: "/v1/sessions", body: `{"firstName":"Ada","lastName":"Example","email":"ada@shop.test","phoneNumber":"+12025550100"}`,
		taken: 200, over: 401, failed: 401, member: "errorCode", kind: "UNAUTHORIZED",
	},
	{
		name: "1link", mount: "/1link/uat-1link/sandbox", token: "/oauth2/token", id: "mock-client-id-0000000000000001", secret: "mock-client-secret-000000000001", scope: "1LinkApi",
		method: "POST", path: "/1Link/getMerchantProfile", body: `{"info":{"merchantID":"MOCKMERCHANT01"}}`,
		call: []string{"X-IBM-Client-Id", "mock-client-id-0000000000000001"}, taken: 200, over: 401, failed: 401, member: "error", kind: "invalid_token",
	},
}

// TestCredentialsAtOtherDesks holds the lines D1 to D10 where another provider gives out tokens, in its own words.
func TestCredentialsAtOtherDesks(t *testing.T) {
	h := start(t, "--clock", "frozen@2026-01-15T10:30:00Z")
	for _, d := range desks {
		for _, line := range []struct {
			name string
			hold func(*testing.T, *house, desk)
		}{{"D1", lookAlike}, {"D2", brokenBasic}, {"D3-D6", oneReading}, {"D7", onlyPosted}, {"D8-D9", badTokens}, {"D10", tooLow}} {
			t.Run(d.name+"/"+line.name, func(t *testing.T) { line.hold(t, h.in(t, strings.ToLower(d.name+"-"+line.name)), d) })
		}
	}
}

func (d desk) form(id, secret string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}, "scope": {d.scope}}
}

func (d desk) at(h *house, path string) string {
	return h.origin + "/w/" + h.workspace + d.mount + path
}

func (d desk) ask(h *house, form string, header ...string) answer {
	return h.do(http.MethodPost, d.at(h, d.token), form, append(header, "Content-Type", formType)...)
}

func (d desk) login(h *house) string {
	h.t.Helper()
	a := d.ask(h, d.form(d.id, d.secret).Encode())
	if a.Status != http.StatusOK {
		h.t.Fatal(a)
	}
	return a.text("access_token")
}

func (d desk) use(h *house, header ...string) answer {
	return h.do(d.method, d.at(h, d.path), d.body, append(append([]string{"Content-Type", "application/json"}, d.call...), header...)...)
}

func (d desk) refuses(t *testing.T, name string, a answer, status int, code string) {
	t.Helper()
	if a.Status != status || a.text(d.member) != code || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: %s, want %d %s", name, a, status, code)
	}
}

func lookAlike(t *testing.T, h *house, d desk) {
	seen := map[string]bool{}
	for _, id := range []string{d.id, "nobody"} {
		form := d.ask(h, d.form(id, "wrong").Encode())
		d.refuses(t, id, form, d.failed, "invalid_client")
		header := d.ask(h, "grant_type=client_credentials", "Authorization", basic(id+":wrong"))
		d.refuses(t, id, header, http.StatusUnauthorized, "invalid_client")
		for _, a := range []answer{form, header} {
			seen[a.text("errorSummary")+a.text("error_description")] = true
		}
	}
	if len(seen) != 1 {
		t.Errorf("the answers differ: %v", seen)
	}
}

func brokenBasic(t *testing.T, h *house, d desk) {
	for _, value := range []string{basic("no-colon"), "Basic ####", basic("demo:%zz"), basic("demo:\xff"), "Basic"} {
		d.refuses(t, value, d.ask(h, "grant_type=client_credentials", "Authorization", value), http.StatusUnauthorized, "invalid_client")
	}
}

func oneReading(t *testing.T, h *house, d desk) {
	good := d.form(d.id, d.secret).Encode()
	d.refuses(t, "header and form", d.ask(h, good, "Authorization", basic(d.id+":"+d.secret)), 400, "invalid_request")
	for _, more := range []string{"&client_id=" + d.id, "&grant_type=client_credentials", "&x=1&x=2"} {
		d.refuses(t, more, d.ask(h, good+more), 400, "invalid_request")
	}
	a := h.do(http.MethodPost, d.at(h, d.token)+"?"+good, "grant_type=client_credentials", "Content-Type", formType)
	d.refuses(t, "in the query", a, 400, "invalid_request")
	for name, c := range map[string][2]string{"grant_type": {"password", "unsupported_grant_type"}, "scope": {"admin", "invalid_scope"}} {
		form := d.form(d.id, d.secret)
		form.Set(name, c[0])
		d.refuses(t, name, d.ask(h, form.Encode()), 400, c[1])
	}
}

func onlyPosted(t *testing.T, h *house, d desk) {
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		if a := h.do(method, d.at(h, d.token), "", "Content-Type", formType); a.Status != http.StatusMethodNotAllowed && a.Status != http.StatusNotFound {
			t.Errorf("%s: %s", method, a)
		}
	}
}

// state is what the control API tells of a token.
type state struct {
	Active bool   `json:"active"`
	Client string `json:"client_id"`
	Scope  string `json:"scope"`
	Reason string `json:"reason"`
}

func badTokens(t *testing.T, h *house, d desk) {
	token := d.login(h)
	if a := d.use(h, "Authorization", "Bearer "+token); a.Status != d.taken {
		t.Fatalf("the good one: %s", a)
	}
	for name, headers := range map[string][]string{
		"none": nil, "empty": {"Authorization", "Bearer "}, "malformed": {"Authorization", "Bearer a b c"}, "Basic": {"Authorization", basic(d.id + ":" + d.secret)},
		"tampered": {"Authorization", "Bearer " + token[:len(token)-4] + "AAAA"}, "long": {"Authorization", "Bearer " + strings.Repeat("a", 30_000)},
		"two headers": {"Authorization", "Bearer " + token, "Authorization", "Bearer " + token},
	} {
		d.over401(t, name, d.use(h, headers...))
	}
	d.over401(t, "of another workspace", d.use(h.in(t, h.workspace+"-other"), "Authorization", "Bearer "+token))

	var told state
	h.control("POST", "/tokens/introspect", object{"token": token}, &told)
	if want := (state{Active: true, Client: d.id, Scope: d.scope}); told != want {
		t.Errorf("it is told as %+v, want %+v", told, want)
	}
	told = state{}
	h.control("POST", "/tokens/revoke", object{"token": token}, &told)
	if told.Active || !strings.Contains(told.Reason, "revoked") || !strings.Contains(told.Reason, "2026-01-15T10:30:00Z") {
		t.Errorf("once revoked it is told as %+v", told)
	}
	d.over401(t, "revoked", d.use(h, "Authorization", "Bearer "+token))
	again := d.login(h)
	if a := d.use(h, "Authorization", "Bearer "+again); a.Status != d.taken || again == token {
		t.Errorf("after a revocation: %s", a)
	}
	h.control("POST", "/clock/advance", object{"by": "25h"}, nil)
	d.over401(t, "expired", d.use(h, "Authorization", "Bearer "+again))
	told = state{}
	if h.control("POST", "/tokens/introspect", object{"token": again}, &told); told.Active || !strings.Contains(told.Reason, "expired") {
		t.Errorf("once expired it is told as %+v", told)
	}
}

func (d desk) over401(t *testing.T, name string, a answer) {
	t.Helper()
	if code := a.text("errorCode") + a.text("error"); a.Status != d.over || code != d.kind || !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") {
		t.Errorf("%s: %s", name, a)
	}
}

// tooLow: Link Money has two scopes, and says 401 where RFC 6750 says 403.
func tooLow(t *testing.T, h *house, d desk) {
	if d.narrow == "" {
		t.Skip("there is one scope")
	}
	form := d.form(d.id, d.secret)
	form.Set("scope", d.narrow)
	a := d.use(h, "Authorization", "Bearer "+d.ask(h, form.Encode()).text("access_token"))
	if a.Status != http.StatusUnauthorized || a.text("errorCode") != "INSUFFICIENT_SCOPE" || !strings.Contains(a.Header.Get("WWW-Authenticate"), `error="insufficient_scope"`) ||
		!strings.Contains(a.Header.Get("WWW-Authenticate"), `scope="`+d.scope+`"`) {
		t.Error(a)
	}
	form.Set("scope", d.scope+" "+d.narrow)
	d.refuses(t, "both", d.ask(h, form.Encode()), 400, "invalid_scope")
}
