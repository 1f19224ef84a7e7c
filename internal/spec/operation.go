package spec

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mockbank/mockbank/internal/problem"
)

// Operation is one method of one path.
type Operation struct {
	ID           string // operationId, unique in the document
	Name         string // x-mockbank-operation, which several operations may share; else ID
	Method       string
	Path         string // a template such as /v1/things/{id}
	Face         string // x-mockbank-face, of a provider with several; empty: its first
	Tags         []string
	BodyMedia    []string // media types that the body may have, sorted; none where it takes no body
	BodyRequired bool

	tree    *openapi3.Operation
	params  []param
	bodies  map[string]*Schema
	replies map[string]*reply // by status, and "default"
}

func operations(tree *openapi3.T, o order) []*Operation {
	type place struct {
		op     *Operation
		origin *openapi3.Origin
	}
	var all []place
	for path, item := range tree.Paths.Map() {
		for method, op := range item.Operations() {
			all = append(all, place{newOperation(method, path, item, op, o), op.Origin})
		}
	}
	slices.SortFunc(all, func(a, b place) int {
		if c := byPlace(a.origin, b.origin); c != 0 {
			return c
		}
		return strings.Compare(a.op.Path+" "+a.op.Method, b.op.Path+" "+b.op.Method)
	})
	list := make([]*Operation, len(all))
	for i, p := range all {
		list[i] = p.op
	}
	return list
}

func newOperation(method, path string, item *openapi3.PathItem, tree *openapi3.Operation, o order) *Operation {
	op := &Operation{
		ID: tree.OperationID, Name: tree.OperationID, Method: method, Path: path, Tags: tree.Tags,
		tree: tree, params: params(item, tree, o), bodies: map[string]*Schema{},
		replies: map[string]*reply{},
	}
	if name, ok := tree.Extensions["x-mockbank-operation"].(string); ok {
		op.Name = name
	}
	op.Face, _ = tree.Extensions["x-mockbank-face"].(string)
	if body := tree.RequestBody; body != nil {
		op.BodyRequired = body.Value.Required
		for media, content := range body.Value.Content {
			op.BodyMedia = append(op.BodyMedia, media)
			op.bodies[media] = schemaOf(content.Schema, o)
		}
		slices.Sort(op.BodyMedia)
	}
	for status, ref := range tree.Responses.Map() {
		op.replies[status] = newReply(ref.Value, o)
	}
	return op
}

// schemaOf takes everything where the document says nothing.
func schemaOf(ref *openapi3.SchemaRef, o order) *Schema {
	if ref == nil {
		return newSchema(&openapi3.Schema{Nullable: true}, o)
	}
	return newSchema(ref.Value, o)
}

// AcceptsBody looks at a JSON body that is known to be well-formed and to give no name twice. True says that
// CheckBody would find nothing wrong; false says nothing.
func (o *Operation) AcceptsBody(document []byte) bool {
	schema := o.bodies["application/json"]
	return schema != nil && schema.Accepts(document)
}

// CheckBody judges a decoded body. Media is its media type without parameters, empty where the request has
// no body. The members of a form are texts, or slices of texts, and are judged as the types they stand for.
func (o *Operation) CheckBody(media string, v any) []problem.Violation {
	if media == "" {
		if o.BodyRequired {
			return []problem.Violation{{Rule: "required", Message: "a body is required"}}
		}
		return nil
	}
	schema, ok := o.bodies[media]
	if !ok {
		return []problem.Violation{{Rule: "content", Message: "the media type must be " + orNone(o.BodyMedia)}}
	}
	if media == "application/x-www-form-urlencoded" {
		v = typedForm(schema, v)
	}
	return schema.Check(v)
}

func orNone(media []string) string {
	if len(media) == 0 {
		return "absent: no body is taken here"
	}
	return strings.Join(media, " or ")
}

// PathMatches tells whether the texts of the path's parameters fit their schemas. Where one does not, and
// where one contains a slash, the path is not this operation's at all.
func (o *Operation) PathMatches(path map[string]string) bool {
	for _, p := range o.params {
		text, ok := path[p.name]
		if p.in == "path" && (!ok || strings.Contains(text, "/") || len(p.schema.Check(typed(p.schema.tree, text))) > 0) {
			return false
		}
	}
	return true
}

// CheckParams judges the parameters of a request, in the order of the document. Unknown ones are ignored; one
// that is no array must be given once.
func (o *Operation) CheckParams(path map[string]string, query url.Values, header http.Header) []problem.Violation {
	var all []problem.Violation
	for _, p := range o.params {
		all = append(all, p.check(p.texts(path, query, header))...)
	}
	return all
}
