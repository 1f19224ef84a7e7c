package control

import (
	"cmp"
	"slices"

	"github.com/mockbank/mockbank/internal/engine"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// scenarioView is one kind's part of a story.
type scenarioView struct {
	Provider string            `json:"provider"`
	Kind     string            `json:"kind"`
	Name     string            `json:"name"`
	Title    string            `json:"title"`
	Chosen   bool              `json:"chosen"`
	Select   map[string]string `json:"select,omitempty"`
}

func (v scenarioView) key() string { return v.Provider + "/" + v.Kind + "/" + v.Name }

// scenariosOf lists a provider's scenarios in the order of the files.
func scenariosOf(r *provider.Runtime, ws *store.Workspace) []scenarioView {
	all := []scenarioView{}
	library := r.Library()
	for _, law := range library.Kinds(r.ID) {
		chosen := engine.Usual(library, law, ws)
		for _, s := range law.Scenarios {
			all = append(all, scenarioView{
				Provider: r.ID, Kind: law.Name, Name: s.Name, Title: s.Title, Chosen: s.Name == chosen, Select: s.Select,
			})
		}
	}
	return all
}

func (c *Control) listScenarios(q *request) (reply, error) {
	if _, err := c.filtered(q); err != nil {
		return reply{}, err
	}
	ws := c.Store.Workspace(q.workspace)
	var all []scenarioView
	for _, r := range c.Providers {
		all = append(all, scenariosOf(r, ws)...)
	}
	id, kind := q.query.Get("provider"), q.query.Get("kind")
	all = slices.DeleteFunc(all, func(v scenarioView) bool {
		return id != "" && v.Provider != id || kind != "" && v.Kind != kind
	})
	slices.SortFunc(all, func(a, b scenarioView) int { return cmp.Compare(a.key(), b.key()) })
	return ok(cut(q, all, scenarioView.key))
}

type scenarioName struct {
	Scenario string `json:"scenario"`
}

type scenarioChoice struct {
	Provider string `json:"provider"`
	Kind     string `json:"kind"`
	Scenario string `json:"scenario"`
}

func (c *Control) putScenario(q *request) (reply, error) {
	var wanted scenarioName
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	id, kind := q.params["provider"], q.params["kind"]
	if _, err := c.kind(id, kind); err != nil {
		return reply{}, err
	}
	chosen := scenarioChoice{Provider: id, Kind: kind}
	err := c.update(q, func(tx *store.Tx) (err error) {
		chosen.Scenario, err = c.choose(tx, id, kind, wanted.Scenario, "/scenario")
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return ok(chosen)
}

// choose gives new entities of a kind a scenario, and tells which they follow from now on. An empty name takes
// the choice back.
func (c *Control) choose(tx *store.Tx, id, kind, name, place string) (string, error) {
	r, err := c.kind(id, kind)
	if err != nil {
		return "", err
	}
	if name == "" && r.Library().Kind(id, kind) != nil {
		delete(tx.Change().Scenarios, id+"/"+kind)
		return r.Library().Kind(id, kind).Default, nil
	}
	if err := hasScenario(r, kind, name, place); err != nil {
		return "", err
	}
	tx.Change().Scenarios[id+"/"+kind] = name
	return name, nil
}

// hasScenario tells what is wrong with a scenario's name for entities of a kind.
func hasScenario(r *provider.Runtime, kind, name, place string) error {
	library := r.Library()
	if library.Kind(r.ID, kind) == nil {
		return problem.Newf(problem.Refused, "no_scenarios", "A %s has no scenarios of its own", kind).At(place)
	}
	if !library.HasScenario(r.ID, name) {
		return engine.UnknownScenario(library.Scenarios(r.ID), r.ID, name).At(place)
	}
	return nil
}
