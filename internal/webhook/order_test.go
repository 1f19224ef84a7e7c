package webhook

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// of makes a delivery of entity "e" whose body tells it from others.
func of(body string, m Mishap) Delivery {
	return Delivery{Target: inboxURL("in"), Entity: entity("e"), Body: []byte(body), Mishap: m}
}

// other is of the same entity, and goes to the same target over another channel.
func other(body string) Delivery {
	d := of(body, Mishap{})
	d.Channel = "other"
	return d
}

// bodies waits until an inbox got so many messages and gives their bodies in order.
func (w *world) bodies(n int) string {
	w.t.Helper()
	w.until("messages", func(tx *store.Tx) bool {
		ms, err := Messages(tx, "in", 0, 100)
		return err == nil && len(ms) >= n
	})
	var told []string
	for _, m := range w.got("in") {
		told = append(told, string(m.Body))
	}
	return strings.Join(told, " ")
}

func TestNextStartsAfterTheFirstAttemptOfTheOneBefore(t *testing.T) {
	w := newWorld(t, options{})
	w.update(func(tx *store.Tx) error { return SetAnswer(tx, "in", Answer{Status: 500, Times: 1}) })
	ns := w.record(of("a", Mishap{}), of("b", Mishap{}), of("c", Mishap{}))
	w.reaches(ns[2], Delivered)
	w.advance(time.Minute)
	w.reaches(ns[0], Delivered)
	if got := w.bodies(4); got != "a b c a" {
		t.Errorf("got %s", got)
	}
}

func TestEntitiesDoNotWaitForEachOther(t *testing.T) {
	w := newWorld(t, options{})
	w.update(func(tx *store.Tx) error { return SetAnswer(tx, "hangs", Answer{Hang: true}) })
	stuck := Delivery{Target: inboxURL("hangs"), Entity: entity("e")}
	ns := w.record(stuck, stuck, of("b", Mishap{}))
	w.reaches(ns[2], Delivered)
	if d := w.reaches(ns[1], Waiting, Pending); d.Attempts != 0 && d.State == Waiting {
		t.Errorf("it waits, and was tried: %+v", d)
	}
}

func TestMishaps(t *testing.T) {
	for _, c := range []struct {
		name    string
		record  []Delivery
		now     string // what the inbox got at once
		n       int
		advance time.Duration
		later   string
	}{
		{"delay", []Delivery{of("a", Mishap{Delay: Span(10 * time.Minute)}), of("b", Mishap{})}, "", 0, 11 * time.Minute, "a b"},
		{"duplicate", []Delivery{of("a", Mishap{Duplicate: 3}), of("b", Mishap{})}, "a b a a", 4, time.Hour, "a b a a"},
		{"reorder", []Delivery{of("a", Mishap{Reorder: true}), of("b", Mishap{}), of("c", Mishap{})}, "b a c", 3, time.Hour, "b a c"},
		{"reorder twice", []Delivery{of("a", Mishap{Reorder: true}), of("b", Mishap{Reorder: true}), of("c", Mishap{})}, "b a c", 3, time.Hour, "b a c"},
		{"reorder in the middle", []Delivery{of("a", Mishap{}), of("b", Mishap{Reorder: true}), of("c", Mishap{})}, "a c b", 3, time.Hour, "a c b"},
		{"reorder over another channel", []Delivery{of("a", Mishap{Reorder: true}), other("x"), of("b", Mishap{}), other("y")}, "x b a y", 4, time.Hour, "x b a y"},
		{"reorder alone on its channel", []Delivery{of("a", Mishap{Reorder: true}), other("x")}, "x", 1, 61 * time.Second, "x a"},
		{"reorder alone", []Delivery{of("a", Mishap{Reorder: true})}, "", 0, 61 * time.Second, "a"},
		{"drop", []Delivery{of("a", Mishap{Drop: true}), of("b", Mishap{})}, "b", 1, time.Hour, "b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			w.record(c.record...)
			if got := w.bodies(c.n); got != c.now {
				t.Errorf("at once: %q, want %q", got, c.now)
			}
			w.advance(c.advance)
			if got := w.bodies(0); got != c.later {
				t.Errorf("later: %q, want %q", got, c.later)
			}
		})
	}
}

