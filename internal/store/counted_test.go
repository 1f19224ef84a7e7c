package store

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/kv/mem"
)

// shelved is an entity in a counted index, under the key of its shelf.
func shelved(sequence uint64, shelf string) (*Entity, []Index) {
	id := fmt.Sprint("b", sequence)
	e := &Entity{Ref: Ref{"p", "book", id}, Sequence: sequence, Visit: 1, Version: 1, Created: noon, Updated: noon, Entered: noon, Data: []byte("{}")}
	return e, []Index{{Name: "shelf", Counted: true, Key: Key{}.Text(shelf)}, {Name: "code", Unique: true, Key: Key{}.Text(id)}}
}

// fataler is what testing.TB and rapid.T share.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

// page reads the sequence numbers of a page, and the total.
func page(t fataler, tx *Tx, shelf string, skip, limit int64) (numbers []uint64, total int64) {
	t.Helper()
	err := tx.PageIndex("p", "book", "shelf", Key{}.Text(shelf), skip, limit, func(e *Entity) (bool, error) {
		numbers = append(numbers, e.Sequence)
		return true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	total, err = tx.CountIndex("p", "book", "shelf", Key{}.Text(shelf))
	if err != nil {
		t.Fatal(err)
	}
	return numbers, total
}

// sparse draws sequence numbers that are near to each other, and in other blocks of every level.
func sparse() *rapid.Generator[uint64] {
	return rapid.Custom(func(t *rapid.T) uint64 {
		low := rapid.Uint64Range(1, 20).Draw(t, "low")
		return low + rapid.SampledFrom([]uint64{0, 250, 1 << 8, 1 << 16, 3 << 16, 1 << 24, 5 << 24, 1 << 40}).Draw(t, "block")
	})
}

// A counted index gives the pages and the totals of a plain list, whatever is made, moved and removed, in one
// transaction or in several.
func TestCountedIndexIsLikeAList(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := open(t, mem.New())
		plain := map[uint64]string{}
		shelves := rapid.SampledFrom([]string{"a", "ab", ""})
		for range rapid.IntRange(1, 5).Draw(rt, "transactions") {
			update(t, s, "w", func(tx *Tx) error {
				for range rapid.IntRange(0, 40).Draw(rt, "changes") {
					reshelve(rt, tx, plain, sparse().Draw(rt, "sequence"), shelves.Draw(rt, "shelf"))
				}
				comparePages(rt, tx, plain)
				return nil
			})
		}
		view(t, s, "w", func(tx *Tx) error { comparePages(rt, tx, plain); return nil })
		for sequence := range plain {
			update(t, s, "w", func(tx *Tx) error { reshelve(rt, tx, plain, sequence, plain[sequence]); return nil })
		}
		view(t, s, "w", func(tx *Tx) error {
			return tx.scan(tx.rowKey(tableCount, 0), nil, false, func(key, _ []byte) bool {
				rt.Errorf("a count of nothing is left: %x", key)
				return true
			})
		})
	})
}

// reshelve makes a book, moves it, or removes one from the shelf that it is on.
func reshelve(t *rapid.T, tx *Tx, plain map[uint64]string, sequence uint64, shelf string) {
	e, after := shelved(sequence, shelf)
	was, there := plain[sequence]
	_, before := shelved(sequence, was)
	var err error
	switch {
	case !there:
		err = tx.Insert(e, after)
	case was == shelf:
		err = tx.Remove(e, before)
	default:
		err = tx.Replace(e, before, after)
	}
	if err != nil {
		t.Fatal(err)
	}
	if plain[sequence] = shelf; there && was == shelf {
		delete(plain, sequence)
	}
}

func comparePages(t *rapid.T, tx *Tx, plain map[uint64]string) {
	shelf := rapid.SampledFrom([]string{"a", "ab", ""}).Draw(t, "looked at")
	skip, limit := rapid.Int64Range(0, 12).Draw(t, "skip"), rapid.Int64Range(0, 6).Draw(t, "limit")
	var want []uint64
	for sequence, on := range plain {
		if on == shelf {
			want = append(want, sequence)
		}
	}
	slices.Sort(want)
	slices.Reverse(want)
	total := int64(len(want))
	want = want[min(skip, total):min(skip+limit, total)]
	got, counted := page(t, tx, shelf, skip, limit)
	if !slices.Equal(want, got) || counted != total {
		t.Fatalf("skip %d, limit %d: total %d, want %d; %v, want %v", skip, limit, counted, total, got, want)
	}
}

// A change that leaves the key alone, or a removal that is repeated, counts nothing twice.
func TestCountsStayTrueWhenNothingMoves(t *testing.T) {
	s := open(t, mem.New())
	e, indexes := shelved(1, "a")
	update(t, s, "w", func(tx *Tx) error { return tx.Insert(e, indexes) })
	update(t, s, "w", func(tx *Tx) error { return tx.Replace(e, indexes, indexes) })
	update(t, s, "w", func(tx *Tx) error { return tx.Replace(e, nil, indexes[:1]) })
	total := func() (n int64) {
		view(t, s, "w", func(tx *Tx) error { _, n = page(t, tx, "a", 0, 1); return nil })
		return n
	}
	if n := total(); n != 1 {
		t.Errorf("after changes: %d", n)
	}
	update(t, s, "w", func(tx *Tx) error { return tx.Remove(e, indexes) })
	update(t, s, "w", func(tx *Tx) error { return tx.Remove(e, indexes) })
	if n := total(); n != 0 {
		t.Errorf("after the removal: %d", n)
	}
}

const books = 100_000

func shelf100k(b *testing.B) *Store {
	s := open(b, mem.New())
	for from := uint64(1); from <= books; from += 1000 {
		update(b, s, "w", func(tx *Tx) error {
			for n := from; n < from+1000; n++ {
				if err := tx.Insert(shelved(n, "a")); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return s
}

// BenchmarkJ6CountedPage reads the total and a page of ten at the beginning, in the middle and at the end of a
// hundred thousand.
func BenchmarkJ6CountedPage(b *testing.B) {
	s := shelf100k(b)
	for _, skip := range []int64{0, books / 2, books - 10} {
		b.Run(fmt.Sprint("skip ", skip), func(b *testing.B) {
			for b.Loop() {
				_ = s.View(context.Background(), "w", func(tx *Tx) error {
					if got, total := page(b, tx, "a", skip, 10); len(got) != 10 || total != books {
						b.Fatalf("%d of %d", len(got), total)
					}
					return nil
				})
			}
		})
	}
}

func BenchmarkCountedInsert(b *testing.B) {
	s := shelf100k(b)
	next := uint64(books)
	for b.Loop() {
		next++
		update(b, s, "w", func(tx *Tx) error { return tx.Insert(shelved(next, "a")) })
	}
}
