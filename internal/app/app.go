// Package app wires the rooms of the house together. It knows no single provider: it is handed a list.
//
// New builds, from the store upwards: store, clock loop and deliveries, providers joined to their specs and
// their scenario files, gateway, control. Run serves until its context ends, and then lets go in the opposite
// order: no new requests, those under way to their end, then the loop, then what was counted, then the store.
package app

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/control"
	"github.com/mockbank/mockbank/internal/engine"
	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/gateway"
	"github.com/mockbank/mockbank/internal/journal"
	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/metrics"
	"github.com/mockbank/mockbank/internal/overlay"
	"github.com/mockbank/mockbank/internal/pki"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/schedule"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

// Config says what to build. Nothing in it is read from the environment.
type Config struct {
	Version   string
	Driver    kv.Driver
	Wall      clock.Wall
	Log       *slog.Logger
	Providers []*provider.Provider
	Specs     fs.FS          // <provider>.yaml and control.yaml
	Scenarios fs.FS          // <provider>/<kind>.yaml
	Overlay   overlay.Folder // of a user's own scenario files, of the same form; empty: none

	Seed          uint64
	Clock         clock.Setting
	MaxWorkspaces int
	JournalSize   int64 // bytes of requests that one workspace remembers; 0: none
	JournalTotal  int64 // bytes that all of them remember
	AcceptAny     bool  // credentials that nobody registered make a client on the fly
	PublicURL     string
	MaxSnapshot   int           // bytes; 0: control.DefaultMaxSnapshot
	Relay         webhook.Relay // takes mail; nil: mail is only kept
	WorkspaceTTL  time.Duration // workspaces that are idle for so long are dropped; 0: none is

	Bounds Bounds // what of it is zero is as DefaultBounds has it

	ControlToken string
	ControlOpen  bool
	Hosts        []string // names under which the control API answers, besides localhost and addresses

	Authority *pki.Authority // of the certificates of listeners with TLS; nil: there is no such listener
	// VerifyConnection is asked at the end of each handshake, before anything is read and before the providers judge the
	// client's certificates; its error ends the connection. Nil admits all.
	VerifyConnection func(tls.ConnectionState) error

	// Settings are what the configuration says of workspaces: by workspace, then by provider.
	Settings map[string]map[string]map[string]any
}

// App is the whole house.
type App struct {
	Providers []*provider.Runtime

	cfg     Config
	store   *store.Store
	loop    *schedule.Loop
	sender  *webhook.Sender
	journal *journal.Journal
	events  *events.Hub
	metrics *metrics.Metrics
	gateway *gateway.Gateway
	control *control.Control
	library atomic.Pointer[machine.Library]
	overlay overlay.Contents // as it was read at the start
}

// New builds the house. Its errors are sentences for people.
func New(cfg Config) (*App, error) {
	a := &App{cfg: cfg, events: events.New(cfg.Wall), metrics: metrics.New(cfg.Version)}
	var err error
	if a.store, err = store.Open(store.Config{
		Driver: cfg.Driver, Wall: cfg.Wall, Log: cfg.Log, Clock: cfg.Clock, Seed: cfg.Seed, MaxWorkspaces: cfg.MaxWorkspaces,
		Observer: &observer{Metrics: a.metrics, hub: a.events},
	}); err != nil {
		return nil, err
	}
	if err = a.build(); err != nil {
		a.store.Close()
		return nil, err
	}
	return a, nil
}

func (a *App) build() (err error) {
	if a.Providers, err = a.install(); err != nil {
		return err
	}
	if err := a.loadScenarios(); err != nil {
		return err
	}
	inbox := a.deliveries()
	a.journal = journal.New(journal.Config{Room: a.cfg.JournalSize, Total: a.cfg.JournalTotal, Secrets: a.secrets()})
	a.gateway, err = gateway.New(gateway.Config{Store: a.store, Providers: a.Providers, Log: a.cfg.Log, Journal: a.journal, Events: a.events, Meter: a.metrics, PublicURL: a.cfg.PublicURL})
	if err != nil {
		return err
	}
	if a.control, err = a.controlOver(inbox); err != nil {
		return err
	}
	a.watch()
	return a.configure()
}

