package linkmoney

import (
	"strings"

	"github.com/mockbank/mockbank/internal/provider"
)

const accounts provider.Kind[Account] = "account"

// Account is one of a customer's accounts, as it is stored. Its id is the accountId.
type Account struct {
	Customer  string `json:"customerId"`
	Bank      int    `json:"financialInstitutionId"`
	BankName  string `json:"financialInstitutionName"`
	BankSort  string `json:"bankSort"`
	Logo      string `json:"logo"`
	Type      string `json:"accountType"`
	Number    string `json:"accountNumber"`
	Owner     string `json:"ownerName"`
	Preferred bool   `json:"preferred"` // the one that payments are made from and to
	Verified  bool   `json:"verified"`  // linked for the product VERIFY
}

const byCustomer = "customer"

func accountKind() provider.KindDef {
	return accounts.Define(provider.Def[Account]{
		Parent: string(customers),
		Index: func(e *provider.Entity[Account]) []provider.Index {
			return []provider.Index{{Name: byCustomer, Key: provider.Key{}.Text(e.Data.Customer).Time(e.Created()).Text(e.ID())}}
		},
		Effects: map[string]func(*provider.Call, *provider.Entity[Account]) error{
			"join_customer":  joinCustomer,
			"leave_customer": leaveCustomer,
		},
	})
}

// accountsOf lists a customer's accounts, the oldest first.
func accountsOf(c *provider.Call, customer string) ([]*provider.Entity[Account], error) {
	var all []*provider.Entity[Account]
	err := accounts.List(c, byCustomer, provider.Range{Prefix: provider.Key{}.Text(customer)}, func(e *provider.Entity[Account]) (bool, error) {
		all = append(all, e)
		return true, nil
	})
	return all, err
}

// preferredAccount is the one that payments are made from and to; nil where the customer has none.
func preferredAccount(c *provider.Call, customer string) (*provider.Entity[Account], error) {
	all, err := accountsOf(c, customer)
	for _, account := range all {
		if account.Data.Preferred {
			return account, err
		}
	}
	return nil, err
}

// prefer has payments made from and to one account.
func prefer(c *provider.Call, chosen *provider.Entity[Account]) error {
	all, err := accountsOf(c, chosen.Data.Customer)
	for _, account := range all {
		account.Data.Preferred = account.ID() == chosen.ID()
		accounts.Update(c, account)
	}
	return err
}

// offerAccount notes the account that is to be chosen: the first one, until the customer says another. In a story
// without a person the bank is the first that the e-mail may be used with.
func (l *linkmoney) offerAccount(c *provider.Call, s *provider.Entity[Session]) error {
	customer, err := customers.Get(c, s.Data.Customer)
	if err != nil || customer == nil {
		return err
	}
	bank, known := l.banks.institution(s.Data.Bank)
	if !known {
		bank = l.banks.usual(customer.Data.BankSort)
		s.Data.Bank = bank.ID
	}
	name, err := accounts.Next(c)
	if err != nil {
		return err
	}
	first := accountsAt(c, customer, bank)[0]
	made, err := accounts.Create(c, name, name.UUID(), &Account{
		Customer: customer.ID(), Bank: bank.ID, BankName: bank.Name, BankSort: bank.sort(), Logo: bank.Logo, Type: first.Type, Number: first.Number,
		Owner: s.Data.FirstName + " " + s.Data.LastName, Verified: s.Data.Product == productVerify,
	}, provider.ChildOf(customer), provider.MadeBy(s.Client()))
	if err != nil {
		return err
	}
	s.Data.Account = made.ID()
	return nil
}

// take notes which account the customer chose. One that was linked before is taken again.
func take(c *provider.Call, s *provider.Entity[Session], chosen bankAccount) error {
	offered, err := accounts.Get(c, s.Data.Account)
	if err != nil || offered == nil {
		return err
	}
	offered.Data.Type, offered.Data.Number = chosen.Type, chosen.Number
	accounts.Update(c, offered)
	return nil
}

// linkAccount joins the account to its customer, who can pay from now on, and makes the payment that the session carries.
// The customer follows the session's story.
func linkAccount(c *provider.Call, s *provider.Entity[Session]) error {
	customer, err := customers.Get(c, s.Data.Customer)
	if err != nil || customer == nil {
		return err
	}
	account, err := settleAccount(c, s)
	if err != nil || account == nil {
		return err
	}
	if customer.Scenario() != s.Scenario() {
		if err := customers.Retell(c, customer, s.Scenario()); err != nil {
			return err
		}
	}
	customer.Data.Product, customer.Data.BankSort = s.Data.Product, account.Data.BankSort
	customers.Update(c, customer)
	if customer.State() != active {
		if err := customers.Fire(c, customer, "activate"); err != nil {
			return err
		}
	}
	if err := activate(c, account); err != nil {
		return err
	}
	return payAutomatically(c, s, customer)
}

