package control_test

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/mockbank/mockbank/internal/app"
)

func TestRequests(t *testing.T) {
	h := build(t, nil)
	id := h.order("a", "x")
	h.order("a", "m-1")
	h.send(httptest.NewRequest("GET", "http://localhost:6265/w/a/toy/nowhere?token=s3cret-token", nil))
	all := h.want(200, "GET", "/workspaces/a/requests", "")
	if all.len("items") != 3 || all.at("items", 0, "id") != 3.0 || all.text("items", 0, "verdict", "step") != "route" || all.at("items", 0, "request") != nil {
		t.Fatalf("three requests, the newest first: %s", all.raw)
	}
	if strings.Contains(all.raw, "s3cret") {
		t.Errorf("a secret shows: %s", all.raw)
	}
	for filter, want := range map[string]int{
		"provider=toy": 3, "operation=createOrder": 2, "status=201": 2, "status=4": 1, "path=/orders": 2, "path=/o*": 2, "method=GET": 1, "client=x": 0,
		"entity=" + id: 1, "scenario=manual": 1, "since=2026-01-15T10:30:00Z": 3, "since=2026-01-15T10:30:00.001Z": 0, "beyond=2": 1,
	} {
		if n := h.want(200, "GET", "/workspaces/a/requests?"+filter, "").len("items"); n != want {
			t.Errorf("%s: %d requests, want %d", filter, n, want)
		}
	}
	page := h.want(200, "GET", "/workspaces/a/requests?limit=2", "")
	rest := h.want(200, "GET", "/workspaces/a/requests?limit=2&after="+page.text("next"), "")
	if rest.len("items") != 1 || rest.at("items", 0, "id") != 1.0 || rest.text("next") != "" {
		t.Errorf("the second page: %s", rest.raw)
	}
	one := h.want(200, "GET", "/workspaces/a/requests/1", "")
	if one.text("request", "body") != `{"ref":"x","amount":5}` || one.text("reply", "body") != `{"id":"`+id+`"}` || one.text("entity") != "order/"+id {
		t.Errorf("the first one: %s", one.raw)
	}
	if har := h.want(200, "GET", "/workspaces/a/requests.har?operation=createOrder", ""); har.len("log", "entries") != 2 || har.text("log", "creator", "version") != "test" {
		t.Errorf("the archive: %s", har.raw)
	}
	h.want(404, "GET", "/workspaces/a/requests/4", "")
	h.want(404, "GET", "/workspaces/b/requests/1", "")
	for _, query := range []string{"provider=tin", "status=0", "status=x", "since=soon", "beyond=-1", "after=x"} {
		h.want(422, "GET", "/workspaces/a/requests?"+query, "")
	}
}

// TestAProviderNamesSecretsOfItsOwn, which no view shows from then on.
func TestAProviderNamesSecretsOfItsOwn(t *testing.T) {
	h := build(t, func(cfg *app.Config) { cfg.Providers[0].Secrets = []string{"ref"} })
	h.order("a", "the-quiet-one")
	if one := h.want(200, "GET", "/workspaces/a/requests/1", ""); one.text("request", "body") != `{"ref":"***","amount":5}` {
		t.Errorf("got %s", one.raw)
	}
	for _, path := range []string{"/workspaces/a/requests", "/workspaces/a/requests/1", "/workspaces/a/requests.har"} {
		if a := h.want(200, "GET", path, ""); strings.Contains(a.raw, "quiet") {
			t.Errorf("%s shows it: %s", path, a.raw)
		}
	}
}

