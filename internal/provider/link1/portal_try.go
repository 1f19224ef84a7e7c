package link1

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// Try sends what was typed through the house as any caller would. The gateway judges and counts it like every other
// call, and the page shows what went there and what came back.

// The fields of the form, besides those of the credentials.
const (
	tokenField = "access_token"
	bodyField  = "body"
	doField    = "do"
	getToken   = "token"
)

// attempt is what is typed on the form.
type attempt struct {
	callable
	api                         *api
	client, secret, token, body string
}

// callable finds the operation that the request names, or else the first.
func (v *visit) callable(a *api) (callable, error) {
	all, wanted := v.operationsOf(a), v.Query.Get("operation")
	for _, c := range all {
		if c.ID == wanted || wanted == "" {
			return c, nil
		}
	}
	return callable{}, problem.New(problem.NotFound, "", "The API has no such operation.")
}

func openTry(v *visit, a *api) (provider.Reply, error) {
	c, err := v.callable(a)
	if err != nil {
		return provider.Reply{}, err
	}
	body, err := v.sample(c)
	if err != nil {
		return provider.Reply{}, err
	}
	return v.showTry(&attempt{callable: c, api: a, body: body}, nil)
}

// ownClients are the client ids of the user's applications, each with the application that it is of.
func (v *visit) ownClients() (options []pages.Option, of map[string]*provider.Entity[App], err error) {
	own, err := v.ownApps()
	of = map[string]*provider.Entity[App]{}
	for _, app := range own {
		if err != nil {
			return nil, nil, err
		}
		var pairs []pair
		pairs, err = v.pairsOf(app)
		for _, p := range pairs {
			options = append(options, pages.Option{Value: p.entity.ID(), Label: app.Data.Name + ": " + p.entity.ID()})
			of[p.entity.ID()] = app
		}
	}
	return options, of, err
}

// showTry shows the form as it was filled in, above what became of it.
func (v *visit) showTry(t *attempt, outcome []block) (provider.Reply, error) {
	clients, _, err := v.ownClients()
	if err != nil {
		return provider.Reply{}, err
	}
	shown := view{
		Trail: pages.Link{Label: t.api.Title, URL: v.here(t.api.path())}, Title: "Try: " + t.Summary,
		Lead: t.Method + " " + v.gateway() + belowCatalog(t.Path),
	}
	if len(clients) == 0 {
		shown.Blocks = []block{{Empty: "To call an API, register an application first.", Next: []pages.Link{{Label: "Register an application", URL: v.here(appsPath + "/new")}}}}
		return v.ok(shown)
	}
	form := v.asks(t.api.path()+"/try"+query("operation", t.ID), v.tryForm(t, clients))
	reply, err := v.ok(addBlocks(shown, append(outcome, form)))
	reply.Secret = true // The form holds what was typed.
	return reply, err
}

func addBlocks(shown view, blocks []block) view {
	shown.Blocks = append(shown.Blocks, blocks...)
	return shown
}

func (v *visit) tryForm(t *attempt, clients []pages.Option) pages.Form {
	secretHint := "Is sent where it is given; you need it to get a token."
	if t.service != nil {
		secretHint = "Over SOAP it has to be sent with each call."
	}
	return pages.Form{
		Fields: []pages.Field{
			{Name: "client_id", Label: "Client ID", Value: t.client, Options: clients, Folds: true},
			{Name: "client_secret", Label: "Client Secret", Type: "password", Value: t.secret, Optional: true, Hint: secretHint, Longest: 200},
			{Name: tokenField, Label: "Access token", Value: t.token, Optional: true, Hint: "Get one with ID and secret, or paste one that you have.", Longest: 200},
			{Name: bodyField, Label: "Body", Value: t.body, Rows: min(20, 2+strings.Count(t.body, "\n")), Longest: 100_000, Optional: true, Quiet: true},
		},
		Button: "Try", Also: []pages.Button{{Name: doField, Value: getToken, Label: "Get token"}},
	}
}

