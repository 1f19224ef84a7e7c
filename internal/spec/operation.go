package spec

import (
	"errors"
	"fmt"
	"maps"
	"mime"
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

	params  []param
	bodies  map[string]*Schema
	replies *openapi3.Responses
	schemas map[*openapi3.Schema]*Schema // of the replies
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
		params: params(item, tree, o), bodies: map[string]*Schema{},
		replies: tree.Responses, schemas: map[*openapi3.Schema]*Schema{},
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
	op.keepReplySchemas(o)
	return op
}

// schemaOf takes everything where the document says nothing.
func schemaOf(ref *openapi3.SchemaRef, o order) *Schema {
	if ref == nil {
		return newSchema(&openapi3.Schema{Nullable: true}, o)
	}
	return newSchema(ref.Value, o)
}

func (o *Operation) keepReplySchemas(ord order) {
	keep := func(ref *openapi3.SchemaRef) {
		if ref != nil {
			o.schemas[ref.Value] = newSchema(ref.Value, ord)
		}
	}
	for _, reply := range o.replies.Map() {
		for _, content := range reply.Value.Content {
			keep(content.Schema)
		}
		for _, header := range reply.Value.Headers {
			keep(header.Value.Schema)
		}
	}
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

// CheckReply judges a reply of ours. Media is empty where it has no body; a Content-Type with parameters
// will do. The error says what is outside the contract, for the log.
func (o *Operation) CheckReply(status int, media string, header http.Header, v any) error {
	reply := o.reply(status)
	if reply == nil {
		return fmt.Errorf("spec: %s does not declare the status %d", o.ID, status)
	}
	if err := o.checkHeaders(reply, header); err != nil {
		return fmt.Errorf("spec: %s, reply %d: %w", o.ID, status, err)
	}
	if err := o.checkReplyBody(reply, media, v); err != nil {
		return fmt.Errorf("spec: %s, reply %d: %w", o.ID, status, err)
	}
	return nil
}

func (o *Operation) reply(status int) *openapi3.Response {
	ref := o.replies.Status(status)
	if ref == nil {
		ref = o.replies.Default()
	}
	if ref == nil {
		return nil
	}
	return ref.Value
}

func (o *Operation) checkReplyBody(reply *openapi3.Response, media string, v any) error {
	if media == "" && len(reply.Content) == 0 {
		return nil
	}
	if bare, _, err := mime.ParseMediaType(media); err == nil {
		media = bare
	}
	content := reply.Content.Get(media)
	if content == nil {
		return fmt.Errorf("the media type %q is not declared", media)
	}
	if content.Schema == nil {
		return nil
	}
	return asError("the body", o.schemas[content.Schema.Value].Check(v))
}

func (o *Operation) checkHeaders(reply *openapi3.Response, header http.Header) error {
	var all []error
	for _, name := range slices.Sorted(maps.Keys(reply.Headers)) {
		ref, value := reply.Headers[name], header.Get(name)
		switch {
		case value == "" && ref.Value.Required:
			all = append(all, fmt.Errorf("the header %s is required", name))
		case value != "" && ref.Value.Schema != nil:
			schema := o.schemas[ref.Value.Schema.Value]
			all = append(all, asError("the header "+name, schema.Check(typed(schema.tree, value))))
		}
	}
	return errors.Join(all...)
}

// asError joins violations into one error; nil for none.
func asError(what string, vs []problem.Violation) error {
	if len(vs) == 0 {
		return nil
	}
	texts := make([]string, len(vs))
	for i, v := range vs {
		texts[i] = strings.TrimSpace(v.Pointer + " " + v.Message)
	}
	return fmt.Errorf("%s: %s", what, strings.Join(texts, "; "))
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
