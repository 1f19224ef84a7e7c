package control

import (
	"maps"
	"slices"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// The schemas of a provider's spec that describe settings.
const (
	ofWorkspace = "Settings"
	ofClient    = "ClientSettings"
)

func (c *Control) getSettings(q *request) (reply, error) {
	ws := c.Store.Workspace(q.workspace)
	all := map[string]map[string]any{}
	for _, r := range c.Providers {
		all[r.ID] = r.Settings(ws)
	}
	return ok(all)
}

// applySettings stores settings. A provider whose key sets have another algorithm by them rotates at once.
func (c *Control) applySettings(tx *store.Tx, settings map[string]map[string]any) error {
	for _, id := range slices.Sorted(maps.Keys(settings)) {
		r := c.providers[id]
		if r == nil {
			return unknownMember(id, c.ids(), "/settings")
		}
		values := settings[id]
		if err := checkSettings(r, ofWorkspace, values, "/settings/"+id); err != nil {
			return err
		}
		before, err := r.AllKeys(tx)
		if err != nil {
			return err
		}
		if tx.Change().Settings[id] = values; len(values) == 0 {
			delete(tx.Change().Settings, id)
		}
		if err := r.AdaptKeys(tx, before); err != nil {
			return err
		}
	}
	return nil
}

// checkSettings holds settings against the provider's spec. place is where they stand in the body.
func checkSettings(r *provider.Runtime, schema string, values map[string]any, place string) error {
	if values == nil {
		values = map[string]any{}
	}
	known := r.Spec.Schema(schema)
	if known == nil {
		if len(values) == 0 {
			return nil
		}
		return problem.Newf(problem.Invalid, "unknown_setting", "%s has no settings here", r.ID).At(place)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known.Properties(), name) {
			return unknownMember(name, known.Properties(), place)
		}
	}
	violations := known.Check(values)
	for i := range violations {
		violations[i].Pointer = place + violations[i].Pointer
	}
	if broken := problem.Violated(violations); broken != nil {
		broken.Code = "invalid_setting"
		return broken
	}
	return nil
}

// unknownMember refuses a name that nobody knows, and tells which is nearest to it.
func unknownMember(name string, known []string, place string) error {
	broken := problem.Violated([]problem.Violation{{Pointer: place + "/" + escaped(name), Rule: "additionalProperties", Message: unknownName(name, known)}})
	broken.Code = "unknown_setting"
	return broken
}

// unknownName ends a sentence that begins with the name's place.
func unknownName(name string, known []string) string {
	if near := nearest(name, known); near != "" {
		return "is not known here: did you mean " + near + "?"
	}
	return "is not known here; known are " + listed(known)
}
