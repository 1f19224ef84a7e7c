package crash

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// storeFile is where the state lies in the data folder.
const storeFile = "mockbank.db"

// standing is what can be told of all links in a few words.
func standing(ctx context.Context, a *api) ([]string, error) {
	all, err := a.entities(ctx, inHand)
	var told []string
	for _, e := range all {
		told = append(told, fmt.Sprintf("%s %s %d", e.ID, e.State, e.Version))
	}
	return told, err
}

// sound makes a store and gives its file, and what it held before and after the last change.
func sound(t *testing.T) (file []byte, states [][]string) {
	t.Helper()
	dir := t.TempDir()
	p := start(t, dir)
	a, ctx := p.api(t), t.Context()
	var id string
	for range 6 {
		var err error
		if id, _, err = a.createLink(ctx, inHand, "manual", nowhere); err != nil {
			t.Fatal(err)
		}
	}
	for _, event := range []string{"revoke", ""} {
		told, err := standing(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, told)
		if event == "" {
			break
		}
		p.stop(t) // so that the change is the last one of all
		p = start(t, dir)
		a = p.api(t)
		if _, err := a.fire(ctx, inHand, id, event); err != nil {
			t.Fatal(err)
		}
	}
	p.kill() // without its webhook being recorded
	file, err := os.ReadFile(filepath.Join(dir, storeFile))
	if err != nil {
		t.Fatal(err)
	}
	return file, states
}

// TestDamagedFile changes a byte at every 512th place of the store, or at a sample of these, and cuts it short. The
// program refuses the file with a sentence, or starts with one of the last states; and nobody sees a trace.
func TestDamagedFile(t *testing.T) {
	file, states := sound(t)
	const page = 4096
	used := (len(bytes.TrimRight(file, "\x00")) + page - 1) / page * page
	chance := rand.New(rand.NewPCG(*seed, 2))
	refused, opened := 0, 0
	for n, at := 0, 0; at < used; n, at = n+1, at+512 {
		if (n+int(*seed))%*every != 0 && n > 1 { // the roots are always among them
			continue
		}
		for _, place := range []int{at, at + chance.IntN(512)} {
			damaged := bytes.Clone(file)
			damaged[place] ^= byte(1 + chance.IntN(255))
			if refusedOrSound(t, fmt.Sprintf("byte %d", place), damaged, states) {
				refused++
			} else {
				opened++
			}
		}
	}
	for _, size := range []int{1, page, used / 2 / page * page, used - page} {
		if !refusedOrSound(t, fmt.Sprintf("%d bytes of it", size), file[:size], states) {
			t.Errorf("%d bytes of %d: it opened", size, used)
		}
	}
	t.Logf("%d of %d places: %d refused, %d opened", opened+refused, 2*used/512, refused, opened)
}

// TestNoStore puts something else in the store's place, or an end to it.
func TestNoStore(t *testing.T) {
	for name, content := range map[string][]byte{
		"nothing":     {},
		"a text":      []byte(strings.Repeat("To whom it may concern.\n", 1000)),
		"zeros":       make([]byte, 64<<10),
		"another one": []byte("SQLite format 3\x00" + strings.Repeat("\x00", 8192)),
	} {
		if !refusedOrSound(t, name, content, nil) {
			t.Errorf("%s: it opened", name)
		}
	}
}

// refusedOrSound starts the program on a file and holds it to one or the other.
func refusedOrSound(t *testing.T, what string, file []byte, states [][]string) (refused bool) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, storeFile)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	p, out, err := launch(binary, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	p.await(out)
	if p.base == "" {
		code, log := p.exit(t, patience), p.log.String()
		if code != 1 || !strings.HasPrefix(log, "mockbank: ") || !strings.Contains(log, path) || strings.Count(log, "\n") != 1 || flaw(log) != nil {
			t.Errorf("%s: exit code %d, and it says: %s", what, code, log)
		}
		return true
	}
	got, err := standing(t.Context(), p.api(t))
	if err != nil || !slices.ContainsFunc(states, func(s []string) bool { return slices.Equal(s, got) }) {
		t.Errorf("%s: it opened with what it never held: %q, %v", what, got, err)
	}
	p.expectStop(t, os.Interrupt)
	return false
}
