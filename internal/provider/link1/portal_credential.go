package link1

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// What a client id and a client secret look like.
const (
	clientIDForm = "mock-client-id-%016d"
	secretPrefix = "mock-client-secret-"
	secretLength = 12
)

// pairsOf lists the pairs of an application that are valid, the oldest first.
func (v *visit) pairsOf(app *provider.Entity[App]) (all []pair, err error) {
	err = credentials.List(v.Call, byApp, provider.Range{Prefix: appKey(app.ID())}, func(e *provider.Entity[Credential]) (bool, error) {
		if e.State() != validToken {
			return true, nil
		}
		client, err := v.Client(e.ID())
		if client != nil && client.AnySecret {
			client = nil
		}
		all = append(all, pair{e, client})
		return true, err
	})
	slices.SortStableFunc(all, func(a, b pair) int {
		return cmp.Compare(credentials.NameOf(v.Call, a.entity).Number, credentials.NameOf(v.Call, b.entity).Number)
	})
	return all, err
}

// newPair makes a credential pair, and gives what is shown of it this once.
func (v *visit) newPair(app *provider.Entity[App]) ([]secret, error) {
	name, id, err := v.nextPair()
	if err != nil {
		return nil, err
	}
	word := secretPrefix + name.Text("secret/0", secretLength, digits)
	if err := v.PutClient(&oauth.Client{ID: id, Name: app.Data.Name, Secret: word}); err != nil {
		return nil, err
	}
	if _, err := credentials.Create(v.Call, name, id, &Credential{App: app.ID()}, provider.ChildOf(app), provider.MadeBy(id)); err != nil {
		return nil, err
	}
	return []secret{{"Client ID", "client-id", id}, {"Client Secret", "client-secret", word}}, nil
}

// nextPair takes the next name whose id no client has. A reset counts pairs anew and leaves their clients.
func (v *visit) nextPair() (name provider.Name, id string, err error) {
	for {
		if name, err = credentials.Next(v.Call); err != nil {
			return name, "", err
		}
		id = fmt.Sprintf(clientIDForm, name.Number)
		if client, err := v.Client(id); err != nil || client == nil || client.AnySecret {
			return name, id, err
		}
	}
}

// pairBlocks show the pairs: of a secret only how it ends.
func (v *visit) pairBlocks(app *provider.Entity[App]) ([]block, error) {
	pairs, err := v.pairsOf(app)
	var all []block
	for i, p := range pairs {
		named := query("client", p.entity.ID())
		ending := "none"
		if p.client != nil && p.client.SecretEnd != "" {
			ending = "…" + p.client.SecretEnd
		}
		shown := block{Title: "Credentials", Facts: []pages.Fact{
			{Name: "Client ID", Cell: v.clientID(app, p.entity.ID())},
			{Name: "Client Secret", Cell: pages.Cell{Text: ending, Code: true}},
		}}
		if len(pairs) > 1 {
			shown.Title = fmt.Sprintf("Credentials %d", i+1)
		}
		shown.Facts[0].Links = append(shown.Facts[0].Links, pages.Link{Label: "Reset", URL: v.here(pathOf(app) + "/reset-id" + named)})
		shown.Facts[1].Links = []pages.Link{
			{Label: "Verify", URL: v.here(pathOf(app) + "/verify" + named)}, {Label: "Reset", URL: v.here(pathOf(app) + "/reset-secret" + named)},
		}
		if i == len(pairs)-1 {
			shown.Next = []pages.Link{{Label: "Add credentials", URL: v.here(pathOf(app) + "/credentials")}}
		}
		all = append(all, shown)
	}
	if len(pairs) == 0 {
		all = []block{{Title: "Credentials", Empty: "The application has none.", Next: []pages.Link{{Label: "Add credentials", URL: v.here(pathOf(app) + "/credentials")}}}}
	}
	return all, err
}

// clientID is shown whole to whom asks for it, and else by how it ends.
func (v *visit) clientID(app *provider.Entity[App], id string) pages.Cell {
	if v.Query.Get("show") == id {
		return pages.Cell{Text: id, Code: true, Links: []pages.Link{{Label: "Hide", URL: v.here(pathOf(app))}}}
	}
	return pages.Cell{Text: "…" + id[max(0, len(id)-4):], Code: true, Links: []pages.Link{{Label: "Show", URL: v.here(pathOf(app) + query("show", id))}}}
}

// pair finds the one that the request names, or else the first.
func (v *visit) pair(app *provider.Entity[App]) (pair, error) {
	wanted := cmp.Or(v.FormValue("client"), v.Query.Get("client"))
	pairs, err := v.pairsOf(app)
	for _, p := range pairs {
		if wanted == "" || p.entity.ID() == wanted {
			return p, err
		}
	}
	if err == nil {
		err = problem.New(problem.NotFound, "", "The application has no such credentials.")
	}
	return pair{}, err
}

