package onelinkfintech

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

var payments = collection[Payment, *Payment]{
	kind: "payment", object: "payment", filters: []string{"status", "recipient"},
	values: func(e *provider.Entity[Payment]) []string { return []string{e.State(), e.Data.Recipient} },
	view:   viewPayment,
}

// The states of a payment that code looks at.
const (
	pending    = "pending"
	processing = "processing"
	failed     = "failed"
)

// Payment is a payment as it is stored, and as expressions of scenario files see it.
type Payment struct {
	Origin
	Amount      int64    `json:"amount"` // in the smallest unit of the currency
	Currency    string   `json:"currency"`
	Sender      string   `json:"sender"`
	Recipient   string   `json:"recipient"`
	Description *string  `json:"description,omitzero"`
	Failure     *failure `json:"failure,omitzero"` // why it fails
}

type failure struct {
	Code    string `json:"code"`
	Message string `json:"message,omitzero"`
}

// failures are the codes, and what is said of each.
var failures = map[string]string{
	bankRejected:               "The recipient's bank rejected the payment",
	"recipient_account_closed": "The recipient's account is closed",
	"compliance_hold":          "The payment was stopped by a compliance check",
	"timeout":                  "The recipient's bank did not answer in time",
}

// bankRejected is why a payment fails where nobody says why.
const bankRejected = "recipient_bank_rejected"

// firstPayment is the number in the id of the first payment of an empty store.
const firstPayment = 123456789

// byAccount finds the payments that are under way from or to an account.
const byAccount = "account"

func paymentKind() provider.KindDef {
	return payments.kind.Define(provider.Def[Payment]{
		Index: func(e *provider.Entity[Payment]) []provider.Index {
			all := payments.places(e)
			if e.State() != pending && e.State() != processing {
				return all
			}
			for _, account := range []string{e.Data.Sender, e.Data.Recipient} {
				all = append(all, provider.Index{Name: byAccount, Key: provider.Key{}.Text(account)})
			}
			return all
		},
		Effects: map[string]func(*provider.Call, *provider.Entity[Payment]) error{
			"credit": creditRecipient,
			"refund": refund,
		},
	})
}

// createPayment takes the amount from the sender and lets the story begin. Nobody else writes meanwhile, so two
// payments can not spend the same money.
func (o *onelink) createPayment(c *provider.Call) (provider.Reply, error) {
	var data Payment
	if err := c.Bind(&data); err != nil {
		return provider.Reply{}, err
	}
	sender, err := o.sender(c, &data)
	if err != nil {
		return provider.Reply{}, err
	}
	if err := debit(c, sender, data.Amount); err != nil {
		return provider.Reply{}, err
	}
	name, err := payments.kind.Next(c)
	if err != nil {
		return provider.Reply{}, err
	}
	data.Platform, data.Number, data.Sender = platform(c), name.Number, sender.ID()
	made, err := payments.kind.Create(c, name, fmt.Sprintf("pay_%09d", firstPayment-1+name.Number), &data)
	if err != nil {
		return provider.Reply{}, err
	}
	return payments.created(made), nil
}

// sender finds the account from which a payment is made, and refuses what can not go from there to the recipient.
func (o *onelink) sender(c *provider.Call, p *Payment) (*provider.Entity[Account], error) {
	to, err := o.beneficiary(c, p.Recipient)
	if err != nil {
		return nil, err
	}
	from, err := accounts.kind.Find(c, bySettlement, listed(platform(c), []string{p.Currency}))
	switch {
	case err != nil:
		return nil, err
	case from == nil:
		return nil, refused("currency_not_supported")
	case from.State() != active:
		return nil, refused("account_not_active")
	case to.account == from.ID():
		return nil, refused("same_account").At("/recipient")
	case !to.open:
		return nil, refused("account_not_active").At("/recipient")
	case to.currency != "" && to.currency != p.Currency:
		return nil, refused("currency_mismatch")
	}
	return from, nil
}

// refused is a refusal by a rule of the business; the dialect knows its words.
func refused(kind string) *problem.Error { return problem.New(problem.Refused, kind, "") }

type paymentView struct {
	ID          string   `json:"id"`
	Object      string   `json:"object"`
	Amount      int64    `json:"amount"`
	Currency    string   `json:"currency"`
	Status      string   `json:"status"`
	Sender      string   `json:"sender"`
	Recipient   string   `json:"recipient"`
	Description *string  `json:"description"`
	CreatedAt   string   `json:"created_at"`
	UpdatedAt   string   `json:"updated_at"`
	Failure     *failure `json:"failure,omitzero"`
	Metadata    metadata `json:"metadata,omitzero"`
}

func viewPayment(e *provider.Entity[Payment], shown metadata) any {
	v := paymentView{
		ID: e.ID(), Object: "payment", Amount: e.Data.Amount, Currency: e.Data.Currency, Status: e.State(),
		Sender: e.Data.Sender, Recipient: e.Data.Recipient, Description: e.Data.Description,
		CreatedAt: stamp(e.Created()), UpdatedAt: stamp(e.Entered()), Metadata: shown,
	}
	if e.State() == failed {
		v.Failure = e.Data.Failure
	}
	return v
}

// creditRecipient brings the amount to the recipient. What goes to a bank account outside leaves the mock.
func creditRecipient(c *provider.Call, e *provider.Entity[Payment]) error {
	if !strings.HasPrefix(e.Data.Recipient, "acc_") {
		return nil
	}
	return pay(c, e.Data.Recipient, e.Data.Amount)
}

// refund gives the amount back to the sender, and says why.
func refund(c *provider.Call, e *provider.Entity[Payment]) error {
	if e.Data.Failure == nil {
		e.Data.Failure = &failure{Code: bankRejected}
	}
	message, ok := failures[e.Data.Failure.Code]
	if !ok {
		known := strings.Join(slices.Sorted(maps.Keys(failures)), ", ")
		return problem.New(problem.Invalid, "bad_failure", "A payment fails with one of the codes "+known).At("/set/failure/code")
	}
	e.Data.Failure.Message = message
	return pay(c, e.Data.Sender, e.Data.Amount)
}

func pay(c *provider.Call, account string, amount int64) error {
	e, err := accounts.kind.Get(c, account)
	if err != nil || e == nil {
		return cmp.Or[error](err, fmt.Errorf("onelinkfintech: a payment names the account %s, which is gone", account))
	}
	return credit(c, e, amount)
}
