// Package snapshot writes a workspace whole as one JSON document that people can read and compare, and reads it back.
//
// Write goes through the workspace once, in one transaction, and puts every entity, timer and row on a line of its
// own. Parse reads a document and finds what is wrong with it by itself; Restore puts it in the place of all that a
// workspace holds, in the caller's transaction, which undoes everything where the document turns out to be broken.
//
// Invariant: whatever is stored of a workspace is in its snapshot, or follows from what is: ids, indexes and counts
// of entities are made anew. So a workspace whose clock stands has the same future after Restore as after Write. What
// a room keeps in its bucket is that room's own matter and is taken as it stands.
package snapshot

import (
	stdjson "encoding/json"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/store"
)

// Version is that of the documents which Write makes. Parse reads it and those before.
const Version = 1

// Document is a snapshot.
type Document struct {
	Version   int                 `json:"version"`
	Workspace Workspace           `json:"workspace"`
	Requests  uint64              `json:"requests"`  // how many came on provider paths; ids that no row stands for derive from it
	Sequences map[string]uint64   `json:"sequences"` // the last number of each series
	Entities  map[string][]entity `json:"entities"`  // by provider/kind, the oldest first
	Jobs      []job               `json:"jobs"`
	Rooms     map[string][]row    `json:"rooms"` // by bucket; what goes with a reset
	Kept      map[string][]row    `json:"kept"`  // by bucket; what survives one
}

// Workspace describes the workspace.
type Workspace struct {
	Name               string                    `json:"name"`
	Created            time.Time                 `json:"created"`
	Clock              clock.Setting             `json:"clock"`
	Seed               uint64                    `json:"seed"`
	IDsAs              string                    `json:"ids_as,omitzero"`
	Settings           map[string]map[string]any `json:"settings"`
	Scenarios          map[string]string         `json:"scenarios"`
	WebhookURL         string                    `json:"webhook_url,omitzero"`
	WebhookInsecureTLS bool                      `json:"webhook_insecure_tls"`
}

type entity struct {
	ID       string             `json:"id"`
	Sequence uint64             `json:"sequence"`
	State    string             `json:"state,omitzero"`
	Scenario string             `json:"scenario,omitzero"`
	Visit    uint64             `json:"visit"`
	Version  uint64             `json:"version"`
	Visits   map[string]int     `json:"visits,omitzero"`
	Input    map[string]string  `json:"input,omitzero"`
	Spoilt   []int              `json:"spoilt,omitzero"`
	Parent   store.Ref          `json:"parent,omitzero"`
	Client   string             `json:"client,omitzero"`
	Base     string             `json:"base,omitzero"`
	Created  time.Time          `json:"created"`
	Updated  time.Time          `json:"updated"`
	Entered  time.Time          `json:"entered"`
	Wake     time.Time          `json:"wake,omitzero"`
	History  []store.Entry      `json:"history"`
	Data     stdjson.RawMessage `json:"data"`
}

// job is a timer or the attempt of a delivery. It has the members of store.Job under names for people.
type job struct {
	Class    class     `json:"class"`
	Due      time.Time `json:"due"`
	Sequence uint64    `json:"sequence"`
	Entity   store.Ref `json:"entity,omitzero"`
	Visit    uint64    `json:"visit,omitzero"`
	Scenario string    `json:"scenario,omitzero"`
	State    string    `json:"state,omitzero"`
	Step     int       `json:"step,omitzero"`
	Fire     string    `json:"fire,omitzero"`
	Delivery uint64    `json:"delivery,omitzero"`
	Target   string    `json:"target,omitzero"`
}

// class is a store.Class as people read it.
type class string

const (
	timer   class = "timer"
	attempt class = "attempt"
)

var classes = map[class]store.Class{timer: store.StateJob, attempt: store.SendJob}

// row is one of a room's bucket.
type row struct {
	Key   stdjson.RawMessage `json:"key"`
	Value stdjson.RawMessage `json:"value"`

	stored store.Key // what Key says, once it is read
}

func describe(tx *store.Tx) Workspace {
	ws := tx.Workspace()
	return Workspace{
		Name: ws.Name, Created: ws.Created, Clock: resting(ws.Clock, tx.Wall()), Seed: ws.Seed, IDsAs: ws.IDsAs, Settings: ws.Settings,
		Scenarios: ws.Scenarios, WebhookURL: ws.WebhookURL, WebhookInsecureTLS: ws.WebhookInsecureTLS,
	}
}

// Description is what the store keeps of it.
func (w Workspace) Description() *store.Workspace {
	return &store.Workspace{
		Name: w.Name, Created: w.Created, Clock: w.Clock, Seed: w.Seed, IDsAs: w.IDsAs, Settings: w.Settings,
		Scenarios: w.Scenarios, WebhookURL: w.WebhookURL, WebhookInsecureTLS: w.WebhookInsecureTLS,
	}
}

// resting is a clock without what only matters to the process that holds it: a jump that is under way ends where it
// stands, and a clock that stands has no anchor on the wall.
func resting(s clock.Setting, wall time.Time) clock.Setting {
	if !s.Jump.IsZero() {
		s = s.At(s.Jump, wall)
	}
	if s.Mode == clock.Frozen {
		s.Anchor = time.Time{}
	}
	return s
}

func entityOf(e *store.Entity, history []store.Entry) entity {
	return entity{
		ID: e.ID, Sequence: e.Sequence, State: e.State, Scenario: e.Scenario, Visit: e.Visit, Version: e.Version, Visits: e.Visits,
		Input: e.Input, Spoilt: e.Spoilt, Parent: e.Parent, Client: e.Client, Base: e.Base,
		Created: e.Created, Updated: e.Updated, Entered: e.Entered, Wake: e.Wake, History: history, Data: e.Data,
	}
}

func (e entity) stored(provider, kind string) *store.Entity {
	return &store.Entity{
		Ref: store.Ref{Provider: provider, Kind: kind, ID: e.ID}, Sequence: e.Sequence, State: e.State, Scenario: e.Scenario,
		Visit: e.Visit, Version: e.Version, Visits: e.Visits, Input: e.Input, Spoilt: e.Spoilt, Parent: e.Parent, Client: e.Client,
		Base: e.Base, Created: e.Created, Updated: e.Updated, Entered: e.Entered, Wake: e.Wake, Data: e.Data,
	}
}

func jobOf(c class, j *store.Job) job {
	return job{
		Class: c, Due: j.Due, Sequence: j.Sequence, Entity: j.Entity, Visit: j.Visit, Scenario: j.Scenario, State: j.State,
		Step: j.Step, Fire: j.Fire, Delivery: j.Delivery, Target: j.Target,
	}
}

func (j job) stored() store.Job {
	return store.Job{
		Class: classes[j.Class], Due: j.Due, Sequence: j.Sequence, Entity: j.Entity, Visit: j.Visit, Scenario: j.Scenario, State: j.State,
		Step: j.Step, Fire: j.Fire, Delivery: j.Delivery, Target: j.Target,
	}
}
