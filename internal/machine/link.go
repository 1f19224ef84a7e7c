package machine

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// linker turns one raw file into a Kind: it looks every name up and compiles every expression.
type linker struct {
	facts    Facts
	out      *defects
	raw      *rawFile
	captures []string

	scope  *scope
	law    *Machine
	events []string // of all states
}

func (l *linker) link(names map[string]bool) *Kind {
	k := &Kind{Provider: l.raw.provider.text, Name: l.raw.kind.text, Default: l.raw.fallback.text, names: names}
	l.scope = l.newScope()
	l.law = l.machine()
	if !l.raw.record {
		k.Machine = l.law
	}
	k.Inputs, k.patterns = l.inputs(), l.patterns()
	k.Scenarios = l.scenarios()
	l.checkStories()
	return k
}

// newScope describes what the expressions of this kind see.
func (l *linker) newScope() *scope {
	provider, kind := l.raw.provider.text, l.raw.kind.text
	roots := map[string]*shape{
		"entity":   l.entity(provider, kind),
		"client":   {class: object},
		"request":  {class: object},
		"settings": {class: object},
		"input":    record(text, l.captures),
		"visits":   record(whole, l.stateNames()),
	}
	if l.facts.Parent == nil {
		roots["parent"] = &shape{class: object}
	} else if parent := l.facts.Parent(provider, kind); parent != "" {
		roots["parent"] = l.entity(provider, parent)
	}
	if l.facts.Client != nil {
		roots["client"] = known(shapeOf(l.facts.Client(provider), 0))
	}
	s := newScope(roots)
	if l.facts.Settings != nil {
		s.settings = func() *shape { return shapeOfSample(l.facts.Settings(provider)) }
	}
	return s
}

func (l *linker) entity(provider, kind string) *shape {
	if l.facts.Entity == nil {
		return &shape{class: object}
	}
	return known(shapeOf(l.facts.Entity(provider, kind), 0))
}

// known makes an object of a shape that may be unknown.
func known(s *shape) *shape {
	if s.class != object {
		return &shape{class: object}
	}
	return s
}

func (l *linker) stateNames() []string {
	var names []string
	for _, s := range l.raw.machine.states {
		names = append(names, s.name.text)
	}
	return names
}

// expr compiles an expression; nil where there is none, or a bad one. Those of a built-in file that stands as it is were
// compiled by its tests, and are when they are first evaluated.
func (l *linker) expr(w word, want class) *Expr {
	if !w.given() {
		return nil
	}
	if l.raw.base {
		return l.scope.later(w.text, want)
	}
	e, err := l.scope.expr(w.text, want)
	var bad *badExpr
	switch {
	case err == nil:
		return e
	case errors.As(err, &bad):
		l.out.addf(w.inside(bad.at), "in the expression %q: %s%s", w.text, bad.message, l.meantMember(bad.message))
	}
	return nil
}

// meantMember finds the nearest name for a member that the compiler does not know.
func (l *linker) meantMember(message string) string {
	if name, ok := strings.CutPrefix(message, "unknown field "); ok {
		return meant(name, l.scope.members())
	}
	if name, ok := strings.CutPrefix(message, "unknown name "); ok {
		return meant(name, slices.Concat(functions, ownFunctions, slices.Collect(maps.Keys(l.scope.roots))))
	}
	return ""
}

func (l *linker) delay(w word) *Delay {
	if !w.given() {
		return nil
	}
	if !looksLiteral.MatchString(w.text) {
		e := l.expr(w, length)
		if e == nil {
			return nil
		}
		return &Delay{text: w.text, expr: e}
	}
	span, err := parseSpan(w.text)
	if err != nil {
		l.out.add(w.place, err.Error())
		return nil
	}
	return &Delay{text: w.text, span: span}
}

// sets links assignments: the member must exist, and the value must be of its type.
func (l *linker) sets(pairs []rawPair) []Assignment {
	var out []Assignment
	members := l.scope.roots["entity"].members
	for _, p := range pairs {
		want := unknown
		if members != nil {
			member := members[p.name.text]
			if member == nil {
				l.out.addf(p.name.place, "%s has no member %s%s", l.raw.kind.text, p.name.text, meant(p.name.text, slices.Collect(maps.Keys(members))))
				continue
			}
			want = member.class
		}
		out = append(out, Assignment{Field: p.name.text, Value: l.expr(p.value, want)})
	}
	return out
}

func (l *linker) effects(effects []word) []string {
	var out []string
	for _, w := range effects {
		l.offered(w, "effect", ofKind(l.facts.Effects, l.raw))
		out = append(out, w.text)
	}
	return out
}

// ofKind and ofProvider ask a fact for what a file is about; nil where the check is off.
func ofKind(fact func(provider, kind string) []string, f *rawFile) func() []string {
	if fact == nil {
		return nil
	}
	return func() []string { return fact(f.provider.text, f.kind.text) }
}

func ofProvider(fact func(provider string) []string, f *rawFile) func() []string {
	if fact == nil {
		return nil
	}
	return func() []string { return fact(f.provider.text) }
}

// types asks for the webhook types; nil where the check is off.
func (l *linker) types() func() []string {
	if l.raw.base {
		return nil
	}
	return ofProvider(l.facts.Types, l.raw)
}

// offered checks a name against what code and spec offer. It tells whether nothing is wrong with it.
func (l *linker) offered(w word, what string, list func() []string) bool {
	return list == nil || !w.given() || l.oneOf(w, what, list())
}

// oneOf checks a name against those that there are.
func (l *linker) oneOf(w word, what string, names []string) bool {
	if !w.given() || slices.Contains(names, w.text) {
		return w.given()
	}
	l.out.addf(w.place, "there is no %s %s%s", what, w.text, meant(w.text, names))
	return false
}
