package payone

import (
	"slices"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// What a shopper does at the bank.
const (
	approve = "approve"
	decline = "decline"
	cancel  = "cancel"
)

// act does what the shopper has to do: it executes a link that is ready, and decides at the bank where the payment
// waits for that. Who is to decline or to cancel must meet a bank, so the payment leads to one then.
func (p *payone) act(c *provider.Call, link *provider.Entity[Link], act string) error {
	if err := known(act); err != nil {
		return err
	}
	if link.Data.PaymentProcess == "" {
		return p.executeAnd(c, link, act)
	}
	payment, err := payments.Get(c, link.Data.PaymentProcess)
	if err != nil || payment == nil {
		return err
	}
	return p.decide(c, payment, act, "")
}

func (p *payone) executeAnd(c *provider.Call, link *provider.Entity[Link], act string) error {
	o := order{AtBank: act != approve}
	if len(link.Data.Methods) > 0 {
		o.Method = link.Data.Methods[0]
	}
	payment, err := p.execute(c, link, o)
	if err != nil || payment.State() != redirected {
		return err
	}
	return p.decide(c, payment, act, "")
}

// actOnPayment decides at the bank.
func (p *payone) actOnPayment(c *provider.Call, payment *provider.Entity[Payment], act string) error {
	if err := known(act); err != nil {
		return err
	}
	return p.decide(c, payment, act, "")
}

func known(act string) error {
	if !slices.Contains([]string{approve, decline, cancel}, act) {
		return problem.Newf(problem.Invalid, "unknown_act", "A shopper can approve, cancel or decline, not %q", act).At("/act")
	}
	return nil
}
