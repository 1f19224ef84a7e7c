package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/gateway"
)

// The address forms of the toy's operation "where", and what is made of them.
var addresses = map[string]struct {
	target    string
	headers   []string
	face      string // of the listener
	workspace string
	called    string // the address of the face
	public    string // its path below a public origin
}{
	"a path":                     {target: "/toy/where", workspace: "default", called: "http://localhost:6265/toy", public: "/toy"},
	"a workspace's path":         {target: "/w/a-1/toy/where", workspace: "a-1", called: "http://localhost:6265/w/a-1/toy", public: "/w/a-1/toy"},
	"the default one's path":     {target: "/w/default/toy/where", workspace: "default", called: "http://localhost:6265/toy", public: "/toy"},
	"a header":                   {target: "/toy/where", headers: []string{gateway.WorkspaceHeader, "a-1"}, workspace: "a-1", called: "http://localhost:6265/w/a-1/toy", public: "/w/a-1/toy"},
	"the default one's header":   {target: "/toy/where", headers: []string{gateway.WorkspaceHeader, "default"}, workspace: "default", called: "http://localhost:6265/toy", public: "/toy"},
	"path and header that agree": {target: "/w/a-1/toy/where", headers: []string{gateway.WorkspaceHeader, "a-1"}, workspace: "a-1", called: "http://localhost:6265/w/a-1/toy", public: "/w/a-1/toy"},
	"a face's host":              {target: "http://toy.localhost:6265/where", workspace: "default", called: "http://toy.localhost:6265", public: "/toy"},
	"a face's host, spelt large": {target: "http://TOY.LocalHost:6265/where", workspace: "default", called: "http://TOY.LocalHost:6265", public: "/toy"},
	"a face's host and a path":   {target: "http://toy.localhost:6265/w/a-1/where", workspace: "a-1", called: "http://toy.localhost:6265/w/a-1", public: "/w/a-1/toy"},
	"a workspace's host":         {target: "http://a-1.toy.localhost:6265/where", workspace: "a-1", called: "http://a-1.toy.localhost:6265", public: "/w/a-1/toy"},
	"host, path and header":      {target: "http://a-1.toy.localhost:6265/w/a-1/where", headers: []string{gateway.WorkspaceHeader, "a-1"}, workspace: "a-1", called: "http://a-1.toy.localhost:6265", public: "/w/a-1/toy"},
	"a real host":                {target: "https://api.toy.example/where", workspace: "default", called: "https://api.toy.example", public: "/toy"},
	"a real host with a port":    {target: "http://api.toy.example:8443/where", workspace: "default", called: "http://api.toy.example:8443", public: "/toy"},
	"a real host and a header":   {target: "https://api.toy.example/where", headers: []string{gateway.WorkspaceHeader, "a-1"}, workspace: "a-1", called: "https://api.toy.example/w/a-1", public: "/w/a-1/toy"},
	"a face's own listener":      {target: "http://127.0.0.1:7001/where", face: "toy", workspace: "default", called: "http://127.0.0.1:7001", public: "/toy"},
	"its own listener, a path":   {target: "http://127.0.0.1:7001/w/a-1/where", face: "toy", workspace: "a-1", called: "http://127.0.0.1:7001/w/a-1", public: "/w/a-1/toy"},
	"another face":               {target: "/toy-pages/pages-where", workspace: "default", called: "http://localhost:6265/toy-pages", public: "/toy-pages"},
	"another face's host":        {target: "http://toy-pages.localhost/pages-where", workspace: "default", called: "http://toy-pages.localhost", public: "/toy-pages"},

	"a well-known place below the mount":  {target: "/toy/.well-known/toy", workspace: "default", called: "http://localhost:6265/toy", public: "/toy"},
	"a well-known place before the mount": {target: "/.well-known/toy/toy", workspace: "default", called: "http://localhost:6265/toy", public: "/toy"},
	"a well-known place of a workspace":   {target: "/.well-known/toy/w/a-1/toy", workspace: "a-1", called: "http://localhost:6265/w/a-1/toy", public: "/w/a-1/toy"},
	"a workspace's well-known place":      {target: "/w/a-1/.well-known/toy/toy", workspace: "a-1", called: "http://localhost:6265/w/a-1/toy", public: "/w/a-1/toy"},
	"a tenant's well-known place":         {target: "/.well-known/toy/toy/tenants/x", workspace: "default", called: "http://localhost:6265/toy", public: "/toy"},
	"a tenant's of a workspace":           {target: "/.well-known/toy/w/a-1/toy/tenants/x", workspace: "a-1", called: "http://localhost:6265/w/a-1/toy", public: "/w/a-1/toy"},
	"a real host's well-known place":      {target: "https://api.toy.example/.well-known/toy", workspace: "default", called: "https://api.toy.example", public: "/toy"},
	"a real host's of a workspace":        {target: "https://api.toy.example/.well-known/toy/w/a-1", workspace: "a-1", called: "https://api.toy.example/w/a-1", public: "/w/a-1/toy"},
	"a real host's of a tenant of one":    {target: "https://api.toy.example/.well-known/toy/w/a-1/tenants/x", workspace: "a-1", called: "https://api.toy.example/w/a-1", public: "/w/a-1/toy"},
}

