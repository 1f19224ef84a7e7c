package bolt_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/bolt"
	"github.com/mockbank/mockbank/internal/kv/mem"
)

// TestReopen grows and shrinks a store through all its shapes, from nothing over one page to three levels and
// back. The verification at each start must never take a sound file for a damaged one.
func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	chance := rand.New(rand.NewPCG(5, 6))
	model := mem.New()
	rows := []int{0, 1, 3, 20, 200, 5000, 20000, 100, 0, 1, 300, 0}
	for i, n := range rows {
		d, err := bolt.Open(path, bolt.Options{})
		if err != nil {
			t.Fatalf("start %d: %v", i, err)
		}
		if diff := cmp.Diff(snapshot(model), snapshot(d)); diff != "" {
			t.Fatalf("start %d: %s", i, diff)
		}
		for range 3 {
			seed := chance.Uint64()
			for _, driver := range []kv.Driver{d, model} {
				if err := driver.Update(func(w kv.Writer) error { return reshape(w, n, seed) }); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// reshape deletes the rows from n on, and writes a third of the others anew.
func reshape(w kv.Writer, n int, seed uint64) error {
	chance := rand.New(rand.NewPCG(seed, 0))
	row := func(i int) []byte { return fmt.Appendf(nil, "row/%06d", i) }
	var failed error
	err := w.Scan(row(n), nil, chance.IntN(2) == 0, func(k, _ []byte) bool {
		failed = w.Delete(k)
		return failed == nil
	})
	for i := 0; i < n && err == nil; i += 1 + chance.IntN(5) {
		size := chance.IntN(150)
		if chance.IntN(200) == 0 {
			size = chance.IntN(30000)
		}
		err = w.Put(row(i), make([]byte, size))
	}
	return errors.Join(err, failed)
}
