package machine

import "strconv"

// form is what may stand at a key: how it is read into a T, and the JSON Schema of it. The two say the same; what
// a schema can not say, such as how YAML reads an unquoted date, only the reader knows.
type form[T any] struct {
	read   func(r *reader, f field, into *T)
	schema schema
}

// The bounds of whole numbers.
const (
	maxCount      = 1_000_000
	maxDuplicates = 100
)

func aText[T any](at func(*T) *word) form[T] {
	return form[T]{func(r *reader, f field, to *T) { *at(to) = r.word(f.value) }, textSchema()}
}

// aTextOf is a text that the linker holds to those allowed.
func aTextOf[T any](allowed []string, at func(*T) *word) form[T] {
	return form[T]{aText(at).read, schema{"enum": allowed}}
}

func aChoice[T any](allowed []string, at func(*T) *word) form[T] {
	return form[T]{func(r *reader, f field, to *T) { *at(to) = r.oneOf(f.value, allowed...) }, schema{"enum": allowed}}
}

func aName[T any](at func(*T) *word) form[T] {
	return form[T]{func(r *reader, f field, to *T) { *at(to) = r.name(f.value, snake) }, patternSchema(snake)}
}

func aDelay[T any](at func(*T) *word) form[T] {
	return form[T]{func(r *reader, f field, to *T) { *at(to) = r.delay(f.value) }, delaySchema()}
}

func aCount[T any](least, most int, at func(*T) *int) form[T] {
	return form[T]{func(r *reader, f field, to *T) { *at(to) = r.count(f.value, least, most) },
		schema{"type": "integer", "minimum": least, "maximum": most}}
}

func aFlag[T any](at func(*T) *bool) form[T] {
	return form[T]{func(r *reader, f field, to *T) { *at(to) = r.flag(f.value) }, schema{"type": "boolean"}}
}

func texts[T any](put func(*T, []word)) form[T] {
	return form[T]{func(r *reader, f field, to *T) { put(to, readList(r, f.value, "this", (*reader).word)) }, listSchema(textSchema())}
}

// pairs are members whose values are texts.
func pairs[T any](what string, put func(*T, []rawPair)) form[T] {
	return form[T]{func(r *reader, f field, to *T) { put(to, r.pairs(f.value, what)) },
		schema{"type": "object", "additionalProperties": textSchema()}}
}

func items[T, I any](what string, read func(*reader, *node) I, keys []key[I], put func(*T, []I)) form[T] {
	return form[T]{func(r *reader, f field, to *T) { put(to, readList(r, f.value, what, read)) }, listSchema(mappingSchema(keys))}
}

var theMachine = form[rawFile]{
	func(r *reader, f field, to *rawFile) {
		to.machine = &rawMachine{place: f.place}
		readMapping(r, f.value, "machine", machineKeys, to.machine)
	}, mappingSchema(machineKeys),
}

var theScenarios = form[rawFile]{
	func(r *reader, f field, to *rawFile) { to.scenarios = r.scenarios(f.value) },
	namedSchema(snake, orNothing(mappingSchema(scenarioKeys))),
}

var theStates = form[rawMachine]{
	func(r *reader, f field, to *rawMachine) { to.states = r.states(f.value) },
	namedSchema(spelling, orNothing(mappingSchema(stateKeys))),
}

var theTransitions = form[rawState]{
	func(r *reader, f field, to *rawState) { to.on = r.transitions(f.value) },
	namedSchema(snake, schema{"anyOf": []schema{textSchema(), mappingSchema(transitionKeys)}}),
}

var theDeadlines = form[rawState]{
	func(r *reader, f field, to *rawState) { to.deadlines = r.deadlines(f.value) },
	schema{"anyOf": []schema{mappingSchema(deadlineKeys), listSchema(mappingSchema(deadlineKeys))}},
}

func (r *reader) pairs(n *node, what string) []rawPair {
	var out []rawPair
	for _, f := range r.members(n, what) {
		out = append(out, rawPair{word{place: f.place, text: f.key}, r.word(f.value)})
	}
	return out
}

// count reads a whole number; the least that is allowed where it is none, as if there were no defect.
func (r *reader) count(n *node, least, most int) int {
	i, err := strconv.Atoi(n.text)
	if n.sort != numeral || err != nil || strconv.Itoa(i) != n.text || i < least || i > most {
		r.out.addf(n.place, "a whole number from %d to %d is due here", least, most)
		return least
	}
	return i
}

// flag reads true or false; true where it is neither, as if there were no defect.
func (r *reader) flag(n *node) bool {
	if n.sort != boolean {
		r.out.add(n.place, "true or false is due here")
	}
	return n.sort != boolean || n.text == "true"
}
