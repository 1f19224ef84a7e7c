package spec

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// Nearly every value that is checked is as it should be: replies are our own, and clients are programs. The
// library takes four times as long to say so as is needed, because it is ready to say what is wrong. So a value
// is first shown to an acceptor, and the library judges only what that did not accept.

// acceptor is true only for values in which the library finds nothing wrong. False says nothing.
type acceptor func(v any) bool

// acceptors makes them, one for each schema of a document.
type acceptors map[*openapi3.Schema]*acceptor

// of gives the acceptor of a schema; nil for a schema with a keyword that is not known here.
func (a acceptors) of(s *openapi3.Schema) acceptor {
	if made, ok := a[s]; ok {
		// A schema within itself is still being made: it is asked for when a value is there.
		return func(v any) bool { return *made != nil && (*made)(v) }
	}
	made := new(acceptor)
	a[s] = made
	if !plainKeywords(s) {
		return nil
	}
	judges := a.parts(s)
	if judges == nil {
		return nil
	}
	*made = func(v any) bool {
		if v == nil {
			return s.Nullable && len(s.Enum) == 0
		}
		for _, accepts := range judges {
			if !accepts(v) {
				return false
			}
		}
		return true
	}
	return *made
}

// parts are the acceptors of what a schema says itself and of the schemas that it is made of; nil where one is
// missing.
func (a acceptors) parts(s *openapi3.Schema) []acceptor {
	var judges []acceptor
	for _, ref := range s.AllOf {
		judges = append(judges, a.of(ref.Value))
	}
	if s.Type != nil || len(s.AllOf) == 0 {
		judges = append(judges, a.typed(s))
	}
	if slices.ContainsFunc(judges, func(accepts acceptor) bool { return accepts == nil }) {
		return nil
	}
	return judges
}

// plainKeywords tells whether a schema has no keyword but those that acceptors know and those that say nothing.
func plainKeywords(s *openapi3.Schema) bool {
	rest := *s
	rest.Extensions, rest.Origin, rest.ExternalDocs, rest.Example, rest.Default = nil, nil, nil, nil, nil
	rest.Title, rest.Description, rest.Deprecated, rest.Nullable, rest.Type, rest.Format = "", "", false, false, nil, ""
	rest.Enum, rest.Min, rest.Max, rest.MinLength, rest.MaxLength, rest.Pattern = nil, nil, nil, 0, nil, ""
	rest.MinProps, rest.MaxProps, rest.UniqueItems = 0, nil, false
	rest.AllOf, rest.MinItems, rest.MaxItems, rest.Items = nil, 0, nil, nil
	rest.Required, rest.Properties, rest.AdditionalProperties = nil, nil, openapi3.AdditionalProperties{}
	return reflect.ValueOf(rest).IsZero()
}

func (a acceptors) typed(s *openapi3.Schema) acceptor {
	types := s.Type.Slice()
	if len(types) != 1 {
		return nil
	}
	switch types[0] {
	case "string":
		return acceptText(s)
	case "integer", "number":
		return acceptNumber(s)
	case "boolean":
		return func(v any) bool { _, ok := v.(bool); return ok && len(s.Enum) == 0 }
	case "array":
		return a.acceptList(s)
	case "object":
		return a.acceptObject(s)
	}
	return nil
}

func acceptText(s *openapi3.Schema) acceptor {
	allowed := map[string]bool{}
	for _, v := range s.Enum {
		text, ok := v.(string)
		if !ok {
			return nil
		}
		allowed[text] = true
	}
	form, known := formats[s.Format]
	if s.Format != "" && s.Format != "password" && !known {
		return nil
	}
	matches := func(string) bool { return true }
	if s.Pattern != "" {
		pattern, err := compile(s.Pattern)
		if err != nil {
			return nil
		}
		matches = pattern.MatchString
	}
	return func(v any) bool {
		text, ok := v.(string)
		return ok && (len(allowed) == 0 || allowed[text]) && fits(s, text) && (!known || form.ok(text)) && matches(text)
	}
}

// fits holds a text to its length, which is counted in characters.
func fits(s *openapi3.Schema, text string) bool {
	if s.MinLength == 0 && s.MaxLength == nil {
		return true
	}
	length := uint64(utf8.RuneCountInString(text))
	return length >= s.MinLength && (s.MaxLength == nil || length <= *s.MaxLength)
}

func acceptNumber(s *openapi3.Schema) acceptor {
	if len(s.Enum) > 0 {
		return nil
	}
	return func(v any) bool {
		number, ok := v.(json.Number)
		if !ok {
			return false
		}
		if rule, _ := judgeNumber(s, string(number)); rule != "" {
			return false
		}
		value, err := strconv.ParseFloat(string(number), 64)
		return err == nil && (s.Min == nil || value >= *s.Min) && (s.Max == nil || value <= *s.Max)
	}
}

func (a acceptors) acceptList(s *openapi3.Schema) acceptor {
	if len(s.Enum) > 0 || s.Items == nil {
		return nil
	}
	item := a.of(s.Items.Value)
	if item == nil {
		return nil
	}
	return func(v any) bool {
		list, ok := v.([]any)
		if !ok || uint64(len(list)) < s.MinItems || (s.MaxItems != nil && uint64(len(list)) > *s.MaxItems) {
			return false
		}
		for _, v := range list {
			if !item(v) {
				return false
			}
		}
		return !s.UniqueItems || distinctTexts(list)
	}
}

// distinctTexts is false also for a list of anything but texts.
func distinctTexts(list []any) bool {
	seen := make(map[string]bool, len(list))
	for _, v := range list {
		text, ok := v.(string)
		if !ok || seen[text] {
			return false
		}
		seen[text] = true
	}
	return true
}

func (a acceptors) acceptObject(s *openapi3.Schema) acceptor {
	if len(s.Enum) > 0 {
		return nil
	}
	members := map[string]acceptor{}
	for name, ref := range s.Properties {
		if members[name] = a.of(ref.Value); members[name] == nil {
			return nil
		}
	}
	other := func(any) bool { return true }
	switch more := s.AdditionalProperties; {
	case more.Schema != nil:
		if other = a.of(more.Schema.Value); other == nil {
			return nil
		}
	case more.Has != nil && !*more.Has:
		other = func(any) bool { return false }
	}
	return func(v any) bool {
		object, ok := v.(map[string]any)
		if !ok || !hasAll(object, s.Required) || uint64(len(object)) < s.MinProps || (s.MaxProps != nil && uint64(len(object)) > *s.MaxProps) {
			return false
		}
		for name, v := range object {
			member := members[name]
			if member == nil {
				member = other
			}
			if !member(v) {
				return false
			}
		}
		return true
	}
}

func hasAll(object map[string]any, names []string) bool {
	for _, name := range names {
		if _, ok := object[name]; !ok {
			return false
		}
	}
	return true
}
