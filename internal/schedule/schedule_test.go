package schedule

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

var start = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

const ws = "default"

// toy is a world whose state jobs and deliveries are written down.
type toy struct {
	t      testing.TB
	store  *store.Store
	loop   *Loop
	driver kv.Driver

	apply func(tx *store.Tx, job *store.Job) error
	send  func(ctx context.Context, job *store.Job) (bool, error)

	mu      sync.Mutex
	applied []string
	sent    []string
}

func newToy(t testing.TB, setting clock.Setting) *toy {
	return openToy(t, setting, mem.New())
}

func openToy(t testing.TB, setting clock.Setting, driver kv.Driver) *toy {
	t.Helper()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := store.Open(store.Config{Driver: driver, Wall: func() time.Time { return time.Now().UTC() }, Log: quiet, Clock: setting, MaxWorkspaces: 1000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	y := &toy{t: t, store: s, driver: driver}
	y.loop = New(Config{Store: s, Log: quiet, Apply: y.onApply, Send: y.onSend})
	return y
}

func (y *toy) onApply(tx *store.Tx, job *store.Job) error {
	if y.apply != nil {
		if err := y.apply(tx, job); err != nil {
			return err
		}
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	y.applied = append(y.applied, fmt.Sprintf("%s %s", job.Entity.ID, tx.Now().Sub(start)))
	return nil
}

// onSend records the outcome of an attempt as package webhook does: the job goes, in a transaction.
func (y *toy) onSend(ctx context.Context, workspace string, job *store.Job) (stuck bool, err error) {
	if y.send != nil {
		stuck, err = y.send(ctx, job)
	}
	if err != nil {
		return stuck, err
	}
	return stuck, y.store.Update(ctx, workspace, func(tx *store.Tx) error {
		if tx.Workspace().World == job.World {
			tx.DropJob(job)
		}
		y.mu.Lock()
		defer y.mu.Unlock()
		y.sent = append(y.sent, fmt.Sprintf("%d %s", job.Delivery, tx.Now().Sub(start)))
		return nil
	})
}

func (y *toy) log() (applied, sent []string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	return slices.Clone(y.applied), slices.Clone(y.sent)
}

func (y *toy) add(jobs ...store.Job) { y.addTo(ws, jobs...) }

func (y *toy) addTo(workspace string, jobs ...store.Job) {
	y.t.Helper()
	err := y.store.Update(context.Background(), workspace, func(tx *store.Tx) error {
		for _, job := range jobs {
			if err := tx.AddJob(job); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		y.t.Fatal(err)
	}
}

func (y *toy) now() (now time.Time) {
	y.t.Helper()
	if err := y.store.View(context.Background(), ws, func(tx *store.Tx) error { now = tx.Now(); return nil }); err != nil {
		y.t.Fatal(err)
	}
	return now
}

// run runs the loop until the test ends it.
func (y *toy) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- y.loop.Run(ctx) }()
	return func() {
		y.t.Helper()
		cancel()
		if err := <-done; err != nil {
			y.t.Error(err)
		}
	}
}

func timer(id string, after time.Duration) store.Job {
	return store.Job{Class: store.StateJob, Due: start.Add(after), Entity: store.Ref{Provider: "p", Kind: "k", ID: id}}
}

func delivery(n uint64, target string, after time.Duration) store.Job {
	return store.Job{Class: store.SendJob, Due: start.Add(after), Delivery: n, Target: target}
}

func frozen() clock.Setting { return clock.Setting{Mode: clock.Frozen, Base: start} }

func realClock() clock.Setting { return clock.Setting{Mode: clock.Real}.At(start, time.Now()) }

func wantLog(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestRealClockRunsEachJobAtItsInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, realClock())
		defer y.run()()
		y.add(timer("late", 2*time.Hour), timer("soon", time.Second), timer("now", 0), delivery(1, "x", time.Minute))
		time.Sleep(3 * time.Hour)
		applied, sent := y.log()
		wantLog(t, "applied", applied, "now 0s", "soon 1s", "late 2h0m0s")
		wantLog(t, "sent", sent, "1 1m0s")
	})
}

func TestScaledClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		setting := clock.Setting{Mode: clock.Scaled, Scale: 60}.At(start, time.Now())
		y := newToy(t, setting)
		defer y.run()()
		y.add(timer("a", time.Hour))
		time.Sleep(59 * time.Second)
		if applied, _ := y.log(); len(applied) != 0 {
			t.Errorf("ran too early: %q", applied)
		}
		time.Sleep(2 * time.Second)
		applied, _ := y.log()
		wantLog(t, "applied", applied, "a 1h0m0s")
	})
}

func TestFrozenClockRunsOnlyWhatIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		defer y.run()()
		y.add(timer("now", 0), timer("later", time.Second), delivery(1, "x", 0), delivery(2, "x", time.Second))
		time.Sleep(24 * time.Hour)
		applied, sent := y.log()
		wantLog(t, "applied", applied, "now 0s")
		wantLog(t, "sent", sent, "1 0s")
		if next, ok := y.loop.NextDue(ws); !ok || !next.Equal(start.Add(time.Second)) {
			t.Errorf("the next job is due at %s, %t", next, ok)
		}
	})
}

// A timer that would do nothing is no instant to go to.
func TestNextDueLeavesOutStaleTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		y.loop.cfg.Stale = func(_ *store.Tx, job *store.Job) (bool, error) {
			if job.Entity.ID == "broken" {
				return false, errors.New("no such row")
			}
			return job.Entity.ID == "stale", nil
		}
		defer y.run()()
		y.add(timer("stale", time.Second), timer("stale", 2*time.Second), timer("sound", 3*time.Second), delivery(1, "x", time.Minute))
		if next, ok := y.loop.NextDue(ws); !ok || !next.Equal(start.Add(3*time.Second)) {
			t.Errorf("the next job is due at %s, %t", next, ok)
		}
		y.addTo("idle", timer("stale", time.Second))
		if next, ok := y.loop.NextDue("idle"); ok {
			t.Errorf("a stale timer is due at %s", next)
		}
		y.addTo("broken", timer("broken", time.Second))
		if next, ok := y.loop.NextDue("broken"); ok {
			t.Errorf("a timer that can not be read is due at %s", next)
		}
	})
}

func TestOverdueRunsAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, realClock())
		y.add(timer("b", 2*time.Second), timer("a", time.Second), delivery(1, "x", time.Second))
		time.Sleep(time.Hour)
		again := openToy(t, clock.Setting{}, y.driver)
		defer again.run()()
		synctest.Wait()
		applied, sent := again.log()
		wantLog(t, "applied", applied, "a 1s", "b 2s")
		wantLog(t, "sent", sent, "1 1h0m0s")
	})
}

func TestClockThatIsSetForwardWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		defer y.run()()
		y.add(timer("a", time.Hour), delivery(1, "x", time.Hour))
		err := y.store.Update(t.Context(), ws, func(tx *store.Tx) error {
			tx.SetClock(clock.Setting{Mode: clock.Frozen, Base: start.Add(2 * time.Hour)})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		applied, sent := y.log()
		wantLog(t, "applied", applied, "a 1h0m0s")
		wantLog(t, "sent", sent, "1 2h0m0s")
	})
}

func TestBrokenJobsDoNotStopTheWorld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		y.apply = func(tx *store.Tx, job *store.Job) error {
			switch job.Entity.ID {
			case "panics":
				panic("oh")
			case "fails":
				if err := tx.AddJob(timer("of a failure", 0)); err != nil {
					return err
				}
				return errors.New("oh")
			case "stale":
				return store.ErrStale
			}
			return nil
		}
		defer y.run()()
		y.add(timer("panics", 0), timer("fails", 0), timer("stale", 0), timer("good", 0))
		synctest.Wait()
		applied, _ := y.log()
		wantLog(t, "applied", applied, "good 0s")
		if next, ok := y.loop.NextDue(ws); ok {
			t.Errorf("a job is left, due at %s", next)
		}
	})
}

func TestResetForgetsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		gate := make(chan struct{})
		y.send = func(_ context.Context, job *store.Job) (bool, error) {
			if job.Delivery == 1 {
				<-gate
			}
			return false, nil
		}
		defer y.run()()
		y.add(delivery(1, "x", 0))
		synctest.Wait()
		if err := y.store.Update(t.Context(), ws, func(tx *store.Tx) error { tx.Reset(); return nil }); err != nil {
			t.Fatal(err)
		}
		y.add(delivery(2, "y", 0)) // has the number in the new world that the first had in the old one
		synctest.Wait()
		_, sent := y.log()
		wantLog(t, "sent", sent, "2 0s")
		close(gate)
	})
}

func TestDeletedWorkspaceIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		defer y.run()()
		y.addTo("other", delivery(1, "x", 0), timer("a", time.Hour))
		synctest.Wait()
		if err := y.store.Delete(t.Context(), "other"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		y.loop.mu.Lock()
		defer y.loop.mu.Unlock()
		if len(y.loop.lines) != 0 || len(y.loop.alarms) != 0 {
			t.Errorf("%d lines and %d alarms are kept", len(y.loop.lines), len(y.loop.alarms))
		}
	})
}

