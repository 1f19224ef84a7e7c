package usage

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/store"
)

var noon = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

type tester interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

// bench is a meter over a store whose clocks stand at noon.
type bench struct {
	tester
	*Meter
	store *store.Store
}

func open(t tester) *bench {
	s, err := store.Open(store.Config{
		Driver: mem.New(), Wall: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
		MaxWorkspaces: 10, Clock: clock.Setting{Mode: clock.Frozen, Base: noon},
	})
	b := &bench{tester: t, Meter: New("toy"), store: s}
	b.must(err)
	return b
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) view(ws string, fn func(*store.Tx) error) {
	b.Helper()
	b.must(b.store.View(context.Background(), ws, fn))
}

func (b *bench) update(ws string, fn func(*store.Tx) error) {
	b.Helper()
	b.must(b.store.Update(context.Background(), ws, fn))
}

var others = store.Bucket{Name: "other"}

// settle stores a workspace.
func (b *bench) settleDown(ws string) {
	b.update(ws, func(tx *store.Tx) error { return others.Put(tx, nil, true) })
}

func (b *bench) flush() {
	b.Helper()
	b.must(b.Flush(context.Background(), b.store))
}

// restart forgets all that is in memory.
func (b *bench) restart() { b.Meter = New("toy") }

// setClock has a workspace stand at an instant.
func (b *bench) setClock(ws string, at time.Time) {
	b.update(ws, func(tx *store.Tx) error {
		tx.SetClock(clock.Setting{Mode: clock.Frozen, Base: at})
		return nil
	})
}

func name(s string) store.Key { return store.Key{}.Text(s) }

// take counts a call in a View, as a guard does.
func (b *bench) take(ws, who string, window time.Duration, limit int) (u Usage) {
	b.Helper()
	b.view(ws, func(tx *store.Tx) (err error) { u, err = b.Take(tx, name(who), window, limit); return err })
	return u
}

func (b *bench) last(ws, who string, window time.Duration) (at time.Time, ok bool) {
	b.Helper()
	b.view(ws, func(tx *store.Tx) (err error) { at, ok, err = b.LastUsed(tx, name(who), window); return err })
	return at, ok
}

func (b *bench) want(ws, who string, count int) {
	b.Helper()
	if got := b.take(ws, who, time.Minute, 0); got.Count != count {
		b.Errorf("%s in %s: call %d, want %d", who, ws, got.Count, count)
	}
}

func TestTake(t *testing.T) {
	b := open(t)
	b.setClock("a", noon.Add(90*time.Second))
	for i := 1; i <= 4; i++ {
		got := b.take("a", "demo", time.Minute, 3)
		want := Usage{Count: i, Limit: 3, Reset: noon.Add(2 * time.Minute), Over: i > 3}
		if got != want {
			t.Errorf("call %d: %+v", i, got)
		}
	}
	if got := b.take("a", "demo", time.Hour, 0); got != (Usage{Count: 1, Reset: noon.Add(time.Hour)}) {
		t.Errorf("another length of window: %+v", got)
	}
	b.want("a", "other", 1)
	b.want("b", "demo", 1)
	b.view("a", func(tx *store.Tx) error {
		for _, window := range []time.Duration{0, -time.Hour, time.Nanosecond} {
			if _, err := b.Take(tx, name("demo"), window, 1); err == nil {
				t.Errorf("a window of %s was taken", window)
			}
		}
		return nil
	})
}

func TestWindowsBeginAtMultiplesOfTheirLength(t *testing.T) {
	epoch := time.Unix(0, 0)
	for _, tt := range []struct {
		at     time.Time
		window time.Duration
		reset  time.Time
	}{
		{noon, time.Minute, noon.Add(time.Minute)},
		{noon.Add(-time.Microsecond), time.Minute, noon},
		{noon, 24 * time.Hour, noon.Add(12 * time.Hour)},
		{epoch, time.Minute, epoch.Add(time.Minute)},
		{epoch.Add(-time.Microsecond), time.Minute, epoch},
		{epoch.Add(-time.Minute), time.Minute, epoch},
		{clock.Latest, time.Second, clock.Latest.Add(time.Second)},
	} {
		b := open(t)
		b.setClock("a", tt.at)
		if got := b.take("a", "demo", tt.window, 0).Reset; !got.Equal(tt.reset) {
			t.Errorf("at %s a window of %s ends at %s, want %s", tt.at, tt.window, got, tt.reset)
		}
	}
}

