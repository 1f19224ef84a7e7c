package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/bolt"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/mail"
	"github.com/mockbank/mockbank/internal/overlay"
	"github.com/mockbank/mockbank/internal/pki"
	"github.com/mockbank/mockbank/internal/providers"
	"github.com/mockbank/mockbank/internal/webhook"
	"github.com/mockbank/mockbank/scenarios"
	"github.com/mockbank/mockbank/specs"
)

const mainAddress = "127.0.0.1:6265"

// serveCmd runs the server.
type serveCmd struct {
	Listen        []string      `help:"Address to serve on, or FACE=ADDRESS for a port of its own for one face; may be repeated." default:"${main_address}" placeholder:"[FACE=]ADDRESS"`
	TLS           []string      `name:"tls" help:"Address to serve HTTPS on beside it, such as 127.0.0.1:6266, or FACE=ADDRESS; may be repeated." placeholder:"[FACE=]ADDRESS"`
	CA            string        `name:"ca" help:"Folder of the CA of HTTPS, made on first use; without it the folder ca in that of --data, and without that a CA that lives as long as mockbank runs." placeholder:"DIR" type:"path"`
	Data          string        `help:"Keep the state in this folder; without it the state is gone when mockbank stops." placeholder:"DIR" type:"path"`
	Clock         string        `help:"Clock of new workspaces: real, frozen@TIME, x60 or x60@TIME." default:"real"`
	Seed          uint64        `help:"From which ids, fake people and chance derive." default:"1"`
	Scenarios     string        `help:"A folder of scenario files of your own, over the built-in ones; reloaded when it changes." placeholder:"DIR" type:"path"`
	PublicURL     string        `help:"Origin that links in replies carry, where browsers reach mockbank by another name." placeholder:"URL"`
	MaxWorkspaces int           `help:"Stored workspaces at the most." default:"10000"`
	WorkspaceTTL  time.Duration `help:"Drop workspaces in which nothing happened for so long, such as 24h; never the default one." placeholder:"DURATION"`
	MaxSnapshot   byteCount     `help:"Longest snapshot of a workspace." default:"64MiB" placeholder:"SIZE"`
	JournalSize   byteCount     `help:"Bytes of requests that a workspace remembers; 0 remembers none." default:"4MiB" placeholder:"SIZE"`
	JournalTotal  byteCount     `help:"Bytes of requests that all workspaces remember." default:"64MiB" placeholder:"SIZE"`
	AcceptAny     bool          `name:"accept-any-credentials" help:"Credentials that nobody registered make a client on the fly."`
	ControlToken  string        `help:"Token that the control API wants as a bearer token." placeholder:"TOKEN"`
	ControlOpen   bool          `help:"Leave the control API open also when mockbank listens beyond this machine."`
	SMTP          string        `name:"smtp" help:"A mail server that takes what is written to people, such as smtp://127.0.0.1:1025 or smtps://USER@HOST; without it mails are only kept, and shown by mockbank mail." placeholder:"URL"`
	SMTPPassword  string        `name:"smtp-password" help:"Password of the mail server's USER; better given by the environment." placeholder:"PASSWORD"`
	Host          []string      `help:"A host name under which the control API answers, besides localhost and addresses; may be repeated." placeholder:"NAME"`
	Log           string        `help:"How the log is written: text or json." enum:"text,json" default:"text"`
	LogLevel      string        `help:"What is logged: debug, info, warn or error." enum:"debug,info,warn,error" default:"info"`
}

// Run serves until the context ends.
func (cmd *serveCmd) Run(ctx context.Context, t *terminal, file *configFile) (err error) {
	started := clock.System()
	debug.SetGCPercent(startGrowth)
	log, err := cmd.logger(t)
	if err != nil {
		return err
	}
	listeners, err := cmd.listen(ctx)
	if err != nil {
		return err
	}
	defer closeAll(listeners)
	driver, err := cmd.driver()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	house, err := cmd.build(driver, log, file, loopbackOnly(listeners))
	if err != nil {
		return file.placed(err)
	}
	if err := house.Check(listeners...); err != nil {
		return err
	}
	debug.SetGCPercent(cmd.growth())
	defer runtime.KeepAlive(ballast())
	banner{version: version, providers: house.Providers, listeners: listeners, data: cmd.Data, ca: cmd.caFlags().folder(), publicURL: cmd.PublicURL,
		took: clock.System().Sub(started)}.print(t.out)
	return house.Run(ctx, listeners...)
}

func (cmd *serveCmd) build(driver kv.Driver, log *slog.Logger, file *configFile, loopback bool) (*app.App, error) {
	setting, err := clock.Parse(cmd.Clock, clock.System())
	if err != nil {
		return nil, fmt.Errorf("--clock: %w", err)
	}
	if err := errors.Join(cmd.checkPublicURL(), cmd.checkBounds()); err != nil {
		return nil, err
	}
	relay, err := cmd.relay()
	if err != nil {
		return nil, err
	}
	all, err := providers.All()
	if err != nil {
		return nil, err
	}
	workspaces, err := file.workspaces()
	if err != nil {
		return nil, err
	}
	authority, err := cmd.authority()
	if err != nil {
		return nil, err
	}
	return app.New(app.Config{
		Version: version, Driver: driver, Wall: clock.System, Log: log, Providers: all,
		Specs: specs.FS, Scenarios: scenarios.FS, Overlay: overlay.Folder(cmd.Scenarios),
		Seed: cmd.Seed, Clock: setting, MaxWorkspaces: cmd.MaxWorkspaces,
		JournalSize: int64(cmd.JournalSize), JournalTotal: int64(cmd.JournalTotal), AcceptAny: cmd.AcceptAny, PublicURL: cmd.PublicURL,
		Relay: relay, MaxSnapshot: int(cmd.MaxSnapshot), WorkspaceTTL: cmd.WorkspaceTTL,
		ControlToken: cmd.ControlToken, ControlOpen: cmd.ControlOpen || (loopback && cmd.ControlToken == ""), Hosts: cmd.Host,
		Authority: authority, Workspaces: workspaces,
	})
}

