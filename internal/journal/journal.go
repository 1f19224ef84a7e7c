// Package journal remembers what was asked of the providers and what they answered.
//
// The gateway adds one Entry for each request, before the reply is written, so that whoever has the reply finds the
// request. An entry refers to what the request held anyway: nothing is copied, decoded or masked until somebody
// looks. Looking is a View, which shows no secret (mask.go), a HAR document (har.go), or a verification (verify.go).
//
// Invariants: the entries of a workspace have ascending ids. What is held is bounded in bytes, for each workspace and
// for all of them, and the oldest go first; so invented names of workspaces cost no more than any other requests. No
// entry is changed once it was added.
package journal

import "sync"

// Config bounds a journal and says what it hides.
type Config struct {
	Room    int64    // bytes that one workspace may hold; 0: nothing is remembered
	Total   int64    // bytes that all of them may hold
	Secrets []string // names of members, fields and headers whose values no view shows, besides those that mask.go knows
}

// Journal holds the entries of all workspaces. Its methods may be called from many goroutines; the zero value
// remembers nothing.
type Journal struct {
	cfg  Config
	mask mask

	// mu is held for a few assignments at a time, so one for all workspaces is not in the way.
	mu    sync.Mutex
	rooms map[string]*room
	all   list // in the order in which they came
	bytes int64
	empty int    // rooms without entries
	last  uint64 // no id of a room that is made now is below this
}

// New makes an empty journal.
func New(cfg Config) *Journal {
	return &Journal{cfg: cfg, mask: newMask(cfg.Secrets), rooms: map[string]*room{}}
}

// room holds the entries of one workspace.
type room struct {
	name      string
	entries   queue
	bytes     int64
	last      uint64 // the newest id
	forgotten uint64 // entries that made place for others
}

// mostEmpty bounds the rooms without entries, which are kept so that ids go on ascending.
const mostEmpty = 10_000

// Add remembers a request of a workspace and gives it its id. The entry, and all that it refers to, must not be
// changed from then on.
func (j *Journal) Add(workspace string, e *Entry) {
	e.bound()
	size := e.size()
	j.mu.Lock()
	defer j.mu.Unlock()
	if size > j.cfg.Room || size > j.cfg.Total {
		return
	}
	r := j.room(workspace)
	r.last++
	e.ID = r.last
	held := &node{entry: e, size: size, room: r}
	if r.entries.len() == 0 {
		j.empty--
	}
	r.entries.push(held)
	j.all.push(held)
	r.bytes += size
	j.bytes += size
	for r.bytes > j.cfg.Room {
		j.forget(r.entries.first())
	}
	for j.bytes > j.cfg.Total {
		j.forget(j.all.first())
	}
}

// room finds or makes a workspace's room.
func (j *Journal) room(workspace string) *room {
	r := j.rooms[workspace]
	if r == nil {
		r = &room{name: workspace, last: j.last}
		j.rooms[workspace] = r
		j.empty++
	}
	return r
}

// forget lets go of an entry, which is the oldest of its room: the oldest of all is that too.
func (j *Journal) forget(held *node) {
	r := held.room
	r.entries.pop()
	r.forgotten++
	j.release(held)
	if r.entries.len() > 0 {
		return
	}
	if j.empty++; j.empty > mostEmpty {
		j.sweep()
	}
}

func (j *Journal) release(held *node) {
	j.all.remove(held)
	held.room.bytes -= held.size
	j.bytes -= held.size
}

// sweep drops the rooms without entries. Should one of them come again, its ids begin above all that were dropped.
func (j *Journal) sweep() {
	for name, r := range j.rooms {
		if r.entries.len() == 0 {
			j.last = max(j.last, r.last)
			delete(j.rooms, name)
		}
	}
	j.empty = 0
}

// Clear forgets the entries of a workspace; its ids go on.
func (j *Journal) Clear(workspace string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.rooms[workspace]
	if r == nil {
		return
	}
	for r.entries.len() > 0 {
		j.forget(r.entries.first())
	}
	r.forgotten = 0
}

// Drop forgets a workspace whose world is gone; ids begin anew.
func (j *Journal) Drop(workspace string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.rooms[workspace]
	if r == nil {
		return
	}
	if r.entries.len() == 0 {
		j.empty--
	}
	for r.entries.len() > 0 {
		j.release(r.entries.pop())
	}
	delete(j.rooms, workspace)
}

// entries gives what is remembered of a workspace, oldest first, and how many requests no longer are.
func (j *Journal) entries(workspace string) (all []*Entry, forgotten uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.rooms[workspace]
	if r == nil {
		return nil, 0
	}
	return r.entries.all(), r.forgotten
}

// List gives the newest entries of a workspace that the filter lets through, newest first: those before an id, or all
// where before is 0, and at most limit. more tells that there are others.
func (j *Journal) List(workspace string, f Filter, before uint64, limit int) (found []View, more bool) {
	all, _ := j.entries(workspace)
	for i := len(all) - 1; i >= 0; i-- {
		e := all[i]
		if before != 0 && e.ID >= before || !f.lets(e) {
			continue
		}
		if len(found) == limit {
			return found, true
		}
		found = append(found, j.mask.summary(e))
	}
	return found, false
}

// Get shows one request in full; false: it is not remembered.
func (j *Journal) Get(workspace string, id uint64) (View, bool) {
	all, _ := j.entries(workspace)
	for _, e := range all {
		if e.ID == id {
			return j.mask.show(e), true
		}
	}
	return View{}, false
}
