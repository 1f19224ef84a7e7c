package finqlink

import (
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/qr"
)

const brand = "FinqLink (mock)"

// screens are the templates of the pages.
type screens struct {
	checkout, status, dashboard, notices *pages.Page
	bank                                 *pages.Simulator
	looks                                map[string]*look
}

func readScreens() (s screens, err error) {
	for _, read := range []struct {
		into  **pages.Page
		files []string
	}{
		{&s.checkout, []string{"frame.html", "checkout.html"}}, {&s.status, []string{"frame.html", "status.html"}}, {&s.dashboard, []string{"dashboard.html"}},
	} {
		text, err := readWeb(read.files...)
		if err != nil {
			return s, err
		}
		if *read.into, err = pages.New(text); err != nil {
			return s, err
		}
	}
	if s.notices, err = pages.New(pages.Notices); err != nil {
		return s, err
	}
	if s.bank, err = pages.NewSimulator(); err != nil {
		return s, err
	}
	s.looks, err = readLooks()
	return s, err
}

// pages are the routes that people take.
func (f *finqlink) pages() []provider.Page {
	return []provider.Page{
		{Name: "page.web", Method: http.MethodGet, Path: "/web/:web_id", Handler: provider.Write(f.openWeb)},
		{Name: "page.web_status", Method: http.MethodGet, Path: "/web/:web_id/status", Handler: provider.Read(showWebStatus)},
		{Name: "page.web_qr_png", Method: http.MethodGet, Path: "/web/:web_id/qr.png", Handler: provider.Read(drawPNG)},
		{Name: "page.web_qr_svg", Method: http.MethodGet, Path: "/web/:web_id/qr.svg", Handler: provider.Read(drawSVG)},
		{Name: "page.web_pay", Method: http.MethodPost, Path: "/web/:web_id/pay", Handler: provider.Write(f.payWeb)},
		{Name: "page.web_retry", Method: http.MethodPost, Path: "/web/:web_id/retry", Handler: provider.Write(retryWeb)},
		{Name: "page.web_give_up", Method: http.MethodPost, Path: "/web/:web_id/give_up", Handler: provider.Write(giveUpWeb)},
		{Name: "page.web_callback", Method: http.MethodGet, Path: "/web/callback", Handler: provider.Write(takeCallback)},
		{Name: "page.web_return", Method: http.MethodGet, Path: "/web/:web_id/return", Handler: provider.Read(returnToShop)},
		{Name: "page.bank", Method: http.MethodGet, Path: "/bank/:provider_id/sca/:sca_id", Handler: provider.Write(f.openBank)},
		{Name: "page.bank_status", Method: http.MethodGet, Path: "/bank/:provider_id/sca/:sca_id/status", Handler: provider.Read(f.showBankStatus)},
		{Name: "page.bank_choose", Method: http.MethodPost, Path: "/bank/:provider_id/sca/:sca_id", Handler: provider.Write(f.chooseAtBank)},
		{Name: "page.script", Method: http.MethodGet, Path: scriptPath, Handler: provider.Read(sendScript)},
		{Name: "page.logo", Method: http.MethodGet, Path: "/assets/:file", Handler: provider.Read(f.logo)},
		{Name: "page.dashboard", Method: http.MethodGet, Path: "/dashboard", Handler: provider.Read(f.dashboard)},
	}
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

// refusalPage is an error as a page, with the status that the API would give it, in the clothes of the order that it is
// about, where it is about one.
func (f *finqlink) refusalPage(c *provider.Call, e *problem.Error) provider.Reply {
	language, template, here := "", "", ""
	if o, err := webOrder(c); c.Params["web_id"] != "" && err == nil {
		w := o.common()
		language, template, here = w.Language, w.Options.Template, w.webURL(c.Base())
	}
	t, l := speak(c, language), f.screens.look(template)
	status := judge(e).status
	what := t.refusal(e, status)
	shell := f.shell(c, t, l, what.Title, here)
	if here == "" {
		shell.Languages = nil
	}
	reply, err := show(f.screens.notices, status, shell, pages.Notice{Tone: pages.Bad, Title: what.Title, Text: what.Text})
	if err != nil {
		return provider.Reply{Status: http.StatusInternalServerError, Raw: &provider.Raw{Media: "text/plain; charset=utf-8", Bytes: []byte(what.Title)}}
	}
	return reply
}

// refusal is what is said of an error. What is not known is said as the API says it.
func (t *texts) refusal(e *problem.Error, status int) told {
	switch {
	case e.Kind == problem.NotFound || e.Kind == problem.NoRoute:
		return t.Nothing
	case e.Code == "link_expired":
		return t.Expired
	case status == http.StatusInternalServerError:
		return t.Fault
	}
	return told{t.DidNotWork.Title, sentence(e)}
}

var scriptPath = "/assets/" + pages.ScriptName

// kept is for assets, whose text follows from their name.
func kept(media string, bytes []byte) provider.Reply {
	return provider.Reply{
		Header: http.Header{"Cache-Control": {"max-age=3600"}, "Content-Security-Policy": {"default-src 'none'"}},
		Raw:    &provider.Raw{Media: media, Bytes: bytes},
	}
}

func sendScript(*provider.Call) (provider.Reply, error) {
	return kept("text/javascript; charset=utf-8", pages.Script), nil
}

// qrCode is that of the address of a link that people hand on.
func qrCode(c *provider.Call) (qr.Code, error) {
	o, err := webOrder(c)
	if err != nil {
		return qr.Code{}, err
	}
	w := o.common()
	if w.direct() {
		return qr.Code{}, problem.Newf(problem.NotFound, "", "A %s of type %s has no QR code: its address is the bank's", o.words().thing, w.Options.Type)
	}
	return qr.New(w.webURL(c.Base()))
}

func drawPNG(c *provider.Call) (provider.Reply, error) {
	code, err := qrCode(c)
	if err != nil {
		return provider.Reply{}, err
	}
	picture, err := code.PNG()
	return kept("image/png", picture), err
}

func drawSVG(c *provider.Call) (provider.Reply, error) {
	code, err := qrCode(c)
	return kept("image/svg+xml", code.SVG()), err
}

// logo draws the mark of a bank.
func (f *finqlink) logo(c *provider.Call) (provider.Reply, error) {
	id, ok := strings.CutSuffix(c.Params["file"], ".svg")
	b := f.banks.bank(id)
	if b == nil || !ok {
		return provider.Reply{}, problem.New(problem.NotFound, "", "There is no such picture")
	}
	return kept("image/svg+xml", pages.Logo(b.Name)), nil
}
