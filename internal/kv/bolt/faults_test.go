package bolt_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/kv"
)

const faulty = 8 // changes that a child with an injected fault tries

// inject runs a child whose nth call on the store's file fails, and returns the outcome of each change and
// the store that it left.
func inject(t *testing.T, call, errno, when string) (outcomes []string, left map[string]string) {
	t.Helper()
	path := store(t, 0)
	if err := os.WriteFile(path, written(t, path), 0o600); err != nil { // so that the first change lets it grow
		t.Fatal(err)
	}
	under := strace(t, "-o", os.DevNull, "-P", path, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:error=%s:when=%s", call, errno, when))
	lines := run(t, command(t, fmt.Sprint(faulty), path, under...))
	if lines[0] != "open" || len(lines) != faulty+1 {
		t.Fatalf("%s %s at %s: %q", call, errno, when, lines)
	}
	for _, line := range lines[1:] {
		var i, pairs int
		var outcome string
		if _, err := fmt.Sscan(line, &i, &outcome, &pairs); err != nil || pairs == 0 && i > 0 && outcomes[0] == "kept" {
			t.Errorf("%s %s at %s: change and read gave %q, %v", call, errno, when, line, err)
		}
		outcomes = append(outcomes, outcome)
	}
	return outcomes, snapshot(open(t, path))
}

// TestFailedSync fails each sync in turn. Nothing is acknowledged from then on; reads go on.
func TestFailedSync(t *testing.T) {
	all := states(t, faulty)
	for when := 1; when <= 5; when++ {
		for _, errno := range []string{"EIO", "ENOSPC"} {
			outcomes, left := inject(t, "fdatasync", errno, fmt.Sprint(when))
			kept := keptThenBroken(t, outcomes)
			if want := (when - 1) / 2; kept != want {
				t.Errorf("%s at sync %d: %d changes were acknowledged, want %d", errno, when, kept, want)
			}
			// The one in doubt may be there; those acknowledged must be.
			if !maps.Equal(left, all[kept]) && !maps.Equal(left, all[kept+1]) {
				t.Errorf("%s at sync %d: after %d acknowledged changes the store holds\n%s", errno, when, kept, cmp.Diff(all[kept], left))
			}
		}
	}
}

// TestFailedGrowth fails to make the file longer, and to make that durable. bbolt tells both as text only.
func TestFailedGrowth(t *testing.T) {
	outcomes, left := inject(t, "fsync", "EIO", "1")
	if kept := keptThenBroken(t, outcomes); kept == faulty {
		t.Errorf("the file did not grow: outcomes %q", outcomes)
	}
	expectKept(t, outcomes, left)
	outcomes, left = inject(t, "ftruncate", "ENOSPC", "1")
	if n := strings.Count(strings.Join(outcomes, " "), "full"); n != 1 || outcomes[faulty-1] != "kept" {
		t.Errorf("a growth that fails once: outcomes %q", outcomes)
	}
	expectKept(t, outcomes, left)
}

// TestFullDisk fails two writes in a row, from each of the first ones on. What is acknowledged is there, what
// is not is not, and when there is room again all goes on.
func TestFullDisk(t *testing.T) {
	for when := 1; when <= 9; when++ {
		outcomes, left := inject(t, "pwrite64", "ENOSPC", fmt.Sprintf("%d..%d", when, when+1))
		full := strings.Count(strings.Join(outcomes, " "), "full")
		if full != 2 || outcomes[faulty-1] != "kept" {
			t.Errorf("write %d: outcomes %q", when, outcomes)
		}
		expectKept(t, outcomes, left)
	}
}

// TestBadWrite fails one write for another reason, after which the disk is not to be trusted.
func TestBadWrite(t *testing.T) {
	outcomes, left := inject(t, "pwrite64", "EIO", "4")
	if outcomes[faulty-1] != "broken" {
		t.Errorf("outcomes %q", outcomes)
	}
	expectKept(t, outcomes, left)
}

// keptThenBroken counts the changes before the first that was not kept; none may be kept after it.
func keptThenBroken(t *testing.T, outcomes []string) (kept int) {
	t.Helper()
	for kept < len(outcomes) && outcomes[kept] == "kept" {
		kept++
	}
	for _, o := range outcomes[kept:] {
		if o != "broken" {
			t.Errorf("after a failed sync: outcomes %q", outcomes)
		}
	}
	return kept
}

func expectKept(t *testing.T, outcomes []string, left map[string]string) {
	t.Helper()
	d := open(t, store(t, 0))
	for i, o := range outcomes {
		if o == "kept" {
			if err := d.Update(func(w kv.Writer) error { return change(w, i) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff(snapshot(d), left); diff != "" {
		t.Errorf("%q left another store: %s", outcomes, diff)
	}
}

// TestRealFullDisk meets a limit that the kernel enforces, with room for the first part of a write.
func TestRealFullDisk(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	path := store(t, 1)
	d := open(t, path)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	size, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	limit := was
	limit.Cur = uint64(size.Size()) + 1000
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Skip("no limit can be set here:", err)
	}
	t.Cleanup(func() { _ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was) })
	grow := func(w kv.Writer) error { return w.Put([]byte("large"), make([]byte, 2<<20)) }
	before := snapshot(d)
	for range 3 {
		if err := d.Update(grow); !errors.Is(err, kv.ErrFull) || !strings.Contains(err.Error(), path) {
			t.Errorf("Update = %v, want ErrFull and the file's name", err)
		}
	}
	if diff := cmp.Diff(before, snapshot(d)); diff != "" {
		t.Error("after a full disk:", diff)
	}
	if err := d.Update(func(w kv.Writer) error { return change(w, 1) }); err != nil {
		t.Error("a change that fits:", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	if err := d.Update(grow); err != nil {
		t.Error("with room again:", err)
	}
}

// TestLostFile moves, deletes and replaces the file under a running store.
func TestLostFile(t *testing.T) {
	ways := map[string]func(path string) error{
		"deleted":  os.Remove,
		"moved":    func(path string) error { return os.Rename(path, path+".away") },
		"replaced": func(path string) error { return errors.Join(os.Remove(path), text("another")(path)) },
	}
	for name, lose := range ways {
		path := store(t, 3)
		d := open(t, path)
		if err := lose(path); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			err := d.Update(func(w kv.Writer) error { return change(w, 3) })
			if !errors.Is(err, kv.ErrBroken) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: Update = %v, want ErrBroken and the file's name", name, err)
			}
		}
		if diff := cmp.Diff(states(t, 3)[3], snapshot(d)); diff != "" {
			t.Errorf("%s: reads do not go on: %s", name, diff)
		}
	}
}
