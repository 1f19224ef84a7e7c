package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/mockbank/mockbank/internal/engine"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/usage"
)

// Runtime is a provider joined to its spec and its scenario files: what gateway, timers and control call.
type Runtime struct {
	*Provider
	Spec *spec.Document

	engine         *engine.Engine
	library        func() *machine.Library
	kinds          map[string]KindDef
	channels       map[string]*Channel
	shipped        map[string]*oauth.Client
	shippedSecrets map[secretDigest][]string // whose they are, by id
	defaults       func() map[string]any     // of the workspace's settings
	clientDefaults func() map[string]any
	tokens         *oauth.Tokens
	meter          *usage.Meter
}

// rememberedTokens is how many access tokens are kept ready, since signing one with RSA costs a millisecond.
const rememberedTokens = 10_000

// The schemas of a spec that describe settings and webhook bodies.
const (
	settingsSchema       = "Settings"
	clientSettingsSchema = "ClientSettings"
	webhookSchemas       = "webhook."
)

// Install joins a provider to its spec. library gives the scenario files in force, each time it is asked.
func Install(p *Provider, document *spec.Document, library func() *machine.Library) (*Runtime, error) {
	r := &Runtime{
		Provider: p, Spec: document, library: library,
		kinds: map[string]KindDef{}, channels: map[string]*Channel{}, shipped: map[string]*oauth.Client{}, shippedSecrets: map[secretDigest][]string{},
		defaults: defaultsOf(document, settingsSchema), clientDefaults: defaultsOf(document, clientSettingsSchema),
		tokens: oauth.NewTokens(rememberedTokens), meter: usage.New(p.ID),
	}
	kinds := map[string]*engine.Kind{}
	for _, def := range p.Kinds {
		r.kinds[def.kind.Name] = def
		kinds[def.kind.Name] = &def.kind
	}
	for i := range p.Channels {
		r.channels[p.Channels[i].Name] = &p.Channels[i]
	}
	for _, client := range p.Clients {
		r.ship(client)
	}
	r.engine = &engine.Engine{
		Provider: p.ID, Kinds: kinds, Library: library,
		Settings: r.settings, Client: r.describeClient, Notify: r.notify,
	}
	return r, errors.Join(r.checkKinds(), r.checkIdempotency())
}

func defaultsOf(document *spec.Document, name string) func() map[string]any {
	return sync.OnceValue(func() map[string]any {
		schema := document.Schema(name)
		if schema == nil {
			return map[string]any{}
		}
		return schema.Defaults()
	})
}

// checkKinds finds a deadline that nobody keeps.
func (r *Runtime) checkKinds() error {
	for _, def := range r.Kinds {
		k := def.kind
		if (k.Deadline == nil) != (k.Wake == nil) || k.Deadline != nil && k.State == nil {
			return fmt.Errorf("provider: %s: a deadline is a record's: the kind %s needs State, Deadline and Wake, or neither of the last two", r.ID, k.Name)
		}
	}
	return nil
}

// Check compares the provider's handlers with the operations of its spec, which is parsed for that.
func (r *Runtime) Check() error {
	known := map[string]bool{}
	for _, op := range r.Spec.Operations() {
		known[op.Name] = true
		_, sealed := r.Envelopes[op.Name]
		if _, ok := r.Handlers[op.Name]; !ok && !sealed {
			return fmt.Errorf("provider: %s has no handler for the operation %s of its spec", r.ID, op.Name)
		}
	}
	for name := range r.Handlers {
		if !known[name] {
			return fmt.Errorf("provider: %s has a handler %s and no such operation in its spec", r.ID, name)
		}
	}
	return nil
}

// settings gives the provider's settings of a workspace, with the defaults of those that it does not set.
func (r *Runtime) settings(ws *store.Workspace) map[string]any {
	return over(r.defaults(), ws.Settings[r.ID])
}

// Settings is what settings gives, for those who show it.
func (r *Runtime) Settings(ws *store.Workspace) map[string]any { return r.settings(ws) }

// Call makes the call of a request in a transaction. Read-only where the transaction is.
func (r *Runtime) Call(ctx context.Context, tx *store.Tx, request *Request) *Call {
	c := &Call{Request: request, Context: ctx, runtime: r, tx: tx}
	cause := "api " + c.Name()
	if request.Operation == nil {
		cause = request.Page
	}
	c.session = r.begin(tx, c, cause)
	c.session.Chosen, c.session.IdempotencyKey = request.Scenario, request.IdempotencyKey
	c.session.Request, _ = request.Payload.value.(map[string]any)
	return c
}

// inside makes the call of something that no request asked for: a timer, or the control API.
func (r *Runtime) inside(tx *store.Tx, cause string) *Call {
	request := &Request{Workspace: tx.Workspace().Name, Header: http.Header{}, Reply: http.Header{}}
	c := &Call{Request: request, Context: context.Background(), runtime: r, tx: tx}
	c.session = r.begin(tx, c, cause)
	return c
}

// begin opens a call's session, which sees the entities that exist from the start.
func (r *Runtime) begin(tx *store.Tx, c *Call, cause string) *engine.Session {
	session := r.engine.Begin(tx, c, cause)
	if r.Fixtures != nil {
		session.Ready = func() error { return r.ground(tx) }
	}
	return session
}

