package fault

import (
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/webhook"
)

// Bounds of what a fault may ask for.
const (
	maxDrip       = time.Minute
	maxRetryAfter = 30 * 24 * time.Hour
	maxDelay      = 365 * 24 * time.Hour
)

// Check says what is wrong with a fault that somebody orders.
func (f *Fault) Check() error {
	onCalls, onDeliveries := f.Harm.onCalls(), f.Harm.delivery() != webhook.Mishap{}
	switch {
	case onCalls && onDeliveries:
		return bad("/fault", "A fault is for calls or for notifications: add one of each")
	case onCalls:
		return f.checkCalls()
	case onDeliveries:
		return f.checkDeliveries()
	}
	return bad("/fault", "A fault does something: give one of latency, status, reset, truncate, malformed and drip, "+
		"or for notifications one of delay, drop, duplicate, reorder, bad_signature and unknown_kid")
}

func (f *Fault) checkCalls() error {
	h := &f.Harm
	movable := h.Latency != nil || h.Status != 0 || h.Reset
	switch {
	case f.Match.Channel != "" || f.Match.Type != "":
		return bad("/match", "channel and type are of notifications, and this fault is for calls")
	case h.When != "" && !movable:
		return bad("/fault/when", "when says on which side of the commit latency, status and reset act, and there is none of them")
	case h.Status == 0 && h.Code != "":
		return bad("/fault/code", "A code goes with a status")
	case h.Status == 0 && h.RetryAfter != 0:
		return bad("/fault/retry_after", "A retry_after goes with a status")
	case time.Duration(h.RetryAfter) > maxRetryAfter:
		return bad("/fault/retry_after", "retry_after is longer than 30d, which is the limit")
	case time.Duration(h.Drip) > maxDrip:
		return bad("/fault/drip", "drip is the pause between two pieces of the body, and longer than 1m, which is the limit")
	case h.Latency != nil:
		return h.Latency.check()
	}
	return nil
}

func (f *Fault) checkDeliveries() error {
	switch {
	case f.Match.Operation != "":
		return bad("/match/operation", "An operation is of calls, and this fault is for notifications: give channel or type")
	case time.Duration(f.Harm.Delay) > maxDelay:
		return bad("/fault/delay", "delay is longer than 365d, which is the limit")
	}
	return nil
}

func bad(place, says string) error {
	return problem.New(problem.Invalid, "bad_fault", says).At(place)
}
