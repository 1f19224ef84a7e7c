// Package pages renders what payers see: the layout that all hosted pages share, their controls, and the
// simulator of a bank's own pages.
//
// It is a room of values. A provider hands in what there is to show and gets the bytes of a page; what a person
// chose comes back as a form, which ReadChoice turns into a Choice for the provider to act on. Nothing here
// knows a provider, a store or a clock.
//
// Invariant: a page works without script, names each of its controls, and shows text of strangers as text.
package pages

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
)

// Shell is what stands around a page's content.
type Shell struct {
	Title      string
	Brand      string  // whose page it is
	Logo       Picture // beside the brand
	Theme      string  // a layout by name; empty: default
	Background Background
	Language   string // of the page, such as de-DE; empty: English
	Words      Words  // of the layout, in that language
	Refresh    Refresh
	Nav        Nav          // where there is one, the page is a desk
	Style      template.CSS // of the theme, beside that of the layout
	Languages  []Tongue     // in which the page can be had; none: this one
	Live       Live
}

// Tongue is a language in which a page can be had.
type Tongue struct {
	Tag, Name, URL string
	Here           bool // the page is in it
}

// Words are what the layout says itself. The zero value is English.
type Words struct{ Skip, Test, Served string }

var english = Words{"Skip to the content", "Test: no real money", "Served by mockbank, which stands in for the real page."}

// Refresh has the browser go on by itself; without an address it stays.
type Refresh struct {
	Seconds int
	URL     string
	// App goes instead of URL: an address of any scheme, such as an app's, which its giver knows to do no harm.
	App template.URL
}

// Live has the page follow a status by script; the zero value has no script. Refresh stands in where scripts do not
// run. With a script and nothing to watch, the page goes on as Refresh says.
type Live struct {
	Script string // where Script is served
	Watch  string // replies {"status": ...}; empty: nothing is watched
	Seen   string // the status that the page shows
}

// Script is what a live page loads. Its name changes with its text, so it may be kept.
//
//go:embed live.js
var Script []byte

// ScriptName is that of its file.
var ScriptName = fmt.Sprintf("live-%.4x.js", sha256.Sum256(Script))

var (
	//go:embed layout.html
	layoutText string
	//go:embed style.css
	styleText string
	//go:embed controls.html
	controlsText string
)

// Page is a template within the layout.
type Page struct{ template *template.Template }

// New reads a page: a template that defines "content". It may use the controls of controls.html and desk.html.
func New(content string) (*Page, error) {
	page, err := template.New("page").Parse(layoutText)
	for _, text := range []string{controlsText, deskText, content} {
		if err == nil {
			page, err = page.Parse(text)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("pages: read a template: %w", err)
	}
	return &Page{page}, nil
}

// Render makes the bytes of a page.
func (p *Page) Render(shell Shell, data any) ([]byte, error) {
	if shell.Theme == "" {
		shell.Theme = "default"
	}
	if shell.Language == "" {
		shell.Language = "en"
	}
	if shell.Words == (Words{}) {
		shell.Words = english
	}
	var out bytes.Buffer
	err := p.template.ExecuteTemplate(&out, "layout", struct {
		Shell
		Sheet template.CSS
		Data  any
	}{shell, template.CSS(styleText+deskStyle) + shell.Style, data})
	if err != nil {
		return nil, fmt.Errorf("pages: render %q: %w", shell.Title, err)
	}
	return out.Bytes(), nil
}

// Header is what a page in this shell is sent with: it is kept nowhere, framed nowhere, and tells no one where its reader
// was. It loads of others the pictures of the shell, and nothing else; a live page runs the script of its own server,
// and no other.
func (s Shell) Header() http.Header {
	images := "img-src 'self' data:"
	for _, picture := range append([]Picture{s.Logo}, s.Background.pictures...) {
		if picture.source != "" {
			images += " " + picture.source
		}
	}
	scripts := ""
	if s.Live.Script != "" {
		scripts = "script-src 'self'; connect-src 'self'; "
	}
	return http.Header{
		"Cache-Control":           {"no-store"},
		"Referrer-Policy":         {"no-referrer"},
		"Content-Security-Policy": {"default-src 'none'; style-src 'unsafe-inline'; " + scripts + images + "; base-uri 'none'; frame-ancestors 'none'"},
	}
}

// Field is a labelled input.
type Field struct {
	Name, Label, Value string
	Type               string // of the input; empty: text
	Hint, Error        string
	Optional           bool
	May                string   // how it is said that it is optional; empty: "optional"
	Focus              bool     // the page opens here
	Quiet              bool     // does not say that it is optional
	Complete           string   // the autocomplete token; empty: off
	Keys               string   // which keys a phone shows, as inputmode says; empty: letters
	Example            string   // what stands in it while it is empty
	Longest            int      // in characters; 0: any
	Options            []Option // to choose Value from; none: it is typed
	Folds              bool     // the options are in a list that opens
	Rows               int      // of a text that may have several lines; 0: it has one
}

// Line is a name and a value, such as one of an order.
type Line struct{ Name, Value string }

// Link leads on.
type Link struct{ Label, URL string }

// Tone says how something stands.
type Tone string

const (
	Good    Tone = "good"
	Bad     Tone = "bad"
	Waiting Tone = "waiting" // for something that comes by itself
	Asking  Tone = "asking"  // for the person
)

// Notice is a page, or a part of one, that tells how something stands.
type Notice struct {
	Tone  Tone
	Title string
	Text  string
	Lines []Line
	Next  []Link // where to go from here
}

// Notices is the page that holds one notice and nothing else.
const Notices = `{{define "content"}}{{template "notice" .}}{{end}}`
