// Package webhook brings notifications to their receivers.
//
// Record keeps a delivery in the transaction of the change that it tells of, and makes its first send job when
// it is its turn. Package schedule hands each job that is due to Sender.Send, which marks the attempt in a
// transaction, sends outside of any, and records the outcome in a second one: the end, or the next job. The
// inbox is a receiver of our own, for those who have none. Where the target is mailto: and an address, the same road
// ends at a mail server, or at none: a letter that is recorded can be read without one.
//
// Invariants: what was recorded is sent at least once, with the same id and the same body bytes on every
// attempt, and signed afresh for each. An entity's next delivery to a target starts after the first attempt of
// the one before, and retries hold nothing back. A delivery's Turn is raised whenever its next job changes, so a
// job with another Turn is stale. An outcome that comes after a reset of the workspace is dropped.
package webhook

import (
	"net/http"
	"time"

	"github.com/mockbank/mockbank/internal/store"
)

// Channel is how a provider sends: data and functions, made by package provider.
type Channel struct {
	Provider string
	Name     string

	// Schedule holds the waits before the second, third, ... attempt, in workspace time, and is kept exactly.
	// nil: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, each longer or shorter by chance by up to a tenth.
	Schedule []time.Duration
	// Timeout is how long one attempt may take from dial to the end of the answer, in wall time; 0: 15 s.
	Timeout time.Duration
	// Accepted tells success from failure; body is the answer's first 64 kB. nil: every 2xx is a success. A
	// redirect never is.
	Accepted func(status int, body []byte) bool
	Receipt  string // what a receiver says that took a message, and so our inbox; empty: anything
	// Gone says what a 410 ends; the zero value: the endpoint.
	Gone GonePolicy
	// Secret names the request headers whose values no view shows.
	Secret []string

	// Prepare is called in the transaction that marks the attempt, and reads what the headers need; the function
	// that it returns makes them, and signs, outside of the transaction. nil: no headers but our own.
	Prepare func(tx *store.Tx, d *Delivery, spoil Spoil) (func() (http.Header, error), error)
	// Verify is what a receiver would do; the inbox calls it. recognised is false for a message that is not of
	// this channel; err says what is wrong with one that is. nil: nothing is recognised.
	Verify func(tx *store.Tx, header http.Header, body []byte) (recognised bool, err error)
}

// GonePolicy says what a receiver's 410 ends.
type GonePolicy int

const (
	GoneEndsEndpoint GonePolicy = iota // every delivery to it: see Revive
	GoneEndsDelivery                   // the one delivery
	GoneIsFailure                      // nothing: it is tried again like after any other failure
)

// Channels are all channels of all providers, in the order in which the inbox asks them.
type Channels []*Channel

// Find gives a channel; nil: there is none with this name.
func (cs Channels) Find(provider, name string) *Channel {
	for _, c := range cs {
		if c.Provider == provider && c.Name == name {
			return c
		}
	}
	return nil
}

// Spoil says what Prepare is to do wrong.
type Spoil struct {
	BadSignature bool
	UnknownKid   bool
}

// Mishap is deliberate misbehaviour of one delivery. A replay is without it.
type Mishap struct {
	Delay        Span `json:"delay,omitzero"`     // workspace time before the first attempt
	Duplicate    int  `json:"duplicate,omitzero"` // how often it is sent until it may be delivered; 0 and 1: once
	Reorder      bool `json:"reorder,omitzero"`   // it lets the next one of its channel about the entity pass, or goes after a minute alone
	Drop         bool `json:"drop,omitzero"`      // it is never sent
	BadSignature bool `json:"bad_signature,omitzero"`
	UnknownKid   bool `json:"unknown_kid,omitzero"`
}

// State is where a delivery stands.
type State string

const (
	Waiting   State = "waiting"   // for its entity's delivery before it
	Pending   State = "pending"   // an attempt is due, under way, or will be due
	Delivered State = "delivered" // a receiver took it
	Exhausted State = "exhausted" // every attempt of the schedule failed
	Gone      State = "gone"      // the receiver answered 410, to it or to an earlier one, and the channel heeds that
	Cancelled State = "cancelled" // its endpoint was deleted
	Dropped   State = "dropped"   // a mishap: it was never sent
)

