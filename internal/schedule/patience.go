package schedule

import (
	"context"
	"time"
)

// deliver hands out what is due at the cursor and, unless the jump waits for nothing, returns when those
// attempts have ended or the patience with them has.
func (j *jump) deliver(ctx context.Context) error {
	timer := time.NewTimer(jumpPatience)
	defer timer.Stop()
	for {
		if err := j.hand(); err != nil {
			return err
		}
		left, over := j.patience()
		if over {
			return ctx.Err()
		}
		timer.Reset(left)
		before := j.loop.cfg.Store.Wall()
		select {
		case <-j.news:
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		j.spend(j.loop.cfg.Store.Wall().Sub(before))
	}
}

// hand gives the pool everything that is due at the cursor.
func (j *jump) hand() error {
	for {
		seen, err := j.loop.look(j.line)
		if err != nil || !seen.more {
			return err
		}
	}
}

// poke tells the jump that something happened.
func (j *jump) poke() {
	select {
	case j.news <- struct{}{}:
	default:
	}
}

// expect counts an attempt that was handed out; Loop.mu is held.
func (j *jump) expect(it *item, wall time.Time) {
	it.jump = j
	j.handed++
	j.running++
	target := it.job.Target
	if j.wait == WaitNone || j.tired || j.slow[target] {
		return
	}
	if j.open[target] == nil {
		j.open[target] = &open{since: wall}
	}
	j.open[target].count++
}

// ended counts it off; Loop.mu is held.
func (j *jump) ended(it *item, stuck bool, wall time.Time) {
	j.running--
	target := it.job.Target
	if o := j.open[target]; o != nil {
		o.count, o.since = o.count-1, wall
		if o.count == 0 {
			delete(j.open, target)
		}
	}
	if stuck {
		j.giveUp(target)
	}
	j.poke()
}

func (j *jump) giveUp(target string) {
	j.slow[target] = true
	delete(j.open, target)
}

// spend takes from the patience for the whole jump.
func (j *jump) spend(d time.Duration) {
	j.loop.mu.Lock()
	defer j.loop.mu.Unlock()
	if j.left -= d; j.left <= 0 {
		j.tired = true
		clear(j.open)
	}
}

// patience tells how long the jump may still wait for what is open, and that it is over when nothing is.
func (j *jump) patience() (left time.Duration, over bool) {
	wall := j.loop.cfg.Store.Wall()
	j.loop.mu.Lock()
	defer j.loop.mu.Unlock()
	left = j.left
	for target, o := range j.open {
		d := attemptPatience - wall.Sub(o.since)
		if d <= 0 {
			j.giveUp(target)
			continue
		}
		left = min(left, d)
	}
	return left, len(j.open) == 0
}
