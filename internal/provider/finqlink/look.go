package finqlink

import (
	"embed"
	"fmt"
	"html/template"
)

// web holds the templates, which all looks share, and a style for each look beside the one that they share.
//
//go:embed web
var web embed.FS

// readWeb joins files of web.
func readWeb(names ...string) (string, error) {
	all := ""
	for _, name := range names {
		text, err := web.ReadFile("web/" + name)
		if err != nil {
			return "", fmt.Errorf("finqlink: read a file of the pages: %w", err)
		}
		all += string(text)
	}
	return all, nil
}

// look is one of the templates that ux_template names: a style, and which pieces a page has. In whichever look, a page
// says the same and asks for the same.
type look struct {
	name   string
	Steps  bool // shows how far the payer is
	Folded bool // the details of the order are folded
	style  template.CSS
}

const plainLook = "default"

// readLooks reads the six that clients can choose, and those of the bank's page and of the dashboard.
func readLooks() (map[string]*look, error) {
	all := map[string]*look{}
	for _, l := range []*look{
		{name: plainLook, Steps: true}, {name: "classic", Steps: true}, {name: "compact", Folded: true},
		{name: "cards"}, {name: "glass", Steps: true}, {name: "sheet", Folded: true},
		{name: "bank"}, {name: "dashboard"},
	} {
		style, err := readWeb("web.css", l.name+".css")
		if err != nil {
			return nil, err
		}
		l.style = template.CSS(style)
		all[l.name] = l
	}
	return all, nil
}

// look is the one of a name; for none, the default.
func (s screens) look(name string) *look {
	if l := s.looks[name]; l != nil {
		return l
	}
	return s.looks[plainLook]
}
