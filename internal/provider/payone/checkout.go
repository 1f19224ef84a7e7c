package payone

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// checkout is the page on which a shopper chooses a method and executes the link.
type checkout struct {
	T      *texts
	Order  orderView
	Action string // of the button that executes
	Back   string // of the one that goes back
	Token  string
	Groups []group
	Error  string // with all that was sent last
}

// group are methods that share one form, and that form.
type group struct {
	Form     string
	Methods  []choice
	Fields   []pages.Field
	Banks    []choice
	BanksErr string
	Note     string
	Samples  []sample
}

// choice is one of several to choose from.
type choice struct {
	Value, Name, Mark, Note string
	Chosen                  bool
}

// layOut makes the page of a link that nobody filled in yet. The first method stands chosen.
func layOut(l *Link, base, id, token string) *checkout {
	t, here := speak(l.Language), pagePath(base, id)
	desk := &checkout{T: t, Order: t.order(l), Action: here + "/execute", Back: here + "/back", Token: token}
	for i, method := range l.Methods {
		g := desk.groupFor(method)
		g.Methods = append(g.Methods, t.choice(method, i == 0))
		g.Samples = append(g.Samples, t.samples(method)...)
	}
	return desk
}

func (t *texts) choice(method string, chosen bool) choice {
	c := choice{Value: method, Name: t.named(method), Mark: faces[method].mark, Chosen: chosen}
	if methods[method].redirect {
		c.Note = fmt.Sprintf(t.Redirect, c.Name)
	}
	return c
}

// groupFor is the group that a method joins. All cards are one, and so are neighbours that ask for nothing.
func (d *checkout) groupFor(method string) *group {
	f, last := faces[method], len(d.Groups)-1
	for i := range d.Groups {
		if d.Groups[i].Form == f.form && (f.form == cardForm || f.form == "" && i == last) {
			return &d.Groups[i]
		}
	}
	g := group{Form: f.form, Fields: d.T.fields(f.form)}
	if f.form == debitForm {
		g.Note = d.T.Mandate
	}
	for _, bank := range f.at {
		g.Banks = append(g.Banks, choice{Value: bank, Name: bank})
	}
	d.Groups = append(d.Groups, g)
	return &d.Groups[last+1]
}

// The fields of the forms. Those of a card's number and code are shown empty again, whatever was sent.
const (
	fieldMethod     = "paymentMethod"
	fieldCardholder = "cardholder"
	fieldNumber     = "cardNumber"
	fieldExpiry     = "cardExpiry"
	fieldCode       = "cardCvc"
	fieldIBAN       = "iban"
	fieldHolder     = "accountHolder"
	fieldBank       = "bank"
)

func (t *texts) fields(form string) []pages.Field {
	switch form {
	case cardForm:
		return []pages.Field{
			{Name: fieldCardholder, Label: t.Cardholder, Complete: "cc-name", Longest: longestName},
			{Name: fieldNumber, Label: t.CardNumber, Complete: "cc-number", Keys: "numeric", Example: "0000 0000 0000 0000", Longest: 30},
			{Name: fieldExpiry, Label: t.CardExpiry, Complete: "cc-exp", Keys: "numeric", Example: t.ExpiryExample, Longest: 7},
			{Name: fieldCode, Label: t.CardCode, Complete: "cc-csc", Keys: "numeric", Hint: t.CodeHint, Longest: 4},
		}
	case debitForm:
		return []pages.Field{
			{Name: fieldHolder, Label: t.AccountHolder, Complete: "name", Longest: longestName},
			{Name: fieldIBAN, Label: t.IBAN, Example: "DE00 0000 0000 0000 0000 00", Longest: 42},
		}
	}
	return nil
}

// longestName is in characters.
const longestName = 100

