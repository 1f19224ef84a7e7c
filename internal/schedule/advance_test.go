package schedule

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

func (y *toy) advance(to time.Duration, wait Wait) Report {
	y.t.Helper()
	report, err := y.loop.Advance(context.Background(), ws, start.Add(to), wait)
	if err != nil {
		y.t.Fatal(err)
	}
	return report
}

// pass is an attempt that takes so long.
func pass(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	return ctx.Err()
}

func TestAdvance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		defer y.run()()
		y.add(timer("b", 2*time.Hour), timer("a", time.Hour), delivery(1, "x", time.Hour), timer("end", 3*time.Hour), timer("beyond", 4*time.Hour))
		report := y.advance(3*time.Hour, WaitDeliveries)
		applied, sent := y.log()
		wantLog(t, "applied", applied, "a 1h0m0s", "b 2h0m0s", "end 3h0m0s")
		wantLog(t, "sent", sent, "1 1h0m0s")
		if report.Fired != 3 || report.Deliveries != 1 || report.Unfinished != 0 || len(report.Jobs) != 3 ||
			!report.From.Equal(start) || !report.To.Equal(start.Add(3*time.Hour)) {
			t.Errorf("the report is %+v", report)
		}
		if now := y.now(); !now.Equal(start.Add(3 * time.Hour)) {
			t.Errorf("it is %s", now)
		}
	})
}

func TestAdvanceKeepsTheMode(t *testing.T) {
	settings := map[string]func() clock.Setting{
		"frozen": frozen,
		"real":   realClock,
		"scaled": func() clock.Setting { return clock.Setting{Mode: clock.Scaled, Scale: 60}.At(start, time.Now()) },
		"zero":   func() clock.Setting { return clock.Setting{} },
	}
	rate := map[string]time.Duration{"real": 1, "scaled": 60, "zero": 1}
	for name, setting := range settings {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				y := newToy(t, setting())
				defer y.run()()
				to := y.now().Add(90 * 24 * time.Hour)
				if _, err := y.loop.Advance(t.Context(), ws, to, WaitDeliveries); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				if now, want := y.now(), to.Add(rate[name]*time.Minute); !now.Equal(want) {
					t.Errorf("it is %s, want %s", now, want)
				}
			})
		})
	}
}

func TestI3AdvanceRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		defer y.run()()
		for name, to := range map[string]time.Time{
			"backwards":       start.Add(-time.Hour),
			"nowhere":         start,
			"within the unit": start.Add(time.Nanosecond),
			"beyond time":     clock.Latest.Add(time.Second),
			"year 0":          {},
		} {
			if _, err := y.loop.Advance(t.Context(), ws, to, WaitDeliveries); !problem.Is(err, problem.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := y.loop.Advance(t.Context(), ws, start.Add(1), "outcomes"); !problem.Is(err, problem.Invalid) {
			t.Errorf("an unknown wait: %v", err)
		}
		if now := y.now(); !now.Equal(start) {
			t.Errorf("it is %s", now)
		}
	})
}

func TestI4SecondAdvanceIsAConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		y.send = func(ctx context.Context, _ *store.Job) (bool, error) { return false, pass(ctx, 5*time.Second) }
		defer y.run()()
		y.add(delivery(1, "x", time.Hour))
		first := make(chan error)
		go func() {
			_, err := y.loop.Advance(context.Background(), ws, start.Add(2*time.Hour), WaitDeliveries)
			first <- err
		}()
		synctest.Wait()
		if now := y.now(); !now.Equal(start.Add(time.Hour)) {
			t.Errorf("while the attempt is under way it is %s", now)
		}
		if _, err := y.loop.Advance(t.Context(), ws, start.Add(2*time.Hour), WaitNone); !problem.Is(err, problem.Conflict) {
			t.Errorf("the second jump: %v", err)
		}
		if _, err := y.loop.Advance(t.Context(), "other", start.Add(2*time.Hour), WaitNone); err != nil {
			t.Errorf("in another workspace: %v", err)
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
	})
}

