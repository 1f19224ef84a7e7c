package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/kv/mem"
)

// ear hears what a store tells.
type ear struct {
	mu      sync.Mutex
	heard   []string
	commits int
	check   func(workspace string, e events.Event)
}

func (e *ear) Committed(int, time.Duration, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.commits++
}

func (e *ear) Told(workspace string, told []events.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, event := range told {
		if e.check != nil {
			e.check(workspace, event)
		}
		what := "clock " + event.At.Format(time.TimeOnly)
		switch {
		case event.Entity != nil:
			what = event.Entity.ID
		case event.Clock.Advancing:
			what += " advancing"
		}
		e.heard = append(e.heard, workspace+": "+what)
	}
}

func (e *ear) Removed(workspace string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, workspace+": removed")
}

func telling(t *testing.T) (*Store, *ear) {
	e := &ear{}
	return open(t, mem.New(), func(cfg *Config) { cfg.Observer = e }), e
}

func happened(id string) events.Event {
	return events.Event{Type: events.OfEntity, Entity: &events.Entity{Subject: events.Subject{ID: id}}}
}

// says writes a row and tells of it.
func says(id string) func(*Tx) error {
	return func(tx *Tx) error {
		tx.Tell(happened(id))
		return note(id, "x")(tx)
	}
}

// TestOnlyWhatIsDurableIsTold: not what was gone back behind, failed, or was only looked at.
func TestOnlyWhatIsDurableIsTold(t *testing.T) {
	s, e := telling(t)
	update(t, s, "a", func(tx *Tx) error {
		if err := says("kept")(tx); err != nil {
			return err
		}
		mark := tx.Mark()
		if err := says("taken back")(tx); err != nil {
			return err
		}
		tx.Rewind(mark)
		return nil
	})
	refused := errors.New("refused")
	err := s.Update(context.Background(), "a", func(tx *Tx) error { return errors.Join(says("failed")(tx), refused) })
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	view(t, s, "a", func(tx *Tx) error { tx.Tell(happened("looked at")); return nil })
	update(t, s, "a", func(tx *Tx) error { tx.Tell(happened("nothing was written")); return nil })
	if want := []string{"a: kept"}; !cmp.Equal(e.heard, want) || e.commits != 1 {
		t.Errorf("heard %q in %d commits, want %q", e.heard, e.commits, want)
	}
}

// TestWhatIsToldIsThere, and before the writer goes on; in the order of the commits.
func TestWhatIsToldIsThere(t *testing.T) {
	s, e := telling(t)
	e.check = func(workspace string, event events.Event) {
		if read(t, s, workspace, event.Entity.ID) != "x" {
			t.Errorf("%s was told before it was there", event.Entity.ID)
		}
	}
	var writers sync.WaitGroup
	var mu sync.Mutex
	var order []string
	for i := range 8 {
		writers.Go(func() {
			for j := range 50 {
				id := fmt.Sprint(i, "-", j)
				update(t, s, "a", func(tx *Tx) error {
					mu.Lock()
					defer mu.Unlock()
					order = append(order, "a: "+id)
					return says(id)(tx)
				})
				e.mu.Lock()
				if !slices.Contains(e.heard, "a: "+id) {
					t.Errorf("%s was not told when it was written", id)
				}
				e.mu.Unlock()
			}
		})
	}
	writers.Wait()
	if !cmp.Equal(e.heard, order) {
		t.Error("told in another order than written")
	}
}

// TestClocksAreTold when they are set, and when a jump begins and ends; nothing else of a workspace is.
func TestClocksAreTold(t *testing.T) {
	s, e := telling(t)
	set := func(setting clock.Setting) {
		update(t, s, "a", func(tx *Tx) error { tx.SetClock(setting); return nil })
	}
	standing := clock.Setting{Mode: clock.Frozen, Base: noon}
	jumping := func(by time.Duration) clock.Setting { c := standing; c.Jump = noon.Add(by); return c }
	update(t, s, "a", note("k", "v"))
	set(standing) // as it is
	set(jumping(time.Hour))
	set(jumping(2 * time.Hour)) // on its way
	set(clock.Setting{Mode: clock.Frozen, Base: noon.Add(3 * time.Hour)})
	update(t, s, "a", func(tx *Tx) error { tx.Change().Seed = 7; return nil })
	if err := s.Delete(context.Background(), "a"); err != nil {
		t.Fatal(err)
	}
	want := []string{"a: clock 13:00:00 advancing", "a: clock 15:00:00", "a: removed"}
	if !cmp.Equal(e.heard, want) {
		t.Errorf("heard %q, want %q", e.heard, want)
	}
}
