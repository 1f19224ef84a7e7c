package app_test

import (
	"context"
	"io"
	"log/slog"
	"net"
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

// toyConfig is that of a house with the counting provider, on the machine's clock.
func toyConfig(t *testing.T) app.Config {
	t.Helper()
	control, err := specs.FS.ReadFile("control.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return app.Config{
		Driver: mem.New(), Wall: clock.System, Log: slog.New(slog.DiscardHandler), Providers: []*provider.Provider{counting()},
		MaxWorkspaces: 9, ControlOpen: true,
		Specs: fstest.MapFS{"toy.yaml": {Data: []byte(toySpec)}, "control.yaml": {Data: control}}, Scenarios: fstest.MapFS{},
	}
}

// serve has the house serve on a free port until stop; ended tells how that ended.
func serve(t *testing.T, cfg app.Config) (address string, stop context.CancelFunc, ended <-chan error) {
	t.Helper()
	a, err := app.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, app.Listener{Listener: l}) }()
	return l.Addr().String(), stop, done
}

// TestUsageIsStoredAtTheEnd: a mockbank that was stopped goes on counting where it was.
func TestUsageIsStoredAtTheEnd(t *testing.T) {
	start := time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)
	driver := mem.New()
	ask := func(run func(http.Handler)) {
		cfg := toyConfig(t)
		cfg.Driver, cfg.Wall, cfg.Clock = driver, func() time.Time { return start }, clock.Setting{Mode: clock.Frozen, Base: start}
		cfg.MaxWorkspaces = 2
		a, err := app.New(cfg)
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

// A world goes on counting its requests after a restart, so that ids which derive from the count never repeat in it.
func TestRequestsAreCountedOnAfterARestart(t *testing.T) {
	cfg := toyConfig(t)
	const world = "/_mockbank/v1/workspaces/stored"
	during := func(play func(send func(method, path, body string) string)) {
		address, stop, ended := serve(t, cfg)
		play(func(method, path, body string) string { return sent(t, method, "http://"+address+path, body) })
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	expect := func(send func(method, path, body string) string, want int) {
		t.Helper()
		if snapshot := send(http.MethodGet, world+"/snapshot", ""); !strings.Contains(snapshot, `"requests": `+strconv.Itoa(want)+",") {
			t.Errorf("the snapshot does not count %d requests: %.300s", want, snapshot)
		}
	}
	during(func(send func(method, path, body string) string) {
		send(http.MethodPut, world, "{}")
		send(http.MethodGet, "/w/stored/toy/count", "")
		send(http.MethodGet, "/w/stored/toy/count", "")
	})
	during(func(send func(method, path, body string) string) {
		expect(send, 2)
		send(http.MethodGet, "/w/stored/toy/count", "")
		expect(send, 3)
		send(http.MethodPost, world+"/reset", "")
		send(http.MethodGet, "/w/stored/toy/count", "")
	})
	during(func(send func(method, path, body string) string) { expect(send, 1) })
}

func sent(t *testing.T, method, address, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	all, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}