// install joins the providers to their specs, which are parsed when they are first needed: that takes some ten
// milliseconds for each, and most runs need one or two.
func (a *App) install() ([]*provider.Runtime, error) {
	runtimes := make([]*provider.Runtime, len(a.cfg.Providers))
	for i, p := range a.cfg.Providers {
		document, err := readSpec(a.cfg.Specs, p.ID)
		if err != nil {
			return nil, err
		}
		p.AcceptAny = a.cfg.AcceptAny
		if runtimes[i], err = provider.Install(p, document, a.library.Load); err != nil {
			return nil, err
		}
	}
	return runtimes, nil
}

// secrets are the names of what no view of a request shows.
func (a *App) secrets() []string {
	var names []string
	for _, p := range a.Providers {
		names = append(names, p.Secrets...)
	}
	return names
}

func readSpec(specs fs.FS, name string) (*spec.Document, error) {
	file := name + ".yaml"
	data, err := fs.ReadFile(specs, file)
	if err != nil {
		return nil, fmt.Errorf("app: the spec %s can not be read: %w", file, err)
	}
	return spec.Lazy(file, data), nil
}

// deliveries starts nothing: it builds the two rooms of the timed half and gives each the other.
func (a *App) deliveries() *webhook.Inbox {
	byID := map[string]*provider.Runtime{}
	var channels webhook.Channels
	for _, r := range a.Providers {
		byID[r.ID] = r
		channels = append(channels, r.Transports()...)
	}
	inbox := &webhook.Inbox{Store: a.store, Channels: channels}
	a.sender = webhook.New(webhook.Config{Store: a.store, Log: a.cfg.Log, Channels: channels, Inbox: inbox, Version: a.cfg.Version, Relay: a.cfg.Relay})
	a.loop = schedule.New(schedule.Config{
		Store: a.store, Log: a.cfg.Log, Send: a.sender.Send, Ran: a.metrics.Ran,
		Apply: func(tx *store.Tx, job *store.Job) error {
			r := byID[job.Entity.Provider]
			if r == nil {
				return fmt.Errorf("app: a job of %s, which this mockbank does not have", job.Entity)
			}
			return r.Due(tx, job)
		},
		Stale: engine.Stale,
	})
	return inbox
}

func (a *App) controlOver(inbox *webhook.Inbox) (*control.Control, error) {
	document, err := readSpec(a.cfg.Specs, "control")
	if err != nil {
		return nil, err
	}
	return control.New(control.Config{
		Authority: a.authorityPEM(),
		Version:   a.cfg.Version, Spec: document, Store: a.store, Loop: a.loop, Providers: a.Providers, Inbox: inbox,
		Journal: a.journal, Serials: a.gateway, Events: a.events, Metrics: a.metrics, Log: a.cfg.Log,
		Token: a.cfg.ControlToken, Open: a.cfg.ControlOpen, Hosts: a.cfg.Hosts, PublicURL: a.cfg.PublicURL,
		MaxSnapshot: cmp.Or(a.cfg.MaxSnapshot, control.DefaultMaxSnapshot),
	}), nil
}

// configure stores the settings that the configuration gives to workspaces.
func (a *App) configure() error {
	for name, settings := range a.cfg.Settings {
		if err := a.control.Configure(context.Background(), name, settings); err != nil {
			return fmt.Errorf("app: the settings of workspace %q: %w", name, err)
		}
	}
	return nil
}

// ServeHTTP answers every request: the control API and the inboxes by their paths, all else by the gateway.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor > 1 && r.TLS == nil {
		http.Error(w, "HTTP/2 is spoken over TLS only, at the address of --tls.", http.StatusHTTPVersionNotSupported)
		return
	}
	if a.control.Owns(r) {
		a.control.ServeHTTP(w, r)
		return
	}
	a.gateway.ServeHTTP(w, r)
}

