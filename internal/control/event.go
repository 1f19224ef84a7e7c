package control

import (
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// event is what moves an entity: an event with new values, or all that a payer does.
type event struct {
	Event string         `json:"event"`
	Set   map[string]any `json:"set"`
	Act   string         `json:"act"`
}

func (c *Control) postEvent(q *request) (reply, error) {
	var wanted event
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	switch {
	case q.has("event") == q.has("act"):
		return reply{}, problem.New(problem.Invalid, "bad_event", "Give either event, one of the entity's legal events, or act, which is approve, cancel or decline")
	case q.has("act") && q.has("set"):
		return reply{}, problem.New(problem.Invalid, "bad_event", "set goes with an event: a payer sets nothing").At("/set")
	}
	return c.change(q, func(r *provider.Runtime, tx *store.Tx, kind, id string) (*provider.View, error) {
		if wanted.Act != "" {
			return r.Act(tx, kind, id, wanted.Act)
		}
		return r.Fire(tx, kind, id, wanted.Event, wanted.Set)
	})
}

func (c *Control) putEntityScenario(q *request) (reply, error) {
	var wanted scenarioName
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	return c.change(q, func(r *provider.Runtime, tx *store.Tx, kind, id string) (*provider.View, error) {
		v, err := r.Retell(tx, kind, id, wanted.Scenario)
		if problem.Is(err, problem.Malformed) {
			err = problem.From(err).At("/scenario")
		}
		return v, err
	})
}

// change moves the entity that the path names, and shows it as it is then.
func (c *Control) change(q *request, fn func(*provider.Runtime, *store.Tx, string, string) (*provider.View, error)) (reply, error) {
	kind, id := q.params["kind"], q.params["id"]
	r, err := c.kind(q.params["provider"], kind)
	if err != nil {
		return reply{}, err
	}
	var v *provider.View
	err = c.update(q, func(tx *store.Tx) (err error) {
		v, err = fn(r, tx, kind, id)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return ok(whole(v))
}
