package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/app"
)

func TestWorkspaces(t *testing.T) {
	h := build(t, nil)
	if a := h.want(200, "GET", "/workspaces/a", ""); a.at("stored") != false {
		t.Errorf("reading made a workspace: %s", a.raw)
	}
	a := h.want(201, "PUT", "/workspaces/a", `{
		"seed":7,"ids_as":"b","clock":{"mode":"scaled","scale":60,"now":"2026-03-01T00:00:00Z"},"scenarios":{"toy/order":"manual"},
		"settings":{"toy":{"cooldown":"5s"}},"webhook_url":"http://inbox.localhost/a/x","webhook_insecure_tls":true}`)
	for path, want := range map[string]any{
		"seed": 7.0, "ids_as": "b", "stored": true, "webhook_url": "http://inbox.localhost/a/x", "webhook_insecure_tls": true,
	} {
		if a.at(path) != want {
			t.Errorf("%s is %v, want %v", path, a.at(path), want)
		}
	}
	if a.text("scenarios", "toy/order") != "manual" || a.text("settings", "toy", "cooldown") != "5s" || a.at("clock", "scale") != 60.0 {
		t.Errorf("not as asked for: %s", a.raw)
	}
	// What is not given stays; what is empty goes.
	a = h.want(200, "PUT", "/workspaces/a", `{"ids_as":"","scenarios":{"toy/order":""},"settings":{"toy":{}}}`)
	if a.at("ids_as") != nil || a.at("seed") != 7.0 || a.text("webhook_url") == "" || a.at("scenarios", "toy/order") != nil || a.at("settings", "toy") != nil {
		t.Errorf("after taking some away: %s", a.raw)
	}
	if a := h.want(200, "GET", "/workspaces/a/settings", ""); a.text("toy", "cooldown") != "60s" {
		t.Errorf("the defaults are not back: %s", a.raw)
	}
	h.want(204, "DELETE", "/workspaces/a", "")
	h.want(204, "DELETE", "/workspaces/a", "")
	if a := h.want(200, "GET", "/workspaces/a", ""); a.at("stored") != false || a.at("seed") != 1.0 {
		t.Errorf("after its removal: %s", a.raw)
	}
}

func TestBadWorkspaces(t *testing.T) {
	h := build(t, nil)
	for body, want := range map[string]struct {
		status  int
		pointer string
		says    string
	}{
		`{"settings":{"toi":{}}}`:                                       {422, "/settings/toi", "did you mean toy?"},
		`{"settings":{"toy":{"cool_down":"5s"}}}`:                       {422, "/settings/toy/cool_down", "did you mean cooldown?"},
		`{"settings":{"toy":{"zzzzzzzzzzzz":1}}}`:                       {422, "/settings/toy/zzzzzzzzzzzz", "known are webhook_alg, cooldown"},
		`{"settings":{"toy":{"cooldown":"5"}}}`:                         {422, "/settings/toy/cooldown", "duration"},
		`{"settings":{"toy":{"cooldown":5}}}`:                           {422, "/settings/toy/cooldown", "must be a string"},
		`{"settings":{"toy":{"webhook_alg":"none"}}}`:                   {422, "/settings/toy/webhook_alg", "one of RS256, ES256"},
		`{"settings":{"a/b~c":{}}}`:                                     {422, "/settings/a~1b~0c", "known are toy"},
		`{"scenarios":{"toy/order":"nope"}}`:                            {400, "/scenarios/toy~1order", "it has paid, manual"},
		`{"scenarios":{"toy/receipt":"paid"}}`:                          {422, "/scenarios/toy~1receipt", "no scenarios of its own"},
		`{"scenarios":{"toy/orders":"paid"}}`:                           {404, "/scenarios/toy~1orders", "it has order, receipt, voucher"},
		`{"scenarios":{"toy":"paid"}}`:                                  {404, "/scenarios/toy", "no kind"},
		`{"webhook_url":"ftp://x"}`:                                     {422, "/webhook_url", "http"},
		`{"webhook_url":"http://localhost:6265/_mockbank/v1/health"}`:   {422, "/webhook_url", ""},
		`{"ids_as":"Not A Name"}`:                                       {400, "/ids_as", "40 characters"},
		`{"clock":{"mode":"scaled"}}`:                                   {422, "/clock/scale", "scale"},
		`{"clock":{"now":"1969-01-01T00:00:00Z"}}`:                      {422, "/clock/now", "1970"},
		`{"seed":9007199254740992}`:                                     {422, "/seed", "between 0 and 9007199254740991"},
		`{"name":"b"}`:                                                  {422, "/name", "not known"},
		`{"webhook_insecure_tls":"yes"}`:                                {422, "/webhook_insecure_tls", "boolean"},
		`{"webhook_url":null}`:                                          {422, "/webhook_url", "null"},
		`{"settings":{"toy":{"cooldown":"1s"}},"scenarios":{"x/y":""}}`: {404, "/scenarios/x~1y", "no provider"},
	} {
		a := h.do("PUT", "/workspaces/a", body)
		if a.status != want.status || a.text("violations", 0, "pointer") != want.pointer || !strings.Contains(a.raw, want.says) {
			t.Errorf("%s: want %d at %s with %q, got %d: %s", body, want.status, want.pointer, want.says, a.status, a.raw)
		}
	}
	if a := h.want(200, "GET", "/workspaces/a", ""); a.at("stored") != false {
		t.Errorf("something of a refused change was stored: %s", a.raw)
	}
}

