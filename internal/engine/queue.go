package engine

import (
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// Queued is a scenario that waits for the next entities of a kind.
type Queued struct {
	Number   uint64 `json:"number"` // set by Enqueue; 1 for the first of its workspace since the last reset
	Provider string `json:"provider"`
	Kind     string `json:"kind"`
	Scenario string `json:"scenario"`
	Left     int    `json:"left"` // how many entities it is still for
}

// MaxQueued bounds the entries that wait in a workspace.
const MaxQueued = 100

// queueRows holds them by kind, in the order in which they were ordered.
var queueRows = store.Bucket{Name: "scenario-queue"} // provider, kind, number -> Queued

func queueOf(provider, kind string) store.Key { return store.Key{}.Text(provider).Text(kind) }

func (q *Queued) key() store.Key { return queueOf(q.Provider, q.Kind).Number(q.Number) }

// Enqueue has a scenario wait behind those of its kind. Whether there is one of that name is the caller's to know.
func Enqueue(tx *store.Tx, q Queued) (Queued, error) {
	waiting, err := Queue(tx)
	if err != nil {
		return q, err
	}
	if len(waiting) >= MaxQueued {
		return q, problem.Newf(problem.TooManyRequests, "queue_full",
			"%d scenarios wait already, which is the limit: give times for several entities in a row, or empty the queue (DELETE)", MaxQueued)
	}
	if q.Number, err = tx.Next("scenario-queue"); err != nil {
		return q, err
	}
	return q, queueRows.Put(tx, q.key(), q)
}

// Queue lists what waits, by provider and kind, in the order in which it is taken.
func Queue(tx *store.Tx) (waiting []Queued, err error) {
	err = queueRows.Scan(tx, nil, false, func(_ store.Key, decode func(any) error) (bool, error) {
		var q Queued
		err := decode(&q)
		waiting = append(waiting, q)
		return true, err
	})
	return waiting, err
}

// EmptyQueue drops all that waits.
func EmptyQueue(tx *store.Tx) error {
	waiting, err := Queue(tx)
	for _, q := range waiting {
		queueRows.Delete(tx, q.key())
	}
	return err
}

// dequeue takes the next scenario of a kind for one entity; empty where none waits. It is part of the creation's
// transaction, so a creation that is undone gives it back.
func dequeue(tx *store.Tx, provider, kind string) (string, error) {
	var next *Queued
	err := queueRows.Scan(tx, queueOf(provider, kind), false, func(_ store.Key, decode func(any) error) (bool, error) {
		next = new(Queued)
		return false, decode(next)
	})
	if err != nil || next == nil {
		return "", err
	}
	if next.Left--; next.Left > 0 {
		return next.Scenario, queueRows.Put(tx, next.key(), next)
	}
	queueRows.Delete(tx, next.key())
	return next.Scenario, nil
}
