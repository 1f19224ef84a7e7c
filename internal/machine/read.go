package machine

import (
	"strconv"
)

// key is one known key of a mapping of the file form. The tables below are the file form: what they do not
// name is a defect.
type key[T any] struct {
	name string
	must bool
	read func(r *reader, f field, into *T)
}

// reader turns nodes into raw types and collects what does not fit.
type reader struct {
	out *defects
}

var fileKeys = []key[rawFile]{
	{"provider", true, func(r *reader, f field, to *rawFile) { to.provider = r.name(f.value, snake) }},
	{"kind", true, func(r *reader, f field, to *rawFile) { to.kind = r.name(f.value, snake) }},
	{"default", false, func(r *reader, f field, to *rawFile) { to.fallback = r.word(f.value) }},
	{"machine", false, func(r *reader, f field, to *rawFile) {
		to.machine = &rawMachine{place: f.place}
		readMapping(r, f.value, "machine", machineKeys, to.machine)
	}},
	{"inputs", false, func(r *reader, f field, to *rawFile) { to.inputs = readList(r, f.value, "inputs", readInput) }},
	{"scenarios", true, func(r *reader, f field, to *rawFile) { to.scenarios = r.scenarios(f.value) }},
}

var machineKeys = []key[rawMachine]{
	{"initial", true, func(r *reader, f field, to *rawMachine) { to.initial = r.word(f.value) }},
	{"states", true, func(r *reader, f field, to *rawMachine) { to.states = r.states(f.value) }},
	{"notify", false, func(r *reader, f field, to *rawMachine) { to.notify = readList(r, f.value, "notify", readNotify) }},
}

var stateKeys = []key[rawState]{
	{"on", false, func(r *reader, f field, to *rawState) { to.on = r.transitions(f.value) }},
	{"deadline", false, func(r *reader, f field, to *rawState) { to.deadlines = r.deadlines(f.value) }},
}

var transitionKeys = []key[rawTransition]{
	{"to", true, func(r *reader, f field, to *rawTransition) { to.to = r.word(f.value) }},
	{"do", false, func(r *reader, f field, to *rawTransition) { to.do = r.words(f.value) }},
	{"set", false, func(r *reader, f field, to *rawTransition) { to.set = r.pairs(f.value, "set") }},
}

var deadlineKeys = []key[rawDeadline]{
	{"after", false, func(r *reader, f field, to *rawDeadline) { to.after = r.delay(f.value) }},
	{"until", false, func(r *reader, f field, to *rawDeadline) { to.until = r.word(f.value) }},
	{"fire", true, func(r *reader, f field, to *rawDeadline) { to.fire = r.word(f.value) }},
}

var notifyKeys = []key[rawNotify]{
	{"on", true, func(r *reader, f field, to *rawNotify) { to.on = r.word(f.value) }},
	{"channel", true, func(r *reader, f field, to *rawNotify) { to.channel = r.word(f.value) }},
	{"type", true, func(r *reader, f field, to *rawNotify) { to.webhook = r.word(f.value) }},
	{"when", false, func(r *reader, f field, to *rawNotify) { to.when = r.word(f.value) }},
}

var inputKeys = []key[rawInput]{
	{"name", true, func(r *reader, f field, to *rawInput) { to.name = r.name(f.value, snake) }},
	{"from", false, func(r *reader, f field, to *rawInput) { to.from = r.word(f.value) }},
	{"form", true, func(r *reader, f field, to *rawInput) { to.form = r.word(f.value) }},
	{"prefix", false, func(r *reader, f field, to *rawInput) { to.prefix = r.word(f.value) }},
}

var scenarioKeys = []key[rawScenario]{
	{"title", false, func(r *reader, f field, to *rawScenario) { to.title = r.word(f.value) }},
	{"extends", false, func(r *reader, f field, to *rawScenario) { to.extends = r.word(f.value) }},
	{"select", false, func(r *reader, f field, to *rawScenario) { to.choose = r.pairs(f.value, "select") }},
	{"steps", false, func(r *reader, f field, to *rawScenario) { to.steps = readList(r, f.value, "steps", readStep) }},
	{"deliveries", false, func(r *reader, f field, to *rawScenario) {
		list := readList(r, f.value, "deliveries", readDelivery)
		to.deliveries = &list
	}},
	{"mishaps", false, func(r *reader, f field, to *rawScenario) {
		list := readList(r, f.value, "mishaps", readMishap)
		to.mishaps = &list
	}},
}

var stepKeys = []key[rawStep]{
	{"at", true, func(r *reader, f field, to *rawStep) { to.at = r.word(f.value) }},
	{"after", false, func(r *reader, f field, to *rawStep) { to.after = r.delay(f.value) }},
	{"until", false, func(r *reader, f field, to *rawStep) { to.until = r.word(f.value) }},
	{"on", false, func(r *reader, f field, to *rawStep) { to.on = r.word(f.value) }},
	{"when", false, func(r *reader, f field, to *rawStep) { to.when = r.word(f.value) }},
	{"set", false, func(r *reader, f field, to *rawStep) { to.set = r.pairs(f.value, "set") }},
	{"do", false, func(r *reader, f field, to *rawStep) { to.do = r.words(f.value) }},
	{"fire", false, func(r *reader, f field, to *rawStep) { to.fire = r.word(f.value) }},
	{"refuse", false, func(r *reader, f field, to *rawStep) { to.refuse = r.word(f.value) }},
}

