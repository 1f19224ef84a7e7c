package provider

import (
	"fmt"
	"net/http"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
)

// Idempotency has a repeat of a request answered with the first answer, and nothing is done twice.
//
// A repeat is a request with the same key, method, path and body. Bodies are compared as they were decoded and
// normalised: the order of members, white space and escapes do not matter, and numbers count as they are
// written, so that 1 and 1.0 are two. The query does not count. The same key with another method, path or body
// is refused with the code "idempotency_key_reused", and while the first is under way any request with its key
// with "idempotency_key_in_use"; both are a problem.Conflict at "header:Idempotency-Key".
//
// An answer is kept in the transaction of the change that it tells of, so whatever becomes of the first reply on
// its way, a repeat gets it whole, and no mishap acts on it. A reply with Later or Await has no body yet in that
// transaction: it is kept when it is complete, in a write of its own. The first counts as under way until then;
// if the process ends in between, the change is there, its answer is not, and a repeat runs anew.
//
// Only operations with a Write handler take part.
type Idempotency struct {
	// Life is for how long an answer is kept, in workspace time.
	Life time.Duration
	// Key reads the request's key, with whose key it is: two clients may use the same. It is asked once the
	// request was found true to the spec, and is reading only. A nil Key asks for no idempotency, an error
	// refuses the request. It also sets Request.IdempotencyKey, where scenarios are to see the key.
	Key func(c *Call) (Key, error)
	// Keeps tells which refusals are answers to keep, those that a story ordered (their Status is set) among
	// them; nil: none. Successes are always kept, and our own faults never.
	Keeps func(refusal *problem.Error) bool
	// Replayed is what a repeated answer carries besides the first one's headers. What guards add to the reply
	// is the repeat's own: its request id, what is left of its rate window.
	Replayed http.Header
}

// KeepsRefusal tells whether a refusal is an answer to keep.
func (i *Idempotency) KeepsRefusal(refusal *problem.Error) bool {
	fault := refusal.Kind == problem.Internal && refusal.Status == 0
	return !fault && i.Keeps != nil && i.Keeps(refusal)
}

func (p *Provider) checkIdempotency() error {
	if i := p.Idempotency; i != nil && (i.Key == nil || i.Life <= 0) {
		return fmt.Errorf("provider: the idempotency of %s lacks its Key or its Life", p.ID)
	}
	return nil
}
