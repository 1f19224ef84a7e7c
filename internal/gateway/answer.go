package gateway

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/mockbank/mockbank/internal/mishap"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// delayError ends a transaction whose story wants its answer later; nothing of it is kept.
type delayError struct{ by time.Duration }

func (e *delayError) Error() string { return "gateway: the story delays this call by " + e.by.String() }

// answer gives a repeat the first answer, and has any other request handled.
func (x *exchange) answer() outgoing {
	x.step = "idempotency"
	first, err := x.recognise()
	if err != nil {
		return x.refuse(err)
	}
	if first != nil {
		x.repeated = true
		return *first
	}
	defer x.release()
	x.step = "handle"
	return x.run()
}

// run has the handler run in its transaction and completes its reply. A scripted delay takes the transaction
// back, waits outside of it, and runs it again.
func (x *exchange) run() outgoing {
	for {
		reply, err := x.transact()
		var delay *delayError
		if errors.As(err, &delay) {
			x.delayed = true
			if err = x.wait(&provider.Await{For: delay.by}); err == nil {
				continue
			}
		}
		if err != nil {
			return x.refuse(err)
		}
		return reply
	}
}

// transact is steps 7 and 8: the handler, the misbehaviour that acts before the commit, and the check of the
// reply, all in one transaction.
func (x *exchange) transact() (outgoing, error) {
	var out outgoing
	run := func(tx *store.Tx) (err error) {
		out, err = x.once(tx)
		return err
	}
	ctx, ws := x.http.Context(), x.request.Workspace
	err := errCounted
	if !x.route.handler.Writes() {
		err = x.gateway.Store.View(ctx, ws, run)
	}
	if errors.Is(err, errCounted) {
		err = x.gateway.Store.Update(ctx, ws, run)
	}
	if err != nil {
		return out, err
	}
	return x.complete(out)
}

// errCounted ends an attempt that may only read, where a mishap with a limit acts: that is counted, so the call
// runs again with the workspace to itself.
var errCounted = errors.New("gateway: the call has to be counted")

// once is attempt, unless the first request with the same key was answered since recognise looked. What
// is complete is kept for repeats.
func (x *exchange) once(tx *store.Tx) (outgoing, error) {
	if x.key == nil {
		return x.attempt(tx)
	}
	first, err := x.first(tx, x.key)
	if err != nil {
		return outgoing{}, err
	}
	if first != nil {
		x.repeated = true
		return *first, nil
	}
	x.key.world = tx.Workspace().World
	out, err := x.attempt(tx)
	if err != nil || out.incomplete() {
		return out, err
	}
	return out, x.keep(tx, out)
}

// attempt runs the handler. A refusal goes back to the mark, and what was written before it stays.
func (x *exchange) attempt(tx *store.Tx) (outgoing, error) {
	var mark store.Mark
	guarded := x.request.Reply
	if tx.Writable() {
		mark, guarded = tx.Mark(), maps.Clone(guarded)
	}
	c := x.face.runtime.Call(x.http.Context(), tx, &x.request)
	out, err := x.handle(c, tx)
	if err == nil {
		return out, nil
	}
	x.request.Reply = guarded // What the handler added, such as a cookie, belonged to what is undone.
	var delay *delayError
	if errors.As(err, &delay) || errors.Is(err, errCounted) {
		return out, err
	}
	x.after = mishap.Reply{}
	if c.Made() {
		x.about.entity = "" // It is undone with all else.
	}
	if tx.Writable() {
		tx.Rewind(mark)
		var refusal *orderedRefusal
		if errors.As(err, &refusal) {
			if err := refusal.limit.count(tx); err != nil {
				return out, err
			}
		}
	}
	return x.dialect(tx, err), nil
}

func (x *exchange) handle(c *provider.Call, tx *store.Tx) (outgoing, error) {
	reply, err := c.Run(x.route.handler)
	x.about.entity, x.about.scenario = c.About()
	if err != nil {
		return outgoing{}, err
	}
	if err := x.before(c, tx); err != nil {
		return outgoing{}, err
	}
	if x.after, err = x.misbehave(c, tx); err != nil {
		return outgoing{}, err
	}
	return x.encode(reply)
}

// complete does what a reply still wants after the commit: a wait, or work that is too slow for a transaction.
func (x *exchange) complete(out outgoing) (outgoing, error) {
	if !out.incomplete() {
		return out, nil
	}
	out, err := x.finish(out)
	if err != nil {
		out = x.refuse(err)
	}
	return out, x.keepCompleted(out)
}

func (x *exchange) finish(out outgoing) (outgoing, error) {
	if out.await != nil {
		return x.resume(out.await)
	}
	if out.relay != nil {
		return x.relay(out.relay)
	}
	body, err := out.later()
	if err != nil {
		return out, err
	}
	out.reply.Later, out.reply.Body = nil, body
	return x.encode(out.reply)
}

// resume waits and then builds the reply in a read-only transaction of its own.
func (x *exchange) resume(a *provider.Await) (outgoing, error) {
	if err := x.wait(a); err != nil && !problem.Is(err, problem.Timeout) {
		return outgoing{}, err
	}
	return x.rebuild(a.Then)
}

// rebuild builds a reply after the commit.
func (x *exchange) rebuild(then func(*provider.Call) (provider.Reply, error)) (outgoing, error) {
	var out outgoing
	err := x.gateway.Store.View(x.http.Context(), x.request.Workspace, func(tx *store.Tx) error {
		c := x.face.runtime.Call(x.http.Context(), tx, &x.request)
		reply, err := c.Resume(then)
		if err != nil {
			out = x.dialect(tx, err)
			return nil
		}
		out, err = x.encode(reply)
		return err
	})
	return out, err
}

// untrue is a reply outside the contract: our own bug, with its diagnosis.
func untrue(c string, err error) error {
	return &problem.Error{Kind: problem.Internal, Code: "reply_outside_spec",
		Message: "mockbank made a reply that its own spec does not allow; this is a bug of mockbank, please report it: " + err.Error(),
		Err:     fmt.Errorf("gateway: the reply of %s is not true to the spec: %w", c, err)}
}
