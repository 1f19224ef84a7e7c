package keys

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/clock"
)

var t0 = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

func instants(t *rapid.T, label string) time.Time {
	return t0.Add(time.Duration(rapid.Int64Range(-int64(2*Period), int64(40*Period)).Draw(t, label)))
}

func TestRotationDoesNotDependOnTheRoad(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start, t1, t2 := Begin(t0, RS256), instants(t, "t1"), instants(t, "t2")
		if t2.Before(t1) {
			t1, t2 = t2, t1
		}
		direct := start.At(t2, Period)
		if got := start.At(t1, Period).At(t2, Period); got != direct {
			t.Fatalf("by way of %v: %+v, directly: %+v", t1, got, direct)
		}
		if got := direct.At(t2, Period); got != direct {
			t.Fatalf("At is not idempotent: %+v, then %+v", direct, got)
		}
		if got := direct.At(t1, Period); got != direct {
			t.Fatalf("a clock set back changed %+v to %+v", direct, got)
		}
		if age := t2.Sub(direct.Since); t2.After(t0) && (age < 0 || age >= Period) {
			t.Fatalf("key %d signs since %v at %v", direct.Number, direct.Since, t2)
		}
	})
}

// Whoever fetched the set at any instant can verify what is signed before the next rotation, and what was
// signed stays verifiable until the rotation after.
func TestTwoKeysAtAllTimes(t *testing.T) {
	s := Series{Seed: 1, Workspace: "w", Provider: "finqlink", Purpose: "webhook"}
	rapid.Check(t, func(t *rapid.T) {
		r, now := Begin(t0, RS256), t0
		signed := ""
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			before, _ := s.Keys(r)
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(Period)).Draw(t, "wait")))
			rotations := r.Number
			r = r.At(now, Period)
			if rapid.Bool().Draw(t, "by hand") {
				r = r.Rotated(now, rapid.SampledFrom([]Alg{RS256, ES256}).Draw(t, "alg"))
			}
			current, previous := s.Keys(r)
			set := JWKS(current, previous)
			if len(set.Keys) != 2 || set.Keys[0].Kid == set.Keys[1].Kid || set.Keys[0].Kid != current.Kid() {
				t.Fatalf("not two keys, newest first: %+v", set)
			}
			if cmp.Equal(set.Keys[0].N+set.Keys[0].X, set.Keys[1].N+set.Keys[1].X) {
				t.Fatalf("both kids name one key")
			}
			if r.Number-rotations == 1 && previous.Kid() != before.Kid() {
				t.Fatalf("the key that signed until now is not published")
			}
			if r.Number == rotations && signed != "" && signed != current.Kid() {
				t.Fatalf("the key changed without a rotation")
			}
			signed = current.Kid()
		}
	})
}

func TestRotationTable(t *testing.T) {
	begin := Begin(t0, RS256)
	days := func(n int) time.Time { return t0.Add(time.Duration(n) * 24 * time.Hour) }
	for name, c := range map[string]struct{ got, want Rotation }{
		"fresh":            {begin.At(t0, Period), Rotation{t0, 1, RS256, RS256}},
		"a moment before":  {begin.At(days(90).Add(-1), Period), Rotation{t0, 1, RS256, RS256}},
		"on the instant":   {begin.At(days(90), Period), Rotation{days(90), 2, RS256, RS256}},
		"in one jump":      {begin.At(days(200), Period), Rotation{days(180), 3, RS256, RS256}},
		"another alg":      {begin.Rotated(days(5), ES256), Rotation{days(5), 2, ES256, RS256}},
		"alg, then a turn": {begin.Rotated(days(5), ES256).At(days(96), Period), Rotation{days(95), 3, ES256, ES256}},
		"never by itself":  {begin.At(days(900), 0), begin},
		"negative period":  {begin.At(days(900), -1), begin},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRotationReachesTheEndOfTime(t *testing.T) {
	end := Begin(t0, RS256).At(clock.Latest, Period)
	if gap := clock.Latest.Sub(end.Since); gap < 0 || gap >= Period {
		t.Fatalf("the last key signs since %v, which is not within a period of %v", end.Since, clock.Latest)
	}
	if end.At(clock.Latest, Period) != end {
		t.Fatal("At is not idempotent at the end of time")
	}
}