// TestACallThatComesLate began before the end of its window and is counted after the first of the next one: it must
// not begin anew what others have counted.
func TestACallThatComesLate(t *testing.T) {
	b := open(t)
	b.view("a", func(early *store.Tx) error {
		late := *early
		late.SetNow(noon.Add(-time.Microsecond))
		for i, tx := range []*store.Tx{early, &late, early} {
			got, err := b.Take(tx, name("demo"), time.Minute, 0)
			if err != nil || got.Count != i+1 || !got.Reset.Equal(noon.Add(time.Minute)) {
				t.Errorf("call %d: %+v, %v", i+1, got, err)
			}
		}
		return nil
	})
	if at, ok := b.last("a", "demo", time.Minute); !ok || !at.Equal(noon) {
		t.Errorf("last used at %s", at)
	}
}

func TestUsageOutlivesARestart(t *testing.T) {
	b := open(t)
	b.settleDown("a")
	b.want("a", "demo", 1)
	b.want("a", "demo", 2)
	b.flush()
	b.want("a", "demo", 3)
	b.restart()
	b.want("a", "demo", 3) // The third was not flushed.
	b.setClock("a", noon.Add(time.Hour))
	b.flush()
	b.restart()
	if at, ok := b.last("a", "demo", time.Minute); !ok || !at.Equal(noon) {
		t.Errorf("last used at %s, %t", at, ok)
	}
	if at, ok := b.last("a", "other", time.Minute); ok {
		t.Errorf("the other was used at %s", at)
	}
}

// TestUsageStoresNoWorkspace, and goes on counting once something else does.
func TestUsageStoresNoWorkspace(t *testing.T) {
	b := open(t)
	b.want("a", "demo", 1)
	b.update("a", func(tx *store.Tx) error { // A write that comes to nothing.
		_, err := b.Take(tx, name("demo"), time.Minute, 0)
		return err
	})
	b.flush()
	if b.store.Stored("a") {
		t.Fatal("it was stored")
	}
	b.want("a", "demo", 3)
	b.settleDown("a")
	b.want("a", "demo", 4)
	b.flush()
	b.restart()
	b.want("a", "demo", 5)
}

func TestResetAndDeleteForget(t *testing.T) {
	b := open(t)
	b.settleDown("a")
	b.want("a", "demo", 1)
	b.flush()
	b.want("a", "demo", 2)
	b.update("a", func(tx *store.Tx) error { tx.Reset(); return nil })
	b.flush() // It must not write to the new world what was counted in the old one.
	b.restart()
	b.want("a", "demo", 1)
	b.must(b.store.Delete(context.Background(), "a"))
	b.Forget("a")
	b.want("a", "demo", 1)
	b.flush()
	if b.store.Stored("a") {
		t.Error("a deleted workspace came back")
	}
}

// TestParallelCallsAreCountedExactly, also while the workspace comes to be stored and counters are flushed.
func TestParallelCallsAreCountedExactly(t *testing.T) {
	const callers, calls = 8, 200
	b := open(t)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			for n := range calls {
				do := b.store.View
				if i == 0 && n > calls/2 {
					do = b.store.Update
				}
				err := do(context.Background(), "a", func(tx *store.Tx) error {
					if tx.Writable() {
						if err := others.Put(tx, nil, n); err != nil {
							return err
						}
					}
					_, err := b.Take(tx, name("demo"), time.Minute, 0)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 20 {
		b.flush()
	}
	all.Wait()
	b.want("a", "demo", callers*calls+1)
	b.flush()
	b.restart()
	b.want("a", "demo", callers*calls+2)
}

func TestMemoryIsBounded(t *testing.T) {
	b := open(t)
	b.settleDown("a")
	b.want("a", "kept", 1)
	for ws := range 3 {
		b.view(fmt.Sprint("invented-", ws), func(tx *store.Tx) error {
			for i := range mostCounters / 2 {
				if _, err := b.Take(tx, store.Key{}.Number(uint64(i)), time.Minute, 0); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if b.size > mostCounters || b.size != b.held() {
		t.Errorf("%d counters are in memory, and it thinks %d", b.held(), b.size)
	}
	b.want("a", "kept", 2)
	b.setClock("a", noon.Add(time.Hour))
	b.flush()
	if got := len(b.rooms["a"].countersOrNone()); got != 0 {
		t.Errorf("%d counters that are stored and over are in memory", got)
	}
}

func (r *room) countersOrNone() map[string]*counter {
	if r == nil {
		return nil
	}
	return r.counters
}

func (m *Meter) held() (n int) {
	for _, r := range m.rooms {
		n += len(r.counters)
	}
	return n
}

// tally is what the model knows of a counter.
type tally struct {
	window, count, last int64
}

// TestAgainstAModel: random calls, moves of the clock in both directions, flushes, restarts and resets.
func TestAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := open(rt)
		defer b.store.Close()
		now, stored := noon, false
		live, flushed := map[string]tally{}, map[string]tally{}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"take", "take", "take", "clock", "flush", "restart", "reset"}).Draw(rt, "step") {
			case "take":
				who := rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "who")
				length := rapid.SampledFrom([]time.Duration{time.Minute, time.Hour}).Draw(rt, "length")
				limit := rapid.IntRange(0, 3).Draw(rt, "limit")
				key, window := who+length.String(), now.UnixMicro()/length.Microseconds()
				was := live[key]
				if was.window != window {
					was.count = 0
				}
				live[key] = tally{window, was.count + 1, now.UnixMicro()}
				got := b.take("a", who, length, limit)
				want := Usage{Count: int(was.count + 1), Limit: limit, Reset: now.Truncate(length).Add(length), Over: limit > 0 && int(was.count) >= limit}
				if got != want {
					rt.Fatalf("got %+v, want %+v", got, want)
				}
			case "clock":
				now = now.Add(time.Duration(rapid.IntRange(-90, 90).Draw(rt, "minutes")) * time.Minute / 2)
				b.setClock("a", now)
				stored = true
			case "flush":
				b.flush()
				if stored {
					flushed = maps.Clone(live)
				}
			case "restart":
				b.restart()
				live = maps.Clone(flushed)
			case "reset":
				if stored {
					b.update("a", func(tx *store.Tx) error { tx.Reset(); return nil })
				} else {
					b.Forget("a")
				}
				live, flushed = map[string]tally{}, map[string]tally{}
			}
			for _, who := range []string{"x", "y"} {
				for _, length := range []time.Duration{time.Minute, time.Hour} {
					want, known := live[who+length.String()]
					if at, ok := b.last("a", who, length); ok != known || ok && at.UnixMicro() != want.last {
						rt.Fatalf("%s by %s was last used at %s, %t; want %+v", who, length, at, ok, want)
					}
				}
			}
		}
	})
}

