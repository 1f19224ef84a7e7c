package machine

import (
	"slices"
	"strings"
)

func (l *linker) step(raw rawStep) Step {
	l.checkStep(raw)
	return Step{
		At: raw.at.text, After: l.delay(raw.after), Until: l.expr(raw.until, instant), On: raw.on.text,
		When: l.expr(raw.when, truth), Set: l.sets(raw.set), Do: l.effects(raw.do),
		Fire: raw.fire.text, Refuse: raw.refuse.text,
	}
}

func (l *linker) checkStep(raw rawStep) {
	legal := l.legal(raw.at.text)
	l.knows(raw.at.text, raw.fire, legal)
	l.knows(raw.at.text, raw.on, legal)
	switch {
	case raw.triggers() > 1:
		l.out.add(raw.place, "a step has one trigger: after, until or on, or none of them")
	case raw.idle() && !raw.stays():
		l.out.add(raw.place, "the step does nothing; give it fire, refuse, set or do")
	case raw.fire.given() && raw.refuse.given():
		l.out.add(raw.refuse.place, "a step fires or refuses, not both")
	case raw.refuse.given() && !raw.on.given() && !l.atCreation(raw):
		l.out.add(raw.refuse.place, "refuse needs an event to refuse: give the step on, or let it act at once at the initial state")
	}
}

// atCreation tells whether a step acts inside the creation.
func (l *linker) atCreation(raw rawStep) bool {
	return raw.triggers() == 0 && raw.at.text == l.law.Initial
}

// legal lists the events that a state knows, as the file says.
func (l *linker) legal(state string) []string {
	for _, s := range l.raw.machine.states {
		if s.name.text == state {
			return s.events()
		}
	}
	return nil
}

func (s rawStep) triggers() int {
	n := 0
	for _, w := range []word{s.after, s.until, s.on} {
		n += differ(w.given())
	}
	return n
}

// idle tells that a step does nothing; stays, that it says nothing but its state.
func (s rawStep) idle() bool {
	return !s.fire.given() && !s.refuse.given() && s.set == nil && s.do == nil
}

func (s rawStep) stays() bool { return s.idle() && s.triggers() == 0 && !s.when.given() }

// checkStays finds a step that says "stay" at a state where others act.
func (l *linker) checkStays(raw *rawScenario) {
	for i, s := range raw.steps {
		other := func(o rawStep) bool { return o.at.text == s.at.text && o.place != s.place }
		if s.at.given() && s.stays() && slices.ContainsFunc(raw.steps, other) {
			l.out.addf(raw.steps[i].place, "this step says that the story stays at %s, and another step acts there", s.at.text)
		}
	}
}

// checkCycles finds states that a story would run through for ever in one instant. A guard does not excuse a
// cycle: whether it ends can not be told from here.
func (l *linker) checkCycles(s *Scenario, raw *rawScenario) {
	var path []string
	done := map[string]bool{}
	var walk func(state string)
	walk = func(state string) {
		if at := slices.Index(path, state); at >= 0 {
			l.out.addf(raw.blame(path[at:]), "a cycle without delay: %s; give one of its steps an after", chain(append(path[at:], state)))
			return
		}
		if done[state] {
			return
		}
		path = append(path, state)
		for _, to := range l.instantly(s, state) {
			walk(to)
		}
		path = path[:len(path)-1]
		done[state] = true
	}
	for _, state := range l.law.States {
		walk(state.Name)
	}
}

// blame is the place of a cycle: the story's own first step in it. A story that only inherits the cycle is not
// to blame, and one that stands on nothing has it from the deadlines.
func (raw *rawScenario) blame(cycle []string) place {
	for _, s := range raw.steps {
		if slices.Contains(cycle, s.at.text) {
			return s.place
		}
	}
	if raw.extends.given() {
		return place{}
	}
	return raw.name.place
}

// instantly lists where a story goes from a state in the instant in which it is entered. An event that leads to
// its own state enters nothing.
func (l *linker) instantly(s *Scenario, state string) []string {
	here := l.law.State(state)
	var fires []string
	for _, step := range s.Steps[state] {
		if step.Immediate() || step.After != nil && step.After.Zero() {
			fires = append(fires, step.Fire)
		}
	}
	for _, d := range here.Deadlines {
		if d.After != nil && d.After.Zero() {
			fires = append(fires, d.Fire)
		}
	}
	var to []string
	for _, event := range fires {
		if t, ok := here.On[event]; ok && t.To != state && l.law.State(t.To) != nil {
			to = append(to, t.To)
		}
	}
	return to
}

func chain(names []string) string { return strings.Join(names, " -> ") }
