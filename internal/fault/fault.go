// Package fault keeps what a test ordered to go wrong in a workspace, and says when it does.
//
// A fault matches calls or notifications, each of which it counts; it then acts on every one of them, on every nth,
// on some by chance, and until it acted as often as it should. What acts on a call is given to the gateway as mishaps,
// the same type that a story's mishaps become; what acts on a notification is joined to the delivery.
//
// Invariants: a fault is asked and counted in one transaction, so one that is to act so often acts exactly so often,
// however many calls come at once. Its chance derives from the workspace's seed, its own number and the number of the
// call among those that it matched: the same calls meet the same faults, after a reset too. Faults are part
// of the world: a reset drops them.
package fault

import (
	"slices"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

// Fault is one thing that goes wrong.
type Fault struct {
	ID    uint64 `json:"id"` // set by Add; 1 for the first of its workspace since the last reset
	Title string `json:"title,omitzero"`
	Match Match  `json:"match"`
	Harm  Harm   `json:"fault"`

	Matched uint64 `json:"matched"` // how many calls or notifications were meant
	Acted   uint64 `json:"acted"`   // on how many of those it acted
}

// Match says which calls or notifications a fault is for. What is empty means any.
type Match struct {
	Provider  string `json:"provider,omitzero"`
	Operation string `json:"operation,omitzero"` // or a page; empty or * is every operation and no page
	Client    string `json:"client,omitzero"`    // whose call, or whose entity is told of
	Channel   string `json:"channel,omitzero"`   // of notifications
	Type      string `json:"type,omitzero"`      // of notifications

	Every       uint64   `json:"every,omitzero"`       // only every nth of them; 0 and 1: each
	Probability *float64 `json:"probability,omitzero"` // nil: always
	Times       uint64   `json:"times,omitzero"`       // 0: without limit
}

// Harm is what a fault does: to calls, or to notifications, but not to both.
type Harm struct {
	// When says on which side of the commit latency, status and reset act; empty: latency and status before, reset
	// after it. The others are done to the reply, whatever it is.
	When       When     `json:"when,omitzero"`
	Latency    *Latency `json:"latency,omitzero"` // wall time
	Status     int      `json:"status,omitzero"`
	Code       string   `json:"code,omitzero"` // the provider's error code
	RetryAfter Span     `json:"retry_after,omitzero"`
	Reset      bool     `json:"reset,omitzero"`     // the connection is reset, without a reply
	Truncate   bool     `json:"truncate,omitzero"`  // half of the body, then the connection closes
	Malformed  bool     `json:"malformed,omitzero"` // the body is not of its syntax
	Drip       Span     `json:"drip,omitzero"`      // wall time between two pieces of the body

	Delay        Span `json:"delay,omitzero"`     // workspace time before the first attempt
	Duplicate    int  `json:"duplicate,omitzero"` // how often it is sent in all
	Reorder      bool `json:"reorder,omitzero"`   // it lets the next one about its entity pass
	Drop         bool `json:"drop,omitzero"`      // it is never sent
	BadSignature bool `json:"bad_signature,omitzero"`
	UnknownKid   bool `json:"unknown_kid,omitzero"`
}

// When is a side of the commit.
type When string

const (
	Before When = "before" // nothing is stored
	After  When = "after"  // what the call does is done
)

// onCalls tells whether the harm is one to calls.
func (h *Harm) onCalls() bool {
	calls := *h
	calls.Delay, calls.Duplicate, calls.Reorder, calls.Drop, calls.BadSignature, calls.UnknownKid = 0, 0, false, false, false, false
	return calls != Harm{}
}

// delivery is the harm to a notification; its zero value does none.
func (h *Harm) delivery() webhook.Mishap {
	return webhook.Mishap{
		Delay: webhook.Span(h.Delay), Duplicate: h.Duplicate, Reorder: h.Reorder, Drop: h.Drop,
		BadSignature: h.BadSignature, UnknownKid: h.UnknownKid,
	}
}

// MaxFaults bounds the faults of a workspace: every call is held against each of them.
const MaxFaults = 100

// row holds all faults of a workspace, in the order in which they were added, which is the order in which they are
// asked. It is one, so that the many calls of workspaces without faults pay for a single look.
var (
	row    = store.Bucket{Name: "fault"}
	rowKey = store.Key{}.Text("all")
)

// List gives the faults in the order in which they are asked.
func List(tx *store.Tx) (all []Fault, err error) {
	_, err = row.Get(tx, rowKey, &all)
	return all, err
}

func keep(tx *store.Tx, all []Fault) error { return row.Put(tx, rowKey, all) }

// Add has faults act from now on. It refuses what no fault can do, and what is too many.
func Add(tx *store.Tx, faults ...Fault) ([]Fault, error) {
	all, err := List(tx)
	if err != nil {
		return nil, err
	}
	if len(all)+len(faults) > MaxFaults {
		return nil, problem.Newf(problem.TooManyRequests, "too_many_faults",
			"A workspace has at most %d faults: remove some (DELETE), spent ones too", MaxFaults)
	}
	for i := range faults {
		if err := faults[i].Check(); err != nil {
			return nil, err
		}
		if faults[i].ID, err = tx.Next("fault"); err != nil {
			return nil, err
		}
	}
	return faults, keep(tx, append(all, faults...))
}

// Remove takes a fault away, and tells whether there was one.
func Remove(tx *store.Tx, id uint64) (bool, error) {
	all, err := List(tx)
	if err != nil {
		return false, err
	}
	left := slices.DeleteFunc(slices.Clone(all), func(f Fault) bool { return f.ID == id })
	if len(left) == len(all) {
		return false, nil
	}
	return true, keep(tx, left)
}

// Clear takes all faults away.
func Clear(tx *store.Tx) error {
	all, err := List(tx)
	if err == nil && len(all) > 0 {
		row.Delete(tx, rowKey)
	}
	return err
}