func TestAdvanceIsPatientWithinBounds(t *testing.T) {
	hangs := func(ctx context.Context, _ *store.Job) (bool, error) { return true, pass(ctx, time.Hour) }
	timesOut := func(ctx context.Context, job *store.Job) (bool, error) {
		if job.Target != "dead" {
			return false, pass(ctx, time.Second)
		}
		return true, pass(ctx, 10*time.Second)
	}
	slow := func(ctx context.Context, _ *store.Job) (bool, error) { return false, pass(ctx, 14*time.Second) }
	hourly := func(n int, target string) (jobs []store.Job) {
		for i := range n {
			jobs = append(jobs, delivery(uint64(i+1), target, time.Duration(i+1)*time.Hour))
		}
		return jobs
	}
	for _, c := range []struct {
		name       string
		send       func(context.Context, *store.Job) (bool, error)
		jobs       []store.Job
		wait       Wait
		took       time.Duration
		unfinished bool
	}{
		{"a target that ran out of time is not waited for again", timesOut, hourly(5, "dead"), WaitDeliveries, 10 * time.Second, true},
		{"an attempt that does not end is given up", hangs, hourly(3, "dead"), WaitDeliveries, attemptPatience, true},
		{"sixty seconds in all", slow, hourly(20, "slow"), WaitDeliveries, jumpPatience, true},
		{"the others are waited for", timesOut, append(hourly(3, "live"), delivery(9, "dead", time.Hour)), WaitDeliveries, 12 * time.Second, false},
		{"none is not patient", slow, hourly(20, "slow"), WaitNone, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				y := newToy(t, frozen())
				y.send = c.send
				defer y.run()()
				y.add(c.jobs...)
				begun := time.Now()
				report := y.advance(1000*time.Hour, c.wait)
				if took := time.Since(begun); took != c.took {
					t.Errorf("it took %s, want %s", took, c.took)
				}
				if (report.Unfinished > 0) != c.unfinished || report.Deliveries != len(c.jobs) {
					t.Errorf("the report is %+v", report)
				}
			})
		})
	}
}

func TestAdvanceWaitsForWhatWasUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		y.send = func(ctx context.Context, _ *store.Job) (bool, error) { return false, pass(ctx, time.Second) }
		defer y.run()()
		y.add(delivery(1, "x", 0))
		synctest.Wait()
		y.advance(time.Hour, WaitDeliveries)
		_, sent := y.log()
		wantLog(t, "sent", sent, "1 0s")
	})
}

// TestAdvanceCountsWhatItsLineHandsOut begins a jump while the line's last turn is still on its way to hand out a
// delivery: it is one delivery, and the jump goes on when it has ended.
func TestAdvanceCountsWhatItsLineHandsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		y.send = func(ctx context.Context, _ *store.Job) (bool, error) { return false, pass(ctx, time.Second) }
		boarded := make(chan struct{})
		y.apply = func(tx *store.Tx, _ *store.Job) error {
			<-boarded
			return tx.AddJob(delivery(1, "x", 0))
		}
		defer y.run()()
		y.add(timer("a", 0))
		synctest.Wait()
		go func() {
			synctest.Wait() // the jump waits for the turn
			close(boarded)
		}()
		begun := time.Now()
		report := y.advance(time.Hour, WaitDeliveries)
		if took := time.Since(begun); took != time.Second || report.Deliveries != 1 || report.Unfinished != 0 {
			t.Errorf("it took %s, and the report is %+v", took, report)
		}
	})
}

func TestCallsDuringAJump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		y.send = func(_ context.Context, job *store.Job) (bool, error) {
			if job.Delivery == 1 { // the receiver calls back, and what it causes goes out while it still works
				y.add(delivery(2, "y", 0), timer("called", time.Hour))
				time.Sleep(10 * time.Second)
			}
			return false, nil
		}
		defer y.run()()
		y.add(delivery(1, "x", time.Hour))
		y.advance(3*time.Hour, WaitDeliveries)
		applied, sent := y.log()
		wantLog(t, "sent", sent, "2 1h0m0s", "1 1h0m0s")
		wantLog(t, "applied", applied, "called 1h0m0s")
	})
}

func TestJumpEndsWhenTheCallerGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, realClock())
		y.send = func(ctx context.Context, _ *store.Job) (bool, error) { return false, pass(ctx, 10*time.Second) }
		defer y.run()()
		y.add(delivery(1, "x", time.Hour), timer("a", 2*time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		report, err := y.loop.Advance(ctx, ws, start.Add(3*time.Hour), WaitDeliveries)
		if !errors.Is(err, context.DeadlineExceeded) || !report.To.Equal(start.Add(time.Hour)) {
			t.Errorf("the jump ends with %v at %s", err, report.To)
		}
		time.Sleep(time.Minute)
		if now := y.now(); !now.Equal(start.Add(time.Hour + time.Minute)) {
			t.Errorf("a minute later it is %s", now)
		}
	})
}

