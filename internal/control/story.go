package control

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mockbank/mockbank/internal/engine"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/problem"
)

// lawView is what a scenario file says of its kind besides the stories. A record has no states.
type lawView struct {
	Provider  string       `json:"provider"`
	Kind      string       `json:"kind"`
	Chosen    string       `json:"chosen"`
	Initial   string       `json:"initial,omitzero"`
	States    []stateView  `json:"states"`
	Notify    []notifyView `json:"notify"`
	Inputs    []inputView  `json:"inputs"`
	Scenarios []string     `json:"scenarios"`
}

type stateView struct {
	Name      string         `json:"name"`
	On        []eventView    `json:"on"`
	Deadlines []deadlineView `json:"deadlines"`
}

type eventView struct {
	Event string            `json:"event"`
	To    string            `json:"to"`
	Set   map[string]string `json:"set,omitempty"`
	Do    []string          `json:"do,omitempty"`
}

type deadlineView struct {
	After string `json:"after,omitzero"`
	Until string `json:"until,omitzero"`
	Fire  string `json:"fire"`
}

type notifyView struct {
	On      string `json:"on"`
	Channel string `json:"channel"`
	Type    string `json:"type"`
	When    string `json:"when,omitzero"`
}

type inputView struct {
	Name   string   `json:"name"`
	From   []string `json:"from,omitempty"`
	Form   string   `json:"form"`
	Prefix string   `json:"prefix,omitzero"`
}

// storyView is a story with all that it inherits.
type storyView struct {
	scenarioView
	Extends    string           `json:"extends,omitzero"`
	Steps      []stepView       `json:"steps"`
	Deliveries []spoiltDelivery `json:"deliveries"`
	Mishaps    []mishapView     `json:"mishaps"`
}

type stepView struct {
	At     string            `json:"at"`
	After  string            `json:"after,omitzero"`
	Until  string            `json:"until,omitzero"`
	On     string            `json:"on,omitzero"`
	When   string            `json:"when,omitzero"`
	Set    map[string]string `json:"set,omitempty"`
	Do     []string          `json:"do,omitempty"`
	Fire   string            `json:"fire,omitzero"`
	Refuse string            `json:"refuse,omitzero"`
}

type spoiltDelivery struct {
	Channel      string `json:"channel,omitzero"`
	Type         string `json:"type,omitzero"`
	Next         int    `json:"next,omitzero"`
	Duplicate    int    `json:"duplicate,omitzero"`
	Delay        string `json:"delay,omitzero"`
	Reorder      bool   `json:"reorder,omitzero"`
	Drop         bool   `json:"drop,omitzero"`
	BadSignature bool   `json:"bad_signature,omitzero"`
	UnknownKid   bool   `json:"unknown_kid,omitzero"`
}

type mishapView struct {
	Operation  string `json:"operation"`
	When       string `json:"when"`
	If         string `json:"if,omitzero"`
	Times      int    `json:"times,omitzero"`
	Per        string `json:"per,omitzero"`
	Delay      string `json:"delay,omitzero"`
	Status     int    `json:"status,omitzero"`
	Code       string `json:"code,omitzero"`
	RetryAfter string `json:"retry_after,omitzero"`
	Lose       bool   `json:"lose,omitzero"`
	Cut        bool   `json:"cut,omitzero"`
	Spoil      bool   `json:"spoil,omitzero"`
	Drip       string `json:"drip,omitzero"`
}

// law finds what the scenario files say of the kind that a request names, and what its new entities follow.
func (c *Control) law(q *request) (law *machine.Kind, chosen string, err error) {
	id, kind := q.params["provider"], q.params["kind"]
	r, err := c.kind(id, kind)
	if err != nil {
		return nil, "", err
	}
	library := r.Library()
	if law = library.Kind(id, kind); law == nil {
		return nil, "", problem.Newf(problem.NotFound, "no_scenarios", "A %s has no scenarios of its own", kind)
	}
	return law, engine.Usual(library, law, c.Store.Workspace(q.workspace)), nil
}

