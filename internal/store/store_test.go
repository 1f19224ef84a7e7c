package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/problem"
)

var noon = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, driver kv.Driver, change ...func(*Config)) *Store {
	t.Helper()
	cfg := Config{
		Driver: driver, Wall: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Seed: 1, MaxWorkspaces: 100, Clock: clock.Setting{Mode: clock.Frozen, Base: noon},
	}
	for _, fn := range change {
		fn(&cfg)
	}
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func update(t testing.TB, s *Store, ws string, fn func(*Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), ws, fn); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, s *Store, ws string, fn func(*Tx) error) {
	t.Helper()
	if err := s.View(context.Background(), ws, fn); err != nil {
		t.Fatal(err)
	}
}

var notes = Bucket{Name: "note"}

func note(key, value string) func(*Tx) error {
	return func(tx *Tx) error { return notes.Put(tx, Key{}.Text(key), value) }
}

func read(t testing.TB, s *Store, ws, key string) (value string) {
	t.Helper()
	view(t, s, ws, func(tx *Tx) error {
		_, err := notes.Get(tx, Key{}.Text(key), &value)
		return err
	})
	return value
}

func TestWorkspacesShareNothing(t *testing.T) {
	s := open(t, mem.New())
	update(t, s, "a", note("k", "of a"))
	update(t, s, "b", note("k", "of b"))
	if got := read(t, s, "a", "k") + ", " + read(t, s, "b", "k") + ", " + read(t, s, "c", "k"); got != "of a, of b, " {
		t.Errorf("got %q", got)
	}
}

func TestFailedUpdateWritesNothing(t *testing.T) {
	s := open(t, mem.New())
	sentinel := errors.New("no")
	err := s.Update(context.Background(), "a", func(tx *Tx) error {
		if err := note("k", "v")(tx); err != nil {
			return err
		}
		return sentinel
	})
	if !errors.Is(err, sentinel) || read(t, s, "a", "k") != "" || s.Stored("a") {
		t.Errorf("error %v, value %q, stored %v", err, read(t, s, "a", "k"), s.Stored("a"))
	}
}

func TestRewindForgetsWhatCameAfterTheMark(t *testing.T) {
	s := open(t, mem.New())
	update(t, s, "a", func(tx *Tx) error {
		if err := note("before", "1")(tx); err != nil {
			return err
		}
		mark := tx.Mark()
		tx.Change().Seed = 99
		if err := errors.Join(note("before", "2")(tx), note("after", "1")(tx)); err != nil {
			return err
		}
		if _, err := tx.Next("n"); err != nil {
			return err
		}
		tx.Rewind(mark)
		n, err := tx.Next("n")
		if n != 1 || tx.Workspace().Seed != 1 {
			t.Errorf("after the rewind: next %d, seed %d", n, tx.Workspace().Seed)
		}
		return err
	})
	if got := read(t, s, "a", "before") + "," + read(t, s, "a", "after"); got != "1," {
		t.Errorf("got %q", got)
	}
	if s.Workspace("a").Seed != 1 {
		t.Errorf("the seed was kept")
	}
}

func TestResetDropsTheWorldAndKeepsTheRest(t *testing.T) {
	driver := mem.New()
	s := open(t, driver)
	kept := Bucket{Name: "kept", Kept: true}
	update(t, s, "a", func(tx *Tx) error {
		tx.Change().WebhookURL = "http://localhost:1/"
		return errors.Join(note("k", "v")(tx), kept.Put(tx, Key{}.Text("k"), "stays"))
	})
	update(t, s, "a", func(tx *Tx) error { tx.Reset(); return note("new", "v")(tx) })
	var stays string
	view(t, s, "a", func(tx *Tx) error { _, err := kept.Get(tx, Key{}.Text("k"), &stays); return err })
	if read(t, s, "a", "k") != "" || read(t, s, "a", "new") != "v" || stays != "stays" || s.Workspace("a").WebhookURL == "" {
		t.Errorf("world %q, new %q, kept %q", read(t, s, "a", "k"), read(t, s, "a", "new"), stays)
	}
}

