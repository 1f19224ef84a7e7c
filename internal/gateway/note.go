package gateway

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/journal"
	"github.com/mockbank/mockbank/internal/mishap"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// close tells of the exchange, which is over but for the writing of its reply: the journal remembers it, and whoever
// counts or listens hears of it.
func (x *exchange) close(out outgoing) {
	if x.closed {
		return
	}
	x.closed = true
	took := x.gateway.Store.Wall().Sub(x.began)
	if x.gateway.Meter != nil {
		x.gateway.Meter.Answered(x.provider(), x.named(), out.status, took)
	}
	workspace := cmp.Or(x.request.Workspace, store.Default)
	heard := x.gateway.Events.Heard(workspace)
	if x.gateway.Journal == nil && !heard {
		return
	}
	e := x.entry(workspace, out, took)
	if x.gateway.Journal != nil {
		x.gateway.Journal.Add(workspace, e)
		x.number = e.ID
	}
	if heard {
		x.gateway.Events.Publish(workspace, told(e))
	}
}

// entry is what the journal remembers.
func (x *exchange) entry(workspace string, out outgoing, took time.Duration) *journal.Entry {
	if x.at.IsZero() {
		x.at = x.gateway.now(workspace)
	}
	e := &journal.Entry{
		At: x.at, Wall: x.began, Took: took,
		Provider: x.provider(), Face: x.request.Face, Operation: x.named(), Method: x.http.Method, Origin: x.request.Origin,
		Whole: x.http.URL.EscapedPath(), Path: x.request.Path, Query: x.http.URL.RawQuery,
		Client: x.request.Principal.Client, Scenario: x.about.scenario, Entity: x.about.entity, Repeated: x.repeated, Mishaps: x.mishaps(out),
		Status: out.status, Request: x.received(), Reply: answered(out),
	}
	if x.face == nil {
		e.Origin, e.Path = origin(x.http), e.Whole
	}
	if out.cause != nil {
		e.Verdict = journal.Judge(x.refusedBy(), problem.From(out.cause))
	}
	return e
}

// told is an entry as those who listen hear of it.
func told(e *journal.Entry) events.Event {
	kind, id, _ := strings.Cut(e.Entity, "/")
	return events.Event{Type: events.OfRequest, At: e.At, Request: &events.Request{
		Number: e.ID, Provider: e.Provider, Operation: e.Operation, Method: e.Method, Path: e.Path, Client: e.Client,
		Scenario: e.Scenario, Kind: kind, Entity: id, Status: e.Status, Took: float64(e.Took.Microseconds()) / 1000,
	}}
}

// place is what every line of the log about the request says: where it came, and by which numbers it is found again.
func (x *exchange) place() []any {
	place := []any{"request", x.number, "method", x.http.Method, "path", x.http.URL.Path, "workspace", x.request.Workspace}
	if x.number == 0 {
		place[1] = x.request.Serial
	}
	if x.request.ID != "" {
		place = append(place, "request_id", x.request.ID)
	}
	return place
}

// provider is the id of the one that the address names; empty: it names none.
func (x *exchange) provider() string {
	if x.face == nil {
		return ""
	}
	return x.face.runtime.ID
}

// named is the operation's or the page's name; empty where the path leads nowhere.
func (x *exchange) named() string {
	if x.request.Operation != nil {
		return x.request.Operation.Name
	}
	return x.request.Page
}

// received is the request. A body that nobody read has its length only.
func (x *exchange) received() journal.Message {
	m := journal.Message{Header: x.http.Header, Body: x.request.Payload.Raw, Length: x.http.ContentLength}
	if m.Body != nil {
		m.Length = int64(len(m.Body))
	}
	return m
}

// answered is the reply, as it was made.
func answered(out outgoing) journal.Message {
	m := journal.Message{Header: out.header, Media: out.media, Body: out.body, Length: int64(len(out.body))}
	if out.reply.Secret {
		m.Body, m.Withheld = nil, true
	}
	return m
}

// refusedBy is the step that refused the request.
func (x *exchange) refusedBy() string {
	if x.ordered {
		return "mishap"
	}
	return x.step
}

// mishaps names what misbehaved on purpose.
func (x *exchange) mishaps(out outgoing) []string {
	var names []string
	for _, m := range []struct {
		name string
		acts bool
	}{
		{"delay", x.delayed}, {"latency", slices.ContainsFunc(x.faults, func(m mishap.Mishap) bool { return m.Latency > 0 })},
		{"refuse", x.ordered}, {"lose", out.spoilt.Lose}, {"reset", out.spoilt.Reset}, {"cut", out.spoilt.Cut}, {"spoil", out.spoilt.Spoil}, {"drip", out.spoilt.Drip > 0},
	} {
		if m.acts {
			names = append(names, m.name)
		}
	}
	return names
}
