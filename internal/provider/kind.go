package provider

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"time"

	"github.com/mockbank/mockbank/internal/engine"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// Kind is the typed handle of a kind of entity whose data is a T:
//
//	const links provider.Kind[Link] = "link"
type Kind[T any] string

// Def is what a provider adds to a kind. One with a State is a record: it has no machine, but may have a scenario
// file with stories whose mishaps hold for it and whose names its children inherit.
type Def[T any] struct {
	Parent  string                                   // the kind of its parent; empty for none
	Index   func(*Entity[T]) []Index                 // the keys under which it is found, besides its id
	State   func(data *T, now time.Time) string      // for a record: its state, derived
	Effects map[string]func(*Call, *Entity[T]) error // what machine and scenarios may name
	// Deadline, for a record, says when Wake is to be called; the zero time: never. It is asked whenever the entity
	// is stored, and what it answered last holds. An instant that has passed is as good as now.
	Deadline func(c *Call, e *Entity[T]) (time.Time, error)
	// Wake runs at the deadline, in a transaction of that instant. It may change and delete the entity and make
	// others; its changes are stored by the frame. Then Deadline is asked again and must name a later instant, or
	// none. An error takes back what it did, and there is no second try before the deadline moves.
	Wake func(c *Call, e *Entity[T]) error
	// Act does all that a person has to do from where the entity stands. act is approve, cancel or decline.
	Act func(c *Call, e *Entity[T], act string) error
}

// KindDef is a Def without its type.
type KindDef struct {
	kind engine.Kind
	data reflect.Type
	act  func(c *Call, in *engine.Instance, act string) error
}

// Define joins a kind's name and its Def.
func (k Kind[T]) Define(d Def[T]) KindDef {
	def := KindDef{
		data: reflect.TypeFor[T](),
		kind: engine.Kind{Name: string(k), Parent: d.Parent, New: func() any { return new(T) }, Effect: map[string]func(any, *engine.Instance) error{}},
	}
	if d.Index != nil {
		def.kind.Index = func(e *store.Entity, data any) []store.Index {
			return d.Index(&Entity[T]{in: &engine.Instance{Entity: e, Data: data}, Data: data.(*T)})
		}
	}
	if d.State != nil {
		def.kind.State = func(data any, now time.Time) string { return d.State(data.(*T), now) }
	}
	if d.Deadline != nil {
		def.kind.Deadline = func(owner any, in *engine.Instance) (time.Time, error) {
			return d.Deadline(owner.(*Call), typed[T](in))
		}
	}
	if d.Wake != nil {
		def.kind.Wake = func(owner any, in *engine.Instance) error { return d.Wake(owner.(*Call), typed[T](in)) }
	}
	if d.Act != nil {
		def.act = func(c *Call, in *engine.Instance, act string) error { return d.Act(c, typed[T](in), act) }
	}
	for name, effect := range d.Effects {
		def.kind.Effect[name] = func(owner any, in *engine.Instance) error { return effect(owner.(*Call), typed[T](in)) }
	}
	return def
}

// Entity is one thing of a kind, as this call sees it. After a change of Data, Kind.Update stores it; in an
// effect that is done by the frame.
type Entity[T any] struct {
	in   *engine.Instance
	Data *T
}

func typed[T any](in *engine.Instance) *Entity[T] {
	if in == nil {
		return nil
	}
	return &Entity[T]{in: in, Data: in.Data.(*T)}
}

func (e *Entity[T]) ID() string         { return e.in.ID }
func (e *Entity[T]) State() string      { return e.in.State }
func (e *Entity[T]) Scenario() string   { return e.in.Scenario }
func (e *Entity[T]) Client() string     { return e.in.Client }
func (e *Entity[T]) Created() time.Time { return e.in.Created }
func (e *Entity[T]) Updated() time.Time { return e.in.Updated }
func (e *Entity[T]) Entered() time.Time { return e.in.Entered }

// Base is the address by which the request that made it came; links in later messages begin with it.
func (e *Entity[T]) Base() string { return e.in.Base }

// Visited tells how often it was in a state.
func (e *Entity[T]) Visited(state string) int { return e.in.Visits[state] }

// Name is the identity of a new entity before it has its data: a number, and what derives from it. The same
// workspace makes the same names on every run.
type Name struct {
	Number uint64 // 1 for the first of its kind
	bytes  [32]byte
}

// NameFrom is the name that a digest gives, for what follows from stored rows and has none of its own.
func NameFrom(digest [32]byte) Name { return Name{bytes: digest} }

// UUID is a version 4 UUID.
func (n Name) UUID() string { return uuid(n.bytes) }

// Text gives n characters of the alphabet, which has at most 256. Texts for different purposes are
// independent of each other.
func (n Name) Text(purpose string, length int, alphabet string) string {
	return derivedText(n.bytes, purpose, length, alphabet)
}

