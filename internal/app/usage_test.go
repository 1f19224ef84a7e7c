package app_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/specs"
)

const toySpec = `openapi: 3.0.3
info: {title: Toy, version: "1"}
servers: [{url: https://api.toy.example}]
paths: {}
`

// counting is a provider whose one page tells how often it was asked for.
func counting() *provider.Provider {
	count := func(c *provider.Call) (provider.Reply, error) {
		used, err := c.Take(provider.Key{}.Text("page"), time.Minute, 2)
		status := http.StatusOK
		if used.Over {
			status = http.StatusTooManyRequests
		}
		return provider.HTML(status, []byte(strconv.Itoa(used.Count))), err
	}
	return &provider.Provider{
		ID: "toy", Faces: []provider.Face{{Name: "toy", Mount: "/toy"}},
		Pages: []provider.Page{{Name: "page.count", Method: http.MethodGet, Path: "/count", Handler: provider.Read(count)}},
	}
}

// TestUsageIsStoredAtTheEnd: a mockbank that was stopped goes on counting where it was.
func TestUsageIsStoredAtTheEnd(t *testing.T) {
	start := time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)
	driver := mem.New()
	control, err := specs.FS.ReadFile("control.yaml")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(run func(http.Handler)) {
		a, err := app.New(app.Config{
			Driver: driver, Wall: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler), Providers: []*provider.Provider{counting()},
			Clock: clock.Setting{Mode: clock.Frozen, Base: start}, MaxWorkspaces: 2, ControlOpen: true,
			Specs: fstest.MapFS{"toy.yaml": {Data: []byte(toySpec)}, "control.yaml": {Data: control}}, Scenarios: fstest.MapFS{},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- a.Run(ctx) }()
		run(a)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	want := func(h http.Handler, workspace, body string, status int) {
		t.Helper()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost:6265/w/"+workspace+"/toy/count", nil))
		if w.Body.String() != body || w.Code != status {
			t.Errorf("%s: %d %s, want %d %s", workspace, w.Code, w.Body, status, body)
		}
	}
	do := func(h http.Handler, method, path, body string) {
		t.Helper()
		r := httptest.NewRequest(method, "http://localhost:6265/_mockbank/v1/workspaces/"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= http.StatusBadRequest {
			t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	ask(func(h http.Handler) {
		do(h, http.MethodPut, "stored", "{}")
		want(h, "stored", "1", 200)
		want(h, "looked-at", "1", 200)
	})
	ask(func(h http.Handler) {
		want(h, "stored", "2", 200)
		want(h, "stored", "3", 429)
		want(h, "looked-at", "1", 200)
		for _, name := range []string{"stored", "looked-at"} {
			do(h, http.MethodPost, name+"/reset", "")
			want(h, name, "1", 200)
		}
		do(h, http.MethodDelete, "stored", "")
		want(h, "stored", "1", 200)
	})
}
