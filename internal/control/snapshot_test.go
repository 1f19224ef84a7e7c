package control_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// TestASnapshotIsTrueToTheSpec, which its reply is not held against when it is sent: it may be long.
func TestASnapshotIsTrueToTheSpec(t *testing.T) {
	h := build(t, nil)
	h.want(201, "PUT", "/workspaces/a", `{"webhook_url":"http://inbox.localhost/a/x","ids_as":"b","scenarios":{"toy/order":"paid"},"settings":{"toy":{"cooldown":"5s"}}}`)
	h.want(201, "PUT", "/workspaces/a/clients/toy/mine", `{"secret":"s3cret"}`)
	h.want(200, "POST", "/workspaces/a/keys/toy/rotate", "")
	id := h.order("a", "x")
	h.want(200, "POST", "/workspaces/a/entities/toy/order/"+id+"/events", `{"event":"pay"}`)
	h.settled("a")
	a := h.want(200, "GET", "/workspaces/a/snapshot", "")
	value, err := strictjson.Decode([]byte(a.raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range h.spec.Schema("Snapshot").Check(value) {
		t.Errorf("%s %s", broken.Pointer, broken.Message)
	}
	for _, has := range []string{id, "s3cret", `"settings":{"toy":{"cooldown":"5s"}}`, `"rotation": [`, `"delivery-attempt": [`, `"toy/order": [`} {
		if !strings.Contains(a.raw, has) {
			t.Errorf("it has no %s:\n%s", has, a.raw)
		}
	}
}

// TestALoadReplacesAll, timers and notifications included, and what was under way is dropped.
func TestALoadReplacesAll(t *testing.T) {
	h := build(t, nil)
	h.want(201, "PUT", "/workspaces/a", `{"webhook_url":"http://inbox.localhost/a/x"}`)
	id := h.order("a", "x")
	one := "/entities/toy/order/" + id
	h.want(200, "POST", "/workspaces/a"+one+"/events", `{"event":"pay"}`)
	h.settled("a")
	saved := h.want(200, "GET", "/workspaces/a/snapshot", "").raw

	h.want(201, "PUT", "/workspaces/a/clients/toy/later", `{"secret":"s"}`)
	h.order("a", "y")
	h.want(200, "POST", "/workspaces/a/clock/advance", `{"by":"1h"}`)
	if a := h.want(200, "GET", "/workspaces/a"+one, ""); a.text("state") != "settled" {
		t.Fatalf("before: %s", a.raw)
	}
	h.want(200, "PUT", "/workspaces/a/snapshot", saved)
	if a := h.want(200, "GET", "/workspaces/a"+one, ""); a.text("state") != "paying" || a.len("next") == 0 {
		t.Errorf("after: %s", a.raw)
	}
	if a := h.want(200, "GET", "/workspaces/a/entities?kind=order", ""); a.len("items") != 1 {
		t.Errorf("what came later is still there: %s", a.raw)
	}
	h.want(404, "GET", "/workspaces/a/clients/toy/later", "")
	if a := h.want(200, "GET", "/workspaces/a/deliveries", ""); a.len("items") != 1 {
		t.Errorf("deliveries: %s", a.raw)
	}
	// Its timers run, here and in another workspace, which shares nothing with it.
	h.want(201, "PUT", "/workspaces/b/snapshot", saved)
	h.want(200, "POST", "/workspaces/b/clock/advance", `{"by":"1m"}`)
	for name, state := range map[string]string{"a": "paying", "b": "settled"} {
		if a := h.want(200, "GET", "/workspaces/"+name+one, ""); a.text("state") != state {
			t.Errorf("%s: %s", name, a.raw)
		}
	}
	if first, second := h.order("a", "z"), h.order("b", "z"); first == second {
		t.Errorf("both made %s", first)
	}
}

func TestBadSnapshots(t *testing.T) {
	h := build(t, nil)
	h.want(201, "PUT", "/workspaces/a", `{"settings":{"toy":{"cooldown":"5s"}},"scenarios":{"toy/order":"paid"},"webhook_url":"http://inbox.localhost/a/x"}`)
	h.order("a", "x")
	saved := h.want(200, "GET", "/workspaces/a/snapshot", "").raw
	for _, tt := range []struct {
		old, broken, pointer, says string
	}{
		{`"version": 1`, `"version": 9`, "/version", "newer"},
		{`"toy":{"cooldown":"5s"}`, `"toy":{"cooldown":"5"}`, "/workspace/settings/toy/cooldown", "duration"},
		{`"toy":{"cooldown":"5s"}`, `"toy":{"cool":"5s"}`, "/workspace/settings/toy/cool", "cooldown"},
		{`"toy":{"cooldown":"5s"}`, `"toi":{}`, "/workspace/settings/toi", "did you mean toy?"},
		{`"toy/order":"paid"`, `"toy/order":"paying"`, "/workspace/scenarios/toy~1order", "--scenarios"},
		{`"toy/order":"paid"`, `"toy/ode":"paid"`, "/workspace/scenarios/toy~1ode", "no kind"},
		{`"http://inbox.localhost/a/x"`, `"ftp://x"`, "/workspace/webhook_url", "http"},
		{`"seed":1`, `"seed":1,"ids_as":"No Name"`, "/workspace/ids_as", "40 characters"},
		{`"state":"created"`, `"state":"creatd"`, "/entities/toy~1order/0", "no state"},
		{`"data":{"ref":"x"`, `"data":{"ref":7`, "/entities/toy~1order/0/data/ref", "a text"},
		{`"class":"timer"`, `"class":7`, "/jobs/0/class", "a text"},
	} {
		if !strings.Contains(saved, tt.old) {
			t.Fatalf("the snapshot has no %s:\n%s", tt.old, saved)
		}
		a := h.do("PUT", "/workspaces/b/snapshot", strings.Replace(saved, tt.old, tt.broken, 1))
		if a.status < 400 || a.status >= 500 || a.text("violations", 0, "pointer") != tt.pointer || !strings.Contains(a.raw, tt.says) {
			t.Errorf("%s: %d %s; want %q at %s", tt.broken, a.status, a.raw, tt.says, tt.pointer)
		}
	}
	unknown := strings.NewReplacer(`"toy/order": [`, `"toy/ode": [`, `"toy/order": 1`, `"toy/ode": 1`)
	if a := h.want(422, "PUT", "/workspaces/b/snapshot", unknown.Replace(saved)); a.text("violations", 0, "pointer") != "/entities/toy~1ode/0" {
		t.Error(a.raw)
	}
	h.want(422, "PUT", "/workspaces/b/snapshot", "")
	h.want(422, "PUT", "/workspaces/b/snapshot", saved[:len(saved)/2])
	if a := h.want(200, "GET", "/workspaces/b", ""); a.at("stored") != false {
		t.Errorf("a refused snapshot made a workspace: %s", a.raw)
	}
}

// TestLongSnapshots: both ways are bounded, and the refusal tells by what.
func TestLongSnapshots(t *testing.T) {
	h := build(t, func(cfg *app.Config) { cfg.MaxSnapshot = 2000 })
	saved := h.want(200, "GET", "/workspaces/a/snapshot", "").raw
	for range 3 {
		h.order("a", "x")
	}
	if a := h.want(413, "GET", "/workspaces/a/snapshot", ""); !strings.Contains(a.text("detail"), "--max-snapshot") {
		t.Error(a.raw)
	}
	for _, length := range []int64{2001, -1} { // -1: nobody says how long it is
		r := httptest.NewRequest("PUT", "http://localhost:6265/_mockbank/v1/workspaces/a/snapshot", strings.NewReader(saved+strings.Repeat(" ", 3000)))
		r.Header.Set("Content-Type", "application/json")
		r.ContentLength = length
		if a := h.send(r); a.status != 413 || a.header.Get("Connection") != "close" || !strings.Contains(a.text("detail"), "--max-snapshot") {
			t.Errorf("%d: %s", a.status, a.raw)
		}
	}
	h.want(200, "PUT", "/workspaces/a/snapshot", saved)
}

// TestSnapshotsWantTheToken also where the rest is open, once there is one.
func TestSnapshotsWantTheToken(t *testing.T) {
	for _, token := range []string{"", "right"} {
		h := build(t, func(cfg *app.Config) { cfg.ControlToken = token })
		saved := h.order("a", "x")
		want := map[bool]int{true: 200, false: 401}[token == ""]
		h.want(want, "GET", "/workspaces/a/snapshot", "")
		if a := h.do("PUT", "/workspaces/a/snapshot", `{}`); (a.status == 401) != (token != "") {
			t.Errorf("with the token %q: %s", token, a.raw)
		}
		h.want(200, "GET", "/workspaces/a", "")
		a := h.request("GET", "localhost:6265", "/_mockbank/v1/workspaces/a/snapshot", "Authorization", "Bearer right")
		if a.status != 200 || !strings.Contains(a.raw, saved) {
			t.Errorf("with the token: %d %s", a.status, a.raw)
		}
	}
}

// TestNothingIsLoadedIntoAJump: the jump would go on in a world that it did not begin in.
func TestNothingIsLoadedIntoAJump(t *testing.T) {
	h, leave, jumped := jumping(t)
	saved := h.want(200, "GET", "/workspaces/a/snapshot", "").raw
	if a := h.want(409, "PUT", "/workspaces/a/snapshot", saved); a.text("code") != "advancing" {
		t.Error(a.raw)
	}
	// Elsewhere it is loaded, and time stands where the jump was.
	h.want(201, "PUT", "/workspaces/b/snapshot", saved)
	if a := h.want(200, "GET", "/workspaces/b/clock", ""); a.at("advancing") != false || a.text("mode") != "frozen" {
		t.Error(a.raw)
	}
	leave()
	<-jumped
	h.want(200, "PUT", "/workspaces/a/snapshot", saved)
}

// TestOneWorkspaceTooMany is told with the remedy, however it would come to be.
func TestOneWorkspaceTooMany(t *testing.T) {
	h := build(t, func(cfg *app.Config) { cfg.MaxWorkspaces = 1 })
	saved := h.want(200, "GET", "/workspaces/a/snapshot", "").raw
	h.want(201, "PUT", "/workspaces/a", `{}`)
	for path, body := range map[string]string{"/workspaces/b": `{}`, "/workspaces/b/snapshot": saved} {
		a := h.want(429, "PUT", path, body)
		if !strings.Contains(a.text("detail"), "DELETE") || !strings.Contains(a.text("detail"), "--max-workspaces") {
			t.Errorf("%s names no remedy: %s", path, a.raw)
		}
	}
	h.want(204, "DELETE", "/workspaces/a", "")
	h.want(201, "PUT", "/workspaces/b/snapshot", saved)
}

// BenchmarkReset resets a workspace with ten thousand orders and as many receipts.
func BenchmarkReset(b *testing.B) {
	h := build(b, nil)
	for range 10_000 {
		h.order("full", "x")
	}
	saved := h.want(200, "GET", "/workspaces/full/snapshot", "").raw
	for b.Loop() {
		b.StopTimer()
		h.do("PUT", "/workspaces/a/snapshot", saved)
		b.StartTimer()
		h.want(200, "POST", "/workspaces/a/reset", "")
	}
}

// BenchmarkSnapshot writes and loads that workspace.
func BenchmarkSnapshot(b *testing.B) {
	h := build(b, nil)
	for range 10_000 {
		h.order("full", "x")
	}
	saved := h.want(200, "GET", "/workspaces/full/snapshot", "").raw
	b.Run("save", func(b *testing.B) {
		b.SetBytes(int64(len(saved)))
		for b.Loop() {
			h.do("GET", "/workspaces/full/snapshot", "")
		}
	})
	b.Run("load", func(b *testing.B) {
		b.SetBytes(int64(len(saved)))
		for b.Loop() {
			h.do("PUT", "/workspaces/a/snapshot", saved)
		}
	})
}
