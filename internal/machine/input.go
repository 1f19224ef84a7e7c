package machine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Input is a place in which a magic value is looked for.
type Input struct {
	Name   string
	From   []string // the members that lead to it in the entity; empty for one that only a page gives
	Form   string   // Exact, Prefix, Suffix or ID
	Prefix string   // of form ID: what stands before the scenario's name
}

// The forms of an Input. In the selecting values of the first three, {code} stands for one or more digits and
// {code:2} for exactly two; they come back under that name.
const (
	Exact  = "exact"  // the whole value
	Prefix = "prefix" // the value starts with it; the longest wins
	Suffix = "suffix" // the value ends with it; the longest wins
	ID     = "id"     // the value is the name of a scenario, with '_' or '-'; "+" and what follows is ignored
)

// Select finds the scenario that the magic inputs choose. entity is the decoded JSON of the entity's data; the
// parts that a pattern captured come back as input. A name that only another kind of the provider tells is
// found too: the entity keeps it for its children.
func (k *Kind) Select(entity map[string]any) (scenario string, input map[string]string, ok bool) {
	for _, in := range k.Inputs {
		value, found := textAt(entity, in.From)
		if !found {
			continue
		}
		if scenario, input, ok = k.Match(in.Name, value); ok {
			return scenario, input, true
		}
	}
	return "", nil, false
}

// Match finds the scenario that one value of one input chooses: what a hosted page asks when a person types it.
func (k *Kind) Match(input, value string) (scenario string, captured map[string]string, ok bool) {
	for _, in := range k.Inputs {
		if in.Name == input && in.Form == ID {
			name, ok := identified(value, in.Prefix)
			return name, nil, ok && k.names[name]
		}
	}
	for _, p := range k.patterns[input] {
		if found := p.expr.FindStringSubmatch(value); found != nil {
			return p.scenario, p.captured(found), true
		}
	}
	return "", nil, false
}

// identified reads the name of a scenario from a value of form ID.
func identified(value, prefix string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(value, prefix)
	name, _, _ = strings.Cut(rest, "+")
	return strings.ReplaceAll(name, "-", "_"), ok
}

// textAt reads the text, or the number as it was written, that a path of members leads to.
func textAt(entity map[string]any, path []string) (string, bool) {
	if len(path) == 0 {
		return "", false
	}
	var v any = entity
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	switch v := v.(type) {
	case string:
		return v, v != ""
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// pattern is one selecting value of one scenario.
type pattern struct {
	scenario string
	expr     *regexp.Regexp
	key      string // equal for two patterns that match the same values
	weight   int    // characters that must be equal; the heavier pattern is tried first
}

var capture = regexp.MustCompile(`\{([a-z][a-z0-9_]*)(?::([1-9][0-9]?))?\}`)

// parsePattern reads a selecting value. What is not a well-formed {name} or {name:length} is plain text, but a
// brace is a defect: nobody means it.
func parsePattern(scenario, form, value string) (pattern, error) {
	var expr, key strings.Builder
	p, last := pattern{scenario: scenario}, 0
	literal := func(s string) {
		expr.WriteString(regexp.QuoteMeta(s))
		key.WriteString(s)
		p.weight += len(s)
	}
	for _, at := range capture.FindAllStringSubmatchIndex(value, -1) {
		literal(value[last:at[0]])
		times := "+"
		if at[4] >= 0 {
			times = "{" + value[at[4]:at[5]] + "}"
		}
		fmt.Fprintf(&expr, "(?P<%s>[0-9]%s)", value[at[2]:at[3]], times)
		key.WriteString("{" + times + "}")
		last = at[1]
	}
	literal(value[last:])
	p.key = key.String()
	if rest := capture.ReplaceAllString(value, ""); rest == "" || strings.ContainsAny(rest, "{}") {
		return p, fmt.Errorf(`%q is not a value such as "7700.01" or "98{code}" or "98{code:2}"`, value)
	}
	var err error
	p.expr, err = regexp.Compile(anchored(form, expr.String()))
	return p, err
}

// anchored holds a pattern to its end of the value. A suffix begins as late as it can, so that of "98983" the
// pattern "98{code}" takes the last 98.
func anchored(form, expr string) string {
	switch form {
	case Prefix:
		return "^" + expr
	case Suffix:
		return "^(?s:.*)" + expr + "$"
	}
	return "^" + expr + "$"
}

func (p pattern) captured(found []string) map[string]string {
	out := map[string]string{}
	for i, name := range p.expr.SubexpNames() {
		if name != "" {
			out[name] = found[i]
		}
	}
	return out
}

// heaviestFirst orders the patterns of an input; equal ones keep the order of the file.
func heaviestFirst(ps []pattern) {
	slices.SortStableFunc(ps, func(a, b pattern) int { return cmp.Compare(b.weight, a.weight) })
}
