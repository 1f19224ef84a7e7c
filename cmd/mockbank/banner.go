package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/pki"
	"github.com/mockbank/mockbank/internal/provider"
)

// banner is what a newcomer needs, in a few aligned lines.
type banner struct {
	version   string
	providers []*provider.Runtime
	listeners []app.Listener
	data      string
	ca        string // folder of the CA of HTTPS
	publicURL string
	took      time.Duration
}

func (b banner) print(w io.Writer) {
	base := b.base()
	fmt.Fprintf(w, "mockbank %s is ready after %d ms\n\n", b.version, b.took.Milliseconds())
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, p := range b.providers {
		for i, face := range p.Faces {
			title := ""
			if i == 0 {
				title = p.Title
			}
			fmt.Fprintf(table, "%s\t%s\n", title, base+face.Mount)
		}
		for _, line := range credentials(p) {
			fmt.Fprintf(table, "\t%s\n", line)
		}
	}
	fmt.Fprintf(table, "control API\t%s/_mockbank/v1   begin with /providers\n", base)
	fmt.Fprintf(table, "state\t%s\n", b.state())
	for _, l := range b.listeners[1:] {
		face := l.Face
		if face == "" {
			face = "all faces"
		}
		scheme := "http"
		if l.TLS {
			scheme = "https"
		}
		fmt.Fprintf(table, "also\t%s://%s   %s\n", scheme, l.Addr(), face)
	}
	if slices.ContainsFunc(b.listeners, func(l app.Listener) bool { return l.TLS }) {
		fmt.Fprintf(table, "CA of HTTPS\t%s\n", b.authority())
	}
	_ = table.Flush() // A terminal that went away reads no banner.
	fmt.Fprintln(w)
}

func (b banner) base() string {
	if b.publicURL != "" {
		return strings.TrimSuffix(b.publicURL, "/")
	}
	return "http://" + b.listeners[0].Addr().String()
}

func (b banner) state() string {
	if b.data != "" {
		return "kept in " + b.data
	}
	return "temporary: gone when mockbank stops; --data DIR keeps it"
}

func (b banner) authority() string {
	if b.ca != "" {
		return filepath.Join(b.ca, pki.CertificateFile)
	}
	return "temporary, as the state; mockbank ca prints it, --ca DIR keeps it"
}

func credentials(p *provider.Runtime) []string {
	var lines []string
	for _, c := range p.Credentials {
		lines = append(lines, fmt.Sprintf("%s %s", c.Name, c.Value))
	}
	return lines
}
