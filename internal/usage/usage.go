// Package usage counts calls in fixed windows of workspace time.
//
// Take counts a call in memory, also from a transaction that only reads. Flush, about once a second, writes what
// changed to the store, one commit for each workspace; a counter that is not in memory is read from there at its
// first use, so that a restart goes on counting. The rows are the truth after a Flush, and a reset of the workspace
// drops them and the memory alike.
//
// A window begins at a multiple of its length since the Unix epoch, or with its first call, as the caller has it. A call
// of another window than the last one begins anew, whichever way the clock was moved, so nobody is locked out by a clock
// that is set back.
//
// Invariant: calls at the same time are counted exactly. Memory is bounded: a counter whose window is over leaves it
// once it is stored, and where there are too many, those of workspaces that are not stored go first.
package usage

import (
	"fmt"
	"sync"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/store"
)

// Usage is a counter right after a call was counted.
type Usage struct {
	Count int       // calls in this window, this one included
	Limit int       // as it was given; 0: without limit
	Reset time.Time // when the window ends
	Over  bool      // Count is above Limit
}

// Meter holds the counters of one provider. Its methods may be called from many goroutines.
type Meter struct {
	provider string

	mu    sync.Mutex
	rooms map[string]*room // by workspace
	size  int              // counters in all rooms
}

// New makes a meter without counters.
func New(provider string) *Meter { return &Meter{provider: provider, rooms: map[string]*room{}} }

// room holds the counters of one world.
type room struct {
	world    uint32 // 0 while the workspace is not stored, as far as the room knows
	counters map[string]*counter
}

// counter counts under one name. It is zero before the first call.
type counter struct {
	row
	clock clock.Setting // by which the last call was dated
	dirty bool          // the store does not know it so
}

// row is a counter as it is stored.
type row struct {
	Window int64 `json:"w"`          // which one, counted from the one that begins at the Unix epoch
	Start  int64 `json:"s,omitzero"` // when it began, in microseconds, where that was with its first call
	Count  int   `json:"n"`
	Last   int64 `json:"t"` // the instant of the last call, in microseconds
}

// rows holds counters by provider, length of the window and name. They go with the world.
var rows = store.Bucket{Name: "usage"}

// mostCounters bounds what is in memory; only what changed since the last Flush may exceed it.
const mostCounters = 100_000

// Take counts a call under a name, in the window of the transaction's instant. It may be called in a View.
func (m *Meter) Take(tx *store.Tx, name store.Key, window time.Duration, limit int) (Usage, error) {
	return m.count(tx, name, window, limit, func(c *counter, now, length int64) (end int64) {
		c.take(now, length, tx.Workspace().Clock)
		return (c.Window + 1) * length
	})
}

// TakeFromFirst is Take for windows that begin with their first call. A name is counted in one way only.
func (m *Meter) TakeFromFirst(tx *store.Tx, name store.Key, window time.Duration, limit int) (Usage, error) {
	return m.count(tx, name, window, limit, func(c *counter, now, length int64) (end int64) {
		c.takeFromFirst(now, length)
		return c.Start + length
	})
}