// read takes the form in, and gives the order that it makes; ok is false where something is wrong with it, which
// then stands at its field. Only the form of the chosen method counts.
func (d *checkout) read(value func(name string) string, now time.Time) (o order, ok bool) {
	chosen := value(fieldMethod)
	g := d.choose(chosen)
	if g == nil {
		d.Error = d.T.ChooseMethod
		return order{}, false
	}
	o, ok = order{Method: chosen}, true
	for i := range g.Fields {
		f := &g.Fields[i]
		f.Value = strings.TrimSpace(value(f.Name))
		if f.Error = d.take(&o, f.Name, f.Value, now); f.Error != "" {
			f.Focus, ok = ok, false
		}
		if f.Name == fieldNumber || f.Name == fieldCode {
			f.Value = ""
		}
	}
	if len(g.Banks) > 0 && !g.chooseBank(&o, value(fieldBank)) {
		g.BanksErr, ok = d.T.ChooseBank, false
	}
	if !ok {
		d.Error = d.T.CheckForm
	}
	return o, ok
}

// choose has the method chosen, and gives its group; nil where it is not offered.
func (d *checkout) choose(method string) *group {
	var found *group
	for i := range d.Groups {
		for j := range d.Groups[i].Methods {
			m := &d.Groups[i].Methods[j]
			if m.Chosen = m.Value == method; m.Chosen {
				found = &d.Groups[i]
			}
		}
	}
	return found
}

func (g *group) chooseBank(o *order, bank string) bool {
	at := slices.IndexFunc(g.Banks, func(b choice) bool { return b.Value == bank })
	if at < 0 {
		return false
	}
	g.Banks[at].Chosen, o.Bank = true, bank
	return true
}

// take puts one field's value into the order, or says what is wrong with it.
func (d *checkout) take(o *order, name, value string, now time.Time) string {
	t := d.T
	switch name {
	case fieldCardholder:
		return t.checkName(value)
	case fieldNumber:
		return d.takeNumber(o, onlyDigits(value))
	case fieldExpiry:
		if good, readable := usable(value, now); !readable {
			return t.BadExpiry
		} else if !good {
			return t.CardExpired
		}
	case fieldCode:
		if b := brands[o.Method]; !b.fits(value) {
			return fmt.Sprintf(t.BadCode, b.code)
		}
	case fieldHolder:
		o.Input, o.Value = accountHolder, value
		return t.checkName(value)
	case fieldIBAN:
		if !money.ValidIBAN(money.NormaliseIBAN(value)) {
			return t.BadIBAN
		}
	}
	return ""
}

func (d *checkout) takeNumber(o *order, number string) string {
	if !luhn(number) {
		return d.T.BadNumber
	}
	if !brands[o.Method].number.MatchString(number) {
		return fmt.Sprintf(d.T.OtherBrand, d.T.named(o.Method))
	}
	o.Input, o.Value, o.Last4 = cardNumber, number, number[len(number)-4:]
	return ""
}

func (t *texts) checkName(name string) string {
	switch {
	case name == "":
		return t.NameNeeded
	case utf8.RuneCountInString(name) > longestName:
		return fmt.Sprintf(t.TooLong, longestName)
	}
	return ""
}

// declined says at the card's number that this one was declined.
func (d *checkout) declined() {
	d.Error = d.T.CardDeclined
	for i := range d.Groups {
		for j := range d.Groups[i].Fields {
			if f := &d.Groups[i].Fields[j]; f.Name == fieldNumber {
				f.Error, f.Focus = d.T.CardDeclined, true
			}
		}
	}
}

// shell is what stands around all pages of a link: the merchant's clothes, in the link's language.
func (l *Link) shell(title string) pages.Shell {
	t := speak(l.Language)
	return pages.Shell{
		Title: title, Brand: t.merchant(l), Logo: pages.ReadPicture(l.Logo), Theme: theme,
		Background: pages.ReadBackground(l.BackgroundImage), Language: t.Language, Words: t.Layout,
	}
}

func (p *payone) showCheckout(l *Link, status int, desk *checkout) (provider.Reply, error) {
	return p.screens.show(p.screens.checkout, status, l.shell(fmt.Sprintf(desk.T.Title, desk.Order.Total)), desk)
}
