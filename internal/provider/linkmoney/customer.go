package linkmoney

import (
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const customers provider.Kind[Customer] = "customer"

// The states of customers and accounts; both are created first.
const (
	active   = "active"
	inactive = "inactive"
	abandon  = "abandon" // of accounts
)

// Customer is whose accounts are linked, as it is stored. Its id is the customerId.
type Customer struct {
	Merchant  string `json:"merchant"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Email     string `json:"email"`
	Product   string `json:"product,omitzero"`  // of the last linking
	BankSort  string `json:"bankSort,omitzero"` // of the banks that the e-mail was used with: finbank or real
}

const byEmail = "email"

func customerKind() provider.KindDef {
	return customers.Define(provider.Def[Customer]{
		Parent: string(sessions),
		Index: func(e *provider.Entity[Customer]) []provider.Index {
			return []provider.Index{{Name: byEmail, Unique: true, Key: emailKey(e.Data.Merchant, e.Data.Email)}}
		},
		Effects: map[string]func(*provider.Call, *provider.Entity[Customer]) error{"disconnect_accounts": disconnectAccounts},
	})
}

func emailKey(merchant, email string) provider.Key {
	return provider.Key{}.Text(merchant).Text(strings.ToLower(email))
}

// customerFor finds the merchant's customer of the session's e-mail, or makes one.
func customerFor(c *provider.Call, s *provider.Entity[Session]) (*provider.Entity[Customer], error) {
	known, err := customers.Find(c, byEmail, emailKey(s.Data.Merchant, s.Data.Email))
	if err != nil || known != nil {
		return known, err
	}
	name, err := customers.Next(c)
	if err != nil {
		return nil, err
	}
	data := &Customer{Merchant: s.Data.Merchant, FirstName: s.Data.FirstName, LastName: s.Data.LastName, Email: s.Data.Email}
	return customers.Create(c, name, name.UUID(), data, provider.ChildOf(s))
}

// ownCustomer finds a customer of the calling merchant.
func ownCustomer(c *provider.Call, id string) (*provider.Entity[Customer], error) {
	e, err := customers.Get(c, id)
	if err == nil && (e == nil || e.Data.Merchant != merchant(c)) {
		err = problem.New(problem.NotFound, "", "There is no such customer")
	}
	return e, err
}

// disconnectAccounts has a customer lose all accounts; the last one takes the customer along.
func disconnectAccounts(c *provider.Call, customer *provider.Entity[Customer]) error {
	all, err := accountsOf(c, customer.ID())
	if err != nil {
		return err
	}
	for _, account := range all {
		if account.State() != active {
			continue
		}
		if err := accounts.Fire(c, account, "deactivate"); err != nil {
			return err
		}
	}
	return nil
}

type customerView struct {
	ID        string          `json:"id"`
	FirstName string          `json:"firstName"`
	LastName  string          `json:"lastName"`
	Email     string          `json:"email"`
	Status    string          `json:"customerStatus"`
	Created   string          `json:"creationDate"`
	Account   *accountSummary `json:"accountDetails,omitzero"`
}

func getCustomer(c *provider.Call) (provider.Reply, error) {
	e, err := ownCustomer(c, c.Params["customerId"])
	if err != nil {
		return provider.Reply{}, err
	}
	view := customerView{
		ID: e.ID(), FirstName: e.Data.FirstName, LastName: e.Data.LastName, Email: e.Data.Email,
		Status: strings.ToUpper(e.State()), Created: stamp(e.Created()),
	}
	account, err := preferredAccount(c, e.ID())
	if account != nil {
		summary := summarise(account)
		view.Account = &summary
	}
	return provider.Reply{Body: view}, err
}
