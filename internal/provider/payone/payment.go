package payone

import (
	"time"

	"github.com/mockbank/mockbank/internal/provider"
)

const payments provider.Kind[Payment] = "payment"

// The states of a payment that code looks at; the law has more.
const (
	started    = "started"
	redirected = "redirected"
	pending    = "pending"
	appointed  = "appointed"
	failed     = "failed"
)

// Payment is what the execution of a link began, as it is stored, and as expressions of scenario files see it. Its
// id is the link's paymentProcess.
type Payment struct {
	LinkID   string    `json:"linkId"`
	UserID   string    `json:"userId"` // the merchant's, or assigned
	Method   string    `json:"paymentMethod"`
	Intent   string    `json:"intent"`
	Currency string    `json:"currency"`
	Price    int64     `json:"price"`               // in minor units, as all amounts here
	Last4    string    `json:"last4,omitzero"`      // of the card
	Bank     string    `json:"bank,omitzero"`       // that the shopper chose
	Redirect bool      `json:"redirect"`            // it leads to a bank's page
	Reason   string    `json:"reasonCode,omitzero"` // why it is pending, or failed
	Invoice  *invoiced `json:"invoice,omitzero"`    // that PAYONE would send
	Bookings []booking `json:"bookings"`
}

// invoiced is an invoice: to whom it goes, and what the merchant has on it.
type invoiced struct {
	To string `json:"to"`
	InvoiceInfo
}

// invoice is nil where the link names nobody to send it to.
func (l *Link) invoice() *invoiced {
	switch {
	case l.Email == "":
		return nil
	case l.Invoice == nil:
		return &invoiced{To: l.Email}
	}
	return &invoiced{To: l.Email, InvoiceInfo: *l.Invoice}
}

func (p *payone) paymentKind() provider.KindDef {
	return payments.Define(provider.Def[Payment]{
		Parent: string(links), Act: p.actOnPayment,
		Effects: map[string]func(*provider.Call, *provider.Entity[Payment]) error{
			"book_pending":     books(actionAppointed, unsettled),
			"book_appointed":   books(actionAppointed, completed),
			"book_capture":     books(actionCapture, completed),
			"book_paid":        books(actionPaid, completed),
			"book_underpaid":   books(actionUnderpaid, completed),
			"book_failed":      books(actionFailed, completed),
			"book_cancelation": books(actionCancelation, completed),
			"book_refund":      books(actionRefund, completed),
		},
	})
}

func books(action, status string) func(*provider.Call, *provider.Entity[Payment]) error {
	return func(c *provider.Call, e *provider.Entity[Payment]) error {
		e.Data.book(action, status, c.Now())
		return nil
	}
}

// The actions, as TransactionStatus calls them.
const (
	actionAppointed   = "appointed"
	actionCapture     = "capture"
	actionPaid        = "paid"
	actionUnderpaid   = "underpaid"
	actionFailed      = "failed"
	actionCancelation = "cancelation"
	actionRefund      = "refund"
)

// Whether an action is done or waits for an answer.
const (
	completed = "completed"
	unsettled = "pending"
)

// booking is one event of money. Receivable is what the shopper owes in all after it, and Balance what of that has
// not come.
type booking struct {
	Sequence   int       `json:"sequence"` // 0 for the first
	Action     string    `json:"action"`
	Status     string    `json:"status"`
	At         time.Time `json:"at"`
	Receivable int64     `json:"receivable"`
	Balance    int64     `json:"balance"`
}

// book adds a booking. What it leaves owed and unpaid follows from the price alone, whatever was booked before.
func (p *Payment) book(action, status string, at time.Time) {
	owed, received := p.Price, int64(0)
	switch action {
	case actionAppointed:
		if p.Intent == preauthorization {
			owed = 0
		}
	case actionPaid:
		received = p.Price
	case actionUnderpaid:
		received = p.Price - min(p.Price, unit(p.Currency))
	case actionFailed, actionRefund:
		owed = 0
	}
	p.Bookings = append(p.Bookings, booking{
		Sequence: len(p.Bookings), Action: action, Status: status, At: at, Receivable: owed, Balance: owed - received,
	})
}

// last finds the latest booking of an action.
func (p *Payment) last(action string) booking {
	for i := len(p.Bookings) - 1; i >= 0; i-- {
		if p.Bookings[i].Action == action {
			return p.Bookings[i]
		}
	}
	return booking{Action: action, Status: completed}
}

// use notes on the link that it was executed.
func (l *Link) use(payment *provider.Entity[Payment], at time.Time) {
	l.PaymentProcess, l.PaymentMethod, l.ExecutedAt = payment.ID(), payment.Data.Method, at
	l.AssignedUser, l.Redirected = payment.Data.UserID, payment.State() == redirected
}
