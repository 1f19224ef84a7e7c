package bolt_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/bolt"
)

// TestRefusals puts something else in the place of the store. Each refusal names the file and leaves it alone.
func TestRefusals(t *testing.T) {
	tests := []struct {
		name  string
		place func(path string) error
		want  string
	}{
		{"a directory", func(path string) error { return os.Mkdir(path, 0o700) }, "is a directory"},
		{"nothing in it", text(""), "is empty, so what it held is lost"},
		{"a text file", text("hello\n"), "not a store"},
		{"a long text file", text(strings.Repeat("hello\n", 10000)), "not a store"},
		{"a pipe", func(path string) error { return syscall.Mkfifo(path, 0o600) }, "not a regular file"},
		{"no directory", func(path string) error { return os.Remove(filepath.Dir(path)) }, "its directory"},
		{"a file as directory", func(path string) error {
			return errors.Join(os.Remove(filepath.Dir(path)), text("")(filepath.Dir(path)))
		}, "not a directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			path := filepath.Join(dir, "test.db")
			if err := errors.Join(os.Mkdir(dir, 0o700), test.place(path)); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(regular(path))
			d, err := bolt.Open(path, bolt.Options{})
			if err == nil {
				_ = d.Close()
				t.Fatal("it opened")
			}
			if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q does not tell of %q", err, test.want)
			}
			after, _ := os.ReadFile(regular(path))
			if diff := cmp.Diff(before, after); diff != "" {
				t.Error("the file was changed:", diff)
			}
		})
	}
}

func text(content string) func(path string) error {
	return func(path string) error { return os.WriteFile(path, []byte(content), 0o600) }
}

// regular keeps a reader from waiting at a pipe.
func regular(path string) string {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return path
	}
	return os.DevNull
}

func TestNoPermission(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become somebody else")
	}
	path := store(t, 3)
	for dir := filepath.Dir(path); dir != "/"; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err != nil || info.Mode()&0o005 != 0o005 && os.Chmod(dir, 0o755) != nil {
			t.Skip("another user can not reach", dir)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(self)
	if err == nil {
		self = filepath.Join(t.TempDir(), "child")
		err = errors.Join(os.WriteFile(self, binary, 0o755), os.Chmod(filepath.Dir(self), 0o755))
	}
	if err != nil {
		t.Fatal(err)
	}
	modes := []struct{ dir, file, lock os.FileMode }{
		{0o755, 0o644, 0o600}, {0o777, 0o644, 0o666}, {0o777, 0o600, 0o666},
	}
	for _, m := range modes {
		err := errors.Join(os.Chmod(filepath.Dir(path), m.dir), os.Chmod(path, m.file), os.Chmod(path+".lock", m.lock))
		if err != nil {
			t.Fatal(err)
		}
		c := command(t, "1", path)
		c.Path = self
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out := run(t, c)[0]
		if !strings.Contains(out, "this process (user 65534) may not") || !strings.Contains(out, path+" is of user 0") {
			t.Errorf("%+v: %q", m, out)
		}
	}
}

func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	first := command(t, "hold", path)
	stop, err := first.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("open\n"))); err != nil {
		t.Fatal(err)
	}
	_, err = bolt.Open(path, bolt.Options{})
	if want := "process " + strconv.Itoa(first.Process.Pid) + ":"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Open = %v, want a sentence that names %q", err, want)
	}
	_ = stop.Close()
	_ = first.Wait()
	open(t, path) // the first is gone, and its lock with it, though it did not close
}

func TestUnfinishedCreation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	if err := text("half a store")(path + ".new"); err != nil {
		t.Fatal(err)
	}
	if got := snapshot(open(t, path)); len(got) != 0 || got == nil {
		t.Errorf("a new store holds %v", got)
	}
}

func put(key, value string) func(kv.Writer) error {
	return func(w kv.Writer) error { return w.Put([]byte(key), []byte(value)) }
}

func TestMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	steps := []func(kv.Writer) error{put("a", "2"), put("b", "3")}
	if err := errors.Join(reopen(path, bolt.Options{}, put("a", "1")), reopen(path, bolt.Options{Version: 3, Migrate: steps}, put("c", "3"))); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a": "2", "b": "3", "c": "3"}
	d, err := bolt.Open(path, bolt.Options{Version: 3, Migrate: steps})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, snapshot(d)); diff != "" {
		t.Error("migrated:", diff)
	}
	_ = d.Close()
	if diff := cmp.Diff(map[string]string{"a": "1"}, snapshot(open(t, path+".v1.bak"))); diff != "" {
		t.Error("backup:", diff)
	}
	if err := reopen(path, bolt.Options{Version: 2, Migrate: steps[:1]}, put("x", "")); err == nil || !strings.Contains(err.Error(), "newer mockbank (version 3") {
		t.Errorf("an older program: %v, want a sentence about a newer mockbank", err)
	}
}

func TestFailedMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	bad := errors.New("on purpose")
	steps := []func(kv.Writer) error{put("a", "2"), func(kv.Writer) error { return bad }}
	if err := reopen(path, bolt.Options{}, put("a", "1")); err != nil {
		t.Fatal(err)
	}
	if err := reopen(path, bolt.Options{Version: 3, Migrate: steps}, put("x", "")); !errors.Is(err, bad) {
		t.Errorf("Open = %v, want the step's error", err)
	}
	if diff := cmp.Diff(map[string]string{"a": "1"}, snapshot(open(t, path))); diff != "" {
		t.Error("after a migration that failed:", diff)
	}
}

func TestOptions(t *testing.T) {
	_, err := bolt.Open(filepath.Join(t.TempDir(), "test.db"), bolt.Options{Version: 2})
	if err == nil {
		t.Error("Open took a version without the way to it")
	}
}

func reopen(path string, o bolt.Options, fn func(kv.Writer) error) error {
	d, err := bolt.Open(path, o)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return errors.Join(d.Update(fn), d.Close())
}
