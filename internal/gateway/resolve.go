package gateway

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// WorkspaceHeader names a workspace on any address, ScenarioHeader the scenario of what a request creates.
const (
	WorkspaceHeader = "Mockbank-Workspace"
	ScenarioHeader  = "Mockbank-Scenario"
)

const (
	workspacePath = "/w/"
	wellKnownPath = "/.well-known/"
	localDomain   = ".localhost"
)

// fixedFace is the key under which a listener's context names its one face.
type fixedFace struct{}

// WithFace returns the context of a listener that serves one face only.
func WithFace(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, fixedFace{}, name)
}

// HasFace tells whether there is a face of this name.
func (g *Gateway) HasFace(name string) bool { return g.named(name) != nil }

func (g *Gateway) named(name string) *face {
	for _, f := range g.faces {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// address is what a request's host, path and header say, step by step.
type address struct {
	face      *face
	workspace string // empty until something names it
	byHost    bool   // the host names the workspace
	mounted   bool   // the path names the face
	real      bool   // the host is one of the provider's own
	below     string // what of the path stands for the face at that host
	path      string // within the face, once that is known
}

// resolve finds workspace and face. It is the only step that knows the forms of an address.
func (x *exchange) resolve() error {
	a, err := x.gateway.address(x.http)
	x.request.Workspace = a.workspace // As far as it is known, for the journal.
	if err != nil {
		return err
	}
	x.at = x.gateway.Store.Workspace(a.workspace).Clock.Now(x.began)
	x.face = a.face
	x.request.Face, x.request.Path = a.face.Name, a.path
	x.request.Origin = origin(x.http)
	x.request.Called = x.request.Origin + a.prefix()
	x.request.Base = x.request.Called
	if x.gateway.PublicURL != "" {
		x.request.Base = strings.TrimSuffix(x.gateway.PublicURL, "/") + a.whole()
	}
	x.address = a
	x.request.Beside = func(name string) string { return x.beside(&a, name) }
	if x.http.TLS != nil {
		x.request.Peer = x.http.TLS.PeerCertificates
	}
	x.request.Method, x.request.Header = x.http.Method, x.http.Header
	x.request.Scenario = x.http.Header.Get(ScenarioHeader)
	x.request.Reply = http.Header{}
	x.request.Serial = x.gateway.serials.next(a.workspace)
	return nil
}

// beside is the address of another face for links, in the form in which this one was called.
func (x *exchange) beside(a *address, name string) string {
	other := x.gateway.named(name)
	if public := x.gateway.PublicURL; public != "" && other != nil {
		return strings.TrimSuffix(public, "/") + a.room() + other.Mount
	}
	return x.reach(a, name)
}

// reach is where the house itself answers for another face at the origin of this request. Where that origin is one
// face's alone, it is the address that the other one has on an origin of all.
func (x *exchange) reach(a *address, name string) string {
	other := x.gateway.named(name)
	if other == nil {
		return ""
	}
	here, host := origin(x.http), hostname(x.http.Host)
	if label := a.face.Name + localDomain; strings.HasSuffix(strings.ToLower(host), label) {
		rest := a.room()
		if a.byHost {
			rest = ""
		}
		return strings.Replace(here, host, host[:len(host)-len(label)]+name+localDomain, 1) + rest
	}
	if x.gateway.byHost[strings.ToLower(host)] == a.face && len(other.Hosts) > 0 {
		return strings.Replace(here, host, other.Hosts[0], 1) + a.room() + other.Below
	}
	return here + a.room() + other.Mount
}

func (g *Gateway) address(r *http.Request) (address, error) {
	a := address{path: r.URL.EscapedPath()}
	for _, read := range []func(*address, *http.Request) error{g.readHost, readWorkspacePath, readWorkspaceHeader, g.readMount} {
		if err := read(&a, r); err != nil {
			return a, err
		}
	}
	if a.workspace == "" {
		a.workspace = store.Default
	}
	return a, nil
}

// readHost knows real host names, <face>.localhost and <workspace>.<face>.localhost.
func (g *Gateway) readHost(a *address, r *http.Request) error {
	if name, ok := r.Context().Value(fixedFace{}).(string); ok {
		a.face = g.named(name)
		return nil
	}
	return g.readName(a, r.Host)
}

func (g *Gateway) readName(a *address, host string) error {
	host = strings.ToLower(hostname(host))
	if a.face = g.byHost[host]; a.face != nil {
		a.real = true
		return nil
	}
	labels, ok := strings.CutSuffix(host, localDomain)
	if !ok {
		return nil
	}
	workspace, name, two := strings.Cut(labels, ".")
	if !two {
		workspace, name = "", labels
	}
	if a.face = g.named(name); a.face == nil || !two {
		return nil
	}
	a.byHost = true
	return a.say(workspace)
}

// readWorkspacePath knows /w/<workspace>/...
func readWorkspacePath(a *address, _ *http.Request) error {
	rest, ok := strings.CutPrefix(a.path, workspacePath)
	if !ok {
		return nil
	}
	name, below, _ := strings.Cut(rest, "/")
	a.path = "/" + below
	return a.say(name)
}

func readWorkspaceHeader(a *address, r *http.Request) error {
	for _, name := range r.Header.Values(WorkspaceHeader) {
		if err := a.say(name); err != nil {
			return err
		}
	}
	return nil
}

// readMount knows /<mount>/..., unless the host named the face already.
func (g *Gateway) readMount(a *address, _ *http.Request) error {
	if err := a.mountAt(g.faces); err != nil {
		return err
	}
	if a.face == nil {
		return problem.Newf(problem.NoRoute, "no_provider", "No provider is at this address. The providers are at %s; the control API is at /_mockbank/v1.", g.mounts())
	}
	return nil
}

// mountAt finds the face by the path. A well-known place stands before workspace and mount (RFC 8414 section 3).
func (a *address) mountAt(faces []*face) error {
	rest, wellKnown := strings.CutPrefix(a.path, wellKnownPath)
	place, below, _ := strings.Cut(rest, "/")
	switch {
	case !wellKnown:
		a.mount(faces)
		return nil
	case below == "":
		return nil
	}
	a.path = "/" + below
	if err := readWorkspacePath(a, nil); err != nil {
		return err
	}
	a.mount(faces)
	if a.path == "/" {
		a.path = ""
	}
	a.path = wellKnownPath + place + a.path
	return nil
}

// mount finds the face whose mount the path begins with, unless the face is known already. At a real host the path may
// begin with what stands for the face there.
func (a *address) mount(faces []*face) {
	if a.face != nil {
		if a.real && a.face.Below != "" && a.descend(a.face.Below) {
			a.below = a.face.Below
		}
		return
	}
	for _, f := range faces {
		if a.descend(f.Mount) {
			a.face, a.mounted = f, true
			return
		}
	}
}

// descend takes a prefix off the path, where it ends with a segment.
func (a *address) descend(prefix string) bool {
	below, ok := strings.CutPrefix(a.path, prefix)
	if !ok || below != "" && below[0] != '/' {
		return false
	}
	if a.path = below; below == "" {
		a.path = "/"
	}
	return true
}

// say names the workspace. A second, different name is refused.
func (a *address) say(name string) error {
	if err := store.CheckName(name); err != nil {
		return problem.Newf(problem.Malformed, "bad_workspace", "This is no workspace: %v", err)
	}
	if a.workspace != "" && a.workspace != name {
		return problem.Newf(problem.Malformed, "two_workspaces", "The request names two workspaces, %s and %s: name one", a.workspace, name)
	}
	a.workspace = name
	return nil
}

// prefix is what stands between origin and path in the links of a reply: what the host does not say.
func (a *address) prefix() string {
	prefix := ""
	if !a.byHost {
		prefix = a.room()
	}
	if a.mounted {
		prefix += a.face.Mount
	}
	return prefix + a.below
}

// whole is the prefix below an origin whose host says nothing.
func (a *address) whole() string { return a.room() + a.face.Mount }

// room is the part of a path that names the workspace; the default one needs none.
func (a *address) room() string {
	if a.workspace == store.Default {
		return ""
	}
	return workspacePath + a.workspace
}

// origin is scheme and host as the client names them.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(host, ".")
}

func (g *Gateway) mounts() string {
	var mounts []string
	for _, f := range g.faces {
		mounts = append(mounts, f.Mount)
	}
	return strings.Join(mounts, ", ")
}
