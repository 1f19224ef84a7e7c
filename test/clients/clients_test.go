// Package clients meets mockbank with clients that nobody here wrote: Express and jose as a receiver of webhooks,
// oauth4webapi, openid-client and golang.org/x/oauth2 as clients of the token endpoint, a shell with openssl and curl,
// a shop of PAYONE Link that has nothing but Node, and the calls that OneLinkFintech's document prints in three languages.
//
// Each test starts the real program. A tool that is missing skips its tests with one line that says so, or fails
// them where MOCKBANK_TEST_ALL is 1. MOCKBANK_TEST_NODE_MODULES names a folder node_modules that npm ci made of the
// lock file, where there is no way to the network.
package clients

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/mockbank/mockbank/internal/housetest"
)

// workshop is the folder of this run; what is in it is made when it is first asked for.
var workshop string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if workshop, err = os.MkdirTemp("", "mockbank-clients"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(workshop)
	return m.Run()
}

var program = sync.OnceValues(func() (string, error) { return housetest.Build(workshop) })

const control = "/_mockbank/v1/workspaces/default"

// start runs a mockbank whose clock stands, and wants that it ends in order.
func start(t *testing.T) *housetest.House {
	t.Helper()
	return startAt(t, "2026-01-15T10:30:00Z")
}

func startAt(t *testing.T, instant string) *housetest.House {
	t.Helper()
	return startWith(t, "--clock", "frozen@"+instant)
}

func startWith(t *testing.T, flags ...string) *housetest.House {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	h, err := housetest.Start(housetest.Config{Program: path, Dir: t.TempDir(), Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// call wants a success of the running mockbank.
func call(t *testing.T, h *housetest.House, method, path string, body, reply any) {
	t.Helper()
	if err := h.Call(t.Context(), method, path, body, reply); err != nil {
		t.Fatal(err)
	}
}

// scripts is a folder with the scripts and with the libraries that they import.
var scripts = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(workshop, "scripts")
	if err := os.CopyFS(dir, os.DirFS(".")); err != nil {
		return "", err
	}
	if ready := os.Getenv("MOCKBANK_TEST_NODE_MODULES"); ready != "" {
		return dir, os.Symlink(ready, filepath.Join(dir, "node_modules"))
	}
	install := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w: %s", err, out)
	}
	return dir, nil
})

// node prepares a script; it ends with the test.
func node(t *testing.T, script string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	housetest.Need(t, "node")
	if os.Getenv("MOCKBANK_TEST_NODE_MODULES") == "" {
		housetest.Need(t, "npm")
	}
	dir, err := scripts()
	if err != nil {
		housetest.Missing(t, err.Error())
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{script}, args...)...)
	cmd.Dir = dir
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	return cmd, &complaints
}
