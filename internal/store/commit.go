package store

import (
	"runtime"
	"sync"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/kv"
)

// write is one buffered row; a nil value deletes.
type write struct {
	key   string
	value []byte
}

// batch is what one transaction wrote, on its way to the driver.
type batch struct {
	world  *world
	base   uint64 // how often the world's pending writes had been lost when the transaction began
	writes []write
	// described is the workspace as the transaction left it, when it changed that; nil otherwise.
	described *Workspace
	told      []events.Event

	signal chan bool // true: lead the next group; false: the outcome is in err
	err    error
}

// committer takes all batches that wait into one transaction of the driver. There is no timer: whoever finds
// nobody at work leads at once, and hands the lead to one of those who came meanwhile.
type committer struct {
	driver   kv.Driver
	wall     clock.Wall
	observer Observer

	mu    sync.Mutex
	queue []*batch
	busy  bool
}

// enqueue gives the batch its place. Batches of one world are committed in the order of their places, so the
// world's lock is held here and free again before wait.
func (c *committer) enqueue(b *batch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy {
		b.signal = make(chan bool, 1)
	}
	c.busy = true
	c.queue = append(c.queue, b)
}

// wait returns when the batch is durable, or why it is not.
func (c *committer) wait(b *batch) error {
	if b.signal != nil && !<-b.signal {
		return b.err
	}
	c.lead()
	return b.err
}

// lead commits everything that is queued, its own batch among it. It first lets those run who can, so that they
// come along: each commit copies the upper nodes of the tree, or syncs, once for all. Nobody is waited for.
func (c *committer) lead() {
	runtime.Gosched()
	c.mu.Lock()
	group := c.queue
	c.queue = nil
	c.mu.Unlock()

	c.commit(group)

	c.mu.Lock()
	if len(c.queue) > 0 {
		c.queue[0].signal <- true
	} else {
		c.busy = false
	}
	c.mu.Unlock()
	for _, b := range group[1:] {
		b.signal <- false
	}
}

func (c *committer) commit(group []*batch) {
	sound := group[:0:0]
	for _, b := range group {
		if b.err = b.world.soundness(b.base); b.err == nil {
			sound = append(sound, b)
		}
	}
	begun := c.wall()
	err := c.driver.Update(func(w kv.Writer) error { return apply(w, sound) })
	c.observer.Committed(len(sound), c.wall().Sub(begun), err)
	for _, b := range sound {
		b.err = err
		b.world.settle(b, err)
		if err == nil && len(b.told) > 0 {
			c.observer.Told(b.world.name, b.told)
		}
	}
}

func apply(w kv.Writer, group []*batch) error {
	for _, b := range group {
		for _, row := range b.writes {
			if err := put(w, row); err != nil {
				return err
			}
		}
	}
	return nil
}

func put(w kv.Writer, row write) error {
	if row.value == nil {
		return w.Delete([]byte(row.key))
	}
	return w.Put([]byte(row.key), row.value)
}
