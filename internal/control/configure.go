package control

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// ConfigurationError is what a configuration has wrong of one workspace.
type ConfigurationError struct {
	Workspace string
	Pointer   string // RFC 6901, into what is said of the workspace; empty: all of it
	message   string
}

func (e *ConfigurationError) Error() string { return e.message }

// configuration is the schema Configuration: a change as putWorkspace takes it, but for the forms of the clock and of
// the scenarios, and a change as putClient takes it for each client.
type configuration struct {
	workspaceChange

	Clock     *string                            `json:"clock"`
	Scenarios map[string]map[string]string       `json:"scenarios"`
	Clients   map[string]map[string]clientChange `json:"clients"`
}

// Configure gives a workspace what a configuration says of it, in the form of the schema Configuration: all in one
// transaction, or nothing. What it does not say stays as it is, and a workspace of which it says nothing is not stored.
// Where what it says is to blame the error is a *ConfigurationError.
func (c *Control) Configure(ctx context.Context, workspace string, said map[string]any) error {
	err := store.CheckName(workspace)
	if err != nil {
		return &ConfigurationError{Workspace: workspace, message: err.Error()}
	}
	if len(said) == 0 {
		return nil
	}
	wanted, err := c.readConfiguration(said)
	if err == nil {
		err = c.Store.Update(ctx, workspace, func(tx *store.Tx) error { return c.configure(tx, wanted) })
	}
	switch p := problem.From(err); {
	case err == nil || p.Kind == problem.Internal:
		return err
	case len(p.Violations) > 0:
		return &ConfigurationError{Workspace: workspace, Pointer: p.Pointer, message: summary(p.Violations)}
	case p.Pointer == "":
		return &ConfigurationError{Workspace: workspace, message: p.Message}
	default:
		return &ConfigurationError{Workspace: workspace, Pointer: p.Pointer, message: p.Pointer + ": " + p.Message}
	}
}

// readConfiguration holds what is said against the schema.
func (c *Control) readConfiguration(said map[string]any) (wanted configuration, err error) {
	data, err := strictjson.Marshal(said)
	if err != nil {
		return wanted, err
	}
	plain, err := strictjson.Decode(data)
	if err != nil {
		return wanted, err
	}
	violations := c.Spec.Schema("Configuration").Check(plain)
	for i, v := range violations {
		if v.Rule == "additionalProperties" {
			violations[i].Message = c.unknownKey(v)
		}
	}
	if broken := problem.Violated(violations); broken != nil {
		return wanted, broken
	}
	return wanted, strictjson.Unmarshal(data, &wanted)
}

// unknownKey tells which key may be meant: one of the workspace, or deeper down one of a client.
func (c *Control) unknownKey(v problem.Violation) string {
	path, known := strings.Split(v.Pointer, "/"), c.Spec.Schema("Configuration").Properties()
	if len(path) > 2 {
		known = append(c.Spec.Schema("ClientChange").Properties(), "public_key_file", "jwks_file", "ca_file", "secret_file")
	}
	return unknownName(path[len(path)-1], known)
}

// configure begins with the clock, so that all else happens at the time that the file says.
func (c *Control) configure(tx *store.Tx, wanted configuration) error {
	if wanted.Clock != nil {
		if err := setClock(tx, *wanted.Clock); err != nil {
			return err
		}
	}
	if err := wanted.check(); err != nil {
		return err
	}
	if err := c.changeWorkspace(tx, wanted.workspaceChange); err != nil {
		return err
	}
	if err := c.chooseAll(tx, wanted.Scenarios); err != nil {
		return err
	}
	return c.configureClients(tx, wanted.Clients)
}

func (c *Control) chooseAll(tx *store.Tx, scenarios map[string]map[string]string) error {
	for _, id := range slices.Sorted(maps.Keys(scenarios)) {
		for _, kind := range slices.Sorted(maps.Keys(scenarios[id])) {
			place := "/scenarios/" + escaped(id) + "/" + escaped(kind)
			if _, err := c.choose(tx, id, kind, scenarios[id][kind], place); err != nil {
				return problem.From(err).At(place)
			}
		}
	}
	return nil
}

func setClock(tx *store.Tx, text string) error {
	setting, err := clock.Parse(text, tx.Wall())
	if err != nil {
		return &problem.Error{Kind: problem.Invalid, Code: "bad_clock", Message: err.Error(), Pointer: "/clock", Err: err}
	}
	now := setting.Now(tx.Wall())
	if err := checkTime(now, "/clock"); err != nil {
		return err
	}
	tx.SetClock(setting)
	tx.SetNow(now)
	return nil
}

func (c *Control) configureClients(tx *store.Tx, all map[string]map[string]clientChange) error {
	for _, id := range slices.Sorted(maps.Keys(all)) {
		r := c.providers[id]
		if r == nil {
			return unknownMember(id, c.ids(), "/clients")
		}
		for _, client := range slices.Sorted(maps.Keys(all[id])) {
			if err := c.configureClient(tx, r, client, all[id][client]); err != nil {
				return err
			}
		}
	}
	return nil
}

// configureClient wants of an id what the path of putClient wants of it.
func (c *Control) configureClient(tx *store.Tx, r *provider.Runtime, id string, wanted clientChange) error {
	place := "/clients/" + r.ID + "/" + escaped(id)
	put, err := c.operation("putClient")
	if err != nil {
		return err
	}
	if !put.PathMatches(map[string]string{"ws": store.Default, "provider": r.ID, "id": id}) {
		return problem.New(problem.Invalid, "bad_client", "This is no id of a client: it has 1 to 200 printable ASCII characters, no blank and no slash").At(place)
	}
	if wanted.WebhookURL != nil && *wanted.WebhookURL == "" {
		return problem.New(problem.Invalid, "bad_webhook_url", "The webhook URL is empty: leave the key out for none").At(place + "/webhook_url")
	}
	if _, err = wanted.store(tx, r, id); err == nil {
		return nil
	}
	p := problem.From(err)
	for i := range p.Violations {
		p.Violations[i].Pointer = place + p.Violations[i].Pointer
	}
	return p.At(place + p.Pointer)
}
