package spec

import (
	"errors"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mockbank/mockbank/internal/problem"
)

// Schema judges values.
type Schema struct {
	tree  *openapi3.Schema
	order order
	ways  func() ways
}

// ways are how a schema is judged by. They are made when it first judges: a document has many schemas, and a short run
// meets few of them.
type ways struct {
	exact    bool              // some number in it must be looked at as it is written
	quick    acceptor          // nil: it has keywords that only the library knows
	goodText func(string) bool // nil likewise, and for a schema of anything but texts
}

func newSchema(tree *openapi3.Schema, o order) *Schema {
	return &Schema{tree: tree, order: o, ways: sync.OnceValue(func() ways { return waysOf(tree) })}
}

func waysOf(tree *openapi3.Schema) ways {
	w := ways{exact: hasExact(tree, map[*openapi3.Schema]bool{}), quick: acceptors{}.of(tree)}
	if tree.Type.Is("string") && w.quick != nil && len(tree.AllOf) == 0 {
		w.goodText = textJudge(tree)
	}
	return w
}

// settings of every check. Details are off because they repeat the value.
var settings = []openapi3.SchemaValidationOption{
	openapi3.MultiErrors(),
	openapi3.DisableSchemaErrorDetails(),
	openapi3.SetSchemaRegexCompiler(compile),
	openapi3.WithStringFormatValidators(stringFormats),
}

// Check returns all broken rules, up to MaxViolations, in the order of the document; nil where v is as it
// should be.
func (s *Schema) Check(v any) []problem.Violation {
	if text, ok := v.(string); ok {
		if good := s.ways().goodText; good != nil && good(text) {
			return nil
		}
	}
	return s.judge(v)
}

// Accepts looks at a JSON document that is known to be well-formed and to give no name twice. True says that
// Check would find nothing wrong; false says nothing. It costs a fraction of decoding and Check.
func (s *Schema) Accepts(document []byte) bool {
	in := scanner{data: document}
	quick := s.ways().quick
	return quick != nil && quick(&in) && in.end()
}

// judge has the library say what is wrong.
func (s *Schema) judge(v any) []problem.Violation {
	findings := flatten(s.tree.VisitJSON(v, settings...), nil)
	if s.ways().exact {
		findings = s.checkExact(v, findings)
	}
	if len(findings) == 0 {
		return nil
	}
	s.order.sort(s.tree, findings)
	return violations(findings)
}

// Defaults gives the default value of each property that has one, and so for objects within.
func (s *Schema) Defaults() map[string]any {
	return defaults(s.tree, s.order, 0)
}

// Properties lists the names of the schema's members, as the document orders them.
func (s *Schema) Properties() []string { return byRank(s.order[s.tree]) }

// defaults stops at a depth that no settings reach, for schemas that contain themselves.
func defaults(s *openapi3.Schema, o order, depth int) map[string]any {
	all := map[string]any{}
	for name, m := range o[s] {
		switch {
		case m.schema.Default != nil:
			all[name] = m.schema.Default
		case depth < 8 && len(o[m.schema]) > 0:
			if inner := defaults(m.schema, o, depth+1); len(inner) > 0 {
				all[name] = inner
			}
		}
	}
	return all
}

// MaxViolations is how many broken rules a check tells at most; nobody reads more, and a hostile body breaks
// half a million.
const MaxViolations = 1000

// violations drops what several parts of an allOf say alike.
func violations(findings []finding) []problem.Violation {
	var all []problem.Violation
	seen := map[problem.Violation]bool{}
	for _, f := range findings {
		if len(all) == MaxViolations {
			break
		}
		if !seen[f.Violation] {
			seen[f.Violation] = true
			all = append(all, f.Violation)
		}
	}
	return all
}

// flatten turns the library's nested errors into findings, and stops at more than will be sorted and told.
func flatten(err error, all []finding) []finding {
	if len(all) > 10*MaxViolations {
		return all
	}
	switch err := err.(type) {
	case nil:
		return all
	case openapi3.MultiError:
		for _, e := range err {
			all = flatten(e, all)
		}
		return all
	case *openapi3.SchemaError:
		var parts openapi3.MultiError
		if err.SchemaField == "allOf" && errors.As(err.Origin, &parts) {
			return flatten(parts, all)
		}
		return append(all, found(err))
	}
	return append(all, finding{Violation: problem.Violation{Rule: "schema", Message: "does not match its schema"}})
}

func found(err *openapi3.SchemaError) finding {
	path, rule := err.JSONPointer(), err.SchemaField
	if rule == "properties" {
		path, rule = append(path, unknownName(err.Reason)), "additionalProperties"
	}
	return finding{path, problem.Violation{Pointer: pointer(path), Rule: rule, Message: sentence(rule, err.Schema)}}
}

// unknownName takes the name out of `property "x" is unsupported`, the only place where the library tells it.
func unknownName(reason string) string {
	reason = strings.TrimSuffix(strings.TrimPrefix(reason, "property "), " is unsupported")
	return unquote(reason)
}

// pointer writes a path after RFC 6901.
func pointer(path []string) string {
	var b strings.Builder
	for _, token := range path {
		b.WriteByte('/')
		_, _ = escaper.WriteString(&b, token)
	}
	return b.String()
}

var escaper = strings.NewReplacer("~", "~0", "/", "~1")
