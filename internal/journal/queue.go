package journal

// node is an entry in its two orders: that of its room, and that of all.
type node struct {
	entry          *Entry
	size           int64
	room           *room
	earlier, later *node // of all
}

// list holds nodes in their order; any of them can be taken out.
type list struct{ oldest, newest *node }

func (l *list) first() *node { return l.oldest }

func (l *list) push(n *node) {
	n.earlier = l.newest
	if l.newest == nil {
		l.oldest = n
	} else {
		l.newest.later = n
	}
	l.newest = n
}

func (l *list) remove(n *node) {
	if n.earlier == nil {
		l.oldest = n.later
	} else {
		n.earlier.later = n.later
	}
	if n.later == nil {
		l.newest = n.earlier
	} else {
		n.later.earlier = n.earlier
	}
	n.earlier, n.later = nil, nil
}

// queue is a ring of nodes that grows with what it holds.
type queue struct {
	ring  []*node
	begin int
	count int
}

func (q *queue) len() int     { return q.count }
func (q *queue) first() *node { return q.ring[q.begin] }

func (q *queue) push(n *node) {
	if q.count == len(q.ring) {
		q.grow()
	}
	q.ring[(q.begin+q.count)%len(q.ring)] = n
	q.count++
}

func (q *queue) pop() *node {
	n := q.ring[q.begin]
	q.ring[q.begin] = nil
	q.begin = (q.begin + 1) % len(q.ring)
	q.count--
	if q.count == 0 {
		*q = queue{} // An empty room holds nothing.
	}
	return n
}

func (q *queue) grow() {
	ring := make([]*node, max(4, 2*len(q.ring)))
	for i := range q.count {
		ring[i] = q.ring[(q.begin+i)%len(q.ring)]
	}
	q.ring, q.begin = ring, 0
}

// all gives the entries, oldest first.
func (q *queue) all() []*Entry {
	entries := make([]*Entry, q.count)
	for i := range entries {
		entries[i] = q.ring[(q.begin+i)%len(q.ring)].entry
	}
	return entries
}
