package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/provider"
)

// relaying adds a page that orders something for its visitor.
func relaying(p *plan) {
	order := func(c *provider.Call) (provider.Reply, error) {
		return provider.Reply{Relay: &provider.Relay{
			Face: "toy", Method: http.MethodPost, Path: "/orders", Body: []byte(`{"ref":"` + c.FormValue("ref") + `"}`),
			Header: http.Header{"Content-Type": {"application/json"}},
			Then: func(c *provider.Call, a provider.Relayed) (provider.Reply, error) {
				return provider.HTML(http.StatusOK, fmt.Appendf(nil, "%s %d %v %s", c.Beside("toy"), a.Status, a.Cut, a.Body)), nil
			},
		}}, nil
	}
	p.provider.Pages = append(p.provider.Pages, provider.Page{
		Name: "page.relay", Face: "toy-pages", Method: http.MethodPost, Path: "/relay", Handler: provider.Write(order),
	})
}

func TestAPageSendsARequestThroughTheHouse(t *testing.T) {
	h := build(t, relaying)
	for ref, want := range map[string]string{
		"a":     `201 false {"`,
		"down":  `503 false {"`,
		"lost":  `0 true `,
		"slow7": `201 false {"`,
	} {
		for address, beside := range map[string]string{
			"http://localhost:6265/w/a-1/toy-pages/relay": "http://localhost:6265/w/a-1/toy ",
			"http://c-3.toy-pages.localhost:6265/relay":   "http://c-3.toy.localhost:6265 ",
			"http://pages.toy.example/w/a-1/relay":        "http://API.toy.example/w/a-1 ",
			"http://localhost:6265/toy-pages/relay":       "http://localhost:6265/toy ",
		} {
			a := h.do("POST", address, "ref="+ref, "Content-Type", "application/x-www-form-urlencoded")
			if a.status != 200 || !strings.HasPrefix(a.raw, beside+want) {
				t.Errorf("%s at %s: %d %s, want %s", ref, address, a.status, a.raw, beside+want)
			}
		}
	}
}
