package app

import (
	"context"
	"time"
)

// How often idle workspaces are looked for: a few times in their time to live, within these bounds.
const (
	idleLooks    = 4
	shortestLook = 250 * time.Millisecond
	longestLook  = time.Minute
)

// dropIdle removes workspaces with which nobody had to do for the time to live, until ctx ends. The default one stays,
// and so do those of which the configuration says something.
func (a *App) dropIdle(ctx context.Context) error {
	if a.cfg.WorkspaceTTL <= 0 {
		return nil
	}
	tick := time.NewTicker(min(max(a.cfg.WorkspaceTTL/idleLooks, shortestLook), longestLook))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			a.dropSince(ctx, a.cfg.Wall().Add(-a.cfg.WorkspaceTTL))
		}
	}
}

func (a *App) dropSince(ctx context.Context, since time.Time) {
	dropped, err := a.store.DropIdle(ctx, since, func(name string) bool { return a.cfg.Workspaces[name] != nil })
	for _, name := range dropped {
		a.control.Forget(name)
		a.cfg.Log.Info("app: an idle workspace was dropped", "workspace", name)
	}
	if err != nil && ctx.Err() == nil {
		a.cfg.Log.Warn("app: idle workspaces are not dropped yet", "error", err)
	}
}
