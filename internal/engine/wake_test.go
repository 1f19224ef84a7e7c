package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// The note is a record with a scenario file. Its amount, a span of time from noon on, is its deadline, and its
// note says what happens then.

const noteFile = `
provider: shop
kind: note
default: plain
inputs:
  - {name: note, from: entity.note, form: prefix}
scenarios:
  manual: {title: nothing}
  unattended: {title: all}
  plain: {title: nothing goes wrong}
  marked:
    title: its parcels go at once
    select: {note: mk.}
    deliveries: [{next: 1, duplicate: 2}]
    mishaps: [{operation: createNote, when: before, if: "state == 'is mk.'", status: 500}]
`

func noteDeadline(_ any, in *Instance) (time.Time, error) {
	amount := in.Data.(*order).Amount
	if amount == "" {
		return time.Time{}, nil
	}
	after, err := time.ParseDuration(amount)
	return noon.Add(after), err
}

func (h *house) wakeNote(owner any, in *Instance) error {
	data := in.Data.(*order)
	switch data.Note {
	case "again":
		data.Amount, data.Note = "10m", "once more"
	case "stands":
	case "burn":
		return owner.(*Session).Delete(in)
	default:
		data.Amount, data.Note = "", "awake"
	}
	return nil
}

func (h *house) note(id, amount, note string) {
	h.Helper()
	h.must(func(s *Session) error {
		n, err := s.Next("note")
		if err != nil {
			return err
		}
		_, err = s.Create("note", Birth{ID: id, Sequence: n}, &order{Amount: amount, Note: note})
		return err
	})
}

// change changes a note and gives it as it then is.
func (h *house) change(id string, fn func(*Session, *Instance) error) (in *Instance) {
	h.Helper()
	h.must(func(s *Session) (err error) {
		if in, err = s.Get("note", id); err != nil {
			return err
		}
		return fn(s, in)
	})
	return in
}

// due runs what is due by an instant, as package schedule does, and gives the first error.
func (h *house) due(after time.Duration) (failed error) {
	h.Helper()
	for {
		var first *store.Job
		h.must(func(s *Session) error {
			return s.tx.Jobs(store.StateJob, func(j *store.Job) bool { first = j; return false })
		})
		if first == nil || first.Due.After(noon.Add(after)) {
			return failed
		}
		h.must(func(s *Session) error { s.tx.DropJob(first); return nil })
		err := h.store.UpdateAt(context.Background(), "w", first.Due, func(tx *store.Tx) error {
			s := h.engine.Begin(tx, nil, "")
			s.owner = s
			return errors.Join(s.Due(first), s.Flush())
		})
		if err != nil && !errors.Is(err, store.ErrStale) && failed == nil {
			failed = err
		}
	}
}

func (h *house) told(id string) (note string) {
	h.Helper()
	h.must(func(s *Session) error {
		in, err := s.Get("note", id)
		if in != nil {
			note = in.Data.(*order).Note
		}
		return err
	})
	return note
}

func TestARecordWakesAtItsDeadline(t *testing.T) {
	h := newHouse(t)
	h.note("none", "", "asleep")
	h.note("once", "1m", "asleep")
	h.note("twice", "2m", "again")
	h.note("past", "-1h", "asleep")
	h.note("gone", "1m", "burn")
	if diff := cmp.Diff([]string{"0s is -1h ", "1m0s is 1m ", "1m0s is 1m ", "2m0s is 2m "}, h.jobs()); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, "asleep asleep again awake burn"},
		{time.Minute, "asleep awake again awake "},
		{2 * time.Minute, "asleep awake once more awake "},
		{10 * time.Minute, "asleep awake awake awake "},
	} {
		if err := h.due(c.after); err != nil {
			t.Error(err)
		}
		var got []string
		for _, id := range []string{"none", "once", "twice", "past", "gone"} {
			got = append(got, h.told(id))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("after %s: %s", c.after, diff)
		}
	}
	if left := h.jobs(); left != nil {
		t.Errorf("left: %v", left)
	}
}

