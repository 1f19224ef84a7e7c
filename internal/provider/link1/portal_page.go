package link1

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// view is what a page shows, from above to below; what is not set is left out.
type view struct {
	Trail   pages.Link // to the list of which this is one
	Title   string
	State   pages.Cell // of the thing, beside the title
	Lead    string
	Action  pages.Link // what one comes here for
	Done    string     // what was just done
	Secrets []secret   // are shown this once
	Blocks  []block
	Sign    bool // it is one narrow form
}

// secret is shown once.
type secret struct{ Name, ID, Value string }

// block is a part of a page. Of its members those that are set are shown.
type block struct {
	Title      string
	ID         string // by which links lead to it
	Paragraphs []string
	Facts      []pages.Fact
	Table      *pages.Table
	Charts     []pages.Chart
	Cards      []card
	Questions  []question
	Operations []operation
	Posts      []postView
	Code       string // as programs read it
	Empty      string // is said instead
	Form       *pages.Form
	Next       []pages.Link
}

// card leads to something that is told about in a few lines.
type card struct {
	Title string   `yaml:"title"`
	Text  string   `yaml:"text"`
	URL   string   `yaml:"url"`
	Marks []string `yaml:"-"`
}

type postView struct {
	By, Text string
	Expert   bool
	At       pages.Cell
}

// page replies with a page in the dress of the portal.
func (v *visit) page(status int, shown view) (provider.Reply, error) {
	shell := pages.Shell{Title: shown.Title + " · " + brand, Brand: brand, Theme: portalFace, Style: portalStyle, Nav: v.nav()}
	page, err := v.desk.Render(shell, shown)
	reply := provider.HTML(status, page)
	reply.Header = shell.Header()
	reply.Secret = len(shown.Secrets) > 0
	return reply, err
}

func (v *visit) ok(shown view) (provider.Reply, error) { return v.page(http.StatusOK, shown) }

func (v *visit) nav() pages.Nav {
	nav := pages.Nav{Label: "Main menu"}
	all := places
	if v.user != nil && v.user.Data.Administrator {
		all = append(all[:len(all):len(all)], pages.Place{Label: "Administration", URL: adminPath})
	}
	for _, p := range all {
		nav.Places = append(nav.Places, pages.Place{Label: p.Label, URL: v.here(p.URL), Here: v.Path == p.URL || p.URL != "/" && atOrBelow(v.Path, p.URL)})
	}
	if v.user == nil {
		nav.Doors = []pages.Link{{Label: "Sign in", URL: v.here(loginPath)}, {Label: "Sign up", URL: v.here(registerPath)}}
		return nav
	}
	nav.User, nav.Role = v.user.Data.Name, v.user.Data.Organisation
	nav.SignOut = v.form(logoutPath, pages.Form{Button: "Sign out"})
	return nav
}

func (v *visit) here(path string) string { return here(v.Call, path) }

// form has a form sent to a path, with the token for it. A query does not change what the token is for.
func (v *visit) form(path string, f pages.Form) pages.Form {
	purpose, _, _ := strings.Cut(path, "?")
	f.Action, f.Token = v.here(path), v.FormToken(purpose)
	return f
}

// asks is a block that is a form.
func (v *visit) asks(path string, f pages.Form) block {
	f = v.form(path, f)
	return block{Form: &f}
}

func (v *visit) leads(text, path string) pages.Cell { return pages.Cell{Text: text, URL: v.here(path)} }

// done are the words for what was just done, by the name that the address carries.
var done = map[string]string{
	"saved":        "The application was saved.",
	"deleted":      "The application was deleted.",
	"suspended":    "The application is suspended.",
	"resumed":      "The application works again.",
	"subscribed":   "The application has the plan. It can be used at once.",
	"requested":    "Access was requested. The administrator was told, and you will get a mail.",
	"unsubscribed": "The application no longer has the plan.",
	"answered":     "Your answer was sent to the administrator.",
	"decided":      "The decision was recorded, and a mail sent.",
	"replied":      "The ticket was answered, and a mail sent.",
	"posted":       "Your post is in the forum.",
	"ticket":       "Your ticket was created, and a mail sent to you.",
	"closed":       "The ticket is closed.",
	"password":     "Your password was changed. Sign in with the new one.",
	"activated":    "Your account is active. Sign in, and you are ready to go.",
	"out":          "You are signed out.",
}

