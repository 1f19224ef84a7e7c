package machine

import (
	"maps"
	"slices"
)

// What every kind has, so that a test may count on it.
const (
	Manual     = "manual"     // nothing moves by itself; deadlines hold
	Unattended = "unattended" // the user acts too, so that a test without a browser completes
)

// told is a scenario under way: its own part, linked, and later what it inherits.
type told struct {
	*Scenario
	raw  *rawScenario
	flat bool
}

// scenarios links all stories and flattens them.
func (l *linker) scenarios() []*Scenario {
	var out []*Scenario
	all := map[string]*told{}
	for i := range l.raw.scenarios {
		raw := &l.raw.scenarios[i]
		s := l.scenario(raw)
		out = append(out, s)
		all[s.Name] = &told{Scenario: s, raw: raw}
	}
	for _, s := range out {
		l.flatten(all, s.Name, nil)
	}
	for _, s := range out {
		s.number()
		l.checkCycles(s, all[s.Name].raw)
	}
	return out
}

// scenario links a story's own part.
func (l *linker) scenario(raw *rawScenario) *Scenario {
	s := &Scenario{
		Name: raw.name.text, Title: raw.title.text, Extends: raw.extends.text,
		Select: map[string]string{}, Steps: map[string][]Step{},
	}
	for _, c := range raw.choose {
		s.Select[c.name.text] = c.value.text
	}
	for _, step := range raw.steps {
		l.addStep(s, step)
	}
	l.checkStays(raw)
	if raw.deliveries != nil {
		for _, d := range *raw.deliveries {
			s.Deliveries = append(s.Deliveries, l.delivery(d))
		}
	}
	if raw.mishaps != nil {
		for i, m := range *raw.mishaps {
			s.Mishaps = append(s.Mishaps, l.mishap(i, m))
		}
	}
	return s
}

// addStep links a step. One that says nothing but its state stays there, and stands for an empty list.
func (l *linker) addStep(s *Scenario, raw rawStep) {
	if l.raw.record {
		l.out.add(raw.place, "a record has no steps: its file has no machine whose states they could stand at")
		return
	}
	if !l.oneOf(raw.at, "state", l.stateNames()) {
		return
	}
	linked := l.step(raw)
	if raw.stays() {
		s.Steps[raw.at.text] = s.Steps[raw.at.text][:0:0]
		return
	}
	s.Steps[raw.at.text] = append(s.Steps[raw.at.text], linked)
}

// flatten gives a story what it inherits: the steps of the states that it does not speak of, and deliveries and
// mishaps where it has no list of its own.
func (l *linker) flatten(all map[string]*told, name string, path []string) *told {
	t := all[name]
	if t.flat || !t.raw.extends.given() {
		return t
	}
	t.flat = true
	if !l.oneOf(t.raw.extends, "scenario", slices.Collect(maps.Keys(all))) {
		return t
	}
	path = append(path, name)
	if at := slices.Index(path, t.Extends); at >= 0 {
		l.out.addf(t.raw.extends.place, "scenarios extend each other in a circle: %s", chain(append(path[at:], t.Extends)))
		return t
	}
	parent := l.flatten(all, t.Extends, path)
	for state, steps := range parent.Steps {
		if _, own := t.Steps[state]; !own {
			t.Steps[state] = slices.Clone(steps)
		}
	}
	if t.raw.deliveries == nil {
		t.Deliveries = parent.Deliveries
	}
	if t.raw.mishaps == nil {
		t.Mishaps = parent.Mishaps
	}
	return t
}

// number gives each step its index, and drops the states at which the story stays.
func (s *Scenario) number() {
	for state, steps := range s.Steps {
		if len(steps) == 0 {
			delete(s.Steps, state)
		}
		for i := range steps {
			steps[i].Index = i
		}
	}
}

// checkStories holds the file to the stories that every kind has.
func (l *linker) checkStories() {
	var names []string
	for i := range l.raw.scenarios {
		names = append(names, l.raw.scenarios[i].name.text)
		l.checkManual(&l.raw.scenarios[i])
	}
	if !l.raw.fallback.given() {
		l.out.add(l.raw.place, "the file lacks its default, the scenario of an entity for which nothing else was chosen")
	}
	l.oneOf(l.raw.fallback, "scenario", names)
	for _, name := range []string{Manual, Unattended} {
		if !slices.Contains(names, name) {
			l.out.addf(l.raw.place, "the file lacks the scenario %s, which every kind has", name)
		}
	}
}

func (l *linker) checkManual(raw *rawScenario) {
	if raw.name.text == Manual && (len(raw.steps) > 0 || raw.extends.given()) {
		l.out.add(raw.name.place, "in the scenario manual nothing moves by itself: it has no steps and extends nothing")
	}
}
