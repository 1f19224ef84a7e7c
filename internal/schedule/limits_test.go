package schedule

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mockbank/mockbank/internal/store"
)

// TestI1AYearOfTimers jumps a year over many timers that were armed in no order: all are run by one answer, which
// lists the first of them only, each at its own instant and in the order of the instants.
func TestI1AYearOfTimers(t *testing.T) {
	const timers, apart, stride = 10_000, 3000 * time.Second, 3_701 // has no divisor in common with timers
	y := newToy(t, frozen())
	jobs := make([]store.Job, timers)
	for i := range jobs {
		jobs[i] = timer("a", time.Duration(i*stride%timers+1)*apart)
	}
	y.add(jobs...)
	report := y.advance(366*24*time.Hour, WaitDeliveries)
	if report.Fired != timers || len(report.Jobs) != maxListed {
		t.Errorf("%d timers were run, and %d are listed", report.Fired, len(report.Jobs))
	}
	for i, got := range y.applied {
		if want := fmt.Sprintf("a %s", time.Duration(i+1)*apart); got != want {
			t.Fatalf("the %d. one is %s, want %s", i+1, got, want)
		}
	}
}

// TestI5TimersThatMakeTimers: what a jump sets off is run by the same jump as far as its instant lies within it.
func TestI5TimersThatMakeTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		y.apply = func(tx *store.Tx, job *store.Job) error {
			next := *job
			next.Due, next.Entity.ID = tx.Now().Add(time.Hour), job.Entity.ID+"'"
			return tx.AddJob(next)
		}
		defer y.run()()
		y.add(timer("a", time.Hour))
		y.advance(4*time.Hour-time.Second, WaitDeliveries)
		applied, _ := y.log()
		wantLog(t, "applied", applied, "a 1h0m0s", "a' 2h0m0s", "a'' 3h0m0s")
		if next, ok := y.loop.NextDue(ws); !ok || !next.Equal(start.Add(4*time.Hour)) {
			t.Errorf("the next one is due at %s, %t", next, ok)
		}
	})
}
