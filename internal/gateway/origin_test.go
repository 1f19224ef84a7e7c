package gateway_test

import (
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/gateway"
)

const form = "application/x-www-form-urlencoded"

// TestPagesOfOtherOrigins: no page elsewhere presses a payer's buttons or fills the store with workspaces.
func TestPagesOfOtherOrigins(t *testing.T) {
	tests := map[string]struct {
		path, body, media string
		site              []string
		stored            bool
		status            int
	}{
		"a button, from elsewhere":               {"/button", "go=1", form, []string{"Sec-Fetch-Site", "cross-site"}, true, 403},
		"a button, from a sister":                {"/button", "go=1", form, []string{"Sec-Fetch-Site", "same-site"}, true, 403},
		"a button, from its own page":            {"/button", "go=1", form, []string{"Sec-Fetch-Site", "same-origin"}, true, 303},
		"a button, from an old browser":          {"/button", "go=1", form, []string{"Origin", "http://evil.example"}, true, 403},
		"a button, from no browser":              {"/button", "go=1", form, nil, true, 303},
		"a call of a stored one":                 {"/orders", `{"ref":"x"}`, "application/json", []string{"Sec-Fetch-Site", "cross-site"}, true, 201},
		"a call of one that is not stored":       {"/orders", `{"ref":"x"}`, "application/json", []string{"Sec-Fetch-Site", "cross-site"}, false, 403},
		"a call of one, from an old browser":     {"/orders", `{"ref":"x"}`, "application/json", []string{"Origin", "http://evil.example"}, false, 403},
		"a client's call of one":                 {"/orders", `{"ref":"x"}`, "application/json", nil, false, 201},
		"a call of one by a page of this origin": {"/orders", `{"ref":"x"}`, "application/json", []string{"Sec-Fetch-Site", "same-origin"}, false, 201},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := build(t, nil)
			if tt.stored {
				h.make("before", gateway.WorkspaceHeader, "a-1")
			}
			headers := append([]string{"Content-Type", tt.media}, tt.site...)
			got := h.do("POST", "/w/a-1/toy"+tt.path, tt.body, headers...)
			if got.status != tt.status {
				t.Fatalf("got %d %s, want %d", got.status, got.raw, tt.status)
			}
			if stored := h.store.Stored("a-1"); stored != (tt.stored || tt.status < 400) {
				t.Errorf("the workspace is stored: %t", stored)
			}
			if tt.status == 403 && !strings.Contains(got.text("message"), "another origin") {
				t.Errorf("it does not say why: %s", got.raw)
			}
		})
	}
}

// TestOtherOriginsMayCallTheDefaultWorkspace: it always exists, so no call makes it.
func TestOtherOriginsMayCallTheDefaultWorkspace(t *testing.T) {
	h := build(t, nil)
	h.want(201, "POST", "/toy/orders", `{"ref":"x"}`, "Sec-Fetch-Site", "cross-site")
	h.want(403, "POST", "/toy/button", "go=1", "Content-Type", form, "Sec-Fetch-Site", "cross-site")
}

func TestReadsOfOtherOriginsStoreNothing(t *testing.T) {
	h := build(t, nil)
	h.want(200, "GET", "/w/a-1/toy/orders", "", "Sec-Fetch-Site", "cross-site", "Origin", "http://evil.example")
	if h.store.Stored("a-1") {
		t.Error("a read stored the workspace")
	}
}

func TestPreflight(t *testing.T) {
	h := build(t, nil)
	ask := []string{"Origin", "http://app.example", "Access-Control-Request-Method", "POST"}
	got := h.want(204, "OPTIONS", "/toy/open/echo", "", ask...)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "Content-Type", "Access-Control-Max-Age": "600",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.header.Get(name), want)
		}
	}
	h.make("before")
	for name, tt := range map[string]struct {
		method, path string
		headers      []string
		status       int
		allowed      bool
	}{
		"a call after it":                 {"POST", "/toy/open/echo", []string{"Origin", "http://app.example"}, 200, true},
		"a refusal after it":              {"POST", "/toy/open/echo", []string{"Origin", "http://app.example", "Content-Type", "text/plain"}, 415, true},
		"no route":                        {"GET", "/toy/open/nowhere", []string{"Origin", "http://app.example"}, 404, true},
		"a call without an origin":        {"POST", "/toy/open/echo", nil, 200, false},
		"a path that is not open":         {"POST", "/toy/echo", []string{"Origin", "http://app.example"}, 200, false},
		"a preflight there":               {"OPTIONS", "/toy/echo", ask, 405, false},
		"OPTIONS that is no preflight":    {"OPTIONS", "/toy/open/echo", ask[:2], 405, true},
		"a preflight without an origin":   {"OPTIONS", "/toy/open/echo", ask[2:], 405, false},
		"the same path of another face":   {"OPTIONS", "/toy-pages/open/echo", ask, 404, false},
		"a preflight of a bad workspace":  {"OPTIONS", "/w/A/toy/open/echo", ask, 400, false},
		"a preflight of a new workspace":  {"OPTIONS", "/w/new/toy/open/echo", ask, 204, true},
		"an open call of a new workspace": {"POST", "/w/new/toy/open/echo", []string{"Origin", "http://app.example"}, 200, true},
	} {
		t.Run(name, func(t *testing.T) {
			got := h.do(tt.method, tt.path, "{}", tt.headers...)
			if got.status != tt.status || (got.header.Get("Access-Control-Allow-Origin") == "*") != tt.allowed {
				t.Errorf("got %d %v %s, want %d, allowed %t", got.status, got.header, got.raw, tt.status, tt.allowed)
			}
		})
	}
}
