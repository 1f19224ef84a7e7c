package onelinkfintech

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// apiKey is a key as the dashboard sees it: its client, and its entity where there is one.
type apiKey struct {
	client *oauth.Client
	state  *provider.Entity[Key]
}

func (k apiKey) standing() string {
	if k.state == nil {
		return active
	}
	return k.state.State()
}

func (k apiKey) name() string { return cmp.Or(k.client.Name, k.client.ID) }

// order is how keys are listed: those that are revoked last, and the newest first. One that the control API registered
// has no age.
func (v *visit) order(a, b apiKey) int {
	age := func(k apiKey) (n uint64) {
		if k.state != nil {
			n = keys.NameOf(v.Call, k.state).Number
		}
		return n
	}
	over := func(k apiKey) int {
		if k.standing() == revoked {
			return 1
		}
		return 0
	}
	return cmp.Or(over(a)-over(b), cmp.Compare(age(b), age(a)))
}

// key finds the key that the path names. Another platform's is as unknown as one that never was.
func (v *visit) key() (apiKey, error) {
	id := v.Params["id"]
	client, err := v.Client(id)
	if err != nil {
		return apiKey{}, err
	}
	if client == nil || client.AnySecret || provider.Whole(v.SettingsOf(client)["platform"]) != v.user.Platform {
		return apiKey{}, unknown("key", id, "path:id")
	}
	state, err := keys.Get(v.Call, id)
	return apiKey{client, state}, err
}

// platformClients are the clients of the platform's keys by id.
func (v *visit) platformClients() (own []*oauth.Client, err error) {
	all, err := v.Clients()
	for _, client := range all {
		if provider.Whole(v.SettingsOf(client)["platform"]) == v.user.Platform {
			own = append(own, client)
		}
	}
	return own, err
}

// keys lists the platform's keys.
func (v *visit) keys() ([]apiKey, error) {
	clients, err := v.platformClients()
	if err != nil {
		return nil, err
	}
	var all []apiKey
	for _, client := range clients {
		state, err := keys.Get(v.Call, client.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, apiKey{client, state})
	}
	slices.SortStableFunc(all, v.order)
	return all, nil
}

func openKeys(v *visit) (provider.Reply, error) {
	all, err := v.keys()
	if err != nil {
		return provider.Reply{}, err
	}
	table := &pages.Table{
		Caption: "API keys", Empty: "There is no key yet.",
		Columns: []pages.Column{{Label: "Name", Wraps: true}, {Label: "Kind"}, {Label: "Key"}, {Label: "Created"}, {Label: "Last used"}, {Label: "State"}, {Label: "Actions", Hidden: true}},
	}
	page, newer, older := cutKeys(all, v.Query.Get("after"))
	for _, k := range page {
		row, err := v.keyRow(k)
		if err != nil {
			return provider.Reply{}, err
		}
		table.Rows = append(table.Rows, row)
	}
	table.Newer, table.Older = v.keysFrom(newer), v.keysFrom(older)
	return v.page(http.StatusOK, deskData{
		Title: "API keys", Lead: "Send one as a bearer token with each call of the API. A key is shown once, when it is made.",
		Action: pages.Link{Label: "Create key", URL: v.here(newKeyPath)}, Done: v.done(), Table: table,
	})
}

// first stands for the beginning of the list where a page begins behind a key.
const first = "-"

// cutKeys is the page of the list behind a key, and behind which keys its neighbours begin; empty: there is none.
func cutKeys(all []apiKey, after string) (page []apiKey, newer, older string) {
	from := slices.IndexFunc(all, func(k apiKey) bool { return k.client.ID == after }) + 1
	page = all[from:min(from+tableRows, len(all))]
	if from > tableRows {
		newer = all[from-tableRows-1].client.ID
	} else if from > 0 {
		newer = first
	}
	if from+len(page) < len(all) {
		older = page[len(page)-1].client.ID
	}
	return page, newer, older
}

func (v *visit) keysFrom(after string) string {
	if after == "" {
		return ""
	}
	return v.here(keysPath + query("after", after))
}

