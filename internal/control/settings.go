package control

import (
	"context"
	"maps"
	"slices"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
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

// SettingError is a setting that a configuration has wrong.
type SettingError struct {
	Workspace string
	Pointer   string // of the first one that is wrong: /settings/<provider>/<name>
	message   string
}

func (e *SettingError) Error() string { return e.message }

// Configure gives a workspace the settings of the configuration, by provider. Its error names the setting, and is a
// *SettingError where that is to blame.
func (c *Control) Configure(ctx context.Context, workspace string, settings map[string]map[string]any) error {
	if err := store.CheckName(workspace); err != nil {
		return err
	}
	plain, err := plainSettings(settings)
	if err != nil || len(plain) == 0 {
		return err
	}
	err = c.Store.Update(ctx, workspace, func(tx *store.Tx) error { return c.applySettings(tx, plain) })
	if p := problem.From(err); err != nil && p.Pointer != "" && len(p.Violations) > 0 {
		return &SettingError{Workspace: workspace, Pointer: p.Pointer, message: summary(p.Violations)}
	}
	return err
}

// plainSettings turns what a configuration file says into what JSON says.
func plainSettings(settings map[string]map[string]any) (plain map[string]map[string]any, err error) {
	data, err := strictjson.Marshal(settings)
	if err != nil {
		return nil, err
	}
	return plain, strictjson.Unmarshal(data, &plain)
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
	message := "is not known here"
	if near := nearest(name, known); near != "" {
		message += ": did you mean " + near + "?"
	} else {
		message += "; known are " + listed(known)
	}
	broken := problem.Violated([]problem.Violation{{Pointer: place + "/" + escaped(name), Rule: "additionalProperties", Message: message}})
	broken.Code = "unknown_setting"
	return broken
}