func uuid(b [32]byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Next takes the next name of the kind.
func (k Kind[T]) Next(c *Call) (Name, error) {
	n, err := c.session.Next(string(k))
	if err != nil {
		return Name{}, err
	}
	return k.named(c, n), nil
}

// NameOf is the name by which an entity was made, for ids that it gets later in its life.
func (k Kind[T]) NameOf(c *Call, e *Entity[T]) Name { return k.named(c, e.in.Sequence) }

func (k Kind[T]) named(c *Call, n uint64) Name {
	return Name{Number: n, bytes: c.tx.Workspace().Derive(c.runtime.ID+"/"+string(k), n)}
}

// Option says more about a new entity.
type Option func(*engine.Birth)

// ChildOf makes the new entity a child: it inherits the name of the parent's scenario.
func ChildOf[T any](parent *Entity[T]) Option {
	return func(b *engine.Birth) { b.Parent = parent.in }
}

// At has the new entity made at a fixed instant, and all that this call does to it happen then: what exists from the
// start shows the same instants on every read of a workspace that is not stored. Deadlines count from it too, and one
// that is past by then is due as soon as the entity is stored.
func At(instant time.Time) Option {
	return func(b *engine.Birth) { b.At = instant.UTC().Truncate(time.Microsecond) }
}

// MadeBy names the client that owns the new entity, where that is not the one that calls.
func MadeBy(client string) Option {
	return func(b *engine.Birth) { b.Client = client }
}

// Following has the new entity follow a scenario of that name, as Match found it for what a person typed. An empty
// name chooses nothing.
func Following(scenario string) Option {
	return func(b *engine.Birth) { b.Scenario = scenario }
}

// Create makes an entity in its first state, and its story begins. An id or a unique key that is taken is a
// problem.Conflict with the code "not_unique".
func (k Kind[T]) Create(c *Call, name Name, id string, data *T, options ...Option) (*Entity[T], error) {
	birth := engine.Birth{ID: id, Sequence: name.Number, Client: c.Principal.Client, Base: c.Base()}
	for _, option := range options {
		option(&birth)
	}
	in, err := c.session.Create(string(k), birth, data)
	if err != nil {
		return nil, err
	}
	c.touch(in, true)
	return typed[T](in), nil
}

// Get finds an entity by its id; it returns nil where there is none.
func (k Kind[T]) Get(c *Call, id string) (*Entity[T], error) {
	in, err := c.session.Get(string(k), id)
	if err != nil || in == nil {
		return nil, err
	}
	c.touch(in, false)
	return typed[T](in), nil
}

// Find finds an entity by a key of a unique index; it returns nil where there is none.
func (k Kind[T]) Find(c *Call, index string, key Key) (*Entity[T], error) {
	in, err := c.session.Find(string(k), index, key)
	if err != nil || in == nil {
		return nil, err
	}
	c.touch(in, false)
	return typed[T](in), nil
}

// List visits entities in the order of an index until fn returns false or an error. It costs what it visits.
func (k Kind[T]) List(c *Call, index string, in Range, fn func(*Entity[T]) (bool, error)) error {
	return c.session.List(string(k), index, in, func(in *engine.Instance) (bool, error) { return fn(typed[T](in)) })
}

// Count tells how many entities have a key of a counted index.
func (k Kind[T]) Count(c *Call, index string, key Key) (int64, error) {
	return c.session.Count(string(k), index, key)
}

// Page visits the entities with a key of a counted index, the newest first: limit of them after the first skip, or
// until fn returns false or an error. What is skipped costs next to nothing.
func (k Kind[T]) Page(c *Call, index string, key Key, skip, limit int64, fn func(*Entity[T]) (bool, error)) error {
	return c.session.Page(string(k), index, key, skip, limit, func(in *engine.Instance) (bool, error) { return fn(typed[T](in)) })
}

// Update stores what was changed in e.Data.
func (k Kind[T]) Update(c *Call, e *Entity[T]) { c.session.Touch(e.in) }

// Delete removes an entity.
func (k Kind[T]) Delete(c *Call, e *Entity[T]) error { return c.session.Delete(e.in) }

// Fire applies an event. One that is not legal in its state is a problem.Conflict that names the legal ones.
func (k Kind[T]) Fire(c *Call, e *Entity[T], event string) error {
	return c.session.Fire(e.in, event, nil)
}

// Hasten does now what the story would do later in the present state; nothing where it would do nothing.
func (k Kind[T]) Hasten(c *Call, e *Entity[T]) error { return c.session.Hasten(e.in) }

// Notify records a notification about an entity, spoilt as its story says. A machine does so by itself; this is for
// records.
func (k Kind[T]) Notify(c *Call, e *Entity[T], channel, kind string) error {
	return c.session.Notify(e.in, machine.Notify{Channel: channel, Type: kind})
}

// Retell replaces an entity's story from here on.
func (k Kind[T]) Retell(c *Call, e *Entity[T], scenario string) error {
	return c.session.Retell(e.in, scenario)
}

// Match finds the scenario that a person's input chooses, by the kind's magic inputs.
func (k Kind[T]) Match(c *Call, input, value string) (scenario string, ok bool) {
	law := c.runtime.library().Kind(c.runtime.ID, string(k))
	if law == nil || value == "" {
		return "", false
	}
	scenario, _, ok = law.Match(input, value)
	return scenario, ok
}

// Stories lists what the kind's stories are called, with their titles, in the order of the file.
func (k Kind[T]) Stories(c *Call) []Story {
	law := c.runtime.library().Kind(c.runtime.ID, string(k))
	if law == nil {
		return nil
	}
	stories := make([]Story, 0, len(law.Scenarios))
	for _, s := range law.Scenarios {
		stories = append(stories, Story{Name: s.Name, Title: s.Title})
	}
	return stories
}

// Story names a scenario for people.
type Story struct{ Name, Title string }

// mustExist turns a missing entity into a refusal.
func mustExist(in *engine.Instance, kind, id string) error {
	if in == nil {
		return problem.New(problem.NotFound, "", fmt.Sprintf("There is no %s %q", kind, id))
	}
	return nil
}
