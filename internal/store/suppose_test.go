package store

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/kv/mem"
)

func suppose(tx *Tx, key, value string) error {
	return tx.Suppose(func() error { return note(key, value)(tx) })
}

func TestAViewSeesWhatItSupposes(t *testing.T) {
	s := open(t, mem.New())
	update(t, s, "b", note("real", "1"))
	for _, name := range []string{"a", "b"} {
		view(t, s, name, func(tx *Tx) error {
			for _, key := range []string{"x", "y"} { // One may suppose more than once.
				if err := suppose(tx, key, "supposed"); err != nil {
					return err
				}
			}
			var got string
			for _, key := range []string{"x", "y"} {
				if found, err := notes.Get(tx, Key{}.Text(key), &got); err != nil || !found || got != "supposed" {
					t.Errorf("%s: %s is %q, %v", name, key, got, err)
				}
			}
			if found, err := notes.Get(tx, Key{}.Text("real"), &got); err != nil || found != (name == "b") {
				t.Errorf("%s: what is stored is hidden: %v", name, err)
			}
			if tx.Writable() {
				t.Errorf("%s: the View may write", name)
			}
			return nil
		})
		if got := read(t, s, name, "x"); got != "" {
			t.Errorf("%s: others read %q", name, got)
		}
	}
	if s.Stored("a") {
		t.Error("a View stored the workspace")
	}
}

func TestWhatFailsIsNotSupposed(t *testing.T) {
	s := open(t, mem.New())
	sentinel := errors.New("no")
	check := func(tx *Tx) error {
		if err := suppose(tx, "x", "1"); err != nil {
			return err
		}
		writable := tx.Writable()
		err := tx.Suppose(func() error { return errors.Join(note("x", "2")(tx), note("y", "2")(tx), sentinel) })
		if !errors.Is(err, sentinel) || tx.Writable() != writable {
			t.Errorf("error %v, writable %t", err, tx.Writable())
		}
		var x, y string
		_, errX := notes.Get(tx, Key{}.Text("x"), &x)
		_, errY := notes.Get(tx, Key{}.Text("y"), &y)
		if x != "1" || y != "" {
			t.Errorf("x is %q, y is %q", x, y)
		}
		return errors.Join(errX, errY)
	}
	view(t, s, "a", check)
	update(t, s, "a", check)
}

// TestWhatIsSupposedComesWithWhatIsWritten: random transactions against a model. A transaction supposes the ground
// where it does not see it, may go back to a mark, and may write; the ground is stored with the first write.
func TestWhatIsSupposedComesWithWhatIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := Open(Config{Driver: mem.New(), Wall: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler), MaxWorkspaces: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var ground, written bool
		for range rapid.IntRange(1, 6).Draw(t, "transactions") {
			steps := rapid.SliceOfN(rapid.SampledFrom([]string{"suppose", "write", "mark", "rewind"}), 0, 6).Draw(t, "steps")
			fails := rapid.Bool().Draw(t, "fails")
			g, w := ground, written // as the transaction sees them
			wrote := false          // by itself, and not taken back
			_ = s.Update(context.Background(), "a", func(tx *Tx) error {
				var mark *Mark
				var atMark [3]bool
				for _, step := range steps {
					switch {
					case step == "suppose" && !g:
						must(t, suppose(tx, "ground", "1"))
						g = true
					case step == "write":
						must(t, note("k", "v")(tx))
						w, wrote = true, true
					case step == "mark":
						m := tx.Mark()
						mark, atMark = &m, [3]bool{g, w, wrote}
					case step == "rewind" && mark != nil:
						tx.Rewind(*mark)
						mark, g, w, wrote = nil, atMark[0], atMark[1], atMark[2]
					}
				}
				if fails {
					return errors.New("refused")
				}
				return nil
			})
			if wrote && !fails {
				ground, written = g, w
			}
			must(t, s.View(context.Background(), "a", func(tx *Tx) error {
				for key, want := range map[string]bool{"ground": ground, "k": written} {
					if got, err := notes.Get(tx, Key{}.Text(key), new(string)); err != nil || got != want {
						t.Fatalf("%s is stored: %t, want %t (%v)", key, got, want, err)
					}
				}
				return nil
			}))
			if s.Stored("a") != written {
				t.Fatalf("the workspace is stored: %t", s.Stored("a"))
			}
		}
	})
}

func must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}
