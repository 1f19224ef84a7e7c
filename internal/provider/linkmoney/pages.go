package linkmoney

import (
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// pages are the routes for browsers.
func (l *linkmoney) pages() []provider.Page {
	return []provider.Page{
		{Name: "page.logo", Face: staticFace, Method: http.MethodGet, Path: "/fi/:file", Handler: provider.Read(l.showLogo)},
	}
}

// logoPath is where a bank's picture is, below the face of the files.
func logoPath(name string) string { return "/fi/" + name + ".svg" }

// showLogo draws the picture of a bank. The test banks share one.
func (l *linkmoney) showLogo(c *provider.Call) (provider.Reply, error) {
	name := strings.TrimSuffix(c.Params["file"], ".svg")
	for _, bank := range l.banks.Institutions {
		if bank.Logo == name && name+".svg" == c.Params["file"] {
			return provider.Reply{
				Header: http.Header{"Cache-Control": {"public, max-age=3600"}},
				Raw:    &provider.Raw{Media: "image/svg+xml", Bytes: pages.Logo(bank.Name)},
			}, nil
		}
	}
	return provider.Reply{}, problem.New(problem.NotFound, "", "There is no such file")
}
