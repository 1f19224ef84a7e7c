package mockbanktest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Entity is what a provider stored, such as a payment link.
type Entity struct {
	Provider    string
	Kind        string
	ID          string
	State       string // empty for a record without states
	Scenario    string
	LegalEvents []string `json:"legal_events"`
	Client      string   // the API client that made it
	Created     time.Time
	Updated     time.Time
	Data        json.RawMessage // as the provider stores it
	History     []Change        // oldest first; not in lists
}

// Change is one step of an entity's way.
type Change struct {
	At    time.Time
	Event string
	Cause string // who fired it, such as: api createLink, step pay_success, deadline, control
	From  string
	To    string
	Note  string
}

// Entity reads one entity with its history.
func (w *Workspace) Entity(provider, kind, id string) Entity {
	w.tb.Helper()
	return ask[Entity](w, http.MethodGet, entityPath(provider, kind, id), nil)
}

// Entities are those of a kind, newest first.
func (w *Workspace) Entities(provider, kind string) []Entity {
	w.tb.Helper()
	return list[Entity](w, []string{"entities"}, url.Values{"provider": {provider}, "kind": {kind}})
}

// Fire applies one of the entity's legal events.
func (w *Workspace) Fire(provider, kind, id, event string) Entity {
	w.tb.Helper()
	return w.move(provider, kind, id, map[string]string{"event": event})
}

// What a payer can do.
const (
	Approve = "approve"
	Cancel  = "cancel"
	Decline = "decline"
)

// Act does all that the payer has to do from where the entity stands, such as Approve: opening the page, choosing
// the bank, logging in, and pressing the button.
func (w *Workspace) Act(provider, kind, id, act string) Entity {
	w.tb.Helper()
	return w.move(provider, kind, id, map[string]string{"act": act})
}

func (w *Workspace) move(provider, kind, id string, body any) Entity {
	w.tb.Helper()
	return ask[Entity](w, http.MethodPost, append(entityPath(provider, kind, id), "events"), body)
}

// lookPause is how often Await looks.
const lookPause = 20 * time.Millisecond

// Await is for a world whose clock runs: it gives the entity once it is in a state, and fails the test where that takes
// longer than within, by the clock on the wall. Where the clock stands, Advance does what is due.
func (w *Workspace) Await(provider, kind, id, state string, within time.Duration) Entity {
	w.tb.Helper()
	late := time.NewTimer(within)
	defer late.Stop()
	again := time.NewTicker(lookPause)
	defer again.Stop()
	for {
		now := w.Entity(provider, kind, id)
		if now.State == state {
			return now
		}
		select {
		case <-again.C:
		case <-late.C:
			w.tb.Fatalf("mockbank: after %s the %s %s is %s and not %s", within, kind, id, now.State, state)
		}
	}
}

// Queue gives the next entities of a kind a scenario, behind those that wait already. It comes before magic inputs.
func (w *Workspace) Queue(provider, kind, scenario string, times int) {
	w.tb.Helper()
	w.do(http.MethodPost, []string{"scenarios", "queue"}, nil,
		map[string]any{"provider": provider, "kind": kind, "scenario": scenario, "times": times})
}

// Choose has all new entities of a kind follow a scenario; an empty name is the kind's own default.
func (w *Workspace) Choose(provider, kind, scenario string) {
	w.tb.Helper()
	w.do(http.MethodPut, []string{"scenarios", provider, kind}, nil, map[string]string{"scenario": scenario})
}

func entityPath(provider, kind, id string) []string { return []string{"entities", provider, kind, id} }
