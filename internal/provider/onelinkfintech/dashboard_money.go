package onelinkfintech

import (
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// settlements are the platform's settlement accounts. Every one is of the fixtures.
func (v *visit) settlements() (all []*provider.Entity[Account], err error) {
	for _, fixture := range v.Accounts {
		if fixture.Platform != v.user.Platform {
			continue
		}
		e, err := accounts.find(v.Call, fixture.ID)
		if err != nil {
			return nil, err
		}
		if e != nil {
			all = append(all, e)
		}
	}
	return all, nil
}

func openSettlement(v *visit) (provider.Reply, error) {
	return v.showSettlement(http.StatusOK, pages.Field{}, pages.Field{})
}

// showSettlement shows the balances, and the form with what was sent and what is wrong with it.
func (v *visit) showSettlement(status int, account, sum pages.Field) (provider.Reply, error) {
	all, err := v.settlements()
	if err != nil {
		return provider.Reply{}, err
	}
	table := &pages.Table{
		Caption: "Settlement accounts", Empty: "The platform has no settlement account.",
		Columns: []pages.Column{{Label: "Currency"}, {Label: "Account"}, {Label: "Status"}, {Label: "Balance", Number: true}},
	}
	account.Name, account.Label = "account", "Account"
	for _, e := range all {
		table.Rows = append(table.Rows, []pages.Cell{text(e.Data.Currency), v.object(e.ID()), state(e.State()), amount(e.Data.Balance, e.Data.Currency)})
		if e.State() != closed {
			account.Options = append(account.Options, pages.Option{Value: e.ID(), Label: e.Data.Currency, Hint: e.ID()})
		}
	}
	data := deskData{Title: "Settlement", Lead: "The platform's own accounts: a payment is made from the one in its currency.", Done: v.done(), Table: table}
	if len(account.Options) > 0 {
		data.Form = v.fundsForm(account, sum)
	}
	return v.page(status, data)
}

func (v *visit) fundsForm(account, sum pages.Field) *pages.Form {
	if account.Value == "" {
		account.Value = account.Options[0].Value
	}
	sum.Name, sum.Label, sum.Keys, sum.Example, sum.Longest = "amount", "Amount", "decimal", "1000.00", 40
	sum.Hint = "In whole units of the currency, such as 1000.00 for a thousand euro"
	form := v.form(settlementPath, pages.Form{
		Title: "Add test funds", Text: "Money from nowhere, which is there at once.", Fields: []pages.Field{account, sum}, Button: "Add test funds",
	})
	return &form
}

// addFunds has the event happen by which the control API brings money too.
func addFunds(v *visit) (provider.Reply, error) {
	account, sum := pages.Field{Value: v.FormValue("account")}, pages.Field{Value: strings.TrimSpace(v.FormValue("amount"))}
	e, err := accounts.find(v.Call, account.Value)
	if err != nil {
		return provider.Reply{}, err
	}
	if e == nil || !e.Data.Settlement || e.State() == closed {
		return provider.Reply{}, unknown("settlement account", account.Value, "/account")
	}
	n, flaw := funds(e, sum.Value)
	if flaw != "" {
		sum.Error = flaw
		return v.showSettlement(http.StatusBadRequest, account, sum)
	}
	e.Data.Deposit = n
	return goTo(v.Call, settlementPath+query("done", "funds")), accounts.kind.Fire(v.Call, e, "deposit")
}

// funds reads how much is to be added to an account; flaw says why it can not be.
func funds(e *provider.Entity[Account], text string) (n int64, flaw string) {
	n, err := money.ParseMinor(text, e.Data.Currency)
	most := mostDeposited - e.Data.Balance
	switch {
	case err != nil:
		return 0, "Write it as " + money.FormatMinor(123400, e.Data.Currency) + ", without a sign and a currency."
	case n == 0:
		return 0, "Add more than nothing."
	case n > most:
		return 0, "This account can take " + money.FormatMinor(max(most, 0), e.Data.Currency) + " more at most."
	}
	return n, ""
}
