package payone

import "github.com/mockbank/mockbank/internal/provider"

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
	LinkID   string `json:"linkId"`
	Method   string `json:"paymentMethod"`
	Intent   string `json:"intent"`
	Currency string `json:"currency"`
	Price    int64  `json:"price"`          // in minor units, as all amounts here
	Last4    string `json:"last4,omitzero"` // of the card
	Bank     string `json:"bank,omitzero"`  // that the shopper chose
	Redirect bool   `json:"redirect"`       // the method leads to a bank's page
}

func (p *payone) paymentKind() provider.KindDef {
	return payments.Define(provider.Def[Payment]{Parent: string(links)})
}
