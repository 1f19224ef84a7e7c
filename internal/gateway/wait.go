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
	deadline := x.gateway.now(x.request.Workspace).Add(a.For)
	limit := time.NewTimer(standingLimit)
	defer limit.Stop()
	for {
		if done, err := x.watch(a, deadline, limit.C); done || err != nil {
			return err
		}
	}
}

// watch returns when the wait is over, or after the next thing that may end it. stood ends it in a workspace
// whose clock stands.
func (x *exchange) watch(a *provider.Await, deadline time.Time, stood <-chan time.Time) (done bool, err error) {
	ctx, name := x.http.Context(), x.request.Workspace
	changed, release := x.gateway.Store.Change(name)
	defer release()
	if done, err := x.holds(a, deadline); done || err != nil {
		return done, err
	}
	var passed <-chan time.Time
	if left, runs := x.gateway.Store.Workspace(name).Clock.Until(deadline, x.gateway.Store.Wall()); runs {
		timer := time.NewTimer(left)
		defer timer.Stop()
		passed, stood = timer.C, nil
	}
	select {
	case <-changed:
	case <-passed:
	case <-stood:
		err = problem.New(problem.Timeout, "", "The provider did not answer in time; the workspace's clock stands, so nothing moved meanwhile")
	case <-ctx.Done():
		err = goneAway(ctx.Err())
	}
	return false, err
}

func goneAway(err error) error {
	return &problem.Error{Kind: problem.Timeout, Message: "The client went away", Err: err}
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
