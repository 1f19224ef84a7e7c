package linkmoney

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// The hosted page, route by route. What happens is told by flow.go; here it is seen to that each page is shown only where
// the session stands there (seen), and that a form comes from its own page (sent). After each step the browser is sent
// to where the session stands then, so that to reload, to go back or to press twice does no harm.

// The paths of the pages, below the face. Each but the first names its session with sessionKey in query or form.
const (
	openPath     = "/"
	consentPath  = "/consent"
	banksPath    = "/banks"
	loginPath    = "/login"
	accountsPath = "/accounts"
	resultPath   = "/result"
	leavePath    = "/leave"
	retellPath   = "/story"
	statusPath   = "/status"
)

// visit is a request to a session's page.
type visit struct {
	*provider.Call
	*linkmoney
	session *provider.Entity[Session]
}

// at is the address of a page of this session.
func (v *visit) at(path string, pairs ...string) string {
	query := url.Values{"sessionKey": {v.session.ID()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return here(v.Call, path) + "?" + query.Encode()
}

// goOn sends the browser to where the session stands.
func (v *visit) goOn() provider.Reply {
	path := openPath
	switch screenOf(v.session) {
	case screenConsent:
		if v.session.State() == opened {
			path = consentPath
		}
	case screenAccounts:
		path = accountsPath
	case screenResult:
		path = resultPath
	}
	return provider.SeeOther(v.at(path))
}

// openPage is where the merchant, or the SDK, sends the customer. sessionKey and redirect count; custom, version and
// environment are taken and change nothing: the host says which environment it is.
func (l *linkmoney) openPage(c *provider.Call) (provider.Reply, error) {
	key, redirect := c.Query.Get("sessionKey"), c.Query.Get("redirect")
	if c.Method == http.MethodHead { // A look without anybody behind it opens nothing.
		return provider.HTML(http.StatusOK, nil), nil
	}
	s, err := l.open(c, key, redirect)
	if err == nil {
		return (&visit{c, l, s}).goOn(), nil
	}
	switch e := problem.From(err); e.Kind {
	case problem.NotFound, problem.Refused, problem.Invalid:
		return l.refusalPage(e, errorTarget(c, s, redirect)), nil
	}
	return provider.Reply{}, err
}

// seen has a page shown where the session stands there. Elsewhere the browser is sent to the page that is.
func (l *linkmoney) seen(at screen, page func(*visit) (provider.Reply, error)) func(*provider.Call) (provider.Reply, error) {
	return func(c *provider.Call) (provider.Reply, error) {
		s, err := find(c, c.Query.Get("sessionKey"))
		if err != nil {
			return provider.Reply{}, err
		}
		v := &visit{c, l, s}
		if screenOf(s) != at || s.State() == created {
			return v.goOn(), nil
		}
		return page(v)
	}
}

// sent has a form do something, if it came from a page of its session.
func (l *linkmoney) sent(act func(*visit) (provider.Reply, error)) func(*provider.Call) (provider.Reply, error) {
	return func(c *provider.Call) (provider.Reply, error) {
		s, err := find(c, c.FormValue("sessionKey"))
		if err != nil {
			return provider.Reply{}, err
		}
		if err := c.CheckFormToken(formOf(s), c.FormValue("token")); err != nil {
			return provider.Reply{}, err
		}
		return act(&visit{c, l, s})
	}
}

// formOf is what the anti-forgery token of the session's forms is for.
func formOf(s *provider.Entity[Session]) string { return "linkmoney/session/" + s.ID() }

// logInAtBank shows the form again after a login that the bank refused.
func logInAtBank(v *visit) (provider.Reply, error) {
	in := login{Bank: wholeNumber(v.FormValue("bank")), User: v.FormValue("user"), Password: v.FormValue("password")}
	wrong, err := v.logIn(v.Call, v.session, in)
	if err != nil {
		return provider.Reply{}, err
	}
	if wrong && v.session.State() == opened {
		return v.showLoginAgain(in)
	}
	return v.goOn(), nil
}

func chooseAccount(v *visit) (provider.Reply, error) {
	err := v.choose(v.Call, v.session, v.FormValue("account"))
	return v.goOn(), err
}

func leavePage(v *visit) (provider.Reply, error) {
	err := leave(v.Call, v.session)
	return v.goOn(), err
}

// retellPage has another story told, and shows the page again on which that was asked for.
func retellPage(v *visit) (provider.Reply, error) {
	story := v.FormValue("story")
	if !slices.ContainsFunc(v.stories(), func(s provider.Story) bool { return s.Name == story }) {
		return provider.Reply{}, problem.New(problem.Invalid, "", "Please press one of the buttons").At("/story")
	}
	if err := retell(v.Call, v.session, story); err != nil {
		return provider.Reply{}, err
	}
	from, err := url.Parse(v.FormValue("from"))
	if v.session.State() == opened && err == nil && slices.Contains([]string{banksPath, loginPath}, from.Path) {
		return provider.SeeOther(v.at(from.Path, "bank", from.Query().Get("bank"))), nil
	}
	return v.goOn(), nil
}

// tellStatus is what a page asks while it is looked at.
func tellStatus(c *provider.Call) (provider.Reply, error) {
	s, err := find(c, c.Query.Get("sessionKey"))
	if err != nil {
		return provider.Reply{}, err
	}
	reply := provider.Reply{Raw: &provider.Raw{Media: "application/json", Bytes: fmt.Appendf(nil, `{"status":%q}`, s.State())}}
	reply.Header = http.Header{"Cache-Control": {"no-store"}}
	return reply, nil
}