func TestAddresses(t *testing.T) {
	h := build(t, nil)
	open := build(t, func(p *plan) { p.publicURL = "https://bank.example/" })
	for name, tt := range addresses {
		t.Run(name, func(t *testing.T) {
			for _, in := range []struct {
				house *house
				base  string
			}{{h, tt.called}, {open, "https://bank.example" + tt.public}} {
				r := request("GET", tt.target, "", tt.headers...)
				if tt.face != "" {
					r = r.WithContext(gateway.WithFace(r.Context(), tt.face))
				}
				got := in.house.send(r)
				if got.status != http.StatusOK {
					t.Fatalf("status %d: %s", got.status, got.raw)
				}
				if got.text("workspace") != tt.workspace || got.text("called") != tt.called || got.text("base") != in.base {
					t.Errorf("got %s; want workspace %s, called %s, base %s", got.raw, tt.workspace, tt.called, in.base)
				}
				if !strings.HasPrefix(tt.called, got.text("origin")) || strings.Count(got.text("origin"), "/") != 2 {
					t.Errorf("the origin is %s", got.text("origin"))
				}
			}
		})
	}
}

func TestAddressesThatNameNothing(t *testing.T) {
	tests := map[string]struct {
		target  string
		headers []string
		status  int
		code    string
	}{
		"no provider":             {"/nobody/where", nil, 404, "no_provider"},
		"the root":                {"/", nil, 404, "no_provider"},
		"a longer mount":          {"/toys/where", nil, 404, "no_provider"},
		"a workspace alone":       {"/w/a-1", nil, 404, "no_provider"},
		"another domain":          {"http://toy.local/where", nil, 404, "no_provider"},
		"an unknown face":         {"http://a-1.tin.localhost/where", nil, 404, "no_provider"},
		"two labels before":       {"http://a.b.toy.localhost/where", nil, 404, "no_provider"},
		"a well-known stranger":   {"/.well-known/toy/nobody", nil, 404, "no_provider"},
		"path against header":     {"/w/a-1/toy/where", []string{gateway.WorkspaceHeader, "b-2"}, 400, "two_workspaces"},
		"path against default":    {"/w/a-1/toy/where", []string{gateway.WorkspaceHeader, "default"}, 400, "two_workspaces"},
		"host against header":     {"http://a-1.toy.localhost/where", []string{gateway.WorkspaceHeader, "b-2"}, 400, "two_workspaces"},
		"host against path":       {"http://a-1.toy.localhost/w/b-2/where", nil, 400, "two_workspaces"},
		"well-known against path": {"/w/b-2/.well-known/toy/w/a-1/toy", nil, 400, "two_workspaces"},
		"a large letter":          {"/w/A/toy/where", nil, 400, "bad_workspace"},
		"no name":                 {"/w//toy/where", nil, 400, "bad_workspace"},
		"a dash at the end":       {"/w/a-/toy/where", nil, 400, "bad_workspace"},
		"a slash, escaped":        {"/w/a%2fb/toy/where", nil, 400, "bad_workspace"},
		"41 characters":           {"/w/" + strings.Repeat("a", 41) + "/toy/where", nil, 400, "bad_workspace"},
		"an empty header":         {"/toy/where", []string{gateway.WorkspaceHeader, ""}, 400, "bad_workspace"},
		"a zero byte":             {"/w/a%00/toy/where", nil, 400, "bad_workspace"},
		"a host's bad name":       {"http://a_b.toy.localhost/where", nil, 400, "bad_workspace"},
	}
	h := build(t, nil)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := h.do("GET", tt.target, "", tt.headers...)
			if got.status != tt.status || got.text("code") != tt.code {
				t.Errorf("got %d %s, want %d %s", got.status, got.raw, tt.status, tt.code)
			}
		})
	}
}

