package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/engine"
	"github.com/mockbank/mockbank/internal/fault"
	"github.com/mockbank/mockbank/internal/store"
)

// disturb orders faults in the default workspace.
func (h *house) disturb(faults ...fault.Fault) {
	h.t.Helper()
	must(h.t, h.store.Update(h.t.Context(), store.Default, func(tx *store.Tx) error {
		_, err := fault.Add(tx, faults...)
		return err
	}))
}

// heard is what a client gets over a real connection.
type heard struct {
	status int
	header http.Header
	body   string
	err    error
}

// listen sends a request whose connection is its own, so that nothing repeats it.
func listen(t *testing.T, server *httptest.Server, method, path, body string, headers ...string) (got heard) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.GetBody, r.Close, r.Host = nil, true, "localhost:6265" // whatever the port, links say the same
	reply, err := server.Client().Do(r)
	if err != nil {
		return heard{err: err}
	}
	defer reply.Body.Close()
	raw, err := io.ReadAll(reply.Body)
	return heard{reply.StatusCode, reply.Header, string(raw), err}
}

func (g heard) String() string { return fmt.Sprintf("%d %v %q %v", g.status, g.header, g.body, g.err) }

func whole(g heard) bool { return g.err == nil && g.status == 201 && strings.HasSuffix(g.body, "}") }
func reset(g heard) bool { return errors.Is(g.err, syscall.ECONNRESET) }

// TestEachFault, as a client meets it, and whether the order is stored all the same.
func TestEachFault(t *testing.T) {
	short := &fault.Latency{Fixed: fault.Span(20 * time.Millisecond)}
	refused := func(status int, code string) func(heard) bool {
		return func(g heard) bool {
			return g.err == nil && g.status == status && strings.Contains(g.body, `"code":"`+code+`"`) && strings.Contains(g.body, "ordered by fault 1")
		}
	}
	tests := map[string]struct {
		harm   fault.Harm
		like   func(heard) bool
		stored bool
	}{
		"latency":             {fault.Harm{Latency: short}, whole, true},
		"latency, after":      {fault.Harm{Latency: short, When: fault.After}, whole, true},
		"status":              {fault.Harm{Status: 503}, refused(503, ""), false},
		"status and code":     {fault.Harm{Status: 409, Code: "busy"}, refused(409, "busy"), false},
		"an odd status":       {fault.Harm{Status: 418}, refused(418, ""), false},
		"status, after":       {fault.Harm{Status: 502, When: fault.After}, refused(502, ""), true},
		"latency, status":     {fault.Harm{Latency: short, Status: 504}, refused(504, ""), false},
		"retry":               {fault.Harm{Status: 429, RetryAfter: fault.Span(90 * time.Second)}, func(g heard) bool { return g.status == 429 && g.header.Get("Retry-After") == "90" }, false},
		"reset":               {fault.Harm{Reset: true}, reset, true},
		"reset, before":       {fault.Harm{Reset: true, When: fault.Before}, reset, false},
		"truncate":            {fault.Harm{Truncate: true}, func(g heard) bool { return errors.Is(g.err, io.ErrUnexpectedEOF) && g.status == 201 && g.body != "" }, true},
		"a truncated refusal": {fault.Harm{Truncate: true, Status: 503}, func(g heard) bool { return errors.Is(g.err, io.ErrUnexpectedEOF) && g.status == 503 }, false},
		"malformed":           {fault.Harm{Malformed: true}, func(g heard) bool { return g.err == nil && g.status == 201 && strings.HasSuffix(g.body, "<<<") }, true},
		"drip":                {fault.Harm{Drip: fault.Span(time.Millisecond)}, whole, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := build(t, nil)
			server := httptest.NewServer(h)
			defer server.Close()
			h.disturb(fault.Fault{Match: fault.Match{Operation: "createOrder", Times: 1}, Harm: tt.harm})
			if got := listen(t, server, "POST", "/toy/orders", `{"ref":"x"}`); !tt.like(got) {
				t.Errorf("the client got %s", got)
			}
			if stored := len(h.refs("default")) == 1; stored != tt.stored {
				t.Errorf("it was stored: %t", stored)
			}
			if got := listen(t, server, "POST", "/toy/orders", `{"ref":"y"}`); !whole(got) {
				t.Errorf("the second call got %s", got)
			}
			if strings.Contains(h.log.String(), "panic") {
				t.Errorf("the log says %s", h.log)
			}
		})
	}
}