func TestSpoiltSignatures(t *testing.T) {
	w := newWorld(t, options{})
	ns := w.record(of("a", Mishap{BadSignature: true}), of("b", Mishap{UnknownKid: true}), of("c", Mishap{}))
	w.reaches(ns[2], Delivered)
	w.update(func(tx *store.Tx) error { return Replay(tx, ns[0]) })
	w.bodies(4)
	for i, valid := range []bool{false, false, true, true} {
		if m := w.got("in")[i]; m.Verdict.Valid != valid || m.Verdict.Provider != "test" {
			t.Errorf("message %d: %+v", i+1, m.Verdict)
		}
	}
}

func TestCancel(t *testing.T) {
	w := newWorld(t, options{})
	w.update(func(tx *store.Tx) error { return SetAnswer(tx, "in", Answer{Status: 500}) })
	ns := w.record(of("a", Mishap{}), of("b", Mishap{Delay: Span(time.Hour)}), of("c", Mishap{}), Delivery{Target: inboxURL("other"), Mishap: Mishap{Delay: Span(time.Hour)}})
	w.made(ns[0], 1)
	w.update(func(tx *store.Tx) error {
		n, err := Cancel(tx, inboxURL("in"), nil)
		if n != 3 {
			t.Errorf("%d are cancelled", n)
		}
		return err
	})
	w.advance(24 * time.Hour)
	for _, n := range ns[:3] {
		w.reaches(n, Cancelled)
	}
	w.reaches(ns[3], Delivered)
	if got := w.bodies(1); got != "a" {
		t.Errorf("the cancelled endpoint got %q", got)
	}
	again := w.record(of("d", Mishap{}))[0] // the chain is free again
	w.made(again, 1)
}

func TestReplayRange(t *testing.T) {
	w := newWorld(t, options{})
	ns := w.record(of("a", Mishap{}), of("b", Mishap{}), of("c", Mishap{}))
	w.reaches(ns[2], Delivered)
	w.update(func(tx *store.Tx) error {
		n, err := ReplayRange(tx, Filter{State: Delivered}, 2, 3)
		if n != 2 {
			t.Errorf("%d are replayed", n)
		}
		return err
	})
	if got := w.bodies(5); got != "a b c b c" {
		t.Errorf("got %s", got)
	}
	w.view(func(tx *store.Tx) error {
		if _, err := ReplayRange(tx, Filter{}, 3, 2); !problem.Is(err, problem.Invalid) {
			t.Errorf("a backward range: %v", err)
		}
		if err := Replay(tx, 99); !problem.Is(err, problem.NotFound) {
			t.Errorf("no such delivery: %v", err)
		}
		return nil
	})
}

func TestList(t *testing.T) {
	w := newWorld(t, options{})
	ns := w.record(of("a", Mishap{}), of("b", Mishap{}), of("c", Mishap{Drop: true}), of("d", Mishap{}))
	w.reaches(ns[3], Delivered)
	pages := func(f Filter) (seen []uint64) {
		w.view(func(tx *store.Tx) error {
			for before, more := uint64(0), true; more; more = before != 0 {
				page, rest, err := List(tx, f, before, 2)
				if err != nil {
					return err
				}
				for _, d := range page {
					seen = append(seen, d.Sequence)
				}
				before = rest
			}
			return nil
		})
		return seen
	}
	if got := pages(Filter{}); len(got) != 4 || got[0] != 4 || got[3] != 1 {
		t.Errorf("all: %v", got)
	}
	if got := pages(Filter{State: Delivered, Entity: store.Ref{ID: "e"}}); len(got) != 3 || got[1] != 2 {
		t.Errorf("delivered: %v", got)
	}
	if got := pages(Filter{Type: "other"}); got != nil {
		t.Errorf("of another type: %v", got)
	}
}

