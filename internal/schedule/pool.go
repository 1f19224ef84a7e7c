package schedule

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/mockbank/mockbank/internal/store"
)

const (
	maxAttempts  = 1024 // at the same time, in all
	targetAtOnce = 4    // at the same time, to one target of one workspace
)

// item is a delivery that was handed out.
type item struct {
	line *line
	job  *store.Job
	jump *jump // waits for its end; guarded by Loop.mu
}

// lane is what waits for one target of one workspace: workspaces never wait for each other.
type lane struct {
	key     laneKey
	waiting []*item
	running int
	atOnce  int
	stuck   bool // the last attempt ran out of time: until one does not, they go one by one
	listed  bool // among the pool's ready lanes
}

type laneKey struct{ workspace, target string }

func (ln *lane) may() bool {
	return len(ln.waiting) > 0 && (ln.running == 0 || ln.running < ln.atOnce && !ln.stuck)
}

// pool makes attempts: few at once for each target, a bounded number in all, and the targets in turn, so that
// what waits for a dead receiver costs a place in a queue and delays nobody else.
type pool struct {
	ctx    context.Context
	send   func(*item) (stuck bool, err error)
	ended  func(it *item, stuck bool, err error)
	active sync.WaitGroup

	mu      sync.Mutex
	lanes   map[laneKey]*lane
	ready   []*lane
	running int
}

func newPool(ctx context.Context, send func(*item) (bool, error), ended func(*item, bool, error)) *pool {
	return &pool{ctx: ctx, send: send, ended: ended, lanes: map[laneKey]*lane{}}
}

func (p *pool) add(items []*item, atOnce int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, it := range items {
		key := laneKey{it.line.name, it.job.Target}
		ln := p.lanes[key]
		if ln == nil {
			ln = &lane{key: key}
			p.lanes[key] = ln
		}
		ln.atOnce = atOnce
		ln.waiting = append(ln.waiting, it)
		p.list(ln)
	}
	p.pump()
}

func (p *pool) list(ln *lane) {
	if !ln.listed && ln.may() {
		ln.listed = true
		p.ready = append(p.ready, ln)
	}
}

// pump begins attempts as long as there is room; p.mu is held.
func (p *pool) pump() {
	for p.running < maxAttempts && len(p.ready) > 0 && p.ctx.Err() == nil {
		ln := p.ready[0]
		p.ready[0] = nil
		p.ready = p.ready[1:]
		ln.listed = false
		it := ln.waiting[0]
		ln.waiting[0] = nil
		ln.waiting = ln.waiting[1:]
		ln.running++
		p.running++
		p.list(ln)
		p.active.Go(func() { p.attempt(ln, it) })
	}
}

func (p *pool) attempt(ln *lane, it *item) {
	stuck, err := p.send(it)
	p.ended(it, stuck, err)
	p.mu.Lock()
	defer p.mu.Unlock()
	ln.stuck = stuck
	ln.running--
	p.running--
	p.list(ln)
	if ln.running == 0 && !ln.listed {
		delete(p.lanes, ln.key)
	}
	p.pump()
}

// wait returns when no attempt is under way; after the context's end none begins.
func (p *pool) wait() {
	p.mu.Lock()   // an attempt that was about to begin has begun
	p.mu.Unlock() //nolint:staticcheck // the lock is only passed through
	p.active.Wait()
}

// attempt makes one attempt; a panic in it is an error like others.
func (l *Loop) attempt(it *item) (stuck bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("schedule: panic in a delivery: %v\n%s", p, debug.Stack())
		}
		if err != nil && l.ctx.Err() == nil {
			l.cfg.Log.Error("schedule: an attempt was not recorded and will be repeated", "workspace", it.line.name, "delivery", it.job.Delivery, "error", err)
		}
	}()
	return l.cfg.Send(l.ctx, it.line.name, it.job)
}
