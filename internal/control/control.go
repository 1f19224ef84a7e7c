// Package control serves the control API: /_mockbank/v1 as specs/control.yaml describes it, and the inboxes at
// /w/{ws}/_inbox/{name}.
//
// A request goes one straight line: refuse what no page of another origin may ask, find the operation, ask for
// the token, read and validate, hand it to its handler, hold the reply against the spec, write. A step passes
// its value on or returns an error; ServeHTTP alone writes, and every refusal is a problem document (RFC 9457).
//
// Invariants: whatever changes a workspace does so in one transaction of the store, or not at all. No secret
// leaves by any operation but getPrivateKey.
package control

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/journal"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/schedule"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

// Loop moves time.
type Loop interface {
	// Advance moves a workspace's time to an instant and tells what fired, also when it fails on its way.
	// Its refusals are problems: Invalid for an instant that is not later or too late, Conflict for a second
	// jump at the same time.
	Advance(ctx context.Context, workspace string, to time.Time, wait schedule.Wait) (schedule.Report, error)
	// NextDue tells when the next timer or attempt after now is due; false: none is.
	NextDue(workspace string) (time.Time, bool)
}

// Serials count the requests of each workspace on provider paths. Ids that no row stands for derive from the count, so
// it belongs to the world: it begins anew with a reset, and a snapshot holds it.
type Serials interface {
	Serial(workspace string) uint64
	SetSerial(workspace string, n uint64)
}

// Config says what a control API works with.
type Config struct {
	Version   string
	Spec      *spec.Document // specs/control.yaml
	Store     *store.Store
	Loop      Loop
	Providers []*provider.Runtime
	Inbox     *webhook.Inbox
	Journal   *journal.Journal
	Serials   Serials
	Events    *events.Hub
	Metrics   Metrics
	Log       *slog.Logger

	Token string   // that callers show; empty: none would do
	Open  bool     // callers need no token
	Hosts []string // names under which it answers, besides localhost and addresses
	// Authority is the certificate of HTTPS' CA in PEM; nil where nothing is served over it.
	Authority []byte
	// PublicURL is the origin that addresses in replies carry instead of the one by which the request came.
	PublicURL string
	// MaxSnapshot is the length of the longest snapshot in bytes.
	MaxSnapshot int
}

// Control is the control API.
type Control struct {
	Config
	routes    func() ([]route, error) // made at the first request, since that takes the spec
	providers map[string]*provider.Runtime
	real      map[string]bool // host names of real providers
	count     atomic.Uint64   // of requests, by which lines of the log belong together
}

// New makes a control API.
func New(cfg Config) *Control {
	c := &Control{Config: cfg, providers: map[string]*provider.Runtime{}, real: map[string]bool{}}
	for _, r := range cfg.Providers {
		c.providers[r.ID] = r
		for _, face := range r.Faces {
			for _, host := range face.Hosts {
				c.real[strings.ToLower(host)] = true
			}
		}
	}
	c.routes = sync.OnceValues(func() ([]route, error) { return routes(cfg.Spec, c.handlers()) })
	return c
}

// handlers is the one list of what serves each operation.
func (c *Control) handlers() map[string]handler {
	return map[string]handler{
		"getHealth":         c.getHealth,
		"getSpec":           c.getSpec,
		"getAuthority":      c.getAuthority,
		"listProviders":     c.listProviders,
		"listWorkspaces":    c.listWorkspaces,
		"getWorkspace":      c.getWorkspace,
		"putWorkspace":      c.putWorkspace,
		"deleteWorkspace":   c.deleteWorkspace,
		"resetWorkspace":    c.resetWorkspace,
		"getSnapshot":       c.getSnapshot,
		"putSnapshot":       c.putSnapshot,
		"getSettings":       c.getSettings,
		"getClock":          c.getClock,
		"putClock":          c.putClock,
		"advanceClock":      c.advanceClock,
		"listEntities":      c.listEntities,
		"getEntity":         c.getEntity,
		"postEvent":         c.postEvent,
		"putEntityScenario": c.putEntityScenario,
		"listScenarios":     c.listScenarios,
		"putScenario":       c.putScenario,
		"listQueue":         c.listQueue,
		"queueScenario":     c.queueScenario,
		"emptyQueue":        c.emptyQueue,
		"listFaults":        c.listFaults,
		"addFault":          c.addFault,
		"clearFaults":       c.clearFaults,
		"removeFault":       c.removeFault,
		"getLaw":            c.getLaw,
		"getStory":          c.getStory,
		"listDeliveries":    c.listDeliveries,
		"getDelivery":       c.getDelivery,
		"replayDelivery":    c.replayDelivery,
		"listMail":          c.listMail,
		"replayDeliveries":  c.replayDeliveries,
		"listRequests":      c.listRequests,
		"clearRequests":     c.clearRequests,
		"exportRequests":    c.exportRequests,
		"verifyRequests":    c.verifyRequests,
		"getRequest":        c.getRequest,
		"listInbox":         c.listInbox,
		"putInbox":          c.putInbox,
		"listClients":       c.listClients,
		"getClient":         c.getClient,
		"putClient":         c.putClient,
		"deleteClient":      c.deleteClient,
		"getPrivateKey":     c.getPrivateKey,
		"listKeys":          c.listKeys,
		"rotateKeys":        c.rotateKeys,
		"introspectToken":   c.introspectToken,
		"revokeToken":       c.revokeToken,
		"followEvents":      c.followEvents,
		"getMetrics":        c.getMetrics,
	}
}

