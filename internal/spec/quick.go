package spec

import (
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// Nearly every value that is checked is as it should be: replies are our own, and clients are programs. The
// library needs decoded values, and several times as long as is needed to find nothing wrong, because it is
// ready to say what is. So a document is first shown to an acceptor, which reads its bytes once and keeps
// nothing, and the library judges only what that did not accept.

// acceptor reads one value. It is true only for values in which the library finds nothing wrong; false says
// nothing.
type acceptor func(in *scanner) bool

// acceptors makes them, one for each schema of a document.
type acceptors map[*openapi3.Schema]*acceptor

// of gives the acceptor of a schema; nil for a schema with a keyword that is not known here.
func (a acceptors) of(s *openapi3.Schema) acceptor {
	if made, ok := a[s]; ok {
		// A schema within itself is still being made: it is asked for when a value is there.
		return func(in *scanner) bool { return *made != nil && (*made)(in) }
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
	*made = func(in *scanner) bool {
		if in.peek() == 'n' {
			return s.Nullable && len(s.Enum) == 0 && in.word("null")
		}
		start := in.at
		for _, accepts := range judges {
			in.at = start
			if !accepts(in) {
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
	if len(types) != 1 || (len(s.Enum) > 0 && types[0] != "string") {
		return nil
	}
	switch types[0] {
	case "string":
		return acceptText(s)
	case "integer", "number":
		return func(in *scanner) bool { return goodNumber(s, in.number()) }
	case "boolean":
		return func(in *scanner) bool { return in.word("true") || in.word("false") }
	case "array":
		return a.acceptList(s)
	case "object":
		return a.acceptObject(s)
	}
	return nil
}

func acceptText(s *openapi3.Schema) acceptor {
	good := textJudge(s)
	if good == nil {
		return nil
	}
	return func(in *scanner) bool {
		text, ok := in.text()
		return ok && good(string(text))
	}
}

// textJudge tells good texts of a schema for texts; nil where a keyword is not known here.
func textJudge(s *openapi3.Schema) func(string) bool {
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
	return func(text string) bool {
		return (len(allowed) == 0 || allowed[text]) && fits(s, text) && (!known || form.ok(text)) && matches(text)
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

func goodNumber(s *openapi3.Schema, text string) bool {
	if rule, _ := judgeNumber(s, text); rule != "" {
		return false
	}
	value, err := strconv.ParseFloat(text, 64)
	return err == nil && (s.Min == nil || value >= *s.Min) && (s.Max == nil || value <= *s.Max)
}

func (a acceptors) acceptList(s *openapi3.Schema) acceptor {
	if s.Items == nil || (s.UniqueItems && !s.Items.Value.Type.Is("string")) {
		return nil
	}
	item := a.of(s.Items.Value)
	if item == nil {
		return nil
	}
	return func(in *scanner) bool {
		var length uint64
		seen := map[string]bool{}
		ok := in.list(func() bool {
			length++
			start := in.at
			if !item(in) {
				return false
			}
			if !s.UniqueItems {
				return true
			}
			text := string(in.data[start:in.at])
			twice := seen[text]
			seen[text] = true
			return !twice
		})
		return ok && length >= s.MinItems && (s.MaxItems == nil || length <= *s.MaxItems)
	}
}

// field is what an object's acceptor knows of one of its names.
type field struct {
	accepts  acceptor
	required bool
}

func (a acceptors) acceptObject(s *openapi3.Schema) acceptor {
	members := map[string]field{}
	for name, ref := range s.Properties {
		accepts := a.of(ref.Value)
		if accepts == nil {
			return nil
		}
		members[name] = field{accepts: accepts}
	}
	other := a.others(s)
	if other == nil {
		return nil
	}
	required := slices.Compact(slices.Sorted(slices.Values(s.Required)))
	for _, name := range required {
		m := members[name]
		if m.accepts == nil {
			m.accepts = other
		}
		m.required = true
		members[name] = m
	}
	return func(in *scanner) bool {
		var length uint64
		missing := len(required)
		ok := in.object(func(name []byte) bool {
			length++
			m, known := members[string(name)]
			if !known {
				m.accepts = other
			}
			if m.required {
				missing--
			}
			return m.accepts(in)
		})
		return ok && missing == 0 && length >= s.MinProps && (s.MaxProps == nil || length <= *s.MaxProps)
	}
}

// others accepts the members that an object's schema does not name.
func (a acceptors) others(s *openapi3.Schema) acceptor {
	switch more := s.AdditionalProperties; {
	case more.Schema != nil:
		return a.of(more.Schema.Value)
	case more.Has != nil && !*more.Has:
		return func(*scanner) bool { return false }
	}
	return (*scanner).skip
}