func TestTwoHeadersMustAgree(t *testing.T) {
	h := build(t, nil)
	for second, status := range map[string]int{"a-1": 200, "b-2": 400} {
		r := request("GET", "/toy/where", "", gateway.WorkspaceHeader, "a-1")
		r.Header.Add(gateway.WorkspaceHeader, second)
		if got := h.send(r); got.status != status {
			t.Errorf("a-1 and %s: %d %s", second, got.status, got.raw)
		}
	}
}

func TestWhatIsMadeKeepsItsBase(t *testing.T) {
	h := build(t, nil)
	made := h.want(201, "POST", "http://a-1.toy.localhost/orders", `{"ref":"x"}`)
	if got := h.want(200, "GET", "/w/a-1/toy/orders/"+made.text("id"), ""); got.text("base") != "http://a-1.toy.localhost" {
		t.Errorf("its base is %s", got.text("base"))
	}
}

func TestTheSpecNamesTheAddressByWhichItIsRead(t *testing.T) {
	h := build(t, nil)
	got := h.want(200, "GET", "/w/a-1/toy/openapi.yaml", "")
	if got.header.Get("Content-Type") != "application/yaml" || !strings.Contains(got.raw, `url: "http://localhost:6265/w/a-1/toy"`) {
		t.Errorf("got %v %s", got.header, got.raw[:200])
	}
	h.want(404, "GET", "/toy-pages/openapi.yaml", "")
}

func TestHasFace(t *testing.T) {
	h := build(t, nil)
	if !h.HasFace("toy-pages") || h.HasFace("tin") {
		t.Error("it does not know its faces")
	}
}

// At its real host a face may be below a path, which links keep; and without it, it is there too.
func TestAFaceBelowAPathOfItsRealHost(t *testing.T) {
	h := build(t, nil)
	for target, want := range map[string]string{
		"http://pages.toy.example/some/portal/show/7":     "<p>7 http://pages.toy.example/some/portal",
		"http://pages.toy.example/w/a/some/portal/show/7": "<p>7 http://pages.toy.example/w/a/some/portal",
		"http://pages.toy.example/show/7":                 "<p>7 http://pages.toy.example",
		"http://localhost:6265/toy-pages/show/7":          "<p>7 http://localhost:6265/toy-pages",
	} {
		if a := h.do("GET", target, ""); a.status != 200 || a.raw != want {
			t.Errorf("%s: %d %s, want %s", target, a.status, a.raw, want)
		}
	}
	for _, target := range []string{"http://pages.toy.example/some/portals/show/7", "http://localhost:6265/toy-pages/some/portal/show/7", "http://pages.toy.example/some/portal"} {
		if a := h.do("GET", target, ""); a.status != 404 {
			t.Errorf("%s: %d %s", target, a.status, a.raw)
		}
	}
}
