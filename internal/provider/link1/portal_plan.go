package link1

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// Products with their plans, and how an application comes to one and leaves it again.

func (l *link) planPages() []provider.Page {
	const get, post = http.MethodGet, http.MethodPost
	return []provider.Page{
		{Name: "page.products", Method: get, Path: productPath, Handler: provider.Read(l.open(openProducts))},
		{Name: "page.product", Method: get, Path: productPath + "/:name", Handler: provider.Read(l.open(openProduct))},
		{Name: "page.plan", Method: get, Path: productPath + "/:name/:plan", Handler: provider.Read(l.seen(ofPlan(openPlan)))},
		{Name: "page.plan_sent", Method: post, Path: productPath + "/:name/:plan", Handler: provider.Write(l.seen(ofPlan(takePlan)))},
	}
}

func (l *link) product(name string) *product {
	for i := range l.Products {
		if l.Products[i].Name == name {
			return &l.Products[i]
		}
	}
	return nil
}

func (p *product) path() string { return productPath + "/" + url.PathEscape(p.Name) }

func (p *plan) path() string { return p.product.path() + "/" + url.PathEscape(p.Name) }

func (v *visit) productCard(p *product) card {
	c := card{Title: p.Name, Text: p.Text, URL: v.here(p.path())}
	for i := range p.Plans {
		mark := p.Plans[i].Name
		if p.Plans[i].Approval {
			mark += ", on request"
		}
		c.Marks = append(c.Marks, mark)
	}
	return c
}

func openProducts(v *visit) (provider.Reply, error) {
	var cards []card
	for i := range v.Products {
		cards = append(cards, v.productCard(&v.Products[i]))
	}
	return v.ok(view{
		Title: "API Products", Lead: "Each product has plans of its APIs. All of them are free of charge; what they differ in is how many requests an application may make.",
		Blocks: []block{{Title: "Products", Cards: cards}},
	})
}

func openProduct(v *visit) (provider.Reply, error) {
	p := v.product(v.Params["name"])
	if p == nil {
		return provider.Reply{}, problem.New(problem.NotFound, "", "There is no such product.")
	}
	var cards []card
	for _, a := range v.apisOf(p) {
		cards = append(cards, v.apiCard(a))
	}
	blocks := []block{{Title: "Plans", Table: v.planTable(p)}, {Title: "APIs", Cards: cards}}
	return v.ok(view{Trail: pages.Link{Label: "API Products", URL: v.here(productPath)}, Title: p.Name, Lead: p.Text, Blocks: blocks})
}

func (k *catalogue) apisOf(p *product) (all []*api) {
	for i := range k.APIs {
		if slices.Contains(p.APIs, k.APIs[i].ID) {
			all = append(all, &k.APIs[i])
		}
	}
	return all
}

func (v *visit) planTable(p *product) *pages.Table {
	table := &pages.Table{Caption: "Plans", Columns: []pages.Column{
		{Label: "Plan"}, {Label: "Rate limit", Wraps: true}, {Label: "Operations", Wraps: true}, {Label: "Price"}, {Label: "Access"}, {Label: "Actions", Hidden: true},
	}}
	for i := range p.Plans {
		plan := &p.Plans[i]
		access, act := "At once", "Subscribe"
		if plan.Approval {
			access, act = "On request", "Request access"
		}
		table.Rows = append(table.Rows, []pages.Cell{
			text(plan.Name), text(plan.limitWords()), text(v.operationWords(plan)), text("Free"), text(access),
			{Links: []pages.Link{{Label: act, URL: v.here(plan.path())}}},
		})
	}
	return table
}

// limitWords says what a plan allows.
func (p *plan) limitWords() string {
	var words []string
	for _, w := range p.Limits {
		words = append(words, w.Rate.words()+soft(w.Hard))
	}
	for _, w := range p.Own {
		words = append(words, w.Operation+": "+w.Rate.words()+soft(w.Hard))
	}
	return cmp.Or(strings.Join(words, "; "), "Unlimited")
}

