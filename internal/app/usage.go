package app

import (
	"context"
	"time"
)

// flushPause is for how long calls are counted in memory only: what a crash can lose.
const flushPause = time.Second

// flushUsage stores what providers and gateway count, time and again until ctx ends.
func (a *App) flushUsage(ctx context.Context) error {
	tick := time.NewTicker(flushPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			a.storeUsage(ctx)
		}
	}
}

// storeUsage only logs what goes wrong: the counters stay in memory, and the next time may do better.
func (a *App) storeUsage(ctx context.Context) {
	for _, r := range a.Providers {
		if err := r.FlushUsage(ctx, a.store); err != nil && ctx.Err() == nil {
			a.cfg.Log.Warn("app: calls that were counted are not stored yet", "provider", r.ID, "error", err)
		}
	}
	if err := a.gateway.FlushSerials(ctx); err != nil && ctx.Err() == nil {
		a.cfg.Log.Warn("app: requests that were counted are not stored yet", "error", err)
	}
}
