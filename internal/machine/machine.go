package machine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Machine is the law of a kind: its states in the order of the file, and what is notified.
type Machine struct {
	Initial string
	States  []*State
	Notify  []Notify
}

// State is one state. A state without events is terminal.
type State struct {
	Name      string
	On        map[string]Transition // by event
	Deadlines []Deadline            // each is armed at entry and holds in every scenario
}

// Transition is where an event leads. To may be the state itself: the event is legal and moves nothing.
type Transition struct {
	To  string
	Do  []string     // effects, in order
	Set []Assignment // before the effects
}

// Assignment gives a member of the entity a new value.
type Assignment struct {
	Field string
	Value *Expr
}

// Deadline fires an event by law. Exactly one of After and Until is given; an instant that has passed when the
// state is entered is due at once.
type Deadline struct {
	After *Delay // from entry of the state
	Until *Expr  // absolute; the zero time means: no deadline
	Fire  string
}

// Due gives the instant of the deadline for a state entered at env.Now; false means that there is none.
func (d Deadline) Due(env Env) (at time.Time, ok bool, err error) {
	return due(d.After, d.Until, env)
}

// What a Notify may listen to besides the name of an event.
const (
	AnyChange = "any_change" // every change of state after creation
	Created   = "created"    // the creation itself
)

// Notify says which webhook type a change sends, over which channel of the provider.
type Notify struct {
	On      string // AnyChange, Created, or an event
	Channel string
	Type    string
	When    *Expr // nil means always
}

// IllegalEvent is the refusal of an event that the present state does not know.
type IllegalEvent struct {
	State, Event string
	Legal        []string // sorted; empty in a terminal state
}

func (e *IllegalEvent) Error() string {
	if len(e.Legal) == 0 {
		return fmt.Sprintf("machine: %s is not legal in %s, which is final", e.Event, e.State)
	}
	return fmt.Sprintf("machine: %s is not legal in %s; legal are %s", e.Event, e.State, strings.Join(e.Legal, ", "))
}

// Step is the law: where event leads from state. Its error is an *IllegalEvent.
func (m *Machine) Step(state, event string) (Transition, error) {
	if s := m.State(state); s != nil {
		if t, ok := s.On[event]; ok {
			return t, nil
		}
	}
	return Transition{}, &IllegalEvent{State: state, Event: event, Legal: m.Legal(state)}
}

// State finds a state by its name; nil when there is none.
func (m *Machine) State(name string) *State {
	for _, s := range m.States {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Legal lists the events that state knows, sorted.
func (m *Machine) Legal(state string) []string {
	s := m.State(state)
	if s == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(s.On))
}

// Terminal tells whether nothing leads out of the state any more.
func (m *Machine) Terminal(state string) bool { return len(m.Legal(state)) == 0 }
