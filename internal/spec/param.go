package spec

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mockbank/mockbank/internal/problem"
)

// param is a parameter in path, query or header.
type param struct {
	in, name string
	text     string // what the document says of it
	required bool
	split    bool // an array whose items stand in one text, between commas
	schema   *Schema
}

// params joins those of the path and of the operation; the operation's own win.
func params(item *openapi3.PathItem, op *openapi3.Operation, o order) []param {
	var all []param
	for _, ref := range op.Parameters {
		all = append(all, newParam(ref.Value, o))
	}
	for _, ref := range item.Parameters {
		if op.Parameters.GetByInAndName(ref.Value.In, ref.Value.Name) == nil {
			all = append(all, newParam(ref.Value, o))
		}
	}
	return all
}

func newParam(p *openapi3.Parameter, o order) param {
	exploded := p.In == "query" && (p.Explode == nil || *p.Explode)
	return param{
		in: p.In, name: p.Name, text: p.Description, required: p.Required, schema: schemaOf(p.Schema, o), split: !exploded,
	}
}

// texts gives what the request says for the parameter; nil where it says nothing.
func (p param) texts(path map[string]string, query url.Values, header http.Header) []string {
	switch p.in {
	case "query":
		return query[p.name]
	case "header":
		return header.Values(p.name)
	case "path":
		if text, ok := path[p.name]; ok {
			return []string{text}
		}
	}
	return nil
}

func (p param) check(texts []string) []problem.Violation {
	if len(texts) == 0 {
		if p.required {
			return p.broken("required", "is required")
		}
		return nil
	}
	tree := p.schema.tree
	if tree.Type.Is("array") {
		return p.named(p.schema.Check(typedList(tree, texts, p.split)))
	}
	if len(texts) > 1 {
		return p.broken("repeated", "must be given once")
	}
	return p.named(p.schema.Check(typed(tree, texts[0])))
}

func (p param) broken(rule, message string) []problem.Violation {
	return p.named([]problem.Violation{{Rule: rule, Message: message}})
}

// named puts the parameter in the place of the document's root.
func (p param) named(vs []problem.Violation) []problem.Violation {
	if len(vs) == 0 {
		return nil
	}
	prefix := p.in + ":" + p.name
	if p.in == "header" {
		prefix = p.in + ":" + http.CanonicalHeaderKey(p.name)
	}
	for i := range vs {
		vs[i].Pointer = prefix + vs[i].Pointer
	}
	return vs
}

var numberText = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// typed reads a text as what its schema wants. A text that is not of that kind stays one, and the schema
// refuses it.
func typed(s *openapi3.Schema, text string) any {
	switch {
	case (s.Type.Is("integer") || s.Type.Is("number")) && numberText.MatchString(text):
		return json.Number(text)
	case s.Type.Is("boolean") && (text == "true" || text == "false"):
		return text == "true"
	}
	return text
}

func typedList(s *openapi3.Schema, texts []string, split bool) []any {
	if split {
		texts = strings.Split(strings.Join(texts, ","), ",")
	}
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
		if s.Items != nil {
			list[i] = typed(s.Items.Value, text)
		}
	}
	return list
}

// typedForm reads the members of a form as what the schema wants, into a new map.
func typedForm(s *Schema, v any) any {
	form, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(form))
	for name, value := range form {
		out[name] = value
		if m, ok := s.order[s.tree][name]; ok {
			out[name] = typedMember(m.schema, value)
		}
	}
	return out
}

func typedMember(s *openapi3.Schema, v any) any {
	text, isText := v.(string)
	switch {
	case isText && s.Type.Is("array"):
		return typedList(s, []string{text}, false)
	case isText:
		return typed(s, text)
	}
	return v
}
