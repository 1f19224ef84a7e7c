package webhook

import (
	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// Replay sends a delivery again, now and with its whole schedule before it: the same id, the same bytes, a
// fresh signature, and without the mishap that it had. It is also tried at an endpoint that is gone.
func Replay(tx *store.Tx, sequence uint64) error {
	d, err := Get(tx, sequence)
	if err != nil {
		return err
	}
	if d == nil {
		return problem.Newf(problem.NotFound, "no_delivery", "There is no delivery %d in this workspace", sequence)
	}
	return d.replay(tx)
}

func (d *Delivery) replay(tx *store.Tx) error {
	d.Replays++
	d.Failures, d.Arrived, d.Mishap = 0, 0, Mishap{}
	d.tell(tx, events.Delivery{Progress: events.Replayed})
	if err := unsettled.Put(tx, d.openKey(), true); err != nil {
		return err
	}
	if err := d.letGo(tx); err != nil {
		return err
	}
	return d.arm(tx, tx.Now())
}

// ReplayRange replays the deliveries with sequence numbers from first to last that pass the filter, in their
// order, and tells how many. It examines at most 10,000.
func ReplayRange(tx *store.Tx, f Filter, first, last uint64) (replayed int, err error) {
	if last < first || last-first >= maxExamined {
		return 0, problem.Newf(problem.Invalid, "bad_range", "A range goes from a lower number to a higher one and spans at most %d deliveries", maxExamined)
	}
	for sequence := first; sequence <= last; sequence++ {
		d, err := Get(tx, sequence)
		if err != nil {
			return replayed, err
		}
		if d == nil || !f.passes(d) {
			continue
		}
		if err := d.replay(tx); err != nil {
			return replayed, err
		}
		replayed++
	}
	return replayed, nil
}

// Cancel ends the deliveries to a target that have not ended and that match; nil matches all. It is for an
// endpoint that was deleted. An attempt under way still ends, and changes nothing.
func Cancel(tx *store.Tx, target string, match func(*Delivery) bool) (cancelled int, err error) {
	var open []uint64
	err = unsettled.Scan(tx, targetKey(target), false, func(key store.Key, _ func(any) error) (bool, error) {
		open = append(open, sequenceOf(key))
		return true, nil
	})
	for _, sequence := range open {
		if err != nil {
			break
		}
		var done bool
		if done, err = cancelOne(tx, sequence, match); done {
			cancelled++
		}
	}
	return cancelled, err
}

func cancelOne(tx *store.Tx, sequence uint64, match func(*Delivery) bool) (bool, error) {
	d, err := Get(tx, sequence) // read anew: the one before may have started it
	if err != nil || d == nil || match != nil && !match(d) {
		return false, err
	}
	return true, d.finish(tx, Cancelled)
}

// Revive forgets that an endpoint is gone, such as when it is registered again. A replay that succeeds does so
// too. Until then, deliveries to it are recorded as gone and not sent.
func Revive(tx *store.Tx, target string) { endpoints.Delete(tx, targetKey(target)) }
