package control

import (
	"cmp"
	"encoding/base64"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// entityView is an entity as it is shown. Lists leave History and Next out.
type entityView struct {
	store.Ref
	Sequence uint64       `json:"sequence"`
	Version  uint64       `json:"version"`
	State    string       `json:"state"`
	Scenario string       `json:"scenario"`
	Legal    []string     `json:"legal_events"`
	Client   string       `json:"client,omitzero"`
	Parent   store.Ref    `json:"parent,omitzero"`
	Created  time.Time    `json:"created"`
	Updated  time.Time    `json:"updated"`
	Data     any          `json:"data"`
	History  []momentView `json:"history,omitzero"`
	Next     []timerView  `json:"next,omitzero"`
}

type momentView struct {
	At    time.Time `json:"at"`
	Event string    `json:"event"`
	Cause string    `json:"cause"`
	From  string    `json:"from,omitzero"`
	To    string    `json:"to,omitzero"`
	Note  string    `json:"note,omitzero"`
}

// timerView is a step or a deadline that is armed.
type timerView struct {
	Due      time.Time `json:"due"`
	State    string    `json:"state"`
	Scenario string    `json:"scenario,omitzero"`
	Step     int       `json:"step,omitzero"`
	Event    string    `json:"event,omitzero"`
}

func summarised(v *provider.View) entityView {
	e := v.Entity
	return entityView{
		Ref: e.Ref, Sequence: e.Sequence, Version: e.Version, State: v.State, Scenario: e.Scenario, Legal: append([]string{}, v.Legal...),
		Client: e.Client, Parent: e.Parent, Created: e.Created, Updated: e.Updated, Data: v.Data,
	}
}

// whole adds history and timers.
func whole(v *provider.View) entityView {
	shown := summarised(v)
	shown.History, shown.Next = []momentView{}, []timerView{}
	for _, m := range v.History {
		shown.History = append(shown.History, momentView(m))
	}
	for _, job := range v.Next {
		shown.Next = append(shown.Next, timerView{Due: job.Due, State: job.State, Scenario: job.Scenario, Step: job.Step, Event: job.Fire})
	}
	return shown
}

func (c *Control) getEntity(q *request) (reply, error) {
	r, err := c.kind(q.params["provider"], q.params["kind"])
	if err != nil {
		return reply{}, err
	}
	var v *provider.View
	err = c.view(q, func(tx *store.Tx) (err error) {
		v, err = r.Show(tx, q.params["kind"], q.params["id"])
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return ok(whole(v))
}

// kindOf is one kind of one provider, as far as a list has come in it.
type kindOf struct {
	runtime *provider.Runtime
	name    string

	before uint64       // the list goes on below this sequence number; 0: from the newest
	rows   []entityView // found and not taken yet, newest first
	seen   uint64       // the last sequence number that was looked at
	more   bool         // there are rows below seen
}

func (k *kindOf) key() string { return k.runtime.ID + "/" + k.name }

// filtered gives the kinds that provider and kind of the query leave.
func (c *Control) filtered(q *request) ([]*kindOf, error) {
	id, kind := q.query.Get("provider"), q.query.Get("kind")
	if id != "" {
		if _, err := c.provider(id); err != nil {
			return nil, asQuery(err, "provider")
		}
	}
	var found []*kindOf
	for _, r := range c.Providers {
		for _, name := range r.KindNames() {
			if (id == "" || r.ID == id) && (kind == "" || name == kind) {
				found = append(found, &kindOf{runtime: r, name: name})
			}
		}
	}
	if kind != "" && len(found) == 0 {
		return nil, problem.Newf(problem.Invalid, "unknown_kind", "There is no kind %q here", kind).At("query:kind")
	}
	return found, nil
}

// asQuery makes a refusal of something that the query names one of the query.
func asQuery(err error, name string) error {
	p := *problem.From(err)
	p.Kind, p.Pointer = problem.Invalid, "query:"+name
	return &p
}

// maxExamined is how many entities one page looks at.
const maxExamined = 10_000

func (c *Control) listEntities(q *request) (reply, error) {
	kinds, err := c.filtered(q)
	if err != nil {
		return reply{}, err
	}
	if kinds, err = resume(kinds, q.after()); err != nil {
		return reply{}, err
	}
	err = c.view(q, func(tx *store.Tx) error {
		for _, k := range kinds {
			if err := k.fetch(tx, q.query.Get("state"), q.limit(), maxExamined/len(kinds)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	items := merge(kinds, q.limit())
	next, err := cursorOf(kinds)
	if err != nil {
		return reply{}, err
	}
	return ok(page[entityView]{Items: items, Next: next})
}

// fetch reads the next entities of a kind, at most limit of those in the state.
func (k *kindOf) fetch(tx *store.Tx, state string, limit, examine int) error {
	return k.runtime.Entities(tx, k.name, k.before, func(e *store.Entity) (bool, error) {
		if len(k.rows) == limit || examine == 0 {
			k.more = true
			return false, nil
		}
		examine--
		k.seen = e.Sequence
		v, err := k.runtime.Summarise(tx, e)
		if err != nil || v == nil {
			return false, err
		}
		if state == "" || v.State == state {
			k.rows = append(k.rows, summarised(v))
		}
		return true, nil
	})
}

// merge takes the newest of all kinds. Within a kind the order is that of the sequence numbers, also where the
// clock was set back in between.
func merge(kinds []*kindOf, limit int) []entityView {
	taken := []entityView{}
	for len(taken) < limit {
		var newest *kindOf
		for _, k := range kinds {
			if len(k.rows) > 0 && (newest == nil || k.rows[0].Created.After(newest.rows[0].Created)) {
				newest = k
			}
		}
		if newest == nil {
			break
		}
		taken, newest.before, newest.rows = append(taken, newest.rows[0]), newest.rows[0].Sequence, newest.rows[1:]
	}
	return taken
}

// cursorOf says where each kind that has more goes on; empty: none has.
func cursorOf(kinds []*kindOf) (string, error) {
	at := map[string]uint64{}
	for _, k := range kinds {
		switch {
		case len(k.rows) > 0:
			at[k.key()] = k.before
		case k.more:
			at[k.key()] = cmp.Or(k.seen, k.before)
		}
	}
	if len(at) == 0 {
		return "", nil
	}
	data, err := strictjson.Marshal(at)
	return base64.RawURLEncoding.EncodeToString(data), err
}

// resume takes up the kinds that a cursor names, and drops those that were read to their end.
func resume(kinds []*kindOf, cursor string) ([]*kindOf, error) {
	if cursor == "" {
		return kinds, nil
	}
	var at map[string]uint64
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || strictjson.Unmarshal(data, &at) != nil || len(at) == 0 {
		return nil, badCursor()
	}
	var left []*kindOf
	for _, k := range kinds {
		before, ok := at[k.key()]
		if !ok {
			continue
		}
		k.before = before
		left = append(left, k)
	}
	if len(left) != len(at) {
		return nil, badCursor()
	}
	return left, nil
}
