// Package kv is the boundary to whatever keeps the bytes: a small, ordered key-value driver.
//
// Package store is the only user of a driver and adds everything that mockbank means by state: workspaces,
// entities, jobs. A driver adds nothing but order and durability, so that another engine costs one package
// that passes kvtest.
//
// Invariant: a View sees the effects of every Update that had returned before it began, and of no half one.
package kv

import "errors"

// Driver keeps ordered pairs of bytes. All its methods may be called from many goroutines.
type Driver interface {
	// View runs fn on a consistent, read-only state and returns fn's error. Slices that fn is given are
	// valid until it returns and must not be changed. fn must not begin another View nor wait for an Update:
	// an Update may have to wait for all Views.
	View(fn func(Reader) error) error

	// Update runs fn and makes all its writes durable together, or, when fn or the driver fails, none of
	// them. When it returns nil the writes survive the death of the process and of the machine, as far as
	// the driver promises durability at all. Updates run one at a time. It returns fn's own error
	// unchanged; ErrFull when the disk took no more, after which a later Update may succeed; ErrBroken
	// when durability is in doubt (a failed fsync), after which every Update fails with it.
	Update(fn func(Writer) error) error

	// Close waits for what runs and lets go of the resources. Later calls fail with ErrClosed.
	Close() error
}

// Reader reads one state.
type Reader interface {
	// Get returns the value, or nil where there is none. A stored empty value reads as empty, not nil.
	Get(key []byte) ([]byte, error)

	// Scan calls fn for each key k with from <= k < to in ascending order, or with reverse in descending
	// order, until fn returns false. A nil to means: to the end. It costs what it visits, not what is stored.
	Scan(from, to []byte, reverse bool, fn func(key, value []byte) bool) error
}

// Writer reads its own writes.
type Writer interface {
	Reader
	// Put stores a copy of both slices. Keys are 1 to MaxKey bytes.
	Put(key, value []byte) error
	// Delete removes a key; a key that is not there is no error.
	Delete(key []byte) error
}

// MaxKey is the longest key that every driver takes, in bytes.
const MaxKey = 4096

var (
	ErrClosed = errors.New("kv: the store is closed")
	ErrFull   = errors.New("kv: the disk is full")
	ErrBroken = errors.New("kv: the disk failed to keep a write")
)
