package payone

import (
	"fmt"
	"net/http"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// result is what became of a payment.
type result struct {
	T       *texts
	Notice  pages.Notice
	Order   orderView
	Invoice *invoice // that PAYONE would have sent
}

type invoice struct{ Sent, Number, Text string }

// openDone is the result, where the merchant has no page for it. Of a link that was not used it is the link's page.
func (p *payone) openDone(c *provider.Call) (provider.Reply, error) {
	e, err := pageLink(c)
	if err != nil {
		return provider.Reply{}, err
	}
	payment, err := payments.Get(c, e.Data.PaymentProcess)
	if err != nil || payment == nil {
		return provider.SeeOther(pagePath(c.Base(), e.ID())), err
	}
	if payment.State() == redirected {
		return provider.SeeOther(bankPath(c, payment)), nil
	}
	t := speak(e.Data.Language)
	data := result{T: t, Notice: t.ending(e.Data, payment), Order: t.order(e.Data)}
	if data.Notice.Tone != pages.Bad {
		data.Invoice = t.invoice(e.Data)
	}
	return p.screens.show(p.screens.done, http.StatusOK, e.Data.shell(data.Notice.Title), data)
}

// ending tells how a payment stands.
func (t *texts) ending(l *Link, payment *provider.Entity[Payment]) pages.Notice {
	tone, what := pages.Good, t.Paid
	switch payment.State() {
	case failed:
		tone, what = pages.Bad, t.Failed
	case started, pending:
		tone, what = pages.Waiting, t.Pending
	}
	method := t.named(l.PaymentMethod)
	if last := payment.Data.Last4; last != "" {
		method += " " + dots + last
	}
	return pages.Notice{Tone: tone, Title: what.Title, Text: what.Text, Lines: []pages.Line{
		{Name: t.Amount, Value: t.Numbers.money(l.Amount, l.Currency)}, {Name: t.To, Value: t.merchant(l)}, {Name: t.PaidWith, Value: method},
		{Name: t.Reference, Value: l.Reference}, {Name: t.Process, Value: payment.ID()},
	}}
}

// invoice is nil where the link names nobody to send it to.
func (t *texts) invoice(l *Link) *invoice {
	if l.Email == "" {
		return nil
	}
	paper := &invoice{Sent: fmt.Sprintf(t.InvoiceSent, l.Email)}
	if info := l.Invoice; info != nil {
		if info.ID != nil {
			paper.Number = *info.ID
		}
		if info.Text != nil {
			paper.Text = *info.Text
		}
	}
	return paper
}
