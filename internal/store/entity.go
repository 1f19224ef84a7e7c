package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// Ref names an entity of a workspace.
type Ref struct {
	Provider string `json:"provider"`
	Kind     string `json:"kind"`
	ID       string `json:"id"`
}

func (r Ref) String() string { return r.Provider + "/" + r.Kind + "/" + r.ID }

// Entity is one stored thing of a kind.
type Entity struct {
	Ref
	Sequence uint64 // 1 for the first of its kind; leads its key, so new rows arrive in key order

	State    string            // as the machine last left it; empty for a record
	Scenario string            // whose story it follows
	Visit    uint64            // raised by every change of state or of story; a job with another one is stale
	Version  uint64            // raised by every write
	Visits   map[string]int    // how often each state was entered
	Input    map[string]string // what magic inputs bound
	Spoilt   []int             // for each mishap of deliveries of its story, how many notifications it has counted

	Parent  Ref    // zero where it has none
	Client  string // who made it; empty where nobody is meant
	Base    string // the address by which the request that made it came, for links in later messages
	Created time.Time
	Updated time.Time
	Entered time.Time // when it came into its state
	Wake    time.Time // for a record: the deadline for which a job is armed; zero: none is

	Data []byte // the provider's own JSON
}

// header is an entity's row without its data, in the form in which it is stored. A million rows are a million
// times its length, so it leaves out what is as it was at birth.
type header struct {
	ID       string            `json:"i"`
	State    string            `json:"s,omitzero"`
	Scenario string            `json:"n,omitzero"`
	Visit    int64             `json:"v,omitzero"` // less 1
	Version  int64             `json:"w,omitzero"` // less 1
	Visits   map[string]int    `json:"y,omitzero"` // unless only the present state was entered, and once
	Input    map[string]string `json:"m,omitzero"`
	Spoilt   []int             `json:"o,omitzero"`
	Parent   *Ref              `json:"p,omitzero"`
	Client   string            `json:"c,omitzero"`
	Base     string            `json:"b,omitzero"`
	Created  int64             `json:"t"`
	Updated  int64             `json:"u,omitzero"` // microseconds since Created
	Entered  int64             `json:"e,omitzero"` // likewise
	Wake     *int64            `json:"k,omitzero"` // likewise
}

// Index is one key under which an entity is found. Unique keys find one entity; the others are read as lists,
// in the order of their keys. Those with the same key of a list are in the order in which they were made; a counted
// list knows how many they are. The keys of one index are all built in the same way.
type Index struct {
	Name    string
	Unique  bool
	Counted bool // only of a list
	Key     Key
}

func kindKey(tx *Tx, t table, provider, kind string, room int) Key {
	return Key(tx.rowKey(t, len(provider)+len(kind)+4+room)).Text(provider).Text(kind)
}

// Entity reads one; it returns nil where there is none.
func (tx *Tx) Entity(ref Ref) (*Entity, error) {
	value, err := tx.get(kindKey(tx, tableID, ref.Provider, ref.Kind, len(ref.ID)).Text(ref.ID))
	if err != nil || value == nil {
		return nil, err
	}
	return tx.entityAt(ref.Provider, ref.Kind, binary.BigEndian.Uint64(value))
}

func (tx *Tx) entityAt(provider, kind string, sequence uint64) (*Entity, error) {
	value, err := tx.get(kindKey(tx, tableEntity, provider, kind, 8).Number(sequence))
	if err != nil || value == nil {
		return nil, err
	}
	return decodeEntity(provider, kind, sequence, value)
}

func decodeEntity(provider, kind string, sequence uint64, value []byte) (*Entity, error) {
	length, n := binary.Uvarint(value)
	if n <= 0 || length > uint64(len(value)-n) {
		return nil, fmt.Errorf("store: the row of %s/%s %d is damaged", provider, kind, sequence)
	}
	head, data := value[n:n+int(length)], value[n+int(length):]
	var h header
	if err := strictjson.Unmarshal(head, &h); err != nil {
		return nil, fmt.Errorf("store: the row of %s/%s %d is damaged: %w", provider, kind, sequence, err)
	}
	e := &Entity{
		Ref: Ref{provider, kind, h.ID}, Sequence: sequence,
		State: h.State, Scenario: h.Scenario, Visit: uint64(h.Visit + 1), Version: uint64(h.Version + 1), Visits: h.Visits,
		Input: h.Input, Spoilt: h.Spoilt, Client: h.Client, Base: h.Base,
		Created: fromMicro(h.Created), Updated: fromMicro(h.Created + h.Updated), Entered: fromMicro(h.Created + h.Entered),
		Data: append([]byte(nil), data...),
	}
	if h.Parent != nil {
		e.Parent = *h.Parent
	}
	if h.Wake != nil {
		e.Wake = fromMicro(h.Created + *h.Wake)
	}
	if e.Visits == nil && e.State != "" {
		e.Visits = map[string]int{e.State: 1}
	}
	return e, nil
}

