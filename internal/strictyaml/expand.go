package strictyaml

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// variable is ${NAME} in a text; a second $ before it leaves it as it is.
var variable = regexp.MustCompile(`\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// expanded parses a document and has lookup say what stands for ${NAME} in its texts. What that gives is a text itself,
// whatever stands in it: no number and no list. It is nil for an empty document.
func expanded(file string, data []byte, lookup func(name string) (string, bool)) (ast.Node, error) {
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil || len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil {
		return nil, err
	}
	e := &expansion{file: file, lookup: lookup}
	ast.Walk(e, parsed.Docs[0].Body)
	return parsed.Docs[0].Body, e.err
}

// missingVariable names a variable that there is not, and its place.
type missingVariable struct{ message string }

func (e *missingVariable) Error() string { return e.message }

// expansion walks a document and keeps the first variable that there is not.
type expansion struct {
	file   string
	lookup func(name string) (string, bool)
	err    error
}

// Visit is part of ast.Visitor.
func (e *expansion) Visit(n ast.Node) ast.Visitor {
	if text, ok := n.(*ast.StringNode); ok && strings.Contains(text.Value, "${") {
		text.Value = variable.ReplaceAllStringFunc(text.Value, func(found string) string { return e.value(text, found) })
	}
	return e
}

func (e *expansion) value(at *ast.StringNode, found string) string {
	if strings.HasPrefix(found, "$$") {
		return found[1:]
	}
	name := strings.Trim(found, "${}")
	value, ok := e.lookup(name)
	if !ok && e.err == nil {
		place := at.GetToken().Position
		e.err = &missingVariable{fmt.Sprintf("%s:%d:%d: there is no variable %s in the environment; set it, or write $%s for the text itself",
			e.file, place.Line, place.Column, name, found)}
	}
	return value
}
