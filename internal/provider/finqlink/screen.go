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

// frame begins a page of the WebUI.
func (f *finqlink) frame(c *provider.Call, l *Link, at int) frame {
	t := speak(c, l.Language)
	return frame{Text: t, Look: f.screens.look(l.Options.Template), At: at, Order: l.summary(t, c.Called)}
}

func (l *Link) summary(t *texts, base string) summary {
	s := summary{Title: fmt.Sprintf(t.PaymentTo, l.Transfer.CreditorName), Amount: t.money(l.Transfer.Amount, l.Transfer.Currency)}
	for _, line := range []pages.Line{
		{Name: t.ToAccount, Value: printed(l.Transfer.CreditorIBAN)}, {Name: t.Details, Value: l.Transfer.Details}, {Name: t.From, Value: printed(l.Transfer.DebtorIBAN)},
	} {
		if line.Value != "" {
			s.Lines = append(s.Lines, line)
		}
	}
	for _, g := range l.Transfer.Goods {
		g.Amount = t.money(g.Amount, l.Transfer.Currency)
		s.Goods = append(s.Goods, g)
	}
	if !l.direct() {
		s.QR = l.webURL(base) + "/qr.svg"
	}
	return s
}

// printed is an IBAN in groups of four, as on paper.
func printed(iban string) string {
	var groups []string
	for group := range slices.Chunk([]byte(iban), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " ")
}

// remember keeps the language that the payer chose for the pages to come.
func remember(c *provider.Call, e *provider.Entity[Link]) {
	if chosen := c.Query.Get("lang"); chosen != "" && chosen != e.Data.Language && speak(c, "").Tag == chosen {
		e.Data.Language = chosen
		links.Update(c, e)
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
