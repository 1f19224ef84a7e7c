package schedule

import (
	"context"
	"errors"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// Wait says what a jump waits for at each instant.
type Wait string

const (
	// WaitDeliveries holds time until the attempts that are due at an instant have ended.
	WaitDeliveries Wait = "deliveries"
	// WaitNone goes on at once: states and payloads are as with WaitDeliveries, outcomes of attempts may not be.
	WaitNone Wait = "none"
)

// How long a jump waits, in wall time.
const (
	attemptPatience = 15 * time.Second // for one attempt; a target that needs longer is not waited for again
	jumpPatience    = 60 * time.Second // in all
)

// maxListed is how many jobs a report lists.
const maxListed = 1000

// Report tells what a jump did.
type Report struct {
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	Fired      int       `json:"fired"`      // state jobs
	Deliveries int       `json:"deliveries"` // attempts handed over
	Unfinished int       `json:"unfinished"` // of those, the ones that had not ended when the jump did
	Jobs       []Fired   `json:"jobs"`       // the first 1,000 of what fired, in order
}

// Advance moves a workspace's time to an instant: as a cursor, from due instant to due instant. At each it runs
// the state jobs, then the deliveries. Calls and reads go on meanwhile and see the cursor as their time. In the
// end the clock reads the instant and goes on in its mode.
//
// It refuses an instant that is not later than now or later than clock.Latest (problem.Invalid), a second jump
// at the same time (problem.Conflict), and ends with problem.Refused at a cycle of timers without delay. When
// it fails on its way, or ctx ends, the report tells how far it came: everything due until then was run, and
// time goes on from there.
func (l *Loop) Advance(ctx context.Context, workspace string, to time.Time, wait Wait) (Report, error) {
	if to.After(clock.Latest) {
		return Report{}, problem.Newf(problem.Invalid, "too_late", "Time ends at %s", clock.Latest.Format(time.RFC3339)).At("to")
	}
	if wait != WaitDeliveries && wait != WaitNone {
		return Report{}, problem.New(problem.Invalid, "unknown_wait", `What to wait for is "deliveries" or "none"`).At("wait")
	}
	j := &jump{loop: l, to: to.UTC().Truncate(time.Microsecond), wait: wait, news: make(chan struct{}, 1), free: make(chan struct{}),
		open: map[string]*open{}, slow: map[string]bool{}, left: jumpPatience}
	if err := l.board(workspace, j); err != nil {
		return Report{}, err
	}
	defer l.alight(j)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.ctx, cancel)()
	err := j.make(ctx)
	if err != nil && l.ctx.Err() != nil {
		err = problem.New(problem.Unavailable, "stopping", "mockbank is stopping; time stands where the jump came to")
	}
	return j.told(), err
}

// jump is an advance under way.
type jump struct {
	loop *Loop
	line *line
	to   time.Time
	wait Wait
	free chan struct{} // closed when the line's last turn has ended
	news chan struct{} // an attempt has ended, or there are new jobs

	cursor time.Time
	report Report

	// Guarded by Loop.mu.
	open    map[string]*open // attempts that are waited for, by target
	slow    map[string]bool  // targets that are not waited for again
	left    time.Duration    // patience for the whole jump
	tired   bool             // it is used up
	handed  int
	running int
}

// open counts the attempts to one target.
type open struct {
	count int
	since time.Time // wall time of the last thing that it did
}

// board takes a workspace's line for a jump.
func (l *Loop) board(workspace string, j *jump) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.line(workspace)
	switch {
	case l.stopped:
		return problem.New(problem.Unavailable, "stopping", "mockbank is stopping")
	case ln.jump != nil:
		return problem.New(problem.Conflict, "already_advancing", "Time is on its way in this workspace already. Repeat the call when that jump has ended.")
	}
	l.active.Add(1)
	ln.jump, j.line = j, ln
	if !ln.busy {
		close(j.free)
	}
	return nil
}

// alight gives the line back.
func (l *Loop) alight(j *jump) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, it := range j.line.handed {
		it.jump = nil
	}
	j.line.jump = nil
	l.start(j.line)
	l.active.Done()
}

