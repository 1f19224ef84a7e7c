package machine

// The raw types are a file as it is written: every value is text with its place, nothing is looked up yet. What
// is absent, or was not of the right sort and has its defect already, is a word without a place; later checks
// pass over it in silence, so that one mistake makes one defect.

// word is a text and its place.
type word struct {
	place
	text   string
	quotes int // as in node
}

// inside is the place of a character of the word.
func (w word) inside(at int) place {
	p := w.place
	if w.quotes >= 0 {
		p.column += w.quotes + at
	}
	return p
}

type rawFile struct {
	place
	provider, kind, fallback word
	machine                  *rawMachine
	record                   bool // the file has no machine, and machine is an empty one
	base                     bool // the file is part of the program
	inputs                   []rawInput
	scenarios                []rawScenario
}

type rawMachine struct {
	place
	initial word
	states  []rawState
	notify  []rawNotify
}

type rawState struct {
	name      word
	on        []rawTransition
	deadlines []rawDeadline
}

type rawTransition struct {
	event, to word
	rawDoing
}

type rawDoing struct {
	do  []word
	set []rawPair
}

// rawPair is a key and its value: a member and an expression, or an input and a selecting value.
type rawPair struct{ name, value word }

type rawDeadline struct {
	place
	after, until, fire word
}

type rawNotify struct {
	place
	on, channel, webhook, when word
}

type rawInput struct {
	place
	name, from, form, prefix word
}

type rawScenario struct {
	name, title, extends word
	choose               []rawPair
	steps                []rawStep
	deliveries           *[]rawDelivery // nil where the file says nothing
	mishaps              *[]rawMishap
}

type rawStep struct {
	place
	at, after, until, on, when, fire, refuse word
	rawDoing
}

type rawMishap struct {
	place
	operation, when, guard, per, delay, code, retryAfter, drip word
	times, status                                              int
	lose, cut, spoil                                           bool
}

type rawDelivery struct {
	place
	channel, webhook, delay                 word
	next, duplicate                         int
	reorder, drop, badSignature, unknownKid bool
}
