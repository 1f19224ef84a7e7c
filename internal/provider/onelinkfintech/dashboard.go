package onelinkfintech

import (
	_ "embed"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	files "github.com/mockbank/mockbank/fixtures"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/strictyaml"
)

// The provider speaks of a dashboard in which keys are seen and managed. Its pages are chosen here.
//
// A request to a page is a visit: of somebody who signed in (dashboard_session.go), for whose platform the visit reads
// and acts as an API key of that platform would. A form is let in only with the token of its own page. Both is seen
// to in one place, seen and sent, so that no page can forget it.

const (
	dashboardFace  = ID + "-dashboard"
	dashboardBrand = "OneLinkFintech (mock)"
)

//go:embed dashboard.html
var dashboardText string

// dashboard is what its pages share.
type dashboard struct {
	*onelink
	users         []user
	desk, notices *pages.Page
}

// addDashboard gives the provider its second face. Its errors are those of the users' file and the templates.
func (o *onelink) addDashboard(p *provider.Provider) (*provider.Provider, error) {
	d := &dashboard{onelink: o}
	if err := d.read(); err != nil {
		return nil, err
	}
	p.Faces = append(p.Faces, provider.Face{Name: dashboardFace, Mount: "/" + dashboardFace})
	p.Pages = d.pages()
	p.Problem = d.refusal
	p.Credentials = append(p.Credentials,
		provider.Credential{Name: "Dashboard user", Value: d.users[0].Email}, provider.Credential{Name: "Dashboard password", Value: d.users[0].Password})
	return p, nil
}

func (d *dashboard) read() error {
	var all struct {
		Users []user `yaml:"users"`
	}
	const name = ID + "/users.yaml"
	data, err := files.FS.ReadFile(name)
	if err == nil {
		err = strictyaml.Unmarshal("fixtures/"+name, data, &all)
	}
	if err == nil {
		d.desk, err = pages.New(dashboardText)
	}
	if err == nil {
		d.notices, err = pages.New(pages.Notices)
	}
	d.users = all.Users
	return err
}

// The paths of the pages, below the face.
const (
	loginPath      = "/login"
	logoutPath     = "/logout"
	keysPath       = "/keys"
	newKeyPath     = keysPath + "/new"
	accountsPath   = "/accounts"
	paymentsPath   = "/payments"
	recipientsPath = "/recipients"
	settlementPath = "/settlement"
	webhookPath    = "/webhook"
)

// places is where the navigation leads.
var places = []pages.Place{
	{Label: "API keys", URL: keysPath}, {Label: "Payments", URL: paymentsPath}, {Label: "Accounts", URL: accountsPath},
	{Label: "Recipients", URL: recipientsPath}, {Label: "Settlement", URL: settlementPath}, {Label: "Webhook", URL: webhookPath},
}

func (d *dashboard) pages() []provider.Page {
	const get, post = http.MethodGet, http.MethodPost
	const key = keysPath + "/:id"
	all := []provider.Page{
		{Name: "page.login", Method: get, Path: loginPath, Handler: provider.Read(d.openLogin)},
		{Name: "page.sign_in", Method: post, Path: loginPath, Handler: provider.Write(d.signIn)},
		{Name: "page.sign_out", Method: post, Path: logoutPath, Handler: provider.Write(d.sent(signOut))},
		{Name: "page.home", Method: get, Path: "/", Handler: provider.Read(func(c *provider.Call) (provider.Reply, error) {
			return goTo(c, keysPath), nil
		})},
		{Name: "page.keys", Method: get, Path: keysPath, Handler: provider.Read(d.seen(openKeys))},
		{Name: "page.key_new", Method: get, Path: newKeyPath, Handler: provider.Read(d.seen(openNewKey))},
		{Name: "page.key_create", Method: post, Path: newKeyPath, Handler: provider.Write(d.sent(makeKey))},
		{Name: "page.key_roll", Method: get, Path: key + "/roll", Handler: provider.Read(d.seen(openRoll))},
		{Name: "page.key_rolled", Method: post, Path: key + "/roll", Handler: provider.Write(d.sent(rollKey))},
		{Name: "page.key_revoke", Method: get, Path: key + "/revoke", Handler: provider.Read(d.seen(openRevoke))},
		{Name: "page.key_revoked", Method: post, Path: key + "/revoke", Handler: provider.Write(d.sent(revokeKey))},
		{Name: "page.settlement", Method: get, Path: settlementPath, Handler: provider.Read(d.seen(openSettlement))},
		{Name: "page.funds", Method: post, Path: settlementPath, Handler: provider.Write(d.sent(addFunds))},
		{Name: "page.webhook", Method: get, Path: webhookPath, Handler: provider.Read(d.seen(openWebhook))},
		{Name: "page.webhook_set", Method: post, Path: webhookPath, Handler: provider.Write(d.sent(setWebhook))},
	}
	for _, s := range []struct {
		name, path string
		list, one  func(*visit) (provider.Reply, error)
	}{
		{"account", accountsPath, openAccounts, openAccount}, {"payment", paymentsPath, openPayments, openPayment},
		{"recipient", recipientsPath, openRecipients, openRecipient},
	} {
		all = append(all,
			provider.Page{Name: "page." + s.name + "s", Method: get, Path: s.path, Handler: provider.Read(d.seen(s.list))},
			provider.Page{Name: "page." + s.name, Method: get, Path: s.path + "/:id", Handler: provider.Read(d.seen(s.one))})
	}
	for i := range all {
		all[i].Face = dashboardFace
	}
	return all
}

// here is where the dashboard is in the address by which the request came. Links and forms stay at that origin, for
// which the session is.
func here(c *provider.Call, path string) string { return strings.TrimPrefix(c.Called, c.Origin) + path }

func goTo(c *provider.Call, path string) provider.Reply { return provider.SeeOther(here(c, path)) }

// ownPath is a path of the pages that are for people who signed in, with its query. Anything else, which may be a
// stranger's text, is the first page.
func ownPath(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.IsAbs() || u.Host != "" || path.Clean(u.Path) != u.Path {
		return keysPath
	}
	if !slices.ContainsFunc(places, func(p pages.Place) bool { return within(u.Path, p.URL) }) {
		return keysPath
	}
	return u.RequestURI()
}

// within tells whether a path is a place or below it.
func within(path, place string) bool { return path == place || strings.HasPrefix(path, place+"/") }