func TestADeadlineMovesWithItsRecord(t *testing.T) {
	h := newHouse(t)
	h.note("n", "1m", "asleep")
	before := h.change("n", func(s *Session, in *Instance) error { s.Touch(in); return nil }).Visit
	same := h.change("n", func(s *Session, in *Instance) error { in.Data.(*order).Loud = true; s.Touch(in); return nil })
	if same.Visit != before || len(h.jobs()) != 1 {
		t.Errorf("a change that leaves it where it is arms %v", h.jobs())
	}
	h.change("n", func(s *Session, in *Instance) error { in.Data.(*order).Amount = "5m"; s.Touch(in); return nil })
	if err := h.due(2 * time.Minute); err != nil || h.told("n") != "asleep" {
		t.Errorf("at the deadline that it had: %v, %s", err, h.told("n"))
	}
	h.change("n", func(s *Session, in *Instance) error { in.Data.(*order).Amount = ""; s.Touch(in); return nil })
	if err := h.due(time.Hour); err != nil || h.told("n") != "asleep" {
		t.Errorf("without a deadline: %v, %s", err, h.told("n"))
	}
}

func TestADeadlineThatStandsIsAnError(t *testing.T) {
	h := newHouse(t)
	h.note("n", "1m", "stands")
	err := h.due(time.Hour)
	if err == nil || problem.From(err).Code != "deadline_stands" || !strings.Contains(err.Error(), "a note") {
		t.Errorf("got %v", err)
	}
}

func TestRecordsHaveStories(t *testing.T) {
	h := newHouse(t)
	h.note("usual", "", "any")
	h.note("magic", "", "mk.1")
	scenario := func(id string) string {
		return h.change(id, func(*Session, *Instance) error { return nil }).Scenario
	}
	if got := scenario("usual") + " " + scenario("magic"); got != "plain marked" {
		t.Errorf("chosen: %s", got)
	}
	h.must(func(s *Session) error {
		s.tx.Change().Scenarios = map[string]string{"shop/note": "unattended"}
		return nil
	})
	h.note("workspace", "", "any")
	if got := scenario("workspace"); got != "unattended" {
		t.Errorf("the workspace's choice: %s", got)
	}
	h.must(func(s *Session) error {
		parent, err := s.Get("note", "magic")
		if err != nil {
			return err
		}
		child, err := s.Create("parcel", Birth{ID: "p", Sequence: 1, Parent: parent}, new(order))
		if err == nil && (child.Scenario != "marked" || child.State != "gone") {
			t.Errorf("its child: %s, %s", child.Scenario, child.State)
		}
		return err
	})
	in := h.change("magic", func(s *Session, in *Instance) error {
		if err := s.Fire(in, "pay", nil); !problem.Is(err, problem.Conflict) {
			t.Errorf("an event: %v", err)
		}
		return nil
	})
	if mishaps := in.Story().Mishaps; len(mishaps) != 1 || in.LegalEvents() != nil {
		t.Errorf("its story: %v, legal %v", mishaps, in.LegalEvents())
	}
}

func TestRetellingARecordAsksForItsDeadlineAnew(t *testing.T) {
	h := newHouse(t)
	h.note("n", "1m", "asleep")
	in := h.change("n", func(s *Session, in *Instance) error { return s.Retell(in, "marked") })
	if in.Scenario != "marked" || len(h.jobs()) != 2 {
		t.Errorf("%s with %v", in.Scenario, h.jobs())
	}
	if err := h.due(time.Minute); err != nil || h.told("n") != "awake" {
		t.Errorf("%v, %s", err, h.told("n"))
	}
}

// Code tells of a record, and its story spoils that as it spoils what a machine tells.
func TestARecordIsToldOfByCode(t *testing.T) {
	h := newHouse(t)
	h.note("n", "", "mk.1")
	for range 2 {
		h.change("n", func(s *Session, in *Instance) error {
			return s.Notify(in, machine.Notify{Channel: "hook", Type: "noted"})
		})
	}
	if diff := cmp.Diff([]notice{{Type: "noted", Duplicate: 2}, {Type: "noted"}}, h.notices); diff != "" {
		t.Error(diff)
	}
}
