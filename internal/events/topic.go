package events

// topic holds the last events of a workspace. Its hub's lock guards it.
type topic struct {
	name      string
	ring      []Event // event n is at n % Kept, once there are so many; before, in their order
	first     uint64  // id of the first event that it ever had
	next      uint64  // id that comes next
	listeners int
	ended     bool
	news      chan struct{} // closed at the next event; nil: nobody waits
}

func (t *topic) add(e Event) {
	e.ID = t.next
	at := t.at(t.next)
	t.next++
	if at == len(t.ring) {
		t.ring = append(t.ring, e)
		return
	}
	t.ring[at] = e
}

// at is an event's place in the ring.
func (t *topic) at(id uint64) int { return int((id - t.first) % Kept) }

// oldest is the id of the first event that is still there.
func (t *topic) oldest() uint64 { return t.next - uint64(len(t.ring)) }

// place is the id that comes behind another.
func (t *topic) place(after uint64) uint64 {
	switch {
	case after == 0:
		return t.next
	case after >= t.next:
		return t.first // of another world, such as one with another clock: all may be news
	}
	return after + 1
}

// announce wakes those who wait.
func (t *topic) announce() {
	if t.news != nil {
		close(t.news)
		t.news = nil
	}
}

// wait is closed when there is more.
func (t *topic) wait() <-chan struct{} {
	if t.news == nil {
		t.news = make(chan struct{})
	}
	return t.news
}

// Listener is a place among the events of a workspace. It is not for use by several goroutines.
type Listener struct {
	hub    *Hub
	topic  *topic
	filter Filter
	next   uint64
}

// Take gives the next events that pass the filter, a few at a time, and never waits. With none of them it gives more,
// which is closed when it is worth asking again, or ErrEnded. The first of them may be of the type lost.
func (l *Listener) Take() (taken []Event, more <-chan struct{}, err error) {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	t := l.topic
	if oldest := t.oldest(); l.next < oldest {
		taken = append(taken, Event{ID: oldest - 1, Type: OfLost, At: l.hub.wall(), Lost: &Lost{From: l.next, To: oldest - 1}})
		l.next = oldest
	}
	for ; l.next < t.next && len(taken) < batch; l.next++ {
		if e := &t.ring[t.at(l.next)]; l.filter.passes(e) {
			taken = append(taken, *e)
		}
	}
	switch {
	case len(taken) > 0:
		return taken, nil, nil
	case t.ended:
		return nil, nil, ErrEnded
	}
	return nil, t.wait(), nil
}

// Place is the id of the last event that was looked at, whether it passed the filter or not: where to go on.
func (l *Listener) Place() uint64 { return l.next - 1 }

// Close lets go of the place.
func (l *Listener) Close() { l.hub.leave(l.topic) }
