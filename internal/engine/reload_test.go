package engine

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/store"
)

// retold puts other scenario files into force: the orders' with one piece exchanged for another.
func (h *house) retold(from, to string) {
	h.Helper()
	file := strings.ReplaceAll(orderFile, from, to)
	if file == orderFile {
		h.Fatalf("the file has no %q", from)
	}
	library, defects := machine.Load([]machine.File{{Name: "shop/order.yaml", Data: []byte(file)}}, nil, machine.Facts{})
	if len(defects) > 0 {
		h.Fatal(defects)
	}
	h.engine.Library = func() *machine.Library { return library }
}

// armed are the jobs of the only order.
func (h *house) armed() (jobs []store.Job) {
	h.must(func(s *Session) error {
		return s.tx.Jobs(store.StateJob, func(j *store.Job) bool { jobs = append(jobs, *j); return true })
	})
	return jobs
}

func paid(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	if err := errors.Join(h.create("o", "1"), h.fire("o", "pay")); err != nil {
		t.Fatal(err)
	}
	return h
}

const shipping = "- {at: paid, after: 1m, fire: ship}"

// A job keeps its instant over a change of the files, and does what the step at its place says by then.
func TestAStepThatWaitsDoesWhatTheFilesSayByThen(t *testing.T) {
	for name, c := range map[string]struct {
		to, state string
		stale     bool
	}{
		"another event":   {"- {at: paid, after: 5m, fire: drop}", "gone", false},
		"at once now":     {"- {at: paid, fire: ship}", "paid", true},
		"on an event now": {"- {at: paid, on: drop, fire: ship}", "paid", true},
		"no step":         {"- {at: paid}", "paid", true},
	} {
		t.Run(name, func(t *testing.T) {
			h := paid(t)
			job := h.armed()[0]
			h.retold(shipping, c.to)
			err := h.do(func(s *Session) error { return s.Due(&job) })
			if errors.Is(err, store.ErrStale) != c.stale || err != nil && !c.stale {
				t.Errorf("due: %v", err)
			}
			if state, _, _ := h.state("o"); state != c.state {
				t.Errorf("state %s, want %s", state, c.state)
			}
		})
	}
}

// An entity whose story is in no file any more keeps still, and does not go on in another one.
func TestAnEntityWhoseStoryVanishedKeepsStill(t *testing.T) {
	h := newHouse(t)
	if err := errors.Join(h.create("o", "16"), h.fire("o", "pay")); err != nil { // follows marked
		t.Fatal(err)
	}
	h.retold("  marked:\n", "  renamed:\n")
	job := store.Job{Class: store.StateJob, Entity: h.armed()[0].Entity, Visit: 2, Scenario: "marked", Step: 0}
	if err := h.do(func(s *Session) error { return s.Due(&job) }); !errors.Is(err, store.ErrStale) {
		t.Errorf("due: %v", err)
	}
	if err := h.fire("o", "ship"); err != nil {
		t.Errorf("the law holds no more: %v", err)
	}
	if state, _, _ := h.state("o"); state != "sent" {
		t.Errorf("state %s", state)
	}
	h.must(func(s *Session) error {
		in, err := s.Get("order", "o")
		return errors.Join(err, s.Retell(in, "usual"))
	})
}

// A law that no longer knows where an entity stands refuses its events, and nothing breaks.
func TestAnEntityWhoseStateVanishedMayBeRetold(t *testing.T) {
	h := newHouse(t)
	if err := errors.Join(h.create("o", "1"), h.fire("o", "drop")); err != nil {
		t.Fatal(err)
	}
	h.retold("gone", "lost")
	h.must(func(s *Session) error {
		in, err := s.Get("order", "o")
		if err != nil {
			return err
		}
		if diff := cmp.Diff([]string(nil), in.LegalEvents()); diff != "" {
			t.Error(diff)
		}
		return s.Retell(in, "manual")
	})
}

func TestAChoiceThatVanishedCountsAsNone(t *testing.T) {
	h := newHouse(t)
	h.must(func(s *Session) error {
		s.tx.Change().Scenarios["shop/order"] = "marked"
		return nil
	})
	h.retold("  marked:\n", "  renamed:\n")
	if err := h.create("o", "1"); err != nil {
		t.Fatal(err)
	}
	h.must(func(s *Session) error {
		in, err := s.Get("order", "o")
		if err == nil && in.Scenario != "usual" {
			t.Errorf("follows %s", in.Scenario)
		}
		return err
	})
}