// about is a form's field that says which pair it is about.
func (v *visit) about(app *provider.Entity[App], p pair) pages.Field {
	pairs, _ := v.pairsOf(app) // It was read just now.
	field := pages.Field{Name: "client", Label: "Client ID", Value: p.entity.ID(), Folds: true}
	for _, p := range pairs {
		field.Options = append(field.Options, pages.Option{Value: p.entity.ID(), Label: p.entity.ID()})
	}
	return field
}

func openVerify(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	return v.showVerify(http.StatusOK, app, nil)
}

func (v *visit) showVerify(status int, app *provider.Entity[App], verdict []block) (provider.Reply, error) {
	p, err := v.pair(app)
	if err != nil {
		return provider.Reply{}, err
	}
	form := v.asks(pathOf(app)+"/verify", pages.Form{
		Fields: []pages.Field{v.about(app, p), {Name: "client_secret", Label: "Client Secret", Type: "password", Longest: 200}},
		Button: "Verify", Back: pages.Link{Label: "Back", URL: v.here(pathOf(app))},
	})
	return v.page(status, view{
		Trail: v.toApp(app), Title: "Verify the client secret", Lead: "Paste a secret to see whether it is the one that is stored as a digest.", Blocks: append(verdict, form),
	})
}

func verifySecret(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	p, err := v.pair(app)
	if err != nil {
		return provider.Reply{}, err
	}
	verdict := block{Title: "No match", Paragraphs: []string{"This is not the secret of " + p.entity.ID() + "."}}
	if p.client != nil && p.client.HasSecret(v.FormValue("client_secret")) {
		verdict = block{Title: "Match", Paragraphs: []string{"This is the secret of " + p.entity.ID() + "."}}
	}
	return v.showVerify(http.StatusOK, app, []block{verdict})
}

// askPair asks whether something is to happen to a pair.
func (v *visit) askPair(app *provider.Entity[App], path string, f pages.Form) (provider.Reply, error) {
	p, err := v.pair(app)
	if err != nil {
		return provider.Reply{}, err
	}
	f.Fields = []pages.Field{v.about(app, p)}
	return v.confirm(app, path, f)
}

func openResetSecret(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	return v.askPair(app, "/reset-secret", pages.Form{
		Title: "Reset the client secret?", Button: "Reset", Grave: true,
		Text: "You get a new secret. The old one stops working at once, and tokens that were got with it are revoked.",
	})
}

func resetSecret(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	p, err := v.pair(app)
	if err != nil {
		return provider.Reply{}, err
	}
	p.entity.Data.Secrets++
	word := secretPrefix + credentials.NameOf(v.Call, p.entity).Text(fmt.Sprintf("secret/%d", p.entity.Data.Secrets), secretLength, digits)
	changed := oauth.Client{ID: p.entity.ID(), Name: app.Data.Name}
	if p.client != nil {
		changed = *p.client
	}
	changed.SetSecret(word)
	if err := v.PutClient(&changed); err != nil {
		return provider.Reply{}, err
	}
	credentials.Update(v.Call, p.entity)
	if err := credentials.Fire(v.Call, p.entity, "renew"); err != nil {
		return provider.Reply{}, err
	}
	return v.showApp(app, "The client secret was reset.", []secret{{"Client Secret", "client-secret", word}})
}

func openResetID(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	return v.askPair(app, "/reset-id", pages.Form{
		Title: "Reset the client ID?", Button: "Reset", Grave: true,
		Text: "You get a new client ID with a secret of its own. The old pair stops working at once, and its tokens are revoked.",
	})
}

func resetID(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	p, err := v.pair(app)
	if err != nil {
		return provider.Reply{}, err
	}
	if err := credentials.Fire(v.Call, p.entity, "reset"); err != nil {
		return provider.Reply{}, err
	}
	if err := v.RemoveClient(p.entity.ID()); err != nil {
		return provider.Reply{}, err
	}
	shown, err := v.newPair(app)
	if err != nil {
		return provider.Reply{}, err
	}
	return v.showApp(app, "The client ID was reset.", shown)
}

func openAddPair(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	return v.confirm(app, "/credentials", pages.Form{
		Title: "Add credentials?", Button: "Add", Text: "Any valid pair identifies the application. Its plans and limits are the same for all of them.",
	})
}

// mostPairs bounds what one application can have made.
const mostPairs = 20

func addPair(v *visit, app *provider.Entity[App]) (provider.Reply, error) {
	pairs, err := v.pairsOf(app)
	if err == nil && len(pairs) >= mostPairs {
		err = problem.Newf(problem.Conflict, "", "An application has at most %d pairs.", mostPairs)
	}
	if err != nil {
		return provider.Reply{}, err
	}
	shown, err := v.newPair(app)
	if err != nil {
		return provider.Reply{}, err
	}
	return v.showApp(app, "The credentials were added.", shown)
}
