package pki_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/pki"
)

func open(dir string) (*pki.Authority, error) { return pki.Open(dir, at(today), rand.Reader) }

// TestOpenKeeps: the second time it is the same one, and the copy for others comes back when it was lost.
func TestOpenKeeps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "ca")
	first, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	public := filepath.Join(dir, pki.CertificateFile)
	if err := os.Remove(public); err != nil {
		t.Fatal(err)
	}
	second, err := open(dir)
	if err != nil || !second.Certificate.Equal(first.Certificate) {
		t.Fatalf("it is another one: %v", err)
	}
	issue(t, second, pki.Order{Names: []string{"localhost"}})
	if text, err := os.ReadFile(public); err != nil || !bytes.Equal(text, first.PEM()) || bytes.Contains(text, []byte("PRIVATE")) {
		t.Errorf("%s: %v\n%s", public, err, text)
	}
	if info, err := os.Stat(filepath.Join(dir, pki.KeyFile)); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("the key's mode is %v, %v", info.Mode(), err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("there are %v", left)
	}
}

// TestOpenAtOnce: all get the one that the first of them made.
func TestOpenAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	var group sync.WaitGroup
	all := make([]*pki.Authority, 16)
	for i := range all {
		group.Go(func() {
			var err error
			if all[i], err = open(dir); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, a := range all {
		if a != nil && !a.Certificate.Equal(all[0].Certificate) {
			t.Fatal("there are two")
		}
	}
}

// keyFile is a good one, and that of another authority.
func keyFile(t *testing.T) (dir string, text []byte) {
	t.Helper()
	dir = t.TempDir()
	if _, err := open(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, pki.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	return dir, text
}

// TestOpenRefuses tells by name what is wrong with the file, where it is, and never what the key is.
func TestOpenRefuses(t *testing.T) {
	dir, good := keyFile(t)
	_, foreign := keyFile(t)
	path := filepath.Join(dir, pki.KeyFile)
	end := []byte("-----END PRIVATE KEY-----\n")
	key, certificate, _ := bytes.Cut(good, end)
	key = append(bytes.Clone(key), end...)
	_, otherCertificate, _ := bytes.Cut(foreign, end)
	leafChain, leafKey, err := issue(t, authority(t), pki.Order{Names: []string{"localhost"}}).PEM()
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		text []byte
		want string
	}{
		"empty":              {nil, "has to hold one PRIVATE KEY and one CERTIFICATE"},
		"no PEM":             {[]byte("hello"), "has to hold one PRIVATE KEY"},
		"only a key":         {key, "has to hold one PRIVATE KEY"},
		"only a certificate": {certificate, "has to hold one PRIVATE KEY"},
		"two keys":           {append(bytes.Clone(key), good...), `a block "PRIVATE KEY"`},
		"a public key":       {[]byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), `a block "PUBLIC KEY"`},
		"a torn key":         {[]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "its key makes no sense"},
		"a torn certificate": {[]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "its certificate makes no sense"},
		"another's key":      {append(bytes.Clone(key), otherCertificate...), "its key is not that of its certificate"},
		"a server's":         {append(bytes.Clone(leafKey), leafChain...), "is not that of a CA"},
		"endless":            {bytes.Repeat([]byte("x"), 1<<20), "too long"},
	} {
		if err := os.WriteFile(path, row.text, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := open(dir)
		if err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q and the path", name, err, row.want)
		}
	}
}

func TestOpenGoesByTheClock(t *testing.T) {
	dir, _ := keyFile(t)
	for want, now := range map[string]time.Time{
		"expired at 2036":          today.AddDate(11, 0, 0),
		"set the clock right":      today.AddDate(-1, 0, 0),
		"have your machine trust ": today.AddDate(20, 0, 0),
	} {
		if _, err := pki.Open(dir, at(now), rand.Reader); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("at %s: %v, want %q", now, err, want)
		}
	}
}

func TestOpenLooksAtTheKind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes here")
	}
	dir, _ := keyFile(t)
	path := filepath.Join(dir, pki.KeyFile)
	for _, mode := range []os.FileMode{0o644, 0o640, 0o602} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := open(dir); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := open(dir); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a folder: %v", err)
	}
}

// FuzzKeyFile: whatever stands in the file, there is an error or an authority that signs.
func FuzzKeyFile(f *testing.F) {
	dir := f.TempDir()
	if _, err := open(dir); err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(dir, pki.KeyFile)
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, text []byte) {
		if a, err := pki.Parse(text, at(today), rand.Reader); err == nil {
			issue(t, a, pki.Order{Names: []string{"localhost"}})
		}
	})
}
