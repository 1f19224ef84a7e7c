package finqlink

import (
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// order is what a person decides about at a bank: a payment link, or a consent. Pages, redirects and the control API's
// acts take either the same way: open, confirm with a bank chosen, be sent to the bank, approve there or not.
type order interface {
	ID() string
	State() string
	Client() string
	Scenario() string

	// common is what links and consents both have. It is the stored data itself: after a change comes update.
	common() *flow
	words() words
	// cancel takes in that the person cancelled at the bank.
	cancel(c *provider.Call) error
	// settled tells whether nothing is to come that a caller of redirect waits for.
	settled() bool

	moving
	storied
	pictured
}

// moving is how an order gets on.
type moving interface {
	fire(c *provider.Call, event string) error
	hasten(c *provider.Call) error
	update(c *provider.Call)
	name(c *provider.Call) provider.Name
}

// storied is how a person chooses another story for an order.
type storied interface {
	retell(c *provider.Call, story string) error
	// stories are those that the bank's page offers.
	stories(c *provider.Call) []provider.Story
	// storyOf is the one that a PSU ID chooses; empty for none.
	storyOf(c *provider.Call, psuID string) string
}

// pictured is what pages show of an order, in the language of t, and ask for.
type pictured interface {
	summary(t *texts, base string) summary
	sayings(t *texts) sayings
	// ending tells what became of an order that no page waits for any more; waits: the bank still works.
	ending(t *texts, n *pages.Notice) (waits bool)
	// offers are the methods among which the person may choose.
	offers(f *finqlink, t *texts) []offer
	// draft is the order as the form of the WebUI fills it in.
	draft(f *finqlink) draft
	// psuID is the user name at the bank, where it is known already.
	psuID() string

	// due is what the bank's page says of the order, accounts are those to choose from there, and useAccount takes the
	// choice; false where there has to be one.
	due(t *texts) []pages.Line
	accounts(b *bank, t *texts) []pages.Account
	useAccount(b *bank, iban string) bool
}

// offer is a method as pages show it.
type offer struct {
	id    string
	bank  *bank
	about string
}

// draft takes the fields of a form in, one after the other, before any of it counts.
type draft interface {
	fields(t *texts) []pages.Field
	// take reads a field; it returns what is wrong with it.
	take(t *texts, name, value string) string
	// fits tells whether the method can carry out what was taken.
	fits(methodID string) bool
	// keep makes it the order's.
	keep()
}

// sayings are what pages say differently of links and consents.
type sayings struct {
	Confirm, NoBank string
	Asking, AtBank  told
}

// words are names in the law of a kind.
type words struct {
	thing    string // what it is called in messages
	person   string // who decides about it
	id       string // how the API calls its id
	confirm  string // the event by which the person goes on with the bank chosen
	accepted string // the state in which the bank's page is there, and nobody has opened it
}

const (
	linkID    = "link_id"
	consentID = "consent_id"
)

// entity is the part of an order that is the same for every kind.
type entity[T any] struct {
	*provider.Entity[T]
	kind provider.Kind[T]
}

func (e entity[T]) fire(c *provider.Call, event string) error { return e.kind.Fire(c, e.Entity, event) }
func (e entity[T]) hasten(c *provider.Call) error             { return e.kind.Hasten(c, e.Entity) }
func (e entity[T]) update(c *provider.Call)                   { e.kind.Update(c, e.Entity) }
func (e entity[T]) name(c *provider.Call) provider.Name       { return e.kind.NameOf(c, e.Entity) }
func (e entity[T]) stories(c *provider.Call) []provider.Story { return e.kind.Stories(c) }

func (e entity[T]) retell(c *provider.Call, story string) error {
	return e.kind.Retell(c, e.Entity, story)
}

func (e entity[T]) storyOf(c *provider.Call, psuID string) string {
	story, _ := e.kind.Match(c, "psu_id", psuID)
	return story
}

// findOrder finds a link or a consent by an index that both kinds have; nil where there is none.
func findOrder(c *provider.Call, index, key string) (order, error) {
	link, err := links.Find(c, index, provider.Key{}.Text(key))
	if err != nil {
		return nil, err
	}
	if link != nil {
		return orderLink(link), nil
	}
	consent, err := consents.Find(c, index, provider.Key{}.Text(key))
	if err != nil || consent == nil {
		return nil, err
	}
	return orderConsent(consent), nil
}

// unconfirmed tells whether the person has not confirmed yet: the states in which expiry counts.
func unconfirmed(state string) bool { return state == created || state == started }

// atBank tells whether the bank is where the person is to go.
func atBank(o order) bool { return o.State() == o.words().accepted || o.State() == awaitingAuthz }

// awaited tells whether the bank's page still waits for what the person does.
func awaited(o order) bool {
	page := o.common().SCA
	return atBank(o) && !page.Handled && page.Code == "" && !o.common().Cancelled
}

// seen is the status as pages watch it: what they show changes with it.
func seen(c *provider.Call, o order) string {
	switch {
	case unconfirmed(o.State()) && o.common().expired(c.Now()):
		return lapsed
	case o.State() == awaitingAuthz && o.common().Cancelled:
		return "cancelled"
	}
	return o.State()
}

// refuseExpired refuses one that nobody confirmed in time.
func refuseExpired(o order) *problem.Error {
	return problem.Newf(problem.Refused, "link_expired", "The %s has expired", o.words().thing)
}
