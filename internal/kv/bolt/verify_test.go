package bolt

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/mockbank/mockbank/internal/kv"
)

// TestVerify changes a few bytes of a store at random, very often: verify ends and does not panic. The fuzzing engine
// manages only a few runs a second on files of this size.
func TestVerify(t *testing.T) {
	sound := image(t, 3)
	if err := verify(bytes.NewReader(sound), int64(len(sound))); err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(5000) {
		chance := rand.New(rand.NewPCG(seed, 7))
		file := bytes.Clone(sound)
		for range 1 + chance.IntN(5) {
			file[chance.IntN(len(file))] = byte(chance.IntN(256))
		}
		_ = verify(bytes.NewReader(file), int64(len(file)))
	}
}

// image is a small store's file without the room that it keeps for more.
func image(tb testing.TB, rows int) []byte {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "test.db")
	d, err := Open(path, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	err = d.Update(func(w kv.Writer) error {
		for i := range rows {
			if err := w.Put([]byte{byte(i), 1}, make([]byte, 100)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	if err := d.Close(); err != nil {
		tb.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return file[:min(len(file), 24<<10)]
}