var mishapKeys = []key[rawMishap]{
	{"operation", true, func(r *reader, f field, to *rawMishap) { to.operation = r.word(f.value) }},
	{"when", true, func(r *reader, f field, to *rawMishap) { to.when = r.oneOf(f.value, Before, After) }},
	{"if", false, func(r *reader, f field, to *rawMishap) { to.guard = r.word(f.value) }},
	{"times", false, func(r *reader, f field, to *rawMishap) { to.times = r.count(f.value, 1, maxCount) }},
	{"per", false, func(r *reader, f field, to *rawMishap) { to.per = r.word(f.value) }},
	{"delay", false, func(r *reader, f field, to *rawMishap) { to.delay = r.delay(f.value) }},
	{"status", false, func(r *reader, f field, to *rawMishap) { to.status = r.count(f.value, 400, 599) }},
	{"code", false, func(r *reader, f field, to *rawMishap) { to.code = r.word(f.value) }},
	{"retry_after", false, func(r *reader, f field, to *rawMishap) { to.retryAfter = r.delay(f.value) }},
	{"lose", false, func(r *reader, f field, to *rawMishap) { to.lose = r.flag(f.value) }},
	{"cut", false, func(r *reader, f field, to *rawMishap) { to.cut = r.flag(f.value) }},
	{"spoil", false, func(r *reader, f field, to *rawMishap) { to.spoil = r.flag(f.value) }},
	{"drip", false, func(r *reader, f field, to *rawMishap) { to.drip = r.delay(f.value) }},
}

var deliveryKeys = []key[rawDelivery]{
	{"channel", false, func(r *reader, f field, to *rawDelivery) { to.channel = r.word(f.value) }},
	{"type", false, func(r *reader, f field, to *rawDelivery) { to.webhook = r.word(f.value) }},
	{"next", false, func(r *reader, f field, to *rawDelivery) { to.next = r.count(f.value, 1, maxCount) }},
	{"duplicate", false, func(r *reader, f field, to *rawDelivery) { to.duplicate = r.count(f.value, 1, maxDuplicates) }},
	{"delay", false, func(r *reader, f field, to *rawDelivery) { to.delay = r.delay(f.value) }},
	{"reorder", false, func(r *reader, f field, to *rawDelivery) { to.reorder = r.flag(f.value) }},
	{"drop", false, func(r *reader, f field, to *rawDelivery) { to.drop = r.flag(f.value) }},
	{"bad_signature", false, func(r *reader, f field, to *rawDelivery) { to.badSignature = r.flag(f.value) }},
	{"unknown_kid", false, func(r *reader, f field, to *rawDelivery) { to.unknownKid = r.flag(f.value) }},
}

const (
	maxCount      = 1_000_000
	maxDuplicates = 100
)

// readFile reads the root of a file.
func readFile(n *node, out *defects) *rawFile {
	r, f := &reader{out}, &rawFile{place: n.place}
	readMapping(r, n, "the file", fileKeys, f)
	return f
}

func readInput(r *reader, n *node) rawInput {
	var in rawInput
	in.place = readMapping(r, n, "an input", inputKeys, &in)
	return in
}

func readNotify(r *reader, n *node) rawNotify {
	var out rawNotify
	out.place = readMapping(r, n, "a notification", notifyKeys, &out)
	return out
}

func readStep(r *reader, n *node) rawStep {
	var out rawStep
	out.place = readMapping(r, n, "a step", stepKeys, &out)
	return out
}

func readMishap(r *reader, n *node) rawMishap {
	var out rawMishap
	out.place = readMapping(r, n, "a mishap", mishapKeys, &out)
	return out
}

func readDelivery(r *reader, n *node) rawDelivery {
	var out rawDelivery
	out.place = readMapping(r, n, "a delivery", deliveryKeys, &out)
	return out
}

func (r *reader) scenarios(n *node) []rawScenario {
	var out []rawScenario
	for _, f := range r.members(n, "scenarios") {
		s := rawScenario{name: r.keyName(f, snake)}
		if f.value.sort != nothing {
			readMapping(r, f.value, "scenario "+f.key, scenarioKeys, &s)
		}
		out = append(out, s)
	}
	return out
}

func (r *reader) states(n *node) []rawState {
	var out []rawState
	for _, f := range r.members(n, "states") {
		s := rawState{name: r.keyName(f, spelling)}
		if f.value.sort != nothing {
			readMapping(r, f.value, "state "+f.key, stateKeys, &s)
		}
		out = append(out, s)
	}
	return out
}

// transitions reads where events lead: "pay: requested", or a mapping that says more.
func (r *reader) transitions(n *node) []rawTransition {
	var out []rawTransition
	for _, f := range r.members(n, "on") {
		t := rawTransition{event: r.keyName(f, snake)}
		if f.value.sort == mapping {
			readMapping(r, f.value, "event "+f.key, transitionKeys, &t)
		} else {
			t.to = r.word(f.value)
		}
		out = append(out, t)
	}
	return out
}

// deadlines reads one deadline, or a list of them.
func (r *reader) deadlines(n *node) []rawDeadline {
	if n.sort == sequence {
		return readList(r, n, "deadline", readDeadline)
	}
	return []rawDeadline{readDeadline(r, n)}
}

func readDeadline(r *reader, n *node) rawDeadline {
	var out rawDeadline
	out.place = readMapping(r, n, "a deadline", deadlineKeys, &out)
	return out
}

func (r *reader) pairs(n *node, what string) []rawPair {
	var out []rawPair
	for _, f := range r.members(n, what) {
		out = append(out, rawPair{word{place: f.place, text: f.key}, r.word(f.value)})
	}
	return out
}

func (r *reader) words(n *node) []word { return readList(r, n, "this", (*reader).word) }

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