func TestTooManyWorkspaces(t *testing.T) {
	h := build(t, func(cfg *app.Config) { cfg.MaxWorkspaces = 2 })
	h.want(201, "PUT", "/workspaces/a", "{}")
	h.want(201, "PUT", "/workspaces/b", "{}")
	a := h.want(429, "PUT", "/workspaces/c", "{}")
	if !strings.Contains(a.text("detail"), "--max-workspaces") {
		t.Errorf("no remedy: %s", a.raw)
	}
}

func TestReset(t *testing.T) {
	h := build(t, nil)
	h.want(200, "POST", "/workspaces/none/reset", "")
	if h.want(200, "GET", "/workspaces/none", "").at("stored") != false {
		t.Error("a reset made a workspace")
	}
	h.want(201, "PUT", "/workspaces/a", `{"settings":{"toy":{"cooldown":"5s"}},"webhook_url":"http://inbox.localhost/a/x","scenarios":{"toy/order":"manual"}}`)
	h.want(201, "PUT", "/workspaces/a/clients/toy/mine", `{"secret":"s"}`)
	id := h.order("a", "x")
	h.want(200, "POST", "/workspaces/a/entities/toy/order/"+id+"/events", `{"event":"pay"}`)
	h.settled("a")
	h.want(200, "POST", "/workspaces/a/clock/advance", `{"by":"1m"}`)
	a := h.want(200, "POST", "/workspaces/a/reset", "")
	if a.text("clock", "now") != "2026-01-15T10:31:00Z" || a.text("settings", "toy", "cooldown") != "5s" || a.text("scenarios", "toy/order") != "manual" {
		t.Errorf("what a reset keeps: %s", a.raw)
	}
	h.want(200, "GET", "/workspaces/a/clients/toy/mine", "")
	for _, list := range []string{"entities", "deliveries", "inbox/x"} {
		if n := h.want(200, "GET", "/workspaces/a/"+list, "").len("items"); n != 0 {
			t.Errorf("%d of %s outlived a reset", n, list)
		}
	}
	if again := h.order("a", "x"); again != id {
		t.Errorf("the first order after a reset is %s, and was %s", again, id)
	}
}

// Paging a list gives each item once, in order, whatever the page's length.
func TestPages(t *testing.T) {
	h := build(t, nil)
	for i := range 7 {
		h.want(201, "PUT", fmt.Sprintf("/workspaces/w%d", i), "{}")
		h.want(201, "PUT", fmt.Sprintf("/workspaces/a/clients/toy/c%d", i), "{}")
		h.order("a", fmt.Sprint(i))
	}
	for _, list := range []struct{ path, key string }{
		{"/workspaces?", "name"}, {"/workspaces/a/clients?", "id"}, {"/workspaces/a/entities?", "id"}, {"/workspaces/a/scenarios?", "name"},
		{"/workspaces/a/entities?kind=order&", "id"}, {"/workspaces/a/entities?state=created&", "id"}, {"/providers?", "id"},
	} {
		whole := h.pages(list.path+"limit=500", list.key)
		if len(whole) == 0 {
			t.Errorf("%s is empty", list.path)
		}
		for _, limit := range []int{1, 2, 3, 7, 8} {
			got := h.pages(fmt.Sprintf("%slimit=%d", list.path, limit), list.key)
			if !slices.Equal(got, whole) {
				t.Errorf("%s by %d: %v, want %v", list.path, limit, got, whole)
			}
		}
	}
}