func (m *Meter) count(tx *store.Tx, name store.Key, window time.Duration, limit int, take func(c *counter, now, length int64) (end int64)) (Usage, error) {
	length := window.Microseconds()
	if length <= 0 {
		return Usage{}, fmt.Errorf("usage: a window of %s is too short", window)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := m.counter(tx, keyOf(name, length))
	if err != nil {
		return Usage{}, err
	}
	end := take(c, tx.Now().UnixMicro(), length)
	return Usage{Count: c.Count, Limit: limit, Over: limit > 0 && c.Count > limit, Reset: time.UnixMicro(end).UTC()}, nil
}

// Look tells what was counted under a name and a length of window, without counting; the zero Usage where the last
// window is over.
func (m *Meter) Look(tx *store.Tx, name store.Key, window time.Duration) (Usage, error) {
	length := window.Microseconds()
	key := keyOf(name, length)
	m.mu.Lock()
	defer m.mu.Unlock()
	known, err := m.peek(tx, m.room(tx), key)
	if err != nil || known == nil || known.over(tx.Now().UnixMicro(), length) {
		return Usage{}, err
	}
	end := (known.Window + 1) * length
	if known.Start != 0 {
		end = known.Start + length
	}
	return Usage{Count: known.Count, Reset: time.UnixMicro(end).UTC()}, nil
}

// LastUsed tells when a call was last counted under a name and a length of window; false: never in this world.
func (m *Meter) LastUsed(tx *store.Tx, name store.Key, window time.Duration) (time.Time, bool, error) {
	key := keyOf(name, window.Microseconds())
	m.mu.Lock()
	defer m.mu.Unlock()
	known, err := m.peek(tx, m.room(tx), key)
	if err != nil || known == nil {
		return time.Time{}, false, err
	}
	return time.UnixMicro(known.Last).UTC(), true, nil
}

// Forget drops what is in memory of a workspace. It is for one that was deleted, or reset while it was not stored.
func (m *Meter) Forget(workspace string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(workspace)
}

func (c *counter) take(now, length int64, setting clock.Setting) {
	window := floor(now, length)
	sameClock := c.clock == setting
	// A call that began before this window did, and is counted after another that began in it, only came late.
	late := sameClock && window == c.Window-1
	if window != c.Window && !late {
		c.Window, c.Count = window, 0
	}
	if !sameClock || now > c.Last {
		c.Last = now
	}
	c.Count, c.clock, c.dirty = c.Count+1, setting, true
}

func (c *counter) takeFromFirst(now, length int64) {
	if c.Start == 0 || c.over(now, length) {
		c.Start, c.Count = now, 0
	}
	c.Count, c.Last, c.dirty = c.Count+1, now, true
}

// over tells whether the window does not hold this instant.
func (r *row) over(now, length int64) bool {
	if r.Start != 0 {
		return now < r.Start || now >= r.Start+length
	}
	return floor(now, length) != r.Window
}

// floor divides, and rounds down also before the Unix epoch.
func floor(a, b int64) int64 {
	n := a / b
	if a%b < 0 {
		n--
	}
	return n
}

// keyOf names a counter within a room. The length comes before the name, which may be of any bytes.
func keyOf(name store.Key, length int64) string {
	return string(append(store.Key{}.Number(uint64(length)), name...))
}

func (m *Meter) rowKey(key string) store.Key {
	return append(store.Key{}.Text(m.provider), key...)
}

// counter finds or makes a counter, in the room as the transaction sees it.
func (m *Meter) counter(tx *store.Tx, key string) (*counter, error) {
	r := m.room(tx)
	if known, err := m.peek(tx, r, key); err != nil || known != nil {
		if known != nil && r.counters[key] == nil {
			m.put(r, key, known)
		}
		return known, err
	}
	c := new(counter)
	m.put(r, key, c)
	return c, nil
}

// peek finds a counter in memory or in the store; nil where there is none.
func (m *Meter) peek(tx *store.Tx, r *room, key string) (*counter, error) {
	if c := r.counters[key]; c != nil {
		return c, nil
	}
	if tx.World() != r.world {
		return nil, nil // Its rows are those of a world that is gone.
	}
	var c counter
	found, err := rows.Get(tx, m.rowKey(key), &c.row)
	if err != nil || !found {
		return nil, err
	}
	return &c, nil
}

// put takes a counter into memory, and makes place for it where there are too many.
func (m *Meter) put(r *room, key string, c *counter) {
	if m.size >= mostCounters {
		m.shrink()
	}
	r.counters[key] = c
	m.size++
}

// room finds the counters of the transaction's world. A number of the world that is higher tells of a reset; one
// that is lower, of a transaction that began before it, or before the workspace was stored.
func (m *Meter) room(tx *store.Tx) *room {
	name, world := tx.Workspace().Name, tx.World()
	r := m.rooms[name]
	if r != nil && r.world != 0 && world > r.world {
		m.drop(name)
		r = nil
	}
	if r == nil {
		r = &room{world: world, counters: map[string]*counter{}}
		m.rooms[name] = r
	}
	if r.world == 0 {
		r.world = world
	}
	return r
}

func (m *Meter) drop(workspace string) {
	if r := m.rooms[workspace]; r != nil {
		m.size -= len(r.counters)
		delete(m.rooms, workspace)
	}
}
