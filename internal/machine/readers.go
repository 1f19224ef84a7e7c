package machine

import (
	"regexp"
	"slices"
	"strings"
)

// readMapping reads a mapping by its table of keys. It gives the mapping's place where its keys are sound, and
// else nowhere, so that nobody goes on to ask for what is only misspelt.
func readMapping[T any](r *reader, n *node, what string, keys []key[T], into *T) place {
	var seen []string
	sound := n.sort == mapping
	for _, f := range r.members(n, what) {
		at := slices.IndexFunc(keys, func(k key[T]) bool { return k.name == f.key })
		if at < 0 {
			r.out.addf(f.place, "%s has no key %s%s", what, f.key, meant(f.key, keyNames(keys)))
			seen = append(seen, nearest(f.key, keyNames(keys)))
			sound = false
			continue
		}
		seen = append(seen, f.key)
		keys[at].form.read(r, f, into)
	}
	for _, k := range keys {
		if n.sort == mapping && k.must && !slices.Contains(seen, k.name) {
			r.out.addf(n.place, "%s lacks its %s", what, k.name)
		}
	}
	if !sound {
		return place{}
	}
	return n.place
}

func keyNames[T any](keys []key[T]) []string {
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	return names
}

func readList[T any](r *reader, n *node, what string, read func(*reader, *node) T) []T {
	if n.sort != sequence {
		r.wrong(n, what, sequence)
		return nil
	}
	var out []T
	for _, item := range n.items {
		out = append(out, read(r, item))
	}
	return out
}

func (r *reader) members(n *node, what string) []field {
	if n.sort != mapping {
		r.wrong(n, what, mapping)
	}
	return n.fields
}

// wrong reports a node of the wrong sort, unless it has a defect already.
func (r *reader) wrong(n *node, what string, due sort) {
	if n.sort != "" {
		r.out.addf(n.place, "%s must be %s, and this is %s", what, due, n.sort)
	}
}

// word reads a text. What YAML takes for something else is not made into text: 0123 and 1_000 would have lost
// what was written.
func (r *reader) word(n *node) word {
	switch n.sort {
	case words:
		switch {
		case n.text == "":
			r.out.add(n.place, "this text is empty")
		case n.trap:
			r.out.addf(n.place, "%s is not text to every YAML reader; write it in quotes", n.text)
		default:
			return n.word()
		}
	case numeral, boolean:
		r.out.addf(n.place, "%s is %s to YAML, and text is due here; write it in quotes", n.text, n.sort)
	case nothing:
		r.out.add(n.place, "a value is missing here")
	case mapping, sequence:
		r.wrong(n, "this", words)
	}
	return word{}
}

func (n *node) word() word { return word{place: n.place, text: n.text, quotes: n.quotes} }

// delay reads the text of a delay. What is like a number passes, to be told that it has no unit.
func (r *reader) delay(n *node) word {
	if n.sort == numeral || n.trap {
		return n.word()
	}
	return r.word(n)
}

var (
	snake    = regexp.MustCompile(`^[a-z0-9][a-z0-9_]*$`)
	spelling = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
)

// name reads a text that names something.
func (r *reader) name(n *node, form *regexp.Regexp) word { return r.formed(r.word(n), form) }

func (r *reader) keyName(f field, form *regexp.Regexp) word {
	return r.formed(word{place: f.place, text: f.key}, form)
}

func (r *reader) formed(w word, form *regexp.Regexp) word {
	if w.given() && !form.MatchString(w.text) {
		r.out.addf(w.place, "%q is not a name of the form %s", w.text, strings.Trim(form.String(), "^$"))
		return word{}
	}
	return w
}

func (r *reader) oneOf(n *node, allowed ...string) word {
	w := r.word(n)
	if w.given() && !slices.Contains(allowed, w.text) {
		r.out.addf(w.place, "%s is not one of %s%s", w.text, strings.Join(allowed, ", "), meant(w.text, allowed))
		return word{}
	}
	return w
}
