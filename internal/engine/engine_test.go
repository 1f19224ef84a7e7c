package engine

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

var noon = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// order is a toy kind; parcel is its child.
type order struct {
	Amount string `json:"amount"`
	Note   string `json:"note,omitzero"`
	Loud   bool   `json:"loud,omitzero"`
}

const orderFile = `
provider: shop
kind: order
default: usual
machine:
  initial: made
  states:
    made:   {on: {pay: paid, drop: gone, poke: made}}
    paid:   {on: {ship: sent, drop: gone}, deadline: {after: 10m, fire: drop}}
    sent:   {on: {sign: done}}
    done:   {}
    gone:   {}
  notify:
    - {on: any_change, channel: hook, type: order}
    - {on: poke, channel: hook, type: poked}
inputs:
  - {name: amount, from: entity.amount, form: exact}
scenarios:
  manual: {title: nothing}
  unattended: {title: all, extends: usual, steps: [{at: made, fire: pay}]}
  usual:
    title: shipped after a minute
    steps:
      - {at: paid, after: 1m, fire: ship}
      - {at: sent, fire: sign, when: entity.loud}
  refused_pay:
    title: the payment is refused
    select: {amount: "13"}
    steps:
      - {at: made, on: pay, refuse: no_luck}
  swapped:
    title: paying drops it
    select: {amount: "14"}
    steps:
      - {at: made, on: pay, set: {note: "'dropped instead'"}, fire: drop}
  refused_birth:
    title: it is not even made
    select: {amount: "15"}
    steps:
      - {at: made, refuse: not_today}
  picky:
    title: some notifications are sent more than once
    select: {amount: "17"}
    deliveries:
      - {type: poked, next: 2, duplicate: 2}
      - {channel: hook, type: order, next: 1, duplicate: 3}
      - {type: poked, duplicate: 4}
  marked:
    title: an effect and a member
    select: {amount: "16"}
    deliveries: [{next: 1, duplicate: 2}]
    steps:
      - {at: paid, do: [shout], set: {note: "'paid ' + entity.amount"}}
`

const parcelFile = `
provider: shop
kind: parcel
default: walk
machine: {initial: packed, states: {packed: {on: {go: gone}}, gone: {}}}
scenarios:
  manual: {title: nothing}
  unattended: {title: all}
  walk: {title: walks}
  marked: {title: goes at once, steps: [{at: packed, fire: go}]}
`

type notice struct {
	Type, State string
	Duplicate   int
}

type house struct {
	*testing.T
	store   *store.Store
	engine  *Engine
	notices []notice
}

