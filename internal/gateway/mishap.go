package gateway

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"time"

	"github.com/mockbank/mockbank/internal/fault"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/mishap"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// What goes wrong on purpose comes from two sides. The workspace's faults are about a call, whatever becomes of it:
// they are asked once, before it is handed on, and stay when it fails. A story's mishaps are about an entity, and
// known when the handler has found it: they belong to its transaction. Both are a mishap.Mishap when they act.

// beset notes whether the workspace ordered faults that may act on the call.
func (x *exchange) beset(tx *store.Tx) (err error) {
	x.faulty, err = fault.AnyFor(tx, x.subject())
	return err
}

func (x *exchange) subject() fault.Call {
	subject := fault.Call{Provider: x.face.runtime.ID, Client: x.request.Principal.Client}
	if op := x.request.Operation; op != nil {
		subject.Name = op.Name
	} else {
		subject.Name, subject.Page = x.request.Page, true
	}
	return subject
}

// disturb asks the faults about a routed, admitted and valid request, and has those act that do so before anything is
// stored. They are counted in a transaction of their own, so that a fault acts exactly as often as it should, and what
// the request is refused for later gives no count back.
func (x *exchange) disturb() error {
	if !x.faulty {
		return nil
	}
	err := x.gateway.Store.Update(x.http.Context(), x.request.Workspace, func(tx *store.Tx) (err error) {
		x.faults, err = fault.OnCall(tx, x.subject())
		return err
	})
	if err != nil {
		return err
	}
	return x.suffer(false)
}

// aftermath has those faults act that do so when all is done: on the answer, and on its bytes.
func (x *exchange) aftermath(out outgoing) outgoing {
	if err := x.suffer(true); err != nil {
		out = x.refuse(err)
	}
	for _, m := range x.faults {
		out.spoilt = out.spoilt.And(m.Reply)
	}
	return out
}

// suffer waits and refuses as the faults of one side of the commit say.
func (x *exchange) suffer(after bool) error {
	for _, m := range x.faults {
		if m.After != after {
			continue
		}
		if err := x.sleep(m.Latency); err != nil {
			return err
		}
		if m.Refuses() {
			return refusalOf(m)
		}
	}
	return nil
}

// sleep lets wall time pass. A client that goes away ends it.
func (x *exchange) sleep(latency time.Duration) error {
	if latency == 0 {
		return nil
	}
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-x.http.Context().Done():
		return goneAway(x.http.Context().Err())
	}
}

// refusalOf is the refusal that a mishap ordered.
func refusalOf(m mishap.Mishap) *problem.Error {
	status := m.Status
	if status == 0 {
		status = http.StatusServiceUnavailable // Nobody reads it: the connection ends.
	}
	refusal := &problem.Error{Kind: kindOf(status), Code: m.Code, Status: status, Message: http.StatusText(status) + " (ordered by " + m.By + ")"}
	if m.RetryAfter > 0 {
		refusal = refusal.With("Retry-After", strconv.Itoa(int(m.RetryAfter.Seconds())))
	}
	return refusal
}

// orderedRefusal is a refusal that a story ordered so and so often.
type orderedRefusal struct {
	refusal *problem.Error
	limit   limit
}

func (e *orderedRefusal) Error() string { return e.refusal.Error() }
func (e *orderedRefusal) Unwrap() error { return e.refusal }

// scripted is a story's mishap that acts now, and how that is counted.
type scripted struct {
	mishap.Mishap
	limit limit
}

// before applies what acts before the commit: a delay, or a refusal.
func (x *exchange) before(c *provider.Call, tx *store.Tx) error {
	mishaps, err := x.scripted(c, tx, machine.Before)
	if err != nil {
		return err
	}
	for _, m := range mishaps {
		switch {
		case m.Delay > 0 && !x.delayed:
			return &delayError{by: m.Delay}
		case m.Refuses():
			return &orderedRefusal{refusal: refusalOf(m.Mishap), limit: m.limit}
		}
		if err := m.limit.count(tx); err != nil {
			return err
		}
	}
	return nil
}

// misbehave finds what acts after the commit, all of it in one, and counts it in the call's transaction.
func (x *exchange) misbehave(c *provider.Call, tx *store.Tx) (as mishap.Reply, err error) {
	mishaps, err := x.scripted(c, tx, machine.After)
	for _, m := range mishaps {
		if err := m.limit.count(tx); err != nil {
			return as, err
		}
		as = as.And(m.Reply)
	}
	return as, err
}

// scripted gives those mishaps of the story that did not act often enough yet.
func (x *exchange) scripted(c *provider.Call, tx *store.Tx, when string) ([]scripted, error) {
	mishaps, err := c.Mishaps(when)
	if err != nil {
		return nil, err
	}
	var acting []scripted
	for _, m := range mishaps {
		limit, err := x.limit(c, m)
		if err != nil {
			return nil, err
		}
		if spent, err := limit.spent(c, tx); err != nil || spent {
			if err != nil {
				return nil, err
			}
			continue
		}
		worked, err := workedOut(c, m)
		if err != nil {
			return nil, err
		}
		acting = append(acting, scripted{worked, limit})
	}
	return acting, nil
}

// workedOut is a story's mishap at the instant of the call.
func workedOut(c *provider.Call, m machine.Mishap) (mishap.Mishap, error) {
	out := mishap.Mishap{
		By: "the scenario", Status: m.Status, Code: m.Code, Reply: mishap.Reply{Lose: m.Lose, Cut: m.Cut, Spoil: m.Spoil},
	}
	for _, span := range []struct {
		of *machine.Delay
		to *time.Duration
	}{{m.Delay, &out.Delay}, {m.RetryAfter, &out.RetryAfter}, {m.Drip, &out.Reply.Drip}} {
		if span.of == nil {
			continue
		}
		at, err := c.DelayOf(span.of)
		if err != nil {
			return out, err
		}
		*span.to = at.Sub(c.Now())
	}
	return out, nil
}

// mishapRows counts how often a story's mishap that has a limit acted.
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
