package gateway

import (
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// standingLimit is how long a wait lasts, in wall time, in a workspace whose clock stands.
const standingLimit = time.Minute

// wait returns when the condition holds or the time has passed on the workspace's clock. A clock that stands
// ends it after standingLimit with a problem.Timeout, and a client that went away at once.
func (x *exchange) wait(a *provider.Await) error {
	ctx, name := x.http.Context(), x.request.Workspace
	deadline := x.gateway.now(name).Add(a.For)
	limit := time.NewTimer(standingLimit)
	defer limit.Stop()
	for {
		changed, release := x.gateway.Store.Change(name)
		done, err := x.holds(a, deadline)
		if done || err != nil {
			release()
			return err
		}
		ws := x.gateway.Store.Workspace(name)
		left, runs := ws.Clock.Until(deadline, x.gateway.Store.Wall())
		var passed, stood <-chan time.Time
		timer := time.NewTimer(left)
		if runs {
			passed = timer.C
		} else {
			stood = limit.C
		}
		select {
		case <-changed:
		case <-passed:
		case <-stood:
			err = problem.New(problem.Timeout, "", "The provider did not answer in time; the workspace's clock stands, so nothing moved meanwhile")
		case <-ctx.Done():
			err = &problem.Error{Kind: problem.Timeout, Message: "The client went away", Err: ctx.Err()}
		}
		timer.Stop()
		release()
		if err != nil {
			return err
		}
	}
}

func (g *Gateway) now(workspace string) time.Time {
	return g.Store.Workspace(workspace).Clock.Now(g.Store.Wall())
}

// holds tells whether a wait is over.
func (x *exchange) holds(a *provider.Await, deadline time.Time) (done bool, err error) {
	if !x.gateway.now(x.request.Workspace).Before(deadline) {
		return true, nil
	}
	if a.Until == nil {
		return false, nil
	}
	err = x.gateway.Store.View(x.http.Context(), x.request.Workspace, func(tx *store.Tx) (err error) {
		done, err = a.Until(x.face.runtime.Call(x.http.Context(), tx, &x.request))
		return err
	})
	return done, err
}