func TestUnrecordedAttemptIsRepeatedAfterAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		failures := 2
		var at []time.Duration
		begun := time.Now()
		y.send = func(context.Context, *store.Job) (bool, error) {
			at = append(at, time.Since(begun))
			if failures--; failures >= 0 {
				return false, errors.New("the disk is full")
			}
			return false, nil
		}
		defer y.run()()
		y.add(delivery(1, "x", 0))
		synctest.Wait()
		y.add(timer("wakes the line", 0))
		time.Sleep(time.Minute)
		_, sent := y.log()
		wantLog(t, "sent", sent, "1 0s")
		if want := []time.Duration{0, retryPause, 2 * retryPause}; !slices.Equal(at, want) {
			t.Errorf("attempts at %v, want %v", at, want)
		}
	})
}

func TestEndCutsAttemptsOffAndKeepsThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		y.send = func(ctx context.Context, _ *store.Job) (bool, error) {
			<-ctx.Done()
			return false, ctx.Err()
		}
		stop := y.run()
		y.add(delivery(1, "x", 0), delivery(2, "x", 0))
		synctest.Wait()
		begun := time.Now()
		stop()
		if took := time.Since(begun); took > stopPatience {
			t.Errorf("the end took %s", took)
		}
		if _, err := y.loop.Advance(t.Context(), ws, start.Add(time.Hour), WaitNone); !problem.Is(err, problem.Unavailable) {
			t.Errorf("after the end, a jump gives %v", err)
		}
		again := openToy(t, clock.Setting{}, y.driver)
		defer again.run()()
		synctest.Wait()
		_, sent := again.log()
		wantLog(t, "sent after a restart", sent, "1 0s", "2 0s")
	})
}

func TestJ8DeadTargetDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, realClock())
		var mu sync.Mutex
		running, most := 0, 0
		y.send = func(ctx context.Context, job *store.Job) (bool, error) {
			if job.Target != "dead" {
				return false, nil
			}
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			select {
			case <-time.After(15 * time.Second):
			case <-ctx.Done():
			}
			mu.Lock()
			running--
			mu.Unlock()
			return true, ctx.Err()
		}
		defer y.run()()
		jobs := make([]store.Job, 0, 20_001)
		for n := range uint64(20_000) {
			jobs = append(jobs, delivery(n+1, "dead", 0))
		}
		y.add(append(jobs, delivery(99_999, "live", 0))...)
		synctest.Wait()
		_, sent := y.log()
		wantLog(t, "sent", sent, "99999 0s")
		y.addTo("other", delivery(1, "dead", 0)) // another workspace has its own share of the target
		time.Sleep(31 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		if most > 2*targetAtOnce {
			t.Errorf("%d attempts at once to one target", most)
		}
	})
}

func TestFrozenWorkspaceSendsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		y.send = func(_ context.Context, job *store.Job) (bool, error) {
			time.Sleep(time.Duration(5-job.Delivery) * time.Millisecond) // later ones would be quicker
			return false, nil
		}
		defer y.run()()
		y.add(delivery(1, "x", 0), delivery(2, "x", 0), delivery(3, "x", 0), delivery(4, "x", 0))
		time.Sleep(time.Second)
		_, sent := y.log()
		wantLog(t, "sent", sent, "1 0s", "2 0s", "3 0s", "4 0s")
	})
}

func TestI5ZeroDelayCycleIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		y.apply = func(tx *store.Tx, job *store.Job) error {
			if job.Entity.ID == "cycle" {
				return tx.AddJob(timer("cycle", 0))
			}
			return nil
		}
		defer y.run()()
		y.add(timer("cycle", 0))
		synctest.Wait()
		y.add(timer("after", 0))
		synctest.Wait()
		applied, _ := y.log()
		if n := len(applied); n != maxAtInstant+1 || applied[n-1] != "after 0s" {
			t.Errorf("%d jobs were run, the last one %q", n, applied[n-1])
		}
	})
}

func TestI5AdvanceNamesTheCycle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		y.apply = func(tx *store.Tx, _ *store.Job) error { return tx.AddJob(timer("cycle", 0)) }
		defer y.run()()
		y.add(timer("cycle", time.Hour))
		_, err := y.loop.Advance(t.Context(), ws, start.Add(24*time.Hour), WaitDeliveries)
		if !problem.Is(err, problem.Refused) || !strings.Contains(err.Error(), "p/k/cycle") {
			t.Errorf("the jump ends with %v", err)
		}
		if now := y.now(); !now.Equal(start.Add(time.Hour)) {
			t.Errorf("time stands at %s", now)
		}
	})
}
