package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/mishap"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// delayError ends a transaction whose story wants its answer later; nothing of it is kept.
type delayError struct{ by time.Duration }

func (e *delayError) Error() string { return "gateway: the story delays this call by " + e.by.String() }

// answer runs the handler in its transaction and completes its reply. A scripted delay takes the transaction
// back, waits outside of it, and runs it again.
func (x *exchange) answer() outgoing {
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
		out, err = x.attempt(tx)
		return err
	}
	ctx, ws := x.http.Context(), x.request.Workspace
	if !x.route.handler.Writes() {
		if err := x.gateway.Store.View(ctx, ws, run); err != nil {
			return out, err
		}
		return x.complete(out)
	}
	if err := x.gateway.Store.Update(ctx, ws, run); err != nil {
		return out, err
	}
	return x.complete(out)
}

// attempt runs the handler. A refusal goes back to the mark, and what was written before it stays.
func (x *exchange) attempt(tx *store.Tx) (outgoing, error) {
	var mark store.Mark
	if tx.Writable() {
		mark = tx.Mark()
	}
	c := x.face.runtime.Call(x.http.Context(), tx, &x.request)
	out, err := x.handle(c)
	if err == nil {
		return out, nil
	}
	var delay *delayError
	if errors.As(err, &delay) {
		return out, err
	}
	if tx.Writable() {
		tx.Rewind(mark)
		if err := x.count(tx, err); err != nil {
			return out, err
		}
	}
	return x.dialect(tx, err), nil
}

func (x *exchange) handle(c *provider.Call) (outgoing, error) {
	reply, err := c.Run(x.route.handler)
	x.about.entity, x.about.scenario = c.About()
	if err != nil {
		return outgoing{}, err
	}
	if err := x.before(c); err != nil {
		return outgoing{}, err
	}
	if x.after, err = replyMishaps(c); err != nil {
		return outgoing{}, err
	}
	return x.encode(reply)
}

// orderedRefusal is a refusal that a story ordered, with the counter of how often it may.
type orderedRefusal struct {
	refusal *problem.Error
	counter store.Key
}

func (e *orderedRefusal) Error() string { return e.refusal.Error() }
func (e *orderedRefusal) Unwrap() error { return e.refusal }

// mishapRows counts how often a mishap that has a limit acted.
var mishapRows = store.Bucket{Name: "mishap"}

// before applies the misbehaviour that acts before the commit: a delay, or a refusal.
func (x *exchange) before(c *provider.Call) error {
	mishaps, err := c.Mishaps(machine.Before)
	if err != nil {
		return err
	}
	for i, m := range mishaps {
		if m.Delay != nil && !x.delayed {
			until, err := c.DelayOf(m.Delay)
			if err != nil {
				return err
			}
			return &delayError{by: until.Sub(c.Now())}
		}
		if m.Status == 0 {
			continue
		}
		counter := store.Key{}.Text(x.face.runtime.ID).Text(x.about.scenario).Text(c.Name()).Number(uint64(i))
		if spent, err := c.Spent(mishapRows, counter, m.Times); err != nil || spent {
			if err != nil {
				return err
			}
			continue
		}
		return ordered(c, m, counter)
	}
	return nil
}

func ordered(c *provider.Call, m machine.Mishap, counter store.Key) error {
	refusal := &problem.Error{Kind: kindOf(m.Status), Code: m.Code, Status: m.Status, Message: http.StatusText(m.Status) + " (ordered by the scenario)"}
	if m.RetryAfter != nil {
		at, err := c.DelayOf(m.RetryAfter)
		if err != nil {
			return err
		}
		refusal = refusal.With("Retry-After", strconv.Itoa(int(at.Sub(c.Now()).Seconds())))
	}
	if m.Times == 0 {
		return refusal
	}
	return &orderedRefusal{refusal: refusal, counter: counter}
}

// count notes that a limited mishap acted. It is written after the mark was gone back to, so that it stays.
func (x *exchange) count(tx *store.Tx, err error) error {
	var refusal *orderedRefusal
	if !errors.As(err, &refusal) {
		return nil
	}
	var n int
	if _, err := mishapRows.Get(tx, refusal.counter, &n); err != nil {
		return err
	}
	return mishapRows.Put(tx, refusal.counter, n+1)
}

func replyMishaps(c *provider.Call) ([]mishap.Reply, error) {
	mishaps, err := c.Mishaps(machine.After)
	var replies []mishap.Reply
	for _, m := range mishaps {
		reply := mishap.Reply{Lose: m.Lose, Cut: m.Cut, Spoil: m.Spoil}
		if m.Drip != nil {
			at, err := c.DelayOf(m.Drip)
			if err != nil {
				return nil, err
			}
			reply.Drip = at.Sub(c.Now())
		}
		replies = append(replies, reply)
	}
	return replies, err
}

// kindOf is the sort of refusal that a status says.
func kindOf(status int) problem.Kind {
	switch status {
	case http.StatusUnauthorized:
		return problem.Unauthenticated
	case http.StatusForbidden:
		return problem.Forbidden
	case http.StatusNotFound:
		return problem.NotFound
	case http.StatusConflict:
		return problem.Conflict
	case http.StatusTooManyRequests:
		return problem.TooManyRequests
	case http.StatusServiceUnavailable:
		return problem.Unavailable
	case http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return problem.Timeout
	}
	if status >= http.StatusInternalServerError {
		return problem.Internal
	}
	return problem.Refused
}

// complete does what a reply still wants after the commit: a wait, or work that is too slow for a transaction.
func (x *exchange) complete(out outgoing) (outgoing, error) {
	switch {
	case out.await != nil:
		return x.resume(out.await)
	case out.later != nil:
		body, err := out.later()
		if err != nil {
			return out, err
		}
		out.reply.Later, out.reply.Body = nil, body
		return x.encode(out.reply)
	}
	return out, nil
}

// resume waits and then builds the reply in a read-only transaction of its own.
func (x *exchange) resume(a *provider.Await) (outgoing, error) {
	if err := x.wait(a); err != nil && !problem.Is(err, problem.Timeout) {
		return outgoing{}, err
	}
	var out outgoing
	err := x.gateway.Store.View(x.http.Context(), x.request.Workspace, func(tx *store.Tx) error {
		c := x.face.runtime.Call(x.http.Context(), tx, &x.request)
		reply, err := c.Resume(a.Then)
		if err != nil {
			out = x.dialect(tx, err)
			return nil
		}
		out, err = x.encode(reply)
		return err
	})
	return out, err
}

// fault is a reply outside the contract: our own bug, with its diagnosis.
func fault(c string, err error) error {
	return &problem.Error{Kind: problem.Internal, Code: "reply_outside_spec",
		Message: "mockbank made a reply that its own spec does not allow; this is a bug of mockbank, please report it: " + err.Error(),
		Err:     fmt.Errorf("gateway: the reply of %s is not true to the spec: %w", c, err)}
}
