package fault_test

import (
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/fault"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/mishap"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

var start = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

const room = "room"

func open(t interface {
	Fatal(...any)
	Cleanup(func())
}) *store.Store {
	s, err := store.Open(store.Config{Driver: mem.New(), Wall: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler), Seed: 1, MaxWorkspaces: 9})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// within runs fn in a transaction of the room.
func within(t interface{ Fatal(...any) }, s *store.Store, fn func(*store.Tx) error) {
	if err := s.Update(noContext, room, fn); err != nil {
		t.Fatal(err)
	}
}

func add(t interface{ Fatal(...any) }, s *store.Store, faults ...fault.Fault) {
	within(t, s, func(tx *store.Tx) error {
		_, err := fault.Add(tx, faults...)
		return err
	})
}

var call = fault.Call{Provider: "toy", Name: "createOrder", Client: "shop"}

// hits gives the mishaps of n calls.
func hits(t interface{ Fatal(...any) }, s *store.Store, n int, c fault.Call) (all [][]mishap.Mishap) {
	for range n {
		within(t, s, func(tx *store.Tx) error {
			found, err := fault.OnCall(tx, c)
			all = append(all, found)
			return err
		})
	}
	return all
}

func TestWhatIsMeant(t *testing.T) {
	refuse := fault.Harm{Status: 503}
	tests := map[string]struct {
		match fault.Match
		call  fault.Call
		want  bool
	}{
		"anything":                 {fault.Match{}, call, true},
		"a star":                   {fault.Match{Operation: "*"}, call, true},
		"all that it is":           {fault.Match{Provider: "toy", Operation: "createOrder", Client: "shop"}, call, true},
		"another provider":         {fault.Match{Provider: "tay"}, call, false},
		"another operation":        {fault.Match{Operation: "getOrder"}, call, false},
		"another client":           {fault.Match{Client: "shops"}, call, false},
		"a page, not named":        {fault.Match{}, fault.Call{Provider: "toy", Name: "page.pay", Page: true}, false},
		"a page, starred":          {fault.Match{Operation: "*"}, fault.Call{Provider: "toy", Name: "page.pay", Page: true}, false},
		"a page, named":            {fault.Match{Operation: "page.pay"}, fault.Call{Provider: "toy", Name: "page.pay", Page: true}, true},
		"nobody's call":            {fault.Match{Client: "shop"}, fault.Call{Provider: "toy", Name: "createOrder"}, false},
		"nobody's, of no client":   {fault.Match{Provider: "toy"}, fault.Call{Provider: "toy", Name: "createOrder"}, true},
		"another page of the same": {fault.Match{Operation: "page.pay"}, fault.Call{Provider: "toy", Name: "page.paid", Page: true}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			add(t, s, fault.Fault{Match: tt.match, Harm: refuse})
			if got := len(hits(t, s, 1, tt.call)[0]) == 1; got != tt.want {
				t.Errorf("it acts: %t", got)
			}
			within(t, s, func(tx *store.Tx) error {
				any, err := fault.AnyFor(tx, tt.call)
				if any != tt.want && err == nil {
					t.Errorf("it is to be asked: %t", any)
				}
				return err
			})
		})
	}
}

// TestCounts holds every, times and probability against a model: of the calls that are meant, which ones a fault
// acts on.
func TestCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := open(t)
		match := fault.Match{Every: rapid.Uint64Range(0, 5).Draw(t, "every"), Times: rapid.Uint64Range(0, 5).Draw(t, "times")}
		sure := rapid.SampledFrom([]*float64{nil, new(float64), one()}).Draw(t, "probability")
		match.Probability = sure
		add(t, s, fault.Fault{Match: match, Harm: fault.Harm{Status: 503}})
		var acted uint64
		for i, found := range hits(t, s, 30, call) {
			want := (match.Every == 0 || uint64(i+1)%match.Every == 0) && (match.Times == 0 || acted < match.Times) && (sure == nil || *sure == 1)
			if want {
				acted++
			}
			if (len(found) == 1) != want {
				t.Fatalf("call %d with %+v: %v, want %t", i+1, match, found, want)
			}
		}
		within(t, s, func(tx *store.Tx) error {
			all, err := fault.List(tx)
			if err == nil && all[0].Acted != acted {
				t.Fatalf("it says that it acted %d times, and did %d", all[0].Acted, acted)
			}
			return err
		})
	})
}

