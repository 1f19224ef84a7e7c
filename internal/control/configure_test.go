package control_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/control"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/store"
)

type m = map[string]any

func TestConfigure(t *testing.T) {
	h := build(t, func(cfg *app.Config) {
		cfg.Workspaces = map[string]map[string]any{"t2": nil, "t1": {
			"clock": "frozen@2027-03-01T08:00:00Z", "seed": uint64(7), "webhook_url": "http://inbox.localhost/t1/x", "webhook_insecure_tls": true,
			"settings": m{"toy": m{"cooldown": "5s"}}, "scenarios": m{"toy": m{"order": "manual"}},
			"clients": m{"toy": m{"mine": m{"secret": "s3cret", "settings": m{"ais": false}}, "demo": m{"webhook_url": "http://inbox.localhost/t1/y"}}},
		}}
	})
	if a := h.want(200, "GET", "/workspaces/t2", ""); a.at("stored") != false {
		t.Error("a workspace of which nothing is said was stored")
	}
	a := h.want(200, "GET", "/workspaces/t1", "")
	for want, got := range map[string]string{
		"2027-03-01T08:00:00Z": a.text("clock", "now"), "frozen": a.text("clock", "mode"), "manual": a.text("scenarios", "toy/order"),
		"5s": a.text("settings", "toy", "cooldown"), "http://inbox.localhost/t1/x": a.text("webhook_url"),
	} {
		if got != want {
			t.Errorf("got %q, want %q: %s", got, want, a.raw)
		}
	}
	if a.at("webhook_insecure_tls") != true || a.at("seed") != 7.0 {
		t.Errorf("the workspace: %s", a.raw)
	}
	if a := h.want(200, "GET", "/workspaces/t1/clients/toy/mine", ""); a.at("settings", "ais") != false || a.text("secret") == "" {
		t.Errorf("a client of the configuration: %s", a.raw)
	}
	if a := h.want(200, "GET", "/workspaces/t1/clients/toy/demo", ""); a.text("name") != "Demo" || a.text("webhook_url") == "" {
		t.Errorf("a shipped client: %s", a.raw)
	}
}

// TestAConfigurationOverwritesOnlyWhatItNames at every start over the same data.
func TestAConfigurationOverwritesOnlyWhatItNames(t *testing.T) {
	kept := mem.New()
	over := func(name string, said map[string]any, do func(*house)) {
		t.Run(name, func(t *testing.T) {
			do(build(t, func(cfg *app.Config) { cfg.Driver, cfg.Workspaces = kept, map[string]map[string]any{"a": said} }))
		})
	}
	over("first", m{"seed": uint64(7), "settings": m{"toy": m{"cooldown": "5s"}}}, firstStart)
	over("second", m{"settings": m{"toy": m{"cooldown": "9s"}}, "clients": m{"toy": m{"mine": m{"name": "Ours"}}}}, secondStart)
}

func firstStart(h *house) {
	h.want(200, "PUT", "/workspaces/a", `{"seed":8,"webhook_url":"http://inbox.localhost/a/x","scenarios":{"toy/order":"manual"}}`)
	h.want(201, "PUT", "/workspaces/a/clients/toy/mine", `{"name":"Mine","secret":"s3cret"}`)
	h.order("a", "x")
}

func secondStart(h *house) {
	t := h.t
	a := h.want(200, "GET", "/workspaces/a", "")
	if a.at("seed") != 8.0 || a.text("webhook_url") == "" || a.text("scenarios", "toy/order") != "manual" || a.text("settings", "toy", "cooldown") != "9s" {
		t.Errorf("after a second start: %s", a.raw)
	}
	if a := h.want(200, "GET", "/workspaces/a/clients/toy/mine", ""); a.text("name") != "Ours" || a.text("secret") == "" {
		t.Errorf("the client: %s", a.raw)
	}
	if a := h.want(200, "GET", "/workspaces/a/entities?kind=order", ""); a.len("items") != 1 {
		t.Errorf("the orders: %s", a.raw)
	}
}

// TestABadConfigurationNamesItsPlace, and leaves nothing of itself.
func TestABadConfigurationNamesItsPlace(t *testing.T) {
	c := bare(t)
	for name, tt := range map[string]struct {
		said          map[string]any
		pointer, want string
	}{
		"unknown":          {m{"webhook_ulr": "http://x.example"}, "/webhook_ulr", "did you mean webhook_url?"},
		"unknown of one":   {m{"clients": m{"toy": m{"a": m{"public_key": "x"}}}}, "/clients/toy/a/public_key", "did you mean public_key_pem?"},
		"clock":            {m{"clock": "x0"}, "/clock", "scale must be above 0"},
		"early":            {m{"clock": "frozen@1969-01-01T00:00:00Z"}, "/clock", "Time goes from"},
		"seed":             {m{"seed": "many"}, "/seed", "must be"},
		"K13 scheme":       {m{"webhook_url": "ftp://x"}, "/webhook_url", "must begin with http:// or https://"},
		"K13 nothing":      {m{"webhook_url": nil}, "/webhook_url", "must not be null"},
		"K13 empty":        {m{"webhook_url": ""}, "/webhook_url", "must not be empty"},
		"K13 of a client":  {m{"clients": m{"toy": m{"a": m{"webhook_url": "nowhere"}}}}, "/clients/toy/a/webhook_url", "must begin with"},
		"K13 empty of one": {m{"clients": m{"toy": m{"a": m{"webhook_url": ""}}}}, "/clients/toy/a/webhook_url", "leave the key out for none"},
		"provider":         {m{"clients": m{"toi": m{"a": m{}}}}, "/clients/toi", "did you mean toy?"},
		"id":               {m{"clients": m{"toy": m{"two words": m{}}}}, "/clients/toy/two words", "no id of a client"},
		"setting of one":   {m{"clients": m{"toy": m{"a": m{"settings": m{"aiss": true}}}}}, "/clients/toy/a/settings/aiss", "did you mean ais?"},
		"kind":             {m{"scenarios": m{"toy": m{"oder": "paid"}}}, "/scenarios/toy/oder", "order"},
		"scenario":         {m{"scenarios": m{"toy": m{"order": "payed"}}}, "/scenarios/toy/order", "paid"},
		"setting":          {m{"settings": m{"toy": m{"cooldwn": "5s"}}}, "/settings/toy/cooldwn", "did you mean cooldown?"},
		"no mapping":       {m{"clients": m{"toy": []any{1}}}, "/clients/toy", "must be"},
		"K10 private key": {m{"clients": m{"toy": m{"a": m{"public_key_pem": "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----"}}}},
			"/clients/toy/a/public_key_pem", "this is a private key"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.Configure(t.Context(), "t1", tt.said)
			var wrong *control.ConfigurationError
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v", err)
			}
			if wrong.Workspace != "t1" || wrong.Pointer != tt.pointer || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("at %s: %v", wrong.Pointer, err)
			}
		})
	}
	if c.Store.Stored("t1") {
		t.Error("something of a bad configuration was stored")
	}
}

// bare is a control API over a store of its own, with the spec that other tests have read already.
func bare(t *testing.T) *control.Control {
	t.Helper()
	house, err := app.New(config(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{Driver: mem.New(), Wall: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler), MaxWorkspaces: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return control.New(control.Config{Spec: controlSpec(), Store: s, Providers: house.Providers})
}
