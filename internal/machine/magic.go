package machine

import (
	"slices"
	"strings"
)

var forms = []string{Exact, Prefix, Suffix, ID}

// inputs links the magic inputs.
func (l *linker) inputs() []Input {
	var out []Input
	for i, in := range l.raw.inputs {
		l.checkInput(in, l.raw.inputs[:i])
		out = append(out, Input{Name: in.name.text, From: l.path(in.from), Form: in.form.text, Prefix: in.prefix.text})
	}
	return out
}

func (l *linker) checkInput(in rawInput, before []rawInput) {
	for _, b := range before {
		if in.name.given() && b.name.text == in.name.text {
			l.out.addf(in.name.place, "the input %s stands here twice; the first is in line %d", in.name.text, b.name.line)
		}
	}
	known := l.oneOf(in.form, "form", forms)
	if known && in.prefix.given() && in.form.text != ID {
		l.out.addf(in.prefix.place, "a prefix belongs to the form id; with %s, write it into the values of select", in.form.text)
	}
}

// path reads "entity.a.b" and checks that it leads to something that can be compared.
func (l *linker) path(from word) []string {
	if !from.given() {
		return nil
	}
	steps := strings.Split(from.text, ".")
	if steps[0] != "entity" || len(steps) < 2 || slices.Contains(steps, "") {
		l.out.addf(from.place, "%q is not a path such as entity.single_transfer.amount", from.text)
		return nil
	}
	at := l.scope.roots["entity"]
	for _, name := range steps[1:] {
		if at.members == nil {
			break
		}
		next := at.members[name]
		if next == nil {
			l.out.addf(from.place, "%q names no member of %s: there is no %s%s", from.text, l.raw.kind.text, name, meant(name, l.scope.members()))
			return nil
		}
		at = next
	}
	if !slices.Contains([]class{text, whole, fraction, unknown, object}, at.class) || at.members != nil {
		l.out.addf(from.place, "%q leads to %s; an input is text or a number", from.text, at.class)
	}
	return steps[1:]
}

// patterns links the selecting values of all scenarios, by input.
func (l *linker) patterns() map[string][]pattern {
	out := map[string][]pattern{}
	claimed := map[[2]string]word{}
	for _, s := range l.raw.scenarios {
		for _, c := range s.choose {
			in := l.selected(c)
			if in == nil {
				continue
			}
			p, err := parsePattern(s.name.text, in.form.text, c.value.text)
			if err != nil {
				l.out.add(c.value.place, err.Error())
				continue
			}
			if first, twice := claimed[[2]string{in.name.text, p.key}]; twice {
				l.out.addf(c.value.place, "%s %s selects a scenario in %s:%d already", in.name.text, c.value.text, first.file, first.line)
				continue
			}
			claimed[[2]string{in.name.text, p.key}] = c.value
			out[in.name.text] = append(out[in.name.text], p)
		}
	}
	for _, ps := range out {
		heaviestFirst(ps)
	}
	return out
}

// selected finds the input that a member of select names; nil where its value can not be linked.
func (l *linker) selected(c rawPair) *rawInput {
	var names []string
	for _, in := range l.raw.inputs {
		names = append(names, in.name.text)
	}
	if !l.oneOf(c.name, "input", names) {
		return nil
	}
	in := &l.raw.inputs[slices.Index(names, c.name.text)]
	if in.form.text == ID {
		l.out.addf(c.name.place, "the input %s is of the form id, which selects every scenario by its name", c.name.text)
		return nil
	}
	if !c.value.given() || !slices.Contains(forms, in.form.text) {
		return nil
	}
	return in
}
