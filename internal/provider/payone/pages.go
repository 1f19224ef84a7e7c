package payone

import (
	_ "embed"
	"net/http"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const theme = "payone"

var (
	//go:embed checkout.html
	checkoutText string
	//go:embed cart.html
	cartText string
	//go:embed done.html
	doneText string
)

// screens are the templates of the pages.
type screens struct {
	checkout, done, notices *pages.Page
	bank                    *pages.Simulator
}

func readScreens() (screens, error) {
	var s screens
	for _, read := range []struct {
		into *(*pages.Page)
		text string
	}{{&s.checkout, cartText + checkoutText}, {&s.done, cartText + doneText}, {&s.notices, pages.Notices}} {
		var err error
		if *read.into, err = pages.New(read.text); err != nil {
			return s, err
		}
	}
	var err error
	s.bank, err = pages.NewSimulator()
	return s, err
}

// pages are the routes that shoppers take.
func (p *payone) pages() []provider.Page {
	const link = "/p/:linkId"
	return []provider.Page{
		{Name: "page.checkout", Method: http.MethodGet, Path: link, Handler: provider.Read(p.openCheckout)},
		{Name: "page.execute", Method: http.MethodPost, Path: link + "/execute", Handler: provider.Write(p.executeCheckout)},
		{Name: "page.bank", Method: http.MethodGet, Path: link + "/auth/:paymentProcess", Handler: provider.Read(p.openBank)},
		{Name: "page.bank_choose", Method: http.MethodPost, Path: link + "/auth/:paymentProcess", Handler: provider.Write(p.chooseAtBank)},
		{Name: "page.back", Method: http.MethodPost, Path: link + "/back", Handler: provider.Read(goBack)},
		{Name: "page.done", Method: http.MethodGet, Path: link + "/done", Handler: provider.Read(p.openDone)},
		{Name: "page.short", Method: http.MethodGet, Path: "/:linkId", Handler: provider.Read(openShort)},
	}
}

// pagePath is the address of a link's page.
func pagePath(base, id string) string { return base + "/p/" + id }

// pageLink finds the link of a page. Whoever has the address may see it: that is what a link is for.
func pageLink(c *provider.Call) (*provider.Entity[Link], error) {
	e, err := links.Get(c, c.Params["linkId"])
	if err == nil && e == nil {
		err = problem.New(problem.NotFound, "", "Payment link not found")
	}
	return e, err
}

// openShort leads from the short form of the address to the page.
func openShort(c *provider.Call) (provider.Reply, error) {
	e, err := pageLink(c)
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{Status: http.StatusFound, Header: http.Header{"Location": {pagePath(c.Base(), e.ID())}}}, nil
}

// goBack leaves the page, and changes nothing.
func goBack(c *provider.Call) (provider.Reply, error) {
	e, err := pageLink(c)
	if err != nil {
		return provider.Reply{}, err
	}
	return leave(c, e, e.Data.BackURL), nil
}

// leave sends the shopper to one of the merchant's addresses, exactly as it was given, or else to our own page.
func leave(c *provider.Call, link *provider.Entity[Link], address string) provider.Reply {
	if address == "" {
		address = pagePath(c.Base(), link.ID()) + "/done"
	}
	return provider.SeeOther(address)
}

// show replies with a page.
func (s screens) show(page *pages.Page, status int, shell pages.Shell, data any) (provider.Reply, error) {
	bytes, err := page.Render(shell, data)
	return framed(status, shell, bytes, err)
}

// framed replies with a page that was rendered.
func framed(status int, shell pages.Shell, page []byte, err error) (provider.Reply, error) {
	reply := provider.HTML(status, page)
	reply.Header = shell.Header()
	return reply, err
}

// notice replies with a page that tells how something stands.
func (s screens) notice(l *Link, tone pages.Tone, what told, next ...pages.Link) (provider.Reply, error) {
	return s.show(s.notices, http.StatusOK, l.shell(what.Title), pages.Notice{Tone: tone, Title: what.Title, Text: what.Text, Next: next})
}

// refusalPage is an error as a page, in the language of the link that it is about, where it is about one.
func (p *payone) refusalPage(c *provider.Call, e *problem.Error) provider.Reply {
	t, status := speak(""), statusOf(e)
	if link, err := pageLink(c); err == nil {
		t = speak(link.Data.Language)
	}
	what := t.Fault
	switch status {
	case http.StatusNotFound:
		what = t.Nothing
	case http.StatusForbidden:
		what = t.Forged
	}
	shell := pages.Shell{Title: what.Title, Brand: "PAYONE Link (mock)", Theme: theme, Language: t.Language, Words: t.Layout}
	reply, err := p.screens.show(p.screens.notices, status, shell, pages.Notice{Tone: pages.Bad, Title: what.Title, Text: what.Text})
	if err != nil {
		return provider.Reply{Status: status, Raw: &provider.Raw{Media: "text/plain; charset=utf-8", Bytes: []byte(what.Title)}}
	}
	return reply
}
