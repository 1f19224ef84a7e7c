package spec

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// sentence says what a rule wants; it never shows the value.
func sentence(rule string, s *openapi3.Schema) string {
	if say, ok := sentences[rule]; ok {
		return say(s)
	}
	return "must match its schema (" + rule + ")"
}

var sentences = map[string]func(*openapi3.Schema) string{
	"required":             fixed("is required"),
	"nullable":             fixed("must not be null"),
	"additionalProperties": fixed("is not known here"),
	"uniqueItems":          fixed("must not hold the same item twice"),
	"oneOf":                fixed("must match exactly one of the allowed forms"),
	"anyOf":                fixed("must match one of the allowed forms"),
	"not":                  fixed("must not have this form"),
	"discriminator":        fixed("must name one of the allowed forms"),
	"type":                 func(s *openapi3.Schema) string { return "must be " + typeName(s) },
	"enum":                 func(s *openapi3.Schema) string { return "must be " + oneOf(s.Enum) },
	"pattern":              func(s *openapi3.Schema) string { return "must match " + s.Pattern },
	"format":               func(s *openapi3.Schema) string { return "must be " + formatName(s.Format) },
	"minLength":            minLength,
	"maxLength":            func(s *openapi3.Schema) string { return "must be at most " + count(*s.MaxLength, "character") },
	"minItems":             func(s *openapi3.Schema) string { return "must hold at least " + count(s.MinItems, "item") },
	"maxItems":             func(s *openapi3.Schema) string { return "must hold at most " + count(*s.MaxItems, "item") },
	"minProperties":        func(s *openapi3.Schema) string { return "must have at least " + count(s.MinProps, "member") },
	"maxProperties":        func(s *openapi3.Schema) string { return "must have at most " + count(*s.MaxProps, "member") },
	"minimum":              bounds,
	"maximum":              bounds,
	"exclusiveMinimum":     func(s *openapi3.Schema) string { return "must be more than " + number(s.Min) },
	"exclusiveMaximum":     func(s *openapi3.Schema) string { return "must be less than " + number(s.Max) },
	"multipleOf":           func(s *openapi3.Schema) string { return "must be a multiple of " + number(s.MultipleOf) },
}

func fixed(text string) func(*openapi3.Schema) string {
	return func(*openapi3.Schema) string { return text }
}

// bounds tells both where there are two, whichever is broken.
func bounds(s *openapi3.Schema) string {
	switch {
	case s.Min == nil:
		return "must be at most " + number(s.Max)
	case s.Max == nil:
		return "must be at least " + number(s.Min)
	}
	return "must be between " + number(s.Min) + " and " + number(s.Max)
}

func minLength(s *openapi3.Schema) string {
	if s.MinLength == 1 {
		return "must not be empty"
	}
	return "must be at least " + count(s.MinLength, "character")
}

func typeName(s *openapi3.Schema) string {
	var names []string
	for _, t := range s.Type.Slice() {
		article := "a "
		if strings.ContainsAny(t[:1], "aio") {
			article = "an "
		}
		names = append(names, article+t)
	}
	return strings.Join(names, " or ")
}

func oneOf(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		if texts[i], _ = v.(string); texts[i] == "" {
			data, _ := json.Marshal(v)
			texts[i] = string(data)
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "one of " + strings.Join(texts, ", ")
}

func count(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// number writes a bound without an exponent.
func number(f *float64) string {
	if f == nil {
		return "its bound"
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

func unquote(s string) string {
	if plain, err := strconv.Unquote(s); err == nil {
		return plain
	}
	return s
}
