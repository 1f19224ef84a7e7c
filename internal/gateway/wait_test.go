package gateway_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/schedule"
	"github.com/mockbank/mockbank/internal/store"
)

// bubble runs a test in a house whose wall is the bubble's, with the timers of its default workspace at work.
func bubble(t *testing.T, setting clock.Setting, test func(t *testing.T, h *house)) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, func(p *plan) { p.wall, p.clock = clock.System, setting })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.loop.Run(ctx) }()
		test(t, h)
		cancel()
		must(t, <-ended)
	})
}

var (
	running  = clock.Setting{Mode: clock.Real}
	standing = clock.Setting{Mode: clock.Frozen, Base: start}
)

// timed is a reply, and how much wall time it took.
type timed struct {
	answer
	took time.Duration
}

// begin sends a request and gives the channel on which its reply comes.
func (h *house) begin(r *http.Request) <-chan timed {
	reply := make(chan timed, 1)
	since := clock.System()
	go func() {
		a := h.send(r)
		reply <- timed{a, clock.System().Sub(since)}
	}()
	synctest.Wait()
	return reply
}

func (h *house) advance(by time.Duration) {
	h.t.Helper()
	now := h.store.Workspace(store.Default).Clock.Now(h.store.Wall())
	_, err := h.loop.Advance(h.t.Context(), store.Default, now.Add(by), schedule.WaitNone)
	must(h.t, err)
}

func wantReply(t *testing.T, got timed, status int, state string, took time.Duration) {
	t.Helper()
	if got.status != status || got.text("state") != state || got.took.Round(time.Millisecond) != took {
		t.Errorf("got %d %s after %s; want %d, state %q, after %s", got.status, got.raw, got.took, status, state, took)
	}
}

func TestAWaitEndsWithAChange(t *testing.T) {
	bubble(t, running, func(t *testing.T, h *house) {
		wantReply(t, <-h.begin(request("POST", "/toy/slow", `{"ref":"x"}`)), 201, "paid", 10*time.Second)
		id := h.make("x")
		wantReply(t, <-h.begin(request("GET", "/toy/orders/"+id+"/paid", "")), 200, "paid", 10*time.Second)
		wantReply(t, <-h.begin(request("GET", "/toy/orders/"+id+"/paid", "")), 200, "paid", 0)
	})
}

func TestAWaitEndsWhenItsTimeHasPassed(t *testing.T) {
	bubble(t, running, func(t *testing.T, h *house) {
		wantReply(t, <-h.begin(request("POST", "/toy/slow", `{"ref":"x"}`, "Mockbank-Scenario", "manual")), 201, "created", 30*time.Second)
	})
}

func TestAWaitFollowsAFastClock(t *testing.T) {
	bubble(t, clock.Setting{Mode: clock.Scaled, Scale: 10, Base: start, Anchor: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}, func(t *testing.T, h *house) {
		wantReply(t, <-h.begin(request("POST", "/toy/slow", `{"ref":"x"}`, "Mockbank-Scenario", "manual")), 201, "created", 3*time.Second)
	})
}

func TestAWaitEndsWithAnAdvance(t *testing.T) {
	for scenario, state := range map[string]string{"paid": "paid", "manual": "created"} {
		t.Run(scenario, func(t *testing.T) {
			bubble(t, standing, func(t *testing.T, h *house) {
				reply := h.begin(request("POST", "/toy/slow", `{"ref":"x"}`, "Mockbank-Scenario", scenario))
				select {
				case got := <-reply:
					t.Fatalf("it did not wait: %s", got.raw)
				default:
				}
				h.advance(30 * time.Second)
				wantReply(t, <-reply, 201, state, 0)
			})
		})
	}
}

// TestAShortAdvanceLeavesAWait under way: it goes on from the new time.
func TestAShortAdvanceLeavesAWait(t *testing.T) {
	bubble(t, standing, func(t *testing.T, h *house) {
		reply := h.begin(request("POST", "/toy/slow", `{"ref":"x"}`, "Mockbank-Scenario", "manual"))
		h.advance(29 * time.Second)
		synctest.Wait()
		if len(reply) > 0 {
			t.Fatal("it ended a second too early")
		}
		h.advance(time.Second)
		wantReply(t, <-reply, 201, "created", 0)
	})
}

