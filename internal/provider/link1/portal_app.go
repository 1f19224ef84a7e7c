package link1

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// Applications. Each has credential pairs (portal_credential.go) and plans (portal_plan.go).

const appPath = appsPath + "/:id"

func (l *link) appPages() []provider.Page {
	const get, post = http.MethodGet, http.MethodPost
	all := []provider.Page{
		{Name: "page.apps", Method: get, Path: appsPath, Handler: provider.Read(l.seen(openApps))},
		{Name: "page.app", Method: get, Path: appPath, Handler: provider.Read(l.seen(ofOwn(openApp)))},
	}
	for _, form := range []struct {
		name, path string
		open, send doing
	}{
		{"app_new", appsPath + "/new", openNewApp, registerApp},
		{"app_edit", appPath + "/edit", ofOwn(openEdit), ofOwn(saveApp)},
		{"app_delete", appPath + "/delete", ofOwn(openDelete), ofOwn(deleteApp)},
		{"app_suspend", appPath + "/suspend", ofOwn(openSuspend), ofOwn(suspendApp)},
		{"app_verify", appPath + "/verify", ofOwn(openVerify), ofOwn(verifySecret)},
		{"app_reset_secret", appPath + "/reset-secret", ofOwn(openResetSecret), ofOwn(resetSecret)},
		{"app_reset_id", appPath + "/reset-id", ofOwn(openResetID), ofOwn(resetID)},
		{"app_add_pair", appPath + "/credentials", ofOwn(openAddPair), ofOwn(addPair)},
		{"app_plan", appPath + "/plans/:plan", ofOwn(openOwnPlan), ofOwn(changeOwnPlan)},
	} {
		all = append(all,
			provider.Page{Name: "page." + form.name, Method: get, Path: form.path, Handler: provider.Read(l.seen(form.open))},
			provider.Page{Name: "page." + form.name + "_sent", Method: post, Path: form.path, Handler: provider.Write(l.sent(form.send))})
	}
	return all
}

// ofOwn hands on the application that the path names. Another user's is as unknown as one that never was, but for
// administrators.
func ofOwn(do func(*visit, *provider.Entity[App]) (provider.Reply, error)) doing {
	return func(v *visit) (provider.Reply, error) {
		app, err := apps.Get(v.Call, v.Params["id"])
		if err != nil {
			return provider.Reply{}, err
		}
		if app == nil || app.State() == "deleted" || app.Data.Owner != v.user.ID() && !v.user.Data.Administrator {
			return provider.Reply{}, problem.New(problem.NotFound, "", "There is no such application of yours.")
		}
		return do(v, app)
	}
}

// ownApps lists the user's applications, the oldest first.
func (v *visit) ownApps() (all []*provider.Entity[App], err error) {
	err = apps.List(v.Call, byOwner, provider.Range{Prefix: provider.Key{}.Text(v.user.ID())}, func(e *provider.Entity[App]) (bool, error) {
		if e.State() != "deleted" {
			all = append(all, e)
		}
		return true, nil
	})
	slices.SortStableFunc(all, func(a, b *provider.Entity[App]) int {
		return cmp.Compare(apps.NameOf(v.Call, a).Number, apps.NameOf(v.Call, b).Number)
	})
	return all, err
}

func pathOf(app *provider.Entity[App]) string { return appsPath + "/" + app.ID() }

func (v *visit) toApp(app *provider.Entity[App]) pages.Link {
	return pages.Link{Label: app.Data.Name, URL: v.here(pathOf(app))}
}

func openApps(v *visit) (provider.Reply, error) {
	own, err := v.ownApps()
	if err != nil {
		return provider.Reply{}, err
	}
	table := &pages.Table{Caption: "Your applications", Empty: "You have no application yet: register one to call the APIs.",
		Columns: []pages.Column{{Label: "Name", Wraps: true}, {Label: "Catalog"}, {Label: "Plans", Number: true}, {Label: "Registered"}, {Label: "State"}}}
	for _, app := range own {
		plans, err := v.subscriptionsOf(app, active)
		if err != nil {
			return provider.Reply{}, err
		}
		table.Rows = append(table.Rows, []pages.Cell{
			v.leads(app.Data.Name, pathOf(app)), text(app.Data.Catalog), text(strconv.Itoa(len(plans))), at(app.Created()), state(app.State()),
		})
	}
	return v.ok(view{
		Title: "Apps", Lead: "An application has a client ID and a client secret, with which it calls the APIs of its plans.", Done: v.done(),
		Action: pages.Link{Label: "Register an application", URL: v.here(appsPath + "/new")}, Blocks: []block{{Table: table}},
	})
}

// catalogs are where an application can be at home.
var catalogs = []pages.Option{
	{Value: sandbox, Label: "Sandbox", Hint: "To develop against"}, {Value: certification, Label: "Certification", Hint: "To be certified in"},
}

