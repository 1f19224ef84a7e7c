package spec

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mockbank/mockbank/internal/problem"
)

// The library sees every number as a float64: 1.0 and 1e2 pass as integers, and the last digits of a large
// one are lost. Integers and amounts are therefore looked at once more, as they are written. In this
// dialect an integer is a number without fraction and exponent, so that a handler may read it as an int64.
// Numbers below oneOf and anyOf are left out, because it is not known which form was meant.

const (
	wholeSentence = "must be a whole number without a point or an exponent, within 64 bits"
	moneySentence = "must be an amount with at most two decimals and without an exponent"
)

var moneyText = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,2})?$`)

// hasExact tells whether a number that matters can be reached from here.
func hasExact(s *openapi3.Schema, seen map[*openapi3.Schema]bool) bool {
	if s == nil || seen[s] {
		return false
	}
	seen[s] = true
	return s.Type.Is("integer") || s.Format == moneyFormat ||
		slices.ContainsFunc(parts(s), func(part *openapi3.Schema) bool { return hasExact(part, seen) })
}

// parts lists the schemas of what s holds, and of which s is made.
func parts(s *openapi3.Schema) []*openapi3.Schema {
	var all []*openapi3.Schema
	for _, ref := range s.AllOf {
		all = append(all, ref.Value)
	}
	for _, ref := range s.Properties {
		all = append(all, ref.Value)
	}
	for _, ref := range []*openapi3.SchemaRef{s.Items, s.AdditionalProperties.Schema} {
		if ref != nil {
			all = append(all, ref.Value)
		}
	}
	return all
}

// checkExact adds what the library can not see, where it found nothing itself.
func (s *Schema) checkExact(v any, findings []finding) []finding {
	wrong := map[string]bool{}
	for _, f := range findings {
		wrong[f.Pointer] = true
	}
	visitNumbers(s.tree, v, nil, func(path []string, rule, message string) {
		if at := pointer(path); !wrong[at] {
			findings = append(findings, finding{slices.Clone(path), problem.Violation{Pointer: at, Rule: rule, Message: message}})
		}
	})
	return findings
}

// visitNumbers calls report for each number that is written as it must not be.
func visitNumbers(s *openapi3.Schema, v any, path []string, report func(path []string, rule, message string)) {
	for _, part := range s.AllOf {
		visitNumbers(part.Value, v, path, report)
	}
	switch v := v.(type) {
	case json.Number:
		if rule, message := judgeNumber(s, string(v)); rule != "" {
			report(path, rule, message)
		}
	case []any:
		for i, item := range v {
			if s.Items != nil {
				visitNumbers(s.Items.Value, item, append(path, strconv.Itoa(i)), report)
			}
		}
	case map[string]any:
		for name, inner := range v {
			if ref := cmp.Or(s.Properties[name], s.AdditionalProperties.Schema); ref != nil {
				visitNumbers(ref.Value, inner, append(path, name), report)
			}
		}
	}
}

func judgeNumber(s *openapi3.Schema, text string) (rule, message string) {
	if s.Type.Is("integer") {
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return "type", wholeSentence
		}
	}
	if s.Format == moneyFormat && !moneyText.MatchString(text) {
		return "format", moneySentence
	}
	return "", ""
}