func one() *float64 { p := 1.0; return &p }

// TestChanceIsTheSeeds: the same calls meet the same faults after a reset, and about as many as the probability says.
func TestChanceIsTheSeeds(t *testing.T) {
	s := open(t)
	some := 0.25
	run := func() (acted []bool) {
		add(t, s, fault.Fault{Match: fault.Match{Probability: &some}, Harm: fault.Harm{Latency: &fault.Latency{Max: fault.Span(time.Second)}}})
		for _, found := range hits(t, s, 400, call) {
			acted = append(acted, len(found) == 1)
		}
		return acted
	}
	first := run()
	within(t, s, func(tx *store.Tx) error { tx.Reset(); return nil })
	if diff := cmp.Diff(first, run()); diff != "" {
		t.Errorf("after a reset it is another: %s", diff)
	}
	n := 0
	for _, acted := range first {
		if acted {
			n++
		}
	}
	if n < 70 || n > 130 {
		t.Errorf("it acted %d times of 400, which is no quarter", n)
	}
	within(t, s, func(tx *store.Tx) error {
		tx.Reset()
		tx.Change().Seed = 2
		return nil
	})
	if cmp.Equal(first, run()) {
		t.Error("another seed makes no other chance")
	}
}

// TestARefusalIsTheLast: the faults behind it do not see the call.
func TestARefusalIsTheLast(t *testing.T) {
	s := open(t)
	slow := &fault.Latency{Fixed: fault.Span(time.Second)}
	add(t, s, fault.Fault{Harm: fault.Harm{Latency: slow}}, fault.Fault{Match: fault.Match{Every: 2}, Harm: fault.Harm{Status: 429, RetryAfter: fault.Span(time.Minute), Code: "slow_down"}},
		fault.Fault{Harm: fault.Harm{Truncate: true, Malformed: true, Drip: fault.Span(time.Second)}})
	late := mishap.Mishap{By: "fault 1", Latency: time.Second}
	want := [][]mishap.Mishap{
		{late, {By: "fault 3", Reply: mishap.Reply{Cut: true, Spoil: true, Drip: time.Second}}},
		{late, {By: "fault 2", Status: 429, Code: "slow_down", RetryAfter: time.Minute}},
	}
	if diff := cmp.Diff(want, hits(t, s, 2, call)); diff != "" {
		t.Error(diff)
	}
	within(t, s, func(tx *store.Tx) error {
		all, err := fault.List(tx)
		if all[2].Matched != 1 || all[0].Matched != 2 {
			t.Errorf("they saw %d and %d calls, want 2 and 1", all[0].Matched, all[2].Matched)
		}
		return err
	})
}

func TestSidesOfTheCommit(t *testing.T) {
	for when, want := range map[fault.When]mishap.Mishap{
		"":           {By: "fault 1", Reply: mishap.Reply{Reset: true}},
		fault.After:  {By: "fault 1", After: true, Reply: mishap.Reply{Reset: true}},
		fault.Before: {By: "fault 1", Undone: true, Reply: mishap.Reply{Reset: true}},
	} {
		s := open(t)
		add(t, s, fault.Fault{Harm: fault.Harm{When: when, Reset: true}})
		if diff := cmp.Diff([][]mishap.Mishap{{want}}, hits(t, s, 1, call)); diff != "" {
			t.Errorf("%q: %s", when, diff)
		}
	}
}

