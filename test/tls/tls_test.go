// Package tls meets the real program over HTTPS, as clients do that nobody here wrote: curl, Node's fetch and Go's client,
// each with the CA that mockbank made and nothing else, under the host names of the providers. Inside a network of its own
// the clients are not even told where mockbank is. And it is met by an attacker who speaks HTTP/2 frame by frame.
package tls

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/mockbank/mockbank/internal/housetest"
)

var workshop string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if workshop, err = os.MkdirTemp("", "mockbank-tls"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(workshop)
	return m.Run()
}

var (
	program = sync.OnceValues(func() (string, error) { return housetest.Build(workshop) })
	// plain is for what is measured, which the race detector would make take as long again several times over.
	plain = sync.OnceValues(func() (string, error) {
		dir := filepath.Join(workshop, "plain")
		if err := os.Mkdir(dir, 0o700); err != nil {
			return "", err
		}
		return housetest.BuildPlain(dir)
	})
)

// house is a mockbank with HTTPS.
type house struct {
	*housetest.House
	ca   string // file of its CA's certificate
	port string // of HTTPS
}

func start(t *testing.T, flags ...string) *house {
	t.Helper()
	return startOf(t, program, flags...)
}

func startOf(t *testing.T, build func() (string, error), flags ...string) *house {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	h, err := housetest.Start(housetest.Config{
		Program: path, Dir: dir, Flags: append([]string{"--clock", "frozen@2026-01-15T10:30:00Z", "--tls", "127.0.0.1:0", "--ca", "ca"}, flags...),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	at, err := url.Parse(h.Secure)
	if err != nil || at.Port() == "" {
		t.Fatalf("the banner tells no address of HTTPS but %q", h.Secure)
	}
	return &house{House: h, ca: filepath.Join(dir, "ca", "ca.pem"), port: at.Port()}
}

// origin is that of a host at the port of HTTPS.
func (h *house) origin(host string) string { return "https://" + host + ":" + h.port }

// said runs a command and gives all that it wrote.
func said(t *testing.T, env []string, name string, args ...string) (string, error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Env = append(os.Environ(), env...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.String(), err
}
