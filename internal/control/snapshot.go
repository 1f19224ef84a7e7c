package control

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/snapshot"
	"github.com/mockbank/mockbank/internal/store"
)

const (
	saveOperation = "getSnapshot"
	loadOperation = "putSnapshot"
)

// DefaultMaxSnapshot is MaxSnapshot where nobody says another.
const DefaultMaxSnapshot = 64 << 20

// getSnapshot writes the document into memory before it sends any of it: a transaction that waited for a slow reader
// would keep the store from growing, and a document that turns out to be too long can still be refused.
func (c *Control) getSnapshot(q *request) (reply, error) {
	for _, r := range c.Providers {
		if err := r.FlushUsage(q.Context(), c.Store); err != nil {
			return reply{}, err
		}
	}
	document := snapshot.Bounded{Most: c.MaxSnapshot}
	err := c.Store.ViewWhole(q.Context(), q.workspace, func(tx *store.Tx) error {
		return snapshot.Write(&document, tx, c.Serials.Serial(q.workspace))
	})
	if errors.Is(err, snapshot.ErrTooLong) {
		err = problem.Newf(problem.TooLarge, "snapshot_too_large",
			"The snapshot of this workspace is longer than %s: start mockbank with a higher --max-snapshot, or reset the workspace and play less in it", megabytes(c.MaxSnapshot))
	}
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, media: mediaJSON, raw: document.Bytes()}, nil
}

func (c *Control) putSnapshot(q *request) (reply, error) {
	document, err := snapshot.Parse(q.raw)
	if err != nil {
		return reply{}, err
	}
	if err := c.checkDescription(document.Workspace); err != nil {
		return reply{}, err
	}
	made := !c.Store.Stored(q.workspace)
	err = c.update(q, func(tx *store.Tx) error {
		if !tx.Workspace().Clock.Jump.IsZero() {
			return problem.New(problem.Conflict, "advancing", "Time is on its way in this workspace. Repeat the call when that jump has ended.")
		}
		return document.Restore(tx, c.indexes)
	})
	if err != nil {
		return reply{}, err
	}
	c.Forget(q.workspace)
	c.Serials.SetSerial(q.workspace, document.Requests)
	return madeOr(made, c.showWorkspace(q.workspace))
}

// indexes finds the kind of an entity of a snapshot.
func (c *Control) indexes(e *store.Entity) ([]store.Index, error) {
	r, err := c.kind(e.Provider, e.Kind)
	if err != nil {
		return nil, err
	}
	if law := r.Library().Kind(e.Provider, e.Kind); law != nil && law.Machine != nil && law.Machine.State(e.State) == nil {
		return nil, problem.Newf(problem.Invalid, "unknown_state", "A %s has no state %q", e.Kind, e.State)
	}
	return r.Indexes(e)
}

// checkDescription judges a snapshot's workspace as putWorkspace would. Which scenarios there are depends on the files
// that this mockbank was started with.
func (c *Control) checkDescription(ws snapshot.Workspace) error {
	const place = "/workspace"
	change := workspaceChange{IDsAs: &ws.IDsAs, WebhookURL: &ws.WebhookURL}
	if err := change.check(); err != nil {
		return below(place, err)
	}
	for _, id := range slices.Sorted(maps.Keys(ws.Settings)) {
		r := c.providers[id]
		if r == nil {
			return unknownMember(id, c.ids(), place+"/settings")
		}
		if err := checkSettings(r, ofWorkspace, ws.Settings[id], place+"/settings/"+id); err != nil {
			return err
		}
	}
	for _, of := range slices.Sorted(maps.Keys(ws.Scenarios)) {
		id, kind, _ := strings.Cut(of, "/")
		r, err := c.kind(id, kind)
		if err != nil {
			return problem.From(err).At(place + "/scenarios/" + escaped(of))
		}
		if !r.Library().HasScenario(id, ws.Scenarios[of]) {
			return problem.Newf(problem.Invalid, "unknown_scenario", "%s has no scenario %q: start mockbank with the --scenarios of the snapshot", id, ws.Scenarios[of]).At(place + "/scenarios/" + escaped(of))
		}
	}
	return nil
}

// below moves a refusal's place to within a member of the body.
func below(place string, err error) error {
	p := problem.From(err)
	return p.At(place + p.Pointer)
}
