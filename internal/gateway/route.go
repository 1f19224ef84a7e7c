package gateway

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/mockbank/mockbank/internal/intake"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/spec"
)

// face is one side of a provider.
type face struct {
	*provider.Face
	runtime *provider.Runtime
	routes  func() (*routes, error) // made at the face's first request, since that takes the provider's spec
}

// routes are those of a face. echo finds the path; which methods it has is our own table, since echo answers
// OPTIONS, HEAD and wrong methods by itself.
type routes struct {
	echo  *echo.Echo
	paths map[string]map[string]*route // by path as echo spells it, then by method
	named map[string]*route            // operations by the first path of theirs
}

// route is an operation or a page.
type route struct {
	operation *spec.Operation // nil for a page
	page      string
	handler   provider.Handler
	guards    []provider.Guard
	names     []string // of the parameters, in the order of the path
}

// specPath is where each face that is a provider's first serves its spec.
const specPath = "/openapi.yaml"

func newFace(r *provider.Runtime, data *provider.Face, first bool) *face {
	f := &face{Face: data, runtime: r}
	f.routes = sync.OnceValues(func() (*routes, error) { return f.draw(first) })
	return f
}

// draw makes the face's routes. It is an error if the provider does not handle its spec, or routes a path twice.
func (f *face) draw(first bool) (*routes, error) {
	r, all := f.runtime, &routes{echo: echo.New(), paths: map[string]map[string]*route{}, named: map[string]*route{}}
	if err := r.Check(); err != nil {
		return nil, err
	}
	for _, op := range r.Spec.Operations() {
		if !f.has(op.Face, first) {
			continue
		}
		added := &route{operation: op, handler: r.Handlers[op.Name], guards: guardsOf(r, op)}
		if err := all.add(op.Method, op.Path, added); err != nil {
			return nil, err
		}
		if all.named[op.Name] == nil {
			all.named[op.Name] = added
		}
	}
	for _, page := range r.Pages {
		if !f.has(page.Face, first) {
			continue
		}
		if err := all.add(page.Method, page.Path, &route{page: page.Name, handler: page.Handler, guards: pageGuards}); err != nil {
			return nil, err
		}
	}
	if first {
		return all, all.add(http.MethodGet, specPath, &route{page: "page.openapi", handler: provider.Read(serveSpec(r))})
	}
	return all, nil
}

// has tells whether something that names a face, or none, is of this one. What names none is of the first.
func (f *face) has(name string, first bool) bool { return name == f.Name || (name == "" && first) }

func guardsOf(r *provider.Runtime, op *spec.Operation) []provider.Guard {
	if r.Guards == nil {
		return []provider.Guard{provider.Size, provider.Media, provider.Syntax}
	}
	return r.Guards(op)
}

// pageGuards stand before every hosted page.
var pageGuards = []provider.Guard{provider.Size, provider.Form}

// add routes one method of one path. Paths are templates with {parameters} or :parameters.
func (all *routes) add(method, path string, r *route) error {
	path, r.names = echoPath(path)
	if all.paths[path] == nil {
		all.paths[path] = map[string]*route{}
		all.echo.Router().Add(http.MethodGet, path, func(echo.Context) error { return nil })
	}
	if all.paths[path][method] != nil {
		return fmt.Errorf("gateway: there are two routes for %s %s", method, path)
	}
	all.paths[path][method] = r
	return nil
}

func echoPath(path string) (string, []string) {
	var names []string
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			parts[i] = ":" + strings.TrimSuffix(name, "}")
		}
		if name, ok := strings.CutPrefix(parts[i], ":"); ok {
			names = append(names, name)
		}
	}
	return strings.Join(parts, "/"), names
}

// find routes to the operation or the page. HEAD is served as its GET, without a body.
func (x *exchange) find() error {
	all, err := x.face.routes()
	if err != nil {
		return err
	}
	ctx := all.echo.AcquireContext()
	defer all.echo.ReleaseContext(ctx)
	ctx.Reset(x.http, nil)
	all.echo.Router().Find(http.MethodGet, x.request.Path, ctx)
	methods := all.paths[ctx.Path()]
	values := slices.Clone(ctx.ParamValues())
	if methods == nil {
		return noRoute()
	}
	method := x.request.Method
	if method == http.MethodHead && methods[method] == nil {
		method = http.MethodGet
	}
	found := methods[method]
	if found == nil {
		return notAllowed(methods)
	}
	return x.take(found, values)
}

// take notes the route and its parameters. A parameter that is no text, holds a slash or breaks its pattern
// is no route.
func (x *exchange) take(found *route, values []string) error {
	params := make(map[string]string, len(found.names))
	for i, name := range found.names {
		value, ok := intake.Segment(values[i])
		if !ok || value == "" || strings.Contains(value, "/") {
			return noRoute()
		}
		params[name] = value
	}
	if found.operation != nil && !found.operation.PathMatches(params) {
		return noRoute()
	}
	query, err := intake.Query(x.http.URL.RawQuery)
	if err != nil {
		return err
	}
	x.route = found
	x.request.Operation, x.request.Page = found.operation, found.page
	x.request.Params, x.request.Query, x.request.RawQuery = params, query, x.http.URL.RawQuery
	return nil
}

func noRoute() error { return problem.New(problem.NoRoute, "", "There is nothing at this path") }

func notAllowed(methods map[string]*route) error {
	var allowed []string
	for method := range methods {
		allowed = append(allowed, method)
		if method == http.MethodGet && methods[http.MethodHead] == nil {
			allowed = append(allowed, http.MethodHead)
		}
	}
	slices.Sort(allowed)
	list := strings.Join(allowed, ", ")
	return problem.Newf(problem.MethodNotAllowed, "", "This path takes %s only", list).With("Allow", list)
}

func clash(a, b *face) error {
	return fmt.Errorf("gateway: the faces %s and %s claim the same name, mount or host", a.Name, b.Name)
}

// serveSpec serves a provider's document with the address by which it is called.
func serveSpec(r *provider.Runtime) func(*provider.Call) (provider.Reply, error) {
	return func(c *provider.Call) (provider.Reply, error) {
		return provider.Reply{Raw: &provider.Raw{Media: "application/yaml", Bytes: r.Spec.YAML(c.Base())}}, nil
	}
}
