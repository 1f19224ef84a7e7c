package payone

import (
	"net/http"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// bankPath is the page of the bank, or of the wallet, at which a payment waits.
func bankPath(c *provider.Call, payment *provider.Entity[Payment]) string {
	return pagePath(c.Base(), payment.Data.LinkID) + "/auth/" + payment.ID()
}

// pagePayment finds the link and the payment of a bank's page.
func pagePayment(c *provider.Call) (*provider.Entity[Link], *provider.Entity[Payment], error) {
	e, err := pageLink(c)
	if err != nil {
		return nil, nil, err
	}
	payment, err := payments.Get(c, c.Params["paymentProcess"])
	if err == nil && (payment == nil || payment.Data.LinkID != e.ID()) {
		err = problem.New(problem.NotFound, "", "There is no such payment of this link")
	}
	return e, payment, err
}

// openBank is the bank's page, as long as the bank waits for the shopper.
func (p *payone) openBank(c *provider.Call) (provider.Reply, error) {
	e, payment, err := pagePayment(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if payment.State() != redirected {
		return goOn(c, e, payment), nil
	}
	return p.showBank(c, e, payment)
}

// chooseAtBank is every button of the bank's page. A shopper who presses one again goes where the first led.
func (p *payone) chooseAtBank(c *provider.Call) (provider.Reply, error) {
	e, payment, err := pagePayment(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if err := c.CheckFormToken(decisionOf(payment), c.FormValue("token")); err != nil {
		return provider.Reply{}, err
	}
	if payment.State() != redirected {
		return goOn(c, e, payment), nil
	}
	act := pages.ReadChoice(c.FormValue).Do
	if act != pages.DoApprove && act != pages.DoDecline && act != pages.DoCancel {
		return p.showBank(c, e, payment)
	}
	if err := p.decide(c, payment, act, c.FormValue("bankUser")); err != nil {
		return provider.Reply{}, err
	}
	return p.afterDecision(c, e, payment, act)
}

// afterDecision sends the shopper on. One who cancelled goes back; a user who answers nothing stays.
func (p *payone) afterDecision(c *provider.Call, e *provider.Entity[Link], payment *provider.Entity[Payment], act string) (provider.Reply, error) {
	t := speak(e.Data.Language)
	switch {
	case payment.State() == redirected:
		return p.screens.notice(e.Data, pages.Waiting, t.Unanswered, pages.Link{Label: t.ToBank, URL: bankPath(c, payment)})
	case payment.State() == failed && act == pages.DoCancel:
		return leave(c, e, e.Data.BackURL), nil
	}
	return goOn(c, e, payment), nil
}

// decisionOf is what the anti-forgery token of the bank's form is for.
func decisionOf(payment *provider.Entity[Payment]) string { return "payone/decide/" + payment.ID() }

func (p *payone) showBank(c *provider.Call, e *provider.Entity[Link], payment *provider.Entity[Payment]) (provider.Reply, error) {
	t, d := speak(e.Data.Language), payment.Data
	name, text := t.at(d)
	shell := pages.Shell{Title: name, Brand: name, Theme: theme + "-bank", Language: t.Language, Words: t.Layout}
	page, err := p.screens.bank.Dress(shell, pages.Bank{
		Name: name, Text: text, Action: bankPath(c, payment), Token: c.FormToken(decisionOf(payment)), Login: pages.ByDecision,
		Order:  t.transfer(e.Data, d),
		Ask:    []pages.Field{{Name: "bankUser", Label: t.BankUser, Optional: true, Quiet: true}},
		Labels: pages.Labels{Approve: t.Approve, Decline: t.Decline, Cancel: t.Cancel},
		About:  t.TestData + ": " + t.BankUser,
		Tests:  []pages.Line{{Name: "approve", Value: t.UserApproves}, {Name: "decline", Value: t.UserDeclines}, {Name: "abandon", Value: t.UserAbandons}},
	})
	return framed(http.StatusOK, shell, page, err)
}

// at is who shows the page, and what for.
func (t *texts) at(d *Payment) (name, text string) {
	switch methods[d.Method].clearing {
	case byCard:
		return "Mock Bank", t.Secure
	case byWallet:
		return t.named(d.Method), t.AtWallet
	}
	if d.Bank != "" {
		return d.Bank, t.AtBank
	}
	return t.named(d.Method), t.AtBank
}

// transfer is what is to be approved.
func (t *texts) transfer(l *Link, d *Payment) []pages.Line {
	lines := []pages.Line{{Name: t.Amount, Value: t.Numbers.money(d.Price, d.Currency)}, {Name: t.To, Value: t.merchant(l)}}
	if d.Last4 != "" {
		lines = append(lines, pages.Line{Name: t.Card, Value: t.named(d.Method) + " " + dots + d.Last4})
	}
	return append(lines, pages.Line{Name: t.Reference, Value: l.Reference})
}

// dots stand for the digits that nobody keeps.
const dots = "•••• "