func (cmd *serveCmd) checkPublicURL() error {
	u, err := url.Parse(cmd.PublicURL)
	if cmd.PublicURL == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery == "" && u.Fragment == "" {
		return nil
	}
	return fmt.Errorf("--public-url %q is no address such as https://mockbank.example", cmd.PublicURL)
}

// relay gives nil where no mail server is named.
func (cmd *serveCmd) relay() (webhook.Relay, error) {
	if cmd.SMTP == "" {
		return nil, nil
	}
	relay, err := mail.ParseRelay(cmd.SMTP, cmd.SMTPPassword)
	if err != nil {
		return nil, fmt.Errorf("--smtp: %w", err)
	}
	return relay, nil
}

// longestSnapshot is the longest that anyone may ask for: it is held in memory.
const longestSnapshot = 1 << 30

func (cmd *serveCmd) checkBounds() error {
	if cmd.MaxSnapshot < 1 || cmd.MaxSnapshot > longestSnapshot {
		return errors.New("--max-snapshot is between 1 byte and 1GiB")
	}
	if cmd.WorkspaceTTL < 0 || cmd.WorkspaceTTL > 0 && cmd.WorkspaceTTL < time.Second {
		return errors.New("--workspace-ttl is at least 1s, such as 24h; without it no workspace is dropped")
	}
	return nil
}

func (cmd *serveCmd) logger(t *terminal) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cmd.LogLevel)); err != nil {
		return nil, err
	}
	options := &slog.HandlerOptions{Level: level}
	if cmd.Log == "json" {
		return slog.New(slog.NewJSONHandler(t.err, options)), nil
	}
	return slog.New(slog.NewTextHandler(t.err, options)), nil
}

// storeFile is the store's name in the data folder.
const storeFile = "mockbank.db"

// How much the heap may grow before it is collected, in percent.
const (
	startGrowth  = 1000 // a start makes some megabytes of garbage, and to collect it would take a third of its time
	usualGrowth  = 100
	memoryGrowth = 14 // without --data all state is heap, and the usual growth would have it take twice its size
)

// ballast makes a small heap look larger to the collector, which would otherwise run hundreds of times a second
// over a few megabytes. Nobody touches it, so it takes no memory.
func ballast() []byte { return make([]byte, 288<<20) }

func (cmd *serveCmd) growth() int {
	if cmd.Data == "" {
		return memoryGrowth
	}
	return usualGrowth
}

func (cmd *serveCmd) driver() (kv.Driver, error) {
	if cmd.Data == "" {
		return mem.New(), nil
	}
	if err := os.MkdirAll(cmd.Data, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder can not be made: %w; name another one with --data", err)
	}
	return bolt.Open(filepath.Join(cmd.Data, storeFile), bolt.Options{})
}

// listen opens all addresses before anything else is done, so that a taken port is told at once.
func (cmd *serveCmd) listen(ctx context.Context) ([]app.Listener, error) {
	var listeners []app.Listener
	for i, where := range slices.Concat(cmd.Listen, cmd.TLS) {
		l, err := listenAt(ctx, where, i >= len(cmd.Listen))
		if err != nil {
			closeAll(listeners)
			return nil, err
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

func listenAt(ctx context.Context, where string, secured bool) (app.Listener, error) {
	face, address, named := strings.Cut(where, "=")
	if !named {
		face, address = "", where
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil && secured {
		return app.Listener{}, listenError("--tls", where, err)
	}
	if err != nil {
		return app.Listener{}, listenError("--listen", where, err)
	}
	return app.Listener{Listener: l, Face: face, TLS: secured}, nil
}

func listenError(flag, where string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("the address %s is taken by another program, perhaps another mockbank: stop that one, or choose another with %s 127.0.0.1:0 (any free port)", where, flag)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("this user may not listen on %s: choose a port above 1023 with %s", where, flag)
	}
	return fmt.Errorf("mockbank can not listen on %s: %w; choose an address of this machine with %s HOST:PORT", where, err, flag)
}

// caFolder is the CA's name in the data folder.
const caFolder = "ca"

// authority is the CA of HTTPS; nil where nothing is served over it.
func (cmd *serveCmd) authority() (*pki.Authority, error) {
	if len(cmd.TLS) == 0 {
		return nil, nil
	}
	if folder := cmd.caFlags().folder(); folder != "" {
		return pki.Open(folder, clock.System, rand.Reader)
	}
	return pki.Make(clock.System, rand.Reader)
}

func (cmd *serveCmd) caFlags() *caFolderFlags { return &caFolderFlags{CA: cmd.CA, Data: cmd.Data} }

func closeAll(listeners []app.Listener) {
	for _, l := range listeners {
		_ = l.Close() // A listener that was served on is closed already.
	}
}

// loopbackOnly tells whether nobody but this machine can connect.
func loopbackOnly(listeners []app.Listener) bool {
	for _, l := range listeners {
		address, ok := l.Addr().(*net.TCPAddr)
		if !ok || !address.IP.IsLoopback() {
			return false
		}
	}
	return true
}
