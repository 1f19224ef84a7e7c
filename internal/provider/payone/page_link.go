package payone

import (
	"net/http"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// openCheckout is a link's page: the checkout where it can be paid, else a notice that says why not.
func (p *payone) openCheckout(c *provider.Call) (provider.Reply, error) {
	e, err := pageLink(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if e.Data.status(c.Now()) != ready {
		return p.whyNot(c, e)
	}
	return p.showCheckout(e.Data, http.StatusOK, checkoutOf(c, e))
}

func checkoutOf(c *provider.Call, e *provider.Entity[Link]) *checkout {
	return layOut(e.Data, c.Base(), e.ID(), c.FormToken(formOf(e)))
}

// formOf is what the anti-forgery token of the link's form is for.
func formOf(e *provider.Entity[Link]) string { return "payone/execute/" + e.ID() }

// whyNot tells why a link can not be paid.
func (p *payone) whyNot(c *provider.Call, e *provider.Entity[Link]) (provider.Reply, error) {
	t := speak(e.Data.Language)
	switch e.Data.status(c.Now()) {
	case executed:
		next, err := afterUse(c, e)
		if err != nil {
			return provider.Reply{}, err
		}
		return p.screens.notice(e.Data, pages.Waiting, t.Used, next)
	case expired:
		return p.screens.notice(e.Data, pages.Bad, t.Expired)
	case deactivated:
		return p.screens.notice(e.Data, pages.Bad, t.Deactivated)
	}
	return p.screens.notice(e.Data, pages.Waiting, t.NotReady)
}

// afterUse is where a shopper of a used link can go on: to the bank that still waits, or to the result.
func afterUse(c *provider.Call, e *provider.Entity[Link]) (pages.Link, error) {
	t := speak(e.Data.Language)
	payment, err := payments.Get(c, e.Data.PaymentProcess)
	if err == nil && payment != nil && payment.State() == redirected {
		return pages.Link{Label: t.Continue, URL: bankPath(c, payment)}, nil
	}
	return pages.Link{Label: t.ShowResult, URL: pagePath(c.Base(), e.ID()) + "/done"}, err
}

// executeCheckout is the button that executes the link. A second press finds it used, and starts no second payment.
func (p *payone) executeCheckout(c *provider.Call) (provider.Reply, error) {
	e, err := pageLink(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if err := c.CheckFormToken(formOf(e), c.FormValue("token")); err != nil {
		return provider.Reply{}, err
	}
	if e.Data.status(c.Now()) != ready {
		return p.whyNot(c, e)
	}
	desk := checkoutOf(c, e)
	o, ok := desk.read(c.FormValue, c.Now())
	if !ok {
		return p.showCheckout(e.Data, http.StatusUnprocessableEntity, desk)
	}
	payment, err := p.execute(c, e, o)
	if isDecline(err) {
		desk.declined()
		return p.showCheckout(e.Data, http.StatusUnprocessableEntity, desk)
	}
	if err != nil {
		return provider.Reply{}, err
	}
	return goOn(c, e, payment), nil
}

// isDecline tells whether a card was declined so that the shopper may try another.
func isDecline(err error) bool {
	return problem.Is(err, problem.Refused) && problem.From(err).Code == "card_declined"
}

// goOn sends the shopper to where the payment stands.
func goOn(c *provider.Call, e *provider.Entity[Link], payment *provider.Entity[Payment]) provider.Reply {
	switch payment.State() {
	case redirected:
		return provider.SeeOther(bankPath(c, payment))
	case failed:
		return leave(c, e, e.Data.ErrorURL)
	}
	return leave(c, e, e.Data.SuccessURL)
}