func soft(hard bool) string {
	if hard {
		return ""
	}
	return " (more is let pass)"
}

// words says a rate as people do.
func (r rate) words() string {
	if r == (rate{}) {
		return "unlimited"
	}
	return fmt.Sprintf("%d requests per %s", r.Calls, r.periodWords())
}

func (r rate) periodWords() string {
	for _, name := range []string{"week", "day", "hour", "minute", "second"} {
		if unit := periods[name]; r.Period%unit == 0 {
			if n := r.Period / unit; n > 1 {
				return fmt.Sprintf("%d %ss", n, name)
			}
			return name
		}
	}
	return r.Period.String()
}

// operationWords says what a plan holds: all of the product's, or which ones.
func (v *visit) operationWords(p *plan) string {
	if slices.Equal(p.Operations, v.operations(p.product)) {
		return "All of the product"
	}
	return strings.Join(p.Operations, ", ")
}

func ofPlan(do func(*visit, *plan) (provider.Reply, error)) doing {
	return func(v *visit) (provider.Reply, error) {
		p := v.plan(v.Params["name"] + "/" + v.Params["plan"])
		if p == nil {
			return provider.Reply{}, problem.New(problem.NotFound, "", "There is no such plan.")
		}
		return do(v, p)
	}
}

func openPlan(v *visit, p *plan) (provider.Reply, error) {
	able, err := v.ableApps(p)
	if err != nil {
		return provider.Reply{}, err
	}
	shown := view{Trail: pages.Link{Label: p.product.Name, URL: v.here(p.product.path())}, Title: p.product.Name + ": " + p.Name, Lead: p.limitWords()}
	if len(able) == 0 {
		shown.Blocks = []block{{
			Empty: "None of your applications could take this plan: they have it already, or are of another catalog than " + p.product.Catalog + ".",
			Next:  []pages.Link{{Label: "Register an application", URL: v.here(appsPath + "/new")}, {Label: "Apps", URL: v.here(appsPath)}},
		}}
		return v.ok(shown)
	}
	field := pages.Field{Name: "app", Label: "Application", Folds: true}
	for _, app := range able {
		field.Options = append(field.Options, pages.Option{Value: app.ID(), Label: app.Data.Name})
	}
	form := pages.Form{Fields: []pages.Field{field}, Button: "Subscribe", Text: "The plan can be used at once."}
	if p.Approval {
		form.Button, form.Text = "Request access", "An administrator of 1LINK looks at the request, and might ask you for details."
	}
	shown.Blocks = []block{v.asks(p.path(), form)}
	return v.ok(shown)
}

// ableApps are the user's applications that could get a plan.
func (v *visit) ableApps(p *plan) (able []*provider.Entity[App], err error) {
	own, err := v.ownApps()
	if err != nil {
		return nil, err
	}
	for _, app := range own {
		has, err := v.subscriptionsOf(app, active, requested, detailsAsked)
		if err != nil {
			return nil, err
		}
		taken := slices.ContainsFunc(has, func(e *provider.Entity[Subscription]) bool { return e.Data.Plan == p.text() })
		if !taken && app.Data.Catalog == p.product.Catalog && app.State() == active {
			able = append(able, app)
		}
	}
	return able, nil
}

func takePlan(v *visit, p *plan) (provider.Reply, error) {
	if err := v.CheckFormToken(p.path(), v.FormValue("token")); err != nil {
		return provider.Reply{}, err
	}
	able, err := v.ableApps(p)
	if err != nil {
		return provider.Reply{}, err
	}
	for _, app := range able {
		if app.ID() != v.FormValue("app") {
			continue
		}
		word := "subscribed"
		if p.Approval {
			word = "requested"
		}
		return goTo(v.Call, pathOf(app)+query("done", word)), v.subscribe(v.Call, app, p.text())
	}
	return provider.Reply{}, problem.New(problem.Conflict, "", "This application can not take the plan: it is not yours, of another catalog, suspended, or has the plan already.")
}

