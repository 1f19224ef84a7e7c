package engine

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// Fire applies an event to an entity. set gives members of its data new values before the effects run. An
// event that the present state does not know is a problem.Conflict that names the legal ones; one that the
// story refuses is a problem.Refused with the story's code.
func (s *Session) Fire(in *Instance, event string, set map[string]any) error {
	if in.machine() == nil {
		return problem.Newf(problem.Conflict, "no_machine", "A %s has no events: it is a record", in.Kind)
	}
	if step, err := s.answer(in, event); err != nil {
		return err
	} else if step != nil {
		return s.instead(in, *step, event, set)
	}
	return s.apply(in, event, set)
}

// answer finds the step of the story that takes the place of an event's own transition.
func (s *Session) answer(in *Instance, event string) (*machine.Step, error) {
	for _, step := range in.Story().Steps[in.State] {
		if step.On != event {
			continue
		}
		if ok, err := s.holds(step.When, in); err != nil || ok {
			return &step, err
		}
	}
	return nil, nil
}

// instead takes the story's road. An event that the law does not know is refused all the same.
func (s *Session) instead(in *Instance, step machine.Step, event string, set map[string]any) error {
	if _, err := in.machine().Step(in.State, event); err != nil {
		return illegal(in, err)
	}
	if err := s.set(in, set); err != nil {
		return err
	}
	if step.Fire == event {
		if err := s.prepare(in, step); err != nil {
			return err
		}
		return s.apply(in, event, nil)
	}
	return s.act(in, step)
}

func (s *Session) apply(in *Instance, event string, set map[string]any) error {
	if s.fires++; s.fires > MaxFires {
		return problem.Newf(problem.Internal, "too_many_events", "More than %d events in one transaction; %s was the last, for %s", MaxFires, event, in.Ref)
	}
	transition, err := in.machine().Step(in.State, event)
	if err != nil {
		return illegal(in, err)
	}
	if err := s.set(in, set); err != nil {
		return err
	}
	if err := s.assign(in, transition.Set); err != nil {
		return err
	}
	from := in.State
	if err := s.run(in, transition.Do); err != nil {
		return err
	}
	return s.move(in, event, from, transition.To)
}

func illegal(in *Instance, err error) error {
	var illegal *machine.IllegalEvent
	if !errors.As(err, &illegal) {
		return err
	}
	legal := "it is final"
	if len(illegal.Legal) > 0 {
		legal = "legal now: " + strings.Join(illegal.Legal, ", ")
	}
	return &problem.Error{Kind: problem.Conflict, Code: "illegal_event", Err: err,
		Message: "A " + in.Kind + " that is " + illegal.State + " does not know " + illegal.Event + "; " + legal}
}

// move changes the state, tells about it and arms what the new state has.
func (s *Session) move(in *Instance, event, from, to string) error {
	in.dirty = true
	if err := s.tx.Record(in.Entity, store.Moment{At: s.now(in), Event: event, Cause: s.cause, From: from, To: to}); err != nil {
		return err
	}
	in.State, in.moved = to, true
	s.tell(in, events.Entity{Change: events.Moved, From: from, Event: event})
	if to == from {
		return s.notify(in, event, false)
	}
	in.Entered = s.now(in)
	in.Visit++
	visits := maps.Clone(in.Visits)
	if visits == nil {
		visits = map[string]int{}
	}
	visits[to]++
	in.Visits = visits
	if err := s.notify(in, event, true); err != nil {
		return err
	}
	return s.arm(in, in.Entered)
}

// notify records the notifications that the machine asks for.
func (s *Session) notify(in *Instance, event string, changed bool) error {
	for _, n := range in.machine().Notify {
		if n.On != event && (n.On != machine.AnyChange || !changed) {
			continue
		}
		ok, err := s.holds(n.When, in)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := s.Notify(in, n); err != nil {
			return err
		}
	}
	return nil
}

