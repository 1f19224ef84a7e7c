package fault_test

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/fault"
	"github.com/mockbank/mockbank/internal/store"
)

var noContext = context.Background()

func TestSpans(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0ms": 0, "0d": 0, "250ms": 250 * time.Millisecond, "90s": 90 * time.Second, "5m": 5 * time.Minute, "2h": 2 * time.Hour, "3d": 72 * time.Hour,
		"999999999d": math.MaxInt64, "999999999ms": 999999999 * time.Millisecond,
	} {
		var s fault.Span
		if err := s.UnmarshalText([]byte(text)); err != nil || time.Duration(s) != want {
			t.Errorf("%s is %s (%v), want %s", text, time.Duration(s), err, want)
		}
	}
	for _, text := range []string{"", "5", "ms", "-1s", "+1s", "1.5s", "1h30m", "1 s", "99999999999999999999s", "5w", "1bd"} {
		if err := new(fault.Span).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestSpansAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := fault.Span(time.Duration(rapid.Int64Range(0, 2e6).Draw(t, "n")) * rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, time.Hour}).Draw(t, "unit"))
		text, err := want.MarshalText()
		var got fault.Span
		if err != nil || got.UnmarshalText(text) != nil || got != want {
			t.Fatalf("%d was written as %s (%v) and read as %d", want, text, err, got)
		}
	})
}

func FuzzSpan(f *testing.F) {
	f.Add("250ms")
	f.Add("999999999d")
	f.Fuzz(func(t *testing.T, text string) {
		var s fault.Span
		if s.UnmarshalText([]byte(text)) == nil && s < 0 {
			t.Errorf("%q is negative", text)
		}
	})
}

func TestLatenciesAreReadAsTheyAreWritten(t *testing.T) {
	ms := func(n int) fault.Span { return fault.Span(time.Duration(n) * time.Millisecond) }
	for _, l := range []fault.Latency{
		{Fixed: ms(250)}, {Min: ms(1), Max: ms(2)}, {Max: ms(9)}, {Median: ms(40), P99: ms(400)}, {Median: ms(40), Sigma: 0.5},
	} {
		text, err := json.Marshal(l)
		var got fault.Latency
		if err != nil || json.Unmarshal(text, &got) != nil || got != l {
			t.Errorf("%+v was written as %s (%v) and read as %+v", l, text, err, got)
		}
	}
}

// latencies gives what so many calls wait.
func latencies(t *testing.T, l fault.Latency, n int) (all []time.Duration) {
	s := open(t)
	add(t, s, fault.Fault{Harm: fault.Harm{Latency: &l}})
	within(t, s, func(tx *store.Tx) error {
		for range n {
			found, err := fault.OnCall(tx, call)
			if err != nil {
				return err
			}
			all = append(all, found[0].Latency)
		}
		return nil
	})
	slices.Sort(all)
	return all
}

func TestLatenciesAreDistributed(t *testing.T) {
	const n = 2000
	second := fault.Span(time.Second)
	tests := map[string]struct {
		latency     fault.Latency
		at          int // of 1000 calls, in the order of their latency
		least, most time.Duration
	}{
		"fixed":                    {fault.Latency{Fixed: second}, 0, time.Second, time.Second},
		"uniform, its median":      {fault.Latency{Min: second, Max: 3 * second}, 500, 1900 * time.Millisecond, 2100 * time.Millisecond},
		"uniform, its least":       {fault.Latency{Min: second, Max: 3 * second}, 0, time.Second, 1020 * time.Millisecond},
		"log-normal, its median":   {fault.Latency{Median: second, P99: 10 * second}, 500, 900 * time.Millisecond, 1100 * time.Millisecond},
		"log-normal, its p99":      {fault.Latency{Median: second, P99: 10 * second}, 990, 7500 * time.Millisecond, 13 * time.Second},
		"log-normal, by its sigma": {fault.Latency{Median: second, Sigma: 1}, 841, 2300 * time.Millisecond, 3100 * time.Millisecond},
		"log-normal, capped":       {fault.Latency{Median: 300 * second, Sigma: 5}, 999, fault.MaxLatency, fault.MaxLatency},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := latencies(t, tt.latency, n)[tt.at*n/1000]; got < tt.least || got > tt.most {
				t.Errorf("got %s, want %s to %s", got, tt.least, tt.most)
			}
		})
	}
}

func TestRemove(t *testing.T) {
	s := open(t)
	add(t, s, fault.Fault{Harm: fault.Harm{Status: 503}}, fault.Fault{Harm: fault.Harm{Status: 500}}, fault.Fault{Harm: fault.Harm{Drop: true}})
	left := func() (ids []uint64) {
		within(t, s, func(tx *store.Tx) error {
			all, err := fault.List(tx)
			for _, f := range all {
				ids = append(ids, f.ID)
			}
			return err
		})
		return ids
	}
	within(t, s, func(tx *store.Tx) error {
		for id, want := range map[uint64]bool{2: true, 9: false} {
			if found, err := fault.Remove(tx, id); err != nil || found != want {
				t.Errorf("fault %d was there: %t, %v", id, found, err)
			}
		}
		return nil
	})
	if diff := cmp.Diff([]uint64{1, 3}, left()); diff != "" {
		t.Error(diff)
	}
	within(t, s, fault.Clear)
	if len(left()) != 0 {
		t.Errorf("%v is left", left())
	}
}
