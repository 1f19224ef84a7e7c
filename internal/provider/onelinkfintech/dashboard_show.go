package onelinkfintech

import (
	"net/http"
	"strconv"
	"time"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// deskData is what a page shows, from above to below; what is not set is left out.
type deskData struct {
	Trail  pages.Link // to the list of which this is one
	Title  string
	State  pages.Cell // of the thing, beside the title
	Lead   string
	Action pages.Link // what one comes here for
	Done   string     // what was just done
	Secret string     // is shown this once
	Facts  []pages.Fact
	Table  *pages.Table
	Form   *pages.Form
	Login  bool // nobody is signed in: there is the form, and no more
}

// show replies with a page in the dress of the dashboard.
func (d *dashboard) show(shell pages.Shell, status int, data deskData) (provider.Reply, error) {
	shell.Brand, shell.Theme = dashboardBrand, ID
	page, err := d.desk.Render(shell, data)
	reply := provider.HTML(status, page)
	reply.Header = shell.Header()
	return reply, err
}

// page replies to somebody who is signed in.
func (v *visit) page(status int, data deskData) (provider.Reply, error) {
	nav := pages.Nav{
		Label: "Dashboard", User: v.user.Email, Role: "Platform " + strconv.Itoa(v.user.Platform),
		SignOut: v.form(logoutPath, pages.Form{Button: "Sign out"}),
	}
	for _, place := range places {
		nav.Places = append(nav.Places, pages.Place{Label: place.Label, URL: v.here(place.URL), Here: within(v.Path, place.URL)})
	}
	return v.show(pages.Shell{Title: data.Title + " · " + dashboardBrand, Nav: nav}, status, data)
}

func (v *visit) here(path string) string { return here(v.Call, path) }

// form has a form sent to a path, with the token for it.
func (v *visit) form(path string, f pages.Form) pages.Form {
	f.Action, f.Token = v.here(path), v.FormToken(path)
	return f
}

// link is a cell that leads to a page of the dashboard.
func (v *visit) link(text, path string) pages.Cell { return pages.Cell{Text: text, URL: v.here(path)} }

// done are the words for what was just done, by the name that the address carries.
var done = map[string]string{
	"revoked": "The key is revoked.",
	"funds":   "The test funds were added.",
	"webhook": "The webhook settings were saved.",
}

func (v *visit) done() string { return done[v.Query.Get("done")] }

// tones say how a state stands; of any other nothing is said.
var tones = map[string]pages.Tone{
	active: pages.Good, "succeeded": pages.Good,
	pending: pages.Waiting, processing: pages.Waiting, rolling: pages.Waiting, "frozen": pages.Waiting,
	failed: pages.Bad, "blocked": pages.Bad,
}

const plainTone pages.Tone = "plain"

func state(name string) pages.Cell {
	tone, known := tones[name]
	if !known {
		tone = plainTone
	}
	return pages.Cell{Text: name, Tone: tone}
}

func amount(n int64, currency string) pages.Cell {
	return pages.Cell{Text: money.FormatMinor(n, currency) + " " + currency}
}

// when is an instant as replies of the API write it.
func when(stamp string) pages.Cell {
	at, _ := time.Parse(stampForm, stamp) // We wrote it.
	return pages.Cell{At: at}
}

func text(s string) pages.Cell { return pages.Cell{Text: s} }

func code(s string) pages.Cell { return pages.Cell{Text: s, Code: true} }

// statuses of pages by the kind of a refusal; that of any other is our own fault.
var statuses = map[problem.Kind]int{
	problem.Malformed: http.StatusBadRequest, problem.Invalid: http.StatusBadRequest, problem.Refused: http.StatusBadRequest,
	problem.Unauthenticated: http.StatusUnauthorized, problem.Forbidden: http.StatusForbidden,
	problem.NotFound: http.StatusNotFound, problem.NoRoute: http.StatusNotFound, problem.MethodNotAllowed: http.StatusMethodNotAllowed,
	problem.Conflict: http.StatusConflict, problem.TooLarge: http.StatusRequestEntityTooLarge,
	problem.UnsupportedMedia: http.StatusUnsupportedMediaType, problem.TooManyRequests: http.StatusTooManyRequests,
}

// refusal says an error as the face does: the API in JSON, the dashboard as a page.
func (d *dashboard) refusal(c *provider.Call, err error) provider.Reply {
	if c.Face != dashboardFace {
		return refusal(c, err)
	}
	e := problem.From(err)
	status, n := statuses[e.Kind], pages.Notice{Tone: pages.Bad, Title: "This did not work", Text: e.Message}
	switch status {
	case http.StatusNotFound:
		n.Title, n.Text = "There is nothing here", "The address is not one of the dashboard, or what it named is not your platform's."
	case 0:
		status, n.Title, n.Text = http.StatusInternalServerError, "Something went wrong", "The fault is ours. Please try again in a moment."
	}
	if e.Status != 0 {
		status = e.Status // A story ordered it.
	}
	n.Next = []pages.Link{{Label: "Back to the dashboard", URL: here(c, keysPath)}}
	return d.notice(status, n)
}

func (d *dashboard) notice(status int, n pages.Notice) provider.Reply {
	shell := pages.Shell{Title: n.Title, Brand: dashboardBrand, Theme: ID}
	page, err := d.notices.Render(shell, n)
	if err != nil {
		return provider.Reply{Status: http.StatusInternalServerError, Raw: &provider.Raw{Media: "text/plain; charset=utf-8", Bytes: []byte(n.Title)}}
	}
	reply := provider.HTML(status, page)
	reply.Header = shell.Header()
	return reply
}
