package gateway

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// hosts is a gateway that knows where two faces are, and nothing of what they do.
func hosts(tb testing.TB) *Gateway {
	tb.Helper()
	g := &Gateway{byHost: map[string]*face{}}
	for _, f := range []provider.Face{{Name: "toy", Mount: "/toy", Hosts: []string{"api.toy.example"}}, {Name: "toy-pages", Mount: "/toy-pages"}} {
		if err := g.add(&face{Face: &f}); err != nil {
			tb.Fatal(err)
		}
	}
	return g
}

// FuzzAddress: an address leads nowhere, or to a face and a workspace, and then a link that is made of it leads to the
// same place again.
func FuzzAddress(f *testing.F) {
	for _, seed := range [][3]string{
		{"localhost:6265", "/toy/where", ""}, {"a-1.toy.localhost", "/x", ""}, {"API.toy.example.", "/w/a-1/x", "a-1"}, {"toy.localhost", "/w/default/w/b-2/x", ""},
		{"", "/w/a-1/toy", ""}, {"localhost", "/.well-known/x/w/a-1/toy/tenants", ""}, {"toy.localhost", "/.well-known/x/w/a-1/y", ""}, {"localhost", "/toy-pages//x", "default"},
		{"localhost", "/w/a%2fb/toy/%2e%2e/x", ""}, {"[::1]:80", "//toy/x", "b-2"}, {"..toy.localhost", "/", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	g := hosts(f)
	f.Fuzz(func(t *testing.T, host, path, workspace string) {
		target, err := url.ParseRequestURI(path)
		if err != nil || !strings.HasPrefix(path, "/") {
			return
		}
		r := &http.Request{Host: host, URL: target, Header: http.Header{}}
		if workspace != "" {
			r.Header.Set(WorkspaceHeader, workspace)
		}
		a, err := g.address(r)
		if err != nil {
			return
		}
		if a.face == nil || store.CheckName(a.workspace) != nil || !strings.HasPrefix(a.path, "/") {
			t.Fatalf("%q %q %q is %+v", host, path, workspace, a)
		}
		leadsBack(t, g, r, a)
	})
}

// leadsBack follows a link to where a request went. What begins with another workspace's path is no route of any face.
func leadsBack(t *testing.T, g *Gateway, r *http.Request, a address) {
	t.Helper()
	if strings.HasPrefix(a.path, workspacePath) || strings.HasPrefix(a.path, wellKnownPath) {
		return
	}
	target, err := url.ParseRequestURI(a.prefix() + a.path)
	if err != nil {
		t.Fatalf("the link %q is none: %v", a.prefix()+a.path, err)
	}
	again, err := g.address(&http.Request{Host: r.Host, URL: target, Header: http.Header{}})
	if err != nil || again.face != a.face || again.workspace != a.workspace || again.path != a.path {
		t.Fatalf("%q %q is %+v, and the link %q is %+v, %v", r.Host, r.URL, a, target, again, err)
	}
}