func (s State) open() bool { return s == Waiting || s == Pending }

// Delivery is one notification on its way to one target.
type Delivery struct {
	Sequence uint64 `json:"-"` // set by Record; 1 for the first of its workspace

	ID          string    `json:"id,omitzero"` // the provider's own, where its scheme has one
	Provider    string    `json:"provider"`
	Channel     string    `json:"channel"`
	Type        string    `json:"type"`
	Entity      store.Ref `json:"entity,omitzero"`  // zero: of no entity, and kept in no order
	Version     uint64    `json:"version,omitzero"` // of the entity, when it was recorded
	Client      string    `json:"client,omitzero"`
	Target      string    `json:"target"`
	ContentType string    `json:"content_type"`
	Body        []byte    `json:"body"`
	InsecureTLS bool      `json:"insecure_tls,omitzero"` // also a receiver whose certificate does not verify
	Mishap      Mishap    `json:"mishap,omitzero"`

	// The rest is set by this package.
	Created  time.Time `json:"created"`
	State    State     `json:"state"`
	Next     time.Time `json:"next,omitzero"`     // when an attempt is or was due; zero: none is
	Attempts int       `json:"attempts,omitzero"` // how many were begun
	Failures int       `json:"failures,omitzero"` // of those, since it was recorded or replayed
	Arrived  int       `json:"arrived,omitzero"`  // how many succeeded, since then
	Replays  int       `json:"replays,omitzero"`

	Turn    uint64 `json:"turn,omitzero"`    // of the job that is not stale
	Begun   bool   `json:"begun,omitzero"`   // its first attempt has ended: it holds nothing back any more
	Swapped bool   `json:"swapped,omitzero"` // its reordering has been done
}

// Attempt is one try of a delivery.
type Attempt struct {
	Number   int         `json:"number"`
	At       time.Time   `json:"at"`               // workspace time
	Ended    time.Time   `json:"ended,omitzero"`   // workspace time; zero: not yet, or the process died
	Took     Span        `json:"took,omitzero"`    // wall time
	Status   int         `json:"status,omitzero"`  // of the answer; 0: there was none
	Failure  *Failure    `json:"failure,omitzero"` // nil: it succeeded, or has not ended
	Request  http.Header `json:"request,omitzero"` // as sent, secrets masked
	Response http.Header `json:"response,omitzero"`
	Excerpt  string      `json:"excerpt,omitzero"`  // the answer's first 1 kB
	RetryAt  time.Time   `json:"retry_at,omitzero"` // zero: it is not tried again
}

// Span is a time.Duration that is kept and shown as a text such as "1m30s".
type Span time.Duration

// MarshalText writes it as time.Duration does.
func (s Span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// UnmarshalText reads what time.ParseDuration does.
func (s *Span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = Span(d)
	return err
}

// Failure says why an attempt failed.
type Failure struct {
	Class   Class  `json:"class"`
	Message string `json:"message"` // a sentence for people
}

// Class is a sort of failure.
type Class string

const (
	ClassStatus      Class = "status"      // answered, and not with success
	ClassRedirect    Class = "redirect"    // answered with a redirect, which is never followed
	ClassTimeout     Class = "timeout"     // not answered in time
	ClassRefused     Class = "refused"     // nobody listens there
	ClassUnreachable Class = "unreachable" // there is no way to the address
	ClassReset       Class = "reset"       // the connection was cut before the answer was whole
	ClassTLS         Class = "tls"         // no TLS session, or a certificate that does not verify
	ClassDNS         Class = "dns"         // the name has no address
	ClassBlocked     Class = "blocked"     // an address to which mockbank never sends
	ClassNotHTTP     Class = "not_http"    // the answer is no HTTP
	ClassNotSMTP     Class = "not_smtp"    // the answer is no SMTP
	ClassTooLarge    Class = "too_large"   // the answer's headers are longer than 64 kB
	ClassURL         Class = "url"         // the target is no address to send to
	ClassInterrupted Class = "interrupted" // mockbank ended during the attempt
	ClassInternal    Class = "internal"    // our own fault: the log tells more
)
