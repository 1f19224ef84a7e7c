package payone

import (
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
}

// The inputs of the page that may name a story.
const (
	cardNumber    = "card_number"
	accountHolder = "account_holder"
	bankUser      = "bank_user"
)

// The first numbers: each execution counts both up.
const (
	firstProcess = 700_000_001
	firstUser    = 300_000_001
)

// execute uses the link: it is given its paymentProcess and its user, the payment is made as its child, and the
// first event of that happens, all in the call's transaction. A link that is not ready is a problem.Conflict with
// the code not_ready; a card that is declined so that the shopper may try another is a problem.Refused with the
// code card_declined, and nothing is stored.
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
	process := strconv.FormatUint(firstProcess-1+name.Number, 10)
	l := link.Data
	l.PaymentProcess, l.PaymentMethod, l.ExecutedAt = process, o.Method, c.Now()
	l.AssignedUser = strconv.FormatUint(firstUser-1+name.Number, 10)
	links.Update(c, link)
	return payments.Create(c, name, process, &Payment{
		LinkID: link.ID(), Method: o.Method, Intent: l.Intent, Currency: l.Currency, Price: l.Amount,
		Last4: o.Last4, Bank: o.Bank, Redirect: methods[o.Method].redirect,
	}, provider.ChildOf(link))
}

// decide applies what the shopper did on the bank's page: act is approve, decline or cancel; user is what was
// typed as the bank's user, which may name a story and then decides instead. A payment that waits for no shopper
// is a problem.Conflict.
func (p *payone) decide(c *provider.Call, payment *provider.Entity[Payment], act, user string) error {
	return payments.Fire(c, payment, act)
}