// TestCrashBetweenSentAndRecorded leaves a marked attempt without an end, as a killed process does.
func TestCrashBetweenSentAndRecorded(t *testing.T) {
	driver := mem.New()
	w := newWorld(t, options{driver: driver, channel: Channel{Timeout: patient}})
	w.update(func(tx *store.Tx) error { return SetAnswer(tx, "in", Answer{Hang: true, Times: 1}) })
	n := w.record(of("a", Mishap{}))[0]
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.bodies(1)
	w.until("the mark", func(tx *store.Tx) bool { made, err := Attempts(tx, n); return err == nil && len(made) == 1 })
	if _, err := w.sender.Send(ctx, ws, &store.Job{Delivery: n}); err == nil {
		t.Error("an attempt in a context that has ended is recorded")
	}
	again := newWorld(t, options{driver: driver}) // as if the first process were gone
	made := again.made(n, 2)
	if f := made[0].Failure; f == nil || f.Class != ClassInterrupted {
		t.Errorf("the interrupted attempt: %+v", made[0])
	}
	if d := again.reaches(n, Delivered); d.Attempts != 2 {
		t.Errorf("in the end: %+v", d)
	}
}

func TestInboxOfAnotherWorkspace(t *testing.T) {
	w := newWorld(t, options{})
	n := w.record(Delivery{Target: "http://" + InboxHost + "/other-one/in"})[0]
	w.reaches(n, Delivered)
	err := w.store.View(t.Context(), "other-one", func(tx *store.Tx) error {
		got, err := Messages(tx, "in", 0, 10)
		if len(got) != 1 || got[0].From != ws || !got[0].Verdict.Valid {
			t.Errorf("got %+v", got)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestInboxIsBounded(t *testing.T) {
	w := newWorld(t, options{})
	msg := Incoming{Workspace: ws, Name: "in", Body: []byte("x")}
	for range maxMessages + 5 {
		if _, err := w.inbox.Receive(t.Context(), msg); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.got("in"); len(got) != maxMessages || got[0].Sequence != 6 {
		t.Errorf("%d messages are kept, from %d on", len(got), got[0].Sequence)
	}
	msg.Body = make([]byte, maxMessage+1)
	if _, err := w.inbox.Receive(t.Context(), msg); !problem.Is(err, problem.TooLarge) {
		t.Errorf("a long message: %v", err)
	}
	if _, err := w.inbox.Receive(t.Context(), Incoming{Workspace: ws, Name: "../x"}); !problem.Is(err, problem.NotFound) {
		t.Errorf("a bad name: %v", err)
	}
}

func TestCheckURL(t *testing.T) {
	for raw, fine := range map[string]bool{
		"http://localhost:3000/webhook":               true,
		"https://merchant.example/a/b?c=d":            true,
		"http://[::1]:8080/":                          true,
		"http://127.0.0.1":                            true,
		"http://host.docker.internal:3000/x":          true,
		"http://xn--bcher-kva.example/":               true,
		"http://inbox.localhost/default/in":           true,
		"":                                            false,
		"/webhook":                                    false,
		"localhost:3000":                              false,
		"file:///etc/passwd":                          false,
		"gopher://x/":                                 false,
		"javascript:alert(1)":                         false,
		"http://":                                     false,
		"http:///x":                                   false,
		"http://user:pass@x/":                         false,
		"http://x:99999/":                             false,
		"http://x:0/":                                 false,
		"http://x:/":                                  false,
		"http://x:port/":                              false,
		"http://x/\r\nX-Evil: 1":                      false,
		"http://x/ y":                                 false,
		"http://bücher.example/":                      false,
		"http://a..b/":                                false,
		"http://x/#part":                              false,
		"http://x/_mockbank/v1/workspaces":            false,
		"http://x//%5fmockbank/v1":                    false,
		"http://x/a/../_MOCKBANK":                     false,
		`http://x/a\_mockbank`:                        false,
		"http://inbox.localhost/default":              false,
		"http://inbox.localhost/Not A Workspace/in":   false,
		"http://x/" + strings.Repeat("y", maxURL):     false,
		"http://" + strings.Repeat("y", 300) + ".com": false,
	} {
		if err := CheckURL(raw); (err == nil) != fine || err != nil && !problem.Is(err, problem.Invalid) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func FuzzCheckURL(f *testing.F) {
	f.Add("http://localhost:3000/webhook")
	f.Add("http://[fe80::1%25eth0]/%2e%2e/_mockbank")
	f.Fuzz(func(t *testing.T, raw string) {
		if CheckURL(raw) != nil {
			return
		}
		if strings.ContainsAny(raw, "\r\n\x00 ") || lane(raw) == "" {
			t.Errorf("%q passes", raw)
		}
	})
}
