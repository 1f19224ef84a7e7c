package events

import "time"

// Type is a sort of event.
type Type string

// The sorts of events. Lost is told to one listener only.
const (
	OfEntity   Type = "entity"
	OfDelivery Type = "delivery"
	OfRequest  Type = "request"
	OfClock    Type = "clock"
	OfLost     Type = "lost"
)

// Event is one thing that happened in a workspace. Of its last five members the one is set that its type says.
type Event struct {
	ID   uint64    `json:"id"` // ascending in its workspace; Publish gives it
	Type Type      `json:"type"`
	At   time.Time `json:"at"` // workspace time

	Entity   *Entity   `json:"entity,omitzero"`
	Delivery *Delivery `json:"delivery,omitzero"`
	Request  *Request  `json:"request,omitzero"`
	Clock    *Clock    `json:"clock,omitzero"`
	Lost     *Lost     `json:"lost,omitzero"`
}

// Subject names an entity.
type Subject struct {
	Provider string `json:"provider"`
	Kind     string `json:"kind"`
	ID       string `json:"id"`
}

// Change is what happened to an entity.
type Change string

// What happens to entities.
const (
	Created Change = "created"
	Moved   Change = "moved"   // an event of its machine was applied
	Changed Change = "changed" // its data, and no event
	Retold  Change = "retold"  // it follows another scenario
	Deleted Change = "deleted"
)

// Entity tells of an entity. From, Event and Cause are those of its history.
type Entity struct {
	Subject
	Change   Change `json:"change"`
	State    string `json:"state"`
	From     string `json:"from,omitzero"`
	Event    string `json:"event,omitzero"`
	Cause    string `json:"cause"`
	Scenario string `json:"scenario,omitzero"`
}

// Progress is what happened to a delivery.
type Progress string

// What happens to deliveries.
const (
	Recorded  Progress = "recorded"
	Attempted Progress = "attempted"
	Replayed  Progress = "replayed"
	Ended     Progress = "ended"
)

// Delivery tells of a notification.
type Delivery struct {
	Number   uint64   `json:"number"`
	Progress Progress `json:"progress"`
	Provider string   `json:"provider"`
	Channel  string   `json:"channel"`
	Type     string   `json:"type"`
	Entity   *Subject `json:"entity,omitzero"`
	Target   string   `json:"target"`
	State    string   `json:"state"`
	Attempt  int      `json:"attempt,omitzero"` // its number; the rest is of it too
	Status   int      `json:"status,omitzero"`  // of the answer
	Failure  string   `json:"failure,omitzero"` // the class; empty: it succeeded
}

// Request tells of a request on a provider's paths that was answered.
type Request struct {
	Number    uint64  `json:"number,omitzero"` // in the journal; 0: it is not there
	Provider  string  `json:"provider,omitzero"`
	Operation string  `json:"operation,omitzero"` // or the page's name; empty: the path leads nowhere
	Method    string  `json:"method"`
	Path      string  `json:"path"` // below the face's mount
	Client    string  `json:"client,omitzero"`
	Scenario  string  `json:"scenario,omitzero"`
	Kind      string  `json:"kind,omitzero"` // with Entity: what the reply is about
	Entity    string  `json:"entity,omitzero"`
	Status    int     `json:"status"`
	Took      float64 `json:"took_ms"`
}

// Clock tells how a workspace's clock is set.
type Clock struct {
	Mode      string    `json:"mode"`
	Now       time.Time `json:"now"`
	Scale     float64   `json:"scale,omitzero"`
	Advancing bool      `json:"advancing"`
}

// Lost tells a listener that events were overwritten before it read them: those from From to To, as far as they were
// for it.
type Lost struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}
