package engine

import (
	"encoding"
	"encoding/json"
	"reflect"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// members is an entity's data as expressions read it, as far as paths lead: what asMap gives, without the work for
// all that nobody names. What is absent there may be a zero value here, which is the same to an expression.
func members(data any, paths [][]string) (map[string]any, error) {
	out := map[string]any{}
	for _, path := range paths {
		if len(path) == 0 {
			return asMap(data)
		}
		v, err := read(reflect.ValueOf(data), path)
		if err != nil {
			return nil, err
		}
		place(out, path, v)
	}
	return out, nil
}

// read gives what a path leads to as decoded JSON; nil where it leads nowhere.
func read(v reflect.Value, path []string) (any, error) {
	v, rest := descend(v, path)
	switch {
	case !v.IsValid():
		return nil, nil
	case len(rest) == 0 && v.Type() == reflect.TypeFor[string]():
		return v.String(), nil
	case len(rest) == 0 && v.Type() == reflect.TypeFor[bool]():
		return v.Bool(), nil
	}
	raw, err := strictjson.Marshal(v.Interface())
	if err != nil {
		return nil, err
	}
	decoded, err := strictjson.Decode(raw)
	for _, name := range rest {
		inner, _ := decoded.(map[string]any)
		decoded = inner[name]
	}
	return decoded, err
}

// descend follows a path through structs whose JSON has their fields as members, as far as that goes, and gives what
// it leads to with the rest of the path. The zero Value stands for nothing.
func descend(v reflect.Value, path []string) (at reflect.Value, rest []string) {
	for i, name := range path {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct || writesItself(v.Type()) {
			return v, path[i:]
		}
		index, ok := fieldsOf(v.Type())[name]
		if !ok {
			return v, path[i:]
		}
		field, err := v.FieldByIndexErr(index)
		if err != nil {
			return reflect.Value{}, nil // behind an embedded pointer that is nil
		}
		v = field
	}
	return v, nil
}

// writesItself tells of a type whose JSON need not have its fields.
func writesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Marshaler]()) || p.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}
