package machine

// key is one known key of a mapping of the file form. The tables below are the file form: what they do not
// name is a defect, and the schema that editors read is made of them.
type key[T any] struct {
	name  string
	must  bool
	form  form[T]
	about string // for whoever writes the file
}

// reader turns nodes into raw types and collects what does not fit.
type reader struct {
	out *defects
}

// What a key may be.
const (
	must = true
	may  = false
)

var fileKeys = []key[rawFile]{
	{"provider", must, aName(func(f *rawFile) *word { return &f.provider }), "The provider's id, which is the name of the folder."},
	{"kind", must, aName(func(f *rawFile) *word { return &f.kind }), "The kind of entity, which is the name of the file."},
	{"default", may, aText(func(f *rawFile) *word { return &f.fallback }), "The scenario of an entity for which nothing else was chosen. An overlay that does not say keeps the built-in one."},
	{"machine", may, theMachine, "The law: states, and which event leads where. An overlay without one keeps the built-in law and its scenarios; a record has none."},
	{"inputs", may, items("inputs", readInput, inputKeys, func(f *rawFile, list []rawInput) { f.inputs = list }), "Where magic values are looked for, in the order in which they are tried. An overlay that does not say keeps the built-in ones."},
	{"scenarios", must, theScenarios, "The stories, by name. One of the name of a built-in story takes its place."},
}

var machineKeys = []key[rawMachine]{
	{"initial", must, aText(func(m *rawMachine) *word { return &m.initial }), "The state in which an entity begins."},
	{"states", must, theStates, "The states, by name. One without events is final."},
	{"notify", may, items("notify", readNotify, notifyKeys, func(m *rawMachine, list []rawNotify) { m.notify = list }), "What is notified."},
}

var stateKeys = []key[rawState]{
	{"on", may, theTransitions, "The events that the state knows, and the state to which each leads."},
	{"deadline", may, theDeadlines, "What happens by law when time has passed: one deadline, or a list of them. They hold in every scenario."},
}

var transitionKeys = []key[rawTransition]{
	{"to", must, aText(func(t *rawTransition) *word { return &t.to }), "The state to which the event leads; it may be the present one."},
	{"do", may, texts(func(t *rawTransition, list []word) { t.do = list }), "Effects of the provider's code, in order."},
	{"set", may, pairs("set", func(t *rawTransition, list []rawPair) { t.set = list }), "Members of the entity and expressions that give their new values."},
}

var deadlineKeys = []key[rawDeadline]{
	{"after", may, aDelay(func(d *rawDeadline) *word { return &d.after }), "How long after the state was entered."},
	{"until", may, aText(func(d *rawDeadline) *word { return &d.until }), "An expression that gives the instant."},
	{"fire", must, aText(func(d *rawDeadline) *word { return &d.fire }), "The event that is fired."},
}

var notifyKeys = []key[rawNotify]{
	{"on", must, aText(func(n *rawNotify) *word { return &n.on }), "An event, created, or any_change."},
	{"channel", must, aText(func(n *rawNotify) *word { return &n.channel }), "The provider's channel."},
	{"type", must, aText(func(n *rawNotify) *word { return &n.webhook }), "The type of webhook, as the provider spells it."},
	{"when", may, aText(func(n *rawNotify) *word { return &n.when }), "An expression; what it does not hold for is not notified."},
}

var inputKeys = []key[rawInput]{
	{"name", must, aName(func(i *rawInput) *word { return &i.name }), "The name by which select speaks of it."},
	{"from", may, aText(func(i *rawInput) *word { return &i.from }), "The member of the entity in which the value is looked for, such as entity.amount. Without it only a hosted page gives the value."},
	{"form", must, aTextOf(forms, func(i *rawInput) *word { return &i.form }), "How the value is compared; id takes it for a scenario's name."},
	{"prefix", may, aText(func(i *rawInput) *word { return &i.prefix }), "With the form id: what stands before the scenario's name."},
}

var scenarioKeys = []key[rawScenario]{
	{"title", may, aText(func(s *rawScenario) *word { return &s.title }), "What happens, in one line."},
	{"extends", may, aText(func(s *rawScenario) *word { return &s.extends }), "The scenario on which this one is built. Its own steps for a state, its deliveries and its mishaps take the place of the inherited ones."},
	{"select", may, pairs("select", func(s *rawScenario, list []rawPair) { s.choose = list }), "The magic values that choose it, by input. {code} stands for digits, and {code:2} for two of them."},
	{"steps", may, items("steps", readStep, stepKeys, func(s *rawScenario, list []rawStep) { s.steps = list }), "What the user and the bank do, and when."},
	{"deliveries", may, items("deliveries", readDelivery, deliveryKeys, func(s *rawScenario, list []rawDelivery) { s.deliveries = &list }), "What goes wrong with notifications."},
	{"mishaps", may, items("mishaps", readMishap, mishapKeys, func(s *rawScenario, list []rawMishap) { s.mishaps = &list }), "What goes wrong with calls."},
}

