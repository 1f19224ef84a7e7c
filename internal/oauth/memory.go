package oauth

import "sync"

// memory keeps what was worked out lately, in two generations: when the young one is full it becomes the old
// one, and the old one is forgotten. Thus it is bounded by twice its size without a list of uses.
type memory[T any] struct {
	size       int
	mu         sync.Mutex
	young, old map[string]func() (T, error)
}

func newMemory[T any](size int) *memory[T] {
	return &memory[T]{size: max(size, 1), young: map[string]func() (T, error){}}
}

// get works a value out once, also for callers that come at once. A failure is not kept.
func (m *memory[T]) get(name string, work func() (T, error)) (T, error) {
	value, err := m.entry(name, work)()
	if err != nil {
		m.mu.Lock()
		delete(m.young, name)
		delete(m.old, name)
		m.mu.Unlock()
	}
	return value, err
}

func (m *memory[T]) entry(name string, work func() (T, error)) func() (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	entry, ok := m.find(name)
	if !ok {
		entry = sync.OnceValues(work)
	}
	m.keep(name, entry)
	return entry
}

// peek returns a value that is already there.
func (m *memory[T]) peek(name string) (value T, ok bool) {
	m.mu.Lock()
	entry, ok := m.find(name)
	m.mu.Unlock()
	if !ok {
		return value, false
	}
	value, err := entry()
	return value, err == nil
}

func (m *memory[T]) find(name string) (func() (T, error), bool) {
	if entry, ok := m.young[name]; ok {
		return entry, true
	}
	entry, ok := m.old[name]
	return entry, ok
}

func (m *memory[T]) keep(name string, entry func() (T, error)) {
	if _, ok := m.young[name]; !ok && len(m.young) >= m.size {
		m.young, m.old = map[string]func() (T, error){}, m.young
	}
	m.young[name] = entry
}
