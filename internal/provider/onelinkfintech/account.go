package onelinkfintech

import (
	"fmt"
	"math"
	"time"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

var accounts = collection[Account, *Account]{
	kind: "account", object: "account", filters: []string{"status", "currency"},
	values: func(e *provider.Entity[Account]) []string { return []string{e.State(), e.Data.Currency} },
	view:   viewAccount,
}

// The states of an account that code looks at.
const (
	active = "active"
	closed = "closed"
)

// Account is an account as it is stored, and as expressions of scenario files see it.
type Account struct {
	Origin
	Currency   string    `json:"currency"`
	Balance    int64     `json:"balance"` // in the smallest unit of the currency
	BalanceAt  time.Time `json:"balance_at,omitzero"`
	Owner      owner     `json:"owner"`
	IBAN       string    `json:"iban"`
	Settlement bool      `json:"settlement,omitzero"` // the platform pays from it
	Deposit    int64     `json:"deposit,omitzero"`    // what the event of that name is to bring
}

type owner struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// firstAccount is the number in the id of the first account of an empty store.
const firstAccount = 123456789

// The account numbers of the first IBAN of each series, at a bank of the German samples.
const (
	firstIBAN       = 370400440532013000
	firstSettlement = 370400440000000001
)

// iban is the IBAN at a place of a series, with its check digits.
func iban(first uint64, place int) string {
	return money.IBAN("DE", fmt.Sprintf("%018d", first+uint64(place)))
}

const bySettlement = "settlement"

func accountKind() provider.KindDef {
	return accounts.kind.Define(provider.Def[Account]{
		Index: func(e *provider.Entity[Account]) []provider.Index {
			all := accounts.places(e)
			if e.Data.Settlement {
				all = append(all, provider.Index{Name: bySettlement, Unique: true, Key: listed(e.Data.Platform, []string{e.Data.Currency})})
			}
			return all
		},
		Effects: map[string]func(*provider.Call, *provider.Entity[Account]) error{
			"deposit":     deposit,
			"check_empty": checkEmpty,
		},
	})
}

func (o *onelink) createAccount(c *provider.Call) (provider.Reply, error) {
	var body struct {
		Currency string            `json:"currency"`
		Owner    owner             `json:"owner"`
		Metadata map[string]string `json:"metadata"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	name, err := accounts.kind.Next(c)
	if err != nil {
		return provider.Reply{}, err
	}
	place := int(name.Number) - 1 - len(o.Accounts)
	made, err := accounts.kind.Create(c, name, fmt.Sprintf("acc_%09d", firstAccount+place), &Account{
		Origin:   Origin{Platform: platform(c), Number: name.Number, Metadata: body.Metadata},
		Currency: body.Currency, Owner: body.Owner, IBAN: iban(firstIBAN, place),
	})
	if err != nil {
		return provider.Reply{}, err
	}
	return accounts.created(made), nil
}

type accountView struct {
	ID        string   `json:"id"`
	Object    string   `json:"object"`
	Currency  string   `json:"currency"`
	Balance   int64    `json:"balance"`
	Status    string   `json:"status"`
	Owner     owner    `json:"owner"`
	IBAN      string   `json:"iban"`
	CreatedAt string   `json:"created_at"`
	UpdatedAt string   `json:"updated_at"`
	Metadata  metadata `json:"metadata,omitzero"`
}

func viewAccount(e *provider.Entity[Account], shown metadata) any {
	updated := e.Entered()
	if e.Data.BalanceAt.After(updated) {
		updated = e.Data.BalanceAt
	}
	return accountView{
		ID: e.ID(), Object: "account", Currency: e.Data.Currency, Balance: e.Data.Balance, Status: e.State(),
		Owner: e.Data.Owner, IBAN: e.Data.IBAN, CreatedAt: stamp(e.Created()), UpdatedAt: stamp(updated), Metadata: shown,
	}
}

// credit brings money to an account. That it can not count is out of reach while deposits are bounded, and would be
// refused before anything is lost.
func credit(c *provider.Call, e *provider.Entity[Account], amount int64) error {
	if amount > math.MaxInt64-e.Data.Balance {
		return problem.Newf(problem.Conflict, "balance_too_high", "The account %s can not count so much money", e.ID())
	}
	e.Data.Balance, e.Data.BalanceAt = e.Data.Balance+amount, c.Now()
	accounts.kind.Update(c, e)
	return nil
}

// debit takes money from an account that holds it.
func debit(c *provider.Call, e *provider.Entity[Account], amount int64) error {
	if amount > e.Data.Balance {
		return refused("insufficient_funds")
	}
	e.Data.Balance, e.Data.BalanceAt = e.Data.Balance-amount, c.Now()
	accounts.kind.Update(c, e)
	return nil
}

// mostDeposited is what deposits may bring an account to: the highest whole number that every reader of JSON keeps.
// It leaves payments so much room that none of them fails for an account that is full.
const mostDeposited = 1<<53 - 1

// deposit credits the account with what the event sets as the member deposit: test funds, from nowhere.
func deposit(c *provider.Call, e *provider.Entity[Account]) error {
	amount := e.Data.Deposit
	e.Data.Deposit = 0
	if amount <= 0 || amount > mostDeposited-e.Data.Balance {
		return problem.Newf(problem.Invalid, "bad_deposit",
			`A deposit wants an amount above 0 that brings the account to %d at most: send "set": {"deposit": 5000} with the event`, mostDeposited).At("/set/deposit")
	}
	return credit(c, e, amount)
}

// checkEmpty keeps an account open that holds money, or has money on its way from it or to it.
func checkEmpty(c *provider.Call, e *provider.Entity[Account]) error {
	if e.Data.Balance != 0 {
		return problem.Newf(problem.Conflict, "balance_not_zero", "The account %s holds %d, and only an empty one can be closed", e.ID(), e.Data.Balance)
	}
	return payments.kind.List(c, byAccount, provider.Range{Prefix: provider.Key{}.Text(e.ID())}, func(p *provider.Entity[Payment]) (bool, error) {
		return false, problem.Newf(problem.Conflict, "payment_under_way", "The payment %s from or to the account %s is under way: wait until it ends", p.ID(), e.ID())
	})
}
