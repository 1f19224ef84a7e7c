package kvtest

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/kv"
)

// model is a store as simple as can be.
type model map[string]string

// random runs Updates of random operations on one store, after each of which store and model must be equal.
// Values are long enough to spread the rows over many pages, and keys few enough to meet again.
func random(t *testing.T, d kv.Driver) {
	rapid.Check(t, func(t *rapid.T) {
		m := model{}
		if err := d.Update(clear); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 5).Draw(t, "updates") {
			m = m.update(t, d)
			err := d.View(func(r kv.Reader) error { m.scan(t, r, nil, nil, false); return nil })
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func clear(w kv.Writer) error {
	var failed error
	err := w.Scan(nil, nil, false, func(k, _ []byte) bool {
		failed = w.Delete(bytes.Clone(k))
		return failed == nil
	})
	return errors.Join(err, failed)
}

func (m model) update(t *rapid.T, d kv.Driver) model {
	next := maps.Clone(m)
	fail := rapid.IntRange(0, 4).Draw(t, "fail") == 0
	err := d.Update(func(w kv.Writer) error {
		for range rapid.IntRange(1, 40).Draw(t, "operations") {
			next.operate(t, w)
		}
		if fail {
			return errTest
		}
		return nil
	})
	switch {
	case fail && err == errTest:
		return m
	case err != nil:
		t.Fatal(err)
	}
	return next
}

func (m model) operate(t *rapid.T, w kv.Writer) {
	key := rapid.SliceOfN(rapid.ByteRange('a', 'c'), 1, 4)
	k := key.Draw(t, "key")
	var err error
	switch rapid.SampledFrom([]string{"put", "put", "delete", "sweep", "get", "scan"}).Draw(t, "operation") {
	case "put":
		v := bytes.Repeat(k, rapid.IntRange(0, 300).Draw(t, "repeat"))
		m[string(k)] = string(v)
		err = w.Put(k, v)
	case "delete":
		delete(m, string(k))
		err = w.Delete(k)
	case "sweep":
		err = m.sweep(w, k, key.Draw(t, "to"), rapid.Bool().Draw(t, "reverse"))
	case "get":
		var v []byte
		v, err = w.Get(k)
		if want, there := m[string(k)]; string(v) != want || there != (v != nil) {
			t.Fatalf("Get(%q) = %q, want %q, %v", k, v, want, there)
		}
	case "scan":
		m.scan(t, w, k, key.Draw(t, "to"), rapid.Bool().Draw(t, "reverse"))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sweep deletes a range from within the scan that finds it.
func (m model) sweep(w kv.Writer, from, to []byte, reverse bool) error {
	var failed error
	err := w.Scan(from, to, reverse, func(k, _ []byte) bool {
		failed = w.Delete(k)
		return failed == nil
	})
	maps.DeleteFunc(m, func(k, _ string) bool { return k >= string(from) && k < string(to) })
	return errors.Join(err, failed)
}

func (m model) scan(t *rapid.T, r kv.Reader, from, to []byte, reverse bool) {
	want := slices.DeleteFunc(slices.Sorted(maps.Keys(m)), func(k string) bool {
		return k < string(from) || to != nil && k >= string(to)
	})
	if reverse {
		slices.Reverse(want)
	}
	var got []string
	err := r.Scan(from, to, reverse, func(k, v []byte) bool {
		if m[string(k)] != string(v) {
			t.Fatalf("Scan gives %q = %q, want %q", k, v, m[string(k)])
		}
		got = append(got, string(k))
		return true
	})
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("Scan(%q, %q, %v) = %q, %v; want %q", from, to, reverse, got, err, want)
	}
}
