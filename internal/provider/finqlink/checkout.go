package finqlink

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// checkout is the page on which a person chooses a bank and goes on.
type checkout struct {
	frame
	Here, Action string
	Say          sayings
	Searchable   bool   // there are many banks
	Search       string // what the person searches
	Found        bool   // there is a bank of that name
	Banks        []webChoice
	Fixed        bool // the method was chosen with the order
	MethodError  string
	Fields       []pages.Field

	offered []offer
	chosen  *offer
	draft   draft
}

// webChoice is one method that is offered.
type webChoice struct {
	ID, Name, About, Logo string
	Chosen                bool
	Hidden                bool // the search does not want it
}

// manyBanks need a search.
const manyBanks = 5

func (f *finqlink) checkout(c *provider.Call, o order) *checkout {
	here := o.common().webURL(c.Base())
	desk := &checkout{
		frame: f.frame(c, o, 0), Here: here, Action: here + "/pay", Search: c.Query.Get("q"), Fixed: o.common().MethodID != "", draft: o.draft(f),
	}
	desk.Say, desk.offered = o.sayings(desk.Text), o.offers(f, desk.Text)
	for _, m := range desk.offered {
		desk.offerBank(c, m)
	}
	desk.Searchable = len(desk.Banks) > manyBanks
	desk.Fields = desk.draft.fields(desk.Text)
	return desk
}

func (d *checkout) offerBank(c *provider.Call, m offer) {
	choice := webChoice{ID: m.id, Name: m.bank.Name, About: m.about, Logo: c.Called + logoPath(m.bank.ID), Chosen: len(d.offered) == 1}
	choice.Hidden = !matches(d.Search, choice.Name+" "+choice.About)
	d.Banks, d.Found = append(d.Banks, choice), d.Found || !choice.Hidden
}

const psuField = "psu_id"

func (t *texts) psuField() pages.Field {
	return pages.Field{Name: psuField, Label: t.YourPSUID, Optional: true, May: t.Optional, Hint: t.YourPSUIDHint}
}

func (t *texts) checkPSUID(value string) string {
	if utf8.RuneCountInString(value) > longestPSUID {
		return t.LongID
	}
	return ""
}

var amountForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$`)

// The longest texts of a form, in characters.
const (
	longestDetails = 140
	longestPSUID   = 128
)

// read takes the form in. Only the fields that the page has count.
func (d *checkout) read(c *provider.Call) {
	for i := range d.Fields {
		f := &d.Fields[i]
		f.Value = strings.TrimSpace(c.FormValue(f.Name))
		f.Error = d.draft.take(d.Text, f.Name, f.Value)
	}
	wanted := c.FormValue("method")
	for i, m := range d.offered {
		if d.Banks[i].Chosen = m.id == wanted || d.Fixed; d.Banks[i].Chosen {
			d.chosen = &d.offered[i]
		}
	}
	switch {
	case d.chosen == nil:
		d.MethodError = d.Text.BankNeeded
	case !d.wrong() && !d.draft.fits(d.chosen.id):
		d.MethodError = d.Text.BankMisfit
	}
}

func (d *checkout) wrong() bool {
	for _, f := range d.Fields {
		if f.Error != "" {
			return true
		}
	}
	return d.MethodError != ""
}

func (f *finqlink) showCheckout(c *provider.Call, o order, status int, desk *checkout) (provider.Reply, error) {
	shell := f.shell(c, desk.Text, desk.Look, desk.Order.Title, desk.Here)
	shell.Live.Watch, shell.Live.Seen = o.common().webURL(c.Called)+"/status", seen(c, o)
	return show(f.screens.checkout, status, shell, desk)
}
