package finqlink

import (
	"cmp"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/fake"
	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const accounts provider.Kind[Account] = "account"

// byConsent lists what belongs to a consent: its accounts in their order, its balances latest first.
const byConsent = "consent"

// Account is an account of a bank's customer, as one consent shows it. Its id is the consent's own; the book behind it
// is the same in every consent.
type Account struct {
	ConsentID string `json:"consent_id"`
	Place     int    `json:"place"` // among the consent's accounts, from 1
	BankID    string `json:"servicer_id"`
	IBAN      string `json:"iban"`
	Name      string `json:"name"`
	Book      book   `json:"book"`

	Since    time.Time   `json:"since"`               // transactions from before are not shown
	LoadedAt time.Time   `json:"loaded_at"`           // when a job last read it
	Balanced time.Time   `json:"balanced,omitzero"`   // when a job last read its balances
	Fetched  []time.Time `json:"fetched_at,omitzero"` // when jobs read its transactions and found something new
}

func accountKind() provider.KindDef {
	return accounts.Define(provider.Def[Account]{
		Parent: string(consents),
		State:  func(*Account, time.Time) string { return "open" },
		Index: func(e *provider.Entity[Account]) []provider.Index {
			return []provider.Index{{Name: byConsent, Key: provider.Key{}.Text(e.Data.ConsentID).Number(uint64(e.Data.Place))}}
		},
	})
}

// accountsOf are the accounts that jobs have brought to a consent, in their order.
func accountsOf(c *provider.Call, consent string) (found []*provider.Entity[Account], err error) {
	err = accounts.List(c, byConsent, provider.Range{Prefix: provider.Key{}.Text(consent)}, func(e *provider.Entity[Account]) (bool, error) {
		found = append(found, e)
		return true, nil
	})
	return found, err
}

// holding is an account as the bank has it.
type holding struct {
	account
	book book
}

// holdings are the accounts of the customer who gave a consent. The bank's own test user has those of the fixtures,
// where these are of the owner that the consent is about; everybody else has one in lei and one in euro, the same ones
// at each time.
func (f *finqlink) holdings(c *provider.Call, consent *Consent, rate int) ([]holding, error) {
	if consent.Payer == nil || f.banks.bank(consent.Payer.ID) == nil {
		return nil, problem.New(problem.Conflict, "", "The consent names no bank, so there are no accounts to read")
	}
	b := f.banks.bank(consent.Payer.ID)
	owner, user := cmp.Or(consent.Filter.Owner, b.AIS[0]), consent.user()
	held := b.fixed(user, owner)
	if held == nil {
		held = b.invented(c, user, owner)
	}
	found := make([]holding, len(held))
	for i, a := range held {
		seed := fake.Seed(c.Named("book/" + a.IBAN).UUID())
		found[i] = holding{account: a, book: book{Seed: seed, Owner: owner, Currency: a.Currency, Rate: rate}}
	}
	return found, nil
}

// user is who gave the consent: by a login, or at least by a PSU ID; empty where nobody is known.
func (d *Consent) user() string {
	if d.SCA != nil && d.SCA.User != "" {
		return d.SCA.User
	}
	return d.PSUID
}

// fixed are the accounts that the fixtures give a user; nil where they give none. Nobody stands for the bank's first
// user: so does a consent that was given without a login, by a story or by the control API.
func (b *bank) fixed(user, owner string) []account {
	if owner != b.AIS[0] {
		return nil
	}
	for _, u := range b.Users {
		if user == "" || user == u.PSUID || user == u.Name {
			return u.Accounts
		}
	}
	return nil
}

// invented are the accounts of a user whom no fixture knows.
func (b *bank) invented(c *provider.Call, user, owner string) []account {
	source := fake.New(fake.Seed(c.Named("customer/" + b.ID + "/" + owner + "/" + user).UUID()))
	bank := (*b.BIC)[:4]
	return []account{
		{IBAN: source.IBAN(bank), Currency: "RON", Name: "Cont curent"},
		{IBAN: source.IBAN(bank), Currency: "EUR", Name: "Cont curent EUR"},
	}
}

// kind is what the bank calls the account.
func (a *Account) kind() string {
	if a.Book.Owner == corporate {
		return "Business current account"
	}
	return "Personal current account"
}

const currentAccount = "CurrentAccount"

// accountView is an account as the API shows it.
type accountView struct {
	ID       string      `json:"id"`
	Servicer string      `json:"servicer_id"`
	BankName string      `json:"servicer_name"`
	At       string      `json:"timestamp"`
	Data     accountData `json:"data"`
}

type accountData struct {
	Schemes  []accountScheme  `json:"account_schemes"`
	Type     string           `json:"account_type"`
	SubType  string           `json:"account_sub_type"`
	Currency string           `json:"currency"`
	Name     string           `json:"name"`
	Nickname *string          `json:"nickname"`
	Balances []accountBalance `json:"balances"`
}

type accountScheme struct {
	Name string `json:"scheme_name"`
	ID   string `json:"identification"`
}

type accountBalance struct {
	Amount    string `json:"balance_amount"`
	Currency  string `json:"balance_currency"`
	Type      string `json:"balance_type"`
	Limit     bool   `json:"credit_limit_included"`
	Direction string `json:"credit_debit_indicator"`
}

// view shows an account with its balances as the last job that read them found them.
func (f *finqlink) accountView(e *provider.Entity[Account]) accountView {
	a := e.Data
	v := accountView{
		ID: e.ID(), Servicer: a.BankID, BankName: f.banks.bank(a.BankID).Name, At: stamp(a.LoadedAt),
		Data: accountData{
			Schemes: []accountScheme{{"IBAN", a.IBAN}}, Type: a.kind(), SubType: currentAccount,
			Currency: a.Book.Currency, Name: a.Name, Balances: []accountBalance{},
		},
	}
	if a.Balanced.IsZero() {
		return v
	}
	for _, s := range a.Book.sums(a.Balanced) {
		amount, direction := unsigned(s.amount, a.Book.Currency)
		v.Data.Balances = append(v.Data.Balances, accountBalance{Amount: amount, Currency: a.Book.Currency, Type: s.kind, Direction: direction})
	}
	return v
}

// unsigned writes a sum as the API does: without a sign, and with its direction beside it.
func unsigned(amount int64, currency string) (text, direction string) {
	direction = credit
	if amount < 0 {
		amount, direction = -amount, debit
	}
	return strings.ReplaceAll(money.FormatMinor(amount, currency), ",", ""), direction
}

const (
	credit = "credit"
	debit  = "debit"
)

type accountFilter struct {
	Currency string `json:"currency"`
	Type     string `json:"account_type"`
	SubType  string `json:"account_sub_type"`
}

func (f accountFilter) passes(a *Account) bool {
	return (f.Currency == "" || f.Currency == a.Book.Currency) &&
		(f.Type == "" || f.Type == a.kind()) &&
		(f.SubType == "" || f.SubType == currentAccount)
}

func (f *finqlink) listAccounts(c *provider.Call) (provider.Reply, error) {
	var body struct {
		ConsentID string        `json:"consent_id"`
		Filter    accountFilter `json:"filter"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	head, _, err := openData(c, body.ConsentID)
	if err != nil {
		return provider.Reply{}, err
	}
	all, err := accountsOf(c, body.ConsentID)
	views := []accountView{}
	for _, e := range all {
		if body.Filter.passes(e.Data) {
			views = append(views, f.accountView(e))
		}
	}
	return provider.Reply{Body: struct {
		dataReply
		Accounts []accountView `json:"accounts"`
	}{head, views}}, err
}
