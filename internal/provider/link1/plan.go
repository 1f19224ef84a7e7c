package link1

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider"
)

// catalogue is what the portal offers: APIs, and products with plans of them.
type catalogue struct {
	APIs     []api     `yaml:"apis"`
	Products []product `yaml:"products"`
}

type api struct {
	ID         string   `yaml:"id"`
	Node       int      `yaml:"node"`
	Title      string   `yaml:"title"`
	SOAP       string   `yaml:"soap"` // the operation that takes its envelopes; empty: it is REST
	Operations []string `yaml:"operations"`
}

type product struct {
	Name    string   `yaml:"name"`
	Text    string   `yaml:"text"`
	Catalog string   `yaml:"catalog"`
	APIs    []string `yaml:"apis"`
	Plans   []plan   `yaml:"plans"`
}

type plan struct {
	Name       string     `yaml:"name"`
	Approval   bool       `yaml:"approval"`
	Operations []string   `yaml:"operations"` // none: all of the product's APIs
	Limits     []limit    `yaml:"limits"`
	Own        []ownLimit `yaml:"own"`

	product *product
}

// limit bounds the calls of an application, in all operations of a plan together.
type limit struct {
	Rate rate `yaml:"rate"`
	Hard bool `yaml:"hard"` // refuses; a soft one lets pass
}

// ownLimit bounds those of one operation, besides the plan's.
type ownLimit struct {
	Operation string `yaml:"operation"`
	Rate      rate   `yaml:"rate"`
	Hard      bool   `yaml:"hard"`
}

func (k *catalogue) read() error {
	if err := readFile("products", k); err != nil {
		return err
	}
	for i := range k.Products {
		p := &k.Products[i]
		if p.Catalog == "" {
			p.Catalog = sandbox
		}
		for j := range p.Plans {
			p.Plans[j].product = p
			if len(p.Plans[j].Operations) == 0 {
				p.Plans[j].Operations = k.operations(p)
			}
		}
	}
	return nil
}

