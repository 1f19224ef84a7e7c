package schedule

import (
	"container/heap"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/store"
)

// mark is a place in the order of jobs.
type mark struct {
	due      time.Time
	sequence uint64
}

// never is after every job.
var never = mark{due: clock.Latest.AddDate(1, 0, 0)}

func markOf(job *store.Job) mark { return mark{job.Due, job.Sequence} }

func markAfter(job *store.Job) mark { return mark{job.Due, job.Sequence + 1} }

func (m mark) before(n mark) bool {
	if m.due.Equal(n.due) {
		return m.sequence < n.sequence
	}
	return m.due.Before(n.due)
}

// line is what the loop remembers of one workspace. Everything in it is guarded by Loop.mu.
type line struct {
	name  string
	busy  bool  // has its turn, or waits for a worker
	again bool  // something happened that its turn may not have seen
	jump  *jump // has the line for itself; a turn may just be ending

	world  uint32           // the epoch that the rest is about
	handed map[uint64]*item // attempts under way or waiting for their target, by job
	from   mark             // all send jobs before it are handed out

	alarm time.Time // wall time of the next turn, while it is among the alarms
	place int       // there; -1: it is not
}

// expect makes the next look begin early enough to see a new job.
func (ln *line) expect(job *store.Job) {
	if m := markOf(job); job.Class == store.SendJob && job.World == ln.world && m.before(ln.from) {
		ln.from = m
	}
}

// The methods of Loop from here down to setAlarm are called with Loop.mu held.

func (l *Loop) line(name string) *line {
	ln := l.lines[name]
	if ln == nil {
		ln = &line{name: name, place: -1}
		l.lines[name] = ln
	}
	return ln
}

// start gives a line a turn, now or when a worker is free.
func (l *Loop) start(ln *line) {
	ln.again = true
	if ln.busy || ln.jump != nil || !l.running {
		return
	}
	ln.busy = true
	l.ready = append(l.ready, ln)
	if l.workers < maxWorkers {
		l.workers++
		l.active.Go(l.work)
	}
}

// next takes the first line that waits; nil: there is none, and the worker is to end.
func (l *Loop) next() *line {
	if len(l.ready) == 0 {
		l.workers--
		return nil
	}
	ln := l.ready[0]
	l.ready = l.ready[1:]
	ln.again = false
	return ln
}

// rest ends a line's turn.
func (l *Loop) rest(ln *line) {
	ln.busy = false
	switch {
	case ln.jump != nil:
		close(ln.jump.free)
	case ln.again:
		l.start(ln)
	case len(ln.handed) == 0 && !l.cfg.Store.Stored(ln.name):
		l.setAlarm(ln, time.Time{})
		delete(l.lines, ln.name)
	}
}

// setAlarm says when a line wants its next turn; zero: when something happens.
func (l *Loop) setAlarm(ln *line, at time.Time) {
	if ln.place >= 0 {
		heap.Remove(&l.alarms, ln.place)
	}
	if at.IsZero() {
		return
	}
	ln.alarm = at
	heap.Push(&l.alarms, ln)
	if ln.place == 0 {
		select {
		case l.kick <- struct{}{}:
		default:
		}
	}
}

// work gives turns as long as lines wait for them.
func (l *Loop) work() {
	for {
		l.mu.Lock()
		ln := l.next()
		l.mu.Unlock()
		if ln == nil {
			return
		}
		alarm := l.attend(ln)
		l.mu.Lock()
		l.setAlarm(ln, alarm)
		l.rest(ln)
		l.mu.Unlock()
	}
}

// attend runs and hands out what is due in a workspace, and tells when something is due again.
func (l *Loop) attend(ln *line) (alarm time.Time) {
	run := &runner{loop: l, workspace: ln.name}
	for l.ctx.Err() == nil {
		seen, err := l.look(ln)
		if err == nil && seen.leftover {
			err = l.fold(ln.name)
		} else if err == nil && seen.stateDue {
			err = run.commit()
		}
		if err != nil {
			l.cfg.Log.Warn("schedule: what is due can not be run; trying again", "workspace", ln.name, "error", err)
			return l.cfg.Store.Wall().Add(retryPause)
		}
		if !seen.unfinished() {
			return seen.alarm(l.cfg.Store.Wall())
		}
	}
	return time.Time{}
}

// sight is what a look at a workspace shows.
type sight struct {
	clock    clock.Setting
	leftover bool      // the clock stands in a jump that nobody makes
	stateDue bool      // a state job is due
	more     bool      // there were more deliveries due than one look hands out
	next     time.Time // when the first job after now is due; zero: none
}

func (s sight) unfinished() bool { return s.leftover || s.stateDue || s.more }

func (s sight) alarm(wall time.Time) time.Time {
	if s.next.IsZero() {
		return time.Time{}
	}
	d, runs := s.clock.Until(s.next, wall)
	if !runs {
		return time.Time{}
	}
	return wall.Add(d)
}

// handAtOnce is how many deliveries one look reads into memory.
const handAtOnce = 1000