func (v *visit) keyRow(k apiKey) ([]pages.Cell, error) {
	used, ever, err := v.LastUsed(usageOf(k.client.ID), rateWindow)
	last, made := text("Never"), text("Unknown")
	if ever {
		last = pages.Cell{At: used}
	}
	if k.state != nil {
		made = pages.Cell{At: k.state.Created()}
	}
	standing := state(k.standing())
	if k.standing() == rolling {
		standing.Note = "until " + pages.Cell{At: k.state.Entered().Add(overlap)}.When()
	}
	return []pages.Cell{
		text(k.name()), text(kindNames[k.kind(v)]), code("…" + k.client.SecretEnd), made, last, standing, v.keyActions(k),
	}, err
}

func (k apiKey) kind(v *visit) string {
	kind, _ := v.SettingsOf(k.client)["key_kind"].(string)
	return kind
}

func (v *visit) keyActions(k apiKey) (cell pages.Cell) {
	at := keyPath(k.client.ID)
	if k.standing() == active {
		cell.Links = append(cell.Links, pages.Link{Label: "Roll", URL: v.here(at + "/roll")})
	}
	if k.standing() != revoked {
		cell.Links = append(cell.Links, pages.Link{Label: "Revoke", URL: v.here(at + "/revoke")})
	}
	return cell
}

// The kinds of keys, and how their texts begin.
const (
	fullAccess = "full"
	readOnly   = "read_only"
)

var (
	kindNames = map[string]string{fullAccess: "Full access", readOnly: "Read only"}
	kindSigns = map[string]string{fullAccess: "sk_test_mock_", readOnly: "rk_test_mock_"}
)

const longestName = 100

func openNewKey(v *visit) (provider.Reply, error) {
	return v.showNewKey(http.StatusOK, pages.Field{Focus: true}, pages.Field{Value: fullAccess})
}

// showNewKey shows the form with what was sent, and what is wrong with it.
func (v *visit) showNewKey(status int, name, kind pages.Field) (provider.Reply, error) {
	name.Name, name.Label, name.Hint, name.Longest = "name", "Name", "What the key is for, such as the program that uses it", longestName
	kind.Name, kind.Label = "kind", "Kind"
	kind.Options = []pages.Option{
		{Value: fullAccess, Label: kindNames[fullAccess], Hint: "May read, and make accounts, recipients and payments"},
		{Value: readOnly, Label: kindNames[readOnly], Hint: "May read; a POST is refused with 403"},
	}
	form := v.form(newKeyPath, pages.Form{
		Fields: []pages.Field{name, kind}, Button: "Create key", Back: pages.Link{Label: "Cancel", URL: v.here(keysPath)},
	})
	return v.page(status, deskData{Trail: v.toKeys(), Title: "Create an API key", Form: &form})
}

func (v *visit) toKeys() pages.Link { return pages.Link{Label: "API keys", URL: v.here(keysPath)} }

func makeKey(v *visit) (provider.Reply, error) {
	name, kind := pages.Field{Value: strings.TrimSpace(v.FormValue("name"))}, pages.Field{Value: v.FormValue("kind")}
	if n := utf8.RuneCountInString(name.Value); n == 0 || n > longestName {
		name.Error = fmt.Sprintf("A name has 1 to %d characters.", longestName)
	}
	if kindSigns[kind.Value] == "" {
		kind.Error = "Choose one of the two."
	}
	if name.Error+kind.Error != "" {
		return v.showNewKey(http.StatusBadRequest, name, kind)
	}
	return v.issue(name.Value, kind.Value, deskData{Title: "The key was created", Lead: "It works at once."})
}

// The alphabet of keys, and how long they are behind their sign.
const (
	keyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	keyLength   = 16
)

