package control

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/intake"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/store"
)

// route is an operation with its handler. The paths come from the spec, and http.ServeMux is not asked: it
// answers wrong methods and unclean paths by itself, and not with problem documents.
type route struct {
	operation *spec.Operation
	segments  []string
	handler   handler
}

// handler serves one operation.
type handler func(*request) (reply, error)

// routes pairs operations with handlers. It is an error if one lacks the other.
func routes(document *spec.Document, handlers map[string]handler) ([]route, error) {
	var all []route
	for _, op := range document.Operations() {
		h := handlers[op.ID]
		if h == nil {
			return nil, fmt.Errorf("control: the operation %s of the spec has no handler", op.ID)
		}
		all = append(all, route{operation: op, segments: strings.Split(op.Path, "/"), handler: h})
	}
	if len(all) != len(handlers) {
		return nil, fmt.Errorf("control: there are %d handlers for %d operations of the spec", len(handlers), len(all))
	}
	return all, nil
}

// match compares a path's segments with the template's and gives its parameters.
func (rt *route) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(rt.segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, want := range rt.segments {
		name, isParam := strings.CutPrefix(want, "{")
		switch {
		case isParam && segments[i] != "":
			params[strings.TrimSuffix(name, "}")] = segments[i]
		case isParam || segments[i] != want:
			return nil, false
		}
	}
	return params, rt.operation.PathMatches(params)
}

// find routes to the operation. HEAD is served as its GET, without a body.
func (c *Control) find(r *http.Request) (*route, *request, error) {
	below, ok := strings.CutPrefix(r.URL.EscapedPath(), Prefix)
	segments, text := unescaped(strings.Split(below, "/"))
	if !ok || !text {
		return nil, nil, noRoute()
	}
	all, err := c.routes()
	if err != nil {
		return nil, nil, err
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var allowed []string
	for i := range all {
		params, ok := all[i].match(segments)
		if !ok {
			continue
		}
		if all[i].operation.Method == method {
			q, err := newRequest(r, params)
			return &all[i], q, err
		}
		allowed = append(allowed, all[i].operation.Method)
	}
	if len(allowed) == 0 {
		return nil, nil, noRoute()
	}
	return nil, nil, notAllowed(allowed)
}

func unescaped(segments []string) (texts []string, ok bool) {
	for i := range segments {
		if segments[i], ok = intake.Segment(segments[i]); !ok {
			return nil, false
		}
	}
	return segments, true
}

func noRoute() error {
	return problem.New(problem.NoRoute, "no_route", "There is nothing at this path. What there is stands in "+Prefix+"/openapi.yaml; begin with "+Prefix+"/providers.")
}

func notAllowed(methods []string) error {
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	list := strings.Join(slices.Compact(methods), ", ")
	return problem.Newf(problem.MethodNotAllowed, "method_not_allowed", "This path takes %s", list).With("Allow", list)
}

// newRequest reads what the address says.
func newRequest(r *http.Request, params map[string]string) (*request, error) {
	query, err := intake.Query(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	q := &request{Request: r, params: params, query: query, workspace: store.Default, most: maxBody}
	if name, ok := params["ws"]; ok {
		q.workspace = name
		return q, checkWorkspace(name, "path:ws")
	}
	return q, nil
}

func checkWorkspace(name, place string) error {
	if err := store.CheckName(name); err != nil {
		return problem.Newf(problem.Malformed, "bad_workspace", "This is no workspace: %v", err).At(place)
	}
	return nil
}
