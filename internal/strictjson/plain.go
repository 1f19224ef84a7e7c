package strictjson

import (
	"encoding"
	stdjson "encoding/json"
	"reflect"
	"sync"

	"github.com/go-json-experiment/json"
)

// The library asks functions that are given to it for every value on its way. Most types have nothing for
// them to do, and are read and written without.

var plainTypes sync.Map // reflect.Type -> bool

// plain tells whether a type holds neither json.Number nor anything that could.
func plain(t reflect.Type) bool {
	if t == nil {
		return false
	}
	if known, ok := plainTypes.Load(t); ok {
		return known.(bool)
	}
	found := holdsNothing(t, map[reflect.Type]bool{})
	plainTypes.Store(t, found)
	return found
}

var selfMade = []reflect.Type{
	reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.MarshalerTo](),
}

func holdsNothing(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	if t == reflect.TypeFor[stdjson.Number]() || t.Kind() == reflect.Interface {
		return false
	}
	for _, made := range selfMade {
		if t.Implements(made) {
			return true
		}
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return holdsNothing(t.Elem(), seen)
	case reflect.Map:
		return holdsNothing(t.Key(), seen) && holdsNothing(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if !holdsNothing(t.Field(i).Type, seen) {
				return false
			}
		}
	}
	return true
}