// settleAccount is the account that is linked: the one that was offered, or that which the customer has of this bank and
// number already.
func settleAccount(c *provider.Call, s *provider.Entity[Session]) (*provider.Entity[Account], error) {
	offered, err := accounts.Get(c, s.Data.Account)
	if err != nil || offered == nil {
		return nil, err
	}
	all, err := accountsOf(c, s.Data.Customer)
	for _, known := range all {
		same := known.Data.Bank == offered.Data.Bank && known.Data.Number == offered.Data.Number
		if known.ID() == offered.ID() || !same || known.State() == created || known.State() == abandon {
			continue
		}
		s.Data.Account, known.Data.Verified = known.ID(), offered.Data.Verified
		accounts.Update(c, known)
		return known, accounts.Delete(c, offered)
	}
	return offered, err
}

// activate has payments made from and to an account.
func activate(c *provider.Call, account *provider.Entity[Account]) error {
	if account.State() != active {
		if err := accounts.Fire(c, account, "activate"); err != nil {
			return err
		}
	}
	return prefer(c, account)
}

// abandonAccount is what becomes of an account when the customer leaves instead of choosing.
func abandonAccount(c *provider.Call, s *provider.Entity[Session]) error {
	account, err := accounts.Get(c, s.Data.Account)
	if err != nil || account == nil || account.State() != created {
		return err
	}
	return accounts.Fire(c, account, "abandon")
}

// joinCustomer tells of an account as an event of its customer, so that notifications about one customer stay in order.
func joinCustomer(c *provider.Call, account *provider.Entity[Account]) error {
	return tellCustomer(c, account, "link_account")
}

// leaveCustomer is the loss of an account. Another one is preferred then; with the last the customer is lost.
func leaveCustomer(c *provider.Call, account *provider.Entity[Account]) error {
	if err := tellCustomer(c, account, "lose_account"); err != nil {
		return err
	}
	preferred := account.Data.Preferred
	account.Data.Preferred = false
	all, err := accountsOf(c, account.Data.Customer)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID() == account.ID() || other.State() != active {
			continue
		}
		if preferred {
			return prefer(c, other)
		}
		return nil
	}
	return tellCustomer(c, account, "deactivate")
}

// tellCustomer fires an event of an account's customer who can pay; of another one there is nothing to tell.
func tellCustomer(c *provider.Call, account *provider.Entity[Account], event string) error {
	customer, err := customers.Get(c, account.Data.Customer)
	if err != nil || customer == nil || customer.State() != active {
		return err
	}
	return customers.Fire(c, customer, event)
}

// accountSummary is what a customer shows of the preferred account.
type accountSummary struct {
	BankName  string `json:"financialInstitutionName"`
	LastFour  string `json:"accountLastFourDigits"`
	Type      string `json:"accountType"`
	Status    string `json:"accountStatus"`
	Preferred bool   `json:"preferred"`
	Created   string `json:"creationDate"`
}

func summarise(e *provider.Entity[Account]) accountSummary {
	return accountSummary{
		BankName: e.Data.BankName, LastFour: e.Data.lastFour(), Type: e.Data.Type, Status: strings.ToUpper(e.State()),
		Preferred: e.Data.Preferred, Created: stamp(e.Created()),
	}
}

func (a *Account) lastFour() string { return bankAccount{Number: a.Number}.lastFour() }

// accountView is an account in the list that the SDK reads.
type accountView struct {
	ID        string `json:"accountId"`
	Created   string `json:"creationDate"`
	Bank      int    `json:"financialInstitutionId"`
	BankName  string `json:"financialInstitutionName"`
	Preferred bool   `json:"preferred"`
	LastFour  string `json:"accountLastFourDigits"`
	Status    string `json:"accountStatus"`
	Type      string `json:"accountType"`
	Icon      string `json:"iconUrl"`
	Logo      string `json:"logoUrl"`

	Number  string `json:"accountNumber,omitzero"`
	Routing string `json:"routingNumber,omitzero"`
	Owner   string `json:"ownerName,omitzero"`
}

func viewAccount(c *provider.Call, e *provider.Entity[Account]) accountView {
	a, logo := e.Data, staticBase(c)+logoPath(e.Data.Logo)
	return accountView{
		ID: e.ID(), Created: stamp(e.Created()), Bank: a.Bank, BankName: a.BankName, Preferred: a.Preferred, LastFour: a.lastFour(),
		Status: strings.ToUpper(e.State()), Type: a.Type, Icon: logo, Logo: logo,
	}
}

type accountsReply struct {
	Accounts []accountView `json:"accountDetails"`
}

// listAccounts is the public list, which the SDK reads.
func listAccounts(c *provider.Call) (provider.Reply, error) { return showAccounts(c, false) }

// listOwnAccounts is the merchant's list, with what verifies an account that was linked for that.
func listOwnAccounts(c *provider.Call) (provider.Reply, error) { return showAccounts(c, true) }

func showAccounts(c *provider.Call, verify bool) (provider.Reply, error) {
	customer, err := ownCustomer(c, c.Params["customerId"])
	if err != nil {
		return provider.Reply{}, err
	}
	all, err := accountsOf(c, customer.ID())
	reply := accountsReply{Accounts: []accountView{}}
	for _, e := range all {
		view := viewAccount(c, e)
		if verify && e.Data.Verified {
			view.Number, view.Routing, view.Owner = e.Data.Number, routingNumber, e.Data.Owner
		}
		reply.Accounts = append(reply.Accounts, view)
	}
	return provider.Reply{Body: reply}, err
}
