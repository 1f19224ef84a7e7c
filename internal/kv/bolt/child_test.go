package bolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/bolt"
	"github.com/mockbank/mockbank/internal/kv/mem"
)

// TestMain lets the test binary stand in for a mockbank that the tests lock out, trace and make fail.
func TestMain(m *testing.M) {
	if role := os.Getenv("MOCKBANK_BOLT_CHILD"); role != "" {
		child(role, os.Args[1])
		return
	}
	os.Exit(m.Run())
}

func child(role, path string) {
	runtime.LockOSThread() // strace counts the calls of each thread
	d, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("open")
	if role == "hold" {
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	n, _ := strconv.Atoi(role)
	for i := range n {
		fmt.Println(i, outcome(d.Update(func(w kv.Writer) error { return change(w, i) })), len(snapshot(d)))
	}
}

func outcome(err error) string {
	switch {
	case err == nil:
		return "kept"
	case errors.Is(err, kv.ErrFull):
		return "full"
	case errors.Is(err, kv.ErrBroken):
		return "broken"
	}
	return err.Error()
}

// change is the ith Update of a child: a few rows of many sizes, some gone, and a count.
func change(w kv.Writer, i int) error {
	row := func(n int) []byte { return fmt.Appendf(nil, "row/%02d", n%41) }
	return errors.Join(
		w.Put([]byte("count"), strconv.AppendInt(nil, int64(i), 10)),
		w.Put(row(i), bytes.Repeat([]byte{byte(i)}, i*131%5000)),
		w.Put(row(i*5+3), fmt.Appendf(nil, "value %d", i)),
		w.Delete(row(i*7+1)),
	)
}

// states are the contents after each number of changes, as the driver in memory has them.
func states(t *testing.T, n int) []map[string]string {
	t.Helper()
	d := mem.New()
	all := []map[string]string{snapshot(d)}
	for i := range n {
		if err := d.Update(func(w kv.Writer) error { return change(w, i) }); err != nil {
			t.Fatal(err)
		}
		all = append(all, snapshot(d))
	}
	return all
}

// snapshot reads the whole store; nil means that it can not be read.
func snapshot(d kv.Driver) map[string]string {
	pairs := map[string]string{}
	err := d.View(func(r kv.Reader) error {
		return r.Scan(nil, nil, false, func(k, v []byte) bool {
			pairs[string(k)] = string(v)
			return true
		})
	})
	if err != nil {
		return nil
	}
	return pairs
}

// command starts the test binary in a role, under the program and arguments before it, if any.
func command(t *testing.T, role, path string, under ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append(under, self, path)
	c := exec.CommandContext(t.Context(), args[0], args[1:]...)
	// The race detector would sleep for a second at the end of each child.
	c.Env = append(os.Environ(), "MOCKBANK_BOLT_CHILD="+role, "GORACE=atexit_sleep_ms=0")
	return c
}

func run(t *testing.T, c *exec.Cmd) []string {
	t.Helper()
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, stderr.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// strace gives the arguments that trace a child, or skips the test where nothing may be traced.
func strace(t *testing.T, args ...string) []string {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "strace", "-o", os.DevNull, "true").Run(); err != nil {
		if os.Getenv("MOCKBANK_TEST_ALL") == "1" {
			t.Fatal("strace may not trace here:", err)
		}
		t.Skip("strace may not trace here:", err)
	}
	return append([]string{"strace", "-f", "--seccomp-bpf"}, args...)
}

func open(t *testing.T, path string) *bolt.Driver {
	t.Helper()
	d, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// store makes a store of n changes and returns its path.
func store(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	d := open(t, path)
	for i := range n {
		if err := d.Update(func(w kv.Writer) error { return change(w, i) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
