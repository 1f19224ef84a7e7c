package finqlink

import (
	"net/http"
	"net/url"
	"strings"

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
	remember(c, e)
	if e.State() == created && !e.Data.direct() && c.Method != http.MethodHead {
		if err := links.Fire(c, e, "open"); err != nil {
			return provider.Reply{}, err
		}
	}
	if unpaid(e.State()) && !e.Data.direct() {
		return f.showCheckout(c, e, http.StatusOK, f.checkout(c, e))
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
	if desk.read(c); desk.wrong() {
		return f.showCheckout(c, e, http.StatusBadRequest, desk)
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

// How often a page that waits looks again, and when one that is done goes on, in seconds.
const (
	lookAgain  = 2
	sendToBank = 1
	sendToShop = 3
)

// showWebStatus tells a page that is looked at how things stand. Once a link expires, that is another status to see.
func showWebStatus(c *provider.Call) (provider.Reply, error) {
	e, err := webLink(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if unpaid(e.State()) && e.Data.expired(c.Now()) {
		return tellStatus("expired"), nil
	}
	return tellStatus(e.State()), nil
}

// statusPage tells how an order stands.
type statusPage struct {
	frame
	Notice pages.Notice
}

// showStatus tells how the payment stands. While it moves the page looks again; when the payer's part is over it
// goes on to the shop.
func (f *finqlink) showStatus(c *provider.Call, e *provider.Entity[Link]) (provider.Reply, error) {
	l, here := e.Data, e.Data.webURL(c.Base())
	page := statusPage{frame: f.frame(c, l, 1)}
	page.Sub, page.Order.QR = true, ""
	t, n := page.Text, &page.Notice
	n.Tone, n.Lines = pages.Waiting, []pages.Line{{Name: t.Status, Value: e.State()}}
	refresh, watch := pages.Refresh{Seconds: lookAgain, URL: here}, l.webURL(c.Called)+"/status"
	switch e.State() {
	case created, started, requested:
		n.Title, n.Text = t.Asking.Title, t.Asking.Text
	case intentAccepted, awaitingAuthz:
		n.Title, n.Text = t.AtBank.Title, t.AtBank.Text
		n.Next = []pages.Link{{Label: t.GoToBank, URL: l.scaURL(c.Base())}}
		if e.State() == intentAccepted {
			refresh, watch = pages.Refresh{Seconds: sendToBank, URL: l.scaURL(c.Base())}, ""
		}
	default:
		page.At = len(t.Steps)
		t.ending(n, e)
		if l.Options.RedirectURL != "" {
			refresh, watch = pages.Refresh{Seconds: sendToShop, URL: here + "/return"}, ""
			n.Next = []pages.Link{{Label: t.BackToShop, URL: refresh.URL}}
		} else if e.State() != received && e.State() != submitted {
			refresh = pages.Refresh{}
		}
	}
	shell := f.shell(c, t, page.Look, n.Title, here)
	shell.Refresh, shell.Live.Watch, shell.Live.Seen = refresh, watch, e.State()
	return show(f.screens.status, http.StatusOK, shell, page)
}

// ending tells what became of the payment.
func (t *texts) ending(n *pages.Notice, e *provider.Entity[Link]) {
	n.Tone = pages.Bad
	switch e.State() {
	case failed:
		n.Title, n.Text = t.Failed.Title, t.reason(e.Data.FailureMessage, e.Data.FailureCode)
	case revoked:
		n.Title, n.Text = t.Withdrawn.Title, t.Withdrawn.Text
	case fundsRejected:
		n.Title, n.Text = t.CameBack.Title, t.CameBack.Text
	case received, submitted:
		n.Tone, n.Title, n.Text = pages.Good, t.Taken.Title, t.Taken.Text
	default:
		n.Tone, n.Title, n.Text = pages.Good, t.Done.Title, t.Done.Text
	}
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
