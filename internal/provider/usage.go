package provider

import (
	"context"
	"time"

	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/usage"
)

// Usage is a counter right after a call was counted.
type Usage = usage.Usage

// Take counts this call under a name, in a window of fixed length on the workspace's clock, and tells how many there
// were. Over means that it is one too many; a limit of 0 only counts. It belongs into a guard, which is asked once
// for each request; what it counted stays, whatever becomes of the request.
func (c *Call) Take(name Key, window time.Duration, limit int) (Usage, error) {
	return c.runtime.meter.Take(c.tx, name, window, limit)
}

// TakeFromFirst is Take for windows that begin with their first call.
func (c *Call) TakeFromFirst(name Key, window time.Duration, limit int) (Usage, error) {
	return c.runtime.meter.TakeFromFirst(c.tx, name, window, limit)
}

// Used tells what was counted under a name and a length of window, without counting.
func (c *Call) Used(name Key, window time.Duration) (Usage, error) {
	return c.runtime.meter.Look(c.tx, name, window)
}

// LastUsed tells when Take last counted under a name and a length of window; false: never since the last reset.
func (c *Call) LastUsed(name Key, window time.Duration) (time.Time, bool, error) {
	return c.runtime.meter.LastUsed(c.tx, name, window)
}

// FlushUsage stores what was counted since the last time.
func (r *Runtime) FlushUsage(ctx context.Context, s *store.Store) error { return r.meter.Flush(ctx, s) }

// ForgetUsage drops what was counted in a workspace and is not stored. It is for one that was deleted or reset.
func (r *Runtime) ForgetUsage(workspace string) { r.meter.Forget(workspace) }
