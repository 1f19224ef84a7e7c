package mem_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/mem"
)

func key(i int) []byte { return fmt.Appendf(nil, "default/%d/link/%012d", i%4, i/4) }

func fill(tb testing.TB, rows, size int) *mem.Driver {
	tb.Helper()
	d := mem.New()
	for i := range rows / 4 {
		err := d.Update(func(w kv.Writer) error {
			for j := range 4 {
				if err := w.Put(key(4*i+j), make([]byte, size)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return d
}

// BenchmarkMix is 32 goroutines that read three rows and then write four, on a million rows.
func BenchmarkMix(b *testing.B) {
	const rows = 1_000_000
	d := fill(b, rows, 100)
	var seeds atomic.Uint64
	b.SetParallelism(max(1, 32/runtime.GOMAXPROCS(0)))
	b.ResetTimer()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		chance := rand.New(rand.NewPCG(seeds.Add(1), 0))
		for pb.Next() {
			i := chance.IntN(rows)
			if err := d.View(func(r kv.Reader) error { return read(r, i) }); err != nil {
				b.Error(err)
			}
			if err := d.Update(func(w kv.Writer) error { return write(w, i) }); err != nil {
				b.Error(err)
			}
		}
	})
}

func read(r kv.Reader, i int) error {
	for j := range 3 {
		if _, err := r.Get(key(i + j)); err != nil {
			return err
		}
	}
	return nil
}

func write(w kv.Writer, i int) error {
	for j := range 4 {
		if err := w.Put(key(i+j), make([]byte, 100)); err != nil {
			return err
		}
	}
	return nil
}

// TestOverhead bounds what a pair costs beyond its own bytes, with rows that arrive in the order of four indexes.
func TestOverhead(t *testing.T) {
	const rows, size = 200_000, 100
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	d := fill(t, rows, size)
	runtime.GC()
	runtime.ReadMemStats(&after)
	own := size + len(key(rows-1))
	overhead := int(after.HeapAlloc-before.HeapAlloc)/rows - own
	t.Logf("%d bytes a pair beyond its own %d", overhead, own)
	if overhead > 100 {
		t.Error("that is more than 100")
	}
	runtime.KeepAlive(d)
}
