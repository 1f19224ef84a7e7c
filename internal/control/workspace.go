package control

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

// workspaceView is a workspace as it is shown.
type workspaceView struct {
	Name               string                    `json:"name"`
	Stored             bool                      `json:"stored"`
	Created            time.Time                 `json:"created"`
	Clock              clockView                 `json:"clock"`
	Seed               uint64                    `json:"seed"`
	IDsAs              string                    `json:"ids_as,omitzero"`
	Settings           map[string]map[string]any `json:"settings"`
	Scenarios          map[string]string         `json:"scenarios"`
	WebhookURL         string                    `json:"webhook_url,omitzero"`
	WebhookInsecureTLS bool                      `json:"webhook_insecure_tls"`
}

func (c *Control) showWorkspace(name string) workspaceView {
	ws := c.Store.Workspace(name)
	v := workspaceView{
		Name: ws.Name, Stored: c.Store.Stored(name), Created: ws.Created, Clock: c.clockOf(ws), Seed: ws.Seed, IDsAs: ws.IDsAs,
		Settings: ws.Settings, Scenarios: ws.Scenarios, WebhookURL: ws.WebhookURL, WebhookInsecureTLS: ws.WebhookInsecureTLS,
	}
	if v.Settings == nil {
		v.Settings = map[string]map[string]any{}
	}
	if v.Scenarios == nil {
		v.Scenarios = map[string]string{}
	}
	return v
}

func (c *Control) listWorkspaces(q *request) (reply, error) {
	names := c.Store.Names()
	if !slices.Contains(names, store.Default) {
		names = append(names, store.Default)
	}
	slices.Sort(names)
	of := cut(q, names, func(name string) string { return name })
	shown := page[workspaceView]{Items: []workspaceView{}, Next: of.Next}
	for _, name := range of.Items {
		shown.Items = append(shown.Items, c.showWorkspace(name))
	}
	return ok(shown)
}

func (c *Control) getWorkspace(q *request) (reply, error) { return ok(c.showWorkspace(q.workspace)) }

// workspaceChange is what PUT may say. A nil member was not given.
type workspaceChange struct {
	Seed               *uint64                   `json:"seed"`
	IDsAs              *string                   `json:"ids_as"`
	Clock              *clockChange              `json:"clock"`
	Scenarios          map[string]string         `json:"scenarios"`
	Settings           map[string]map[string]any `json:"settings"`
	WebhookURL         *string                   `json:"webhook_url"`
	WebhookInsecureTLS *bool                     `json:"webhook_insecure_tls"`
}

func (c *Control) putWorkspace(q *request) (reply, error) {
	var wanted workspaceChange
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	if err := wanted.check(); err != nil {
		return reply{}, err
	}
	made := !c.Store.Stored(q.workspace)
	if err := c.update(q, func(tx *store.Tx) error { return c.changeWorkspace(tx, wanted) }); err != nil {
		return reply{}, err
	}
	return madeOr(made, c.showWorkspace(q.workspace))
}

// check judges what needs no look at the workspace.
func (w workspaceChange) check() error {
	if w.IDsAs != nil && *w.IDsAs != "" {
		if err := checkWorkspace(*w.IDsAs, "/ids_as"); err != nil {
			return err
		}
	}
	if w.WebhookURL != nil && *w.WebhookURL != "" {
		if err := webhook.CheckURL(*w.WebhookURL); err != nil {
			return problem.From(err).At("/webhook_url")
		}
	}
	return nil
}

// changeWorkspace ends with the clock, so that all before it happens at the time that was.
func (c *Control) changeWorkspace(tx *store.Tx, wanted workspaceChange) error {
	ws := tx.Change()
	give(&ws.Seed, wanted.Seed)
	give(&ws.IDsAs, wanted.IDsAs)
	give(&ws.WebhookURL, wanted.WebhookURL)
	give(&ws.WebhookInsecureTLS, wanted.WebhookInsecureTLS)
	if err := c.applySettings(tx, wanted.Settings); err != nil {
		return err
	}
	for _, of := range slices.Sorted(maps.Keys(wanted.Scenarios)) {
		id, kind, _ := strings.Cut(of, "/")
		if _, err := c.choose(tx, id, kind, wanted.Scenarios[of], "/scenarios/"+escaped(of)); err != nil {
			return problem.From(err).At("/scenarios/" + escaped(of))
		}
	}
	if wanted.Clock == nil {
		return nil
	}
	return wanted.Clock.apply(tx, "/clock")
}

// give overwrites a value with one that was given.
func give[T any](old *T, given *T) {
	if given != nil {
		*old = *given
	}
}

// escaped writes a name as a part of a JSON pointer (RFC 6901 section 3).
func escaped(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func (c *Control) deleteWorkspace(q *request) (reply, error) {
	if err := c.Store.Delete(q.Context(), q.workspace); err != nil {
		return reply{}, err
	}
	c.Forget(q.workspace)
	return gone()
}

func (c *Control) resetWorkspace(q *request) (reply, error) {
	// One that nothing was written to is as it would be after a reset, but for the calls that were counted in it, and
	// stays unstored.
	if c.Store.Stored(q.workspace) {
		if err := c.update(q, func(tx *store.Tx) error { tx.Reset(); return nil }); err != nil {
			return reply{}, err
		}
	}
	c.Forget(q.workspace)
	return ok(c.showWorkspace(q.workspace))
}

// Forget drops what is in memory only of a workspace that was deleted, or whose world is another: the calls that
// were counted, and the journal.
func (c *Control) Forget(workspace string) {
	for _, r := range c.Providers {
		r.ForgetUsage(workspace)
	}
	c.Serials.SetSerial(workspace, 0)
	c.Journal.Drop(workspace)
}
