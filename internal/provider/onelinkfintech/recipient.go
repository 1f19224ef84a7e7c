package onelinkfintech

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/provider"
)

var recipients = collection[Recipient, *Recipient]{
	kind: "recipient", object: "recipient",
	values: func(*provider.Entity[Recipient]) []string { return nil },
	view:   viewRecipient,
}

// Recipient is a bank account outside, as it is stored.
type Recipient struct {
	Origin
	Name     string  `json:"name"`
	Currency string  `json:"currency"`
	IBAN     string  `json:"iban"`
	Email    *string `json:"email,omitzero"`
}

func recipientKind() provider.KindDef {
	return recipients.kind.Define(provider.Def[Recipient]{Index: recipients.places})
}

func createRecipient(c *provider.Call) (provider.Reply, error) {
	var data Recipient
	if err := c.Bind(&data); err != nil {
		return provider.Reply{}, err
	}
	name, err := recipients.kind.Next(c)
	if err != nil {
		return provider.Reply{}, err
	}
	data.Platform, data.Number = platform(c), name.Number
	made, err := recipients.kind.Create(c, name, fmt.Sprintf("rec_%09d", name.Number), &data)
	if err != nil {
		return provider.Reply{}, err
	}
	return recipients.created(made), nil
}

type recipientView struct {
	ID        string   `json:"id"`
	Object    string   `json:"object"`
	Name      string   `json:"name"`
	Currency  string   `json:"currency"`
	IBAN      string   `json:"iban"`
	Email     *string  `json:"email"`
	Status    string   `json:"status"`
	CreatedAt string   `json:"created_at"`
	UpdatedAt string   `json:"updated_at"`
	Metadata  metadata `json:"metadata,omitzero"`
}

func viewRecipient(e *provider.Entity[Recipient], shown metadata) any {
	return recipientView{
		ID: e.ID(), Object: "recipient", Name: e.Data.Name, Currency: e.Data.Currency, IBAN: e.Data.IBAN, Email: e.Data.Email,
		Status: e.State(), CreatedAt: stamp(e.Created()), UpdatedAt: stamp(e.Entered()), Metadata: shown,
	}
}

// getRecipient answers a recipient of the platform, or a magic one.
func (o *onelink) getRecipient(c *provider.Call) (provider.Reply, error) {
	if i := o.magic(c.Params["id"]); i >= 0 {
		return provider.Reply{Body: o.viewMagic(i)}, nil
	}
	return recipients.get(c)
}

// magic is the place of a magic recipient; -1 for any other.
func (o *onelink) magic(id string) int {
	return slices.IndexFunc(o.Recipients, func(r recipientFixture) bool { return r.ID == id })
}

// viewMagic shows a magic recipient. It takes any currency, and an answer has to name one.
func (o *onelink) viewMagic(i int) recipientView {
	opened := stamp(o.OpenedAt)
	return recipientView{
		ID: o.Recipients[i].ID, Object: "recipient", Name: o.Recipients[i].Holder, Currency: "EUR", IBAN: iban(firstIBAN, 1),
		Status: active, CreatedAt: opened, UpdatedAt: opened,
	}
}

// beneficiary is whom a payment is for.
type beneficiary struct {
	account  string // its id, where it is an account of the platform
	currency string // empty: any
	open     bool   // it may receive
}

// beneficiary finds whom an id means: a magic recipient, an account, or a recipient of the platform.
func (o *onelink) beneficiary(c *provider.Call, id string) (*beneficiary, error) {
	switch {
	case o.magic(id) >= 0:
		return &beneficiary{open: true}, nil
	case strings.HasPrefix(id, "acc_"):
		e, err := accounts.find(c, id)
		if err != nil || e == nil {
			return nil, cmp.Or[error](err, unknown("account", id, "/recipient"))
		}
		return &beneficiary{account: id, currency: e.Data.Currency, open: e.State() != closed}, nil
	}
	e, err := recipients.find(c, id)
	if err != nil || e == nil {
		return nil, cmp.Or[error](err, unknown("recipient", id, "/recipient"))
	}
	return &beneficiary{currency: e.Data.Currency, open: e.State() == active}, nil
}