func appFields() fields {
	return fields{
		{Name: "name", Label: "Name", Longest: longestName},
		{Name: "description", Label: "Description", Longest: 1000, Rows: 3, Optional: true},
		{Name: "redirect_url", Label: "OAuth redirect URL", Type: "url", Optional: true, Longest: 2000},
		{Name: "callback_url", Label: "Callback URL", Type: "url", Optional: true, Longest: 2000, Hint: "The status of requests to pay is sent here: an extension of mockbank."},
		{Name: "certificate", Label: "Certificate", Rows: 3, Optional: true, Longest: 10_000, Hint: "In PEM. It is kept, and nothing is done with it."},
	}
}

func newAppFields() fields {
	return append(appFields(), pages.Field{Name: "catalog", Label: "Catalog", Options: catalogs, Value: sandbox})
}

func (f fields) checkURLs() {
	for _, name := range []string{"redirect_url", "callback_url"} {
		if field := f.field(name); field.Value != "" && field.Error == "" {
			if err := provider.CheckTarget(field.Value); err != nil {
				field.Error = problem.From(err).Message + "."
			}
		}
	}
}

func openNewApp(v *visit) (provider.Reply, error) { return v.showNewApp(http.StatusOK, newAppFields()) }

func (v *visit) showNewApp(status int, f fields) (provider.Reply, error) {
	return v.page(status, view{
		Trail: v.toApps(), Title: "Register an application", Lead: "You will be shown its client ID and client secret.",
		Blocks: []block{v.asks(appsPath+"/new", pages.Form{Fields: f, Button: "Register", Back: pages.Link{Label: "Cancel", URL: v.here(appsPath)}})},
	})
}

func (v *visit) toApps() pages.Link { return pages.Link{Label: "Apps", URL: v.here(appsPath)} }

func registerApp(v *visit) (provider.Reply, error) {
	f := newAppFields()
	f.fill(v)
	f.check()
	if f.checkURLs(); !f.good() {
		return v.showNewApp(http.StatusBadRequest, f)
	}
	name, err := apps.Next(v.Call)
	if err != nil {
		return provider.Reply{}, err
	}
	data := &App{Catalog: f.field("catalog").Value, Owner: v.user.ID(), CallbackSecret: "mock-callback-secret-" + name.Text("callback", 4, digits)}
	f.into(data)
	app, err := apps.Create(v.Call, name, strconv.FormatUint(name.Number, 10), data, provider.ChildOf(v.user))
	if err != nil {
		return provider.Reply{}, err
	}
	shown, err := v.newPair(app)
	if err != nil {
		return provider.Reply{}, err
	}
	return v.showApp(app, "The application was registered.", shown)
}

// into writes what was typed into an application.
func (f fields) into(a *App) {
	a.Name, a.Description, a.RedirectURL = f.field("name").Value, f.field("description").Value, f.field("redirect_url").Value
	a.CallbackURL, a.Certificate = f.field("callback_url").Value, f.field("certificate").Value
}

func openApp(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	return v.showApp(app, v.done(), nil)
}

// showApp shows an application with its pairs and plans; above all what is shown this once.
func (v *visit) showApp(app *provider.Entity[App], done string, shown []secret) (provider.Reply, error) {
	pairs, err := v.pairBlocks(app)
	if err != nil {
		return provider.Reply{}, err
	}
	plans, err := v.planBlocks(app)
	if err != nil {
		return provider.Reply{}, err
	}
	facts, err := v.appFacts(app)
	if err != nil {
		return provider.Reply{}, err
	}
	last := block{Title: "Settings", Facts: facts, Next: []pages.Link{{Label: "Edit", URL: v.here(pathOf(app) + "/edit")}, {Label: "Delete", URL: v.here(pathOf(app) + "/delete")}}}
	if v.user.Data.Administrator {
		last.Next = append(last.Next, pages.Link{Label: suspension(app).Button, URL: v.here(pathOf(app) + "/suspend")})
	}
	return v.ok(view{
		Trail: v.toApps(), Title: app.Data.Name, State: state(app.State()), Lead: app.Data.Description, Done: done, Secrets: shown,
		Action: pages.Link{Label: "Add a plan", URL: v.here(productPath)},
		Blocks: slices.Concat(pairs, plans, []block{last}),
	})
}

func (v *visit) appFacts(app *provider.Entity[App]) ([]pages.Fact, error) {
	target, err := v.callbackOf(app, "callback_url")
	if err != nil {
		return nil, err
	}
	key, err := v.callbackOf(app, "callback_secret")
	if err != nil {
		return nil, err
	}
	none := func(s string) pages.Cell { return text(cmp.Or(s, "None")) }
	facts := []pages.Fact{
		{Name: "Catalog", Cell: text(app.Data.Catalog)}, {Name: "OAuth redirect URL", Cell: none(app.Data.RedirectURL)},
		{Name: "Callback URL", Cell: none(target)}, {Name: "Callback secret", Cell: code(key)}, {Name: "Registered", Cell: at(app.Created())},
	}
	facts[3].Note = "The key of X-Mock-Signature."
	if app.Data.Certificate != "" {
		facts = append(facts, pages.Fact{Name: "Certificate", Cell: text(fmt.Sprintf("%d characters", len(app.Data.Certificate)))})
	}
	return facts, nil
}

