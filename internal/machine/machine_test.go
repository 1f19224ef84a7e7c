package machine

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// machines draws laws of a few states and events; each event leads to a state that exists.
func machines() *rapid.Generator[*Machine] {
	return rapid.Custom(func(t *rapid.T) *Machine {
		n := rapid.IntRange(1, 6).Draw(t, "states")
		m := &Machine{Initial: "s0"}
		for i := range n {
			s := &State{Name: fmt.Sprint("s", i), On: map[string]Transition{}}
			for e := range rapid.IntRange(0, 4).Draw(t, "events") {
				s.On[fmt.Sprint("e", e)] = Transition{To: fmt.Sprint("s", rapid.IntRange(0, n-1).Draw(t, "to"))}
			}
			m.States = append(m.States, s)
		}
		return m
	})
}

func TestStepAgreesWithLegal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := machines().Draw(t, "machine")
		state := fmt.Sprint("s", rapid.IntRange(0, 7).Draw(t, "state"))
		event := fmt.Sprint("e", rapid.IntRange(0, 5).Draw(t, "event"))
		legal := m.Legal(state)
		if !slices.IsSorted(legal) {
			t.Fatalf("not sorted: %v", legal)
		}
		next, err := m.Step(state, event)
		if slices.Contains(legal, event) {
			if err != nil || m.State(next.To) == nil {
				t.Fatalf("%s is legal in %s, and Step gives %v, %v", event, state, next, err)
			}
			return
		}
		var illegal *IllegalEvent
		if !errors.As(err, &illegal) || illegal.State != state || illegal.Event != event || !slices.Equal(illegal.Legal, legal) {
			t.Fatalf("%s is not legal in %s, and Step gives %v, %v", event, state, next, err)
		}
	})
}

// Step depends on its arguments alone: asked again after any walk, it answers the same.
func TestStepIsPure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := machines().Draw(t, "machine")
		first := map[string]string{}
		state := m.Initial
		for range rapid.IntRange(0, 50).Draw(t, "steps") {
			legal := m.Legal(state)
			if len(legal) == 0 {
				if !m.Terminal(state) {
					t.Fatalf("%s has no events and is not terminal", state)
				}
				return
			}
			event := rapid.SampledFrom(legal).Draw(t, "event")
			next, err := m.Step(state, event)
			if err != nil {
				t.Fatal(err)
			}
			at := state + " " + event
			if before, seen := first[at]; seen && before != next.To {
				t.Fatalf("%s led to %s and now to %s", at, before, next.To)
			}
			first[at] = next.To
			state = next.To
		}
	})
}

func TestIllegalEventNamesTheLegalOnes(t *testing.T) {
	m := load(t, "").Machine
	tests := []struct{ state, event, want string }{
		{"asked", "pay", "machine: pay is not legal in asked; legal are grant, refuse, wait"},
		{"paid", "pay", "machine: pay is not legal in paid, which is final"},
	}
	for _, tt := range tests {
		if _, err := m.Step(tt.state, tt.event); err == nil || err.Error() != tt.want {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}
