package worlds

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// step is one thing that a story does in a workspace. It gives what was answered.
type step struct {
	name string
	do   func(*world) string
}

// play does the steps, and gives all that was said.
func (w *world) play(steps []step) string {
	w.Helper()
	var said strings.Builder
	for i, s := range steps {
		fmt.Fprintf(&said, "--- %d %s\n%s\n", i, s.name, s.do(w))
	}
	return said.String()
}

// story has each provider make things, be paid, refuse, repeat and notify.
func story() []step {
	return append([]step{
		{"a link", func(w *world) string { return w.link("pay_success", "10.00") }},
		{"its payer", func(w *world) string { return w.act("finqlink") }},
		{"a duplicate webhook", func(w *world) string { return w.link("webhook_duplicate", "7700.52") }},
		{"its payer", func(w *world) string { return w.act("finqlink") }},
	}, kinds()...)
}

// kinds are steps of which a random story is made.
func kinds() []step {
	return []step{
		{"an unattended link", func(w *world) string { return w.link("unattended", "11.00") }},
		{"a link of an unknown story", func(w *world) string { return w.link("no_such_story", "11.00") }},
		{"a link that is approved", func(w *world) string { return w.link("pay_success", "12.00") + w.act("finqlink") }},
		{"a payment", func(w *world) string { return w.payment("rec_test_123") }},
		{"a payment once", func(w *world) string { return w.payment("rec_test_123", "Idempotency-Key", "once") }},
		{"a payment that fails", func(w *world) string { return w.payment("rec_test_rejected") }},
		{"a payment to nobody", func(w *world) string { return w.payment("nobody") }},
		{"payments", func(w *world) string { return w.payments() }},
		{"a checkout", func(w *world) string { return w.checkout("order-1") }},
		{"another checkout", func(w *world) string { return w.checkout("order-2") }},
		{"a session", func(w *world) string { return w.visit("visit-1") }},
		{"another session", func(w *world) string { return w.visit("visit-2") }},
		{"its customer", func(w *world) string { return w.act("linkmoney") }},
		{"its shopper", func(w *world) string { return w.act("payone") }},
		{"a fault of calls", func(w *world) string {
			return w.control("POST", "/faults", object{"match": object{"provider": "finqlink", "probability": 0.5}, "fault": object{"status": 503}})
		}},
		{"a fault of notifications", func(w *world) string {
			return w.control("POST", "/faults", object{"match": object{"every": 2, "times": 3}, "fault": object{"duplicate": 2}})
		}},
		{"a story for the next", func(w *world) string {
			return w.control("POST", "/scenarios/queue", object{"provider": "onelinkfintech", "kind": "payment", "scenario": "payment_stuck", "times": 2})
		}},
		{"a second", func(w *world) string { return w.advance("1s") }},
		{"a minute", func(w *world) string { return w.advance("1m") }},
		{"a day", func(w *world) string { return w.advance("1d") }},
	}
}

// TestMain tries fewer stories than the library would: each is some hundred calls of a whole mockbank.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		_ = flag.Set("rapid.checks", "8") // The library has this flag.
	}
	os.Exit(m.Run())
}

func draw(t *rapid.T, label string) []step {
	return rapid.SliceOfN(rapid.SampledFrom(kinds()), 0, 12).Draw(t, label)
}

// String lets a failing story be read.
func (s step) String() string { return s.name }

func same(t fatal, what, want, got string) {
	t.Helper()
	if want != got {
		t.Fatalf("%s:\n%s", what, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
	}
}

// TestTheSameCallsSayTheSame: replies, webhooks and the snapshot, byte for byte, in two processes' worth of mockbank.
func TestTheSameCallsSayTheSame(t *testing.T) {
	told := func() (said, messages, snapshot string) {
		w := still(t).world(t, "golden")
		w.settle()
		said = w.play(story())
		for provider := range w.last {
			if !strings.Contains(w.control("GET", "/deliveries?state=delivered&provider="+provider, nil), `"id"`) {
				t.Errorf("the story has no webhook of %s", provider)
			}
		}
		return said, w.messages(), w.snapshot()
	}
	said, messages, snapshot := told()
	again, messagesAgain, snapshotAgain := told()
	same(t, "replies", said, again)
	same(t, "webhooks", messages, messagesAgain)
	same(t, "snapshots", snapshot, snapshotAgain)
	for _, provider := range []string{`"finqlink/link"`, `"linkmoney/session"`, `"onelinkfintech/payment"`, `"payone/link"`} {
		if !strings.Contains(snapshot, provider) {
			t.Errorf("the story made no %s", provider)
		}
	}
}

// TestASnapshotHasTheSameFuture: what is played after it is the same when it is loaded, in the same mockbank and in a
// fresh one.
func TestASnapshotHasTheSameFuture(t *testing.T) {
	here, fresh := still(t), still(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		w := here.world(rt, "w"+strconv.Itoa(n%50))
		w.control("PUT", "/clock", object{"mode": "frozen", "now": start})
		w.control("POST", "/reset", nil)
		w.settle()
		w.play(draw(rt, "past"))
		present := w.snapshot()
		first, second := w.in(here), w.in(fresh)
		future := draw(rt, "future")
		said, end := w.play(future), w.snapshot()

		first.load(present)
		same(rt, "the snapshot that was loaded", present, first.snapshot())
		same(rt, "the future", said, first.play(future))
		same(rt, "its end", end, first.snapshot())

		second.load(present)
		same(rt, "the snapshot in a fresh mockbank", present, second.snapshot())
		same(rt, "the future in a fresh mockbank", said, second.play(future))
		same(rt, "its end in a fresh mockbank", end, second.snapshot())
	})
}

