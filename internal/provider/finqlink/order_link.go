package finqlink

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// linkOrder is a payment link as pages and redirects take it.
type linkOrder struct{ entity[Link] }

func orderLink(e *provider.Entity[Link]) linkOrder { return linkOrder{entity[Link]{e, links}} }

func (o linkOrder) common() *flow { return &o.Data.flow }
func (o linkOrder) settled() bool { return settledLink(o.State()) }

func (o linkOrder) words() words {
	return words{thing: "payment link", person: "payer", id: linkID, confirm: "pay", accepted: intentAccepted}
}

func (o linkOrder) cancel(c *provider.Call) error { return decide(c, o, "cancel") }

func (o linkOrder) summary(t *texts, base string) summary {
	l := o.Data
	s := summary{Title: fmt.Sprintf(t.PaymentTo, l.Transfer.CreditorName), Amount: t.money(l.Transfer.Amount, l.Transfer.Currency), QR: l.qrURL(base)}
	s.add(t.ToAccount, printed(l.Transfer.CreditorIBAN))
	s.add(t.Details, l.Transfer.Details)
	s.add(t.From, printed(l.Transfer.DebtorIBAN))
	for _, g := range l.Transfer.Goods {
		g.Amount = t.money(g.Amount, l.Transfer.Currency)
		s.Goods = append(s.Goods, g)
	}
	return s
}

func (o linkOrder) sayings(t *texts) sayings {
	return sayings{Confirm: t.Pay, NoBank: t.NoBank, Asking: t.Asking, AtBank: t.AtBank}
}

func (o linkOrder) ending(t *texts, n *pages.Notice) (waits bool) {
	n.Tone = pages.Bad
	switch o.State() {
	case failed:
		n.Title, n.Text = t.Failed.Title, t.reason(o.Data.FailureMessage, o.Data.FailureCode)
	case revoked:
		n.Title, n.Text = t.Withdrawn.Title, t.Withdrawn.Text
	case fundsRejected:
		n.Title, n.Text = t.CameBack.Title, t.CameBack.Text
	case received, submitted:
		n.Tone, n.Title, n.Text = pages.Good, t.Taken.Title, t.Taken.Text
		return true
	default:
		n.Tone, n.Title, n.Text = pages.Good, t.Done.Title, t.Done.Text
	}
	return false
}

// offers are the method that was chosen with the link, or those that fit. /test knows the sandbox only.
func (o linkOrder) offers(f *finqlink, t *texts) []offer {
	fitting := f.banks.fitting(o.Data.Filter, &o.Data.Transfer)
	if m, ok := f.banks.method(o.Data.MethodID); ok {
		fitting = []method{m}
	}
	var offered []offer
	for _, m := range fitting {
		if knowsEnv(o.Data.APIVersion, m.env) {
			offered = append(offered, offer{id: m.id(), bank: m.bank, about: t.about(m)})
		}
	}
	return offered
}

func (o linkOrder) psuID() string { return o.Data.Transfer.PSUID }

func (o linkOrder) due(t *texts) []pages.Line {
	order := &o.Data.Transfer
	return []pages.Line{{Name: t.Amount, Value: t.money(order.Amount, order.Currency)}, {Name: t.To, Value: order.CreditorName}, {Name: t.ToAccount, Value: printed(order.CreditorIBAN)}}
}

// accounts are the one that the link names, or those of the bank's customers in the currency of the payment.
func (o linkOrder) accounts(b *bank, t *texts) []pages.Account {
	order := &o.Data.Transfer
	if order.DebtorIBAN != "" {
		return []pages.Account{{IBAN: order.DebtorIBAN, Name: t.OrderAccount}}
	}
	var found []pages.Account
	for _, u := range b.Users {
		for _, a := range u.Accounts {
			if a.Currency == order.Currency {
				found = append(found, pages.Account{IBAN: a.IBAN, Name: a.Name})
			}
		}
	}
	return found
}

// useAccount has the link paid from an account, where the bank has any to choose from.
func (o linkOrder) useAccount(b *bank, iban string) bool {
	accounts := o.accounts(b, &english)
	for _, account := range accounts {
		if account.IBAN == iban {
			o.Data.Transfer.DebtorIBAN = iban
		}
	}
	return len(accounts) == 0 || o.Data.Transfer.DebtorIBAN != ""
}

func (o linkOrder) draft(f *finqlink) draft {
	return &linkDraft{banks: f.banks, link: o.Data, transfer: o.Data.Transfer}
}

// linkDraft is the transfer as the payer wants it.
type linkDraft struct {
	banks    catalogue
	link     *Link
	transfer transfer
}

// fields are what the link leaves open, and what it lets be edited.
func (d *linkDraft) fields(t *texts) []pages.Field {
	var fields []pages.Field
	order := &d.link.Transfer
	if d.link.Options.UserEditable {
		fields = append(fields,
			pages.Field{Name: "amount", Label: fmt.Sprintf(t.AmountIn, order.Currency), Value: order.Amount, Keys: "decimal"},
			pages.Field{Name: "details", Label: t.Details, Value: order.Details, Optional: true, May: t.Optional})
	}
	if order.DebtorIBAN == "" {
		fields = append(fields, pages.Field{Name: "debtor_iban", Label: t.YourIBAN, Optional: true, May: t.Optional, Hint: t.YourIBANHint})
	}
	if order.PSUID == "" {
		fields = append(fields, t.psuField())
	}
	return fields
}

func (d *linkDraft) take(t *texts, name, value string) string {
	order := &d.transfer
	switch name {
	case "amount":
		value = strings.Replace(value, t.Point, ".", 1)
		if !amountForm.MatchString(value) || strings.Trim(value, "0.") == "" {
			return t.BadAmount
		}
		order.Amount = value
	case "details":
		if utf8.RuneCountInString(value) > longestDetails {
			return t.LongDetails
		}
		order.Details = value
	case "debtor_iban":
		iban := money.NormaliseIBAN(value)
		if iban != "" && !money.ValidIBAN(iban) {
			return t.BadIBAN
		}
		order.DebtorIBAN = iban
	case psuField:
		order.PSUID = value
		return t.checkPSUID(value)
	}
	return ""
}

func (d *linkDraft) fits(methodID string) bool {
	m, ok := d.banks.method(methodID)
	return ok && m.fits(&d.transfer) == nil
}

func (d *linkDraft) keep() { d.link.Transfer = d.transfer }