// issue makes a key and shows it this once.
func (v *visit) issue(name, kind string, told deskData) (provider.Reply, error) {
	next, id, err := v.nextKey()
	if err != nil {
		return provider.Reply{}, err
	}
	secret := kindSigns[kind] + next.Text("secret", keyLength, keyAlphabet)
	err = v.PutClient(&oauth.Client{
		ID: id, Name: name, Secret: secret,
		Settings: map[string]any{"platform": float64(v.user.Platform), "key_kind": kind},
	})
	if err != nil {
		return provider.Reply{}, err
	}
	if _, err := keys.Create(v.Call, next, id, &Key{Platform: v.user.Platform}, provider.MadeBy(id)); err != nil {
		return provider.Reply{}, err
	}
	told.Trail, told.Secret = v.toKeys(), secret
	told.Facts = []pages.Fact{{Name: "Name", Cell: text(name)}, {Name: "Kind", Cell: text(kindNames[kind])}}
	reply, err := v.page(http.StatusOK, told)
	reply.Secret = true
	return reply, err
}

// nextKey takes the next name whose id no client has. A reset counts keys anew and leaves their clients.
func (v *visit) nextKey() (name provider.Name, id string, err error) {
	for {
		if name, err = keys.Next(v.Call); err != nil {
			return name, "", err
		}
		id = fmt.Sprintf("key_%09d", name.Number)
		if client, err := v.Client(id); err != nil || client == nil || client.AnySecret {
			return name, id, err
		}
	}
}

func openRoll(v *visit) (provider.Reply, error) {
	return v.ask("roll", pages.Form{
		Title: "Roll this key?", Button: "Roll key",
		Text: "You get a new key of the same name and kind. This one works for another 24 hours, so that there is time to change over.",
	})
}

func openRevoke(v *visit) (provider.Reply, error) {
	return v.ask("revoke", pages.Form{
		Title: "Revoke this key?", Button: "Revoke key", Grave: true,
		Text: "It stops working at once, for good. Every call with it is answered with 401.",
	})
}

// ask shows the key with the question whether that is to happen to it.
func (v *visit) ask(event string, question pages.Form) (provider.Reply, error) {
	k, err := v.key()
	if err == nil {
		err = k.may(event)
	}
	if err != nil {
		return provider.Reply{}, err
	}
	question.Back = pages.Link{Label: "Cancel", URL: v.here(keysPath)}
	form := v.form(keyPath(k.client.ID)+"/"+event, question)
	return v.page(http.StatusOK, deskData{
		Trail: v.toKeys(), Title: k.name(), State: state(k.standing()), Form: &form,
		Lead: kindNames[k.kind(v)] + ", ends in " + k.client.SecretEnd,
	})
}

// may refuses what can not happen to the key any more.
func (k apiKey) may(event string) error {
	switch {
	case k.standing() == revoked:
		return problem.New(problem.Conflict, "", "This key is revoked: create a new one.")
	case event == "roll" && k.standing() != active:
		return problem.New(problem.Conflict, "", "This key was rolled already, and its successor was shown then: roll that one, or create a new key.")
	}
	return nil
}

func rollKey(v *visit) (provider.Reply, error) {
	k, err := v.key()
	if err == nil {
		err = v.fire(k, "roll")
	}
	if err != nil {
		return provider.Reply{}, err
	}
	return v.issue(k.client.Name, k.kind(v), deskData{
		Title: "The key was rolled",
		Lead:  "The new key works at once. The old one works until " + pages.Cell{At: v.Now().Add(overlap)}.When() + " on the workspace's clock.",
	})
}

// overlap is how long a rolled key stays valid, as scenarios/onelinkfintech/key.yaml has it.
const overlap = 24 * time.Hour

func revokeKey(v *visit) (provider.Reply, error) {
	k, err := v.key()
	if err == nil {
		err = v.fire(k, "revoke")
	}
	return goTo(v.Call, keysPath+query("done", "revoked")), err
}

// fire has an event happen to a key. One that the control API registered gets its entity now.
func (v *visit) fire(k apiKey, event string) error {
	if err := k.may(event); err != nil {
		return err
	}
	if k.state == nil {
		name, err := keys.Next(v.Call)
		if err != nil {
			return err
		}
		if k.state, err = keys.Create(v.Call, name, k.client.ID, &Key{Platform: v.user.Platform}, provider.MadeBy(k.client.ID)); err != nil {
			return err
		}
	}
	return keys.Fire(v.Call, k.state, event)
}
