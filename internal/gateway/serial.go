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

func (s *serials) next(workspace string) uint64 {
	s.mu.RLock()
	count := s.counts[workspace]
	s.mu.RUnlock()
	if count == nil {
		count = s.begin(workspace)
	}
	return count.Add(1)
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
