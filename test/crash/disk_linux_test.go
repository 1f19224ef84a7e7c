package crash

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// fault makes a sort of call on the store of a running program fail, until end is called.
func fault(t *testing.T, p *program, dir, call, errno string) (end func()) {
	t.Helper()
	c := exec.Command("strace", "-f", "-o", os.DevNull, "-P", filepath.Join(dir, storeFile),
		"-e", "trace="+call, "-e", "inject="+call+":error="+errno, "-p", fmt.Sprint(p.cmd.Process.Pid))
	says, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		unable(t, "strace may not trace here:", err)
	}
	lines := bufio.NewScanner(says)
	if !lines.Scan() || !strings.Contains(lines.Text(), "attached") {
		_ = c.Wait()
		unable(t, "strace may not trace here:", lines.Text())
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for lines.Scan() { // threads that come and go
		}
		_ = c.Wait() // it ends as it is told
	}()
	ended := false
	end = func() {
		if !ended {
			ended = true
			_ = c.Process.Signal(syscall.SIGINT) // and it lets go
			<-done
		}
	}
	t.Cleanup(end)
	return end
}

// expectRefusal holds a refusal in the provider's dialect, which knows no 503 and no 507, and in that of the
// control API, which does.
func expectRefusal(t *testing.T, a *api, workspace string, status int, sentence string) {
	t.Helper()
	_, _, err := a.createLink(t.Context(), workspace, "manual", nowhere)
	var no *refused
	if !errors.As(err, &no) || no.status != http.StatusInternalServerError ||
		!strings.Contains(no.body, `"code":"internal_server_error"`) || !strings.Contains(no.body, sentence) {
		t.Errorf("the provider answers %v, want its internal_server_error and %q", err, sentence)
	}
	err = a.call(t.Context(), http.MethodPut, control(workspace, ""), map[string]any{"seed": 2}, nil)
	if !errors.As(err, &no) || no.status != status || !strings.Contains(no.body, sentence) {
		t.Errorf("the control API answers %v, want %d and %q", err, status, sentence)
	}
}

// expectReads holds that what was there can be read.
func expectReads(t *testing.T, a *api, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if _, err := a.link(t.Context(), inHand, id); err != nil {
			t.Error("reads do not go on:", err)
		}
	}
	if err := a.call(t.Context(), http.MethodGet, "/_mockbank/v1/health", nil, nil); err != nil {
		t.Error(err)
	}
}

func mustCreate(t *testing.T, a *api) (id string) {
	t.Helper()
	id, _, err := a.createLink(t.Context(), inHand, "manual", nowhere)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

const (
	sayBroken = "The disk failed to keep a write"
	sayFull   = "The disk is full"
)

// TestFailedSync fails syncs. Nothing is acknowledged from the first one on, also when the disk is well again,
// until the program starts anew.
func TestFailedSync(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	a := p.api(t)
	kept := mustCreate(t, a)
	end := fault(t, p, dir, "fsync,fdatasync", "EIO")
	for _, workspace := range []string{inHand, inReal, inHand} {
		expectRefusal(t, a, workspace, http.StatusServiceUnavailable, sayBroken)
	}
	end()
	expectRefusal(t, a, inHand, http.StatusServiceUnavailable, sayBroken)
	expectReads(t, a, kept)
	if log := p.log.String(); flaw(log) != nil || !strings.Contains(log, "input/output error") {
		t.Errorf("the log does not name the cause:\n%s", log)
	}
	p.expectStop(t, syscall.SIGTERM)
	p = start(t, dir)
	expectReads(t, p.api(t), kept, mustCreate(t, p.api(t)))
	p.expectClean(t)
	p.stop(t)
}

// TestFailedWrite has the disk refuse writes for want of room, and take them again.
func TestFailedWrite(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	a := p.api(t)
	kept := mustCreate(t, a)
	end := fault(t, p, dir, "pwrite64,ftruncate", "ENOSPC")
	for range 3 {
		expectRefusal(t, a, inHand, http.StatusInsufficientStorage, sayFull)
		expectReads(t, a, kept)
	}
	end()
	after := mustCreate(t, a)
	if log := p.log.String(); flaw(log) != nil || !strings.Contains(log, "no space left on device") {
		t.Errorf("the log does not name the cause:\n%s", log)
	}
	p.expectStop(t, syscall.SIGTERM)
	p = start(t, dir)
	expectReads(t, p.api(t), kept, after)
	p.stop(t)
}

// TestFullDisk fills a small disk of its own until there is no room, and makes room again.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=4m"); err != nil {
		unable(t, "a small disk can not be mounted here:", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	p := start(t, dir)
	a := p.api(t)
	kept := []string{mustCreate(t, a)}
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 8<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	full := false
	for range 2000 {
		id, _, err := a.createLink(t.Context(), inHand, "manual", nowhere)
		if full = err != nil; full {
			break
		}
		kept = append(kept, id)
	}
	if !full {
		t.Fatal("the store never needed more room")
	}
	expectRefusal(t, a, inHand, http.StatusInsufficientStorage, sayFull)
	expectReads(t, a, kept...)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	kept = append(kept, mustCreate(t, a))
	p.expectStop(t, syscall.SIGTERM)
	p = start(t, dir)
	expectReads(t, p.api(t), kept...)
	p.stop(t)
}

// TestLostFile deletes the store under the running program: what would be written now, nobody would find.
func TestLostFile(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	a := p.api(t)
	kept := mustCreate(t, a)
	if err := os.Remove(filepath.Join(dir, storeFile)); err != nil {
		t.Fatal(err)
	}
	expectRefusal(t, a, inHand, http.StatusServiceUnavailable, sayBroken)
	expectReads(t, a, kept)
	if log := p.log.String(); flaw(log) != nil || !strings.Contains(log, "was moved, deleted or replaced while mockbank ran") {
		t.Errorf("the log does not name the cause:\n%s", log)
	}
	p.expectStop(t, syscall.SIGTERM)
}
