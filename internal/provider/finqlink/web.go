package finqlink

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// webOrder finds the order of a WebUI address. Whoever has the address may see it: that is what a link is for.
func webOrder(c *provider.Call) (order, error) {
	o, err := findOrder(c, byWebID, c.Params["web_id"])
	if err == nil && o == nil {
		err = problem.New(problem.NotFound, "", "There is no such link")
	}
	return o, err
}

// openWeb is what the person sees, from the first visit to the end. A visit that only asks whether the page is
// there, as chat programs make, does not open the link.
func (f *finqlink) openWeb(c *provider.Call) (provider.Reply, error) {
	o, err := webOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	w := o.common()
	if unconfirmed(o.State()) && w.expired(c.Now()) {
		return provider.Reply{}, refuseExpired(o)
	}
	remember(c, o)
	if o.State() == created && !w.direct() && c.Method != http.MethodHead {
		if err := o.fire(c, "open"); err != nil {
			return provider.Reply{}, err
		}
	}
	if unconfirmed(o.State()) && !w.direct() {
		return f.showCheckout(c, o, http.StatusOK, f.checkout(c, o))
	}
	return f.showStatus(c, o)
}

// payWeb is the Pay button, and Continue of a consent.
func (f *finqlink) payWeb(c *provider.Call) (provider.Reply, error) {
	o, err := webOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	w := o.common()
	here := provider.SeeOther(w.webURL(c.Base()))
	if !unconfirmed(o.State()) || w.direct() {
		return here, nil
	}
	if w.expired(c.Now()) {
		return provider.Reply{}, refuseExpired(o)
	}
	desk := f.checkout(c, o)
	if desk.read(c); desk.wrong() {
		return f.showCheckout(c, o, http.StatusBadRequest, desk)
	}
	return here, confirm(c, o, desk)
}

// confirm goes on with what the person chose. A PSU ID that names a story tells it from here on.
func confirm(c *provider.Call, o order, desk *checkout) error {
	known := o.psuID()
	desk.draft.keep()
	if !desk.Fixed {
		o.common().choose(desk.chosen.id, desk.chosen.bank)
	}
	o.update(c)
	if o.State() == created {
		if err := o.fire(c, "open"); err != nil {
			return err
		}
	}
	if story := o.storyOf(c, o.psuID()); story != "" && known == "" {
		if err := o.retell(c, story); err != nil {
			return err
		}
	}
	if o.State() != started {
		return nil // the story that began went its own way
	}
	return o.fire(c, o.words().confirm)
}

// retryWeb is the Try again of a user who cancelled at the bank.
func retryWeb(c *provider.Call) (provider.Reply, error) { return afterCancel(c, "retry") }

// giveUpWeb is the other choice that such a user has.
func giveUpWeb(c *provider.Call) (provider.Reply, error) { return afterCancel(c, "cancel") }

// afterCancel fires what the user chose. Whoever did not cancel has no such choice, and comes back to the page.
func afterCancel(c *provider.Call, event string) (provider.Reply, error) {
	o, err := webOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	here := provider.SeeOther(o.common().webURL(c.Base()))
	if o.State() != awaitingAuthz || !o.common().Cancelled {
		return here, nil
	}
	return here, o.fire(c, event)
}

// How often a page that waits looks again, and when one that is done goes on, in seconds.
const (
	lookAgain  = 2
	sendToBank = 1
	sendToShop = 3
)

// showWebStatus tells a page that is looked at how things stand. Once a link expires, that is another status to see.
func showWebStatus(c *provider.Call) (provider.Reply, error) {
	o, err := webOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	return tellStatus(seen(c, o)), nil
}

// statusPage tells how an order stands.
type statusPage struct {
	frame
	Notice  pages.Notice
	Actions []pages.Link // buttons
}

// showStatus tells how the order stands. While it moves the page looks again; when the person's part is over it
// goes on to the client.
func (f *finqlink) showStatus(c *provider.Call, o order) (provider.Reply, error) {
	w := o.common()
	page := statusPage{frame: f.frame(c, o, 1)}
	page.Sub, page.Order.QR = true, ""
	page.Notice.Tone, page.Notice.Lines = pages.Waiting, []pages.Line{{Name: page.Text.Status, Value: o.State()}}
	refresh, watched := page.tell(c, o)
	shell := f.shell(c, page.Text, page.Look, page.Notice.Title, w.webURL(c.Base()))
	shell.Refresh, shell.Live.Seen = refresh, seen(c, o)
	if watched {
		shell.Live.Watch = w.webURL(c.Called) + "/status"
	}
	return show(f.screens.status, http.StatusOK, shell, page)
}

// tell says how the order stands, and where the page goes from there: at once and by itself, or, where it is watched,
// when that changes.
func (p *statusPage) tell(c *provider.Call, o order) (next pages.Refresh, watched bool) {
	w, n, say := o.common(), &p.Notice, o.sayings(p.Text)
	here := w.webURL(c.Base())
	again := pages.Refresh{Seconds: lookAgain, URL: here}
	switch {
	case unconfirmed(o.State()) || o.State() == requested:
		n.Title, n.Text = say.Asking.Title, say.Asking.Text
		return again, true
	case atBank(o) && w.Cancelled:
		p.offerRetry(here)
		return again, true
	case atBank(o):
		n.Title, n.Text = say.AtBank.Title, say.AtBank.Text
		n.Next = []pages.Link{{Label: p.Text.GoToBank, URL: w.scaURL(c.Base())}}
		if o.State() == awaitingAuthz {
			return again, true
		}
		return pages.Refresh{Seconds: sendToBank, URL: w.scaURL(c.Base())}, false
	}
	p.At = len(p.Text.Steps)
	waits := o.ending(p.Text, n)
	switch {
	case w.Options.RedirectURL != "":
		next = pages.Refresh{Seconds: sendToShop, URL: here + "/return"}
		n.Text = strings.TrimSpace(n.Text + " " + p.Text.GoesOn)
		n.Next = []pages.Link{{Label: p.Text.BackToShop, URL: next.URL}}
		return next, false
	case waits:
		return again, true
	}
	return pages.Refresh{}, true
}

// offerRetry asks a user who cancelled at the bank what now.
func (p *statusPage) offerRetry(here string) {
	t := &p.Text.Consent
	p.Notice.Tone, p.Notice.Title, p.Notice.Text = pages.Asking, t.Cancelled.Title, t.Cancelled.Text
	p.Actions = []pages.Link{{Label: t.TryAgain, URL: here + "/retry"}, {Label: t.GiveUp, URL: here + "/give_up"}}
}

// takeCallback is where banks send people back to, but for direct_sca.
func takeCallback(c *provider.Call) (provider.Reply, error) {
	r := readRedirect(c.Query)
	o, err := findOrder(c, byState, r.state)
	if err == nil && (o == nil || o.common().Options.Type == flowDirect) {
		err = problem.New(problem.NotFound, "", "There is nothing that waits for this")
	}
	if err != nil {
		return provider.Reply{}, err
	}
	if err := handleRedirect(c, o, r); err != nil {
		return provider.Reply{}, err
	}
	return provider.SeeOther(o.common().webURL(c.Base())), nil
}

// returnToShop sends the person to the client, with the status of this moment.
func returnToShop(c *provider.Call) (provider.Reply, error) {
	o, err := webOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	w := o.common()
	if w.Options.RedirectURL == "" {
		return provider.SeeOther(w.webURL(c.Base())), nil
	}
	return provider.SeeOther(withQuery(w.Options.RedirectURL,
		o.words().id, o.ID(), "web_id", w.WebID, "status", shown(o.State(), w.APIVersion))), nil
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
