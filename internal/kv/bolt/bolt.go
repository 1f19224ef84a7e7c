// Package bolt keeps pairs in one bbolt file, where they survive the death of the process and of the machine.
//
// Open takes the lock file, reads the whole file as bbolt lays it out and trusts none of it, gives it to
// bbolt, and brings an older version up to date. A View is a bbolt read transaction. An Update is a write
// transaction: bbolt writes new pages beside the old ones, syncs, writes a root that leads to them, and
// syncs again, so that a crash leaves the old state or the new one.
//
// Each value is kept with a checksum over its key and itself: a byte that the disk changed is an error and
// never an answer. bbolt panics on pages that make no sense, and the kernel raises a fault where the mapped
// file has been cut short; both become a *CorruptError here.
//
// Invariant: when Update has returned nil, both syncs have; after a sync that failed none is trusted again.
package bolt

import (
	"fmt"
	"os"
	"runtime/debug"
	"sync"

	"go.etcd.io/bbolt"

	"github.com/mockbank/mockbank/internal/kv"
)

// Options say which version of the rows the program speaks.
type Options struct {
	// Version is the version that this program reads and writes; zero means 1. An older file is migrated
	// after a copy of it was put beside it, and a newer one is refused.
	Version int
	// Migrate[i] turns rows of version i+1 into rows of version i+2, so there are Version-1 of them. All
	// steps commit together.
	Migrate []func(kv.Writer) error
}

// Driver is a kv.Driver on one file. A View must not wait for an Update or begin another View: once in a
// gigabyte an Update waits for all Views, and new Views wait for it.
type Driver struct {
	path string
	lock *lock
	file os.FileInfo // the file as it was opened, to notice when another takes its name
	db   *bbolt.DB

	running sync.RWMutex // held for reading by all that runs, for writing by Close
	closed  bool

	writing sync.Mutex // held by the Update that runs; guards broken
	broken  error      // why no Update can be trusted any more

	beginning sync.Mutex // held while a transaction begins; guards lost
	lost      error      // why bbolt can not even begin one; its own locks may be held for ever then
}

// CorruptError says that the file holds what mockbank never wrote.
type CorruptError struct {
	Path string
	What string // what is wrong, for people
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("kv: %s is damaged (%s): stop mockbank, then put a backup in its place, or move it away to start empty", e.Path, e.What)
}

// View runs fn on the last committed state.
func (d *Driver) View(fn func(kv.Reader) error) (err error) {
	d.running.RLock()
	defer d.running.RUnlock()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer d.catchFault(&err)
	t, err := d.begin(false)
	if err != nil {
		return err
	}
	defer d.rollback(t)
	return fn(t)
}

// Update runs fn and commits what it wrote.
func (d *Driver) Update(fn func(kv.Writer) error) (err error) {
	d.running.RLock()
	defer d.running.RUnlock()
	d.writing.Lock()
	defer d.writing.Unlock()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer d.catchFault(&err)
	if d.broken != nil && !d.closed {
		return d.broken
	}
	t, err := d.begin(true)
	if err != nil {
		return err
	}
	defer d.rollback(t)
	if err := fn(t); err != nil {
		return err
	}
	if t.writes == 0 {
		return nil
	}
	return d.commit(t)
}

// Close waits for what runs, then gives the file back to others.
func (d *Driver) Close() error {
	d.running.Lock()
	defer d.running.Unlock()
	if d.closed {
		return kv.ErrClosed
	}
	d.closed = true
	defer d.lock.release()
	if d.lost != nil {
		return nil // bbolt would wait for a lock that it lost; the file is given back when the process ends
	}
	if err := d.db.Close(); err != nil {
		return fmt.Errorf("kv: can not close %s: %w", d.path, err)
	}
	return nil
}

// begin starts a transaction. One at a time, because a fault in here leaves bbolt's locks held, and whoever
// stands in line must then be told instead of waiting for ever.
func (d *Driver) begin(writable bool) (t *tx, err error) {
	if d.closed {
		return nil, kv.ErrClosed
	}
	d.beginning.Lock()
	defer d.beginning.Unlock()
	if d.lost != nil {
		return nil, d.lost
	}
	defer func() {
		if p := recover(); p != nil {
			d.lost = d.corrupt(p)
			t, err = nil, d.lost
		}
	}()
	inner, err := d.db.Begin(writable)
	if err != nil {
		return nil, fmt.Errorf("kv: can not read %s: %w", d.path, err)
	}
	return &tx{driver: d, inner: inner, pairs: inner.Bucket(pairsBucket)}, nil
}

// rollback ends a transaction that was not committed; one that was is left alone.
func (d *Driver) rollback(t *tx) {
	d.beginning.Lock()
	lost := d.lost != nil
	d.beginning.Unlock()
	if lost {
		return
	}
	_ = d.guard(t.inner.Rollback)
}

// commit makes the writes durable, or says whether a later Update may.
func (d *Driver) commit(t *tx) error {
	if err := d.inPlace(); err != nil {
		d.broken = err
		return err
	}
	id := t.inner.ID()
	err := d.guard(t.inner.Commit)
	switch {
	case err == nil:
		return nil
	case isFull(err) && d.committed() < id:
		return fmt.Errorf("%w: %s: make room on its disk: %w", kv.ErrFull, d.path, err)
	}
	d.broken = fmt.Errorf("%w: %s: look after the disk, then start mockbank again: %w", kv.ErrBroken, d.path, err)
	return d.broken
}

// inPlace notices a file that was moved, deleted or replaced: what is written to it now, nobody will find.
func (d *Driver) inPlace() error {
	info, err := os.Stat(d.path)
	if err == nil && os.SameFile(info, d.file) {
		return nil
	}
	return fmt.Errorf("%w: %s was moved, deleted or replaced while mockbank ran; put it back and start mockbank again", kv.ErrBroken, d.path)
}

// committed tells the id of the transaction that a View would read. A failed write of the root may have
// reached the mapped file all the same.
func (d *Driver) committed() int {
	t, err := d.begin(false)
	if err != nil {
		return int(^uint(0) >> 1)
	}
	defer d.rollback(t)
	return t.inner.ID()
}

// guard runs a piece of bbolt.
func (d *Driver) guard(do func() error) (err error) {
	defer d.catch(&err)
	return do()
}

// catch makes an error of any panic; it is deferred around calls of bbolt alone.
func (d *Driver) catch(err *error) {
	if p := recover(); p != nil {
		*err = d.corrupt(p)
	}
}

// catchFault makes an error of a fault in mapped memory, which a caller meets when it looks at a value; a
// panic of the caller's own goes on.
func (d *Driver) catchFault(err *error) {
	p := recover()
	if p == nil {
		return
	}
	if _, fault := p.(interface{ Addr() uintptr }); !fault {
		panic(p)
	}
	*err = d.corrupt(p)
}

func (d *Driver) corrupt(p any) error {
	return &CorruptError{Path: d.path, What: fmt.Sprint(p)}
}