// Run has a handler answer the call, and stores what it changed.
func (c *Call) Run(h Handler) (Reply, error) { return c.finish(h.fn) }

// Resume builds the reply after a wait.
func (c *Call) Resume(then func(*Call) (Reply, error)) (Reply, error) { return c.finish(then) }

func (c *Call) finish(fn func(*Call) (Reply, error)) (Reply, error) {
	reply, err := fn(c)
	if problem.Is(err, problem.NotFound) {
		c.touched = nil // Perhaps it exists and is another client's: then the reply's headers must not tell.
	}
	if err != nil || !c.tx.Writable() {
		return reply, err
	}
	return reply, c.session.Flush()
}

// Due runs a state job in its transaction.
func (r *Runtime) Due(tx *store.Tx, job *store.Job) error {
	c := r.inside(tx, "")
	in, err := c.session.Get(job.Entity.Kind, job.Entity.ID)
	if err != nil {
		return err
	}
	if in != nil {
		c.Request.Base = in.Base
	}
	if err := c.session.Due(job); err != nil {
		return err
	}
	return c.session.Flush()
}

func (r *Runtime) describeClient(tx *store.Tx, id string) (map[string]any, error) {
	client, err := r.Client(tx, id)
	if err != nil || client == nil {
		return nil, err
	}
	return map[string]any{"id": client.ID, "name": client.Name, "settings": r.ClientSettings(client)}, nil
}

// Mishaps are those of the story that the call belongs to, which are meant for its operation.
func (c *Call) Mishaps(when string) ([]machine.Mishap, error) {
	if c.touched == nil || c.touched.Story() == nil {
		return nil, nil
	}
	var found []machine.Mishap
	for _, m := range c.touched.Story().Mishaps {
		if m.Operation != c.Name() || m.When != when {
			continue
		}
		if m.If != nil {
			env, err := c.session.Env(c.touched)
			if err != nil {
				return nil, err
			}
			if ok, err := m.If.Bool(env); err != nil || !ok {
				if err != nil {
					return nil, err
				}
				continue
			}
		}
		found = append(found, m)
	}
	return found, nil
}

// Apart is the text by which a mishap's count is kept apart from its other counts; empty where it has one count.
func (c *Call) Apart(m machine.Mishap) (string, error) {
	if m.Per == nil || c.touched == nil {
		return "", nil
	}
	env, err := c.session.Env(c.touched)
	if err != nil {
		return "", err
	}
	return m.Per.Text(env)
}

// Facts tells the linter of scenario files what code and specs offer.
func Facts(runtimes map[string]*Runtime) machine.Facts {
	of := func(id string) *Runtime {
		if r := runtimes[id]; r != nil {
			return r
		}
		return &Runtime{Provider: &Provider{}}
	}
	return machine.Facts{
		Kinds: func() map[string][]string {
			known := map[string][]string{}
			for id, r := range runtimes {
				known[id] = r.KindNames()
			}
			return known
		},
		Effects:  func(id, kind string) []string { return slices.Sorted(maps.Keys(of(id).kinds[kind].kind.Effect)) },
		Channels: func(id string) []string { return slices.Sorted(maps.Keys(of(id).channels)) },
		Types: func(id string) []string {
			if of(id).Spec == nil {
				return nil
			}
			return of(id).NotificationTypes()
		},
		Operations: func(id string) []string { return of(id).callable() },
		Entity:     func(id, kind string) reflect.Type { return of(id).kinds[kind].data },
		Parent:     func(id, kind string) string { return of(id).kinds[kind].kind.Parent },
		Record:     func(id, kind string) bool { return of(id).kinds[kind].kind.State != nil },
		Settings: func(id string) map[string]any {
			if of(id).defaults == nil {
				return nil
			}
			return of(id).defaults()
		},
	}
}

// callable lists what a mishap can befall: operations, and pages.
func (p *Provider) callable() []string {
	names := slices.Collect(maps.Keys(p.Handlers))
	for _, page := range p.Pages {
		names = append(names, page.Name)
	}
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// NotificationTypes lists the webhook types that have a schema.
func (r *Runtime) NotificationTypes() []string {
	var types []string
	for _, name := range r.Spec.Schemas(webhookSchemas) {
		types = append(types, name[len(webhookSchemas):])
	}
	return types
}

// sorted lists a map's values by their keys.
func sorted[K cmp.Ordered, V any](m map[K]V) []V {
	values := make([]V, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[key])
	}
	return values
}

// DelayOf gives the instant that lies a scripted delay after now.
func (c *Call) DelayOf(d *machine.Delay) (time.Time, error) {
	if c.touched == nil {
		return c.Now(), nil
	}
	env, err := c.session.Env(c.touched)
	if err != nil {
		return time.Time{}, err
	}
	return d.At(c.Now(), env)
}

// Spent tells whether something that may happen so often has happened so often; 0 is without limit.
func (c *Call) Spent(rows store.Bucket, counter store.Key, times int) (bool, error) {
	if times == 0 {
		return false, nil
	}
	var n int
	_, err := rows.Get(c.tx, counter, &n)
	return n >= times, err
}
