package gateway

import (
	"crypto/sha256"
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
	if tx.Writable() {
		mark = tx.Mark()
	}
	c := x.face.runtime.Call(x.http.Context(), tx, &x.request)
	out, err := x.handle(c, tx)
	if err == nil {
		return out, nil
	}
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

// orderedRefusal is a refusal that a story ordered so and so often.
type orderedRefusal struct {
	refusal *problem.Error
	limit   limit
}

func (e *orderedRefusal) Error() string { return e.refusal.Error() }
func (e *orderedRefusal) Unwrap() error { return e.refusal }

// mishapRows counts how often a mishap that has a limit acted.
var mishapRows = store.Bucket{Name: "mishap"}

// limit is how often a mishap may act, and where that is counted.
type limit struct {
	times   int // 0: always
	counter store.Key
}

func (x *exchange) limit(c *provider.Call, m machine.Mishap) (limit, error) {
	counter := store.Key{}.Text(x.face.runtime.ID).Text(x.about.scenario).Text(c.Name()).Number(uint64(m.Index))
	if m.Per == nil {
		return limit{times: m.Times, counter: counter}, nil
	}
	apart, err := c.Apart(m)
	digest := sha256.Sum256([]byte(apart)) // The text may be of any length.
	return limit{times: m.Times, counter: append(counter, digest[:]...)}, err
}

// spent tells whether the mishap acted often enough. Where it did not, the transaction has to take the count.
func (l limit) spent(c *provider.Call, tx *store.Tx) (bool, error) {
	spent, err := c.Spent(mishapRows, l.counter, l.times)
	if err == nil && !spent && l.times > 0 && !tx.Writable() {
		err = errCounted
	}
	return spent, err
}

// count notes that the mishap acted. A refusal is counted after the mark was gone back to, so that it stays.
func (l limit) count(tx *store.Tx) error {
	if l.times == 0 {
		return nil
	}
	var n int
	if _, err := mishapRows.Get(tx, l.counter, &n); err != nil {
		return err
	}
	return mishapRows.Put(tx, l.counter, n+1)
}

// before applies the misbehaviour that acts before the commit: a delay, or a refusal.
func (x *exchange) before(c *provider.Call, tx *store.Tx) error {
	mishaps, err := c.Mishaps(machine.Before)
	if err != nil {
		return err
	}
	for _, m := range mishaps {
		limit, err := x.limit(c, m)
		if err != nil {
			return err
		}
		spent, err := limit.spent(c, tx)
		switch {
		case err != nil:
			return err
		case spent:
			continue
		case m.Delay != nil && !x.delayed:
			return delayed(c, m)
		case m.Status != 0:
			return ordered(c, m, limit)
		}
		if err := limit.count(tx); err != nil {
			return err
		}
	}
	return nil
}

func delayed(c *provider.Call, m machine.Mishap) error {
	until, err := c.DelayOf(m.Delay)
	if err != nil {
		return err
	}
	return &delayError{by: until.Sub(c.Now())}
}

func ordered(c *provider.Call, m machine.Mishap, limit limit) error {
	refusal := &problem.Error{Kind: kindOf(m.Status), Code: m.Code, Status: m.Status, Message: http.StatusText(m.Status) + " (ordered by the scenario)"}
	if m.RetryAfter != nil {
		at, err := c.DelayOf(m.RetryAfter)
		if err != nil {
			return err
		}
		refusal = refusal.With("Retry-After", strconv.Itoa(int(at.Sub(c.Now()).Seconds())))
	}
	return &orderedRefusal{refusal: refusal, limit: limit}
}

// misbehave finds the misbehaviour that acts after the commit, all of it in one, and counts it in the call's
// transaction.
func (x *exchange) misbehave(c *provider.Call, tx *store.Tx) (as mishap.Reply, err error) {
	mishaps, err := c.Mishaps(machine.After)
	if err != nil {
		return as, err
	}
	for _, m := range mishaps {
		limit, err := x.limit(c, m)
		if err != nil {
			return as, err
		}
		spent, err := limit.spent(c, tx)
		if err != nil {
			return as, err
		}
		if spent {
			continue
		}
		if err := limit.count(tx); err != nil {
			return as, err
		}
		if as, err = joined(c, as, m); err != nil {
			return as, err
		}
	}
	return as, nil
}

// joined adds a story's mishap to those that a reply has already.
func joined(c *provider.Call, as mishap.Reply, m machine.Mishap) (mishap.Reply, error) {
	as.Lose, as.Cut, as.Spoil = as.Lose || m.Lose, as.Cut || m.Cut, as.Spoil || m.Spoil
	if m.Drip == nil {
		return as, nil
	}
	at, err := c.DelayOf(m.Drip)
	as.Drip = max(as.Drip, at.Sub(c.Now()))
	return as, err
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