func TestClockThatIsSetEndsTheJump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		set := clock.Setting{Mode: clock.Frozen, Base: start.Add(30 * time.Hour)}
		y.send = func(ctx context.Context, _ *store.Job) (bool, error) {
			return false, y.store.Update(ctx, ws, func(tx *store.Tx) error { tx.SetClock(set); return nil })
		}
		defer y.run()()
		y.add(delivery(1, "x", time.Hour), timer("a", 2*time.Hour))
		if _, err := y.loop.Advance(t.Context(), ws, start.Add(20*time.Hour), WaitDeliveries); !problem.Is(err, problem.Conflict) {
			t.Errorf("the jump ends with %v", err)
		}
		if now := y.now(); !now.Equal(set.Base) {
			t.Errorf("it is %s", now)
		}
	})
}

func TestI7KilledJumpIsFoldedAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, realClock())
		y.add(timer("a", time.Hour), timer("b", 2*time.Hour))
		err := y.store.Update(t.Context(), ws, func(tx *store.Tx) error {
			tx.Change().Clock.Jump = start.Add(time.Hour)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour) // the process was down
		again := openToy(t, clock.Setting{}, y.driver)
		defer again.run()()
		time.Sleep(time.Minute)
		applied, _ := again.log()
		wantLog(t, "applied", applied, "a 1h0m0s")
		if now := again.now(); !now.Equal(start.Add(time.Hour + time.Minute)) {
			t.Errorf("it is %s", now)
		}
	})
}

// TestI2OneJumpOfNIsNJumpsOfOne lets timers make timers and deliveries, and deliveries fail and be retried.
func TestI2OneJumpOfNIsNJumpsOfOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64Range(1, 1<<40).Draw(rt, "seed")
		steps := rapid.IntRange(1, 8).Draw(rt, "steps")
		one := journey(t, seed, []time.Duration{time.Duration(steps) * time.Minute})
		var parts []time.Duration
		for i := range steps {
			parts = append(parts, time.Duration(i+1)*time.Minute)
		}
		many := journey(t, seed, parts)
		if !slices.Equal(one, many) {
			rt.Fatalf("one jump:\n%q\n%d jumps:\n%q", one, steps, many)
		}
	})
}

func journey(t *testing.T, seed uint64, stops []time.Duration) (told []string) {
	synctest.Test(t, func(t *testing.T) {
		y := newToy(t, frozen())
		y.apply = func(tx *store.Tx, job *store.Job) error { return grow(tx, seed, job.Sequence) }
		y.send = func(ctx context.Context, job *store.Job) (bool, error) {
			if chance(seed, "fails", job.Sequence, 3) != 0 || job.Visit > 2 {
				return false, nil
			}
			return false, y.store.Update(ctx, ws, func(tx *store.Tx) error {
				return tx.AddJob(store.Job{Class: store.SendJob, Due: tx.Now().Add(7 * time.Second), Delivery: job.Delivery, Target: "x", Visit: job.Visit + 1})
			})
		}
		defer y.run()()
		y.add(timer("1", time.Second), timer("2", 20*time.Second))
		for _, stop := range stops {
			y.advance(stop, WaitDeliveries)
		}
		applied, sent := y.log()
		told = append(append(applied, sent...), y.now().String())
	})
	return told
}

// grow makes what a timer makes: other timers, some of them at once, and deliveries.
func grow(tx *store.Tx, seed, n uint64) error {
	made := chance(seed, "timers", n, 3)
	for i := range made {
		after := time.Duration(chance(seed, "after", n*3+i, 50)) * time.Second
		job := timer(fmt.Sprint(n*3+i), 0)
		job.Due = tx.Now().Add(after)
		if n > 200 && after == 0 {
			continue
		}
		if err := tx.AddJob(job); err != nil {
			return err
		}
	}
	if chance(seed, "sends", n, 2) == 0 {
		return tx.AddJob(store.Job{Class: store.SendJob, Due: tx.Now(), Delivery: n, Target: "x"})
	}
	return nil
}

func chance(seed uint64, series string, n, below uint64) uint64 {
	d := (&store.Workspace{Name: "w", Seed: seed}).Derive(series, n)
	return binary.BigEndian.Uint64(d[:]) % below
}

// BenchmarkI1Year is a jump of a year over 100,000 timers, each at an instant of its own.
func BenchmarkI1Year(b *testing.B) {
	const timers = 100_000
	for b.Loop() {
		b.StopTimer()
		y := openToy(b, frozen(), mem.New())
		jobs := make([]store.Job, timers)
		for i := range jobs {
			jobs[i] = timer(fmt.Sprint(i%1000), time.Duration(i)*300*time.Second+time.Second)
		}
		y.add(jobs...)
		b.StartTimer()
		if report := y.advance(366*24*time.Hour, WaitDeliveries); report.Fired != timers {
			b.Fatalf("%d timers were run", report.Fired)
		}
	}
}
