package store

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"
)

// world is what the process holds of one workspace: its lock, its description, and the writes that are on
// their way to the driver.
type world struct {
	name string
	lock sync.Mutex // held by the one write transaction, until its batch has its place

	// described is nil until the first write is committed.
	described atomic.Pointer[Workspace]
	counted   bool // holds a place among the stored workspaces; under Store.mu
	users     int  // write transactions under way, and those who wait for a change; under Store.mu

	touched atomic.Int64 // the wall's time of the last transaction, in microseconds since the Unix epoch

	mu      sync.Mutex
	pending *rows      // what was handed over and is not committed yet
	waiting int        // how many batches these are of
	newest  *Workspace // the description with the pending writes; nil: as described
	losses  uint64     // how often pending writes were lost
	changed chan struct{}
}

// rows are buffered writes by key.
type rows = btree.Map[string, pendingRow]

// pendingRow is a buffered value, and the batch that brought it.
type pendingRow struct {
	value []byte // nil: deleted
	batch *batch
}

// errLost is what a transaction gets that was built upon writes that the driver then refused.
var errLost = errors.New("store: an earlier write of this workspace was not kept; repeat the request")

// snapshot gives the pending writes, the description that goes with them, and the number of losses so far.
func (w *world) snapshot() (*rows, *Workspace, uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	described := w.newest
	if described == nil {
		described = w.described.Load()
	}
	if w.pending == nil {
		return new(rows), described, w.losses
	}
	return w.pending.Copy(), described, w.losses
}

// hand lays a transaction's writes over the pending ones, unless it stands on some that were lost meanwhile: it will be
// refused, and nobody is to see what it wrote.
func (w *world) hand(b *batch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.losses != b.base {
		return
	}
	w.waiting++
	if w.pending == nil {
		w.pending = new(rows)
	}
	for _, row := range b.writes {
		w.pending.Set(row.key, pendingRow{value: row.value, batch: b})
	}
	if b.described != nil {
		w.newest = b.described
	}
}

// soundness tells whether a batch stands on writes that are still true.
func (w *world) soundness(losses uint64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.losses != losses {
		return errLost
	}
	return nil
}

// settle takes a batch out of the pending writes. When the driver refused it, all later ones of this world
// stand on nothing and go too.
func (w *world) settle(b *batch, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.losses++
		w.pending, w.newest, w.waiting = nil, nil, 0
		return
	}
	w.drop(b)
	if b.described != nil {
		w.described.Store(b.described)
		if w.newest == b.described {
			w.newest = nil
		}
	}
	w.announce()
}

// drop takes a batch's rows out of the pending ones, but for those that a later batch wrote again; under w.mu.
func (w *world) drop(b *batch) {
	if w.waiting--; w.waiting == 0 {
		w.pending = new(rows)
		return
	}
	for _, row := range b.writes {
		if p, ok := w.pending.Get(row.key); ok && p.batch == b {
			w.pending.Delete(row.key)
		}
	}
}

// announce wakes those who wait for a change of this world; under w.mu.
func (w *world) announce() {
	if w.changed != nil {
		close(w.changed)
		w.changed = nil
	}
}

// change is closed at the world's next commit.
func (w *world) change() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.changed == nil {
		w.changed = make(chan struct{})
	}
	return w.changed
}
