package control_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/control"
)

// request is one row of a table: what differs from an honest request of a program on this machine.
func (h *house) request(method, host, path string, header ...string) answer {
	h.t.Helper()
	r := httptest.NewRequest(method, "http://localhost:6265"+path, nil)
	if host != "" {
		r.Host = host
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return h.send(r)
}

func TestHosts(t *testing.T) {
	h := build(t, func(cfg *app.Config) { cfg.Hosts, cfg.ControlToken = []string{"Mockbank", "ci.example"}, "right" })
	for host, want := range map[string]int{
		"localhost": 200, "localhost:6265": 200, "LOCALHOST:1": 200, "localhost.": 200, "t1.toy.localhost:6265": 200,
		"127.0.0.1:6265": 200, "[::1]:6265": 200, "192.168.1.7": 200, "[fe80::1%25eth0]:80": 200,
		"mockbank:6265": 200, "ci.example": 200,
		"evil.example": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example:6265": 403, "mockbank.evil.example": 403,
		"api.toy.example": 403, "API.TOY.example:443": 403, "api.toy.example.": 403,
	} {
		if a := h.request("GET", host, "/_mockbank/v1/workspaces"); a.status != want {
			t.Errorf("Host %s: %d, want %d: %s", host, a.status, want, a.raw)
		}
	}
	if a := h.request("GET", "evil.example", "/_mockbank/v1/workspaces", "Authorization", "Bearer right"); a.status != 200 {
		t.Errorf("a foreign name with the right token: %d", a.status)
	}
	if a := h.request("GET", "api.toy.example", "/_mockbank/v1/workspaces", "Authorization", "Bearer right"); a.status != 403 {
		t.Errorf("a provider's real host with the right token: %d", a.status)
	}
}

// D12: pages of other origins are refused, also for reading, and nobody is told that they may call.
func TestOtherOrigins(t *testing.T) {
	h := build(t, nil)
	const list = "/_mockbank/v1/workspaces"
	for _, row := range []struct {
		name, method, path string
		header             []string
		want               int
	}{
		{"a program", "GET", list, nil, 200},
		{"an address typed in", "GET", list, []string{"Sec-Fetch-Site", "none"}, 200},
		{"our own page", "GET", list, []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://localhost:6265"}, 200},
		{"our own page, older browser", "PUT", list + "/a", []string{"Origin", "http://localhost:6265"}, 422},
		{"another site", "GET", list, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"another face", "GET", list, []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"another origin, older browser", "GET", list, []string{"Origin", "http://evil.example"}, 403},
		{"another port", "GET", list, []string{"Origin", "http://localhost:3000"}, 403},
		{"a sandboxed page", "GET", list, []string{"Origin", "null"}, 403},
		{"a preflight", "OPTIONS", list, []string{"Origin", "http://evil.example", "Access-Control-Request-Method", "PUT"}, 403},
		{"a form", "POST", list + "/a/reset", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"health too", "GET", "/_mockbank/v1/health", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"an inbox", "POST", "/w/a/_inbox/x", []string{"Sec-Fetch-Site", "cross-site"}, 403},
	} {
		a := h.request(row.method, "", row.path, row.header...)
		if a.status != row.want {
			t.Errorf("%s: %d, want %d: %s", row.name, a.status, row.want, a.raw)
		}
		for name := range a.header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: the reply carries %s", row.name, name)
			}
		}
	}
	if n := h.want(200, "GET", "/workspaces", "").len("items"); n != 1 {
		t.Errorf("a refused request made a workspace: there are %d", n)
	}
}

// door is a control API without a house behind it.
func door(t *testing.T, token string, open bool) *house {
	t.Helper()
	c := control.New(control.Config{Spec: controlSpec(), Log: slog.New(slog.DiscardHandler), Token: token, Open: open})
	return &house{Handler: c, t: t, spec: controlSpec()}
}

func TestToken(t *testing.T) {
	for _, row := range []struct {
		name, token string
		open        bool
		header      string
		want        int
	}{
		{"open", "", true, "", 200},
		{"open with any token", "", true, "Bearer x", 200},
		{"closed, none would do", "", false, "", 401},
		{"closed, an empty one", "", false, "Bearer ", 401},
		{"none", "right", false, "", 401},
		{"wrong", "right", false, "Bearer wrong", 401},
		{"prefix", "right", false, "Bearer righ", 401},
		{"another scheme", "right", false, "Basic right", 401},
		{"right", "right", false, "Bearer right", 200},
		{"right, scheme in lower case", "right", false, "bearer right", 200},
		{"open although there is one", "right", true, "", 200},
	} {
		h := door(t, row.token, row.open)
		var header []string
		if row.header != "" {
			header = []string{"Authorization", row.header}
		}
		a := h.request("GET", "", "/_mockbank/v1/openapi.yaml", header...)
		if a.status != row.want {
			t.Errorf("%s: %d, want %d", row.name, a.status, row.want)
		}
		if a.status == 401 && (a.header.Get("WWW-Authenticate") == "" || !strings.Contains(a.text("detail"), "--control-token")) {
			t.Errorf("%s: neither challenge nor remedy: %s", row.name, a.raw)
		}
		if a := h.request("GET", "", "/_mockbank/v1/health"); a.status != 200 {
			t.Errorf("%s: health wants a token: %d", row.name, a.status)
		}
	}
	h := door(t, "right", false)
	r := httptest.NewRequest("GET", "http://localhost/_mockbank/v1/openapi.yaml", nil)
	r.Header["Authorization"] = []string{"Bearer right", "Bearer right"}
	if a := h.send(r); a.status != http.StatusUnauthorized {
		t.Errorf("two Authorization headers: %d", a.status)
	}
}

