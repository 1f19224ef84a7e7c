package link1

import (
	"time"

	"github.com/mockbank/mockbank/internal/provider"
)

// accounts are those that the mock holds; any other account is at a bank outside, whose money it does not see.
const accounts provider.Kind[Account] = "account"

// Account is an account with its balance in paisa. It is found by its IBAN.
type Account struct {
	Title   string `json:"title"`
	Bank    string `json:"bank"`
	Balance int64  `json:"balance"`
}

func accountKind() provider.KindDef {
	return accounts.Define(provider.Def[Account]{State: func(*Account, time.Time) string { return "open" }})
}

// covers tells whether an account can pay so much. One outside always can.
func covers(c *provider.Call, iban string, amount int64) (bool, error) {
	e, err := accounts.Get(c, iban)
	return e == nil || e.Data.Balance >= amount, err
}

// move takes from one account and gives to another, as far as the mock holds them.
func move(c *provider.Call, from, to string, amount int64) error {
	if err := book(c, from, -amount); err != nil {
		return err
	}
	return book(c, to, amount)
}

func book(c *provider.Call, iban string, amount int64) error {
	e, err := accounts.Get(c, iban)
	if err != nil || e == nil {
		return err
	}
	e.Data.Balance += amount
	accounts.Update(c, e)
	return nil
}

// titleOf is the name on an account. One outside has a name that its number ends.
func (l *link) titleOf(c *provider.Call, account string) (string, error) {
	e, err := accounts.Get(c, account)
	if err != nil {
		return "", err
	}
	if e != nil {
		return e.Data.Title, nil
	}
	return "MOCK CUSTOMER " + account[max(0, len(account)-4):], nil
}