func (k *catalogue) operations(p *product) (all []string) {
	for _, a := range k.APIs {
		if slices.Contains(p.APIs, a.ID) {
			all = append(all, a.Operations...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// plan finds a plan by product/plan; nil where there is none.
func (k *catalogue) plan(text string) *plan {
	product, name, _ := strings.Cut(text, "/")
	for i := range k.Products {
		for j := range k.Products[i].Plans {
			if p := &k.Products[i].Plans[j]; k.Products[i].Name == product && p.Name == name {
				return p
			}
		}
	}
	return nil
}

// free are the plans of a catalog that anybody gets.
func (k *catalogue) free(catalog string) (all []*plan) {
	for i := range k.Products {
		for j := range k.Products[i].Plans {
			p := &k.Products[i].Plans[j]
			if k.Products[i].Catalog == catalog && !p.Approval && p.Name == "Free" {
				all = append(all, p)
			}
		}
	}
	return all
}

// text names the plan as settings and subscriptions do.
func (p *plan) text() string { return p.product.Name + "/" + p.Name }

// Subscription is a plan that an application has, had or asked for.
type Subscription struct {
	App    string `json:"app"`
	Plan   string `json:"plan"`            // product/plan
	Reason string `json:"reason,omitzero"` // what the administrator said last
	Answer string `json:"answer,omitzero"` // what the user answered
}

// The states of a subscription that code looks at.
const (
	active       = "active"
	requested    = "requested"
	detailsAsked = "details_asked"
)

func (l *link) subscriptionKind() provider.KindDef {
	return subscriptions.Define(provider.Def[Subscription]{
		Parent: string(apps),
		Index: func(e *provider.Entity[Subscription]) []provider.Index {
			places := []provider.Index{{Name: byApp, Key: appKey(e.Data.App)}}
			if e.State() == requested || e.State() == detailsAsked {
				places = append(places, provider.Index{Name: "open"})
			}
			return places
		},
	})
}

// subscribe gives an application a plan, or asks for one that wants an approval.
func (l *link) subscribe(c *provider.Call, app *provider.Entity[App], text string, options ...provider.Option) error {
	p := l.plan(text)
	if p == nil {
		return fmt.Errorf("link1: there is no plan %q", text)
	}
	name, err := subscriptions.Next(c)
	if err != nil {
		return err
	}
	made, err := subscriptions.Create(c, name, name.UUID(), &Subscription{App: app.ID(), Plan: text}, append(options, provider.ChildOf(app))...)
	if err != nil {
		return err
	}
	if p.Approval {
		return subscriptions.Fire(c, made, "request")
	}
	return subscriptions.Fire(c, made, "subscribe")
}

// application is who calls: an app of the portal, or clients that the control API registered.
type application struct {
	ID, Catalog string
	entity      *provider.Entity[App]        // nil for the latter
	credential  *provider.Entity[Credential] // likewise
	Exhausted   bool
	plans       []*plan // that it has, the older first
	pending     []*plan // that it asked for
}

// application finds out whose client this is; nil where it may not call.
func (l *link) application(c *provider.Call, client *oauth.Client, catalog string) (*application, error) {
	pair, err := credentials.Get(c, client.ID)
	if err != nil {
		return nil, err
	}
	if pair == nil {
		return l.registered(c, client, catalog)
	}
	app, err := apps.Get(c, pair.Data.App)
	if err != nil || app == nil || app.State() != active || pair.State() != "valid" || app.Data.Catalog != catalog {
		return nil, err
	}
	a := &application{ID: app.ID(), Catalog: catalog, entity: app, credential: pair, Exhausted: app.Data.Exhausted}
	return a, l.addPlans(c, a, client)
}

// registered is the application of clients that the control API made: those that name one by the setting app are one.
func (l *link) registered(c *provider.Call, client *oauth.Client, catalog string) (*application, error) {
	name, _ := client.Settings["app"].(string)
	if name == "" {
		return l.withFree(&application{ID: "client:" + client.ID, Catalog: catalog}, client), nil
	}
	app, err := appNamed(c, name)
	if err != nil {
		return nil, err
	}
	if app == nil {
		return l.withFree(&application{ID: "app:" + name, Catalog: catalog}, client), nil
	}
	if app.State() != active || app.Data.Catalog != catalog {
		return nil, nil
	}
	a := &application{ID: app.ID(), Catalog: catalog, entity: app, Exhausted: app.Data.Exhausted}
	return a, l.addPlans(c, a, client)
}

// withFree gives the plans that the client's setting names, or else all free ones.
func (l *link) withFree(a *application, client *oauth.Client) *application {
	if named, ok := client.Settings["subscriptions"].([]any); ok {
		a.plans = l.named(named)
		return a
	}
	a.plans = l.free(a.Catalog)
	return a
}

func (l *link) named(texts []any) (plans []*plan) {
	for _, text := range texts {
		text, _ := text.(string)
		if p := l.plan(text); p != nil {
			plans = append(plans, p)
		}
	}
	return plans
}

// addPlans reads the subscriptions of an app, and what the control API wrote on the client.
func (l *link) addPlans(c *provider.Call, a *application, client *oauth.Client) error {
	err := subscriptions.List(c, byApp, provider.Range{Prefix: appKey(a.ID)}, func(e *provider.Entity[Subscription]) (bool, error) {
		p := l.plan(e.Data.Plan)
		switch {
		case p == nil:
		case e.State() == active:
			a.plans = append(a.plans, p)
		case e.State() == requested, e.State() == detailsAsked:
			a.pending = append(a.pending, p)
		}
		return true, nil
	})
	if named, ok := client.Settings["subscriptions"].([]any); ok {
		a.plans = append(a.plans, l.named(named)...)
	}
	return err
}

// holding is the first of the plans that holds an operation; nil where none does.
func holding(plans []*plan, operation string) *plan {
	for _, p := range plans {
		if slices.Contains(p.Operations, operation) {
			return p
		}
	}
	return nil
}
