// Package gateway is the one way that a request takes through the house, and the only writer of replies on
// provider paths.
//
// A request is (1) resolved to a workspace and a face, (2) routed to an operation or a page, (3) read, and where its
// body is an envelope opened, (4) admitted by the provider's guards, (5) normalised, (6) checked against the spec, (7)
// met by the faults that its workspace ordered, and (8) given to the story that it belongs to and answered by its handler, both in one
// transaction, unless it repeats one that was answered; after the commit the reply (9) waits if it asks to and is
// completed; it (10) goes into the journal, and is written. serve is that line up to there. A step passes on its
// value or ends the line with an error, which the provider's dialect turns into a reply; ServeHTTP alone writes.
//
// Invariant: nothing that was written by a handler is kept unless its reply was found true to the spec; a reply
// that is only completed after the commit, because it waits or signs, is checked then.
package gateway

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/journal"
	"github.com/mockbank/mockbank/internal/mishap"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// Config says what a gateway serves.
type Config struct {
	Store     *store.Store
	Providers []*provider.Runtime
	Log       *slog.Logger
	Journal   *journal.Journal // nil: nothing is remembered
	Events    *events.Hub      // nil: nobody listens
	Meter     Meter            // nil: nobody counts
	// PublicURL is the origin that links in replies carry instead of the one by which the request came.
	PublicURL string
}

// Meter counts what was answered. It is asked at the same time by many, before each reply is written.
type Meter interface {
	// Answered tells of one request. Provider and operation are those of the house, so there is a bounded number of
	// each; both are empty where an address leads nowhere.
	Answered(provider, operation string, status int, took time.Duration)
}

// Gateway serves the paths of all providers.
type Gateway struct {
	Config
	faces    []*face
	byHost   map[string]*face
	serials  serials
	underway underway
}

// New makes a gateway. It is an error if two faces claim one mount, name or host.
func New(cfg Config) (*Gateway, error) {
	g := &Gateway{Config: cfg, byHost: map[string]*face{}, serials: serials{store: cfg.Store}}
	for _, r := range cfg.Providers {
		for i := range r.Faces {
			if err := g.add(newFace(r, &r.Faces[i], i == 0)); err != nil {
				return nil, err
			}
		}
	}
	return g, nil
}

// Check makes all routes now, which the first request to each face does otherwise. It is an error if a provider does
// not handle its spec, or routes a path twice.
func (g *Gateway) Check() error {
	var defects []error
	for _, f := range g.faces {
		_, err := f.routes()
		defects = append(defects, err)
	}
	return errors.Join(defects...)
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{gateway: g, http: r, began: g.Store.Wall(), step: "resolve"}
	defer func() {
		caught := recover()
		if caught == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so too
			panic(caught) // A mishap hangs up.
		}
		if caught != nil {
			stack := string(debug.Stack())
			out := plain(problem.From(nil))
			x.close(out)
			g.Log.Error("gateway: a request made the house panic", append(x.place(), "panic", caught, "stack", stack)...)
			out.send(w, r)
		}
	}()
	out := x.serve()
	x.close(out)
	x.report(out)
	out.send(w, r)
}

// report logs our own faults, and of refusals the private cause where there is one: what the caller is not told and
// the caller's engineer needs to know. Rooms keep secrets out of causes. A fault that a story ordered is none of ours, and
// neither is a client that did not wait.
func (x *exchange) report(out outgoing) {
	if x.gateway.Log.Enabled(x.http.Context(), slog.LevelDebug) {
		x.gateway.Log.Debug("gateway: answered", append(x.place(), "operation", x.named(), "status", out.status)...)
	}
	var refusal *problem.Error
	if !errors.As(out.cause, &refusal) {
		return
	}
	switch {
	case x.http.Context().Err() != nil:
		x.gateway.Log.Info("gateway: the client went away", append(x.place(), "error", refusal)...)
	case out.status >= http.StatusInternalServerError && refusal.Status == 0:
		x.gateway.Log.Error("gateway: internal error", append(x.place(), "error", refusal)...)
	case refusal.Err != nil:
		x.gateway.Log.Info("gateway: refused", append(x.place(), "status", out.status, "refusal", refusal.Message, "cause", refusal.Err)...)
	}
}

// exchange is one request on its way.
type exchange struct {
	gateway *Gateway
	http    *http.Request
	face    *face
	address address
	route   *route
	request provider.Request

	began  time.Time // of wall time
	at     time.Time // the same instant in workspace time, once the workspace is known
	step   string    // that the line has come to, as the journal names it
	closed bool
	number uint64 // in the journal; 0: it is not there

	faulty   bool // the workspace's faults are to be asked
	faults   []mishap.Mishap
	repeated bool // the reply is that of an earlier request
	delayed  bool // a scripted delay has been waited for
	ordered  bool // the reply is a refusal that a story or a fault ordered
	after    mishap.Reply
	about    about
	key      *keyed             // nil: the request has no idempotency key
	envelope *provider.Envelope // nil: the call came by its own path
}

// about names what the reply is about, for its headers.
type about struct{ entity, scenario string }

// serve is the straight line, in the steps of the package comment.
func (x *exchange) serve() outgoing {
	if err := x.resolve(); err != nil { // 1
		return plain(problem.From(err))
	}
	if out, done := x.preflight(); done {
		return out
	}
	for _, step := range []struct {
		name string
		take func() error
	}{
		{"route", x.find},          // 2
		{"read", x.read},           // 3
		{"open", x.open},           // 3, where the body is an envelope
		{"admit", x.admit},         // 4
		{"normalise", x.normalise}, // 5
		{"validate", x.validate},   // 6
		{"fault", x.disturb},       // 7
	} {
		x.step = step.name
		if err := step.take(); err != nil {
			return x.aftermath(x.refuse(err))
		}
	}
	return x.aftermath(x.answer()) // 8 and 9
}

// refuse has the provider's dialect say an error.
func (x *exchange) refuse(err error) outgoing {
	var out outgoing
	failure := x.gateway.Store.View(x.http.Context(), x.request.Workspace, func(tx *store.Tx) error {
		out = x.dialect(tx, err)
		return nil
	})
	if failure != nil {
		return plain(problem.From(failure))
	}
	return out
}

// dialect makes the reply that an error becomes, in a transaction.
func (x *exchange) dialect(tx *store.Tx, err error) outgoing {
	c := x.face.runtime.Call(x.http.Context(), tx, &x.request)
	refusal := problem.From(err)
	x.ordered = refusal.Status != 0
	reply := x.face.runtime.Problem(c, refusal)
	if x.ordered {
		reply.Status = refusal.Status // also one for which the dialect has no words of its own
	}
	if reply.Header = reply.Header.Clone(); reply.Header == nil {
		reply.Header = http.Header{}
	}
	for name, values := range refusal.Header {
		if reply.Header.Get(name) == "" {
			reply.Header[name] = values
		}
	}
	out, fault := x.encode(reply)
	if fault != nil {
		x.gateway.Log.Error("gateway: a refusal is not true to the spec", append(x.place(), "operation", c.Name(), "fault", fault, "refusal", refusal)...)
		return plain(problem.From(fault))
	}
	out.cause = refusal
	return out
}

// add takes a face into the tables.
func (g *Gateway) add(f *face) error {
	for _, other := range g.faces {
		if other.Mount == f.Mount || other.Name == f.Name {
			return clash(f, other)
		}
	}
	for _, host := range f.Hosts {
		host = strings.ToLower(host)
		if other := g.byHost[host]; other != nil {
			return clash(f, other)
		}
		g.byHost[host] = f
	}
	g.faces = append(g.faces, f)
	return nil
}