// subscriptionsOf lists those of an application that are in one of the states, the oldest first.
func (v *visit) subscriptionsOf(app *provider.Entity[App], states ...string) (all []*provider.Entity[Subscription], err error) {
	err = subscriptions.List(v.Call, byApp, provider.Range{Prefix: appKey(app.ID())}, func(e *provider.Entity[Subscription]) (bool, error) {
		if slices.Contains(states, e.State()) {
			all = append(all, e)
		}
		return true, nil
	})
	slices.SortStableFunc(all, func(a, b *provider.Entity[Subscription]) int { return a.Created().Compare(b.Created()) })
	return all, err
}

// planBlocks show the plans of an application with their usage, and those that it asked for.
func (v *visit) planBlocks(app *provider.Entity[App]) ([]block, error) {
	subscribed, err := v.subscriptionsOf(app, active, requested, detailsAsked, "refused")
	if err != nil {
		return nil, err
	}
	all := []block{{Title: "Subscribed Plans", ID: "plans"}}
	table := &pages.Table{Caption: "Requested plans", Columns: []pages.Column{{Label: "Requested plan"}, {Label: "Since"}, {Label: "State"}}}
	for _, e := range subscribed {
		p := v.plan(e.Data.Plan)
		switch {
		case p == nil:
		case e.State() == active:
			shown, err := v.usageBlock(app, e, p)
			if err != nil {
				return nil, err
			}
			all = append(all, shown)
		default:
			table.Rows = append(table.Rows, []pages.Cell{v.leads(p.text(), planPath(app, e)), at(e.Entered()), state(e.State())})
		}
	}
	if len(all) == 1 {
		all[0].Empty = "The application has no plan yet, so it may call nothing."
	} else {
		all[0].Paragraphs = []string{"For each API, the requests of this application against the limit of the plan. A period begins with its first request."}
	}
	all[0].Next = []pages.Link{{Label: "Browse the plans", URL: v.here(productPath)}}
	if len(table.Rows) > 0 {
		all = append(all, block{Title: "Requests", Table: table})
	}
	return all, nil
}

func planPath(app *provider.Entity[App], e *provider.Entity[Subscription]) string {
	return pathOf(app) + "/plans/" + e.ID()
}

// usageBlock shows one plan: what is used of each of its limits, and by which API.
func (v *visit) usageBlock(app *provider.Entity[App], e *provider.Entity[Subscription], p *plan) (block, error) {
	whose := &application{ID: app.ID(), Catalog: app.Data.Catalog, Exhausted: app.Data.Exhausted}
	shown := block{Title: p.product.Name + " · " + p.Name, Next: []pages.Link{{Label: "Unsubscribe", URL: v.here(planPath(app, e))}}}
	apis, err := v.apiBars(whose, p)
	if err != nil {
		return block{}, err
	}
	limits, err := v.limitBars(whose, p)
	if err != nil {
		return block{}, err
	}
	shown.Charts = []pages.Chart{{Title: "By API", Bars: apis}}
	if len(limits) > 0 {
		shown.Charts = append(shown.Charts, pages.Chart{Title: "By limit", Bars: limits})
	}
	return shown, nil
}

// apiBars count the requests for each API of a plan. What SOAP calls, REST would call, and both count as one.
func (v *visit) apiBars(whose *application, p *plan) (bars []pages.Bar, err error) {
	most := 0
	if len(p.Limits) > 0 {
		most = p.Limits[0].Rate.Calls
	}
	for _, a := range v.apisOf(p.product) {
		if a.SOAP != "" {
			continue
		}
		bar := pages.Bar{Label: a.Title, Most: most, Unit: "per " + rate{Calls: 1, Period: p.period()}.periodWords()}
		for _, operation := range a.Operations {
			if !slices.Contains(p.Operations, operation) {
				continue
			}
			used, err := v.Used(usageKey(whose, operation), p.period())
			if err != nil {
				return nil, err
			}
			bar.Used += used.Count
		}
		if whose.Exhausted {
			bar.Used = bar.Most
		}
		bars = append(bars, bar)
	}
	return bars, nil
}