func (e *Entity) encode() ([]byte, error) {
	h := header{
		ID: e.ID, State: e.State, Scenario: e.Scenario, Visit: int64(e.Visit) - 1, Version: int64(e.Version) - 1,
		Input: e.Input, Spoilt: e.Spoilt, Client: e.Client, Base: e.Base,
		Created: e.Created.UnixMicro(), Updated: e.Updated.UnixMicro() - e.Created.UnixMicro(), Entered: e.Entered.UnixMicro() - e.Created.UnixMicro(),
	}
	if len(e.Visits) > 1 || e.Visits[e.State] != 1 {
		h.Visits = e.Visits
	}
	if e.Parent != (Ref{}) {
		h.Parent = &e.Parent
	}
	if !e.Wake.IsZero() {
		wake := e.Wake.UnixMicro() - h.Created
		h.Wake = &wake
	}
	head, err := strictjson.Marshal(h)
	if err != nil {
		return nil, err
	}
	value := make([]byte, 0, len(head)+len(e.Data)+3)
	value = binary.AppendUvarint(value, uint64(len(head)))
	return append(append(value, head...), e.Data...), nil
}

func fromMicro(n int64) time.Time { return time.UnixMicro(n).UTC() }

// Insert stores a new entity under its Sequence, which the caller took from Next. An id or a unique key that
// is taken already is a problem.Conflict, and nothing is written.
func (tx *Tx) Insert(e *Entity, indexes []Index) error {
	idKey := kindKey(tx, tableID, e.Provider, e.Kind, len(e.ID)).Text(e.ID)
	if err := tx.free(idKey, e, "id"); err != nil {
		return err
	}
	if err := tx.freeAll(e, indexes); err != nil {
		return err
	}
	tx.claim(idKey, e)
	for _, index := range indexes {
		if err := tx.putIndex(e, index); err != nil {
			return err
		}
	}
	return tx.putEntity(e)
}

// Replace stores an entity anew. before are the keys under which it was found so far, after those under which
// it is found now; one that another entity has is a problem.Conflict, and nothing is written.
func (tx *Tx) Replace(e *Entity, before, after []Index) error {
	added := without(after, before) // what it keeps is its own already
	if err := tx.freeAll(e, added); err != nil {
		return err
	}
	for _, index := range without(before, after) {
		if err := tx.dropIndex(e, index); err != nil {
			return err
		}
	}
	for _, index := range added {
		if err := tx.putIndex(e, index); err != nil {
			return err
		}
	}
	return tx.putEntity(e)
}

// without lists those of the keys that are not among others.
func without(keys, others []Index) (rest []Index) {
	for _, index := range keys {
		same := func(o Index) bool { return o.Name == index.Name && bytes.Equal(o.Key, index.Key) }
		if !slices.ContainsFunc(others, same) {
			rest = append(rest, index)
		}
	}
	return rest
}

// Remove deletes an entity with its keys and its history.
func (tx *Tx) Remove(e *Entity, indexes []Index) error {
	tx.delete(kindKey(tx, tableEntity, e.Provider, e.Kind, 8).Number(e.Sequence))
	tx.delete(kindKey(tx, tableID, e.Provider, e.Kind, len(e.ID)).Text(e.ID))
	for _, index := range indexes {
		if err := tx.dropIndex(e, index); err != nil {
			return err
		}
	}
	var keys [][]byte
	err := tx.scan(kindKey(tx, tableHistory, e.Provider, e.Kind, 8).Number(e.Sequence), nil, false, func(key, _ []byte) bool {
		keys = append(keys, append([]byte(nil), key...))
		return true
	})
	for _, key := range keys {
		tx.delete(key)
	}
	return err
}

func (tx *Tx) putEntity(e *Entity) error {
	value, err := e.encode()
	if err != nil {
		return err
	}
	tx.put(kindKey(tx, tableEntity, e.Provider, e.Kind, 8).Number(e.Sequence), value)
	return nil
}

func (tx *Tx) indexKey(e *Entity, index Index) Key {
	key := append(kindKey(tx, tableIndex, e.Provider, e.Kind, len(index.Name)+len(index.Key)+10).Text(index.Name), index.Key...)
	if index.Unique {
		return key
	}
	return key.Number(e.Sequence)
}

