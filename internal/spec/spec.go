// Package spec reads OpenAPI documents and holds values against them.
//
// Load parses a document once and refuses what could only fail later: a pattern that RE2 does not know, a
// format without a check, a broken reference. Parsing takes some ten milliseconds, so a document that is part of
// the program is opened with Lazy, and parsed when something of it is first asked for; what judges by a schema is
// made when that schema first judges. An Operation then judges the parameters and the decoded body of a request
// and our own reply; a Schema judges any other value, such as a notification or a setting. Values are what package
// strictjson decodes: maps, slices, strings, json.Number.
//
// Invariants: a check never changes the value and never shows it in a message; violations come in the order
// of the document; all methods may be called from many goroutines.
package spec

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// Document is an OpenAPI document.
type Document struct{ parsed func() *parsed }

// parsed is what a document says.
type parsed struct {
	operations []*Operation
	schemas    map[string]*Schema
	head, tail []byte // the text before and after its servers entry
}

// Load parses and checks a document in YAML, OpenAPI 3.0. The name is for messages. The error joins all
// defects, each with its line.
func Load(name string, data []byte) (*Document, error) {
	tree, err := parse(name, data)
	if err == nil {
		err = check(name, tree)
	}
	if err != nil {
		return nil, err
	}
	c, err := read(name, data, tree)
	if err != nil {
		return nil, err
	}
	return &Document{parsed: func() *parsed { return c }}, nil
}

// Lazy gives a document that is parsed at its first use and not checked again, so it is for documents that are part
// of the program and that its tests load. It panics at its first use where there is nothing to work with.
func Lazy(name string, data []byte) *Document {
	return &Document{parsed: sync.OnceValue(func() *parsed {
		tree, err := parse(name, data)
		if err != nil {
			panic(err)
		}
		c, err := read(name, data, tree)
		if err != nil {
			panic(err)
		}
		return c
	})}
}

// check tells what could only fail later.
func check(name string, tree *openapi3.T) error {
	if err := validate(name, tree); err != nil {
		return err
	}
	schemas := allSchemas(tree)
	return errors.Join(supported(name, schemas), checkExamples(name, tree, schemas, orderOf(schemas)))
}

func read(name string, data []byte, tree *openapi3.T) (doc *parsed, err error) {
	doc = &parsed{schemas: map[string]*Schema{}}
	if doc.head, doc.tail, err = aroundServers(name, data); err != nil {
		return nil, err
	}
	order := orderOf(allSchemas(tree))
	for name, ref := range tree.Components.Schemas {
		doc.schemas[name] = newSchema(ref.Value, order)
	}
	doc.operations = operations(tree, order)
	return doc, nil
}

// Operations lists what the document offers, in its order.
func (d *Document) Operations() []*Operation { return slices.Clone(d.parsed().operations) }

// Schema returns the named schema of the document's components, or nil.
func (d *Document) Schema(name string) *Schema { return d.parsed().schemas[name] }

// Schemas lists the names of the document's component schemas that begin with prefix, sorted.
func (d *Document) Schemas(prefix string) []string {
	var names []string
	for name := range d.parsed().schemas {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// YAML is the document's text, whose servers entry names base and nothing else.
func (d *Document) YAML(base string) []byte {
	servers := "servers:\n  - url: " + strconv.Quote(base) + "\n"
	c := d.parsed()
	return slices.Concat(c.head, []byte(servers), c.tail)
}

// aroundServers cuts the document's text at its servers entry, so that comments and order stay as they are.
func aroundServers(name string, data []byte) (head, tail []byte, err error) {
	start := bytes.Index(data, []byte("\nservers:")) + 1
	if start == 0 {
		return nil, nil, fmt.Errorf("spec: %s: has no servers entry at the left margin", name)
	}
	end := start + len("servers:")
	for end < len(data) {
		next := bytes.IndexByte(data[end:], '\n')
		if next < 0 {
			return data[:start], nil, nil
		}
		end += next + 1
		if end < len(data) && !bytes.ContainsRune([]byte(" -#\n\r"), rune(data[end])) {
			break
		}
	}
	return data[:start], data[end:], nil
}

func parse(name string, data []byte) (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, where *url.URL) ([]byte, error) {
		return nil, fmt.Errorf("refers to %s: a document must stand alone", where)
	}
	tree, err := loader.LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("spec: %s: %w", name, err)
	}
	if !tree.IsOpenAPI30() {
		return nil, fmt.Errorf("spec: %s: openapi is %q; write 3.0.3, because later ones are checked forty times slower",
			name, tree.OpenAPI)
	}
	if tree.Components == nil {
		tree.Components = &openapi3.Components{}
	}
	return tree, nil
}