func newHouse(t *testing.T) *house {
	t.Helper()
	library, defects := machine.Load([]machine.File{{Name: "shop/order.yaml", Data: []byte(orderFile)}, {Name: "shop/parcel.yaml", Data: []byte(parcelFile)}, {Name: "shop/note.yaml", Data: []byte(noteFile)}}, nil,
		machine.Facts{Entity: func(string, string) reflect.Type { return reflect.TypeFor[order]() }})
	if len(defects) > 0 {
		t.Fatal(defects)
	}
	h := &house{T: t}
	s, err := store.Open(store.Config{
		Driver: mem.New(), Wall: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), MaxWorkspaces: 10,
		Clock: clock.Setting{Mode: clock.Frozen, Base: noon},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	h.store = s
	shout := func(_ any, in *Instance) error { in.Data.(*order).Loud = true; return nil }
	derived := func(data any, _ time.Time) string { return "is " + data.(*order).Amount }
	newOrder := func() any { return new(order) }
	h.engine = &Engine{
		Provider: "shop", Library: func() *machine.Library { return library },
		Kinds: map[string]*Kind{
			"order":  {Name: "order", New: newOrder, Effect: map[string]func(any, *Instance) error{"shout": shout}},
			"parcel": {Name: "parcel", Parent: "order", New: newOrder},
			"note":   {Name: "note", New: newOrder, State: derived, Deadline: noteDeadline, Wake: h.wakeNote},
			"record": {Name: "record", New: newOrder, State: derived},
		},
		Settings: func(*store.Workspace) map[string]any { return nil },
		Client:   func(*store.Tx, string) (map[string]any, error) { return nil, nil },
		Notify: func(_ any, in *Instance, n machine.Notify, spoilt machine.DeliveryMishap) error {
			h.notices = append(h.notices, notice{n.Type, in.State, spoilt.Duplicate})
			return nil
		},
	}
	return h
}

// do runs fn in a session and stores what it did.
func (h *house) do(fn func(*Session) error) error {
	h.Helper()
	return h.store.Update(context.Background(), "w", func(tx *store.Tx) error {
		s := h.engine.Begin(tx, nil, "test")
		if err := fn(s); err != nil {
			return err
		}
		return s.Flush()
	})
}

func (h *house) must(fn func(*Session) error) {
	h.Helper()
	if err := h.do(fn); err != nil {
		h.Fatal(err)
	}
}

func (h *house) create(id, amount string) error {
	h.Helper()
	return h.do(func(s *Session) error {
		n, err := s.Next("order")
		if err != nil {
			return err
		}
		_, err = s.Create("order", Birth{ID: id, Sequence: n}, &order{Amount: amount})
		return err
	})
}

func (h *house) fire(id, event string) error {
	h.Helper()
	return h.do(func(s *Session) error {
		in, err := s.Get("order", id)
		if err != nil {
			return err
		}
		return s.Fire(in, event, nil)
	})
}

// state reads what is stored.
func (h *house) state(id string) (state string, data order, visit uint64) {
	h.Helper()
	h.must(func(s *Session) error {
		in, err := s.Get("order", id)
		if in != nil {
			state, data, visit = in.State, *in.Data.(*order), in.Visit
		}
		return err
	})
	return state, data, visit
}

func (h *house) jobs() (due []string) {
	h.Helper()
	h.must(func(s *Session) error {
		return s.tx.Jobs(store.StateJob, func(j *store.Job) bool {
			due = append(due, j.Due.Sub(noon).String()+" "+j.State+" "+j.Fire)
			return true
		})
	})
	return due
}

func TestEventWalksTheMachine(t *testing.T) {
	h := newHouse(t)
	if err := errors.Join(h.create("o", "1"), h.fire("o", "pay")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1m0s paid ", "10m0s paid drop"}, h.jobs()); diff != "" {
		t.Error(diff)
	}
	if state, _, visit := h.state("o"); state != "paid" || visit != 2 {
		t.Errorf("state %s, visit %d", state, visit)
	}
	if diff := cmp.Diff([]notice{{Type: "order", State: "paid"}}, h.notices); diff != "" {
		t.Error(diff)
	}
	err := h.fire("o", "sign")
	if !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(), "drop, ship") {
		t.Errorf("an illegal event: %v", err)
	}
}

func TestAnEventThatLeadsNowhereMovesNothing(t *testing.T) {
	h := newHouse(t)
	if err := errors.Join(h.create("o", "1"), h.fire("o", "poke")); err != nil {
		t.Fatal(err)
	}
	if state, _, visit := h.state("o"); state != "made" || visit != 1 {
		t.Errorf("state %s, visit %d", state, visit)
	}
	if diff := cmp.Diff([]notice{{Type: "poked", State: "made"}}, h.notices); diff != "" {
		t.Error(diff)
	}
}