// TestAResetOverTLS: the connection beneath is reset, without a farewell.
func TestAResetOverTLS(t *testing.T) {
	h := build(t, nil)
	server := httptest.NewTLSServer(h)
	defer server.Close()
	h.disturb(fault.Fault{Harm: fault.Harm{Reset: true}})
	if got := listen(t, server, "POST", "/toy/orders", `{"ref":"x"}`); !reset(got) {
		t.Errorf("the client got %s", got)
	}
}

// TestFaultsMeetWhatIsAdmitted: not what the provider refuses before, no page that is not named, and every refusal of
// a handler.
func TestFaultsMeetWhatIsAdmitted(t *testing.T) {
	h := build(t, nil)
	h.disturb(fault.Fault{Harm: fault.Harm{Status: 503}})
	h.want(404, "GET", "/toy/nowhere", "")
	h.want(422, "POST", "/toy/orders", `{"reff":"x"}`)
	h.want(200, "GET", "/toy-pages/show/me", "")
	h.want(503, "POST", "/toy/refused", "")
	h.want(503, "GET", "/toy/orders", "")
	h.want(200, "GET", "/w/a-1/toy/orders", "")
	h.disturb(fault.Fault{Match: fault.Match{Operation: "page.show"}, Harm: fault.Harm{Status: 500}})
	h.want(500, "GET", "/toy-pages/show/me", "")
}

// TestLatencyIsWallTime, also where the workspace's clock stands; a client that goes away ends it, and nothing is done.
func TestLatencyIsWallTime(t *testing.T) {
	bubble(t, standing, func(t *testing.T, h *house) {
		h.disturb(fault.Fault{Match: fault.Match{Operation: "createOrder"}, Harm: fault.Harm{Latency: &fault.Latency{Fixed: fault.Span(5 * time.Second)}}})
		wantReply(t, <-h.begin(request("POST", "/toy/orders", `{"ref":"x"}`)), 201, "created", 5*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		wantReply(t, <-h.begin(request("POST", "/toy/orders", `{"ref":"y"}`).WithContext(ctx)), 504, "", 3*time.Second)
		h.wantRefs("default", "x")
		if log := h.log.String(); strings.Contains(log, "internal error") || !strings.Contains(log, "went away") {
			t.Errorf("the log says %s", log)
		}
	})
}

// TestARepeatAfterAFault: a call that was done and not answered is done once; one that was refused is done the next
// time.
func TestARepeatAfterAFault(t *testing.T) {
	for name, tt := range map[string]struct {
		harm     fault.Harm
		replayed string
	}{
		"reset":         {fault.Harm{Reset: true}, "yes"},
		"status, after": {fault.Harm{Status: 504, When: fault.After}, "yes"},
		"status":        {fault.Harm{Status: 503}, ""},
		"kept refusal":  {fault.Harm{Status: 402}, ""}, // The provider would keep its own.
	} {
		t.Run(name, func(t *testing.T) {
			h := build(t, nil)
			server := httptest.NewServer(h)
			defer server.Close()
			h.disturb(fault.Fault{Match: fault.Match{Times: 1}, Harm: tt.harm})
			if got := listen(t, server, "POST", "/toy/orders", `{"ref":"x"}`, keyName, "k-1"); whole(got) {
				t.Errorf("the first call got %s", got)
			}
			if got := listen(t, server, "POST", "/toy/orders", `{"ref":"x"}`, keyName, "k-1"); !whole(got) || got.header.Get("X-Replayed") != tt.replayed {
				t.Errorf("the second call got %s", got)
			}
			h.wantRefs("default", "x")
		})
	}
}

// TestManyCallsAtOnceMeetAFaultExactlySoOften, reads among them.
func TestManyCallsAtOnceMeetAFaultExactlySoOften(t *testing.T) {
	h := build(t, nil)
	h.disturb(fault.Fault{Match: fault.Match{Times: 7}, Harm: fault.Harm{Status: 503}})
	var met atomic.Int32
	atOnce(20, func(i int) {
		method := []string{"POST", "GET"}[i%2]
		if h.do(method, "/toy/orders", []string{`{"ref":"x"}`, ""}[i%2]).status == 503 {
			met.Add(1)
		}
	})
	if met.Load() != 7 {
		t.Errorf("%d calls met it, want 7", met.Load())
	}
}

func atOnce(n int, fn func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { fn(i) })
	}
	all.Wait()
}

