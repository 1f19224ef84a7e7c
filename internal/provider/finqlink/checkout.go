package finqlink

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// checkout is the page on which the payer chooses and pays.
type checkout struct {
	frame
	Here, Action string
	Button       string
	Searchable   bool     // there are many banks
	Search       string   // what the payer searches
	Found        bool     // there is a bank of that name
	Transfer     transfer // as the payer wants it
	Banks        []webChoice
	Fixed        bool // the method was chosen with the link
	MethodError  string
	Fields       []pages.Field

	offered  []method
	method   method
	editable bool
}

// webChoice is one method that is offered.
type webChoice struct {
	ID, Name, About, Logo string
	Chosen                bool
	Hidden                bool // the search does not want it
}

// manyBanks need a search.
const manyBanks = 5

func (f *finqlink) checkout(c *provider.Call, e *provider.Entity[Link]) *checkout {
	l, here := e.Data, e.Data.webURL(c.Base())
	desk := &checkout{
		frame: f.frame(c, l, 0), Here: here, Action: here + "/pay", Transfer: l.Transfer, Search: c.Query.Get("q"), editable: l.Options.UserEditable,
	}
	desk.Button = desk.Text.Pay
	if m, ok := f.banks.method(l.MethodID); ok {
		desk.offered, desk.Fixed = []method{m}, true
	} else {
		desk.offered = f.offer(l)
	}
	for _, m := range desk.offered {
		desk.offerBank(c, m)
	}
	desk.Searchable = len(desk.Banks) > manyBanks
	desk.Fields = desk.fields(l)
	return desk
}

func (d *checkout) offerBank(c *provider.Call, m method) {
	choice := webChoice{ID: m.id(), Name: m.bank.Name, About: d.Text.about(m), Logo: c.Called + logoPath(m.bank.ID), Chosen: len(d.offered) == 1}
	choice.Hidden = !matches(d.Search, choice.Name+" "+choice.About)
	d.Banks, d.Found = append(d.Banks, choice), d.Found || !choice.Hidden
}

// offer are the methods that the payer may choose from. /test knows the sandbox only.
func (f *finqlink) offer(l *Link) []method {
	var offered []method
	for _, m := range f.banks.fitting(l.Filter, &l.Transfer) {
		if l.APIVersion != test || m.env == sandbox {
			offered = append(offered, m)
		}
	}
	return offered
}

// fields are what the payer may fill in: what the link leaves open, and what it lets be edited.
func (d *checkout) fields(l *Link) []pages.Field {
	var fields []pages.Field
	t := d.Text
	if d.editable {
		fields = append(fields,
			pages.Field{Name: "amount", Label: fmt.Sprintf(t.AmountIn, l.Transfer.Currency), Value: l.Transfer.Amount, Keys: "decimal"},
			pages.Field{Name: "details", Label: t.Details, Value: l.Transfer.Details, Optional: true, May: t.Optional})
	}
	if l.Transfer.DebtorIBAN == "" {
		fields = append(fields, pages.Field{Name: "debtor_iban", Label: t.YourIBAN, Optional: true, May: t.Optional, Hint: t.YourIBANHint})
	}
	if l.Transfer.PSUID == "" {
		fields = append(fields, pages.Field{Name: "psu_id", Label: t.YourPSUID, Optional: true, May: t.Optional, Hint: t.YourPSUIDHint})
	}
	return fields
}

var amountForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$`)

// The longest texts of a transfer, in characters.
const (
	longestDetails = 140
	longestPSUID   = 128
)

// read takes the form in. Only the fields that the page has count.
func (d *checkout) read(c *provider.Call) {
	for i := range d.Fields {
		f := &d.Fields[i]
		f.Value = strings.TrimSpace(c.FormValue(f.Name))
		f.Error = d.take(f.Name, f.Value)
	}
	chosen := c.FormValue("method")
	for i, m := range d.offered {
		if d.Banks[i].Chosen = m.id() == chosen || d.Fixed; d.Banks[i].Chosen {
			d.method = m
		}
	}
	switch {
	case d.method.bank == nil:
		d.MethodError = d.Text.BankNeeded
	case !d.wrong():
		if err := d.method.fits(&d.Transfer); err != nil {
			d.MethodError = d.Text.BankMisfit
		}
	}
}

// take puts one field's value into the transfer, or says what is wrong with it.
func (d *checkout) take(name, value string) string {
	t := &d.Transfer
	switch name {
	case "amount":
		value = strings.Replace(value, d.Text.Point, ".", 1)
		if !amountForm.MatchString(value) || strings.Trim(value, "0.") == "" {
			return d.Text.BadAmount
		}
		t.Amount = value
	case "details":
		if utf8.RuneCountInString(value) > longestDetails {
			return d.Text.LongDetails
		}
		t.Details = value
	case "debtor_iban":
		iban := money.NormaliseIBAN(value)
		if iban != "" && !money.ValidIBAN(iban) {
			return d.Text.BadIBAN
		}
		t.DebtorIBAN = iban
	case "psu_id":
		if utf8.RuneCountInString(value) > longestPSUID {
			return d.Text.LongID
		}
		t.PSUID = value
	}
	return ""
}

func (d *checkout) wrong() bool {
	for _, f := range d.Fields {
		if f.Error != "" {
			return true
		}
	}
	return d.MethodError != ""
}

func (f *finqlink) showCheckout(c *provider.Call, e *provider.Entity[Link], status int, desk *checkout) (provider.Reply, error) {
	shell := f.shell(c, desk.Text, desk.Look, desk.Order.Title, desk.Here)
	shell.Live.Watch, shell.Live.Seen = e.Data.webURL(c.Called)+"/status", e.State()
	return show(f.screens.checkout, status, shell, desk)
}