func (v *visit) done() string { return done[v.Query.Get("done")] }

// tones say how a state stands; of any other nothing is said.
var tones = map[string]pages.Tone{
	active: pages.Good, validToken: pages.Good, "answered": pages.Good,
	requested: pages.Waiting, detailsAsked: pages.Waiting, "open": pages.Waiting,
	"suspended": pages.Bad, "refused": pages.Bad,
}

const plainTone pages.Tone = "plain"

func state(name string) pages.Cell {
	tone, known := tones[name]
	if !known {
		tone = plainTone
	}
	return pages.Cell{Text: strings.ReplaceAll(name, "_", " "), Tone: tone}
}

func text(s string) pages.Cell { return pages.Cell{Text: s} }

func code(s string) pages.Cell { return pages.Cell{Text: s, Code: true} }

func at(t time.Time) pages.Cell { return pages.Cell{At: t} }

// paragraphs are those of a text that a person wrote.
func paragraphs(text string) (all []string) {
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

func openHome(v *visit) (provider.Reply, error) {
	var products []card
	for i := range v.Products {
		products = append(products, v.productCard(&v.Products[i]))
	}
	steps := make([]card, len(v.Welcome.Steps))
	for i, step := range v.Welcome.Steps {
		steps[i] = card{Title: step.Title, Text: step.Text, URL: v.here(step.URL)}
	}
	return v.ok(view{
		Title: v.Welcome.Title, Lead: v.Welcome.Text, Done: v.done(), Action: pages.Link{Label: "Browse the products", URL: v.here(productPath)},
		Blocks: []block{{Title: "Begin here", Cards: steps}, {Title: "API Products", Cards: products}},
	})
}

func openFAQ(v *visit) (provider.Reply, error) {
	return v.ok(view{Title: "Frequently asked questions", Blocks: []block{{Questions: v.Questions}}})
}

func openTerms(v *visit) (provider.Reply, error) {
	return v.ok(view{Title: "Terms and Conditions", Lead: v.version(), Blocks: []block{{Paragraphs: v.Terms}}})
}

func openPrivacy(v *visit) (provider.Reply, error) {
	return v.ok(view{Title: "Privacy Policy", Lead: v.version(), Blocks: []block{{Paragraphs: v.Privacy}}})
}

func (v *visit) version() string {
	return "Version " + strconv.Itoa(v.termsVersion()) + ", made up for tests by mockbank."
}

// refusalPortal tells visitors of the portal what did not work, and leads them back.
func (l *link) refusalPortal(c *provider.Call, e *problem.Error) provider.Reply {
	status := cmp.Or(e.Status, statuses[e.Kind], http.StatusBadRequest)
	if e.Kind == problem.Internal {
		status = cmp.Or(e.Status, http.StatusInternalServerError)
	}
	shown := view{Sign: true, Title: "This did not work", Lead: e.Message}
	switch status {
	case http.StatusNotFound:
		shown.Title = "There is nothing here"
	case http.StatusInternalServerError:
		shown.Title, shown.Lead = "Something went wrong", "The fault is ours. Please try again in a moment."
	}
	shown.Blocks = []block{{Next: []pages.Link{{Label: "Home", URL: here(c, "/")}, {Label: "Apps", URL: here(c, appsPath)}}}}
	v := &visit{Call: c, link: l}
	if id, err := c.SignedIn(); err == nil && id != "" {
		v.user, _ = users.Get(c, id) // The menu of somebody unknown will do.
	}
	reply, err := v.page(status, shown)
	if err != nil {
		return provider.Reply{Status: http.StatusInternalServerError, Raw: &provider.Raw{Media: "text/plain; charset=utf-8", Bytes: []byte(shown.Title)}}
	}
	return reply
}
