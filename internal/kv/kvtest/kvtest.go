// Package kvtest is the conformance suite of the key-value boundary. A driver joins with
//
//	func TestDriver(t *testing.T) {
//		kvtest.Run(t, func(t *testing.T) kv.Driver { return mem.New() })
//	}
//
// Each case asks for an empty store of its own.
package kvtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/kv"
)

// Run holds a driver to what package kv promises. open returns an empty store; Run closes it.
func Run(t *testing.T, open func(t *testing.T) kv.Driver) {
	cases := []struct {
		name string
		run  func(*testing.T, kv.Driver)
	}{
		{"get, put and delete", getPutDelete},
		{"scans are ordered and bounded", scans},
		{"a scan stops when it is told to", scanStops},
		{"a scan sees the writes of its own function", scanWrites},
		{"keys have bounds", keyBounds},
		{"an Update reads its own writes", ownWrites},
		{"a failed Update leaves nothing", failedUpdate},
		{"a panic in an Update leaves nothing and goes on", panics},
		{"a View sees one state", isolation},
		{"the store keeps copies", copies},
		{"a closed store says so", closed},
		{"many goroutines", concurrent},
		{"random operations match a model", random},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := open(t)
			t.Cleanup(func() {
				if err := d.Close(); err != nil && !errors.Is(err, kv.ErrClosed) {
					t.Error("Close:", err)
				}
			})
			c.run(t, d)
		})
	}
}

func getPutDelete(t *testing.T, d kv.Driver) {
	update(t, d, func(w kv.Writer) error {
		return errors.Join(w.Put([]byte("a"), []byte("1")), w.Put([]byte("empty"), nil), w.Delete([]byte("absent")))
	})
	expect(t, d, "a=1 empty=")
	view(t, d, func(r kv.Reader) error {
		absent, err := r.Get([]byte("absent"))
		if absent != nil || err != nil {
			t.Errorf("Get of an absent key = %q, %v; want nil, nil", absent, err)
		}
		empty, err := r.Get([]byte("empty"))
		if empty == nil || len(empty) != 0 || err != nil {
			t.Errorf("Get of an empty value = %#v, %v; want an empty slice that is not nil", empty, err)
		}
		return nil
	})
	update(t, d, func(w kv.Writer) error {
		return errors.Join(w.Put([]byte("a"), []byte("2")), w.Delete([]byte("empty")))
	})
	expect(t, d, "a=2")
}

func scans(t *testing.T, d kv.Driver) {
	fill(t, d, "a", "ab", "b", "b\x00", "b\xff", "c", "\xff", "\xff\xff")
	tests := []struct {
		from, to []byte
		want     []string
	}{
		{nil, nil, []string{"a", "ab", "b", "b\x00", "b\xff", "c", "\xff", "\xff\xff"}},
		{[]byte("b"), nil, []string{"b", "b\x00", "b\xff", "c", "\xff", "\xff\xff"}},
		{nil, []byte("b"), []string{"a", "ab"}},
		{[]byte("b"), []byte("c"), []string{"b", "b\x00", "b\xff"}},
		{[]byte("aa"), []byte("bb"), []string{"ab", "b", "b\x00"}},
		{[]byte("b\x00"), []byte("b\x00"), nil},
		{[]byte("c"), []byte("b"), nil},
		{nil, []byte{}, nil},
		{[]byte{}, []byte("a\x00"), []string{"a"}},
		{[]byte("\xff\xff\xff"), nil, nil},
		{nil, []byte("\xff\xff\xff"), []string{"a", "ab", "b", "b\x00", "b\xff", "c", "\xff", "\xff\xff"}},
	}
	for _, test := range tests {
		for _, reverse := range []bool{false, true} {
			want := slices.Clone(test.want)
			if reverse {
				slices.Reverse(want)
			}
			view(t, d, func(r kv.Reader) error {
				if diff := cmp.Diff(want, keys(t, r, test.from, test.to, reverse)); diff != "" {
					t.Errorf("Scan(%q, %q, %v): %s", test.from, test.to, reverse, diff)
				}
				return nil
			})
		}
	}
}

func scanStops(t *testing.T, d kv.Driver) {
	fill(t, d, "a", "b", "c")
	for reverse, want := range map[bool]string{false: "a b", true: "c b"} {
		view(t, d, func(r kv.Reader) error {
			var seen []string
			err := r.Scan(nil, nil, reverse, func(k, _ []byte) bool {
				seen = append(seen, string(k))
				return len(seen) < 2
			})
			if got := strings.Join(seen, " "); got != want {
				t.Errorf("visited %q, want %q", got, want)
			}
			return err
		})
	}
}

