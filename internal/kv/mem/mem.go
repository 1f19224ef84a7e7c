// Package mem keeps pairs in memory, and only there: they are gone with the process.
//
// The state is a copy-on-write B-tree behind one pointer. A View loads the pointer and reads a tree that
// nobody changes any more; an Update changes a copy, which shares all that it leaves alone, and swaps the
// pointer when its function agreed. So Views wait for nobody, and a failed Update is a tree that nobody saw.
//
// Invariant: a tree that the pointer has shown is never written to again.
package mem

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"

	"github.com/mockbank/mockbank/internal/kv"
)

// A pair is one slice, one allocation: the key up to its length, the value from there to its capacity. So
// a bare key is a pair as well, and finds the stored one.
type pair = []byte

type tree = btree.BTreeG[pair]

// degree bounds a node to 2*degree-1 pairs. Each Update copies the nodes on its way to a row, so that wide
// nodes make it dear, and narrow ones make the tree large.
const degree = 16

// Driver is a kv.Driver in memory. ErrFull and ErrBroken do not happen to it.
type Driver struct {
	running sync.RWMutex // held for reading by all that runs, for writing by Close
	closed  bool
	writing sync.Mutex
	state   atomic.Pointer[tree]
}

// New returns an empty store.
func New() *Driver {
	d := &Driver{}
	d.state.Store(btree.NewBTreeGOptions(before, btree.Options{Degree: degree, NoLocks: true}))
	return d
}

func before(a, b pair) bool { return bytes.Compare(a, b) < 0 }

// View runs fn on the state of this moment, however long it takes.
func (d *Driver) View(fn func(kv.Reader) error) error {
	d.running.RLock()
	defer d.running.RUnlock()
	if d.closed {
		return kv.ErrClosed
	}
	return fn(&tx{tree: d.state.Load()})
}

// Update runs fn on a copy, and shows the copy to all when fn agrees.
func (d *Driver) Update(fn func(kv.Writer) error) error {
	d.running.RLock()
	defer d.running.RUnlock()
	d.writing.Lock()
	defer d.writing.Unlock()
	if d.closed {
		return kv.ErrClosed
	}
	t := &tx{tree: d.state.Load().Copy()}
	if err := fn(t); err != nil {
		return err
	}
	d.state.Store(t.tree)
	return nil
}

// Close waits for what runs and lets go of the memory.
func (d *Driver) Close() error {
	d.running.Lock()
	defer d.running.Unlock()
	if d.closed {
		return kv.ErrClosed
	}
	d.closed = true
	d.state.Store(nil)
	return nil
}

// tx reads a tree; that of an Update also writes it.
type tx struct {
	tree   *tree
	writes int // tells a scan that the tree has changed under it
}

func (t *tx) Get(key []byte) ([]byte, error) {
	p, found := t.tree.Get(key)
	if !found {
		return nil, nil
	}
	return value(p), nil
}

func value(p pair) []byte { return p[len(p):cap(p):cap(p)] }

func (t *tx) Scan(from, to []byte, reverse bool, fn func(key, value []byte) bool) error {
	for {
		last, interrupted := t.walk(from, to, reverse, fn)
		switch {
		case !interrupted:
			return nil
		case reverse:
			to = last
		default:
			from = append(bytes.Clone(last), 0) // the least key above it
		}
	}
}

// walk visits the range until its end, until fn has enough, or until fn has written: the tree can not be
// walked on then, and walk tells the last key that it visited.
func (t *tx) walk(from, to []byte, reverse bool, fn func(key, value []byte) bool) (last pair, interrupted bool) {
	writes := t.writes
	visit := func(p pair) bool {
		switch {
		case reverse && to != nil && bytes.Equal(p, to):
			return true // Descend begins at to, which is outside
		case reverse && bytes.Compare(p, from) < 0, !reverse && to != nil && bytes.Compare(p, to) >= 0:
			return false
		case !fn(p[:len(p):len(p)], value(p)):
			return false
		}
		last, interrupted = p, t.writes != writes
		return !interrupted
	}
	switch {
	case !reverse:
		t.tree.Ascend(from, visit)
	case to == nil:
		t.tree.Reverse(visit)
	default:
		t.tree.Descend(to, visit)
	}
	return last, interrupted
}

func (t *tx) Put(key, value []byte) error {
	if len(key) == 0 || len(key) > kv.MaxKey {
		return fmt.Errorf("kv: a key has 1 to %d bytes, not %d", kv.MaxKey, len(key))
	}
	p := make([]byte, len(key)+len(value))
	copy(p[copy(p, key):], value)
	t.tree.Set(p[:len(key)])
	t.writes++
	return nil
}

func (t *tx) Delete(key []byte) error {
	t.tree.Delete(key)
	t.writes++
	return nil
}
