package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/spec"
)

// face is one side of a provider with its routes. echo finds the path; which methods it has is our own table,
// since echo answers OPTIONS, HEAD and wrong methods by itself.
type face struct {
	*provider.Face
	runtime *provider.Runtime
	echo    *echo.Echo
	paths   map[string]map[string]*route // by path as echo spells it, then by method
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

func newFace(r *provider.Runtime, data *provider.Face, first bool) (*face, error) {
	f := &face{Face: data, runtime: r, echo: echo.New(), paths: map[string]map[string]*route{}}
	for _, op := range r.Spec.Operations() {
		if !f.has(op.Face, first) {
			continue
		}
		added := &route{operation: op, handler: r.Handlers[op.Name], guards: guardsOf(r, op)}
		if err := f.route(op.Method, op.Path, added); err != nil {
			return nil, err
		}
	}
	for _, page := range r.Pages {
		if !f.has(page.Face, first) {
			continue
		}
		if err := f.route(page.Method, page.Path, &route{page: page.Name, handler: page.Handler, guards: pageGuards}); err != nil {
			return nil, err
		}
	}
	if first {
		return f, f.route(http.MethodGet, specPath, &route{page: "page.openapi", handler: provider.Read(serveSpec(r))})
	}
	return f, nil
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

// route adds one method of one path. Paths are templates with {parameters} or :parameters.
func (f *face) route(method, path string, r *route) error {
	path, r.names = echoPath(path)
	if f.paths[path] == nil {
		f.paths[path] = map[string]*route{}
		f.echo.Router().Add(http.MethodGet, path, func(echo.Context) error { return nil })
	}
	if f.paths[path][method] != nil {
		return fmt.Errorf("gateway: %s has two routes for %s %s", f.Name, method, path)
	}
	f.paths[path][method] = r
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
	ctx := x.face.echo.AcquireContext()
	defer x.face.echo.ReleaseContext(ctx)
	ctx.Reset(x.http, nil)
	x.face.echo.Router().Find(http.MethodGet, x.request.Path, ctx)
	methods := x.face.paths[ctx.Path()]
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

// take notes the route and its parameters. A parameter that holds a slash or breaks its pattern is no route.
func (x *exchange) take(found *route, values []string) error {
	params := make(map[string]string, len(found.names))
	for i, name := range found.names {
		value, err := url.PathUnescape(values[i])
		if err != nil || value == "" || strings.Contains(value, "/") {
			return noRoute()
		}
		params[name] = value
	}
	if found.operation != nil && !found.operation.PathMatches(params) {
		return noRoute()
	}
	query, err := url.ParseQuery(x.http.URL.RawQuery)
	if err != nil {
		return &problem.Error{Kind: problem.Malformed, Code: "bad_query", Message: "The query is not well encoded", Err: err}
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
