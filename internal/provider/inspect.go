package provider

import (
	"github.com/mockbank/mockbank/internal/engine"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// View is an entity as the control API shows it.
type View struct {
	Entity  *store.Entity
	State   string // of the machine, or derived
	Data    any
	Legal   []string // events that the machine allows now, sorted
	History []store.Moment
	Next    []store.Job // what is armed for it, in order of due time
}

// maxScannedJobs bounds the search for an entity's jobs.
const maxScannedJobs = 10_000

// KindNames lists the provider's kinds.
func (r *Runtime) KindNames() []string {
	names := make([]string, 0, len(r.Kinds))
	for _, def := range r.Kinds {
		names = append(names, def.kind.Name)
	}
	return names
}

// Library gives the scenario files in force.
func (r *Runtime) Library() *machine.Library { return r.library() }

// Show describes one entity whole.
func (r *Runtime) Show(tx *store.Tx, kind, id string) (*View, error) {
	c := r.inside(tx, "control")
	in, err := c.find(kind, id)
	if err != nil {
		return nil, err
	}
	v, err := view(c, in)
	if err != nil {
		return nil, err
	}
	if v.History, err = tx.History(in.Entity); err != nil {
		return nil, err
	}
	v.Next, err = armed(tx, in)
	return v, err
}

// Entities visits the entities of a kind from the newest to the oldest, beginning before the sequence number before
// (0: with the newest), until fn returns false or an error.
func (r *Runtime) Entities(tx *store.Tx, kind string, before uint64, fn func(*store.Entity) (bool, error)) error {
	if r.Fixtures != nil {
		if err := r.ground(tx); err != nil {
			return err
		}
	}
	return tx.ScanEntities(r.ID, kind, before, fn)
}

// Summarise describes an entity without its history and jobs.
func (r *Runtime) Summarise(tx *store.Tx, e *store.Entity) (*View, error) {
	c := r.inside(tx, "control")
	in, err := c.session.Get(e.Kind, e.ID)
	if err != nil || in == nil {
		return nil, err
	}
	return view(c, in)
}

func view(c *Call, in *engine.Instance) (*View, error) {
	data, err := engine.View(in)
	if err != nil {
		return nil, err
	}
	return &View{Entity: in.Entity, State: in.Shown(c.Now()), Data: masked(data, c.runtime.Secrets), Legal: in.LegalEvents()}, nil
}

// mask stands for what no view shows.
const mask = "********"

// masked hides the members of an entity's data that the provider names as secrets.
func masked(data any, secrets []string) any {
	members, _ := data.(map[string]any)
	for _, name := range secrets {
		if _, held := members[name]; held {
			members[name] = mask
		}
	}
	return data
}

func armed(tx *store.Tx, in *engine.Instance) ([]store.Job, error) {
	var jobs []store.Job
	scanned := 0
	err := tx.Jobs(store.StateJob, func(j *store.Job) bool {
		if j.Entity == in.Ref && j.Visit == in.Visit {
			jobs = append(jobs, *j)
		}
		scanned++
		return scanned < maxScannedJobs
	})
	return jobs, err
}

// Indexes gives the keys under which a stored entity is found, besides its id. Its error says what of the data is not
// its kind's.
func (r *Runtime) Indexes(e *store.Entity) ([]store.Index, error) { return r.engine.Indexes(e) }

// Fire applies an event as the control API's.
func (r *Runtime) Fire(tx *store.Tx, kind, id, event string, set map[string]any) (*View, error) {
	return r.change(tx, kind, id, func(c *Call, in *engine.Instance) error {
		return c.session.Fire(in, event, set)
	})
}

// Act does all that the payer has to do from where the entity stands: approve, cancel or decline.
func (r *Runtime) Act(tx *store.Tx, kind, id, act string) (*View, error) {
	return r.change(tx, kind, id, func(c *Call, in *engine.Instance) error {
		do := r.kinds[kind].act
		if do == nil {
			return problem.Newf(problem.Refused, "no_payer", "Nobody has to act on a %s of %s", kind, r.ID)
		}
		return do(c, in, act)
	})
}

// Retell replaces an entity's story.
func (r *Runtime) Retell(tx *store.Tx, kind, id, scenario string) (*View, error) {
	return r.change(tx, kind, id, func(c *Call, in *engine.Instance) error {
		return c.session.Retell(in, scenario)
	})
}

func (r *Runtime) change(tx *store.Tx, kind, id string, fn func(*Call, *engine.Instance) error) (*View, error) {
	c := r.inside(tx, "control")
	in, err := c.find(kind, id)
	if err != nil {
		return nil, err
	}
	c.Request.Base = in.Base
	if err := fn(c, in); err != nil {
		return nil, err
	}
	if err := c.session.Flush(); err != nil {
		return nil, err
	}
	return r.Show(tx, kind, id)
}

func (c *Call) find(kind, id string) (*engine.Instance, error) {
	in, err := c.session.Get(kind, id)
	if err != nil {
		return nil, err
	}
	return in, mustExist(in, kind, id)
}
