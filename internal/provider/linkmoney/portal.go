package linkmoney

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// The merchant portal shows the credentials with which the API is called, and who is notified. Nobody signs in: whoever
// reaches a mock may know its secrets.

const (
	portalPath         = "/merchant"
	portalAccountsPath = portalPath + "/accounts"
	portalWebhooksPath = portalPath + "/webhooks"
)

// portalScript is the portal's script. Its path changes with its text, so it may be kept.
//
//go:embed web/portal.js
var portalScript []byte

var portalScriptPath = fmt.Sprintf("/assets/portal-%.4x.js", sha256.Sum256(portalScript))

func (l *linkmoney) portalPages() []provider.Page {
	return []provider.Page{
		{Name: "page.portal", Method: http.MethodGet, Path: portalPath, Handler: provider.Read(func(c *provider.Call) (provider.Reply, error) {
			return provider.SeeOther(here(c, portalAccountsPath)), nil
		})},
		{Name: "page.portal_accounts", Method: http.MethodGet, Path: portalAccountsPath, Handler: provider.Read(l.showPortalAccounts)},
		{Name: "page.portal_webhooks", Method: http.MethodGet, Path: portalWebhooksPath, Handler: provider.Read(l.showPortalWebhooks)},
		{Name: "page.portal_script", Method: http.MethodGet, Path: portalScriptPath, Handler: provider.Read(sendScript("text/javascript; charset=utf-8", portalScript))},
	}
}

// portalView is a page of the portal: tiles of clients, or a table.
type portalView struct {
	Title, Lead string
	Clients     []clientView
	Table       *pages.Table
}

// clientView is a merchant's client as its tile shows it.
type clientView struct {
	ID, Name, Secret, Merchant string
	Redirects                  []string
}

func (l *linkmoney) showPortal(c *provider.Call, page portalView) (provider.Reply, error) {
	shell := pages.Shell{Title: page.Title, Style: l.screens.portalStyle, Live: pages.Live{Script: c.Called + portalScriptPath}}
	shell.Nav = pages.Nav{Label: "Merchant portal"}
	for _, place := range []pages.Place{{Label: "Accounts", URL: portalAccountsPath}, {Label: "Webhooks", URL: portalWebhooksPath}} {
		place.Here, place.URL = c.Path == place.URL, here(c, place.URL)
		shell.Nav.Places = append(shell.Nav.Places, place)
	}
	return show(l.screens.portal, http.StatusOK, shell, page)
}

func (l *linkmoney) showPortalAccounts(c *provider.Call) (provider.Reply, error) {
	clients, err := c.Clients()
	if err != nil {
		return provider.Reply{}, err
	}
	page := portalView{Title: "Accounts", Lead: environment(c) + " The API is at " + beside(c.Base(), ID) + ".", Table: &pages.Table{Empty: "There is no client. Make one with the control API."}}
	for _, client := range clients {
		page.Clients = append(page.Clients, viewClient(c, client))
	}
	reply, err := l.showPortal(c, page)
	reply.Secret = true
	return reply, err
}

// environment says by which names one came.
func environment(c *provider.Call) string {
	if production(c) {
		return "Production: customers are sent back to allowed addresses only."
	}
	return "Sandbox: customers are sent back to any address."
}

func viewClient(c *provider.Call, client *oauth.Client) clientView {
	settings := c.SettingsOf(client)
	view := clientView{ID: client.ID, Name: client.Name, Secret: client.Secret}
	if view.Name == "" {
		view.Name = client.ID
	}
	view.Merchant, _ = settings["merchant_id"].(string)
	allowed, _ := settings["redirect_allow_list"].([]any)
	for _, prefix := range allowed {
		if text, ok := prefix.(string); ok {
			view.Redirects = append(view.Redirects, text)
		}
	}
	return view
}

func (l *linkmoney) showPortalWebhooks(c *provider.Call) (provider.Reply, error) {
	all, err := subscriptionsOf(c, "")
	if err != nil {
		return provider.Reply{}, err
	}
	table := &pages.Table{
		Caption: "Subscriptions", Empty: "Nobody has subscribed yet: POST /v1/webhook/subscribe.",
		Columns: []pages.Column{{Label: "URL", Wraps: true}, {Label: "Merchant"}, {Label: "Events", Wraps: true}, {Label: "Since"}, {Label: "Status"}},
	}
	for _, subscription := range slices.Backward(all) {
		table.Rows = append(table.Rows, subscriptionRow(subscription))
	}
	return l.showPortal(c, portalView{Title: "Webhooks", Lead: "Who is notified of what happens.", Table: table})
}

func subscriptionRow(e *provider.Entity[Subscription]) []pages.Cell {
	events := strings.Join(e.Data.EventTypes, ", ")
	if len(e.Data.EventTypes) == len(eventTypes) {
		events = "all"
	}
	tone := pages.Good
	if e.Data.Ended {
		tone = pages.Bad
	}
	return []pages.Cell{
		{Text: e.Data.URL, Code: true}, {Text: e.Data.Merchant}, {Text: events}, {At: e.Created()}, {Text: e.Data.status(), Tone: tone},
	}
}
