// Package schedule runs what is due: it is the only background clock of the process.
//
// Every workspace that holds jobs has a line. A line gets a turn when a commit made something due, when the
// one timer rings for it, and at the start of the process: the turn runs the state jobs that are due, many in
// a commit and each at its own instant, then hands the deliveries that are due to the pool, and says when it
// wants the next turn. The pool makes attempts, a few at once for each receiver. Advance takes a workspace's
// line for itself and moves the workspace's time from due instant to due instant.
//
// Invariants: state jobs of a workspace run one after another, in the order of their due times and then of
// their numbers, whoever runs them. A job leaves the store in the transaction that records what it did, so a
// crash repeats an attempt and loses none. What is in memory can be read from the store again: it is which
// attempts are under way, and from which job on none is.
package schedule

import (
	"container/heap"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/mockbank/mockbank/internal/store"
)

// Config says what jobs do.
type Config struct {
	Store *store.Store
	Log   *slog.Logger

	// Apply runs one state job in the transaction, which stands at the job's own instant. After an error what it
	// wrote is undone, the job is dropped, and the error is logged unless it is store.ErrStale: a broken job does not
	// stop the world.
	Apply func(tx *store.Tx, job *store.Job) error

	// Stale, unless it is nil, tells of a state job that would be stale if it were run. It only reads.
	Stale func(tx *store.Tx, job *store.Job) (bool, error)

	// Send makes one attempt of a delivery, records its outcome, drops the job, and returns then. A stale job it
	// only drops. stuck tells that the receiver let the time run out. An error means that no outcome was
	// recorded: the job is still there, and is sent again a little later. Send ends soon after ctx does.
	Send func(ctx context.Context, workspace string, job *store.Job) (stuck bool, err error)

	// Ran, unless it is nil, is told of each state job that was run: what came of it, and how long after it was due,
	// which in a jump it never is. It must not block.
	Ran func(outcome Outcome, late time.Duration)
}

// Outcome is what came of a state job.
type Outcome string

// What comes of state jobs.
const (
	JobFired  Outcome = "fired"
	JobStale  Outcome = "stale"
	JobFailed Outcome = "failed"
)

const (
	maxWorkers   = 64              // lines that have a turn at the same time
	retryPause   = time.Second     // before a turn is repeated that the store refused
	longestNap   = time.Minute     // a machine that slept may have stopped the timer
	stopPatience = 5 * time.Second // for what still runs at the end
)

// Loop is the clock of all workspaces.
type Loop struct {
	cfg    Config
	pool   *pool
	ctx    context.Context // ends when Run does
	cancel context.CancelFunc
	kick   chan struct{} // the earliest alarm is another one
	active sync.WaitGroup

	mu      sync.Mutex
	lines   map[string]*line
	alarms  alarms
	ready   []*line // lines that wait for a worker
	workers int
	running bool
	stopped bool
}

// New makes a loop, and has the store tell it what comes to be due. It is to be called before the store's
// first transaction.
func New(cfg Config) *Loop {
	l := &Loop{cfg: cfg, kick: make(chan struct{}, 1), lines: map[string]*line{}}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.pool = newPool(l.ctx, l.attempt, l.ended)
	cfg.Store.OnWake(l.wake)
	return l
}

// Run gives lines their turns until ctx ends. Then it cuts off the attempts that are under way, waits for them,
// and returns: nil when all ended in time.
func (l *Loop) Run(ctx context.Context) error {
	l.begin()
	timer := time.NewTimer(longestNap)
	defer timer.Stop()
	for {
		timer.Reset(l.ring())
		select {
		case <-ctx.Done():
			return l.end()
		case <-l.kick:
		case <-timer.C:
		}
	}
}

// begin gives every stored workspace a first turn: what became due while nobody looked is run then.
func (l *Loop) begin() {
	names := l.cfg.Store.Names()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running = true
	for _, name := range names {
		l.line(name)
	}
	for _, ln := range l.lines {
		l.start(ln)
	}
}

func (l *Loop) end() error {
	l.mu.Lock()
	l.running, l.stopped = false, true
	l.mu.Unlock()
	l.cancel()
	quiet := make(chan struct{})
	go func() {
		l.active.Wait()
		l.pool.wait()
		close(quiet)
	}()
	patience := time.NewTimer(stopPatience)
	defer patience.Stop()
	select {
	case <-quiet:
		return nil
	case <-patience.C:
		return errors.New("schedule: some attempts did not end in time; they are repeated at the next start")
	}
}

// ring starts the lines whose alarm is due, and tells how long the timer may sleep.
func (l *Loop) ring() time.Duration {
	wall := l.cfg.Store.Wall()
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.alarms) > 0 {
		first := l.alarms[0]
		if d := first.alarm.Sub(wall); d > 0 {
			return min(d, longestNap)
		}
		heap.Pop(&l.alarms)
		l.start(first)
	}
	return longestNap
}

// wake is called by the store after commits.
func (l *Loop) wake(workspace string, added []store.Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped {
		return
	}
	ln := l.line(workspace)
	for i := range added {
		ln.expect(&added[i])
	}
	if ln.jump != nil {
		ln.jump.poke()
	}
	l.start(ln)
}

// NextDue tells when the next job after now is due in a workspace, leaving out those that are stale; false: none is.
func (l *Loop) NextDue(workspace string) (time.Time, bool) {
	var next time.Time
	err := l.cfg.Store.View(l.ctx, workspace, func(tx *store.Tx) (err error) {
		next, err = nextAfter(tx, tx.Now(), l.cfg.Stale)
		return err
	})
	if err != nil {
		l.cfg.Log.Error("schedule: the next job can not be read", "workspace", workspace, "error", err)
	}
	return next, err == nil && !next.IsZero()
}

// nextAfter gives the due time of the first job that is due later than the instant and that is not stale, as far as
// anyone can tell; zero: there is none.
func nextAfter(tx *store.Tx, at time.Time, stale func(*store.Tx, *store.Job) (bool, error)) (next time.Time, err error) {
	for _, class := range []store.Class{store.StateJob, store.SendJob} {
		var failure error
		scanned := tx.JobsFrom(class, at.Add(time.Microsecond), 0, func(job *store.Job) bool {
			if class == store.StateJob && stale != nil {
				skip, err := stale(tx, job)
				if skip || err != nil {
					failure = err
					return err == nil
				}
			}
			if next.IsZero() || job.Due.Before(next) {
				next = job.Due
			}
			return false
		})
		err = errors.Join(err, scanned, failure)
	}
	return next, err
}
