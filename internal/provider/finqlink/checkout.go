package finqlink

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// checkout is the page on which the payer chooses and pays.
type checkout struct {
	Action      string
	Transfer    transfer // as the payer wants it
	Banks       []webChoice
	Fixed       bool // the method was chosen with the link
	MethodError string
	Fields      []pages.Field

	offered  []method
	method   method
	editable bool
}

// webChoice is one method that is offered.
type webChoice struct {
	ID, Name, About, Logo string
	Chosen                bool
}

func (f *finqlink) checkout(c *provider.Call, e *provider.Entity[Link]) *checkout {
	l := e.Data
	desk := &checkout{Action: l.webURL(c.Base()) + "/pay", Transfer: l.Transfer, editable: l.Options.UserEditable}
	if m, ok := f.banks.method(l.MethodID); ok {
		desk.offered, desk.Fixed = []method{m}, true
	} else {
		desk.offered = f.offer(l)
	}
	for i, m := range desk.offered {
		desk.Banks = append(desk.Banks, webChoice{
			ID: m.id(), Name: m.bank.Name, About: m.scheme + ", " + strings.Join(m.remitters, " or "), Logo: c.Base() + logoPath(m.bank.ID),
			Chosen: i == 0 && len(desk.offered) == 1,
		})
	}
	desk.Fields = desk.fields(l)
	return desk
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
	if d.editable {
		fields = append(fields,
			pages.Field{Name: "amount", Label: "Amount in " + l.Transfer.Currency, Value: l.Transfer.Amount},
			pages.Field{Name: "details", Label: "Details", Value: l.Transfer.Details, Optional: true})
	}
	if l.Transfer.DebtorIBAN == "" {
		fields = append(fields, pages.Field{Name: "debtor_iban", Label: "Your IBAN", Optional: true, Hint: "You can also choose the account at your bank."})
	}
	if l.Transfer.PSUID == "" {
		fields = append(fields, pages.Field{Name: "psu_id", Label: "Your PSU ID", Optional: true, Hint: "Your user name at the bank."})
	}
	return fields
}

// Lines are the details of the order.
func (d *checkout) Lines() []pages.Line {
	lines := []pages.Line{{Name: "To account", Value: d.Transfer.CreditorIBAN}}
	for _, l := range []pages.Line{{Name: "Details", Value: d.Transfer.Details}, {Name: "From account", Value: d.Transfer.DebtorIBAN}} {
		if l.Value != "" {
			lines = append(lines, l)
		}
	}
	return lines
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
		d.MethodError = "Please choose your bank."
	case !d.wrong():
		if err := d.method.fits(&d.Transfer); err != nil {
			d.MethodError = problem.From(err).Message
		}
	}
}

// take puts one field's value into the transfer, or says what is wrong with it.
func (d *checkout) take(name, value string) string {
	t := &d.Transfer
	switch name {
	case "amount":
		if !amountForm.MatchString(value) || strings.Trim(value, "0.") == "" {
			return "An amount is written like 125.50 and is above 0."
		}
		t.Amount = value
	case "details":
		if utf8.RuneCountInString(value) > longestDetails {
			return "At most 140 characters, please."
		}
		t.Details = value
	case "debtor_iban":
		iban := money.NormaliseIBAN(value)
		if iban != "" && !money.ValidIBAN(iban) {
			return "This is no valid IBAN: please look for a typing error."
		}
		t.DebtorIBAN = iban
	case "psu_id":
		if utf8.RuneCountInString(value) > longestPSUID {
			return "At most 128 characters, please."
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

func (f *finqlink) showCheckout(e *provider.Entity[Link], status int, desk *checkout) (provider.Reply, error) {
	shell := pages.Shell{Title: "Pay " + e.Data.Transfer.CreditorName, Brand: brand, Theme: e.Data.Options.Template}
	page, err := f.screens.web.Render(shell, desk)
	return html(status, page, err)
}