func TestRoutes(t *testing.T) {
	h := build(t, nil)
	for _, row := range []struct {
		method, path, allow string
		want                int
	}{
		{"GET", "/_mockbank", "", 404},
		{"GET", "/_mockbank/", "", 404},
		{"GET", "/_mockbank/v1", "", 404},
		{"GET", "/_mockbank/v1/", "", 404},
		{"GET", "/_mockbank/v2/health", "", 404},
		{"GET", "/_mockbank/v1/nothing", "", 404},
		{"GET", "/_mockbank/v1/health/", "", 404},
		{"GET", "/_mockbank/v1//health", "", 404},
		{"GET", "/_mockbank/v1/../v1/health", "", 404},
		{"GET", "/_mockbank/v1/%2e%2e/health", "", 404},
		{"GET", "/_mockbank/v1/workspaces/a/deliveries/0", "", 404},
		{"GET", "/_mockbank/v1/workspaces/a/deliveries/x", "", 404},
		{"GET", "/_mockbank/v1/workspaces/a/entities/toy/order/a%2Fb", "", 404},
		{"GET", "/_mockbank/v1/workspaces/Bad_Name", "", 400},
		{"POST", "/_mockbank/v1/health", "GET, HEAD", 405},
		{"DELETE", "/_mockbank/v1/workspaces", "GET, HEAD", 405},
		{"POST", "/_mockbank/v1/workspaces/a", "DELETE, GET, HEAD, PUT", 405},
		{"GET", "/_mockbank/v1/workspaces/a/reset", "POST", 405},
		{"TRACE", "/_mockbank/v1/health", "GET, HEAD", 405},
		{"HEAD", "/_mockbank/v1/health", "", 200},
		{"GET", "/w/a/_inbox/x", "POST, PUT", 405},
		{"GET", "/_mockbank/v1/health", "", 200},
	} {
		r := httptest.NewRequest(row.method, "http://localhost"+row.path, nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != row.want || w.Header().Get("Allow") != row.allow {
			t.Errorf("%s %s: %d with Allow %q, want %d with %q", row.method, row.path, w.Code, w.Header().Get("Allow"), row.want, row.allow)
		}
		if row.method == "HEAD" && w.Body.Len() > 0 {
			t.Errorf("HEAD has a body: %s", w.Body)
		}
	}
}

// What is wrong with a body is told, and nothing is changed.
func TestBodies(t *testing.T) {
	h := build(t, nil)
	put := func(media, body string, header ...string) answer {
		r := httptest.NewRequest("PUT", "http://localhost/_mockbank/v1/workspaces/a", strings.NewReader(body))
		if media != "" {
			r.Header.Set("Content-Type", media)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return h.send(r)
	}
	const json = "application/json"
	for _, row := range []struct {
		name  string
		reply answer
		want  int
	}{
		{"none", put(json, ""), 422},
		{"not JSON", put(json, "{"), 400},
		{"trailing data", put(json, "{} {}"), 400},
		{"a name twice", put(json, `{"seed":1,"seed":2}`), 400},
		{"null", put(json, "null"), 422},
		{"an array", put(json, "[]"), 422},
		{"another case", put(json, `{"Seed":1}`), 422},
		{"a text for a number", put(json, `{"seed":"1"}`), 422},
		{"a fraction", put(json, `{"seed":1.5}`), 422},
		{"a number with an exponent", put(json, `{"seed":1e2}`), 422},
		{"a number below zero", put(json, `{"seed":-1}`), 422},
		{"a huge number", put(json, `{"seed":1e400}`), 422},
		{"50,000 deep", put(json, `{"settings":`+strings.Repeat(`{"a":`, 50_000)), 400},
		{"no media type", put("", "{}"), 415},
		{"a form", put("application/x-www-form-urlencoded", "{}"), 415},
		{"UTF-16", put(json+"; charset=utf-16", "{}"), 415},
		{"compressed", put(json, "{}", "Content-Encoding", "gzip"), 415},
		{"2 MiB", put(json, `{"ids_as":"`+strings.Repeat("a", 2<<20)+`"}`), 413},
		{"well", put(json+"; charset=UTF-8", "{}"), 201},
	} {
		if row.reply.status != row.want {
			t.Errorf("%s: %d, want %d: %.300s", row.name, row.reply.status, row.want, row.reply.raw)
		}
	}
}