// TestAResetIsAFreshStart, where the clock is set back: the same ids, replies and webhooks, those included that nothing
// is stored under.
func TestAResetIsAFreshStart(t *testing.T) {
	w := still(t).world(t, "w")
	w.settle()
	said, end := w.play(story()), w.snapshot()
	w.control("POST", "/reset", nil)
	w.control("PUT", "/clock", object{"now": start})
	same(t, "replies after a reset", said, w.in(w.house).play(story()))
	same(t, "the snapshot after a reset", end, w.snapshot())
}

// TestOneJumpIsManyJumps: I2, for what the real providers time.
func TestOneJumpIsManyJumps(t *testing.T) {
	here := still(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		steps := draw(rt, "story")
		jumps := rapid.IntRange(2, 20).Draw(rt, "jumps")
		each := rapid.SampledFrom([]time.Duration{100 * time.Millisecond, time.Second, 7 * time.Second, 5 * time.Minute, 26 * time.Hour}).Draw(rt, "each")
		end := func(times int, by time.Duration) string {
			w := here.world(rt, "jump"+strconv.Itoa(n%50))
			w.control("PUT", "/clock", object{"mode": "frozen", "now": start})
			w.control("POST", "/reset", nil)
			w.settle()
			w.play(steps)
			for range times {
				w.control("POST", "/clock/advance", object{"to": w.now().Add(by)})
			}
			return w.snapshot()
		}
		same(rt, "one jump and many", end(1, time.Duration(jumps)*each), end(jumps, each))
	})
}

// TestSixtyFourAtOnce: as many suites share one mockbank, and each sees itself only.
func TestSixtyFourAtOnce(t *testing.T) {
	const suites = 64
	h := busy(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	owner := map[string]string{}
	for n := range suites {
		all.Go(func() {
			name := fmt.Sprint("suite-", n)
			for _, id := range suite(t, h, name, n) {
				mu.Lock()
				if other := owner[id]; other != "" {
					t.Errorf("%s and %s both have %s", name, other, id)
				}
				owner[id] = name
				mu.Unlock()
			}
		})
	}
	all.Wait()
}

// failure lets a goroutine of a test fail it.
type failure struct{ *testing.T }

func (f failure) Fatalf(format string, args ...any) { f.Helper(); f.Errorf(format, args...) }

// suite is one of many at once: it has a clock, a client, a story and an inbox of its own, and gives the ids of its links.
func suite(t *testing.T, h *house, name string, n int) (ids []string) {
	w := h.world(failure{t}, name)
	w.settle()
	now := start.AddDate(0, 0, n)
	w.control("PUT", "/clock", object{"mode": "frozen", "now": now})
	client := "client-" + name
	w.control("PUT", "/clients/finqlink/"+client, object{"name": name, "secret": "secret-of-" + name, "scopes": []string{"pay_by_link"}})
	w.control("PUT", "/scenarios/finqlink/link", object{"scenario": []string{"unattended", "manual"}[n%2]})
	links := 1 + n%3
	for range links {
		w.call("POST", "/w/"+name+"/finqlink/v2/links/create", object{
			"client_id": client, "client_secret": "secret-of-" + name,
			"single_transfer": object{"amount": "1.00", "currency": "RON", "creditor_name": name, "creditor_iban": "RO10RZBR0000069999999970"},
			"options":         object{"callback_url": w.inbox()},
		})
	}
	w.payment("rec_test_123")
	w.advance("1h")

	var entities struct{ Items []struct{ ID, State string } }
	read(w, w.control("GET", "/entities?provider=finqlink&kind=link", nil), &entities)
	if len(entities.Items) != links {
		t.Errorf("%s made %d links and sees %d", name, links, len(entities.Items))
	}
	for _, e := range entities.Items {
		ids = append(ids, e.ID)
		if unattended := n%2 == 0; unattended == (e.State == "created") {
			t.Errorf("%s: a link is %s", name, e.State)
		}
	}
	w.seesItself(now.Add(time.Hour), n)
	return ids
}

// seesItself looks at the clock, the clients, the inbox and the deliveries for whatever is another's.
func (w *world) seesItself(now time.Time, n int) {
	if is := w.now(); !is.Equal(now) {
		w.Fatalf("%s: it is %s, want %s", w.name, is, now)
	}
	if n%2 == 0 && !strings.Contains(w.messages(), `"valid":true`) {
		w.Fatalf("%s got no webhook", w.name)
	}
	for _, view := range []string{w.control("GET", "/clients?provider=finqlink", nil), w.messages(), w.control("GET", "/deliveries?limit=500", nil), w.snapshot()} {
		rest := strings.ReplaceAll(view, w.name+"\"", "")
		rest = strings.ReplaceAll(rest, w.name+"/", "")
		if at := strings.Index(rest, "suite-"); at >= 0 {
			w.Fatalf("%s sees another: ...%s", w.name, rest[max(0, at-60):min(len(rest), at+60)])
		}
	}
}

func (w *world) now() time.Time {
	w.Helper()
	var is struct{ Now time.Time }
	read(w, w.control("GET", "/clock", nil), &is)
	return is.Now
}

func read(w *world, answer string, into any) {
	if err := json.Unmarshal([]byte(answer), into); err != nil {
		w.Fatalf("%s: %v in %s", w.name, err, answer)
	}
}