// scanWrites deletes and writes behind, at and before a scan: it visits what is there when it comes by.
func scanWrites(t *testing.T, d kv.Driver) {
	for _, reverse := range []bool{false, true} {
		update(t, d, func(w kv.Writer) error {
			for i := range 1000 {
				if err := w.Put(fmt.Appendf(nil, "%03d", i), make([]byte, 100)); err != nil {
					return err
				}
			}
			return nil
		})
		visited := 0
		update(t, d, func(w kv.Writer) error {
			var failed error
			err := w.Scan([]byte("100"), []byte("900"), reverse, func(k, _ []byte) bool {
				var n int
				_, _ = fmt.Sscan(strings.TrimLeft(string(k), "0"), &n)
				ahead := n + 1
				if reverse {
					ahead = n - 1
				}
				visited++
				failed = errors.Join(w.Delete(k), w.Delete(fmt.Appendf(nil, "%03d", ahead)))
				return failed == nil
			})
			return errors.Join(err, failed)
		})
		if visited != 400 {
			t.Errorf("reverse=%v: visited %d of the 400 keys that were left when the scan came by", reverse, visited)
		}
	}
	view(t, d, func(r kv.Reader) error {
		// Forward 100-899 and 900 never seen; the second round wrote all again and went 899 down to 100.
		if got := len(keys(t, r, nil, nil, false)); got != 200 {
			t.Errorf("%d keys are left, want 200", got)
		}
		return nil
	})
}

func keyBounds(t *testing.T, d kv.Driver) {
	long := []byte(strings.Repeat("k", kv.MaxKey))
	update(t, d, func(w kv.Writer) error { return w.Put(long, []byte("v")) })
	for _, key := range [][]byte{nil, {}, append(long, 'k')} {
		if err := d.Update(func(w kv.Writer) error { return w.Put(key, nil) }); err == nil {
			t.Errorf("Put took a key of %d bytes", len(key))
		}
		view(t, d, func(r kv.Reader) error {
			if v, err := r.Get(key); v != nil || err != nil {
				t.Errorf("Get of a key of %d bytes = %q, %v; want nil, nil", len(key), v, err)
			}
			return nil
		})
	}
	view(t, d, func(r kv.Reader) error {
		if v, err := r.Get(long); string(v) != "v" || err != nil {
			t.Errorf("Get of the longest key = %q, %v", v, err)
		}
		return nil
	})
}

func ownWrites(t *testing.T, d kv.Driver) {
	fill(t, d, "a", "b")
	update(t, d, func(w kv.Writer) error {
		if err := errors.Join(w.Delete([]byte("a")), w.Put([]byte("b"), []byte("new")), w.Put([]byte("c"), nil)); err != nil {
			return err
		}
		if got := content(t, w); got != "b=new c=" {
			t.Errorf("within the Update: %q", got)
		}
		return nil
	})
	expect(t, d, "b=new c=")
}

var errTest = errors.New("kvtest: on purpose")

func failedUpdate(t *testing.T, d kv.Driver) {
	fill(t, d, "a", "b")
	err := d.Update(func(w kv.Writer) error {
		if err := errors.Join(w.Put([]byte("c"), nil), w.Delete([]byte("a")), w.Put([]byte("b"), []byte("new"))); err != nil {
			return err
		}
		return errTest
	})
	if err != errTest {
		t.Errorf("Update = %v, want its function's own error, unchanged", err)
	}
	if err := d.View(func(kv.Reader) error { return errTest }); err != errTest {
		t.Errorf("View = %v, want its function's own error, unchanged", err)
	}
	expect(t, d, "a=a b=b")
}

func panics(t *testing.T, d kv.Driver) {
	fill(t, d, "a")
	func() {
		defer func() {
			if p := recover(); p != errTest {
				t.Errorf("recovered %v, want the function's own panic", p)
			}
		}()
		_ = d.Update(func(w kv.Writer) error {
			_ = w.Put([]byte("b"), nil)
			_ = w.Scan(nil, nil, false, func(_, _ []byte) bool { panic(errTest) })
			return nil
		})
	}()
	fill(t, d, "c")
	expect(t, d, "a=a c=c")
}

