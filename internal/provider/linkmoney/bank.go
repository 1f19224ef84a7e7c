package linkmoney

import (
	"slices"
	"strconv"

	"github.com/mockbank/mockbank/internal/provider"
)

// catalogue holds what the fixtures say of the banks.
type catalogue struct {
	Institutions []institution `yaml:"institutions"`
	Users        []string      `yaml:"users"`
}

// institution is a bank at which accounts can be linked.
type institution struct {
	ID   int    `yaml:"id"`
	Name string `yaml:"name"`
	Logo string `yaml:"logo"`
	Real bool   `yaml:"real"` // stands for a real bank
}

// institution finds one by its id; false where there is none.
func (c catalogue) institution(id int) (institution, bool) {
	at := slices.IndexFunc(c.Institutions, func(i institution) bool { return i.ID == id })
	if at < 0 {
		return institution{}, false
	}
	return c.Institutions[at], true
}

// usual is the bank of a customer who says nothing: the first that the e-mail may be used with.
func (c catalogue) usual(sort string) institution {
	for _, bank := range c.Institutions {
		if sort == "" || bank.sort() == sort {
			return bank
		}
	}
	return institution{}
}

// sort is what an e-mail may be used with again.
func (i institution) sort() string {
	if i.Real {
		return "real"
	}
	return "finbank"
}

// The types of accounts.
const (
	checking = "checking"
	savings  = "savings"
)

const digits = "0123456789"

// routingNumber is one of the examples that bank documents use; its check digit is right.
const routingNumber = "021000021"

// bankAccount is one of a customer's accounts at a bank.
type bankAccount struct {
	Type   string
	Number string
}

func (a bankAccount) lastFour() string { return a.Number[len(a.Number)-4:] }

// accountsAt are a customer's accounts at a bank: the same ones whenever the customer comes again.
func accountsAt(c *provider.Call, customer *provider.Entity[Customer], bank institution) []bankAccount {
	name := customers.NameOf(c, customer)
	number := func(sort string) string { return name.Text(sort+" "+strconv.Itoa(bank.ID), 10, digits) }
	return []bankAccount{{checking, number(checking)}, {savings, number(savings)}}
}
