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

// queueRows holds what waits for a kind in one row, so that the many creations for which nothing waits pay for a
// single look.
var queueRows = store.Bucket{Name: "scenario-queue"} // provider, kind -> []Queued, in the order in which they are taken

func queueOf(provider, kind string) store.Key { return store.Key{}.Text(provider).Text(kind) }

// waitFor stores what waits for a kind.
func waitFor(tx *store.Tx, key store.Key, waiting []Queued) error {
	if len(waiting) == 0 {
		queueRows.Delete(tx, key)
		return nil
	}
	return queueRows.Put(tx, key, waiting)
}

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
	key := queueOf(q.Provider, q.Kind)
	var line []Queued
	if _, err := queueRows.Get(tx, key, &line); err != nil {
		return q, err
	}
	return q, waitFor(tx, key, append(line, q))
}

// Queue lists what waits, by provider and kind, in the order in which it is taken.
func Queue(tx *store.Tx) (waiting []Queued, err error) {
	err = queueRows.Scan(tx, nil, false, func(_ store.Key, decode func(any) error) (bool, error) {
		var line []Queued
		err := decode(&line)
		waiting = append(waiting, line...)
		return true, err
	})
	return waiting, err
}

// EmptyQueue drops all that waits.
func EmptyQueue(tx *store.Tx) error {
	waiting, err := Queue(tx)
	for _, q := range waiting {
		queueRows.Delete(tx, queueOf(q.Provider, q.Kind))
	}
	return err
}

// dequeue takes the next scenario of a kind for one entity; empty where none waits. It is part of the creation's
// transaction, so a creation that is undone gives it back.
func dequeue(tx *store.Tx, provider, kind string) (string, error) {
	key := queueOf(provider, kind)
	var line []Queued
	if found, err := queueRows.Get(tx, key, &line); err != nil || !found {
		return "", err
	}
	next := &line[0]
	scenario := next.Scenario
	if next.Left--; next.Left == 0 {
		line = line[1:]
	}
	return scenario, waitFor(tx, key, line)
}
