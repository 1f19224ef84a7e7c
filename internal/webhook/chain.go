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
	if c.Held != 0 {
		err = c.overtake(tx, d)
	} else {
		err = c.append(tx, d)
	}
	if err != nil {
		return err
	}
	return c.save(tx)
}

func (c *chain) append(tx *store.Tx, d *Delivery) error {
	if err := d.save(tx); err != nil {
		return err
	}
	if err := waiting.Put(tx, c.place(d.Sequence), true); err != nil {
		return err
	}
	return c.next(tx)
}

// overtake starts a delivery before the one that is held, which is the next.
func (c *chain) overtake(tx *store.Tx, d *Delivery) error {
	if err := waiting.Put(tx, c.place(c.Held), true); err != nil {
		return err
	}
	c.Held = 0
	return c.start(tx, d)
}

func (c *chain) start(tx *store.Tx, d *Delivery) error {
	waiting.Delete(tx, c.place(d.Sequence))
	c.Busy = d.Sequence
	return d.arm(tx, tx.Now().Add(time.Duration(d.Mishap.Delay)))
}

// next starts the first that waits, when nobody is busy; the second, when the first is to be overtaken.
func (c *chain) next(tx *store.Tx) error {
	if c.Busy != 0 {
		return nil
	}
	first, second, err := c.front(tx)
	switch {
	case err != nil || first == nil:
		return err
	case !first.Mishap.Reorder || first.Swapped:
		return c.start(tx, first)
	case second == nil:
		return c.hold(tx, first)
	}
	first.Swapped = true
	if err := first.save(tx); err != nil {
		return err
	}
	return c.start(tx, second)
}

func (c *chain) hold(tx *store.Tx, d *Delivery) error {
	waiting.Delete(tx, c.place(d.Sequence))
	c.Held, d.Swapped = d.Sequence, true
	return d.arm(tx, tx.Now().Add(reorderPatience))
}

// front reads the first two that wait; nil where there are none.
func (c *chain) front(tx *store.Tx) (first, second *Delivery, err error) {
	var found []uint64
	err = waiting.Scan(tx, c.key, false, func(key store.Key, _ func(any) error) (bool, error) {
		found = append(found, sequenceOf(key))
		return len(found) < 2, nil
	})
	if err == nil && len(found) > 0 {
		first, err = Get(tx, found[0])
	}
	if err == nil && len(found) > 1 {
		second, err = Get(tx, found[1])
	}
	return first, second, err
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
