package gateway

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/mockbank/mockbank/internal/store"
)

// serials counts the requests of each workspace. Ids that no row stands for derive from the count, so a world that is
// stored goes on from its own after a restart. The count is written time and again, and not with every request: what
// came after the last time, a crash loses.
type serials struct {
	store *store.Store

	mu     sync.RWMutex
	counts map[string]*serial
}

// serial is one workspace's count, and the one that the store knows.
type serial struct{ count, stored atomic.Uint64 }

// unknown is what the store knows of a world that may be another than before.
const unknown = math.MaxUint64

// maxSerials bounds the counts: names that nothing is stored under are a stranger's to invent.
const maxSerials = 20_000

// Serial is how many requests of a workspace were counted.
func (g *Gateway) Serial(workspace string) uint64 { return g.serials.of(workspace).count.Load() }

// SetSerial has a workspace's count go on after n.
func (g *Gateway) SetSerial(workspace string, n uint64) {
	serial := g.serials.of(workspace)
	serial.count.Store(n)
	serial.stored.Store(unknown)
}

// FlushSerials stores the counts that have changed. A workspace that is not stored is not made by it.
func (g *Gateway) FlushSerials(ctx context.Context) error { return g.serials.flush(ctx) }

func (s *serials) next(workspace string) uint64 { return s.of(workspace).count.Add(1) }

func (s *serials) of(workspace string) *serial {
	s.mu.RLock()
	count := s.counts[workspace]
	s.mu.RUnlock()
	if count == nil {
		count = s.begin(workspace)
	}
	return count
}

func (s *serials) begin(workspace string) *serial {
	known := s.read(workspace)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil {
		s.counts = map[string]*serial{}
	}
	if len(s.counts) >= maxSerials {
		for name := range s.counts {
			if !s.store.Stored(name) {
				delete(s.counts, name)
			}
		}
	}
	if s.counts[workspace] == nil {
		fresh := new(serial)
		fresh.count.Store(known)
		fresh.stored.Store(known)
		s.counts[workspace] = fresh
	}
	return s.counts[workspace]
}

// read gives the stored count. A store that can not be read refuses the request itself, whatever its number is.
func (s *serials) read(workspace string) (n uint64) {
	_ = s.store.View(context.Background(), workspace, func(tx *store.Tx) (err error) {
		n, err = tx.Requests()
		return err
	})
	return n
}

func (s *serials) flush(ctx context.Context) error {
	var failures []error
	for name, serial := range s.changed() {
		if err := s.write(ctx, name, serial); err != nil {
			failures = append(failures, fmt.Errorf("gateway: the count of requests of workspace %q is not stored yet: %w", name, err))
		}
	}
	return errors.Join(failures...)
}

func (s *serials) changed() map[string]*serial {
	s.mu.RLock()
	defer s.mu.RUnlock()
	changed := map[string]*serial{}
	for name, serial := range s.counts {
		if serial.count.Load() != serial.stored.Load() && s.store.Stored(name) {
			changed[name] = serial
		}
	}
	return changed
}

// write stores a count in the world that there is. One that a reset makes meanwhile is given its own by the next flush.
func (s *serials) write(ctx context.Context, name string, serial *serial) error {
	var n uint64
	before := serial.stored.Load()
	err := s.store.Update(ctx, name, func(tx *store.Tx) error {
		n = serial.count.Load()
		if tx.World() != 0 {
			tx.PutRequests(n)
		}
		return nil
	})
	if err == nil {
		serial.stored.CompareAndSwap(before, n)
	}
	return err
}
