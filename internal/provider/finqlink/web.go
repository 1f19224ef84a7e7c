package finqlink

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// webLink finds the link of a WebUI address. Whoever has the address may see it: that is what a link is for.
func webLink(c *provider.Call) (*provider.Entity[Link], error) {
	e, err := links.Find(c, byWebID, provider.Key{}.Text(c.Params["web_id"]))
	if err == nil && e == nil {
		err = problem.New(problem.NotFound, "", "There is no such payment link")
	}
	return e, err
}

// openWeb is what the payer sees, from the first visit to the end. A visit that only asks whether the page is
// there, as chat programs make, does not open the link.
func (f *finqlink) openWeb(c *provider.Call) (provider.Reply, error) {
	e, err := webLink(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if unpaid(e.State()) && e.Data.expired(c.Now()) {
		return provider.Reply{}, expired()
	}
	if e.State() == created && !e.Data.direct() && c.Method != http.MethodHead {
		if err := links.Fire(c, e, "open"); err != nil {
			return provider.Reply{}, err
		}
	}
	if unpaid(e.State()) && !e.Data.direct() {
		return f.showCheckout(e, http.StatusOK, f.checkout(c, e))
	}
	return f.showStatus(c, e)
}

// payWeb is the Pay button.
func (f *finqlink) payWeb(c *provider.Call) (provider.Reply, error) {
	e, err := webLink(c)
	if err != nil {
		return provider.Reply{}, err
	}
	here := provider.SeeOther(e.Data.webURL(c.Base()))
	if !unpaid(e.State()) || e.Data.direct() {
		return here, nil
	}
	if e.Data.expired(c.Now()) {
		return provider.Reply{}, expired()
	}
	desk := f.checkout(c, e)
	if desk.read(c, e.Data); desk.wrong() {
		return f.showCheckout(e, http.StatusBadRequest, desk)
	}
	return here, f.pay(c, e, desk)
}

// pay goes on with what the payer chose. A PSU ID that names a story tells it from here on.
func (f *finqlink) pay(c *provider.Call, e *provider.Entity[Link], desk *checkout) error {
	typed := e.Data.Transfer.PSUID == ""
	e.Data.Transfer = desk.Transfer
	if e.Data.MethodID == "" {
		e.Data.choose(desk.method)
	}
	links.Update(c, e)
	if e.State() == created {
		if err := links.Fire(c, e, "open"); err != nil {
			return err
		}
	}
	if story, ok := links.Match(c, "psu_id", e.Data.Transfer.PSUID); ok && typed {
		if err := links.Retell(c, e, story); err != nil {
			return err
		}
	}
	if e.State() != started {
		return nil // the story that began went its own way
	}
	return links.Fire(c, e, "pay")
}

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
func (d *checkout) read(c *provider.Call, l *Link) {
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

// How often a page that waits looks again, and when one that is done goes on, in seconds.
const (
	lookAgain  = 2
	sendToBank = 1
	sendToShop = 3
)

// showStatus tells how the payment stands. While it moves the page looks again; when the payer's part is over it
// goes on to the shop.
func (f *finqlink) showStatus(c *provider.Call, e *provider.Entity[Link]) (provider.Reply, error) {
	l, here := e.Data, e.Data.webURL(c.Base())
	n := pages.Notice{Tone: pages.Waiting, Lines: []pages.Line{
		{Name: "Amount", Value: l.Transfer.Amount + " " + l.Transfer.Currency}, {Name: "To", Value: l.Transfer.CreditorName}, {Name: "Status", Value: e.State()},
	}}
	refresh := pages.Refresh{Seconds: lookAgain, URL: here}
	switch e.State() {
	case created, started, requested:
		n.Title, n.Text = "One moment", "Your bank is being asked for this payment."
	case intentAccepted, awaitingAuthz:
		n.Title, n.Text = "Please go on at your bank", "The payment waits for your approval there."
		n.Next = []pages.Link{{Label: "Go to your bank", URL: l.scaURL(c.Base())}}
		if e.State() == intentAccepted {
			refresh = pages.Refresh{Seconds: sendToBank, URL: l.scaURL(c.Base())}
		}
	default:
		ending(&n, e)
		if refresh = (pages.Refresh{}); l.Options.RedirectURL != "" {
			refresh = pages.Refresh{Seconds: sendToShop, URL: here + "/return"}
			n.Next = []pages.Link{{Label: "Back to the shop", URL: refresh.URL}}
		} else if e.State() == received || e.State() == submitted {
			refresh = pages.Refresh{Seconds: lookAgain, URL: here}
		}
	}
	return f.screens.notice(http.StatusOK, l.Options.Template, n, refresh)
}

// ending tells what became of the payment.
func ending(n *pages.Notice, e *provider.Entity[Link]) {
	switch e.State() {
	case failed:
		n.Tone, n.Title, n.Text = pages.Bad, "The payment failed", e.Data.reason()
	case revoked:
		n.Tone, n.Title, n.Text = pages.Bad, "The payment link was withdrawn", "It can not be paid any more."
	case fundsRejected:
		n.Tone, n.Title, n.Text = pages.Bad, "The payment came back", "The shop's bank did not accept it."
	case received, submitted:
		n.Tone, n.Title, n.Text = pages.Good, "Thank you", "Your bank has taken the payment and is executing it."
	default:
		n.Tone, n.Title, n.Text = pages.Good, "Thank you", "The payment is done."
	}
}

// reason is why it failed, for the payer; the API does not tell it.
func (l *Link) reason() string {
	text := l.FailureMessage
	if text == "" {
		text = "The bank refused it"
	}
	if l.FailureCode != "" {
		text += " (" + l.FailureCode + ")"
	}
	return text + "."
}

// takeCallback is where banks send payers back to, but for direct_sca.
func takeCallback(c *provider.Call) (provider.Reply, error) {
	r := readRedirect(c.Query)
	e, err := links.Find(c, byState, provider.Key{}.Text(r.state))
	if err == nil && (e == nil || e.Data.Options.Type == flowDirect) {
		err = problem.New(problem.NotFound, "", "There is no payment that waits for this")
	}
	if err != nil {
		return provider.Reply{}, err
	}
	if err := handleRedirect(c, e, r); err != nil {
		return provider.Reply{}, err
	}
	return provider.SeeOther(e.Data.webURL(c.Base())), nil
}

// returnToShop sends the payer to the client, with the status of this moment.
func returnToShop(c *provider.Call) (provider.Reply, error) {
	e, err := webLink(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if e.Data.Options.RedirectURL == "" {
		return provider.SeeOther(e.Data.webURL(c.Base())), nil
	}
	return provider.SeeOther(withQuery(e.Data.Options.RedirectURL,
		"link_id", e.ID(), "web_id", e.Data.WebID, "status", shown(e.State(), e.Data.APIVersion))), nil
}

// withQuery adds pairs of name and value to an address, and keeps what it has.
func withQuery(address string, pairs ...string) string {
	address, fragment, hasFragment := strings.Cut(address, "#")
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		address += separator + url.QueryEscape(pairs[i]) + "=" + url.QueryEscape(pairs[i+1])
		separator = "&"
	}
	if hasFragment {
		address += "#" + fragment
	}
	return address
}
