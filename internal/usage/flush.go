package usage

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/mockbank/mockbank/internal/store"
)

// Flush writes what changed since the last one, and lets go of what is stored and over. A workspace that is not
// stored is not made by it: its counters stay in memory. What could not be written is tried again by the next Flush.
func (m *Meter) Flush(ctx context.Context, s *store.Store) error {
	var failures []error
	for _, name := range m.changed() {
		if !s.Stored(name) {
			continue
		}
		if err := m.flush(ctx, s, name); err != nil {
			failures = append(failures, fmt.Errorf("usage: the counters of workspace %q are not stored yet: %w", name, err))
		}
	}
	m.tidy(s)
	return errors.Join(failures...)
}

// changed lists the workspaces with counters that the store does not know.
func (m *Meter) changed() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name, r := range m.rooms {
		for _, c := range r.counters {
			if c.dirty {
				names = append(names, name)
				break
			}
		}
	}
	slices.Sort(names)
	return names
}

func (m *Meter) flush(ctx context.Context, s *store.Store, name string) error {
	var r *room
	var written map[string]row
	err := s.Update(ctx, name, func(tx *store.Tx) (err error) {
		r, written = m.unwritten(tx)
		for _, key := range slices.Sorted(maps.Keys(written)) {
			if err := rows.Put(tx, m.rowKey(key), written[key]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && r != nil {
		m.settle(r, written)
	}
	return err
}

// unwritten gives the rows that the transaction's world has to have; none where the world is gone, or not stored.
func (m *Meter) unwritten(tx *store.Tx) (*room, map[string]row) {
	if tx.World() == 0 {
		return nil, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.room(tx)
	found := map[string]row{}
	for key, c := range r.counters {
		if c.dirty {
			found[key] = c.row
		}
	}
	return r, found
}

// settle notes what the store knows now. A counter that went on meanwhile stays to be written.
func (m *Meter) settle(r *room, written map[string]row) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, row := range written {
		if c := r.counters[key]; c != nil && c.row == row {
			c.dirty = false
		}
	}
}

// tidy lets go of stored counters whose window is over. Their rows keep the last instant.
func (m *Meter) tidy(s *store.Store) {
	wall := s.Wall()
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, r := range m.rooms {
		now := s.Workspace(name).Clock.Now(wall).UnixMicro()
		for key, c := range r.counters {
			if !c.dirty && c.over(now, lengthOf(key)) {
				delete(r.counters, key)
				m.size--
			}
		}
		if len(r.counters) == 0 {
			delete(m.rooms, name)
		}
	}
}

// lengthOf is the window's length in a counter's key.
func lengthOf(key string) int64 { return int64(binary.BigEndian.Uint64([]byte(key[:8]))) }

// shrink makes place: whatever the store knows is read back when it is wanted, and a workspace that is not stored
// may be one that a stranger invented. What a stored one has not written yet stays, and so do empty rooms until the
// next Flush, since one of them is about to be used.
func (m *Meter) shrink() {
	m.size = 0
	for _, r := range m.rooms {
		maps.DeleteFunc(r.counters, func(_ string, c *counter) bool { return !c.dirty || r.world == 0 })
		m.size += len(r.counters)
	}
}
