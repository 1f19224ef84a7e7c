package finqlink

import (
	"slices"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// act does what the payer has to do from where the link stands, up to the approval, the cancellation or the
// refusal at the bank. Of what the bank would do meanwhile only the answer to the intent is waited for, and
// that is as the story tells it.
func (f *finqlink) act(c *provider.Call, e *provider.Entity[Link], act string) error {
	if !slices.Contains([]string{"approve", "cancel", "decline"}, act) {
		return problem.Newf(problem.Invalid, "unknown_act", "A payer can approve, cancel or decline, not %q", act).At("/act")
	}
	if unpaid(e.State()) && e.Data.expired(c.Now()) {
		return expired()
	}
	for !decides(e) {
		before := e.State()
		if err := stepToBank(c, e); err != nil {
			return err
		}
		if e.State() == before {
			return problem.Newf(problem.Conflict, "nothing_to_do", "The payer has nothing to do with a link that is %s", before)
		}
	}
	return decide(c, e, act)
}

// decides tells whether it is the payer's turn at the bank. Direct types have no step before it.
func decides(e *provider.Entity[Link]) bool {
	return e.State() == awaitingAuthz || (e.State() == intentAccepted && e.Data.direct())
}

// stepToBank takes one step on the payer's way to the bank's page.
func stepToBank(c *provider.Call, e *provider.Entity[Link]) error {
	switch e.State() {
	case created:
		if e.Data.direct() {
			return links.Fire(c, e, "pay")
		}
		return links.Fire(c, e, "open")
	case started:
		return links.Fire(c, e, "pay")
	case requested:
		if err := links.Hasten(c, e); err != nil || e.State() != requested {
			return err
		}
		return links.Fire(c, e, "accept")
	case intentAccepted:
		return links.Fire(c, e, "redirect")
	}
	return nil
}

// decide is what the payer does at the bank, and the redirect that follows.
func decide(c *provider.Call, e *provider.Entity[Link], event string) error {
	e.Data.SCA.Handled = true
	links.Update(c, e)
	return links.Fire(c, e, event)
}

func expired() *problem.Error {
	return problem.New(problem.Refused, "link_expired", "The payment link has expired")
}
