package spec

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Part is a parameter, or a member of a body, as people read it.
type Part struct {
	Name     string // of a member within others, with a dot between: info.stan
	In       string // path, query or header; empty for a member
	Required bool   // where what it is a member of is there
	Form     string // its type, and what it looks like
	Text     string // what the document says of it
	Example  string // as JSON writes a value; empty where the document has none
}

// Answer is what an operation may reply with one status.
type Answer struct {
	Status string // or "default"
	Text   string
	Media  []string
	Parts  []Part
}

// Summary is the document's line about the operation.
func (o *Operation) Summary() string { return o.tree.Summary }

// Parameters describes those of path, query and header, in the order of the document.
func (o *Operation) Parameters() (all []Part) {
	for _, p := range o.params {
		all = append(all, Part{
			Name: p.name, In: p.in, Required: p.required, Form: form(p.schema.tree), Text: cmp.Or(p.text, p.schema.tree.Description), Example: exampleOf(p.schema.tree),
		})
	}
	return all
}

// Body describes the members of a body of this media type.
func (o *Operation) Body(media string) []Part {
	if s := o.bodies[media]; s != nil {
		return s.parts("", s.tree, 0)
	}
	return nil
}

// Answers describes what may come back, by status.
func (o *Operation) Answers() (all []Answer) {
	for _, status := range slices.Sorted(maps.Keys(o.replies)) {
		r := o.replies[status]
		a := Answer{Status: status, Text: r.text, Media: slices.Sorted(maps.Keys(r.bodies))}
		for _, media := range a.Media {
			a.Parts = append(a.Parts, r.bodies[media].parts("", r.bodies[media].tree, 0)...)
		}
		all = append(all, a)
	}
	return all
}

// Sample is a body of this media type that has what it must have, as the document's examples fill it; nil where the
// operation takes no such body.
func (o *Operation) Sample(media string) any {
	s := o.bodies[media]
	if s == nil {
		return nil
	}
	return s.sample(s.tree, 0)
}

// deepest bounds descriptions: a schema may contain itself.
const deepest = 5

// parts are the members of an object and of those in it, and of each form that it may have.
func (s *Schema) parts(within string, tree *openapi3.Schema, depth int) (all []Part) {
	if depth == deepest {
		return nil
	}
	members := s.order.members(tree)
	for _, name := range byRank(members) {
		part := members[name].schema
		all = append(all, Part{
			Name: within + name, Required: required(tree, name), Form: form(part), Text: part.Description, Example: exampleOf(part),
		})
		all = append(all, s.parts(within+name+".", part, depth+1)...)
	}
	for _, choice := range slices.Concat(tree.OneOf, tree.AnyOf) {
		all = append(all, s.parts(within, choice.Value, depth+1)...)
	}
	return all
}

func required(tree *openapi3.Schema, name string) bool {
	return slices.Contains(tree.Required, name) ||
		slices.ContainsFunc(tree.AllOf, func(part *openapi3.SchemaRef) bool { return required(part.Value, name) })
}

// form says what a value looks like in a few words.
func form(tree *openapi3.Schema) string {
	if len(tree.Enum) > 0 {
		return oneOf(tree.Enum)
	}
	words := []string{typeName(tree)}
	if tree.Format != "" {
		words = append(words, tree.Format)
	}
	switch {
	case tree.Pattern != "":
		words = append(words, tree.Pattern)
	case tree.MaxLength != nil && tree.MinLength > 0:
		words = append(words, fmt.Sprintf("%d to %d characters", tree.MinLength, *tree.MaxLength))
	case tree.MaxLength != nil:
		words = append(words, fmt.Sprintf("up to %d characters", *tree.MaxLength))
	}
	return strings.Join(words, ", ")
}

func exampleOf(tree *openapi3.Schema) string {
	if tree.Example == nil {
		return ""
	}
	return fmt.Sprint(tree.Example)
}

func (s *Schema) sample(tree *openapi3.Schema, depth int) any {
	switch {
	case tree.Example != nil:
		return tree.Example
	case len(tree.Enum) > 0:
		return tree.Enum[0]
	case depth == deepest:
		return nil
	case tree.Type.Is("object"):
		object := map[string]any{}
		members := s.order.members(tree)
		for name, m := range members {
			if required(tree, name) {
				object[name] = s.sample(m.schema, depth+1)
			}
		}
		return object
	case tree.Type.Is("array"):
		return []any{}
	case tree.Type.Is("string"):
		return strings.Repeat("X", max(1, int(tree.MinLength))) //nolint:gosec // a length that people wrote
	case tree.Type.Is("boolean"):
		return false
	}
	return 0
}
