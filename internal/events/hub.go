// Package events brings what happens in a workspace to those who listen.
//
// Rooms tell of events in the transaction that makes them, the store publishes them once they are durable, in the order
// of the commits, and the gateway publishes each request that was answered. A hub keeps the last Kept events of every
// workspace that somebody listens to or listened to lately; all others cost a look at a counter. A listener owns
// nothing but its place among the kept events: it takes what came since at its own pace, and whoever comes back says
// where it was.
//
// Invariants: publishing never waits for a listener. Ids ascend in a workspace, also over restarts. A listener gets
// every event that passes its filter, in order and once, or is told between which ids it lost some; nobody else loses
// any by that. What a hub holds is bounded: in events, in listeners, and in workspaces that nobody listens to now.
package events

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of a hub.
const (
	Kept            = 1024 // events of a workspace
	MaxListeners    = 1000 // of all workspaces
	maxPerWorkspace = 64   // listeners
	maxLeft         = 64   // workspaces whose listeners have all left
	batch           = 64   // events that one Take gives at the most
)

var (
	// ErrFull refuses a listener too many.
	ErrFull = errors.New("events: there are too many listeners")
	// ErrEnded is what Take returns when nothing comes any more: the workspace was deleted, or the hub closed.
	ErrEnded = errors.New("events: nothing comes any more")
)

// Hub holds the events of all workspaces. Its methods may be called from many goroutines; a nil one hears nothing.
type Hub struct {
	wall func() time.Time
	busy atomic.Int32 // topics; 0: nobody listens anywhere

	mu        sync.Mutex
	topics    map[string]*topic
	left      []*topic // without listeners, the one that was left first in front
	listeners int
	floor     uint64 // no id of a topic that is made now is below this
	closed    bool
}

// New makes a hub to which nobody listens.
func New(wall func() time.Time) *Hub { return &Hub{wall: wall, topics: map[string]*topic{}} }

// Publish tells the listeners of a workspace what happened, in this order, and gives each event its id.
func (h *Hub) Publish(workspace string, happened ...Event) {
	if h == nil || len(happened) == 0 || h.busy.Load() == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[workspace]
	if t == nil {
		return
	}
	for i := range happened {
		t.add(happened[i])
	}
	t.announce()
}

// Heard tells whether an event of the workspace would be kept, for those to whom it costs something to make one.
func (h *Hub) Heard(workspace string) bool {
	if h == nil || h.busy.Load() == 0 {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.topics[workspace] != nil
}

// Listen gives a place behind the event with the id after, or behind the newest where that is 0. An id that this hub
// never gave is a place before all that it kept. Close is to be called at the end.
func (h *Hub) Listen(workspace string, filter Filter, after uint64) (*Listener, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ErrEnded
	}
	t := h.topics[workspace]
	if h.listeners >= MaxListeners || t != nil && t.listeners >= maxPerWorkspace {
		return nil, ErrFull
	}
	if t == nil {
		t = h.open(workspace)
	}
	if t.listeners == 0 {
		h.left = slices.DeleteFunc(h.left, func(other *topic) bool { return other == t })
	}
	t.listeners++
	h.listeners++
	return &Listener{hub: h, topic: t, filter: filter, next: t.place(after)}, nil
}

// open makes a workspace's topic. Its first id follows the wall, so that ids go on ascending after a restart.
func (h *Hub) open(workspace string) *topic {
	first := max(h.floor, uint64(h.wall().UnixMicro()))
	t := &topic{name: workspace, first: first, next: first}
	h.topics[workspace] = t
	h.busy.Add(1)
	return t
}

// leave takes a listener from a topic, and forgets the topic that was without any for longest where there are too many.
func (h *Hub) leave(t *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.listeners--
	t.listeners--
	if t.listeners > 0 || h.topics[t.name] != t {
		return
	}
	h.left = append(h.left, t)
	if len(h.left) > maxLeft {
		h.end(h.left[0])
	}
}

// end forgets a topic; its listeners still take what they have not.
func (h *Hub) end(t *topic) {
	h.floor = max(h.floor, t.next)
	h.left = slices.DeleteFunc(h.left, func(other *topic) bool { return other == t })
	delete(h.topics, t.name)
	h.busy.Add(-1)
	t.ended = true
	t.announce()
}

// End tells the listeners of a workspace that it is gone.
func (h *Hub) End(workspace string) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[workspace]; t != nil {
		h.end(t)
	}
}

// Close ends all there is, and lets nobody listen any more.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, t := range h.topics {
		h.end(t)
	}
}

// Listeners counts who listens now.
func (h *Hub) Listeners() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.listeners
}
