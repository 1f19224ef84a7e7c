package store

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// Tx is one transaction of one workspace. It is not for use by several goroutines, nor after the function
// that was given it returned.
type Tx struct {
	store   *Store
	ws      *Workspace
	before  *Workspace // as ws was when an Update began
	now     time.Time
	reader  kv.Reader
	under   *rows  // the pending writes that the transaction found
	overlay *rows  // the same with its own ones; nil in a View that supposes nothing
	writing *batch // own writes, in order; nil in a View
	batch   *batch // as writing, once it has its place in the queue
	fresh   bool   // nothing was ever written to the workspace
	renewed bool   // its description was replaced whole
	ground  int    // how many of the own writes are supposed ones
	changed *Workspace
	due     bool
	added   []Job
	after   []func()
	told    []events.Event
}

// Now is the instant of the transaction, in workspace time.
func (tx *Tx) Now() time.Time { return tx.now }

// SetNow takes the transaction to another instant. It is for package schedule, which runs what was due at
// several instants in one commit; everything that one job does still happens at one.
func (tx *Tx) SetNow(at time.Time) { tx.now = at }

// Wall is the machine's time, for what clients stamp with clocks of their own.
func (tx *Tx) Wall() time.Time { return tx.store.Wall() }

// Writable tells an Update from a View.
func (tx *Tx) Writable() bool { return tx.writing != nil }

// World is the epoch of the world that the transaction sees; 0 while nothing was ever written to the workspace.
func (tx *Tx) World() uint32 {
	if tx.fresh {
		return 0
	}
	return tx.ws.World
}

// Workspace describes the workspace as this transaction sees it. It is not to be changed.
func (tx *Tx) Workspace() *Workspace { return tx.ws }

// Change returns the workspace's description for changing; it is stored with the transaction.
func (tx *Tx) Change() *Workspace {
	if tx.changed == nil {
		tx.changed = tx.ws.clone()
		tx.ws = tx.changed
	}
	tx.due = true
	return tx.changed
}

// AfterCommit has fn called once the writes are durable, outside the transaction.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// Tell says what happened, for those who listen; they hear of it once the writes are durable. An event without an
// instant is now. In a View nobody hears of it.
func (tx *Tx) Tell(e events.Event) {
	if e.At.IsZero() {
		e.At = tx.now
	}
	tx.told = append(tx.told, e)
}

// Mark is a point in a transaction to which it can go back.
type Mark struct {
	writes  int
	ground  int
	ws      *Workspace
	changed *Workspace
	due     bool
	added   int
	after   int
	told    int
}

// Mark remembers this point of an Update.
func (tx *Tx) Mark() Mark {
	m := Mark{
		writes: len(tx.writing.writes), ground: tx.ground, ws: tx.ws, due: tx.due, added: len(tx.added), after: len(tx.after),
		told: len(tx.told),
	}
	if tx.changed != nil {
		m.changed = tx.changed.clone()
		m.ws = m.changed
	}
	return m
}

// Rewind forgets what was written since the mark, which is used up by it. Marks are many and ways back few: so a mark
// keeps no copy of the overlay, which is made anew where something was written.
func (tx *Tx) Rewind(m Mark) {
	if len(tx.writing.writes) > m.writes {
		tx.writing.writes = tx.writing.writes[:m.writes]
		tx.relay()
	}
	tx.ground = m.ground
	tx.ws, tx.changed, tx.due = m.ws, m.changed, m.due
	tx.added, tx.after, tx.told = tx.added[:m.added], tx.after[:m.after], tx.told[:m.told]
}

// relay lays the own writes over those of others.
func (tx *Tx) relay() {
	tx.overlay = tx.under.Copy()
	for _, row := range tx.writing.writes {
		tx.overlay.Set(row.key, pendingRow{value: row.value, batch: tx.writing})
	}
}

// seal adds the workspace's own row and gives the batch its place in the queue.
func (tx *Tx) seal(w *world) error {
	if tx.changed != nil {
		value, err := strictjson.Marshal(tx.changed)
		if err != nil {
			return err
		}
		tx.write(string(worldPrefix(w.name, metaEpoch)), value)
		tx.writing.described = tx.changed
		tx.tellClock()
	}
	tx.writing.told = tx.told
	w.hand(tx.writing)
	tx.batch = tx.writing
	tx.store.commits.enqueue(tx.batch)
	return nil
}

// tellClock tells of another clock than the workspace had. A jump is told when it begins and when it ends: on its way
// the events have its instants.
func (tx *Tx) tellClock() {
	was, is := tx.before.Clock, tx.changed.Clock
	jumped, jumps := !was.Jump.IsZero(), !is.Jump.IsZero()
	now := is.Now(tx.Wall())
	was.Jump, is.Jump = time.Time{}, time.Time{}
	if was == is && jumped == jumps {
		return
	}
	tx.Tell(events.Event{Type: events.OfClock, At: now, Clock: &events.Clock{Mode: string(is.Mode), Now: now, Scale: is.Scale, Advancing: jumps}})
}

