package store

import (
	"context"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv"
)

// SetClock gives the transaction's workspace another clock.
func (tx *Tx) SetClock(s clock.Setting) { tx.Change().Clock = s }

// Reset drops entities, jobs and deliveries at once; what a reset keeps stays. The rows themselves are swept
// after the commit.
func (tx *Tx) Reset() {
	ws := tx.Change()
	old := epochSpan(ws.Name, ws.World)
	ws.World = tx.store.newEpoch()
	tx.AfterCommit(func() { tx.store.sweeper.add(old) })
}

// Delete removes a workspace with all that is in it.
func (s *Store) Delete(_ context.Context, name string) error {
	w := s.enter(name)
	defer s.leave(w)
	w.lock.Lock()
	defer w.lock.Unlock()
	if err := s.flush(w); err != nil {
		return err
	}
	ws := w.described.Load()
	if ws == nil {
		return nil
	}
	err := s.Driver.Update(func(kw kv.Writer) error { return kw.Delete(worldPrefix(name, metaEpoch)) })
	if err != nil {
		return diskProblem(err)
	}
	w.forget()
	s.sweeper.add(epochSpan(name, ws.World), epochSpan(name, ws.Kept))
	s.wake(name, nil)
	return nil
}

// flush returns when all that was handed over is committed; w.lock is held, so nothing new comes.
func (s *Store) flush(w *world) error {
	_, _, losses := w.snapshot()
	b := &batch{world: w, base: losses}
	s.commits.enqueue(b)
	return diskProblem(s.commits.wait(b))
}

func (w *world) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.described.Store(nil)
	w.pending, w.newest = nil, nil
	w.announce()
}
