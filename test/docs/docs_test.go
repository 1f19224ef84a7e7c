// Package docs runs the pages that readers copy from: each piece of shell of docs/testing.md in the order of the page,
// in one session, against the real program on a free port, and the payment of the README. What the cookbook says that a
// recipe prints is what it prints; -update writes it anew.
//
// It also holds that the Go of the cookbook is that of the examples of package mockbanktest, and runs the tests of
// folder examples as their readers would. A tool that is missing skips a test with one line that says so, or fails it
// where MOCKBANK_TEST_ALL is 1.
package docs

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/housetest"
)

var update = flag.Bool("update", false, "write what the recipes print into their page")

const (
	cookbook = "../../docs/testing.md"
	readme   = "../../README.md"
	// written is the address that pages speak of.
	written = "127.0.0.1:6265"
)

// workshop is the folder of this run.
var workshop string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if workshop, err = os.MkdirTemp("", "mockbank-docs"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(workshop)
	return m.Run()
}

// program is built without the race detector also where the test has it: the recipes start a hundred commands, each of
// which would take a second. The stories of cmd/mockbank look for races.
var program = sync.OnceValues(func() (string, error) { return housetest.BuildPlain(workshop) })

// start runs a mockbank with these flags, and wants that it ends in order.
func start(t *testing.T, flags ...string) *housetest.House {
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

func TestCookbook(t *testing.T) {
	housetest.Need(t, "bash", "curl")
	p := read(t, cookbook)
	all := p.recipes()
	flags, serves := strings.CutPrefix(all[0].text, "mockbank serve")
	if !serves {
		t.Fatalf("%s begins with another command than mockbank serve", cookbook)
	}
	printed := append([]string{""}, session(t, start(t, strings.Fields(flags)...), all[1:])...)
	if *update {
		p.update(t, all, printed)
		return
	}
	for i, r := range all {
		if diff := cmp.Diff(r.prints, printed[i]); diff != "" {
			t.Errorf("%s:%d prints something else; -update writes it:\n%s", cookbook, r.line+1, diff)
		}
	}
}

// TestReadme makes the payment of the README, with a real clock.
func TestReadme(t *testing.T) {
	housetest.Need(t, "bash", "curl")
	for _, r := range read(t, readme).recipes() {
		if !strings.HasPrefix(r.text, "M=") {
			continue
		}
		if got := session(t, start(t), []recipe{r})[0]; !strings.Contains(got, "funds_received") {
			t.Errorf("the payment of the README ends otherwise: %s", got)
		}
		return
	}
	t.Errorf("%s has no payment", readme)
}

// patience is long enough for a busy machine.
const patience = 2 * time.Minute

// mark stands behind what a recipe printed.
const mark = "\x1e\n"

// session runs recipes in one shell, and tells what each of them printed.
func session(t *testing.T, h *housetest.House, recipes []recipe) []string {
	t.Helper()
	var script strings.Builder
	script.WriteString("set -eu -o pipefail\n")
	for _, r := range recipes {
		script.WriteString(r.text + "printf '\\036\\n'\n")
	}
	address := strings.TrimPrefix(h.Base, "http://")
	dir := t.TempDir()
	text := strings.NewReplacer(written, address, "/tmp/", dir+"/").Replace(script.String())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-c", text)
	shell.Dir, shell.Env = dir, environment(t, h.Base, dir)
	shell.WaitDelay = time.Second // for what a recipe left behind
	var out, complaints bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &complaints
	err := shell.Run()
	said := strings.NewReplacer(address, written, dir, "/tmp").Replace(out.String())
	printed := strings.Split(said, mark)
	if err != nil {
		broken := recipes[min(len(printed), len(recipes))-1]
		t.Fatalf("the recipe of line %d: %v: %s%s\n%s", broken.line+1, err, printed[len(printed)-1], complaints.String(), h.Log())
	}
	return printed[:len(recipes)]
}

// environment leads to the running mockbank and to its command line.
func environment(t *testing.T, base, dir string) []string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	search := "PATH=" + filepath.Dir(path) + string(os.PathListSeparator) + os.Getenv("PATH")
	return append(os.Environ(), search, "MOCKBANK_SERVER="+base, "MOCKBANK_URL="+base, "TMPDIR="+dir)
}
