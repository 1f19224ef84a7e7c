package webhook

import (
	"time"

	"github.com/mockbank/mockbank/internal/store"
)

var (
	deliveries = store.Bucket{Name: "delivery"}         // sequence -> Delivery
	attempts   = store.Bucket{Name: "delivery-attempt"} // sequence, number -> Attempt
	unsettled  = store.Bucket{Name: "delivery-open"}    // target, sequence: those that have not ended
	endpoints  = store.Bucket{Name: "delivery-gone"}    // target -> gone
)

// gone is an endpoint that answered 410.
type gone struct {
	At       time.Time `json:"at"`
	Delivery uint64    `json:"delivery"`
}

// Record keeps a delivery and gives it its Sequence. It belongs in the transaction of the change that it tells
// of. It starts at once, or after the first attempt of its entity's delivery before it to the same target.
func Record(tx *store.Tx, d *Delivery) (err error) {
	if d.Sequence, err = tx.Next("delivery"); err != nil {
		return err
	}
	d.Created, d.State = tx.Now(), Waiting
	if d.Mishap.Drop {
		d.State = Dropped
		return d.save(tx)
	}
	over, err := endpoints.Get(tx, targetKey(d.Target), new(gone))
	if err != nil {
		return err
	}
	if over {
		d.State = Gone
		return d.save(tx)
	}
	if err := unsettled.Put(tx, d.openKey(), true); err != nil {
		return err
	}
	return enqueue(tx, d)
}

func (d *Delivery) key() store.Key     { return store.Key(nil).Number(d.Sequence) }
func (d *Delivery) openKey() store.Key { return targetKey(d.Target).Number(d.Sequence) }

func (d *Delivery) save(tx *store.Tx) error { return deliveries.Put(tx, d.key(), d) }

// arm makes the delivery's next attempt due, instead of any that was.
func (d *Delivery) arm(tx *store.Tx, due time.Time) error {
	d.Turn++
	d.State, d.Next = Pending, due
	err := tx.AddJob(store.Job{Class: store.SendJob, Due: due, Entity: d.Entity, Visit: d.Turn, Delivery: d.Sequence, Target: lane(d.Target)})
	if err != nil {
		return err
	}
	return d.save(tx)
}

// finish ends the delivery, and lets go of what waits for it.
func (d *Delivery) finish(tx *store.Tx, s State) error {
	d.Turn++
	d.State, d.Next = s, time.Time{}
	unsettled.Delete(tx, d.openKey())
	if err := d.letGo(tx); err != nil {
		return err
	}
	return d.save(tx)
}
