package bolt_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/bolt"
)

func benchmark(b *testing.B, rows int) (path string, d *bolt.Driver) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "test.db")
	d, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	err = d.Update(func(w kv.Writer) error {
		for i := range rows {
			if err := w.Put(key(i), make([]byte, 1000)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return path, d
}

func key(i int) []byte { return fmt.Appendf(nil, "default/link/%012d", i) }

// BenchmarkOpen opens and closes a store of so many kilobytes.
func BenchmarkOpen(b *testing.B) {
	for _, rows := range []int{0, 60_000, 180_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			path, d := benchmark(b, rows)
			if err := d.Close(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				d, err := bolt.Open(path, bolt.Options{})
				if err != nil {
					b.Fatal(err)
				}
				if err := d.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	_, d := benchmark(b, 10_000)
	defer d.Close()
	for i := 0; b.Loop(); i++ {
		err := d.Update(func(w kv.Writer) error {
			for j := range 4 {
				if err := w.Put(key(i*4+j), make([]byte, 300)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	_, d := benchmark(b, 10_000)
	defer d.Close()
	for i := 0; b.Loop(); i++ {
		err := d.View(func(r kv.Reader) error {
			_, err := r.Get(key(i % 10_000))
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
