package strictyaml

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// checkNumbers refuses what the decoder would make another number of and say nothing: a fraction where a whole number
// is due, of which it cuts 1.5 to 1, and a key such as 0010, of which it makes 8.
func checkNumbers(file string, data []byte, into reflect.Type) error {
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil || len(parsed.Docs) == 0 {
		return err
	}
	keys := &changedKey{}
	ast.Walk(keys, parsed.Docs[0].Body)
	if at := keys.found; at != nil {
		return fmt.Errorf("%s:%d:%d: the key %s is a number to YAML, and not the same text any more: write it in quotes", file, at.Position.Line, at.Position.Column, at.Value)
	}
	if at, due := fraction(parsed.Docs[0].Body, into); at != nil {
		return fmt.Errorf("%s:%d:%d: here stands a fraction, and it must be %s", file, at.Position.Line, at.Position.Column, called(due))
	}
	return nil
}

// changedKey walks a document and keeps the first key that is a number in other letters than its own.
type changedKey struct{ found *token.Token }

// Visit is part of ast.Visitor.
func (c *changedKey) Visit(n ast.Node) ast.Visitor {
	entry, ok := n.(*ast.MappingValueNode)
	if !ok || c.found != nil {
		return c
	}
	switch key := entry.Key.(type) {
	case *ast.IntegerNode:
		if fmt.Sprint(key.Value) != key.Token.Value {
			c.found = key.Token
		}
	case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		c.found = key.GetToken()
	}
	return c
}

// fraction finds the first fraction that stands for a whole number.
func fraction(n ast.Node, into reflect.Type) (*token.Token, reflect.Type) {
	for into != nil && into.Kind() == reflect.Pointer {
		into = into.Elem()
	}
	switch n := n.(type) {
	case *ast.FloatNode:
		if into != nil && into.Kind() >= reflect.Int && into.Kind() <= reflect.Uint64 {
			return n.Token, into
		}
	case *ast.SequenceNode:
		for _, item := range n.Values {
			if at, due := fraction(item, elem(into)); at != nil {
				return at, due
			}
		}
	case ast.MapNode:
		for i := n.MapRange(); i.Next(); {
			if at, due := fraction(i.Value(), member(into, i.Key().GetToken().Value)); at != nil {
				return at, due
			}
		}
	}
	return nil, nil
}

// elem is the type of a list's items; nil where it is not known.
func elem(list reflect.Type) reflect.Type {
	if list == nil || list.Kind() != reflect.Slice && list.Kind() != reflect.Array {
		return nil
	}
	return list.Elem()
}

// member is the type of what stands at a key; nil where it is not known.
func member(of reflect.Type, key string) reflect.Type {
	switch {
	case of == nil:
	case of.Kind() == reflect.Map:
		return of.Elem()
	case of.Kind() == reflect.Struct:
		for i := range of.NumField() {
			name, options, _ := strings.Cut(of.Field(i).Tag.Get("yaml"), ",")
			if options == "inline" {
				if found := member(of.Field(i).Type, key); found != nil {
					return found
				}
			} else if name == key {
				return of.Field(i).Type
			}
		}
	}
	return nil
}

// Place finds where the deepest of a path of keys stands, for what is found wrong only after the file was read.
// Keys that are not there are passed over; line 0 says that none is.
func Place(data []byte, path ...string) (line, column int) {
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil || len(parsed.Docs) == 0 {
		return 0, 0
	}
	at, found := parsed.Docs[0].Body, ast.Node(nil)
	for at != nil && len(path) > 0 {
		key, value := entry(at, path[0])
		if key == nil {
			break
		}
		at, found, path = value, key, path[1:]
	}
	if found == nil {
		return 0, 0
	}
	p := found.GetToken().Position
	return p.Line, p.Column
}

func entry(n ast.Node, name string) (key, value ast.Node) {
	m, ok := n.(ast.MapNode)
	if !ok {
		return nil, nil
	}
	for i := m.MapRange(); i.Next(); {
		if i.Key().GetToken().Value == name {
			return i.Key(), i.Value()
		}
	}
	return nil, nil
}