// Mount is the path below which all is, but for the inboxes; Prefix is that of this version of the API.
const (
	Mount  = "/_mockbank"
	Prefix = Mount + "/v1"
)

// Owns tells whether a request is meant for the control API or an inbox, whatever host it names.
func (c *Control) Owns(r *http.Request) bool {
	path := r.URL.EscapedPath()
	_, _, inbox := inboxOf(path)
	return inbox || path == Mount || strings.HasPrefix(path, Mount+"/")
}

// ServeHTTP answers one request.
func (c *Control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	number := fmt.Sprint("control-", c.count.Add(1))
	defer func() {
		if caught := recover(); caught != nil {
			c.Log.Error("control: a request made the house panic", "request", number, "method", r.Method, "path", r.URL.Path, "panic", caught, "stack", string(debug.Stack()))
			send(w, r, refusal(problem.From(nil)))
		}
	}()
	out, err := c.serve(w, r)
	if err != nil {
		p := problem.From(err)
		if statusOf(p) >= http.StatusInternalServerError {
			c.Log.Error("control: a request was not served", "request", number, "method", r.Method, "path", r.URL.Path, "error", err)
		}
		out = refusal(p)
	}
	c.Log.Debug("control: answered", "request", number, "method", r.Method, "path", r.URL.Path, "status", out.status)
	send(w, r, out)
}

// serve is the straight line.
func (c *Control) serve(w http.ResponseWriter, r *http.Request) (encoded, error) {
	if workspace, name, ok := inboxOf(r.URL.EscapedPath()); ok {
		return c.receive(w, r, workspace, name)
	}
	if err := c.admitHost(r); err != nil {
		return encoded{}, err
	}
	found, q, err := c.find(r)
	if err != nil {
		return encoded{}, err
	}
	if err := c.admitCaller(r, found.operation); err != nil {
		return encoded{}, err
	}
	if found.operation.ID == loadOperation {
		q.most, q.unread = c.MaxSnapshot, true
	}
	if err := q.read(w, found.operation); err != nil {
		return encoded{}, err
	}
	reply, err := found.handler(q)
	if err != nil {
		return encoded{}, err
	}
	return encode(found.operation, reply)
}

// provider finds a provider by its id.
func (c *Control) provider(id string) (*provider.Runtime, error) {
	if r := c.providers[id]; r != nil {
		return r, nil
	}
	return nil, problem.Newf(problem.NotFound, "unknown_provider", "There is no provider %q; there are %s", id, listed(c.ids()))
}

func (c *Control) ids() []string {
	ids := make([]string, 0, len(c.Providers))
	for _, r := range c.Providers {
		ids = append(ids, r.ID)
	}
	return ids
}

// kind finds a kind of a provider.
func (c *Control) kind(id, kind string) (*provider.Runtime, error) {
	r, err := c.provider(id)
	if err != nil {
		return nil, err
	}
	for _, name := range r.KindNames() {
		if name == kind {
			return r, nil
		}
	}
	return nil, problem.Newf(problem.NotFound, "unknown_kind", "%s has no kind %q; it has %s", id, kind, listed(r.KindNames()))
}

// view runs fn on the committed state of the request's workspace.
func (c *Control) view(q *request, fn func(*store.Tx) error) error {
	return c.Store.View(q.Context(), q.workspace, fn)
}

// update runs fn with the request's workspace to itself.
func (c *Control) update(q *request, fn func(*store.Tx) error) error {
	return c.Store.Update(q.Context(), q.workspace, fn)
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// untrue is a reply outside the contract: our own bug, with its diagnosis.
func untrue(operation string, err error) error {
	return &problem.Error{Kind: problem.Internal, Code: "reply_outside_spec",
		Message: "mockbank made a reply that its own spec does not allow; this is a bug of mockbank, please report it: " + err.Error(),
		Err:     fmt.Errorf("control: the reply of %s is not true to the spec: %w", operation, err)}
}
