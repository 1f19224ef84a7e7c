package finqlink

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// frame is what every page of the WebUI has around its own part: how far the payer is, and the order.
type frame struct {
	Text  *texts
	Look  *look
	At    int  // of the steps
	Sub   bool // the order is not what the page is about
	Order summary
}

// summary is an order as the payer sees it.
type summary struct {
	Title  string
	Amount string // empty where none is asked for
	Lines  []pages.Line
	Goods  []good
	QR     string // the address of a picture of this page's address; empty: none
}

// add adds a line, unless there is nothing to say in it.
func (s *summary) add(name, value string) {
	if value != "" {
		s.Lines = append(s.Lines, pages.Line{Name: name, Value: value})
	}
}

// frame begins a page of the WebUI.
func (f *finqlink) frame(c *provider.Call, o order, at int) frame {
	w := o.common()
	t := speak(c, w.Language)
	return frame{Text: t, Look: f.screens.look(w.Options.Template), At: at, Order: o.summary(t, c.Called)}
}

// printed is an IBAN in groups of four, as on paper.
func printed(iban string) string {
	var groups []string
	for group := range slices.Chunk([]byte(iban), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " ")
}

// remember keeps the language that the person chose for the pages to come.
func remember(c *provider.Call, o order) {
	w := o.common()
	if chosen := c.Query.Get("lang"); chosen != "" && chosen != w.Language && speak(c, "").Tag == chosen {
		w.Language = chosen
		o.update(c)
	}
}

// shell is what stands around a page. What the page itself loads comes from where it came from, which is where its
// policy lets it load from; links lead to where people are meant to be.
func (f *finqlink) shell(c *provider.Call, t *texts, l *look, title, here string) pages.Shell {
	return pages.Shell{
		Title: title, Brand: brand, Theme: l.name, Style: l.style, Language: t.Tag, Words: t.Layout, Languages: t.others(here),
		Live: pages.Live{Script: c.Called + scriptPath},
	}
}

// show replies with a page.
func show(page *pages.Page, status int, shell pages.Shell, data any) (provider.Reply, error) {
	bytes, err := page.Render(shell, data)
	return framed(status, shell, bytes, err)
}

// framed replies with a page that was rendered.
func framed(status int, shell pages.Shell, page []byte, err error) (provider.Reply, error) {
	reply := provider.HTML(status, page)
	reply.Header = shell.Header()
	return reply, err
}

// tellStatus is what a page asks while it is looked at.
func tellStatus(status string) provider.Reply {
	reply := provider.Reply{Raw: &provider.Raw{Media: "application/json", Bytes: fmt.Appendf(nil, `{"status":%q}`, status)}}
	reply.Header = http.Header{"Cache-Control": {"no-store"}}
	return reply
}
