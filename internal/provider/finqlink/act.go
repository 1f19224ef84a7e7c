package finqlink

import (
	"slices"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// act does what the person has to do from where the order stands, up to the approval, the cancellation or the
// refusal at the bank. Of what the bank would do meanwhile only the answer to the request is waited for, and
// that is as the story tells it.
func act(c *provider.Call, o order, what string) error {
	if !slices.Contains([]string{"approve", "cancel", "decline"}, what) {
		return problem.Newf(problem.Invalid, "unknown_act", "A person can approve, cancel or decline, not %q", what).At("/act")
	}
	if unconfirmed(o.State()) && o.common().expired(c.Now()) {
		return refuseExpired(o)
	}
	for !decides(o) {
		before := o.State()
		if err := stepToBank(c, o); err != nil {
			return err
		}
		if o.State() == before {
			return problem.Newf(problem.Conflict, "nothing_to_do", "A person has nothing to do with a %s that is %s", o.words().thing, before)
		}
	}
	return decide(c, o, what)
}

// decides tells whether it is the person's turn at the bank. Direct types have no step before it.
func decides(o order) bool {
	return o.State() == awaitingAuthz || (o.State() == o.words().accepted && o.common().direct())
}

// stepToBank takes one step on the way to the bank's page.
func stepToBank(c *provider.Call, o order) error {
	switch o.State() {
	case created:
		if o.common().direct() {
			return o.fire(c, o.words().confirm)
		}
		return o.fire(c, "open")
	case started:
		return o.fire(c, o.words().confirm)
	case requested:
		if err := o.hasten(c); err != nil || o.State() != requested {
			return err
		}
		return o.fire(c, "accept")
	case o.words().accepted:
		return o.fire(c, "redirect")
	}
	return nil
}

// decide is what the person does at the bank, and the redirect that follows.
func decide(c *provider.Call, o order, event string) error {
	o.common().SCA.Handled = true
	o.update(c)
	return o.fire(c, event)
}