// located is a schema with the pointer to its place in the document.
type located struct {
	pointer string
	*openapi3.SchemaRef
}

func allSchemas(tree *openapi3.T) []located {
	var all []located
	_ = tree.WalkSchemas(func(pointer string, s *openapi3.SchemaRef) error {
		all = append(all, located{pointer, s})
		return nil
	})
	return all
}

// validate lists what the library finds wrong. Patterns and examples are left to supported and
// checkExamples, because the library would judge them without our compiler and our formats.
func validate(name string, tree *openapi3.T) error {
	err := tree.Validate(context.Background(), openapi3.EnableMultiError(),
		openapi3.DisableExamplesValidation(), openapi3.DisableSchemaPatternValidation(), openapi3.AllowExtensionsWithRef())
	var several openapi3.MultiError
	if !errors.As(err, &several) {
		return place(name, err)
	}
	var all []error
	for _, e := range several {
		all = append(all, place(name, e))
	}
	return errors.Join(all...)
}

// place puts file and line before an error of the library, as far as that knows them.
func place(name string, err error) error {
	if err == nil {
		return nil
	}
	text, _, _ := strings.Cut(err.Error(), "\n") // what follows is a dump of the schema
	if at := lineOf(err); at > 0 {
		return fmt.Errorf("spec: %s:%d: %s", name, at, text)
	}
	return fmt.Errorf("spec: %s: %s", name, text)
}

// lineOf finds the deepest Origin in the chain: many types of the library have that field, and no method
// that tells it.
func lineOf(err error) (line int) {
	for ; err != nil; err = errors.Unwrap(err) {
		v := reflect.Indirect(reflect.ValueOf(err))
		if v.Kind() != reflect.Struct {
			continue
		}
		field := v.FieldByName("Origin")
		if !field.IsValid() {
			continue
		}
		if origin, ok := field.Interface().(*openapi3.Origin); ok && origin != nil && origin.Key != nil {
			line = origin.Key.Line
		}
	}
	return line
}

// supported refuses patterns, formats and keywords that no check would honour.
func supported(name string, schemas []located) error {
	var all []error
	for _, s := range schemas {
		if err := unsupported(s.Value); err != nil {
			all = append(all, fmt.Errorf("spec: %s:%d: %s: %w", name, line(s.SchemaRef), s.pointer, err))
		}
	}
	return errors.Join(all...)
}

func unsupported(s *openapi3.Schema) error {
	if _, err := compile(s.Pattern); err != nil {
		return fmt.Errorf("the pattern %q is not one of RE2: %w", s.Pattern, err)
	}
	if s.Format != "" && !knownFormat(s.Format) {
		return fmt.Errorf("the format %q is not known; known are %s", s.Format, strings.Join(formatNames(), ", "))
	}
	if s.ReadOnly || s.WriteOnly {
		return errors.New("readOnly and writeOnly are not honoured; write two schemas")
	}
	return nil
}

// line is where the document writes a schema, or the reference to it; 0 where that is not known.
func line(s *openapi3.SchemaRef) int {
	at, _ := position(s)
	return at
}

func position(s *openapi3.SchemaRef) (line, column int) {
	for _, origin := range []*openapi3.Origin{s.Origin, s.Value.Origin} {
		if origin != nil && origin.Key != nil {
			return origin.Key.Line, origin.Key.Column
		}
	}
	return 0, 0
}

// byPlace orders by position in the document.
func byPlace(a, b *openapi3.Origin) int {
	if a == nil || b == nil || a.Key == nil || b.Key == nil {
		return 0
	}
	return cmp.Or(cmp.Compare(a.Key.Line, b.Key.Line), cmp.Compare(a.Key.Column, b.Key.Column))
}
