package store

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/kv/mem"
)

// TestIdleWorkspacesAreDropped, but for the default one, those to be spared, and whoever is looked at, written to or
// waited for.
func TestIdleWorkspacesAreDropped(t *testing.T) {
	wall := noon
	s := open(t, mem.New(), func(cfg *Config) { cfg.Wall = func() time.Time { return wall } })
	names := []string{Default, "idle", "spared", "read", "written", "waited-for", "described"}
	for _, name := range names {
		update(t, s, name, note("k", "v"))
	}
	_, release := s.Change("waited-for")
	wall = wall.Add(time.Hour)
	read(t, s, "read", "k")
	update(t, s, "written", note("k", "w"))
	s.Workspace("described") // as a list of workspaces does, which is no use of them

	drop := func(since time.Time, want ...string) {
		t.Helper()
		got, err := s.DropIdle(t.Context(), since, func(name string) bool { return name == "spared" })
		if slices.Sort(got); err != nil || !slices.Equal(got, want) {
			t.Errorf("dropped were %v, want %v (%v)", got, want, err)
		}
	}
	drop(noon)
	drop(noon.Add(time.Minute), "described", "idle")
	drop(noon.Add(time.Minute))
	release()
	drop(noon.Add(time.Minute), "waited-for")
	drop(wall.Add(time.Minute), "read", "written")
	if s.Stored("idle") || read(t, s, "idle", "k") != "" || read(t, s, Default, "k") != "v" {
		t.Error("what was dropped is there, or what was not is gone")
	}
	update(t, s, "idle", note("k", "new"))
	if got := read(t, s, "idle", "k"); got != "new" {
		t.Errorf("its name is not free again: %q", got)
	}
}

// TestARestartIsASignOfLife: nobody could have come while the process was away.
func TestARestartIsASignOfLife(t *testing.T) {
	driver, wall := mem.New(), noon
	change := func(cfg *Config) { cfg.Wall = func() time.Time { return wall } }
	update(t, open(t, driver, change), "w", note("k", "v"))
	wall = wall.Add(time.Hour)
	s := open(t, driver, change)
	got, err := s.DropIdle(t.Context(), wall, func(string) bool { return false })
	if err != nil || len(got) != 0 {
		t.Errorf("dropped were %v (%v)", got, err)
	}
}

// TestAWholeViewIsOfOneCommit: whatever resets come between, it sees one world and all of it.
func TestAWholeViewIsOfOneCommit(t *testing.T) {
	const rows = 20
	s := open(t, mem.New())
	renew := func(tx *Tx) error {
		tx.Reset()
		for n := range uint64(rows) {
			if err := notes.Put(tx, Key{}.Number(n), n); err != nil {
				return err
			}
		}
		return nil
	}
	update(t, s, "w", renew)
	var writing sync.WaitGroup
	writing.Go(func() {
		for range 300 {
			if err := s.Update(t.Context(), "w", renew); err != nil {
				t.Error(err)
			}
		}
	})
	for range 300 {
		seen := 0
		err := s.ViewWhole(t.Context(), "w", func(tx *Tx) error {
			return tx.EachRow(false, func(string, Key, []byte) error { seen++; return nil })
		})
		if err != nil || seen != rows {
			t.Fatalf("%d rows of %d (%v)", seen, rows, err)
		}
	}
	writing.Wait()
}