// Listener is an address on which to serve: everything, or one face.
type Listener struct {
	net.Listener
	Face string // empty: everything
	TLS  bool   // HTTPS, HTTP/1.1 and 2
}

// Bounds are those of every connection: slow clients are cut off.
type Bounds struct {
	Header time.Duration // from the first byte of a request to the end of its headers
	Read   time.Duration // to the end of its body
	Idle   time.Duration // between two requests
}

// DefaultBounds leave time to whoever types a request by hand.
var DefaultBounds = Bounds{Header: 10 * time.Second, Read: time.Minute, Idle: 2 * time.Minute}

const (
	maxHeader    = 64 << 10
	maxFrame     = 16 << 10 // of HTTP/2, which is what clients take for granted
	stopPatience = 3 * time.Second
	waitPatience = time.Second // for requests that wait for workspace time, of the stopPatience
)

// Check tells of a listener whose face there is not, before anybody is told that mockbank is ready.
func (a *App) Check(listeners ...Listener) error {
	for _, l := range listeners {
		if l.TLS && a.cfg.Authority == nil {
			return errNoAuthority
		}
		if l.Face != "" && !a.gateway.HasFace(l.Face) {
			return fmt.Errorf("app: there is no face %q to listen for; there are %s", l.Face, strings.Join(a.faces(), ", "))
		}
	}
	return nil
}

func (a *App) faces() []string {
	var names []string
	for _, p := range a.Providers {
		for _, face := range p.Faces {
			names = append(names, face.Name)
		}
	}
	return names
}

// Run serves on the listeners until ctx ends, and returns when all is let go of: nil after a clean end.
func (a *App) Run(ctx context.Context, listeners ...Listener) error {
	if err := a.Check(listeners...); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(ctx, a.events.Close)() // Those who listen would listen for ever.
	group.Go(func() error { return a.loop.Run(ctx) })
	group.Go(func() error { return a.flushUsage(ctx) })
	group.Go(func() error { return a.dropIdle(ctx) })
	group.Go(func() error { return a.followScenarios(ctx) })
	for _, l := range listeners {
		group.Go(func() error { return a.serve(ctx, l) })
	}
	err := group.Wait()
	a.sender.Close()
	a.storeUsage(context.WithoutCancel(ctx))
	a.store.Close()
	return err
}

func (a *App) serve(ctx context.Context, l Listener) error {
	// Requests that wait for workspace time end with this, so that a stop does not wait for them for long. The
	// others are served to their end before.
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if l.Face != "" {
		requests = gateway.WithFace(requests, l.Face)
	}
	server := &http.Server{
		Handler: a, BaseContext: func(net.Listener) context.Context { return requests },
		ReadHeaderTimeout: cmp.Or(a.cfg.Bounds.Header, DefaultBounds.Header), ReadTimeout: cmp.Or(a.cfg.Bounds.Read, DefaultBounds.Read),
		IdleTimeout: cmp.Or(a.cfg.Bounds.Idle, DefaultBounds.Idle), MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(a.cfg.Log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		defer cancel()
		defer time.AfterFunc(waitPatience, cancel).Stop()
		patience, done := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
		defer done()
		err := server.Shutdown(patience)
		if err != nil {
			err = server.Close()
		}
		ended <- err
	}()
	if err := a.accept(server, l); !errors.Is(err, http.ErrServerClosed) {
		cancel()
		return err
	}
	return <-ended
}

// accept serves until the server is shut down. A handshake has as long as the headers of a request.
func (a *App) accept(server *http.Server, l Listener) error {
	if !l.TLS {
		return server.Serve(l)
	}
	server.TLSConfig = a.secure()
	server.HTTP2 = &http.HTTP2Config{MaxReadFrameSize: maxFrame}
	return server.ServeTLS(l, "", "")
}
