package machine

import "slices"

// machine links the law.
func (l *linker) machine() *Machine {
	raw := l.raw.machine
	m := &Machine{Initial: raw.initial.text}
	l.events = raw.events()
	for _, s := range raw.states {
		m.States = append(m.States, l.state(s))
	}
	for _, n := range raw.notify {
		m.Notify = append(m.Notify, l.notify(n))
	}
	if !l.raw.record && l.oneOf(raw.initial, "state", l.stateNames()) {
		l.checkReachable(m)
	}
	return m
}

// events lists every event that any state knows.
func (m *rawMachine) events() []string {
	var names []string
	for _, s := range m.states {
		names = append(names, s.events()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s rawState) events() []string {
	var names []string
	for _, t := range s.on {
		if t.event.given() {
			names = append(names, t.event.text)
		}
	}
	return names
}

func (l *linker) state(raw rawState) *State {
	s := &State{Name: raw.name.text, On: map[string]Transition{}}
	for _, t := range raw.on {
		l.oneOf(t.to, "state", l.stateNames())
		s.On[t.event.text] = Transition{To: t.to.text, Do: l.effects(t.do), Set: l.sets(t.set)}
	}
	for _, d := range raw.deadlines {
		s.Deadlines = append(s.Deadlines, l.deadline(raw, d))
	}
	return s
}

func (l *linker) deadline(s rawState, d rawDeadline) Deadline {
	if d.after.given() == d.until.given() && d.fire.given() {
		l.out.add(d.place, "a deadline needs either after or until")
	}
	l.knows(s.name.text, d.fire, s.events())
	return Deadline{After: l.delay(d.after), Until: l.expr(d.until, instant), Fire: d.fire.text}
}

// knows checks that a state knows an event.
func (l *linker) knows(state string, event word, legal []string) {
	if event.given() && !slices.Contains(legal, event.text) {
		l.out.addf(event.place, "the state %s does not know the event %s%s", state, event.text, meant(event.text, legal))
	}
}

func (l *linker) notify(n rawNotify) Notify {
	l.oneOf(n.on, "event", append([]string{AnyChange, Created}, l.events...))
	l.offered(n.channel, "channel", ofProvider(l.facts.Channels, l.raw))
	l.offered(n.webhook, "schema of the webhook type", l.types())
	return Notify{On: n.on.text, Channel: n.channel.text, Type: n.webhook.text, When: l.expr(n.when, truth)}
}

// checkReachable finds the states that no event leads to.
func (l *linker) checkReachable(m *Machine) {
	seen := map[string]bool{}
	for next := []string{m.Initial}; len(next) > 0; {
		name := next[0]
		next = next[1:]
		if s := m.State(name); s != nil && !seen[name] {
			seen[name] = true
			for _, t := range s.On {
				next = append(next, t.To)
			}
		}
	}
	for _, s := range l.raw.machine.states {
		if s.name.given() && !seen[s.name.text] {
			l.out.addf(s.name.place, "no event leads to the state %s", s.name.text)
		}
	}
}
