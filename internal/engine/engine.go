// Package engine moves entities under the law of their machine.
//
// An event comes from an API call, a click, a step of a scenario, a deadline or the control API, and takes one
// road: the story may answer it first, then the machine says where it leads; members are set, effects run,
// the state changes, notifications are recorded, and the steps and deadlines of the new state are armed.
// Steps without a trigger run at once, inside the same transaction; the others become jobs.
//
// A Session is the working set of one transaction: it loads an entity once, hands out that one instance to
// all who ask, and stores what changed in Flush.
//
// Invariant: within one transaction at most MaxFires events are applied, so no story can hold the lock for ever.
package engine

import (
	"errors"
	"fmt"
	"time"

	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// MaxFires bounds the events of one transaction.
const MaxFires = 64

// Kind is what code adds to a kind of entity.
type Kind struct {
	Name   string
	Parent string                                         // the kind of its parent; empty for none
	New    func() any                                     // a pointer to the zero value of its data
	Index  func(e *store.Entity, data any) []store.Index  // nil: found by id only
	Effect map[string]func(owner any, in *Instance) error // what machine and scenarios may name
	State  func(data any, now time.Time) string           // for a record: its state, derived; else nil
	// Deadline, for a record, is asked whenever it is stored: when Wake is to be called, in a transaction of that
	// instant; the zero time: never. After a Wake it must be a later one, or none.
	Deadline func(owner any, in *Instance) (time.Time, error)
	Wake     func(owner any, in *Instance) error
}

// Engine moves the entities of one provider. There is one for each provider: sequences, jobs and scenario
// names of two never mix.
type Engine struct {
	Provider string
	Kinds    map[string]*Kind
	// Library gives the scenario files in force.
	Library func() *machine.Library
	// Settings gives the provider's settings of a workspace, defaults filled in.
	Settings func(ws *store.Workspace) map[string]any
	// Client describes an API client for expressions; nil where there is none of that name.
	Client func(tx *store.Tx, id string) (map[string]any, error)
	// Notify records what channel sends about in; spoilt says how the story spoils it. owner is the session's.
	Notify func(owner any, in *Instance, n machine.Notify, spoilt machine.DeliveryMishap) error
}

// Instance is an entity in a session. Data is the pointer that Kind.New made, filled in; whoever changes it
// calls Session.Touch.
type Instance struct {
	*store.Entity
	Data any

	kind   *Kind
	law    *machine.Kind // nil where there is no scenario file
	at     time.Time     // the instant of all that happens to it; zero: now
	before []store.Index
	fresh  bool
	dirty  bool
	moved  bool // what dirtied it was told already
	gone   bool
}

// machine is the law that the instance moves under; nil for a record.
func (in *Instance) machine() *machine.Machine {
	if in.law == nil {
		return nil
	}
	return in.law.Machine
}

// Story is the part of its scenario that the instance's kind tells; nil where it has no scenario file.
func (in *Instance) Story() *machine.Scenario {
	if in.law == nil {
		return nil
	}
	return in.law.Story(in.Scenario)
}

// Shown is the state to show: the machine's, or the derived one of a record.
func (in *Instance) Shown(now time.Time) string {
	if in.kind.State != nil {
		return in.kind.State(in.Data, now)
	}
	return in.State
}

// LegalEvents lists what the machine allows now, sorted.
func (in *Instance) LegalEvents() []string {
	if in.machine() == nil {
		return nil
	}
	return in.machine().Legal(in.State)
}

// Session is the working set of one transaction.
type Session struct {
	engine *Engine
	tx     *store.Tx
	owner  any
	// Cause says who acts, for the history: "api createLink", "page web.pay", "step", "deadline", "control".
	cause     string
	instances map[store.Ref]*Instance
	order     []*Instance
	fires     int

	// Chosen is the scenario that the caller asked for by name; empty where none was.
	Chosen string
	// Request is what expressions see of the request that creates; nil outside of one.
	Request map[string]any
	// IdempotencyKey is what expressions see of the key of the request under way; empty where it has none.
	IdempotencyKey string
	// Ready is called before the first entity is looked at or made, so that those which exist from the start are
	// there; nil: there are none.
	Ready func() error
	// Ground marks the session that makes them: nobody is notified, and no choice of the workspace is followed.
	Ground bool
}

// Begin opens a session in a transaction. owner is handed to effects and to Notify.
func (e *Engine) Begin(tx *store.Tx, owner any, cause string) *Session {
	return &Session{engine: e, tx: tx, owner: owner, cause: cause}
}

// Cause changes who acts from here on, and gives back who acted before.
func (s *Session) Cause(cause string) (before string) {
	before, s.cause = s.cause, cause
	return before
}

func (s *Session) ready() error {
	if s.Ready == nil {
		return nil
	}
	if err := s.Ready(); err != nil {
		return err
	}
	s.Ready = nil
	return nil
}

// now is the instant at which something happens to an instance.
func (s *Session) now(in *Instance) time.Time {
	if in.at.IsZero() {
		return s.tx.Now()
	}
	return in.at
}

func (e *Engine) kind(name string) (*Kind, error) {
	k := e.Kinds[name]
	if k == nil {
		return nil, problem.Newf(problem.NotFound, "unknown_kind", "%s has no kind %q", e.Provider, name)
	}
	return k, nil
}

// Get loads an entity; it returns nil where there is none.
func (s *Session) Get(kind, id string) (*Instance, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	if in, ok := s.instances[store.Ref{Provider: s.engine.Provider, Kind: kind, ID: id}]; ok {
		if in.gone {
			return nil, nil
		}
		return in, nil
	}
	e, err := s.tx.Entity(store.Ref{Provider: s.engine.Provider, Kind: kind, ID: id})
	if err != nil || e == nil {
		return nil, err
	}
	return s.adopt(kind, e)
}

// Find loads the entity with this key of a unique index; it returns nil where there is none.
func (s *Session) Find(kind, index string, key store.Key) (*Instance, error) {
	if err := errors.Join(s.ready(), s.Flush()); err != nil {
		return nil, err
	}
	e, err := s.tx.FindEntity(s.engine.Provider, kind, index, key)
	if err != nil || e == nil {
		return nil, err
	}
	return s.adopt(kind, e)
}

// List visits entities in the order of an index until fn returns false or an error.
func (s *Session) List(kind, index string, in store.Range, fn func(*Instance) (bool, error)) error {
	if err := errors.Join(s.ready(), s.Flush()); err != nil {
		return err
	}
	return s.tx.ScanIndex(s.engine.Provider, kind, index, in, s.each(kind, fn))
}

// Count tells how many entities have a key of a counted index.
func (s *Session) Count(kind, index string, key store.Key) (int64, error) {
	if err := errors.Join(s.ready(), s.Flush()); err != nil {
		return 0, err
	}
	return s.tx.CountIndex(s.engine.Provider, kind, index, key)
}

// Page visits entities with a key of a counted index, the newest first: limit of them after the first skip.
func (s *Session) Page(kind, index string, key store.Key, skip, limit int64, fn func(*Instance) (bool, error)) error {
	if err := errors.Join(s.ready(), s.Flush()); err != nil {
		return err
	}
	return s.tx.PageIndex(s.engine.Provider, kind, index, key, skip, limit, s.each(kind, fn))
}

// each hands what is read from an index to fn as an instance.
func (s *Session) each(kind string, fn func(*Instance) (bool, error)) func(*store.Entity) (bool, error) {
	return func(e *store.Entity) (bool, error) {
		in, err := s.adopt(kind, e)
		if err != nil {
			return false, err
		}
		return fn(in)
	}
}

// adopt makes an instance of a stored entity, or finds the one that there is.
func (s *Session) adopt(kindName string, e *store.Entity) (*Instance, error) {
	if in, ok := s.instances[e.Ref]; ok {
		return in, nil
	}
	kind, err := s.engine.kind(kindName)
	if err != nil {
		return nil, err
	}
	in := &Instance{Entity: e, Data: kind.New(), kind: kind, law: s.engine.Library().Kind(s.engine.Provider, kindName)}
	if err := strictjson.Unmarshal(e.Data, in.Data); err != nil {
		return nil, fmt.Errorf("engine: the data of %s can not be read: %w", e.Ref, err)
	}
	if s.tx.Writable() {
		in.before = in.indexes()
	}
	s.remember(in)
	return in, nil
}

func (s *Session) remember(in *Instance) {
	if s.instances == nil {
		s.instances = map[store.Ref]*Instance{}
	}
	s.instances[in.Ref] = in
	s.order = append(s.order, in)
}

func (in *Instance) indexes() []store.Index {
	if in.kind.Index == nil {
		return nil
	}
	return in.kind.Index(in.Entity, in.Data)
}

// Indexes gives the keys under which a stored entity is found, besides its id. Its error says what of the data is not
// its kind's.
func (e *Engine) Indexes(of *store.Entity) ([]store.Index, error) {
	kind, err := e.kind(of.Kind)
	if err != nil {
		return nil, err
	}
	in := &Instance{Entity: of, Data: kind.New(), kind: kind}
	if err := strictjson.Unmarshal(of.Data, in.Data); err != nil {
		return nil, err
	}
	return in.indexes(), nil
}

// Touch marks an instance whose data was changed.
func (s *Session) Touch(in *Instance) { in.dirty = true }

// Delete removes an entity.
func (s *Session) Delete(in *Instance) error {
	in.gone = true
	if in.fresh {
		return nil
	}
	s.tell(in, events.Entity{Change: events.Deleted})
	return s.tx.Remove(in.Entity, in.before)
}

// Flush stores what changed. It is called before a list is read and at the end of the transaction.
func (s *Session) Flush() error {
	for _, in := range s.order {
		if !in.dirty || in.gone {
			continue
		}
		if err := s.save(in); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) save(in *Instance) error {
	in.dirty, in.Updated = false, s.now(in) // before the deadline is asked for, which may read lists
	if err := s.armDeadline(in); err != nil {
		return err
	}
	data, err := strictjson.Marshal(in.Data)
	if err != nil {
		return err
	}
	in.Entity.Data = data
	in.Version++
	indexes, change := in.indexes(), events.Changed
	if in.fresh {
		change = events.Created
		err = s.tx.Insert(in.Entity, indexes)
	} else {
		err = s.tx.Replace(in.Entity, in.before, indexes)
	}
	if err == nil && !in.moved {
		s.tell(in, events.Entity{Change: change})
	}
	in.before, in.fresh, in.moved = indexes, false, false
	return err
}