// TestACallDuringAFlush comes after the rows were read and before they were noted as stored.
func TestACallDuringAFlush(t *testing.T) {
	b := open(t)
	b.settleDown("a")
	b.want("a", "demo", 1)
	var r *room
	var written map[string]row
	b.update("a", func(tx *store.Tx) error { r, written = b.unwritten(tx); return nil })
	b.want("a", "demo", 2)
	b.settle(r, written)
	b.flush()
	b.restart()
	b.want("a", "demo", 3)
}

// TestADeleteDuringAFlush comes after the workspace was found to be stored.
func TestADeleteDuringAFlush(t *testing.T) {
	b := open(t)
	b.want("a", "demo", 1)
	b.must(b.Meter.flush(context.Background(), b.store, "a"))
	if b.store.Stored("a") {
		t.Error("the workspace came back")
	}
}

func TestWindowsThatBeginWithTheirFirstCall(t *testing.T) {
	b := open(t)
	at := noon.Add(17 * time.Second)
	b.setClock("a", at)
	take := func(want int, reset time.Time) {
		t.Helper()
		b.view("a", func(tx *store.Tx) error {
			got, err := b.TakeFromFirst(tx, name("demo"), time.Minute, 2)
			if want := (Usage{Count: want, Limit: 2, Reset: reset, Over: want > 2}); got != want {
				t.Errorf("at %s: %+v, want %+v", tx.Now(), got, want)
			}
			looked, lookErr := b.Look(tx, name("demo"), time.Minute)
			if looked != (Usage{Count: want, Reset: reset}) || lookErr != nil {
				t.Errorf("at %s it looks like %+v (%v)", tx.Now(), looked, lookErr)
			}
			return err
		})
	}
	take(1, at.Add(time.Minute))
	b.setClock("a", at.Add(59*time.Second))
	take(2, at.Add(time.Minute))
	b.flush()
	b.restart()
	take(3, at.Add(time.Minute))
	b.setClock("a", at.Add(time.Minute))
	b.view("a", func(tx *store.Tx) error {
		if got, err := b.Look(tx, name("demo"), time.Minute); got != (Usage{}) || err != nil {
			t.Errorf("a window that is over looks like %+v (%v)", got, err)
		}
		return nil
	})
	take(1, at.Add(2*time.Minute))
	b.setClock("a", at) // Nobody is locked out by a clock that is set back.
	take(1, at.Add(time.Minute))
}

// No window lets more through than its limit, and none is shorter than its length.
func TestWindowsFromTheFirstCallAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b, now, started, count := open(rt), noon, time.Time{}, 0
		for range rapid.IntRange(1, 40).Draw(rt, "calls") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(90*time.Second)).Draw(rt, "pause"))).Truncate(time.Microsecond)
			b.setClock("a", now)
			if started.IsZero() || !now.Before(started.Add(time.Minute)) {
				started, count = now, 0
			}
			count++
			b.view("a", func(tx *store.Tx) error {
				got, err := b.TakeFromFirst(tx, name("demo"), time.Minute, 3)
				if got.Count != count || got.Over != (count > 3) || !got.Reset.Equal(started.Add(time.Minute)) {
					rt.Fatalf("%+v at %s, want call %d of the window of %s", got, now, count, started)
				}
				return err
			})
		}
	})
}