func isolation(t *testing.T, d kv.Driver) {
	fill(t, d, "a", "b")
	view(t, d, func(r kv.Reader) error {
		before := content(t, r)
		done := make(chan error)
		go func() {
			done <- d.Update(func(w kv.Writer) error {
				return errors.Join(w.Put([]byte("a"), []byte("new")), w.Delete([]byte("b")), w.Put([]byte("c"), nil))
			})
		}()
		if err := <-done; err != nil {
			return err
		}
		if after := content(t, r); after != before {
			t.Errorf("the View saw %q, then %q", before, after)
		}
		return nil
	})
	expect(t, d, "a=new c=")
}

func copies(t *testing.T, d kv.Driver) {
	key, value := []byte("key"), []byte("value")
	update(t, d, func(w kv.Writer) error {
		if err := w.Put(key, value); err != nil {
			return err
		}
		key[0], value[0] = 'X', 'X'
		return nil
	})
	expect(t, d, "key=value")
	view(t, d, func(r kv.Reader) error {
		return r.Scan(nil, nil, false, func(k, v []byte) bool {
			_, _ = append(k, "grown"...), append(v, "grown"...)
			return true
		})
	})
	expect(t, d, "key=value")
}

func closed(t *testing.T, d kv.Driver) {
	fill(t, d, "a")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	calls := map[string]func() error{
		"View":   func() error { return d.View(func(kv.Reader) error { return nil }) },
		"Update": func() error { return d.Update(func(kv.Writer) error { return nil }) },
		"Close":  d.Close,
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, kv.ErrClosed) {
			t.Errorf("%s after Close = %v, want ErrClosed", name, err)
		}
	}
}

// concurrent moves units between two rows from many goroutines; each View must count the same sum.
func concurrent(t *testing.T, d kv.Driver) {
	const workers, rounds, sum = 8, 20, 100
	update(t, d, func(w kv.Writer) error {
		return errors.Join(w.Put([]byte("x"), []byte{sum}), w.Put([]byte("y"), []byte{0}))
	})
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range rounds {
				if err := d.Update(move); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range rounds * 10 {
				if x, y := balances(t, d); x+y != sum {
					t.Errorf("saw %d+%d", x, y)
				}
			}
		})
	}
	all.Wait()
	if x, y := balances(t, d); x+y != sum {
		t.Errorf("left %d+%d", x, y)
	}
}

func move(w kv.Writer) error {
	x, err := w.Get([]byte("x"))
	if err != nil {
		return err
	}
	n := x[0] - 1
	if x[0] == 0 {
		n = 100
	}
	return errors.Join(w.Put([]byte("x"), []byte{n}), w.Put([]byte("y"), []byte{100 - n}))
}

func balances(t *testing.T, d kv.Driver) (x, y int) {
	view(t, d, func(r kv.Reader) error {
		return r.Scan(nil, nil, false, func(k, v []byte) bool {
			if k[0] == 'x' {
				x = int(v[0])
			} else {
				y = int(v[0])
			}
			return true
		})
	})
	return x, y
}

func fill(t *testing.T, d kv.Driver, keys ...string) {
	t.Helper()
	update(t, d, func(w kv.Writer) error {
		for _, k := range keys {
			if err := w.Put([]byte(k), []byte(k)); err != nil {
				return err
			}
		}
		return nil
	})
}

func update(t *testing.T, d kv.Driver, fn func(kv.Writer) error) {
	t.Helper()
	if err := d.Update(fn); err != nil {
		t.Fatal("Update:", err)
	}
}

func view(t *testing.T, d kv.Driver, fn func(kv.Reader) error) {
	t.Helper()
	if err := d.View(fn); err != nil {
		t.Error("View:", err)
	}
}

func expect(t *testing.T, d kv.Driver, want string) {
	t.Helper()
	view(t, d, func(r kv.Reader) error {
		if got := content(t, r); got != want {
			t.Errorf("the store holds %q, want %q", got, want)
		}
		return nil
	})
}

func content(t *testing.T, r kv.Reader) string {
	t.Helper()
	var pairs []string
	err := r.Scan(nil, nil, false, func(k, v []byte) bool {
		pairs = append(pairs, fmt.Sprintf("%s=%s", k, v))
		return true
	})
	if err != nil {
		t.Error("Scan:", err)
	}
	return strings.Join(pairs, " ")
}

func keys(t *testing.T, r kv.Reader, from, to []byte, reverse bool) []string {
	t.Helper()
	var found []string
	err := r.Scan(from, to, reverse, func(k, _ []byte) bool {
		found = append(found, string(k))
		return true
	})
	if err != nil {
		t.Error("Scan:", err)
	}
	return found
}