func (j *jump) make(ctx context.Context) error {
	select {
	case <-j.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := j.begin(ctx); err != nil {
		return err
	}
	run := &runner{loop: j.loop, workspace: j.line.name, fired: j.fired}
	for {
		if err := j.deliver(ctx); err != nil {
			return errors.Join(err, j.loop.fold(j.line.name))
		}
		arrived, err := j.step(ctx, run)
		if err != nil {
			return errors.Join(err, j.loop.fold(j.line.name))
		}
		if arrived {
			return nil
		}
	}
}

// begin stops the workspace's time.
func (j *jump) begin(ctx context.Context) error {
	err := j.loop.cfg.Store.Update(ctx, j.line.name, func(tx *store.Tx) error {
		if !j.to.After(tx.Now()) {
			return problem.Newf(problem.Invalid, "not_later", "Time only goes forward: it is %s in this workspace", tx.Now().Format(time.RFC3339Nano)).At("to")
		}
		j.cursor = tx.Now()
		tx.Change().Clock.Jump = j.cursor
		return nil
	})
	if err == nil {
		j.report.From, j.report.To = j.cursor, j.cursor
		j.adopt()
	}
	return err
}

// adopt makes the jump wait for what was under way before it. What the line handed out between board and here
// is counted already.
func (j *jump) adopt() {
	j.loop.mu.Lock()
	defer j.loop.mu.Unlock()
	for _, it := range j.line.handed {
		if it.jump != j {
			j.expect(it, j.loop.cfg.Store.Wall())
		}
	}
}

// step runs state jobs in one commit, as far as no delivery is due before them, and moves the cursor. It tells
// whether the jump has arrived.
func (j *jump) step(ctx context.Context, run *runner) (arrived bool, err error) {
	var cycle error
	cursor := j.cursor
	err = j.loop.cfg.Store.Update(ctx, j.line.name, func(tx *store.Tx) (err error) {
		if !tx.Workspace().Clock.Jump.Equal(j.cursor) {
			return problem.New(problem.Conflict, "clock_set", "The clock was set while time was on its way, and the jump ended there")
		}
		cursor, arrived, err = j.stride(tx, run)
		if errors.As(err, new(*cycleError)) {
			cycle, err = err, nil
		}
		if err == nil {
			j.moveClock(tx, cursor, arrived)
		}
		return err
	})
	if err != nil {
		return false, err
	}
	j.cursor, j.report.To = cursor, cursor
	if cycle != nil {
		return false, &problem.Error{Kind: problem.Refused, Code: "endless_timers", Message: "The jump ended early: " + cycle.Error(), Err: cycle}
	}
	return arrived, nil
}

func (j *jump) moveClock(tx *store.Tx, cursor time.Time, arrived bool) {
	now := tx.Change()
	if arrived {
		now.Clock = now.Clock.At(j.to, tx.Wall())
	} else {
		now.Clock.Jump = cursor
	}
}

// stride runs state jobs until the bound, a delivery that is due first, or the end.
func (j *jump) stride(tx *store.Tx, run *runner) (cursor time.Time, arrived bool, err error) {
	var from mark
	var send *store.Job
	cursor, known := j.cursor, -1
	for range commitJobs {
		job, err := firstState(tx, from, j.to)
		if err != nil {
			return cursor, false, err
		}
		if send != nil || known != tx.Added() { // Where there was none to send, there is one only if a job made it.
			if send, err = j.firstSend(tx); err != nil {
				return cursor, false, err
			}
			known = tx.Added()
		}
		switch {
		case send != nil && (job == nil || send.Due.Before(job.Due)):
			return later(cursor, send.Due), false, nil
		case job == nil:
			return j.to, true, nil
		}
		cursor, from = later(cursor, job.Due), markAfter(job)
		if err := run.run(tx, job); err != nil {
			return cursor, false, err
		}
	}
	return cursor, false, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// firstSend reads the first delivery until the jump's end that is not handed out; nil: there is none.
func (j *jump) firstSend(tx *store.Tx) (first *store.Job, err error) {
	l := j.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	from, handed := j.line.from, j.line.handed
	if j.line.world != tx.Workspace().World {
		from, handed = mark{}, nil
	}
	if at := (mark{due: tx.Now()}); at.before(from) {
		from = at // what this transaction added is not known to the line yet
	}
	err = tx.JobsFrom(store.SendJob, from.due, from.sequence, func(job *store.Job) bool {
		if handed[job.Sequence] != nil {
			return true
		}
		if !job.Due.After(j.to) {
			first = job
		}
		return false
	})
	return first, err
}

func (j *jump) fired(f Fired) {
	j.report.Fired++
	if len(j.report.Jobs) < maxListed {
		j.report.Jobs = append(j.report.Jobs, f)
	}
}

func (j *jump) told() Report {
	j.loop.mu.Lock()
	defer j.loop.mu.Unlock()
	j.report.Deliveries, j.report.Unfinished = j.handed, j.running
	return j.report
}