// pages reads a list to its end.
func (h *house) pages(path, key string) (all []string) {
	h.t.Helper()
	after := ""
	for {
		a := h.want(200, "GET", path+after, "")
		for i := range a.len("items") {
			all = append(all, a.text("items", i, key))
		}
		if a.text("next") == "" {
			return all
		}
		after = "&after=" + a.text("next")
		if len(all) > 1000 {
			h.t.Fatalf("%s does not end", path)
		}
	}
}

func TestBadPages(t *testing.T) {
	h := build(t, nil)
	h.order("a", "x")
	for _, path := range []string{
		"/workspaces?limit=0", "/workspaces?limit=501", "/workspaces?limit=-1", "/workspaces?limit=1.5", "/workspaces?limit=x", "/workspaces?limit=1&limit=2",
		"/workspaces?after=", "/workspaces/a/entities?after=x", "/workspaces/a/entities?after=e30", "/workspaces/a/entities?after=eyJ4IjoxfQ",
		"/workspaces/a/entities?after=eyJ0b3kvb3JkZXIiOi0xfQ", "/workspaces/a/entities?provider=nope", "/workspaces/a/entities?kind=nope",
		"/workspaces/a/deliveries?after=x", "/workspaces/a/deliveries?after=0", "/workspaces/a/deliveries?after=99999999999999999999",
		"/workspaces/a/deliveries?state=lost", "/workspaces/a/inbox/x?after=-1", "/workspaces/a/clients?provider=nope", "/workspaces/a/scenarios?provider=nope",
	} {
		h.want(422, "GET", path, "")
	}
	h.want(400, "GET", "/providers?workspace=Bad_Name", "")
	h.want(400, "GET", "/workspaces?limit=%zz", "")
	h.want(400, "GET", "/workspaces?after=%ff", "")
	h.want(404, "GET", "/workspaces/%ff", "")
}

func TestProviders(t *testing.T) {
	h := build(t, nil)
	a := h.want(200, "GET", "/providers", "")
	if a.text("items", 0, "faces", 0, "base_url") != "http://localhost:6265/toy" || a.text("items", 0, "credentials", 1, "value") != "demo-secret" ||
		a.text("items", 0, "settings", "cooldown") != "60s" || a.text("items", 0, "scenarios", 1, "select", "ref") != "m-1" {
		t.Errorf("what a newcomer needs: %s", a.raw)
	}
	if a := h.want(200, "GET", "/providers?workspace=t1", ""); a.text("items", 0, "faces", 0, "base_url") != "http://localhost:6265/w/t1/toy" {
		t.Errorf("in a workspace: %s", a.raw)
	}
	public := build(t, func(cfg *app.Config) { cfg.PublicURL = "https://mock.example/" })
	if a := public.want(200, "GET", "/providers", ""); a.text("items", 0, "spec_url") != "https://mock.example/toy/openapi.yaml" {
		t.Errorf("with a public URL: %s", a.raw)
	}
	if a := h.want(200, "GET", "/openapi.yaml", ""); !strings.Contains(a.raw, `url: "http://localhost:6265/_mockbank/v1"`) {
		t.Errorf("the spec does not name where it was asked for: %.1000s", a.raw)
	}
}

func TestConfigure(t *testing.T) {
	h := build(t, func(cfg *app.Config) {
		cfg.Settings = map[string]map[string]map[string]any{"t1": {"toy": {"cooldown": "5s"}}, "t2": nil}
	})
	if a := h.want(200, "GET", "/workspaces/t1/settings", ""); a.text("toy", "cooldown") != "5s" {
		t.Errorf("the configuration's settings: %s", a.raw)
	}
	if a := h.want(200, "GET", "/workspaces/t2", ""); a.at("stored") != false {
		t.Error("a workspace without settings was stored")
	}
}