func TestResetAndDeleteDropTheJournal(t *testing.T) {
	h := build(t, nil)
	for _, drop := range [][2]string{{"DELETE", "/workspaces/a/requests"}, {"POST", "/workspaces/a/reset"}, {"DELETE", "/workspaces/a"}} {
		h.order("a", "x")
		h.order("b", "x")
		h.do(drop[0], drop[1], "")
		if n := h.want(200, "GET", "/workspaces/a/requests", "").len("items"); n != 0 {
			t.Errorf("%s %s leaves %d requests", drop[0], drop[1], n)
		}
	}
	if n := h.want(200, "GET", "/workspaces/b/requests", "").len("items"); n != 3 {
		t.Errorf("b has %d requests left", n)
	}
}

func TestVerifyRequests(t *testing.T) {
	h := build(t, nil)
	h.order("a", "x")
	h.order("a", "y")
	for body, want := range map[string]bool{
		`{"match":{"operation":"createOrder"}}`:                                    true,
		`{"match":{"operation":"createOrder"},"times":2}`:                          true,
		`{"match":{"operation":"createOrder"},"times":1}`:                          false,
		`{"match":{"operation":"createOrder"},"times":0}`:                          false,
		`{"match":{"operation":"createOrder"},"times":{"exactly":2}}`:              true,
		`{"match":{"operation":"createOrder"},"times":{"at_least":3}}`:             false,
		`{"match":{"operation":"createOrder"},"times":{"at_most":1}}`:              false,
		`{"match":{"operation":"createOrder"},"times":{"at_least":1,"at_most":2}}`: true,
		`{"match":{"operation":"createOrder"},"times":{"never":true}}`:             false,
		`{"match":{"body":{"ref":"z"}},"times":{"never":true}}`:                    true,
		`{"match":{"body":{"ref":"x","amount":5.0},"status":2}}`:                   true,
		`{"match":{}}`: true,
		`{"in_order":[{"body":{"ref":"x"}},{"body":{"ref":"y"}}]}`: true,
		`{"in_order":[{"body":{"ref":"y"}},{"body":{"ref":"x"}}]}`: false,
	} {
		if a := h.want(200, "POST", "/workspaces/a/requests/verify", body); a.at("pass") != want {
			t.Errorf("%s: %s", body, a.raw)
		}
	}
	a := h.want(200, "POST", "/workspaces/a/requests/verify", `{"match":{"body":{"ref":"z"}}}`)
	if a.len("nearest") != 2 || a.at("nearest", 0, "request") != 2.0 || a.text("nearest", 0, "differences", 0) != `body /ref: want "z", got "y"` {
		t.Errorf("the nearest: %s", a.raw)
	}
	for _, body := range []string{
		`{}`, `{"times":1}`, `{"match":{},"in_order":[{}]}`, `{"in_order":[]}`, `{"in_order":[{}],"times":1}`, `{"match":{"sttaus":1}}`, `{"match":{},"times":-1}`,
		`{"match":{},"times":{}}`, `{"match":{},"times":"once"}`, `{"match":{},"times":{"never":true,"exactly":1}}`, `{"match":{},"times":{"exactly":1,"at_most":1}}`,
		`{"match":{},"times":{"at_least":2,"at_most":1}}`, `{"match":{},"times":{"never":false}}`,
	} {
		h.want(422, "POST", "/workspaces/a/requests/verify", body)
	}
	h.want(400, "POST", "/workspaces/a/requests/verify", `{`)
}

// TestWorkspacesSeeTheirOwnRequests while all of them call at once.
func TestWorkspacesSeeTheirOwnRequests(t *testing.T) {
	h := build(t, func(cfg *app.Config) { cfg.MaxWorkspaces = 100 })
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			name := "w-" + string(rune('a'+i))
			for range 3 {
				h.order(name, name)
			}
			a := h.want(200, "POST", "/workspaces/"+name+"/requests/verify", `{"match":{"body":{"ref":"`+name+`"}},"times":3}`)
			if list := h.want(200, "GET", "/workspaces/"+name+"/requests", ""); a.at("pass") != true || list.len("items") != 3 {
				t.Errorf("%s: %s %s", name, a.raw, list.raw)
			}
		})
	}
	all.Wait()
}