// look hands out the deliveries that are due, and sees what else there is to do.
func (l *Loop) look(ln *line) (seen sight, err error) {
	if !l.cfg.Store.Stored(ln.name) {
		return sight{}, nil
	}
	// The mark is taken away before the state is read: whatever is committed after that sets it anew.
	from := l.swapMark(ln, never)
	var jobs []store.Job
	err = l.cfg.Store.View(l.ctx, ln.name, func(tx *store.Tx) (err error) {
		if !l.sameWorld(ln, tx.Workspace().World) {
			seen.more = true
			return nil
		}
		if seen, err = sightOf(tx); err == nil {
			jobs, from, seen.more, err = dueSends(tx, from)
		}
		return err
	})
	l.lowerMark(ln, from)
	if err == nil {
		l.hand(ln, jobs, seen.clock)
	}
	return seen, err
}

func sightOf(tx *store.Tx) (seen sight, err error) {
	seen.clock = tx.Workspace().Clock
	seen.leftover = !seen.clock.Jump.IsZero()
	if seen.stateDue, err = stateDue(tx, tx.Now()); err == nil {
		seen.next, err = nextAfter(tx, tx.Now(), nil)
	}
	return seen, err
}

func stateDue(tx *store.Tx, now time.Time) (due bool, err error) {
	err = tx.Jobs(store.StateJob, func(job *store.Job) bool {
		due = !job.Due.After(now)
		return false
	})
	return due, err
}

// dueSends reads the send jobs from a mark on that are due, as many as one look hands out, and tells where the
// next look is to begin.
func dueSends(tx *store.Tx, from mark) (jobs []store.Job, rest mark, more bool, err error) {
	rest = mark{due: tx.Now().Add(time.Microsecond)}
	err = tx.JobsFrom(store.SendJob, from.due, from.sequence, func(job *store.Job) bool {
		if job.Due.After(tx.Now()) {
			return false
		}
		if len(jobs) == handAtOnce {
			rest, more = markOf(job), true
			return false
		}
		jobs = append(jobs, *job)
		return true
	})
	if err != nil {
		return nil, from, false, err
	}
	return jobs, rest, more, nil
}

func (l *Loop) swapMark(ln *line, to mark) mark {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := ln.from
	ln.from = to
	return from
}

func (l *Loop) lowerMark(ln *line, to mark) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if to.before(ln.from) {
		ln.from = to
	}
}

// sameWorld tells whether the line's memory is about this world; if not, it begins anew.
func (l *Loop) sameWorld(ln *line, world uint32) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ln.world == world {
		return true
	}
	ln.world, ln.handed, ln.from = world, map[uint64]*item{}, mark{}
	return false
}

// hand gives jobs to the pool, without those that it has already.
func (l *Loop) hand(ln *line, jobs []store.Job, now clock.Setting) {
	if len(jobs) == 0 {
		return
	}
	atOnce := targetAtOnce
	if now.Mode == clock.Frozen || !now.Jump.IsZero() {
		atOnce = 1 // so that a receiver gets them in the same order each time
	}
	l.mu.Lock()
	fresh := make([]*item, 0, len(jobs))
	for i := range jobs {
		job := &jobs[i]
		if job.World != ln.world || ln.handed[job.Sequence] != nil {
			continue
		}
		it := &item{line: ln, job: job}
		ln.handed[job.Sequence] = it
		fresh = append(fresh, it)
		if ln.jump != nil {
			ln.jump.expect(it, l.cfg.Store.Wall())
		}
	}
	l.mu.Unlock()
	l.pool.add(fresh, atOnce)
}

// ended is called by the pool after each attempt.
func (l *Loop) ended(it *item, stuck bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if it.jump != nil {
		it.jump.ended(it, stuck, l.cfg.Store.Wall())
	}
	if err != nil && !l.stopped {
		// It stays handed out for a while, or a store that refuses would have it sent without a pause.
		time.AfterFunc(retryPause, func() { l.again(it) })
		return
	}
	l.release(it)
}

// again has an attempt repeated whose outcome could not be recorded.
func (l *Loop) again(it *item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.release(it) {
		it.line.expect(it.job)
		l.start(it.line)
	}
}

// release takes an attempt out of the line's memory; false: the memory is about another world by now.
func (l *Loop) release(it *item) bool {
	ln := it.line
	if ln.handed[it.job.Sequence] != it {
		return false
	}
	delete(ln.handed, it.job.Sequence)
	if len(ln.handed) == 0 && !l.cfg.Store.Stored(ln.name) {
		l.start(ln) // for its last turn
	}
	return true
}

// alarms is a heap of lines, the earliest alarm first.
type alarms []*line

func (a alarms) Len() int           { return len(a) }
func (a alarms) Less(i, j int) bool { return a[i].alarm.Before(a[j].alarm) }
func (a alarms) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].place, a[j].place = i, j
}

func (a *alarms) Push(x any) {
	ln := x.(*line)
	ln.place = len(*a)
	*a = append(*a, ln)
}

func (a *alarms) Pop() any {
	old := *a
	ln := old[len(old)-1]
	*a = old[:len(old)-1]
	ln.place = -1
	return ln
}