var stepKeys = []key[rawStep]{
	{"at", must, aText(func(s *rawStep) *word { return &s.at }), "The state at which the step stands. A step that says nothing else stays there: it does away with the inherited steps."},
	{"after", may, aDelay(func(s *rawStep) *word { return &s.after }), "The trigger: so long after the state was entered."},
	{"until", may, aText(func(s *rawStep) *word { return &s.until }), "The trigger: at the instant that this expression gives."},
	{"on", may, aText(func(s *rawStep) *word { return &s.on }), "The trigger: this event came from a call, a click or a deadline; the step takes its place."},
	{"when", may, aText(func(s *rawStep) *word { return &s.when }), "An expression; the step acts only where it holds when its time has come."},
	{"set", may, pairs("set", func(s *rawStep, list []rawPair) { s.set = list }), "Members of the entity and expressions that give their new values."},
	{"do", may, texts(func(s *rawStep, list []word) { s.do = list }), "Effects of the provider's code, in order."},
	{"fire", may, aText(func(s *rawStep) *word { return &s.fire }), "The event that is fired."},
	{"refuse", may, aText(func(s *rawStep) *word { return &s.refuse }), "The provider's error code with which the event, or the creation, is refused."},
}

var mishapKeys = []key[rawMishap]{
	{"operation", must, aText(func(m *rawMishap) *word { return &m.operation }), "The operation of the provider's spec that it befalls, or the page."},
	{"when", must, aChoice([]string{Before, After}, func(m *rawMishap) *word { return &m.when }), "before: nothing is stored yet, the call is refused or delayed. after: all is stored, and the reply is spoilt."},
	{"if", may, aText(func(m *rawMishap) *word { return &m.guard }), "An expression; it happens only where it holds."},
	{"times", may, aCount(1, maxCount, func(m *rawMishap) *int { return &m.times }), "How often it happens; without it, always."},
	{"per", may, aText(func(m *rawMishap) *word { return &m.per }), "An expression that gives a text: times is counted for each text apart."},
	{"delay", may, aDelay(func(m *rawMishap) *word { return &m.delay }), "Before: how long the call waits."},
	{"status", may, aCount(200, 599, func(m *rawMishap) *int { return &m.status }), "Before: the HTTP status with which the call is refused; below 400 where the provider refuses within an answer."},
	{"code", may, aText(func(m *rawMishap) *word { return &m.code }), "Before: the provider's error code."},
	{"retry_after", may, aDelay(func(m *rawMishap) *word { return &m.retryAfter }), "Before: what the header Retry-After says."},
	{"lose", may, aFlag(func(m *rawMishap) *bool { return &m.lose }), "After: the connection is closed without a reply."},
	{"cut", may, aFlag(func(m *rawMishap) *bool { return &m.cut }), "After: the reply ends in its middle."},
	{"spoil", may, aFlag(func(m *rawMishap) *bool { return &m.spoil }), "After: the reply is not of its syntax."},
	{"drip", may, aDelay(func(m *rawMishap) *word { return &m.drip }), "After: the pause between the pieces in which the reply is sent."},
}

var deliveryKeys = []key[rawDelivery]{
	{"channel", may, aText(func(d *rawDelivery) *word { return &d.channel }), "Only notifications over this channel; without it, over any."},
	{"type", may, aText(func(d *rawDelivery) *word { return &d.webhook }), "Only notifications of this type; without it, of any."},
	{"next", may, aCount(1, maxCount, func(d *rawDelivery) *int { return &d.next }), "For how many of them it holds; without it, for all."},
	{"duplicate", may, aCount(1, maxDuplicates, func(d *rawDelivery) *int { return &d.duplicate }), "How often each is sent in all."},
	{"delay", may, aDelay(func(d *rawDelivery) *word { return &d.delay }), "How much later it is sent."},
	{"reorder", may, aFlag(func(d *rawDelivery) *bool { return &d.reorder }), "It is sent after the one that follows."},
	{"drop", may, aFlag(func(d *rawDelivery) *bool { return &d.drop }), "It is not sent."},
	{"bad_signature", may, aFlag(func(d *rawDelivery) *bool { return &d.badSignature }), "Its signature does not verify."},
	{"unknown_kid", may, aFlag(func(d *rawDelivery) *bool { return &d.unknownKid }), "Its signature names a key that nobody publishes."},
}

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
