package bolt_test

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/bolt"
)

const changes = 60

// TestFlippedByte flips a byte at every 512th place, at as many other places, and in the head of each page. The
// store is refused, or opens in its last or last but one state.
func TestFlippedByte(t *testing.T) {
	path := store(t, changes)
	all := states(t, changes)
	good := written(t, path)
	chance := rand.New(rand.NewPCG(1, 2))
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	refused, opened := 0, 0
	for at := 0; at < len(good); at += 512 {
		for _, place := range []int{at, at + chance.IntN(512), at/4096*4096 + at%4096/512*2, at/4096*4096 + at%4096/512*2 + 1} {
			image := append([]byte(nil), good...)
			image[place] ^= byte(1 + chance.IntN(255))
			if !goodOrRefused(t, damaged, image, all[changes-1:]) {
				refused++
				continue
			}
			opened++
		}
	}
	if refused == 0 || opened == 0 {
		t.Error("the flips did not reach both what is used and what is free")
	}
}

func TestTruncated(t *testing.T) {
	path := store(t, changes)
	all := states(t, changes)
	good := written(t, path)
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	for size := 0; size < len(good); size += 3583 {
		goodOrRefused(t, damaged, good[:size], all[changes:])
	}
}

// written reads the pages of a file without the room that it keeps for more.
func written(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	used := len(bytes.TrimRight(file, "\x00"))
	return file[:(used+page-1)/page*page]
}

// goodOrRefused tells whether a store opens; what it holds then must be one of the states.
func goodOrRefused(t *testing.T, path string, image []byte, states []map[string]string) bool {
	t.Helper()
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		return false
	}
	defer d.Close()
	got := snapshot(d)
	for _, want := range states {
		if maps.Equal(got, want) {
			return true
		}
	}
	t.Errorf("it opened with %d pairs that it never held together", len(got))
	return true
}

// TestCutWhileRunning cuts the mapped file short: readers and writers get errors, nobody dies or waits.
func TestCutWhileRunning(t *testing.T) {
	for _, size := range []int64{0, 4096, 20000} {
		path := store(t, changes)
		d := open(t, path)
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := d.View(func(r kv.Reader) error { return r.Scan(nil, nil, false, func(_, _ []byte) bool { return true }) }); err == nil {
				t.Errorf("cut to %d bytes: View told nothing", size)
			}
			if err := d.Update(func(w kv.Writer) error { return change(w, 0) }); err == nil {
				t.Errorf("cut to %d bytes: Update told nothing", size)
			}
		}
		if err := d.Close(); err != nil {
			t.Error("Close:", err)
		}
	}
}
