package webhook

import (
	"time"

	"github.com/mockbank/mockbank/internal/events"
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
	d.tell(tx, events.Delivery{Progress: events.Recorded})
	return d.start(tx)
}

// start gives a new delivery its place, or ends it where it is not to be sent.
func (d *Delivery) start(tx *store.Tx) error {
	if d.Mishap.Drop {
		return d.end(tx, Dropped)
	}
	over, err := endpoints.Get(tx, targetKey(d.Target), new(gone))
	if err != nil {
		return err
	}
	if over {
		return d.end(tx, Gone)
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
	unsettled.Delete(tx, d.openKey())
	if err := d.letGo(tx); err != nil {
		return err
	}
	return d.end(tx, s)
}

func (d *Delivery) end(tx *store.Tx, s State) error {
	d.State, d.Next = s, time.Time{}
	d.tell(tx, events.Delivery{Progress: events.Ended})
	return d.save(tx)
}

// tell completes what happened to a delivery and tells it to those who listen.
func (d *Delivery) tell(tx *store.Tx, e events.Delivery) {
	e.Number, e.Provider, e.Channel, e.Type, e.Target, e.State = d.Sequence, d.Provider, d.Channel, d.Type, d.Target, string(d.State)
	if d.Entity != (store.Ref{}) {
		e.Entity = &events.Subject{Provider: d.Entity.Provider, Kind: d.Entity.Kind, ID: d.Entity.ID}
	}
	tx.Tell(events.Event{Type: events.OfDelivery, Delivery: &e})
}
