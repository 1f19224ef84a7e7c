package machine

import "time"

// Kind is what one scenario file says: the law of a kind of entity and the stories told under it. A record has no
// machine, and its stories have no steps: they misbehave, and lend their names to its children.
type Kind struct {
	Provider, Name string
	Default        string      // the scenario of an entity for which nothing else was chosen
	Machine        *Machine    // nil for a record
	Inputs         []Input     // in the order in which they are tried
	Scenarios      []*Scenario // in the order of the file

	names    map[string]bool      // every scenario of the provider, whichever kind tells it
	patterns map[string][]pattern // by input, in the order in which they are tried
}

// Scenario finds this kind's part of a story; nil when the kind has none.
func (k *Kind) Scenario(name string) *Scenario {
	for _, s := range k.Scenarios {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// untold is the story of an entity whose scenario is in no file any more. Another story would move it where nobody
// expects it; with none it waits for API calls, clicks, deadlines, or another scenario.
var untold = &Scenario{}

// Story is the part that an entity follows: the kind's own of that name, else its default. A name that nobody in
// the provider tells any more is followed by nothing.
func (k *Kind) Story(name string) *Scenario {
	if s := k.Scenario(name); s != nil {
		return s
	}
	if name != "" && !k.names[name] {
		return untold
	}
	return k.Scenario(k.Default)
}

// Scenario is a story, flattened: what it inherits is already in it.
type Scenario struct {
	Name, Title string
	Extends     string            // the story that it was built on; empty for none
	Select      map[string]string // magic value by input name; not inherited
	Steps       map[string][]Step // by state; a state without steps is left by API calls, clicks and deadlines only
	Deliveries  []DeliveryMishap
	Mishaps     []Mishap
}

// Step is one thing that a story does at a state. At most one of After, Until and On is its trigger; with none
// it acts at once, when the state is entered. It does what it names in this order: Set, Do, Fire or Refuse.
// Once an event has led to another state, the remaining steps of the one before are void.
type Step struct {
	At     string
	After  *Delay // from entry of the state
	Until  *Expr  // absolute; the zero time means: never
	On     string // this event came from a call, a click or a deadline: do this instead; no step's own Fire counts
	When   *Expr  // nil means always; evaluated when the step is due
	Set    []Assignment
	Do     []string // effects, in order
	Fire   string
	Refuse string // the provider's code with which the event On, or the creation, is refused
	Index  int    // position in the flattened list of its state
}

// Immediate tells whether the step acts as soon as its state is entered.
func (s Step) Immediate() bool { return s.After == nil && s.Until == nil && s.On == "" }

// Timed tells whether the step waits for an instant.
func (s Step) Timed() bool { return s.After != nil || s.Until != nil }

// Due gives the instant of a timed step whose state was entered at env.Now; false for any other step, and
// where the expression gives no instant.
func (s Step) Due(env Env) (at time.Time, ok bool, err error) {
	return due(s.After, s.Until, env)
}

// When a mishap acts.
const (
	Before = "before" // the commit: refuse or delay, nothing is stored
	After  = "after"  // the commit: the reply is lost, cut, spoilt or dripped
)

// Mishap is deliberate misbehaviour of calls that belong to the story.
type Mishap struct {
	Index     int // position among the mishaps of its story
	Operation string
	When      string // Before or After
	If        *Expr  // nil means always; sees the entity as far as it is known when the mishap acts
	Times     int    // 0 means every time
	Per       *Expr  // nil means that Times is one count; else there is one for each text that it gives
	Delay     *Delay
	// Before:
	Status     int    // 0 means that the call is not refused
	Code       string // the provider's error code
	RetryAfter *Delay
	// After:
	Lose  bool   // no reply, the connection closes
	Cut   bool   // the reply ends in the middle
	Spoil bool   // the reply is not of its syntax
	Drip  *Delay // the pause between pieces of the reply
}

// DeliveryMishap is deliberate misbehaviour of the entity's next notifications. Of several that hold for one, the
// first is meant.
type DeliveryMishap struct {
	Channel      string // only what goes over it; empty: over any
	Type         string // only what is of it; empty: of any
	Next         int    // for how many of those it holds, from the first one on; 0 means for all
	Duplicate    int    // how often it is sent in all
	Delay        *Delay
	Reorder      bool // sent after the one that follows
	Drop         bool
	BadSignature bool
	UnknownKid   bool
}

// Means tells whether the mishap counts a notification among those that it may hold for.
func (m DeliveryMishap) Means(channel, kind string) bool {
	return (m.Channel == "" || m.Channel == channel) && (m.Type == "" || m.Type == kind)
}
