package linkmoney

import (
	_ "embed"
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// sdkPath is where the provider's documents have merchants load the SDK from.
const sdkPath = "/linkmoney-web/v1/latest/linkmoney-web.min.js"

// sdk is the module of our own that is there.
//
//go:embed web/linkmoney-web.js
var sdk []byte

// staticPages are the files of the host that has no pages.
func (l *linkmoney) staticPages() []provider.Page {
	return []provider.Page{
		{Name: "page.sdk", Face: staticFace, Method: http.MethodGet, Path: sdkPath, Handler: provider.Read(sendSDK)},
		{Name: "page.logo", Face: staticFace, Method: http.MethodGet, Path: "/fi/:file", Handler: provider.Read(l.showLogo)},
	}
}

// sendSDK sends the module to pages of every origin. It is asked for anew each time: its name stays when it changes.
func sendSDK(*provider.Call) (provider.Reply, error) {
	return provider.Reply{
		Header: shared("no-cache"), Raw: &provider.Raw{Media: "text/javascript; charset=utf-8", Bytes: sdk},
	}, nil
}

// shared is the header of files that pages of every origin may load.
func shared(kept string) http.Header {
	return http.Header{"Cache-Control": {kept}, "Access-Control-Allow-Origin": {"*"}, "Cross-Origin-Resource-Policy": {"cross-origin"}}
}

// logoPath is where a bank's picture is, below the face of the files, and of the pages.
func logoPath(name string) string { return "/fi/" + name + ".svg" }

// showLogo draws the picture of a bank. The test banks share one.
func (l *linkmoney) showLogo(c *provider.Call) (provider.Reply, error) {
	name := strings.TrimSuffix(c.Params["file"], ".svg")
	for _, bank := range l.banks.Institutions {
		if bank.Logo == name && name+".svg" == c.Params["file"] {
			return provider.Reply{
				Header: shared("public, max-age=3600"), Raw: &provider.Raw{Media: "image/svg+xml", Bytes: pages.Logo(bank.Name)},
			}, nil
		}
	}
	return provider.Reply{}, problem.New(problem.NotFound, "", "There is no such file")
}
