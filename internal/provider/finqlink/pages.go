package finqlink

import (
	_ "embed"
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const brand = "FinqLink (mock)"

var (
	//go:embed web.html
	webText string
	//go:embed dashboard.html
	dashboardText string
)

// screens are the templates of the pages.
type screens struct {
	web, dashboard, notices *pages.Page
	bank                    *pages.Simulator
}

func readScreens() (screens, error) {
	var s screens
	for _, read := range []struct {
		into *(*pages.Page)
		text string
	}{{&s.web, webText}, {&s.dashboard, dashboardText}, {&s.notices, pages.Notices}} {
		var err error
		if *read.into, err = pages.New(read.text); err != nil {
			return s, err
		}
	}
	var err error
	s.bank, err = pages.NewSimulator()
	return s, err
}

// pages are the routes that people take.
func (f *finqlink) pages() []provider.Page {
	return []provider.Page{
		{Name: "page.web", Method: http.MethodGet, Path: "/web/:web_id", Handler: provider.Write(f.openWeb)},
		{Name: "page.web_pay", Method: http.MethodPost, Path: "/web/:web_id/pay", Handler: provider.Write(f.payWeb)},
		{Name: "page.web_callback", Method: http.MethodGet, Path: "/web/callback", Handler: provider.Write(takeCallback)},
		{Name: "page.web_return", Method: http.MethodGet, Path: "/web/:web_id/return", Handler: provider.Read(returnToShop)},
		{Name: "page.bank", Method: http.MethodGet, Path: "/bank/:provider_id/sca/:sca_id", Handler: provider.Write(f.openBank)},
		{Name: "page.bank_choose", Method: http.MethodPost, Path: "/bank/:provider_id/sca/:sca_id", Handler: provider.Write(f.chooseAtBank)},
		{Name: "page.logo", Method: http.MethodGet, Path: "/assets/:file", Handler: provider.Read(f.logo)},
		{Name: "page.dashboard", Method: http.MethodGet, Path: "/dashboard", Handler: provider.Read(f.dashboard)},
	}
}

// html replies with a page that was rendered.
func html(status int, page []byte, err error) (provider.Reply, error) {
	reply := provider.HTML(status, page)
	reply.Header = pages.Header()
	return reply, err
}

// notice replies with a page that tells how something stands.
func (s screens) notice(status int, theme string, n pages.Notice, refresh pages.Refresh) (provider.Reply, error) {
	page, err := s.notices.Render(pages.Shell{Title: n.Title, Brand: brand, Theme: theme, Refresh: refresh}, n)
	return html(status, page, err)
}

// forPeople tells whether a browser asked.
func forPeople(c *provider.Call) bool {
	for _, prefix := range []string{"/web/", "/bank/", "/assets/", "/dashboard"} {
		if strings.HasPrefix(c.Path, prefix) {
			return true
		}
	}
	return false
}

// pageRefusal is an error as a page, with the status that the API would give it.
func (s screens) refusal(e *problem.Error) provider.Reply {
	n := pages.Notice{Tone: pages.Bad, Title: "This did not work", Text: sentence(e)}
	switch {
	case e.Kind == problem.NotFound || e.Kind == problem.NoRoute:
		n.Title, n.Text = "There is nothing here", "This address is not, or no longer, that of a payment. Please open the link that you were given once more."
	case e.Code == "link_expired":
		n.Title, n.Text = "This payment link has expired", "It can not be paid any more. Please ask the shop for a new one."
	case judge(e).status == http.StatusInternalServerError:
		n.Title, n.Text = "Something went wrong", "The fault is ours. Please try again in a moment."
	}
	reply, err := s.notice(judge(e).status, "", n, pages.Refresh{})
	if err != nil {
		reply = provider.Reply{Status: http.StatusInternalServerError, Raw: &provider.Raw{Media: "text/plain; charset=utf-8", Bytes: []byte(n.Title)}}
	}
	return reply
}

// logo draws the mark of a bank.
func (f *finqlink) logo(c *provider.Call) (provider.Reply, error) {
	id, ok := strings.CutSuffix(c.Params["file"], ".svg")
	b := f.banks.bank(id)
	if b == nil || !ok {
		return provider.Reply{}, problem.New(problem.NotFound, "", "There is no such picture")
	}
	return provider.Reply{
		Header: http.Header{"Cache-Control": {"max-age=3600"}, "Content-Security-Policy": {"default-src 'none'"}},
		Raw:    &provider.Raw{Media: "image/svg+xml", Bytes: pages.Logo(b.Name)},
	}, nil
}

type dashboardData struct {
	Action, Search string
	Banks          []dashboardBank
}

type dashboardBank struct {
	ID, Name, BIC string
	Rows          []dashboardRow
}

type dashboardRow struct{ ID, Currency, For string }

// dashboard shows to everybody what providers/list shows to clients.
func (f *finqlink) dashboard(c *provider.Call) (provider.Reply, error) {
	data := dashboardData{Action: c.Base() + "/dashboard", Search: c.Query.Get("q")}
	for _, b := range f.banks {
		if row := b.row(); row.matches(data.Search) {
			data.Banks = append(data.Banks, row)
		}
	}
	page, err := f.screens.dashboard.Render(pages.Shell{Title: "Banks", Brand: brand}, data)
	return html(http.StatusOK, page, err)
}

func (b *bank) row() dashboardBank {
	row := dashboardBank{ID: b.ID, Name: b.Name}
	if b.BIC != nil {
		row.BIC = *b.BIC
	}
	for _, m := range b.methods() {
		about := strings.Join(m.remitters, ", ")
		if b.FundsEvents {
			about += "; tells of the funds"
		}
		row.Rows = append(row.Rows, dashboardRow{ID: m.id(), Currency: m.currency(), For: about})
	}
	for _, v := range b.aisViews(v2, bankOptions{}) {
		row.Rows = append(row.Rows, dashboardRow{ID: v.ID, Currency: "data", For: strings.Join(v.Owners, ", ")})
	}
	return row
}

func (b dashboardBank) matches(search string) bool {
	text := b.ID + " " + b.Name + " " + b.BIC
	for _, row := range b.Rows {
		text += " " + row.ID + " " + row.For
	}
	return strings.Contains(strings.ToLower(text), strings.ToLower(search))
}