func TestForgottenRowsAreSwept(t *testing.T) {
	driver := mem.New()
	s := open(t, driver)
	for i := range 3 * sweepRows {
		update(t, s, "a", note(fmt.Sprint(i), "v"))
	}
	update(t, s, "a", func(tx *Tx) error { tx.Reset(); return nil })
	update(t, s, "b", note("k", "v"))
	if err := s.Delete(context.Background(), "b"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	// What the sweeper did not get to before Close it does after the next Open.
	again := open(t, driver)
	for countRows(t, driver) > 1 {
		runtime.Gosched()
	}
	if !again.Stored("a") || again.Stored("b") {
		t.Errorf("stored: a %v, b %v", again.Stored("a"), again.Stored("b"))
	}
}

// countRows counts all rows of a driver.
func countRows(t *testing.T, driver kv.Driver) (n int) {
	t.Helper()
	err := driver.View(func(r kv.Reader) error {
		return r.Scan(nil, nil, false, func(_, _ []byte) bool { n++; return true })
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDeletedWorkspaceBeginsAnew(t *testing.T) {
	s := open(t, mem.New())
	update(t, s, "a", note("k", "old"))
	if err := s.Delete(context.Background(), "a"); err != nil {
		t.Fatal(err)
	}
	if s.Stored("a") || read(t, s, "a", "k") != "" {
		t.Error("it is still there")
	}
	update(t, s, "a", note("other", "v"))
	if got := read(t, s, "a", "k"); got != "" {
		t.Errorf("the new workspace reads %q of the old one", got)
	}
}

func TestTooManyWorkspaces(t *testing.T) {
	s := open(t, mem.New(), func(c *Config) { c.MaxWorkspaces = 2 })
	update(t, s, "a", note("k", "v"))
	update(t, s, "b", note("k", "v"))
	err := s.Update(context.Background(), "c", note("k", "v"))
	if !problem.Is(err, problem.TooManyRequests) {
		t.Fatalf("the third: %v", err)
	}
	update(t, s, Default, note("k", "v"))
	if err := s.Delete(context.Background(), "a"); err != nil {
		t.Fatal(err)
	}
	update(t, s, "c", note("k", "v"))
	if got := len(s.Names()); got != 3 {
		t.Errorf("%d workspaces", got)
	}
}

func TestReopenFindsEverything(t *testing.T) {
	driver := mem.New()
	first := open(t, driver)
	update(t, first, "a", func(tx *Tx) error {
		tx.SetClock(clock.Setting{Mode: clock.Frozen, Base: noon.Add(time.Hour)})
		return note("k", "v")(tx)
	})
	second := open(t, driver)
	if got := second.Workspace("a").Clock.Now(noon); !got.Equal(noon.Add(time.Hour)) || read(t, second, "a", "k") != "v" {
		t.Errorf("now %v, value %q", got, read(t, second, "a", "k"))
	}
	// Epochs are never used again, or a new world would find the rows of an old one.
	update(t, second, "b", note("k", "v"))
	if a, b := second.Workspace("a"), second.Workspace("b"); b.World <= a.Kept || b.World <= a.World {
		t.Errorf("epochs %d/%d and then %d/%d", a.World, a.Kept, b.World, b.Kept)
	}
}

func TestTimeIsFrozenInATransaction(t *testing.T) {
	var wall int64
	s := open(t, mem.New(), func(c *Config) {
		c.Clock = clock.Setting{}
		c.Wall = func() time.Time { wall++; return noon.Add(time.Duration(wall) * time.Second) }
	})
	update(t, s, "a", func(tx *Tx) error {
		if !tx.Now().Equal(tx.Now()) {
			t.Error("two times in one transaction")
		}
		return nil
	})
}

// An Update sees what is on its way to the disk, and a View what has arrived there.
func TestUpdateSeesPendingWritesOfItsWorkspace(t *testing.T) {
	gate := &gated{Driver: mem.New(), open: make(chan struct{}), entered: make(chan struct{}, 1)}
	s := open(t, gate)
	var done sync.WaitGroup
	done.Go(func() { update(t, s, "a", note("k", "first")) })
	<-gate.entered
	done.Go(func() {
		update(t, s, "a", func(tx *Tx) error {
			var got string
			if _, err := notes.Get(tx, Key{}.Text("k"), &got); err != nil || got != "first" {
				t.Errorf("the second transaction reads %q, %v", got, err)
			}
			if value := read(t, s, "a", "k"); value != "" {
				t.Errorf("a view reads %q, which is not durable yet", value)
			}
			close(gate.open)
			return note("k", "second")(tx)
		})
	})
	done.Wait()
	if got := read(t, s, "a", "k"); got != "second" {
		t.Errorf("got %q", got)
	}
	if w := s.worlds["a"]; w.pending.Len() != 0 {
		t.Errorf("%d writes are still pending", w.pending.Len())
	}
}

// gated holds the first Update until it is opened, and then has it fail with fail, unless that is nil.
type gated struct {
	kv.Driver
	open    chan struct{}
	entered chan struct{}
	fail    error
	later   atomic.Bool
}

func (g *gated) Update(fn func(kv.Writer) error) error {
	if g.later.Swap(true) {
		return g.Driver.Update(fn)
	}
	g.entered <- struct{}{}
	<-g.open
	if g.fail != nil {
		return g.fail
	}
	return g.Driver.Update(fn)
}

// What was built upon a write that the disk then refused must not be kept.
func TestLostWritesTakeTheirHeirsWithThem(t *testing.T) {
	gate := &gated{Driver: mem.New(), open: make(chan struct{}), entered: make(chan struct{}, 1), fail: kv.ErrFull}
	s := open(t, gate)
	results := make(chan error, 2)
	var done sync.WaitGroup
	done.Go(func() { results <- s.Update(context.Background(), "a", note("k", "first")) })
	<-gate.entered
	done.Go(func() {
		results <- s.Update(context.Background(), "a", func(tx *Tx) error {
			close(gate.open) // the first one fails after this one began upon it
			return note("k", "second")(tx)
		})
	})
	done.Wait()
	for range 2 {
		if err := <-results; !problem.Is(err, problem.StorageFull) && !problem.Is(err, problem.Unavailable) {
			t.Errorf("got %v", err)
		}
	}
	if got := read(t, s, "a", "k"); got != "" {
		t.Errorf("kept %q", got)
	}
	update(t, s, "a", note("k", "third"))
	if got := read(t, s, "a", "k"); got != "third" {
		t.Errorf("after the loss: %q", got)
	}
}

// A write that is refused because what it stood on was lost is seen by nobody who comes later.
func TestRefusedHeirsLeaveNothingBehind(t *testing.T) {
	gate := &gated{Driver: mem.New(), open: make(chan struct{}), entered: make(chan struct{}, 1), fail: kv.ErrFull}
	s := open(t, gate)
	gate.later.Store(true)
	update(t, s, "a", note("other", "kept")) // so that the workspace stays
	gate.later.Store(false)
	first := make(chan error, 1)
	go func() { first <- s.Update(context.Background(), "a", note("k", "first")) }()
	<-gate.entered
	err := s.Update(context.Background(), "a", func(tx *Tx) error {
		close(gate.open)
		if err := <-first; !problem.Is(err, problem.StorageFull) {
			t.Errorf("the first write: %v", err)
		}
		return note("k", "second")(tx)
	})
	if !problem.Is(err, problem.Unavailable) {
		t.Errorf("the second write: %v", err)
	}
	update(t, s, "a", func(tx *Tx) error {
		var got string
		if found, err := notes.Get(tx, Key{}.Text("k"), &got); found || err != nil {
			t.Errorf("the third transaction reads %q, %v", got, err)
		}
		return nil
	})
}

func TestConcurrentUpdatesOfOneWorkspaceAreSerial(t *testing.T) {
	s := open(t, mem.New())
	var done sync.WaitGroup
	for range 20 {
		done.Go(func() {
			for range 20 {
				update(t, s, "a", func(tx *Tx) error { _, err := tx.Next("n"); return err })
			}
		})
	}
	done.Wait()
	update(t, s, "a", func(tx *Tx) error {
		if n, err := tx.Next("n"); n != 401 || err != nil {
			t.Errorf("next is %d, %v", n, err)
		}
		return nil
	})
}

// A scan in a transaction must see stored rows, pending rows and its own as one ordered list.
func TestScanLaysBufferedRowsOverStoredOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tx, model := &Tx{overlay: new(rows), writing: &batch{}}, map[string]string{}
		driver := mem.New()
		keys := rapid.SampledFrom([]string{"a", "aa", "ab", "b", "ba", "c", "ca", "cb", "d"})
		err := driver.Update(func(w kv.Writer) error {
			for range rapid.IntRange(0, 8).Draw(t, "stored") {
				key := keys.Draw(t, "key")
				model[key] = "stored"
				if err := w.Put([]byte(key), []byte("stored")); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 8).Draw(t, "buffered") {
			key := keys.Draw(t, "key")
			if rapid.Bool().Draw(t, "delete") {
				tx.delete([]byte(key))
				delete(model, key)
			} else {
				tx.put([]byte(key), []byte("buffered"))
				model[key] = "buffered"
			}
		}
		prefix := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "prefix")
		reverse := rapid.Bool().Draw(t, "reverse")
		most := rapid.IntRange(1, 10).Draw(t, "most")
		var got []string
		err = driver.View(func(r kv.Reader) error {
			tx.reader = r
			return tx.scan([]byte(prefix), nil, reverse, func(k, v []byte) bool {
				got = append(got, string(k)+"="+string(v))
				return len(got) < most
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(expected(model, prefix, reverse, most), got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func expected(model map[string]string, prefix string, reverse bool, most int) []string {
	var want []string
	for key, value := range model {
		if key[:1] == prefix {
			want = append(want, key+"="+value)
		}
	}
	slices.Sort(want)
	if reverse {
		slices.Reverse(want)
	}
	return want[:min(most, len(want))]
}

func TestKeysSortAsTheirValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a\x00\x01\x02b\xff]{0,4}`)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		if (a < b) != (string(Key{}.Text(a)) < string(Key{}.Text(b))) {
			t.Errorf("%q and %q", a, b)
		}
		i, j := rapid.Int64Range(-1e15, 1e15).Draw(t, "i"), rapid.Int64Range(-1e15, 1e15).Draw(t, "j")
		x, y := time.UnixMicro(i), time.UnixMicro(j)
		if x.Before(y) != (string(Key{}.Time(x)) < string(Key{}.Time(y))) || x.Before(y) != (string(Key{}.Latest(y)) < string(Key{}.Latest(x))) {
			t.Errorf("%v and %v", x, y)
		}
		if !timeOf(timeKey(x)).Equal(x) {
			t.Errorf("%v became %v", x, timeOf(timeKey(x)))
		}
	})
}

func TestDerivedBytesBelongToOneWorkspace(t *testing.T) {
	a := &Workspace{Name: "a", Seed: 1}
	for _, other := range []*Workspace{{Name: "b", Seed: 1}, {Name: "a", Seed: 2}} {
		if a.Derive("link", 1) == other.Derive("link", 1) {
			t.Errorf("%+v has the series of a", other)
		}
	}
	if a.Derive("link", 1) == a.Derive("link", 2) || a.Derive("link", 1) == a.Derive("consent", 1) {
		t.Error("two things have one id")
	}
	if borrowed := (&Workspace{Name: "b", Seed: 1, IDsAs: "a"}); a.Derive("link", 1) != borrowed.Derive("link", 1) {
		t.Error("ids_as does not give the other's series")
	}
}
