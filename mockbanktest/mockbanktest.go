// Package mockbanktest runs a mockbank inside a Go test: a server that stands in for payment providers, on a clock
// that the test moves.
//
// Start serves all providers on a free port of the loopback, with its state in memory, until the test ends.
// Workspace makes a private world of it for one test. The application under test is given the world's URL in the
// place of the provider's; the test then moves the world's time, chooses what becomes of payments, breaks calls and
// webhooks, and looks at what was called and what was sent:
//
//	srv := mockbanktest.Start(t)
//	world := srv.Workspace(t)
//	world.Freeze(time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC))
//	shop := NewShop(world.URL("finqlink"))      // the application under test
//	world.Queue("finqlink", "link", "pay_insufficient_funds", 1)
//	...
//	world.Advance(10 * time.Second)             // timers fire and webhooks are sent, in their order
//
// Worlds share nothing, so tests with one each may run in parallel on one server. One call after another in a world
// whose clock stands gives the same bytes in every run.
//
// A method of a world that is refused fails its test with the sentence of the control API, which says what there is
// instead. Like t.Fatal, these methods belong to the test's own goroutine.
package mockbanktest

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/pki"
	"github.com/mockbank/mockbank/internal/providers"
	"github.com/mockbank/mockbank/scenarios"
	"github.com/mockbank/mockbank/specs"
)

// TB is what a server and a world ask of a *testing.T, *testing.B or *testing.F. Fatalf ends the test and does not
// return.
type TB interface {
	Helper()
	Name() string
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Server is a running mockbank. It may be used by several goroutines.
type Server struct {
	origin string
	secure string // where it listens for HTTPS
	roots  *x509.CertPool
	faces  map[string]string // where each one is mounted
	cancel context.CancelFunc
	ended  chan struct{}
	result error // once ended is closed
}

// Start runs a mockbank that ends with the test.
func Start(tb TB, options ...Option) *Server {
	tb.Helper()
	s, err := New(options...)
	if err != nil {
		tb.Fatalf("mockbank does not start: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Fatalf("mockbank did not end in order: %v", err)
		}
	})
	return s
}

// New runs a mockbank until Close, for a TestMain whose tests share it.
func New(options ...Option) (*Server, error) {
	driver := mem.New()
	cfg := app.Config{
		Version: "mockbanktest", Driver: driver, Wall: clock.System, Log: slog.New(slog.DiscardHandler),
		Specs: specs.FS, Scenarios: scenarios.FS, Seed: 1, MaxWorkspaces: maxWorkspaces,
		JournalSize: journalSize, JournalTotal: journalTotal, ControlOpen: true,
	}
	for _, option := range options {
		option.apply(&cfg)
	}
	var err error
	if cfg.Providers, err = providers.All(); err != nil {
		return nil, err
	}
	if cfg.Authority, err = pki.Make(cfg.Wall, rand.Reader); err != nil { //nolint:forbidigo // nothing that a test sees again derives from it
		return nil, err
	}
	house, err := app.New(cfg)
	if err != nil {
		return nil, errors.Join(err, driver.Close())
	}
	roots := x509.NewCertPool()
	roots.AddCert(cfg.Authority.Certificate)
	return run(house, driver, roots)
}

// The bounds of a server, which are those of the program.
const (
	maxWorkspaces = 10000
	journalSize   = 4 << 20
	journalTotal  = 64 << 20
)

func run(house *app.App, driver *mem.Driver, roots *x509.CertPool) (*Server, error) {
	ctx, cancel := context.WithCancel(context.Background())
	plain, secure, err := listen(ctx)
	if err != nil {
		cancel()
		return nil, errors.Join(err, driver.Close())
	}
	s := &Server{
		origin: "http://" + plain.Addr().String(), secure: secure.Addr().String(), roots: roots,
		faces: map[string]string{}, cancel: cancel, ended: make(chan struct{}),
	}
	for _, p := range house.Providers {
		for _, face := range p.Faces {
			s.faces[face.Name] = face.Mount
		}
	}
	go func() {
		defer close(s.ended)
		s.result = cmp.Or(house.Run(ctx, plain, secure), driver.Close())
	}()
	return s, nil
}

// Close ends the server: requests under way are served to their end, for some seconds. Only the first call does
// anything.
func (s *Server) Close() error {
	s.cancel()
	<-s.ended
	return s.result
}

// Origin is where the server listens, such as http://127.0.0.1:41234. Below it stands all that `mockbank serve`
// has: the providers of the world "default", the control API, and other worlds below /w/.
func (s *Server) Origin() string { return s.origin }

// URL is the address of a provider in the world "default", such as http://127.0.0.1:41234/finqlink. A name that
// there is not leads to a page that says so.
func (s *Server) URL(provider string) string {
	return s.origin + cmp.Or(s.faces[provider], "/"+strings.TrimPrefix(provider, "/"))
}

// unknownFace says which names there are.
func (s *Server) unknownFace(name string) error {
	return fmt.Errorf("there is no provider %q; there are %s", name, sortedNames(s.faces))
}