func TestDueJobs(t *testing.T) {
	h := newHouse(t)
	if err := errors.Join(h.create("o", "1"), h.fire("o", "pay")); err != nil {
		t.Fatal(err)
	}
	var armed []store.Job
	h.must(func(s *Session) error {
		return s.tx.Jobs(store.StateJob, func(j *store.Job) bool { armed = append(armed, *j); return true })
	})
	h.must(func(s *Session) error {
		for i := range armed {
			if stale, err := Stale(s.tx, &armed[i]); stale || err != nil {
				t.Errorf("job %d is stale: %t, %v", i, stale, err)
			}
		}
		return s.Due(&armed[0])
	})
	h.must(func(s *Session) error {
		if stale, err := Stale(s.tx, &armed[1]); !stale || err != nil {
			t.Errorf("the deadline of a state that was left is stale: %t, %v", stale, err)
		}
		return nil
	})
	if state, _, _ := h.state("o"); state != "sent" {
		t.Errorf("after the step: %s", state)
	}
	if err := h.do(func(s *Session) error { return s.Due(&armed[1]) }); !errors.Is(err, store.ErrStale) { // it was armed for another visit
		t.Errorf("the deadline of a state that was left: %v", err)
	}
	if state, _, _ := h.state("o"); state != "sent" {
		t.Errorf("after the stale deadline: %s", state)
	}
}

func TestStoriesAnswerEvents(t *testing.T) {
	h := newHouse(t)
	if err := errors.Join(h.create("refused", "13"), h.create("swapped", "14"), h.create("marked", "16")); err != nil {
		t.Fatal(err)
	}
	if err := h.fire("refused", "pay"); !problem.Is(err, problem.Refused) || problem.From(err).Code != "no_luck" {
		t.Errorf("refused: %v", err)
	}
	if err := errors.Join(h.fire("swapped", "pay"), h.fire("marked", "pay")); err != nil {
		t.Fatal(err)
	}
	if state, data, _ := h.state("swapped"); state != "gone" || data.Note != "dropped instead" {
		t.Errorf("swapped: %s %+v", state, data)
	}
	if state, data, _ := h.state("marked"); state != "paid" || data.Note != "paid 16" || !data.Loud {
		t.Errorf("marked: %s %+v", state, data)
	}
	if last := h.notices[len(h.notices)-1]; last.Duplicate != 2 {
		t.Errorf("the first delivery of the story is not spoilt: %+v", last)
	}
}

func TestAStoryMayRefuseTheCreation(t *testing.T) {
	h := newHouse(t)
	err := h.create("o", "15")
	if !problem.Is(err, problem.Refused) || problem.From(err).Code != "not_today" {
		t.Errorf("got %v", err)
	}
	if state, _, _ := h.state("o"); state != "" {
		t.Errorf("it is there: %s", state)
	}
}

