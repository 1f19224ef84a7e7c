package payone

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// order is what a shopper (or the control API, or the story unattended) executes a link with.
type order struct {
	Method string
	// Input and Value are the page's input that may name a story, such as cardNumber and what was typed. Value is
	// looked at and never kept.
	Input, Value string
	Last4        string // of the card
	Bank         string // that the shopper chose, of a method that asks for it
	AtBank       bool   // the bank asks the shopper, also where the method does without
}

// The inputs of the page that may name a story.
const (
	cardNumber    = "card_number"
	accountHolder = "account_holder"
	bankUser      = "bank_user"
)

// The stories of which code knows more than their names: the ordinary successes, and what a bank's page does.
const (
	approvedDirectly = "card_approved"
	approvedAtBank   = "redirect_approved"
	declinedAtBank   = "redirect_declined"
	abandonedAtBank  = "redirect_abandoned"
)

// The first numbers: each execution counts both up.
const (
	firstProcess = 700_000_001
	firstUser    = 300_000_001
)

// execute uses the link: it is given its paymentProcess and its user, the payment is made as its child, and the
// first event of that happens, all in the call's transaction. A link that is not ready is a problem.Conflict with
// the code not_ready; a card that is declined so that the shopper may try another is a problem.Refused with the
// code card_declined, and nothing is stored but that the next numbers are gone.
func (p *payone) execute(c *provider.Call, link *provider.Entity[Link], o order) (*provider.Entity[Payment], error) {
	if status := link.Data.status(c.Now()); status != ready {
		return nil, problem.Newf(problem.Conflict, "not_ready", "A payment link that is %s can not be paid", status)
	}
	if !slices.Contains(link.Data.Methods, o.Method) {
		return nil, problem.Newf(problem.Invalid, "method_not_offered", "%s is not a payment method of this link", o.Method).At("/paymentMethod")
	}
	name, err := payments.Next(c)
	if err != nil {
		return nil, err
	}
	payment, err := payments.Create(c, name, numbered(firstProcess, name), newPayment(link, name, o),
		provider.ChildOf(link), provider.MadeBy(link.Client()), provider.Following(named(c, o.Input, o.Value)))
	if err != nil {
		return nil, err
	}
	if err := begin(c, payment); err != nil {
		return nil, err
	}
	link.Data.use(payment, c.Now())
	links.Update(c, link)
	return payment, nil
}

func numbered(first uint64, name provider.Name) string {
	return strconv.FormatUint(first-1+name.Number, 10)
}

func newPayment(link *provider.Entity[Link], name provider.Name, o order) *Payment {
	l := link.Data
	return &Payment{
		LinkID: link.ID(), UserID: cmp.Or(l.UserID, numbered(firstUser, name)), Method: o.Method, Intent: l.Intent,
		Currency: l.Currency, Price: l.Amount, Last4: o.Last4, Bank: o.Bank, Redirect: o.AtBank || methods[o.Method].redirect,
		Invoice: l.invoice(),
	}
}

// begin gives the first answer where the story has not given it yet.
func begin(c *provider.Call, payment *provider.Entity[Payment]) error {
	switch {
	case payment.State() != started:
		return nil
	case payment.Data.Redirect:
		return payments.Fire(c, payment, "redirect")
	}
	return payments.Fire(c, payment, "appoint")
}

// named is the story that an input of the page names; empty where it names none, or is but an ordinary success,
// which lets a story that was chosen before go its way.
func named(c *provider.Call, input, value string) string {
	story, ok := payments.Match(c, input, value)
	if !ok || story == approvedDirectly || story == approvedAtBank {
		return ""
	}
	return story
}

// decide applies what the shopper did on the bank's page: act is approve, decline or cancel; user is what was
// typed as the bank's user, which may name a story and then decides instead. A payment that waits for no shopper
// is a problem.Conflict. A story may have the bank not answer at all: then the payment stays as it is.
func (p *payone) decide(c *provider.Call, payment *provider.Entity[Payment], act, user string) error {
	if payment.State() != redirected {
		return problem.Newf(problem.Conflict, "nothing_to_do", "The shopper has nothing to do with a payment that is %s", payment.State())
	}
	story := storyAtBank(c, act, user)
	switch story {
	case approvedAtBank:
		act = approve
	case declinedAtBank:
		act = decline
	}
	if story != "" && story != approvedAtBank {
		if err := payments.Retell(c, payment, story); err != nil {
			return err
		}
	}
	if story == abandonedAtBank {
		return nil
	}
	return payments.Fire(c, payment, act)
}

// storyAtBank is the one that the bank's user names, or else the button: only Decline is one.
func storyAtBank(c *provider.Call, act, user string) string {
	if story, ok := payments.Match(c, bankUser, user); ok {
		return story
	}
	if act == decline {
		return declinedAtBank
	}
	return ""
}
