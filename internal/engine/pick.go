package engine

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/mockbank/mockbank/internal/machine"
)

// pick copies the members that inputs look at out of an entity's data, under the names that they have in JSON.
// Every creation looks for magic values, and a handful of members is a tenth of the cost of all of them.
func pick(data any, inputs []machine.Input) map[string]any {
	entity := map[string]any{}
	for _, input := range inputs {
		if len(input.From) > 0 {
			place(entity, input.From, member(reflect.ValueOf(data), input.From))
		}
	}
	return entity
}

func place(into map[string]any, path []string, value any) {
	if value == nil {
		return
	}
	for _, name := range path[:len(path)-1] {
		inner, _ := into[name].(map[string]any)
		if inner == nil {
			inner = map[string]any{}
			into[name] = inner
		}
		into = inner
	}
	into[path[len(path)-1]] = value
}

// member follows a path of JSON names through structs and maps; nil where it leads nowhere.
func member(v reflect.Value, path []string) any {
	for _, name := range path {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		switch v.Kind() {
		case reflect.Struct:
			index, ok := fieldsOf(v.Type())[name]
			if !ok {
				return nil
			}
			if v, _ = v.FieldByIndexErr(index); !v.IsValid() {
				return nil
			}
		case reflect.Map:
			v = v.MapIndex(reflect.ValueOf(name))
		default:
			return nil
		}
	}
	return scalar(v)
}

// scalar gives a text or a number as decoded JSON would have it; nil for anything else.
func scalar(v reflect.Value) any {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch {
	case !v.IsValid():
		return nil
	case v.Type() == reflect.TypeFor[json.Number]():
		return json.Number(v.String())
	case v.Kind() == reflect.String:
		return v.String()
	case v.CanInt():
		return json.Number(strconv.FormatInt(v.Int(), 10))
	case v.CanUint():
		return json.Number(strconv.FormatUint(v.Uint(), 10))
	}
	return nil
}

var fields sync.Map // reflect.Type -> map[string][]int

// fieldsOf gives the fields of a struct, those of embedded structs included, by their JSON names. Of two with one
// name the outer one counts, as in JSON.
func fieldsOf(t reflect.Type) map[string][]int {
	if known, ok := fields.Load(t); ok {
		return known.(map[string][]int)
	}
	names := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if outer, known := names[name]; name == "" || name == "-" || known && len(outer) <= len(f.Index) {
			continue
		}
		names[name] = f.Index
	}
	fields.Store(t, names)
	return names
}