func TestWhoChoosesTheStory(t *testing.T) {
	h := newHouse(t)
	birth := func(name, chosen, amount string) string {
		var got string
		err := h.do(func(s *Session) error {
			s.Chosen = chosen
			n, err := s.Next("order")
			if err != nil {
				return err
			}
			in, err := s.Create("order", Birth{ID: name, Sequence: n}, &order{Amount: amount})
			if err == nil {
				got = in.Scenario
			}
			return err
		})
		if err != nil {
			return problem.From(err).Code
		}
		return got
	}
	if got := birth("default", "", "1"); got != "usual" {
		t.Errorf("by default: %s", got)
	}
	h.must(func(s *Session) error {
		s.tx.Change().Scenarios = map[string]string{"shop/order": "manual"}
		return nil
	})
	for _, c := range []struct{ name, chosen, amount, want string }{
		{"workspace", "", "1", "manual"},
		{"magic", "", "16", "marked"},
		{"by name", "swapped", "16", "swapped"},
		{"unknown", "nobody", "1", "unknown_scenario"},
	} {
		if got := birth(c.name, c.chosen, c.amount); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestChildrenInheritTheName(t *testing.T) {
	h := newHouse(t)
	if err := errors.Join(h.create("marked", "16"), h.create("usual", "1")); err != nil {
		t.Fatal(err)
	}
	child := func(parentID string) (scenario, state string) {
		h.must(func(s *Session) error {
			parent, err := s.Get("order", parentID)
			if err != nil {
				return err
			}
			n, err := s.Next("parcel")
			if err != nil {
				return err
			}
			in, err := s.Create("parcel", Birth{ID: "of " + parentID, Sequence: n, Parent: parent}, new(order))
			if err == nil {
				scenario, state = in.Scenario, in.State
			}
			return err
		})
		return scenario, state
	}
	if scenario, state := child("marked"); scenario != "marked" || state != "gone" {
		t.Errorf("of the named story: %s, %s", scenario, state)
	}
	if scenario, state := child("usual"); scenario != "walk" || state != "packed" {
		t.Errorf("of the default story: %s, %s", scenario, state)
	}
}

func TestRetellingKeepsDeadlinesAndDropsSteps(t *testing.T) {
	h := newHouse(t)
	if err := errors.Join(h.create("o", "1"), h.fire("o", "pay")); err != nil {
		t.Fatal(err)
	}
	later := noon.Add(3 * time.Minute)
	err := h.store.UpdateAt(context.Background(), "w", later, func(tx *store.Tx) error {
		s := h.engine.Begin(tx, nil, "test")
		in, err := s.Get("order", "o")
		if err != nil {
			return err
		}
		return errors.Join(s.Retell(in, "manual"), s.Flush())
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _, visit := h.state("o")
	var armed []string
	h.must(func(s *Session) error {
		return s.tx.Jobs(store.StateJob, func(j *store.Job) bool {
			if j.Visit == visit {
				armed = append(armed, j.Due.Sub(noon).String()+" "+j.Fire)
			}
			return true
		})
	})
	if diff := cmp.Diff([]string{"10m0s drop"}, armed); diff != "" {
		t.Error(diff)
	}
}

func TestSetRefusesWhatTheDataCanNotHold(t *testing.T) {
	h := newHouse(t)
	if err := h.create("o", "1"); err != nil {
		t.Fatal(err)
	}
	err := h.do(func(s *Session) error {
		in, err := s.Get("order", "o")
		if err != nil {
			return err
		}
		return s.Fire(in, "pay", map[string]any{"loud": "very"})
	})
	if !problem.Is(err, problem.Invalid) {
		t.Errorf("got %v", err)
	}
	if state, _, _ := h.state("o"); state != "made" {
		t.Errorf("it moved all the same: %s", state)
	}
}

func TestRecordsHaveADerivedStateAndNoEvents(t *testing.T) {
	h := newHouse(t)
	h.must(func(s *Session) error {
		n, err := s.Next("record")
		if err != nil {
			return err
		}
		in, err := s.Create("record", Birth{ID: "r", Sequence: n}, &order{Amount: "7"})
		if err != nil {
			return err
		}
		if in.Shown(noon) != "is 7" || in.LegalEvents() != nil {
			t.Errorf("shown as %q with %v", in.Shown(noon), in.LegalEvents())
		}
		if err := s.Fire(in, "pay", nil); !problem.Is(err, problem.Conflict) {
			t.Errorf("an event: %v", err)
		}
		return nil
	})
}

func TestFiresAreBounded(t *testing.T) {
	h := newHouse(t)
	if err := h.create("o", "1"); err != nil {
		t.Fatal(err)
	}
	err := h.do(func(s *Session) error {
		in, err := s.Get("order", "o")
		for range MaxFires + 1 {
			if err == nil {
				err = s.Fire(in, "poke", nil)
			}
		}
		return err
	})
	if err == nil || problem.From(err).Code != "too_many_events" {
		t.Errorf("got %v", err)
	}
}

// Each mishap of deliveries counts the notifications that it means, and no others.
func TestDeliveryMishapsMeanSomeNotifications(t *testing.T) {
	h := newHouse(t)
	must(t, h.create("o", "17"))
	for _, event := range []string{"poke", "poke", "poke", "pay", "ship"} {
		must(t, h.fire("o", event))
	}
	want := []notice{{"poked", "made", 2}, {"poked", "made", 2}, {"poked", "made", 4}, {"order", "paid", 3}, {"order", "sent", 0}}
	if diff := cmp.Diff(want, h.notices); diff != "" {
		t.Error(diff)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
