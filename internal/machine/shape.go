package machine

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/expr-lang/expr/types"
)

// class is what sort of value something is. It is also the word for it in messages.
type class string

const (
	unknown  class = "any value"
	text     class = "text"
	whole    class = "a whole number"
	fraction class = "a number"
	truth    class = "true or false"
	instant  class = "a time"
	length   class = "a length of time"
	list     class = "a list"
	object   class = "an object"
)

// shape is the type of a piece of decoded JSON, as expressions see it. It gives both halves that must agree: the
// type by which an expression is compiled, and the value that it is run with.
type shape struct {
	class   class
	members map[string]*shape // of an object; nil where they are not known
	elem    *shape            // of a list
}

var anything = &shape{class: unknown}

// maxDepth ends the description of types that contain themselves.
const maxDepth = 8

var (
	timeType = reflect.TypeFor[time.Time]()
	textType = reflect.TypeFor[encoding.TextMarshaler]()
	jsonType = reflect.TypeFor[json.Marshaler]()
)

// shapeOf describes the JSON of a Go type; nil gives an unknown one.
func shapeOf(t reflect.Type, depth int) *shape {
	if t == nil || depth > maxDepth {
		return anything
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if s := marshalled(t); s != nil {
		return s
	}
	switch t.Kind() {
	case reflect.Struct:
		s := &shape{class: object, members: map[string]*shape{}}
		s.addFields(t, depth)
		return s
	case reflect.Slice, reflect.Array:
		return listOf(t, depth)
	case reflect.Map:
		return &shape{class: object}
	}
	return scalar(t.Kind())
}

// marshalled describes types that write their own JSON; nil for all others.
func marshalled(t reflect.Type) *shape {
	switch {
	case isTime(t):
		return &shape{class: instant}
	case implements(t, textType):
		return &shape{class: text}
	case implements(t, jsonType):
		return anything
	}
	return nil
}

// isTime also takes a struct that embeds a time.Time to give it another format.
func isTime(t reflect.Type) bool {
	if t.Kind() == reflect.Struct && t.NumField() == 1 && t.Field(0).Anonymous {
		t = t.Field(0).Type
	}
	return t == timeType
}

func implements(t, iface reflect.Type) bool {
	return t.Implements(iface) || reflect.PointerTo(t).Implements(iface)
}

func scalar(k reflect.Kind) *shape {
	switch k {
	case reflect.String:
		return &shape{class: text}
	case reflect.Bool:
		return &shape{class: truth}
	case reflect.Float32, reflect.Float64:
		return &shape{class: fraction}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &shape{class: whole}
	}
	return anything
}

func listOf(t reflect.Type, depth int) *shape {
	if t.Elem().Kind() == reflect.Uint8 {
		return &shape{class: text} // bytes are base64 in JSON
	}
	return &shape{class: list, elem: shapeOf(t.Elem(), depth+1)}
}

func (s *shape) addFields(t reflect.Type, depth int) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		inline := f.Anonymous && name == "" || strings.Contains(options, "inline")
		switch {
		case name == "-":
		case inline && embedded(f.Type).Kind() == reflect.Struct:
			s.addFields(embedded(f.Type), depth)
		case f.IsExported():
			if name == "" {
				name = f.Name
			}
			s.members[name] = shapeOf(f.Type, depth+1)
		}
	}
}

func embedded(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// shapeOfSample describes a decoded JSON value by an example of it; null says nothing.
func shapeOfSample(v any) *shape {
	switch v := v.(type) {
	case string:
		return &shape{class: text}
	case bool:
		return &shape{class: truth}
	case json.Number, float64, int, int64:
		return &shape{class: fraction}
	case map[string]any:
		s := &shape{class: object, members: map[string]*shape{}}
		for name, member := range v {
			s.members[name] = shapeOfSample(member)
		}
		return s
	}
	return anything
}

// record is an object whose members are all of one class.
func record(c class, names []string) *shape {
	s := &shape{class: object, members: map[string]*shape{}}
	for _, name := range names {
		s.members[name] = &shape{class: c}
	}
	return s
}

// typ is the shape as the compiler of expressions wants it.
func (s *shape) typ() types.Type {
	switch s.class {
	case text:
		return types.String
	case whole:
		return types.Int
	case fraction:
		return types.Float64
	case truth:
		return types.Bool
	case instant:
		return types.TypeOf(time.Time{})
	case list:
		return types.Array(s.elem.typ())
	case object:
		return s.mapType()
	}
	return types.Any
}

func (s *shape) mapType() types.Type {
	m := types.Map{}
	for name, member := range s.members {
		m[name] = member.typ()
	}
	if s.members == nil {
		m[types.Extra] = types.Any
	}
	return m
}
