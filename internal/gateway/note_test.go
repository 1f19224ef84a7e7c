package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/fault"
	"github.com/mockbank/mockbank/internal/journal"
	"github.com/mockbank/mockbank/internal/provider"
)

// noted gives the newest request that is remembered of a workspace, whole.
func (h *house) noted(workspace string) journal.View {
	h.t.Helper()
	found, _ := h.Journal.List(workspace, journal.Filter{}, 0, 1)
	if len(found) == 0 {
		h.t.Fatalf("nothing is remembered of %s", workspace)
	}
	v, _ := h.Journal.Get(workspace, found[0].ID)
	return v
}

// TestEveryRequestIsRemembered with the step that refused it, if one did.
func TestEveryRequestIsRemembered(t *testing.T) {
	for name, tt := range map[string]struct {
		method, target, body, operation, step, code string
		status                                      int
		mishap                                      string
	}{
		"done":               {"POST", "/toy/orders", `{"ref":"x"}`, "createOrder", "", "", 201, ""},
		"read":               {"GET", "/toy/orders", "", "listOrders", "", "", 200, ""},
		"no provider":        {"GET", "/nobody", "", "", "resolve", "no_provider", 404, ""},
		"no route":           {"GET", "/toy/nothing-here", "", "", "route", "", 404, ""},
		"another method":     {"DELETE", "/toy/orders", "", "", "route", "", 405, ""},
		"too long":           {"POST", "/toy/orders", `{"ref":"` + strings.Repeat("x", 300) + `"}`, "createOrder", "guard size", "", 413, ""},
		"no JSON":            {"POST", "/toy/orders", `{"ref"`, "createOrder", "guard syntax", "invalid_json", 400, ""},
		"against the schema": {"POST", "/toy/orders", `{"ref":7}`, "createOrder", "validate", "", 422, ""},
		"a handler's":        {"POST", "/toy/refused", "", "refusedOrder", "handle", "too_dear", 402, ""},
		"a panic":            {"POST", "/toy/panic", "", "panicOrder", "handle", "", 500, ""},
		"a story's":          {"POST", "/toy/orders", `{"ref":"barred"}`, "createOrder", "mishap", "barred", 402, "refuse"},
		"spoilt":             {"POST", "/toy/orders", `{"ref":"spoilt"}`, "createOrder", "", "", 201, "spoil"},
		"a page":             {"GET", "/toy-pages/show/7", "", "page.show", "", "", 200, ""},
		"a page's form":      {"POST", "/toy/button", "", "page.button", "guard form", "", 415, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := build(t, nil)
			h.Gateway.ServeHTTP(httptest.NewRecorder(), request(tt.method, tt.target, tt.body))
			v := h.noted("default")
			step, code := "", ""
			if v.Verdict != nil {
				step, code = v.Verdict.Step, v.Verdict.Code
			}
			if v.ID != 1 || v.Method != tt.method || v.Operation != tt.operation || v.Status != tt.status || step != tt.step || code != tt.code || strings.Join(v.Mishaps, ",") != tt.mishap {
				t.Errorf("got %+v, verdict %+v", v, v.Verdict)
			}
			if v.URL != "http://localhost:6265"+tt.target || !v.At.Equal(start) || !v.Wall.Equal(start) {
				t.Errorf("got %s at %s", v.URL, v.At)
			}
			if v.Request.Length != int64(len(tt.body)) || step != "guard size" && v.Request.Body != tt.body {
				t.Errorf("the body is %q of %d bytes", v.Request.Body, v.Request.Length)
			}
		})
	}
}

func TestWhatIsRememberedOfAReply(t *testing.T) {
	h := build(t, nil)
	made := h.want(201, "POST", "/w/a-1/toy/orders", `{"ref":"x"}`, "X-Shop", "s")
	v := h.noted("a-1")
	if v.Reply.Body != made.raw || v.Reply.Headers.Get("Mockbank-Entity") != "order/"+made.text("id") || v.Reply.Headers.Get("Content-Type") != "application/json" {
		t.Errorf("the reply is %+v", v.Reply)
	}
	if v.Entity != "order/"+made.text("id") || v.Scenario != "paid" || v.Provider != "toy" || v.Face != "toy" || v.Path != "/orders" || v.Request.Headers.Get("X-Shop") != "s" {
		t.Errorf("got %+v", v)
	}
	if found, _ := h.Journal.List("default", journal.Filter{}, 0, 1); len(found) > 0 {
		t.Error("another workspace remembers it")
	}
}