// TestABadMondayRepeatsItself: two runs of the same calls have the same outcomes.
func TestABadMondayRepeatsItself(t *testing.T) {
	monday := func() (outcomes []string) {
		h := build(t, nil)
		server := httptest.NewServer(h)
		defer server.Close()
		week := fault.Flaky(fault.Match{})
		week[0].Harm.Latency = &fault.Latency{Max: fault.Span(time.Millisecond)} // A test has no patience.
		h.disturb(week...)
		for i := range 200 {
			got := listen(t, server, "POST", "/toy/orders", fmt.Sprintf(`{"ref":"%d"}`, i))
			outcomes = append(outcomes, fmt.Sprint(got.status, got.body, got.err != nil, got.header.Get("Retry-After")))
		}
		return append(outcomes, h.refs("default")...)
	}
	first := monday()
	if diff := cmp.Diff(first, monday()); diff != "" {
		t.Error(diff)
	}
	all := strings.Join(first, "\n")
	for _, status := range []string{"\n503", "\n500", "\n429", "\n0", "\n201"} {
		if !strings.Contains(all, status) {
			t.Errorf("no call had%s", status)
		}
	}
}

// queue has a scenario wait for the next orders.
func (h *house) queue(scenario string, times int) {
	h.t.Helper()
	must(h.t, h.store.Update(h.t.Context(), store.Default, func(tx *store.Tx) error {
		_, err := engine.Enqueue(tx, engine.Queued{Provider: "toy", Kind: "order", Scenario: scenario, Left: times})
		return err
	}))
}

// left counts for how many entities scenarios wait.
func (h *house) left() (n int) {
	h.t.Helper()
	must(h.t, h.store.View(h.t.Context(), store.Default, func(tx *store.Tx) error {
		waiting, err := engine.Queue(tx)
		for _, q := range waiting {
			n += q.Left
		}
		return err
	}))
	return n
}

func (h *house) told(ref string, headers ...string) string {
	h.t.Helper()
	return h.want(201, "POST", "/toy/orders", `{"ref":"`+ref+`"}`, headers...).header.Get("Mockbank-Scenario")
}

// TestTheQueueStandsBetweenHeaderAndInput, and is taken in its order.
func TestTheQueueStandsBetweenHeaderAndInput(t *testing.T) {
	h := build(t, founding)
	h.queue("unattended", 2)
	h.queue("manual", 1)
	got := []string{h.told("lost"), h.told("x", "Mockbank-Scenario", "slow_once"), h.told("x"), h.told("x"), h.told("x")}
	if diff := cmp.Diff([]string{"unattended", "slow_once", "unattended", "manual", "paid"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestARefusalGivesTheScenarioBack, whether the handler or the story refuses.
func TestARefusalGivesTheScenarioBack(t *testing.T) {
	h := build(t, nil)
	h.queue("once", 1)
	h.want(402, "POST", "/toy/refused", "")
	if h.left() != 1 {
		t.Fatal("a refusal took it")
	}
	h.want(500, "POST", "/toy/orders", `{"ref":"x"}`)
	if h.left() != 1 {
		t.Fatal("the story's own refusal took it")
	}
	if got := h.told("x"); got != "once" || h.left() != 0 {
		t.Errorf("the next order follows %s, and %d are left", got, h.left())
	}
}

// TestOrdersAtOnceTakeOneEach of what waits.
func TestOrdersAtOnceTakeOneEach(t *testing.T) {
	h := build(t, nil)
	h.queue("manual", 5)
	h.queue("unattended", 6)
	var mu sync.Mutex
	told := map[string]int{}
	atOnce(20, func(int) {
		scenario := h.do("POST", "/toy/orders", `{"ref":"x"}`).header.Get("Mockbank-Scenario")
		mu.Lock()
		told[scenario]++
		mu.Unlock()
	})
	if diff := cmp.Diff(map[string]int{"manual": 5, "unattended": 6, "paid": 9}, told); diff != "" {
		t.Error(diff)
	}
}