func TestNotifications(t *testing.T) {
	s := open(t)
	add(t, s, fault.Fault{Harm: fault.Harm{Status: 503}}, fault.Fault{Match: fault.Match{Type: "paid", Every: 2}, Harm: fault.Harm{Drop: true}},
		fault.Fault{Match: fault.Match{Channel: "webhook", Times: 1}, Harm: fault.Harm{Duplicate: 3, Delay: fault.Span(time.Hour)}})
	var got []webhook.Mishap
	for range 4 {
		within(t, s, func(tx *store.Tx) error {
			m, err := fault.OnNotification(tx, fault.Notification{Provider: "toy", Channel: "webhook", Type: "paid"})
			got = append(got, m)
			return err
		})
	}
	want := []webhook.Mishap{{Duplicate: 3, Delay: webhook.Span(time.Hour)}, {Drop: true}, {}, {Drop: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if found := hits(t, s, 1, call)[0]; len(found) != 1 {
		t.Errorf("a call met %v", found)
	}
}

func TestBadFaults(t *testing.T) {
	minute := fault.Span(time.Minute)
	slow := func(l fault.Latency) fault.Fault { return fault.Fault{Harm: fault.Harm{Latency: &l}} }
	for at, faults := range map[string][]fault.Fault{
		"/fault":             {{}, {Harm: fault.Harm{Status: 503, Drop: true}}},
		"/match":             {{Match: fault.Match{Channel: "webhook"}, Harm: fault.Harm{Status: 503}}, {Match: fault.Match{Type: "paid"}, Harm: fault.Harm{Reset: true}}},
		"/fault/when":        {{Harm: fault.Harm{When: fault.After, Truncate: true}}},
		"/fault/code":        {{Harm: fault.Harm{Code: "x"}}, {Harm: fault.Harm{Code: "x", Reset: true}}},
		"/fault/retry_after": {{Harm: fault.Harm{RetryAfter: minute}}, {Harm: fault.Harm{Status: 429, RetryAfter: math.MaxInt64}}},
		"/fault/drip":        {{Harm: fault.Harm{Drip: minute + 1}}},
		"/fault/delay":       {{Harm: fault.Harm{Delay: math.MaxInt64}}},
		"/match/operation":   {{Match: fault.Match{Operation: "*"}, Harm: fault.Harm{Drop: true}}},
		"/fault/latency": {
			slow(fault.Latency{}), slow(fault.Latency{Fixed: minute, Max: minute}), slow(fault.Latency{Min: 2, Max: 1}), slow(fault.Latency{Min: minute}),
			slow(fault.Latency{Median: minute}), slow(fault.Latency{Median: minute, P99: 2 * minute, Sigma: 1}), slow(fault.Latency{Median: minute, P99: 1}),
			slow(fault.Latency{Sigma: 1}), slow(fault.Latency{Fixed: minute, P99: 2 * minute}), slow(fault.Latency{Median: 1, Max: 1, Sigma: 1}), slow(fault.Latency{Fixed: 11 * minute}),
		},
	} {
		for _, f := range faults {
			if err := f.Check(); !problem.Is(err, problem.Invalid) || problem.From(err).Pointer != at {
				t.Errorf("%+v: got %v, want a refusal at %s", f, err, at)
			}
		}
	}
}

func TestTooMany(t *testing.T) {
	s := open(t)
	for range fault.MaxFaults {
		add(t, s, fault.Fault{Harm: fault.Harm{Status: 503}})
	}
	err := s.Update(t.Context(), room, func(tx *store.Tx) error {
		_, err := fault.Add(tx, fault.Fault{Harm: fault.Harm{Status: 503}})
		return err
	})
	if !problem.Is(err, problem.TooManyRequests) {
		t.Errorf("got %v", err)
	}
}

// TestTheFlakyPresetIsSound, and about one call in three meets something.
func TestTheFlakyPresetIsSound(t *testing.T) {
	s := open(t)
	add(t, s, fault.Flaky(fault.Match{Provider: "toy"})...)
	met := 0
	for _, found := range hits(t, s, 300, call) {
		met += min(1, len(found))
	}
	if met < 60 || met > 130 {
		t.Errorf("%d of 300 calls met a fault", met)
	}
	if found := hits(t, s, 50, fault.Call{Provider: "tay", Name: "x"}); len(found[0])+len(found[49]) != 0 {
		t.Error("it is not narrowed down")
	}
}
