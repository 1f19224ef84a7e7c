package schedule

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

const (
	// commitJobs is how many state jobs one commit runs: others wait for the workspace's lock meanwhile.
	commitJobs = 1000
	// maxAtInstant is how many jobs of one entity may be due at one instant, before they are taken for a cycle
	// without delay that makes itself for ever.
	maxAtInstant = 10_000
)

// Fired is a state job that was run.
type Fired struct {
	At       time.Time `json:"at"`
	Entity   store.Ref `json:"entity"`
	State    string    `json:"state,omitzero"`    // in which it was armed
	Scenario string    `json:"scenario,omitzero"` // whose step it was; empty for a deadline of the machine
	Step     int       `json:"step,omitzero"`
	Event    string    `json:"event,omitzero"` // for a deadline: what it fired
}

// runner runs state jobs of one workspace, in one or more commits.
type runner struct {
	loop      *Loop
	workspace string
	fired     func(Fired) // may be nil
	began     time.Time   // of a turn, in workspace time; zero in a jump, where nothing is late

	instant time.Time
	counts  map[store.Ref]int // jobs run at the instant
}

// commit runs what is due now, up to the bound.
func (r *runner) commit() error {
	return r.loop.cfg.Store.Update(r.loop.ctx, r.workspace, func(tx *store.Tx) error {
		var from mark
		now := tx.Now()
		r.began = now
		for range commitJobs {
			job, err := firstState(tx, from, now)
			if err != nil || job == nil {
				return err
			}
			from = markAfter(job)
			var cycle *cycleError
			if err := r.run(tx, job); errors.As(err, &cycle) {
				r.loop.cfg.Log.Error("schedule: a job is dropped", "workspace", r.workspace, "error", err)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
}

// firstState reads the first state job from a mark on that is due by the instant; nil: there is none. What a
// job adds comes after it, so one transaction needs no second look at what it has passed.
func firstState(tx *store.Tx, from mark, by time.Time) (first *store.Job, err error) {
	err = tx.JobsFrom(store.StateJob, from.due, from.sequence, func(job *store.Job) bool {
		if !job.Due.After(by) {
			first = job
		}
		return false
	})
	return first, err
}

// cycleError tells of an entity whose jobs make each other without any time passing.
type cycleError struct{ entity store.Ref }

func (e *cycleError) Error() string {
	return fmt.Sprintf("%s had %d timers at one instant: its scenario goes round without a delay", e.entity, maxAtInstant)
}

// run takes the transaction to the job's instant, drops the job, and applies it unless that would go on for
// ever, which is a *cycleError.
func (r *runner) run(tx *store.Tx, job *store.Job) error {
	tx.DropJob(job)
	if r.cycles(job) {
		return &cycleError{job.Entity}
	}
	tx.SetNow(job.Due)
	mark := tx.Mark()
	err := r.apply(tx, job)
	if err != nil {
		tx.Rewind(mark)
	}
	outcome := outcomeOf(err)
	if r.loop.cfg.Ran != nil {
		r.loop.cfg.Ran(outcome, max(0, r.began.Sub(job.Due)))
	}
	switch {
	case outcome == JobStale:
	case outcome == JobFailed:
		r.loop.cfg.Log.Error("schedule: a job is dropped", "workspace", r.workspace, "entity", job.Entity.String(),
			"scenario", job.Scenario, "state", job.State, "step", job.Step, "event", job.Fire, "error", err)
	case r.fired != nil:
		r.fired(Fired{At: job.Due, Entity: job.Entity, State: job.State, Scenario: job.Scenario, Step: job.Step, Event: job.Fire})
	}
	return nil
}

func outcomeOf(err error) Outcome {
	switch {
	case err == nil:
		return JobFired
	case errors.Is(err, store.ErrStale):
		return JobStale
	}
	return JobFailed
}

func (r *runner) apply(tx *store.Tx, job *store.Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &problem.Error{Kind: problem.Internal, Message: "Internal server error", Err: fmt.Errorf("%v\n%s", p, debug.Stack())}
		}
	}()
	return r.loop.cfg.Apply(tx, job)
}

func (r *runner) cycles(job *store.Job) bool {
	if r.counts == nil {
		r.counts = map[store.Ref]int{}
	}
	if !r.instant.Equal(job.Due) {
		r.instant = job.Due
		clear(r.counts)
	}
	r.counts[job.Entity]++
	return r.counts[job.Entity] > maxAtInstant
}

// fold ends a jump that nobody makes any more, such as one that a crash cut off: the clock goes on from where
// the jump stood, which is an instant at which everything due had been run.
func (l *Loop) fold(workspace string) error {
	return l.cfg.Store.Update(context.WithoutCancel(l.ctx), workspace, func(tx *store.Tx) error {
		if now := tx.Workspace().Clock; !now.Jump.IsZero() {
			tx.SetClock(now.At(now.Jump, tx.Wall()))
		}
		return nil
	})
}