func (c *Control) getLaw(q *request) (reply, error) {
	law, chosen, err := c.law(q)
	if err != nil {
		return reply{}, err
	}
	view := lawView{Provider: law.Provider, Kind: law.Name, Chosen: chosen, States: []stateView{}, Notify: []notifyView{}, Inputs: []inputView{}}
	if m := law.Machine; m != nil {
		view.Initial, view.States = m.Initial, each(m.States, stateOf)
		view.Notify = each(m.Notify, func(n machine.Notify) notifyView { return notifyView{n.On, n.Channel, n.Type, source(n.When)} })
	}
	view.Inputs = each(law.Inputs, func(in machine.Input) inputView { return inputView(in) })
	view.Scenarios = each(law.Scenarios, func(s *machine.Scenario) string { return s.Name })
	return ok(view)
}

func stateOf(s *machine.State) stateView {
	view := stateView{Name: s.Name, On: []eventView{}}
	for _, event := range slices.Sorted(maps.Keys(s.On)) {
		t := s.On[event]
		view.On = append(view.On, eventView{Event: event, To: t.To, Set: assigned(t.Set), Do: t.Do})
	}
	view.Deadlines = each(s.Deadlines, func(d machine.Deadline) deadlineView {
		return deadlineView{After: source(d.After), Until: source(d.Until), Fire: d.Fire}
	})
	return view
}

func (c *Control) getStory(q *request) (reply, error) {
	law, chosen, err := c.law(q)
	if err != nil {
		return reply{}, err
	}
	name := q.params["scenario"]
	s := law.Scenario(name)
	if s == nil {
		names := each(law.Scenarios, func(s *machine.Scenario) string { return s.Name })
		return reply{}, problem.Newf(problem.NotFound, "unknown_scenario", "A %s has no scenario %q of its own; it has %s", law.Name, name, listed(names))
	}
	return ok(storyView{
		scenarioView: scenarioView{Provider: law.Provider, Kind: law.Name, Name: s.Name, Title: s.Title, Chosen: s.Name == chosen, Select: s.Select},
		Extends:      s.Extends, Steps: stepsOf(law.Machine, s), Deliveries: each(s.Deliveries, deliveryOf), Mishaps: each(s.Mishaps, mishapOf),
	})
}

// stepsOf lists a story's steps in the order in which the law names the states.
func stepsOf(law *machine.Machine, s *machine.Scenario) []stepView {
	all := []stepView{}
	if law == nil {
		return all
	}
	for _, state := range law.States {
		for _, step := range s.Steps[state.Name] {
			all = append(all, stepView{
				At: step.At, After: source(step.After), Until: source(step.Until), On: step.On, When: source(step.When),
				Set: assigned(step.Set), Do: step.Do, Fire: step.Fire, Refuse: step.Refuse,
			})
		}
	}
	return all
}

func deliveryOf(d machine.DeliveryMishap) spoiltDelivery {
	return spoiltDelivery{d.Channel, d.Type, d.Next, d.Duplicate, source(d.Delay), d.Reorder, d.Drop, d.BadSignature, d.UnknownKid}
}

func mishapOf(m machine.Mishap) mishapView {
	return mishapView{
		Operation: m.Operation, When: m.When, If: source(m.If), Times: m.Times, Per: source(m.Per), Delay: source(m.Delay),
		Status: m.Status, Code: m.Code, RetryAfter: source(m.RetryAfter), Lose: m.Lose, Cut: m.Cut, Spoil: m.Spoil, Drip: source(m.Drip),
	}
}

// source is an expression or a delay as the file writes it; empty where there is none.
func source[T any, P interface {
	*T
	fmt.Stringer
}](p P) string {
	if p == nil {
		return ""
	}
	return p.String()
}

func assigned(set []machine.Assignment) map[string]string {
	all := map[string]string{}
	for _, a := range set {
		all[a.Field] = source(a.Value)
	}
	return all
}

// each makes a list of another; it is never nil, because JSON would show that as null.
func each[T, V any](list []T, view func(T) V) []V {
	all := make([]V, 0, len(list))
	for _, item := range list {
		all = append(all, view(item))
	}
	return all
}