// callbackOf is what holds for the application: the word of a pair that the control API changed, or else the portal's.
func (v *visit) callbackOf(app *provider.Entity[App], setting string) (string, error) {
	pairs, err := v.pairsOf(app)
	if err != nil {
		return "", err
	}
	for _, pair := range pairs {
		if pair.client != nil {
			if word, _ := pair.client.Settings[setting].(string); word != "" {
				return word, nil
			}
		}
	}
	if setting == "callback_secret" {
		return app.Data.CallbackSecret, nil
	}
	return app.Data.CallbackURL, nil
}

func openEdit(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	target, err := v.callbackOf(app, "callback_url")
	if err != nil {
		return provider.Reply{}, err
	}
	f := appFields()
	for name, value := range map[string]string{
		"name": app.Data.Name, "description": app.Data.Description, "redirect_url": app.Data.RedirectURL, "callback_url": target, "certificate": app.Data.Certificate,
	} {
		f.field(name).Value = value
	}
	return v.showEdit(http.StatusOK, app, f)
}

func (v *visit) showEdit(status int, app *provider.Entity[App], f fields) (provider.Reply, error) {
	return v.page(status, view{
		Trail: v.toApp(app), Title: "Edit " + app.Data.Name,
		Blocks: []block{v.asks(pathOf(app)+"/edit", pages.Form{Fields: f, Button: "Save", Back: pages.Link{Label: "Cancel", URL: v.here(pathOf(app))}})},
	})
}

func saveApp(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	f := appFields()
	f.fill(v)
	f.check()
	if f.checkURLs(); !f.good() {
		return v.showEdit(http.StatusBadRequest, app, f)
	}
	f.into(app.Data)
	apps.Update(v.Call, app)
	return goTo(v.Call, pathOf(app)+query("done", "saved")), v.forgetCallbacks(app)
}

// forgetCallbacks takes from the pairs what they say of the callback's target, so that the portal's word holds.
func (v *visit) forgetCallbacks(app *provider.Entity[App]) error {
	pairs, err := v.pairsOf(app)
	for _, pair := range pairs {
		if err != nil || pair.client == nil || pair.client.Settings["callback_url"] == nil {
			continue
		}
		changed := *pair.client
		changed.Settings = maps.Clone(changed.Settings)
		delete(changed.Settings, "callback_url")
		err = v.PutClient(&changed)
	}
	return err
}

// confirm asks whether something is to happen to an application.
func (v *visit) confirm(app *provider.Entity[App], path string, f pages.Form) (provider.Reply, error) {
	title := f.Title
	f.Title, f.Back = "", pages.Link{Label: "Cancel", URL: v.here(pathOf(app))}
	return v.ok(view{Trail: v.toApp(app), Title: title, Blocks: []block{v.asks(pathOf(app)+path, f)}})
}

func openDelete(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	return v.confirm(app, "/delete", pages.Form{
		Title: "Delete " + app.Data.Name + "?", Button: "Delete", Grave: true,
		Text: "Its credentials and tokens stop working at once, and its plans end. This can not be undone.",
	})
}

func deleteApp(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	pairs, err := v.pairsOf(app)
	if err != nil {
		return provider.Reply{}, err
	}
	for _, pair := range pairs {
		if err := v.RemoveClient(pair.entity.ID()); err != nil {
			return provider.Reply{}, err
		}
	}
	subscribed, err := v.subscriptionsOf(app, active, requested, detailsAsked)
	if err != nil {
		return provider.Reply{}, err
	}
	for _, e := range subscribed {
		if err := subscriptions.Fire(v.Call, e, "cancel"); err != nil {
			return provider.Reply{}, err
		}
	}
	return goTo(v.Call, appsPath+query("done", "deleted")), apps.Fire(v.Call, app, "delete")
}

func suspension(app *provider.Entity[App]) pages.Form {
	if app.State() == "suspended" {
		return pages.Form{Title: "Resume " + app.Data.Name + "?", Text: "It may call the APIs again.", Button: "Resume"}
	}
	return pages.Form{Title: "Suspend " + app.Data.Name + "?", Text: "Its calls are refused until it is resumed, and its tokens are revoked.", Button: "Suspend"}
}

func openSuspend(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	if !v.user.Data.Administrator {
		return provider.Reply{}, problem.New(problem.Forbidden, "", "Only administrators of 1LINK suspend applications.")
	}
	return v.confirm(app, "/suspend", suspension(app))
}

func suspendApp(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	event := strings.ToLower(suspension(app).Button)
	if !v.user.Data.Administrator {
		return provider.Reply{}, problem.New(problem.Forbidden, "", "Only administrators of 1LINK suspend applications.")
	}
	if err := apps.Fire(v.Call, app, event); err != nil {
		return provider.Reply{}, err
	}
	return goTo(v.Call, pathOf(app)+query("done", map[string]string{"suspend": "suspended", "resume": "resumed"}[event])), nil
}

// pair is a credential pair with the API client that it is; nil where the control API removed that.
type pair struct {
	entity *provider.Entity[Credential]
	client *oauth.Client
}
