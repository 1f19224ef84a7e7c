package linkmoney

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const brand = "Link Money (mock)"

// web holds the templates and styles of the pages.
//
//go:embed web/*.html web/*.css
var web embed.FS

// screens are the templates of the pages.
type screens struct {
	consent, banks, login, accounts, result, portal *pages.Page
	style, portalStyle                              template.CSS
}

func readScreens() (s screens, err error) {
	for _, read := range []struct {
		into  **pages.Page
		files []string
	}{
		{&s.consent, []string{"frame.html", "consent.html"}}, {&s.banks, []string{"frame.html", "banks.html"}},
		{&s.login, []string{"frame.html", "login.html"}}, {&s.accounts, []string{"frame.html", "accounts.html"}},
		{&s.result, []string{"frame.html", "result.html"}}, {&s.portal, []string{"portal.html"}},
	} {
		text, err := readWeb(read.files...)
		if err != nil {
			return s, err
		}
		if *read.into, err = pages.New(text); err != nil {
			return s, err
		}
	}
	for into, name := range map[*template.CSS]string{&s.style: "link.css", &s.portalStyle: "portal.css"} {
		text, err := readWeb(name)
		if err != nil {
			return s, err
		}
		*into = template.CSS(text)
	}
	return s, nil
}

// readWeb joins files of web.
func readWeb(names ...string) (string, error) {
	all := ""
	for _, name := range names {
		text, err := web.ReadFile("web/" + name)
		if err != nil {
			return "", fmt.Errorf("linkmoney: read a file of the pages: %w", err)
		}
		all += string(text)
	}
	return all, nil
}

// pages are the routes for browsers.
func (l *linkmoney) pages() []provider.Page {
	const get, post = http.MethodGet, http.MethodPost
	all := []provider.Page{
		{Name: "page.open", Method: get, Path: openPath, Handler: provider.Write(l.openPage)},
		{Name: "page.consent", Method: get, Path: consentPath, Handler: provider.Read(l.seen(screenConsent, showConsent))},
		{Name: "page.banks", Method: get, Path: banksPath, Handler: provider.Read(l.seen(screenConsent, showBanks))},
		{Name: "page.login", Method: get, Path: loginPath, Handler: provider.Read(l.seen(screenConsent, showLogin))},
		{Name: "page.log_in", Method: post, Path: loginPath, Handler: provider.Write(l.sent(logInAtBank))},
		{Name: "page.accounts", Method: get, Path: accountsPath, Handler: provider.Read(l.seen(screenAccounts, showChoices))},
		{Name: "page.choose", Method: post, Path: accountsPath, Handler: provider.Write(l.sent(chooseAccount))},
		{Name: "page.result", Method: get, Path: resultPath, Handler: provider.Read(l.seen(screenResult, showResult))},
		{Name: "page.leave", Method: post, Path: leavePath, Handler: provider.Write(l.sent(leavePage))},
		{Name: "page.retell", Method: post, Path: retellPath, Handler: provider.Write(l.sent(retellPage))},
		{Name: "page.status", Method: get, Path: statusPath, Handler: provider.Read(tellStatus)},
		{Name: "page.script", Method: get, Path: scriptPath, Handler: provider.Read(sendScript("text/javascript; charset=utf-8", pages.Script))},
		{Name: "page.bank_logo", Method: get, Path: "/fi/:file", Handler: provider.Read(l.showLogo)},
	}
	all = append(all, l.portalPages()...)
	for i := range all {
		all[i].Face = clientFace
	}
	return append(all, l.staticPages()...)
}

var scriptPath = "/assets/" + pages.ScriptName

// sendScript is for scripts whose text follows from their name.
func sendScript(media string, text []byte) func(*provider.Call) (provider.Reply, error) {
	return func(*provider.Call) (provider.Reply, error) {
		return provider.Reply{
			Header: http.Header{"Cache-Control": {"max-age=3600"}, "Content-Security-Policy": {"default-src 'none'"}},
			Raw:    &provider.Raw{Media: media, Bytes: text},
		}, nil
	}
}

// here is where the pages are in the address by which the request came. Links and forms stay at that origin.
func here(c *provider.Call, path string) string { return strings.TrimPrefix(c.Called, c.Origin) + path }

// show replies with a page.
func show(page *pages.Page, status int, shell pages.Shell, data any) (provider.Reply, error) {
	shell.Brand, shell.Theme = brand, ID
	bytes, err := page.Render(shell, data)
	reply := provider.HTML(status, bytes)
	reply.Header = shell.Header()
	return reply, err
}

// refusalPage is an error as people see it. target is where they go on to; empty: they stay.
func (l *linkmoney) refusalPage(e *problem.Error, target string) provider.Reply {
	status := judge(e).status
	title, text := "This did not work", sentence(e)
	switch {
	case e.Kind == problem.NoRoute:
		title, text = "There is no such page", "Please check the address."
	case status == http.StatusInternalServerError:
		text = "Something went wrong here. Please try again."
	}
	shell := pages.Shell{Title: title, Style: l.screens.style, Refresh: pages.Refresh{Seconds: resultPause, App: template.URL(target)}}
	reply, err := show(l.screens.result, status, shell, resultView{Tone: pages.Bad, Title: title, Text: strings.TrimSuffix(text, ".") + ".", Target: template.URL(target)})
	if err != nil {
		return provider.Reply{Status: status, Raw: &provider.Raw{Media: "text/plain; charset=utf-8", Bytes: []byte(title)}}
	}
	return reply
}

// refuse says an error as the side does that was asked: as a page, or as the API.
func (l *linkmoney) refuse(c *provider.Call, err error) provider.Reply {
	if c.Face == clientFace {
		return l.refusalPage(problem.From(err), "")
	}
	return refusal(c, err)
}