// Notify records a notification about the instance, spoilt as its story says.
func (s *Session) Notify(in *Instance, n machine.Notify) error {
	if s.Ground {
		return nil
	}
	return s.engine.Notify(s.owner, in, n, s.spoilt(in, n))
}

// spoilt says how the story spoils a notification. Each of its mishaps counts those that it means.
func (s *Session) spoilt(in *Instance, n machine.Notify) (spoilt machine.DeliveryMishap) {
	story := in.Story()
	if story == nil || len(story.Deliveries) == 0 {
		return spoilt
	}
	counts := make([]int, len(story.Deliveries))
	copy(counts, in.Spoilt)
	in.Spoilt, in.dirty = counts, true
	found := false
	for i, d := range story.Deliveries {
		if !d.Means(n.Channel, n.Type) {
			continue
		}
		counts[i]++
		if !found && (d.Next == 0 || counts[i] <= d.Next) {
			spoilt, found = d, true
		}
	}
	return spoilt
}

// arm runs the steps of the present state that have no trigger, and makes jobs of those that have a time and
// of the deadlines. entered is when the state was entered, from which deadlines count.
func (s *Session) arm(in *Instance, entered time.Time) error {
	visit := in.Visit
	if err := s.armDeadlines(in, entered); err != nil {
		return err
	}
	for _, step := range in.Story().Steps[in.State] {
		var err error
		if step.Immediate() {
			err = s.once(in, step)
		} else if step.Timed() {
			err = s.later(in, step)
		}
		if err != nil || in.Visit != visit {
			return err
		}
	}
	return nil
}