func try(v *visit, a *api) (provider.Reply, error) {
	c, err := v.callable(a)
	if err != nil {
		return provider.Reply{}, err
	}
	t := &attempt{callable: c, api: a, client: v.FormValue("client_id"), secret: v.FormValue("client_secret"), token: strings.TrimSpace(v.FormValue(tokenField)), body: v.FormValue(bodyField)}
	_, of, err := v.ownClients()
	if err != nil {
		return provider.Reply{}, err
	}
	app := of[t.client]
	if app == nil {
		return provider.Reply{}, problem.New(problem.NotFound, "", "None of your applications has this client ID.")
	}
	relay := t.request(app.Data.Catalog)
	if v.FormValue(doField) == getToken {
		relay = t.tokenRequest(app.Data.Catalog)
	}
	relay.Then = func(c *provider.Call, answer provider.Relayed) (provider.Reply, error) {
		again := *v
		again.Call = c
		return again.tried(t, relay, answer)
	}
	return provider.Reply{Relay: relay}, nil
}

// request is the call.
func (t *attempt) request(catalog string) *provider.Relay {
	header := http.Header{"Content-Type": {t.Media}, "Accept": {t.Media}}
	header.Set(clientIDHeader, t.client)
	if t.Action != "" {
		header.Set("SOAPAction", t.Action)
	}
	if t.secret != "" {
		header.Set(clientSecretHeader, t.secret)
	}
	if t.token != "" {
		header.Set("Authorization", "Bearer "+t.token)
	}
	return &provider.Relay{Face: gatewayFace, Method: t.Method, Path: inCatalog(t.Path, catalog), Header: header, Body: []byte(t.body)}
}

// tokenRequest asks for an access token.
func (t *attempt) tokenRequest(catalog string) *provider.Relay {
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {tokenScope}, "client_id": {t.client}, "client_secret": {t.secret}}
	return &provider.Relay{
		Face: gatewayFace, Method: http.MethodPost, Path: inCatalog("/uat-1link/{catalog}/oauth2/token", catalog),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(form.Encode()),
	}
}

func inCatalog(path, catalog string) string { return strings.Replace(path, "{catalog}", catalog, 1) }

// tried shows the form again, with the token where one came, and what was sent and answered.
func (v *visit) tried(t *attempt, sent *provider.Relay, answer provider.Relayed) (provider.Reply, error) {
	var token tokenReply
	if json.Unmarshal(answer.Body, &token) == nil && token.Token != "" {
		t.token = token.Token
	}
	return v.showTry(t, []block{
		{Title: "Answer", Facts: answerFacts(answer), Code: cmp.Or(pretty(answer.Body), "No body.")},
		{Title: "Request", Facts: requestFacts(v, sent), Code: cmp.Or(pretty(hide(sent.Body, t.secret)), "No body.")},
	})
}

func answerFacts(answer provider.Relayed) []pages.Fact {
	status := pages.Cell{Text: fmt.Sprintf("%d %s", answer.Status, http.StatusText(answer.Status)), Tone: pages.Good}
	switch {
	case answer.Cut:
		status = pages.Cell{Text: "The connection was closed before the end of an answer", Tone: pages.Bad}
	case answer.Status >= http.StatusBadRequest:
		status.Tone = pages.Bad
	}
	return append([]pages.Fact{{Name: "Status", Cell: status}}, headerFacts(answer.Header)...)
}

func requestFacts(v *visit, sent *provider.Relay) []pages.Fact {
	shown := maps.Clone(sent.Header)
	if shown.Get(clientSecretHeader) != "" {
		shown.Set(clientSecretHeader, hiddenSecret)
	}
	return append([]pages.Fact{{Name: sent.Method, Cell: code(v.Beside(gatewayFace) + sent.Path)}}, headerFacts(shown)...)
}

const hiddenSecret = "••••••••"

// hide keeps a secret from the screen.
func hide(body []byte, secret string) []byte {
	if secret == "" {
		return body
	}
	return bytes.ReplaceAll(body, []byte(url.QueryEscape(secret)), []byte(hiddenSecret))
}

// spelled are headers as documents write them.
var spelled = map[string]string{"X-Ibm-Client-Id": clientIDHeader, "X-Ibm-Client-Secret": clientSecretHeader, "Soapaction": "SOAPAction"}

func headerFacts(header http.Header) (all []pages.Fact) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		all = append(all, pages.Fact{Name: cmp.Or(spelled[name], name), Cell: code(strings.Join(header[name], ", "))})
	}
	return all
}

// pretty breaks lines where JSON and XML may be broken.
func pretty(body []byte) string {
	var out bytes.Buffer
	switch {
	case json.Indent(&out, body, "", "  ") == nil:
		return out.String()
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		return strings.ReplaceAll(string(body), "><", ">\n<")
	}
	return string(body)
}