// rowKey gives the full key of a table's row in the world, or for kept tables in what a reset keeps.
func (tx *Tx) rowKey(t table, room int) []byte {
	key := make([]byte, 0, len(tx.ws.Name)+6+room)
	key = append(append(key, tx.ws.Name...), 0)
	key = binary.BigEndian.AppendUint32(key, tx.ws.World)
	return append(key, byte(t))
}

func (tx *Tx) get(key []byte) ([]byte, error) {
	if tx.overlay != nil {
		if row, ok := tx.overlay.Get(string(key)); ok {
			return row.value, nil
		}
	}
	return tx.reader.Get(key)
}

func (tx *Tx) put(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	tx.write(string(key), value)
}

func (tx *Tx) delete(key []byte) { tx.write(string(key), nil) }

func (tx *Tx) write(key string, value []byte) {
	if tx.writing == nil {
		panic("store: a write in a read-only transaction")
	}
	tx.overlay.Set(key, pendingRow{value: value, batch: tx.writing})
	tx.writing.writes = append(tx.writing.writes, write{key: key, value: value})
}

// scan visits the rows that begin with prefix, from the key from on (nil: all of them), until fn is false.
func (tx *Tx) scan(prefix, from []byte, reverse bool, fn func(key, value []byte) bool) error {
	low, high := prefix, after(prefix)
	switch {
	case from != nil && reverse:
		high = from
	case from != nil:
		low = from
	}
	if tx.overlay == nil || tx.overlay.Len() == 0 {
		return tx.reader.Scan(low, high, reverse, fn)
	}
	buffered := tx.overlay.Iter()
	m := merger{fn: fn, reverse: reverse, buffered: &buffered, low: low, high: high}
	m.begin()
	if err := tx.reader.Scan(low, high, reverse, m.stored); err != nil {
		return err
	}
	m.rest()
	return nil
}

// merger lays buffered rows over stored ones.
type merger struct {
	fn        func(key, value []byte) bool
	reverse   bool
	buffered  rowIter
	low, high []byte
	more      bool // the buffered iterator stands on a row of the range
	stopped   bool
}

type rowIter interface {
	Seek(key string) bool
	Last() bool
	Next() bool
	Prev() bool
	Key() string
	Value() pendingRow
}

func (m *merger) begin() {
	switch {
	case !m.reverse:
		m.more = m.buffered.Seek(string(m.low))
	case m.high == nil:
		m.more = m.buffered.Last()
	case m.buffered.Seek(string(m.high)):
		m.more = m.buffered.Prev()
	default:
		m.more = m.buffered.Last()
	}
	m.bound()
}

func (m *merger) bound() {
	if !m.more {
		return
	}
	key := []byte(m.buffered.Key())
	m.more = bytes.Compare(key, m.low) >= 0 && (m.high == nil || bytes.Compare(key, m.high) < 0)
}

func (m *merger) step() {
	if m.reverse {
		m.more = m.buffered.Prev()
	} else {
		m.more = m.buffered.Next()
	}
	m.bound()
}

// stored is called with each stored row in order; buffered rows that come before it are visited first.
func (m *merger) stored(key, value []byte) bool {
	for m.more && m.before([]byte(m.buffered.Key()), key) {
		if !m.visit() {
			return false
		}
	}
	if m.more && m.buffered.Key() == string(key) {
		return m.visit()
	}
	m.stopped = !m.fn(key, value)
	return !m.stopped
}

func (m *merger) rest() {
	for m.more && !m.stopped {
		m.visit()
	}
}

// visit hands out the buffered row unless it is a deletion, and goes on to the next.
func (m *merger) visit() bool {
	key, row := m.buffered.Key(), m.buffered.Value()
	m.step()
	if row.value != nil {
		m.stopped = !m.fn([]byte(key), row.value)
	}
	return !m.stopped
}

func (m *merger) before(a, b []byte) bool {
	if m.reverse {
		return bytes.Compare(a, b) > 0
	}
	return bytes.Compare(a, b) < 0
}

// Next gives the next number of a series of this world, from 1.
func (tx *Tx) Next(series string) (uint64, error) {
	key := append(tx.rowKey(tableSequence, len(series)), series...)
	value, err := tx.get(key)
	if err != nil {
		return 0, err
	}
	n := uint64(1)
	if len(value) == 8 {
		n = binary.BigEndian.Uint64(value) + 1
	}
	tx.put(key, binary.BigEndian.AppendUint64(nil, n))
	return n, nil
}

// Requests is how many requests of this world were counted, as far as that was stored.
func (tx *Tx) Requests() (uint64, error) {
	value, err := tx.get(tx.rowKey(tableRequests, 0))
	if err != nil || len(value) != 8 {
		return 0, err
	}
	return binary.BigEndian.Uint64(value), nil
}

// PutRequests stores how many requests of this world were counted.
func (tx *Tx) PutRequests(n uint64) {
	tx.put(tx.rowKey(tableRequests, 0), binary.BigEndian.AppendUint64(nil, n))
}
