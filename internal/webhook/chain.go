package webhook

import (
	"crypto/sha256"
	"time"

	"github.com/mockbank/mockbank/internal/store"
)

// A chain holds the deliveries of one entity to one target that have not had their first attempt, so that they
// start in their order.

var (
	chains  = store.Bucket{Name: "delivery-chain"}   // entity, target -> chain
	waiting = store.Bucket{Name: "delivery-waiting"} // entity, target, sequence: those that wait
)

// reorderPatience is how long, in workspace time, a delivery that is to be overtaken waits for another one.
const reorderPatience = time.Minute

// chain is one that has somebody in it.
type chain struct {
	key  store.Key
	Busy uint64 `json:"busy,omitzero"` // whose first attempt is due or under way
	Held uint64 `json:"held,omitzero"` // who waits to be overtaken
}

func targetKey(target string) store.Key {
	sum := sha256.Sum256([]byte(target))
	return store.Key(append([]byte(nil), sum[:16]...))
}

func loadChain(tx *store.Tx, d *Delivery) (*chain, error) {
	e := d.Entity
	c := &chain{key: append(store.Key(nil).Text(e.Provider).Text(e.Kind).Text(e.ID), targetKey(d.Target)...)}
	_, err := chains.Get(tx, c.key, c)
	return c, err
}

func (c *chain) save(tx *store.Tx) error {
	if c.Busy == 0 && c.Held == 0 {
		chains.Delete(tx, c.key)
		return nil
	}
	return chains.Put(tx, c.key, c)
}

func (c *chain) place(sequence uint64) store.Key {
	return append(store.Key(nil), c.key...).Number(sequence)
}

// enqueue starts a new delivery when it is its turn.
func enqueue(tx *store.Tx, d *Delivery) error {
	if d.Entity == (store.Ref{}) {
		return d.arm(tx, tx.Now().Add(time.Duration(d.Mishap.Delay)))
	}
	c, err := loadChain(tx, d)
	if err != nil {
		return err
	}
	if err := d.save(tx); err != nil {
		return err
	}
	if err := c.wait(tx, d.Sequence); err != nil {
		return err
	}
	if err := c.next(tx); err != nil {
		return err
	}
	return c.save(tx)
}

func (c *chain) wait(tx *store.Tx, sequence uint64) error {
	return waiting.Put(tx, c.place(sequence), true)
}

// next starts the first that waits, when nobody is busy.
func (c *chain) next(tx *store.Tx) error {
	if c.Busy != 0 {
		return nil
	}
	first, err := c.front(tx)
	switch {
	case err != nil || first == nil:
		return err
	case c.Held != 0:
		return c.pass(tx, first)
	case first.Mishap.Reorder && !first.Swapped:
		return c.hold(tx, first)
	}
	return c.start(tx, first)
}

// hold has a delivery step aside, to be overtaken.
func (c *chain) hold(tx *store.Tx, d *Delivery) error {
	waiting.Delete(tx, c.place(d.Sequence))
	c.Held, d.Swapped = d.Sequence, true
	if err := d.arm(tx, tx.Now().Add(reorderPatience)); err != nil {
		return err
	}
	return c.next(tx)
}

// pass starts a delivery before the one that is held. That one is the next when it has been overtaken by one of its
// own channel; what another channel sends to the same target in between does not count.
func (c *chain) pass(tx *store.Tx, d *Delivery) error {
	held, err := Get(tx, c.Held)
	if err != nil {
		return err
	}
	if held == nil || held.Channel == d.Channel {
		if err := c.wait(tx, c.Held); err != nil {
			return err
		}
		c.Held = 0
	}
	return c.start(tx, d)
}

func (c *chain) start(tx *store.Tx, d *Delivery) error {
	waiting.Delete(tx, c.place(d.Sequence))
	c.Busy = d.Sequence
	return d.arm(tx, tx.Now().Add(time.Duration(d.Mishap.Delay)))
}

// front reads the first that waits; nil where there is none.
func (c *chain) front(tx *store.Tx) (first *Delivery, err error) {
	var found uint64
	err = waiting.Scan(tx, c.key, false, func(key store.Key, _ func(any) error) (bool, error) {
		found = sequenceOf(key)
		return false, nil
	})
	if err != nil || found == 0 {
		return nil, err
	}
	return Get(tx, found)
}

// letGo takes a delivery out of its chain, once: its first attempt has ended, or there will be none.
func (d *Delivery) letGo(tx *store.Tx) error {
	if d.Begun {
		return nil
	}
	d.Begun = true
	if d.Entity == (store.Ref{}) {
		return nil
	}
	c, err := loadChain(tx, d)
	if err != nil {
		return err
	}
	waiting.Delete(tx, c.place(d.Sequence))
	if c.Busy == d.Sequence {
		c.Busy = 0
	}
	if c.Held == d.Sequence {
		c.Held = 0
	}
	if err := c.next(tx); err != nil {
		return err
	}
	return c.save(tx)
}