func (tx *Tx) putIndex(e *Entity, index Index) error {
	key := tx.indexKey(e, index)
	switch {
	case index.Unique:
		tx.claim(key, e)
		return nil
	case index.Counted:
		return counted{tx, e.Provider, e.Kind, index.Name, index.Key}.put(e.Sequence)
	}
	tx.put(key, nil)
	return nil
}

func (tx *Tx) dropIndex(e *Entity, index Index) error {
	if index.Counted {
		return counted{tx, e.Provider, e.Kind, index.Name, index.Key}.drop(e.Sequence)
	}
	tx.delete(tx.indexKey(e, index))
	return nil
}

// freeAll tells of the first unique key that another entity has.
func (tx *Tx) freeAll(e *Entity, indexes []Index) error {
	for _, index := range indexes {
		if !index.Unique {
			continue
		}
		if err := tx.free(tx.indexKey(e, index), e, index.Name); err != nil {
			return err
		}
	}
	return nil
}

// free tells of a key that another entity has.
func (tx *Tx) free(key Key, e *Entity, what string) error {
	taken, err := tx.get(key)
	if err != nil || taken == nil || binary.BigEndian.Uint64(taken) == e.Sequence {
		return err
	}
	return &problem.Error{Kind: problem.Conflict, Code: "not_unique", Pointer: what, Message: "There is a " + e.Kind + " with this " + what + " already"}
}

// claim puts a row that only one entity may have.
func (tx *Tx) claim(key Key, e *Entity) {
	tx.put(key, binary.BigEndian.AppendUint64(nil, e.Sequence))
}

// FindEntity reads the entity with this unique key; it returns nil where there is none.
func (tx *Tx) FindEntity(provider, kind, index string, key Key) (*Entity, error) {
	full := append(kindKey(tx, tableIndex, provider, kind, len(index)+len(key)+2).Text(index), key...)
	value, err := tx.get(full)
	if err != nil || value == nil {
		return nil, err
	}
	return tx.entityAt(provider, kind, binary.BigEndian.Uint64(value))
}

// Range is a part of an index: the keys that begin with Prefix, of those the ones from From on (before it,
// when reversed), and before To where To is set (ascending only).
type Range struct {
	Prefix  Key
	From    Key
	To      Key
	Reverse bool
}

// ScanIndex visits entities in the order of a list index until fn returns false or an error. Each costs one
// row of the index and one read.
func (tx *Tx) ScanIndex(provider, kind, index string, in Range, fn func(*Entity) (bool, error)) error {
	corner := kindKey(tx, tableIndex, provider, kind, len(index)+2).Text(index)
	prefix := append(corner[:len(corner):len(corner)], in.Prefix...)
	full := func(k Key) []byte {
		if k == nil {
			return nil
		}
		return append(corner[:len(corner):len(corner)], k...)
	}
	to := full(in.To)
	return tx.visit(prefix, full(in.From), in.Reverse, fn, func(key, _ []byte) (*Entity, error) {
		if to != nil && string(key) >= string(to) {
			return nil, nil
		}
		return tx.entityAt(provider, kind, binary.BigEndian.Uint64(key[len(key)-8:]))
	})
}

// ScanEntities visits the entities of a kind from the newest to the oldest, beginning before the sequence
// number before (0: with the newest), until fn returns false or an error.
func (tx *Tx) ScanEntities(provider, kind string, before uint64, fn func(*Entity) (bool, error)) error {
	corner := kindKey(tx, tableEntity, provider, kind, 8)
	var from []byte
	if before != 0 {
		from = corner[:len(corner):len(corner)].Number(before)
	}
	return tx.visit(corner, from, true, fn, func(key, value []byte) (*Entity, error) {
		return decodeEntity(provider, kind, binary.BigEndian.Uint64(key[len(key)-8:]), value)
	})
}

// visit scans rows, turns each into an entity and hands it to fn; a nil entity ends it.
func (tx *Tx) visit(prefix, from []byte, reverse bool, fn func(*Entity) (bool, error), read func(key, value []byte) (*Entity, error)) error {
	var failure error
	err := tx.scan(prefix, from, reverse, func(key, value []byte) bool {
		e, err := read(key, value)
		if err != nil || e == nil {
			failure = err
			return false
		}
		more, err := fn(e)
		failure = err
		return more && err == nil
	})
	if err != nil {
		return err
	}
	return failure
}
