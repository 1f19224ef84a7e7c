package pages

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// deskPage shows all that desk.html has.
const deskPage = `{{define "content"}}{{template "facts" .Facts}}{{template "table" .Table}}{{template "form" .Form}}{{end}}`

type deskData struct {
	Facts []Fact
	Table Table
	Form  Form
}

// deskOf has a stranger's text everywhere.
func deskOf(text string) (Shell, deskData) {
	at := time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)
	cell := Cell{Text: text, URL: "/" + text, Note: text, At: at, Links: []Link{{Label: text, URL: "/" + text}}}
	nav := Nav{Label: text, Places: []Place{{Label: text, URL: "/" + text, Here: true}}, User: text, Role: text, SignOut: Form{Action: "/out", Token: "t", Button: "Sign out"}}
	return Shell{Title: text, Brand: text, Nav: nav}, deskData{
		Facts: []Fact{{Name: text, Cell: cell}, {Name: text, Cell: Cell{Text: text, Tone: Good}}, {Name: text, Cell: Cell{Text: text, Code: true}}},
		Table: Table{
			Caption: text, Columns: []Column{{Label: text}, {Label: text, Number: true}, {Label: text, Hidden: true}},
			Rows: [][]Cell{{cell, {Text: text}, {}}}, Newer: "/" + text, Older: "/" + text,
		},
		Form: Form{
			Title: text, Text: text, Action: "/" + text, Token: text, Problem: text, Button: text, Grave: true, Back: Link{Label: text, URL: "/" + text},
			Fields: []Field{
				{Name: "name", Label: text, Value: text, Error: text, Hint: text},
				{Name: "kind", Label: text, Value: "a", Error: text, Options: []Option{{Value: "a", Label: text, Hint: text}, {Value: text, Label: text}}},
			},
		},
	}
}

func renderDesk(t testing.TB, shell Shell, data deskData) string {
	t.Helper()
	page, err := New(deskPage)
	if err != nil {
		t.Fatal(err)
	}
	got, err := page.Render(shell, data)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(got), "<body")
	return body
}

func TestADeskSaysAllThatItIsGiven(t *testing.T) {
	page := renderDesk(t, func() Shell { s, _ := deskOf("x"); return s }(), func() deskData { _, d := deskOf("x"); return d }())
	for _, want := range []string{
		`<nav aria-label="x">`, `aria-current="page"`, `<time datetime="2026-01-15T10:30:00Z">15 Jan 2026, 10:30:00</time>`, `<caption class="unseen">x</caption>`,
		`data-label="x"`, `class="number"`, `rel="prev"`, `rel="next"`, `role="alert"`, `<label for="name">x`, `<legend>x</legend>`, `value="a" required checked`,
		`aria-describedby="kind-about"`, `class="grave"`, `name="token" value="x"`, `<span class="state good">x</span>`, `<code>x</code>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("there is no %s in\n%s", want, page)
		}
	}
	if empty := renderDesk(t, Shell{}, deskData{Table: Table{Empty: "Nothing yet."}}); !strings.Contains(empty, "Nothing yet.") || strings.Contains(empty, "<table") || strings.Contains(empty, "<nav") {
		t.Errorf("%s", empty)
	}
}

// Whatever strangers call themselves, a desk holds the same elements.
func TestTextOnADeskStaysText(t *testing.T) {
	shell, data := deskOf("x")
	plain := strings.Count(renderDesk(t, shell, data), "<")
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[a-z<>"'&/= ]{1,30}`).Draw(rt, "text")
		shell, data := deskOf(text)
		if got := strings.Count(renderDesk(t, shell, data), "<"); got != plain {
			rt.Fatalf("%q changes %d tags to %d", text, plain, got)
		}
	})
}

func TestADeskWhereNobodySignsIn(t *testing.T) {
	shell, data := deskOf("x")
	shell.Nav.User = ""
	if page := renderDesk(t, shell, data); strings.Contains(page, "Sign out") || strings.Contains(page, "Signed in") || !strings.Contains(page, `aria-current="page"`) {
		t.Error("it offers to sign out, or leads nowhere")
	}
}
