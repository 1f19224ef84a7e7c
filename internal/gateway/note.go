package gateway

import (
	"cmp"
	"slices"

	"github.com/mockbank/mockbank/internal/journal"
	"github.com/mockbank/mockbank/internal/mishap"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// note has the journal remember the exchange, which is over but for the writing of its reply.
func (x *exchange) note(out outgoing) {
	if x.gateway.Journal == nil || x.noted {
		return
	}
	x.noted = true
	workspace := cmp.Or(x.request.Workspace, store.Default)
	if x.at.IsZero() {
		x.at = x.gateway.now(workspace)
	}
	e := &journal.Entry{
		At: x.at, Wall: x.began, Took: x.gateway.Store.Wall().Sub(x.began),
		Face: x.request.Face, Operation: x.named(), Method: x.http.Method, Origin: x.request.Origin,
		Whole: x.http.URL.EscapedPath(), Path: x.request.Path, Query: x.http.URL.RawQuery,
		Client: x.request.Principal.Client, Scenario: x.about.scenario, Entity: x.about.entity, Repeated: x.repeated, Mishaps: x.mishaps(out),
		Status: out.status, Request: x.received(), Reply: answered(out),
	}
	if x.face != nil {
		e.Provider = x.face.runtime.ID
	} else {
		e.Origin, e.Path = origin(x.http), e.Whole
	}
	if out.cause != nil {
		e.Verdict = journal.Judge(x.refusedBy(), problem.From(out.cause))
	}
	x.gateway.Journal.Add(workspace, e)
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