// limitBars tell how the limits of a plan stand.
func (v *visit) limitBars(whose *application, p *plan) (bars []pages.Bar, err error) {
	add := func(label string, w window) error {
		used, err := v.Used(w.key, w.rate.Period)
		bar := pages.Bar{Label: label, Used: used.Count, Most: w.rate.Calls, Unit: "per " + w.rate.periodWords()}
		if used.Count > 0 {
			bar.Note = "Begins anew in " + wait(used.Reset.Sub(v.Now()))
		}
		if whose.Exhausted {
			bar.Used = bar.Most
		}
		bars = append(bars, bar)
		return err
	}
	for _, w := range p.windows(whose, "") {
		if err := add("All requests", w); err != nil {
			return nil, err
		}
	}
	shared := len(p.windows(whose, ""))
	for _, own := range p.Own {
		for _, w := range p.windows(whose, own.Operation)[shared:] {
			if err := add(own.Operation, w); err != nil {
				return nil, err
			}
		}
	}
	return bars, nil
}

func wait(d time.Duration) string { return d.Round(time.Second).String() }

// ownPlan finds the subscription that the path names.
func (v *visit) ownPlan(app *provider.Entity[App]) (*provider.Entity[Subscription], error) {
	e, err := subscriptions.Get(v.Call, v.Params["plan"])
	if err == nil && (e == nil || e.Data.App != app.ID()) {
		err = problem.New(problem.NotFound, "", "The application has no such plan.")
	}
	return e, err
}

// openOwnPlan shows a request, with what the administrator said, or asks whether a plan is to end.
func openOwnPlan(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	e, err := v.ownPlan(app)
	if err != nil {
		return provider.Reply{}, err
	}
	shown := view{Trail: v.toApp(app), Title: e.Data.Plan, State: state(e.State())}
	facts := []pages.Fact{{Name: "Application", Cell: v.leads(app.Data.Name, pathOf(app))}, {Name: "Since", Cell: at(e.Entered())}}
	if e.Data.Reason != "" {
		facts = append(facts, pages.Fact{Name: "The administrator says", Cell: text(e.Data.Reason)})
	}
	if e.Data.Answer != "" {
		facts = append(facts, pages.Fact{Name: "You answered", Cell: text(e.Data.Answer)})
	}
	shown.Blocks = []block{{Facts: facts}}
	switch e.State() {
	case detailsAsked:
		shown.Blocks = append(shown.Blocks, v.asks(v.Path, pages.Form{Title: "Answer", Button: "Send", Fields: []pages.Field{
			{Name: "answer", Label: "Your answer", Rows: 5, Longest: longestText},
		}}), v.leaving("Withdraw", "The request is taken back."))
	case requested:
		shown.Blocks = append(shown.Blocks, v.leaving("Withdraw", "The request is taken back."))
	case active:
		shown.Blocks = append(shown.Blocks, v.leaving("Unsubscribe", "Calls of this plan's operations are refused at once."))
	}
	return v.ok(shown)
}

func (v *visit) leaving(button, words string) block {
	return v.asks(v.Path, pages.Form{Title: button + "?", Text: words, Button: button, Grave: true})
}

// changeOwnPlan answers the administrator, or else ends the plan or the request.
func changeOwnPlan(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	e, err := v.ownPlan(app)
	if err != nil {
		return provider.Reply{}, err
	}
	event, word := "cancel", "unsubscribed"
	if answer := strings.TrimSpace(v.FormValue("answer")); answer != "" {
		e.Data.Answer = cut(answer, longestText)
		event, word = "answer", "answered"
		subscriptions.Update(v.Call, e)
	}
	return goTo(v.Call, pathOf(app)+query("done", word)), subscriptions.Fire(v.Call, e, event)
}

// cut bounds a text to so many characters.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}
