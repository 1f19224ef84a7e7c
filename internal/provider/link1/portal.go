package link1

import (
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// The portal is where developers read about the APIs, register applications, get plans for them and try what they call.
//
// A request to one of its pages is a visit (portal_visit.go): of anybody on those that tell about the portal, and of
// somebody who signed in on all others. Each page shows what portal_page.go knows of, in one template.

var (
	//go:embed web/portal.html
	portalPage string
	//go:embed web/portal.css
	portalStyle template.CSS
)

// portalTexts are what the portal tells, as the file has it.
type portalTexts struct {
	Welcome   welcome    `yaml:"welcome"`
	Questions []question `yaml:"questions"`
	Terms     []string   `yaml:"terms"`
	Privacy   []string   `yaml:"privacy"`
}

type welcome struct {
	Title string `yaml:"title"`
	Text  string `yaml:"text"`
	Steps []card `yaml:"steps"`
}

// question is one that many have.
type question struct {
	Question string   `yaml:"question"`
	Answer   []string `yaml:"answer"`
}

func (t *portalTexts) read() error { return readFile("portal", t) }

// The paths of the pages, below the face.
const (
	faqPath      = "/faq-page"
	termsPath    = "/terms"
	privacyPath  = "/privacy"
	registerPath = "/user/register"
	activatePath = "/user/activate"
	resendPath   = "/user/resend"
	loginPath    = "/user/login"
	logoutPath   = "/user/logout"
	passwordPath = "/user/password"
	acceptPath   = "/user/accept"
	appsPath     = "/apps"
	productPath  = "/product"
	nodePath     = "/node"
	forumPath    = "/forum"
	supportPath  = "/support"
	adminPath    = "/admin/requests"
	ticketsPath  = "/admin/tickets"
)

// places is where the main menu leads.
var places = []pages.Place{
	{Label: "Home", URL: "/"}, {Label: "API Products", URL: productPath}, {Label: "Apps", URL: appsPath},
	{Label: "FAQ", URL: faqPath}, {Label: "Forum", URL: forumPath}, {Label: "Support", URL: supportPath},
}

// doing answers a visit.
type doing = func(*visit) (provider.Reply, error)

// portalPages are all routes of the portal. What is open, anybody sees; what is seen and sent, those who signed in; and
// what is ruled, administrators.
func (l *link) portalPages() []provider.Page {
	const get, post = http.MethodGet, http.MethodPost
	read, write := provider.Read, provider.Write
	all := []provider.Page{
		{Name: "page.home", Method: get, Path: "/", Handler: read(l.open(openHome))},
		{Name: "page.faq", Method: get, Path: faqPath, Handler: read(l.open(openFAQ))},
		{Name: "page.terms", Method: get, Path: termsPath, Handler: read(l.open(openTerms))},
		{Name: "page.privacy", Method: get, Path: privacyPath, Handler: read(l.open(openPrivacy))},
		{Name: "page.register", Method: get, Path: registerPath, Handler: read(l.open(openRegister))},
		{Name: "page.registered", Method: post, Path: registerPath, Handler: write(l.posted(register))},
		{Name: "page.activate", Method: get, Path: activatePath + "/:token", Handler: write(l.open(activate))},
		{Name: "page.resend", Method: post, Path: resendPath, Handler: write(l.posted(resend))},
		{Name: "page.login", Method: get, Path: loginPath, Handler: read(l.open(openLogin))},
		{Name: "page.sign_in", Method: post, Path: loginPath, Handler: write(l.posted(signIn))},
		{Name: "page.sign_out", Method: post, Path: logoutPath, Handler: write(l.posted(signOut))},
		{Name: "page.password", Method: get, Path: passwordPath, Handler: read(l.open(openForgotten))},
		{Name: "page.forgotten", Method: post, Path: passwordPath, Handler: write(l.posted(forgotten))},
		{Name: "page.password_new", Method: get, Path: passwordPath + "/:token", Handler: read(l.open(openNewPassword))},
		{Name: "page.password_set", Method: post, Path: passwordPath + "/:token", Handler: write(l.posted(setPassword))},
		{Name: "page.accept", Method: get, Path: acceptPath, Handler: read(l.known(openAccept))},
		{Name: "page.accepted", Method: post, Path: acceptPath, Handler: write(l.known(ownForm(accept)))},
	}
	all = slices.Concat(all, l.appPages(), l.planPages(), l.nodePages(), l.talkPages(), l.adminPages())
	for i := range all {
		all[i].Face = portalFace
	}
	return all
}

// here is where the portal is in the address by which the request came. Links and forms stay at that origin, for which
// the session is.
func here(c *provider.Call, path string) string { return strings.TrimPrefix(c.Called, c.Origin) + path }

func goTo(c *provider.Call, path string) provider.Reply { return provider.SeeOther(here(c, path)) }

// inside are the places for those who signed in, and where one may be led to after that.
var inside = []string{appsPath, productPath, nodePath, forumPath, supportPath, adminPath, ticketsPath}

// ownPath is a path of the pages to which signing in leads, with its query. Anything else, which may be a stranger's
// text, is the list of applications.
func ownPath(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.IsAbs() || u.Host != "" || path.Clean(u.Path) != u.Path {
		return appsPath
	}
	if !slices.ContainsFunc(inside, func(place string) bool { return atOrBelow(u.Path, place) }) {
		return appsPath
	}
	return u.RequestURI()
}

// atOrBelow tells whether a path is a place or below it.
func atOrBelow(path, place string) bool { return path == place || strings.HasPrefix(path, place+"/") }

func query(name, value string) string { return "?" + url.Values{name: {value}}.Encode() }
