package gateway

import (
	"sync"
	"sync/atomic"
)

// serials counts the requests of each workspace. Ids that no row stands for derive from the count.
type serials struct {
	stored func(workspace string) bool

	mu     sync.RWMutex
	counts map[string]*atomic.Uint64
}

// maxSerials bounds the counts: names that nothing is stored under are a stranger's to invent.
const maxSerials = 20_000

// Serial is how many requests of a workspace were counted.
func (g *Gateway) Serial(workspace string) uint64 { return g.serials.of(workspace).Load() }

// SetSerial has a workspace's count go on after n.
func (g *Gateway) SetSerial(workspace string, n uint64) { g.serials.of(workspace).Store(n) }

func (s *serials) next(workspace string) uint64 { return s.of(workspace).Add(1) }

func (s *serials) of(workspace string) *atomic.Uint64 {
	s.mu.RLock()
	count := s.counts[workspace]
	s.mu.RUnlock()
	if count == nil {
		count = s.begin(workspace)
	}
	return count
}

func (s *serials) begin(workspace string) *atomic.Uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil {
		s.counts = map[string]*atomic.Uint64{}
	}
	if len(s.counts) >= maxSerials {
		for name := range s.counts {
			if !s.stored(name) {
				delete(s.counts, name)
			}
		}
	}
	if s.counts[workspace] == nil {
		s.counts[workspace] = new(atomic.Uint64)
	}
	return s.counts[workspace]
}
