package store

import (
	"context"
	"time"

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
	_, err := s.remove(name, func(*world) bool { return true })
	return err
}

// DropIdle removes the stored workspaces with which nobody had to do since an instant of the wall: no request and no
// timer. The default one stays, and so do those to be spared. It tells which are gone.
func (s *Store) DropIdle(ctx context.Context, since time.Time, spare func(name string) bool) (dropped []string, err error) {
	for _, name := range s.Names() {
		if err := ctx.Err(); err != nil {
			return dropped, err
		}
		if name == Default || spare(name) {
			continue
		}
		gone, err := s.remove(name, func(w *world) bool { return s.idle(w, since) })
		if err != nil {
			return dropped, err
		}
		if gone {
			dropped = append(dropped, name)
		}
	}
	return dropped, nil
}

// idle is asked by the one user of the world who is about to remove it.
func (s *Store) idle(w *world, since time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return w.users == 1 && w.touched.Load() < since.UnixMicro()
}

// remove removes a workspace if, under its lock, that is to be done, and tells whether it was there and did.
func (s *Store) remove(name string, wanted func(*world) bool) (bool, error) {
	w := s.enter(name)
	defer s.leave(w)
	w.lock.Lock()
	defer w.lock.Unlock()
	if !wanted(w) {
		return false, nil
	}
	if err := s.flush(w); err != nil {
		return false, err
	}
	ws := w.described.Load()
	if ws == nil {
		return false, nil
	}
	err := s.Driver.Update(func(kw kv.Writer) error { return kw.Delete(worldPrefix(name, metaEpoch)) })
	if err != nil {
		return false, diskProblem(err)
	}
	w.forget()
	s.Observer.Removed(name)
	s.sweeper.add(epochSpan(name, ws.World), epochSpan(name, ws.Kept))
	s.wake(name, nil)
	return true, nil
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