// TestASecretReplyIsWithheld: that it came is remembered, and what it said is not.
func TestASecretReplyIsWithheld(t *testing.T) {
	h := build(t, func(p *plan) {
		p.provider.Pages[1].Handler = provider.Read(func(c *provider.Call) (provider.Reply, error) {
			reply, err := show(c)
			reply.Secret = true
			return reply, err
		})
	})
	page := h.want(200, "GET", "/toy-pages/show/me", "")
	if v := h.noted("default").Reply; v.Body != "" || v.Note == "" || v.Length != int64(len(page.raw)) {
		t.Errorf("the journal has %+v", v)
	}
}

// TestFaultsAreRemembered, each by its name, and the step that they act in as the one that refused.
func TestFaultsAreRemembered(t *testing.T) {
	h := build(t, nil)
	h.disturb(fault.Fault{Harm: fault.Harm{Latency: &fault.Latency{Fixed: fault.Span(time.Millisecond)}, Status: 503}})
	h.want(503, "POST", "/toy/orders", `{"ref":"x"}`)
	v := h.noted("default")
	if strings.Join(v.Mishaps, " ") != "latency refuse" || v.Verdict == nil || v.Verdict.Step != "mishap" {
		t.Errorf("got %v, %+v", v.Mishaps, v.Verdict)
	}
}

func TestAllViolationsAreRemembered(t *testing.T) {
	h := build(t, nil)
	h.do("GET", "/toy/orders?limit=0&sort=up", "")
	if v := h.noted("default").Verdict; len(v.Violations) != 2 || v.Violations[0].Pointer != "query:limit" {
		t.Errorf("got %+v", v)
	}
}

func TestARepeatedAnswerIsCalledSo(t *testing.T) {
	h := build(t, nil)
	for i, repeated := range []bool{false, true} {
		h.order("k", `{"ref":"x"}`)
		if v := h.noted("default"); v.Repeated != repeated || v.ID != uint64(i+1) {
			t.Errorf("request %d: %+v", i+1, v)
		}
	}
	h.order("a b", `{"ref":"x"}`)
	if v := h.noted("default"); v.Verdict == nil || v.Verdict.Step != "idempotency" {
		t.Errorf("a bad key: %+v", v.Verdict)
	}
}

// TestTheJournalKnowsBeforeTheClient: whoever has the reply finds the request, a lost reply's too.
func TestTheJournalKnowsBeforeTheClient(t *testing.T) {
	h := build(t, nil)
	server := httptest.NewServer(h)
	defer server.Close()
	for i, ref := range []string{"x", "lost", "cut"} {
		reply, err := http.Post(server.URL+"/toy/orders", "application/json", strings.NewReader(`{"ref":"`+ref+`"}`))
		if err == nil {
			_, _ = io.ReadAll(reply.Body)
			_ = reply.Body.Close()
		}
		v := h.noted("default")
		if v.ID != uint64(i+1) || v.Status != 201 || len(v.Mishaps) != min(i, 1) {
			t.Errorf("%s: %+v", ref, v)
		}
	}
}

// TestTheInstantIsThatOfTheArrival, in workspace time, however long the answer takes.
func TestTheInstantIsThatOfTheArrival(t *testing.T) {
	now := start
	h := build(t, func(p *plan) {
		p.wall = func() time.Time { now = now.Add(time.Millisecond); return now }
		p.clock = clock.Setting{Mode: clock.Real, Base: start.AddDate(1, 0, 0), Anchor: start}
	})
	before := now
	h.want(200, "GET", "/toy/orders", "")
	v := h.noted("default")
	if !v.Wall.Equal(before.Add(time.Millisecond)) || !v.At.Equal(v.Wall.AddDate(1, 0, 0)) || v.TookMS < 1 {
		t.Errorf("at %s, wall %s, took %g ms", v.At, v.Wall, v.TookMS)
	}
}

// TestStrangersRequestsAreKeptApart is for requests that name no provider: they are of the workspace that they name.
func TestStrangersRequestsAreKeptApart(t *testing.T) {
	h := build(t, nil)
	h.do("GET", "/w/a-1/nobody", "")
	h.do("GET", "/w/A/nobody", "")
	if v := h.noted("a-1"); v.Path != "/w/a-1/nobody" {
		t.Errorf("got %+v", v)
	}
	if v := h.noted("default"); v.Verdict.Code != "bad_workspace" || v.Path != "/w/A/nobody" {
		t.Errorf("got %+v", v)
	}
}