func (s *Session) armDeadlines(in *Instance, entered time.Time) error {
	state := in.machine().State(in.State)
	if state == nil {
		return nil // The scenario files were changed, and their law no longer knows where it stands.
	}
	for _, deadline := range state.Deadlines {
		env, err := s.env(in)
		if err != nil {
			return err
		}
		env.Now = entered
		at, ok, err := deadline.Due(env)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := s.job(in, at, store.Job{Fire: deadline.Fire}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) once(in *Instance, step machine.Step) error {
	ok, err := s.holds(step.When, in)
	if err != nil || !ok || step.Refuse != "" {
		return err
	}
	return s.act(in, step)
}

func (s *Session) later(in *Instance, step machine.Step) error {
	env, err := s.env(in)
	if err != nil {
		return err
	}
	at, ok, err := step.Due(env)
	if err != nil || !ok {
		return err
	}
	return s.job(in, at, store.Job{Scenario: in.Scenario, Step: step.Index})
}

// job stores a job of the present state. What was due already is due now.
func (s *Session) job(in *Instance, at time.Time, j store.Job) error {
	if at.Before(s.tx.Now()) {
		at = s.tx.Now()
	}
	j.Class, j.Due, j.Entity, j.Visit, j.State = store.StateJob, at, in.Ref, in.Visit, in.Shown(s.tx.Now())
	return s.tx.AddJob(j)
}

// Due runs a job whose time has come. A job of another visit does nothing and is store.ErrStale; so is a step whose guard does not hold.
func (s *Session) Due(j *store.Job) error {
	in, err := s.Get(j.Entity.Kind, j.Entity.ID)
	if err != nil {
		return err
	}
	if in == nil || in.Visit != j.Visit {
		return store.ErrStale
	}
	if in.machine() == nil {
		return s.wake(in)
	}
	if j.Fire != "" {
		s.cause = "deadline"
		return s.Fire(in, j.Fire, nil)
	}
	s.cause = "step " + in.Scenario
	steps := in.Story().Steps[in.State]
	// A step that the scenario files gave another trigger since is not the one that was armed.
	at := slices.IndexFunc(steps, func(step machine.Step) bool { return step.Index == j.Step && step.Timed() })
	if in.Scenario != j.Scenario || at < 0 {
		return store.ErrStale
	}
	if ok, err := s.holds(steps[at].When, in); err != nil || !ok {
		return cmp.Or(err, store.ErrStale)
	}
	return s.act(in, steps[at])
}

// Stale tells of a job that Due would drop because its entity is gone or has moved on.
func Stale(tx *store.Tx, j *store.Job) (bool, error) {
	e, err := tx.Entity(j.Entity)
	return e == nil || e.Visit != j.Visit, err
}

// Hasten runs the timed steps of the present state now, until one of them leads out of it.
func (s *Session) Hasten(in *Instance) error {
	if in.machine() == nil {
		return nil
	}
	before, visit := s.Cause("step "+in.Scenario), in.Visit
	defer s.Cause(before)
	for _, step := range in.Story().Steps[in.State] {
		if !step.Timed() {
			continue
		}
		if err := s.once(in, step); err != nil || in.Visit != visit {
			return err
		}
	}
	return nil
}

// act does what a step names.
func (s *Session) act(in *Instance, step machine.Step) error {
	if step.Refuse != "" {
		return problem.New(problem.Refused, step.Refuse, "The scenario "+in.Scenario+" refuses this")
	}
	if err := s.prepare(in, step); err != nil || step.Fire == "" {
		return err
	}
	return s.scripted(in, step.Fire)
}

// scripted fires an event as the story's, not as that of whoever led to it.
func (s *Session) scripted(in *Instance, event string) error {
	before := s.cause
	s.cause = "step " + in.Scenario
	defer func() { s.cause = before }()
	return s.apply(in, event, nil)
}

func (s *Session) prepare(in *Instance, step machine.Step) error {
	if err := s.assign(in, step.Set); err != nil {
		return err
	}
	return s.run(in, step.Do)
}

func (s *Session) run(in *Instance, effects []string) error {
	for _, name := range effects {
		effect := in.kind.Effect[name]
		if effect == nil {
			return problem.Newf(problem.Internal, "unknown_effect", "%s has no effect %q", in.Kind, name)
		}
		in.dirty = true
		if err := effect(s.owner, in); err != nil {
			return err
		}
	}
	return nil
}

// assign evaluates expressions and sets members to their values.
func (s *Session) assign(in *Instance, assignments []machine.Assignment) error {
	if len(assignments) == 0 {
		return nil
	}
	env, err := s.env(in)
	if err != nil {
		return err
	}
	values := make(map[string]any, len(assignments))
	for _, a := range assignments {
		if values[a.Field], err = a.Value.Value(env); err != nil {
			return err
		}
	}
	return s.set(in, values)
}

// set gives members of the data new values; a name or a value that the data can not hold is refused.
func (s *Session) set(in *Instance, values map[string]any) error {
	if len(values) == 0 {
		return nil
	}
	members, err := asMap(in.Data)
	if err != nil {
		return err
	}
	maps.Copy(members, values)
	raw, err := strictjson.Marshal(members)
	if err != nil {
		return err
	}
	fresh := in.kind.New()
	if err := strictjson.Unmarshal(raw, fresh); err != nil {
		return &problem.Error{Kind: problem.Invalid, Code: "bad_set", Pointer: "/set", Message: "These members can not be set so", Err: err}
	}
	in.dirty = true
	return replace(in.Data, fresh)
}

// Retell replaces an entity's story. The steps of its present state are armed from now; its deadlines keep
// their instant, and a record is asked for its own anew.
func (s *Session) Retell(in *Instance, scenario string) error {
	library := s.engine.Library()
	if in.law == nil || !library.HasScenario(in.Provider, scenario) {
		return UnknownScenario(library.Scenarios(in.Provider), in.Provider, scenario)
	}
	in.Scenario, in.Input, in.Spoilt, in.dirty = scenario, nil, nil, true
	in.Visit++
	in.moved = true
	s.tell(in, events.Entity{Change: events.Retold})
	if err := s.tx.Record(in.Entity, store.Moment{At: s.now(in), Event: "scenario", Cause: s.cause, From: in.State, To: in.State, Note: scenario}); err != nil {
		return err
	}
	if in.machine() == nil {
		in.Wake = time.Time{}
		return nil
	}
	return s.arm(in, in.Entered)
}
