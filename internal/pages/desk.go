package pages

import (
	_ "embed"
	"time"
)

// What a site wants where people sign in and look after things: a way around (Nav), tables, facts and forms. Their
// templates are "table", "facts", "cell" and "form"; the Nav is shown by the layout.

var (
	//go:embed desk.html
	deskText string
	//go:embed desk.css
	deskStyle string
)

// Nav leads from page to page of a site, and out of it. The zero value is none.
type Nav struct {
	Label   string // what it is, for those who do not see it
	Places  []Place
	User    string // who is signed in; empty: nobody signs in here
	Role    string // as what
	SignOut Form
	Doors   []Link // where nobody is signed in: how to get in
}

// Place is where a Nav leads to.
type Place struct {
	Label, URL string
	Here       bool // the page is this one, or within
}

// Form is sent with POST.
type Form struct {
	Title, Text   string // above it; each may be empty
	Action, Token string
	Problem       string // with what was sent last, as a whole
	Fields        []Field
	Button        string
	Also          []Button // besides that one, which is what Enter presses
	Grave         bool     // what it does can not be undone
	Back          Link     // without doing it; a zero Link is not shown
}

// Button sends a form with a field of its own.
type Button struct{ Name, Value, Label string }

// Option is one that a Field lets choose.
type Option struct{ Value, Label, Hint string }

// Table shows many things of a sort. On a narrow screen each row is a card.
type Table struct {
	Caption      string // what it holds, for those who do not see it
	Columns      []Column
	Rows         [][]Cell // each as long as Columns
	Empty        string   // is said where there are no rows
	Newer, Older string   // addresses of the pages before and after this one; empty: none
}

// Column is one of a table.
type Column struct {
	Label  string
	Number bool // its cells are numbers, which stand at the right
	Wraps  bool // its cells are texts of people, which may take several lines
	Hidden bool // its label is only heard
}

// Cell is a value, wherever values are shown. Of its members the ones that are set are shown.
type Cell struct {
	Text  string
	URL   string    // to which Text leads
	Tone  Tone      // Text is a state that stands so
	Code  bool      // Text is for machines, such as an id
	At    time.Time // an instant; the zero time is none
	Note  string    // is said beneath
	Links []Link
}

// When is how people read the instant.
func (c Cell) When() string { return c.At.UTC().Format("2 Jan 2006, 15:04:05") }

// Machine is how programs read it.
func (c Cell) Machine() string { return c.At.UTC().Format(time.RFC3339) }

// Fact is a name and a value of one thing.
type Fact struct {
	Name string
	Cell
}