func TestAWaitInFrozenTimeEnds(t *testing.T) {
	bubble(t, standing, func(t *testing.T, h *house) {
		wantReply(t, <-h.begin(request("POST", "/toy/slow", `{"ref":"x"}`)), 201, "created", time.Minute)
		h.wantRefs("default", "x")
	})
}

// TestAClientThatLeftIsNotWaitedFor, and what it asked for is stored.
func TestAClientThatLeftIsNotWaitedFor(t *testing.T) {
	bubble(t, standing, func(t *testing.T, h *house) {
		ctx, leave := context.WithCancel(t.Context())
		reply := h.begin(request("POST", "/toy/slow", `{"ref":"x"}`).WithContext(ctx))
		leave()
		if got := <-reply; got.took != 0 {
			t.Errorf("it went on for %s", got.took)
		}
		h.wantRefs("default", "x")
	})
}

func TestADelay(t *testing.T) {
	bubble(t, running, func(t *testing.T, h *house) {
		reply := h.begin(request("POST", "/toy/orders", `{"ref":"slow"}`))
		h.wantRefs("default") // It is made when the wait is over.
		wantReply(t, <-reply, 201, "created", 5*time.Second)
		h.wantRefs("default", "slow")
		wantReply(t, <-h.begin(request("POST", "/toy/orders", `{"ref":"slow_down"}`)), 504, "", 5*time.Second)
	})
}

func TestADelayInFrozenTime(t *testing.T) {
	bubble(t, standing, func(t *testing.T, h *house) {
		h.make("before")
		reply := h.begin(request("POST", "/toy/orders", `{"ref":"slow"}`))
		h.advance(5 * time.Second)
		wantReply(t, <-reply, 201, "created", 0)
		h.wantRefs("default", "before", "slow")

		got := <-h.begin(request("POST", "/toy/orders", `{"ref":"slow"}`))
		wantReply(t, got, 504, "", time.Minute)
		if got.text("kind") != string(problem.Timeout) {
			t.Errorf("it is refused with %s", got.raw)
		}
		h.wantRefs("default", "before", "slow")
	})
}

func TestALimitedDelayIsCounted(t *testing.T) {
	bubble(t, running, func(t *testing.T, h *house) {
		path := "/toy/orders/" + h.make("slow_once")
		wantReply(t, <-h.begin(request("GET", path, "")), 200, "created", 5*time.Second)
		wantReply(t, <-h.begin(request("GET", path, "")), 200, "created", 0)
	})
}

// TestAWaitHoldsNobodyUp: others read and write the workspace meanwhile.
func TestAWaitHoldsNobodyUp(t *testing.T) {
	bubble(t, standing, func(t *testing.T, h *house) {
		reply := h.begin(request("POST", "/toy/slow", `{"ref":"x"}`))
		h.make("meanwhile")
		h.wantRefs("default", "x", "meanwhile")
		h.advance(time.Minute)
		wantReply(t, <-reply, 201, "paid", 0)
	})
}

// TestAConditionThatFails ends the wait with its reply, whether it panics or refuses.
func TestAConditionThatFails(t *testing.T) {
	var until func(*provider.Call) (bool, error)
	h := build(t, func(p *plan) {
		p.provider.Handlers["where"] = provider.Read(func(*provider.Call) (provider.Reply, error) {
			return provider.Reply{Await: &provider.Await{For: time.Second, Until: until}}, nil
		})
	})
	until = func(*provider.Call) (bool, error) { panic("the condition") }
	h.want(500, "GET", "/w/a-1/toy/where", "")
	if names := h.store.Names(); len(names) > 0 {
		t.Errorf("there are %q", names)
	}
	h.make("x")
	until = func(*provider.Call) (bool, error) {
		return false, problem.New(problem.Refused, "no", "No")
	}
	if got := h.do("GET", "/w/a-1/toy/where", ""); got.text("code") != "reply_outside_spec" {
		t.Errorf("got %d %s", got.status, got.raw) // The spec of this one allows no refusal at all.
	}
}
