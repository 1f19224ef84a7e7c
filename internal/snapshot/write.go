package snapshot

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// Write writes the workspace that the transaction sees, which is to be one of Store.ViewWhole. requests is how many
// came on provider paths so far. An error of w ends it and comes back.
func Write(w io.Writer, tx *store.Tx, requests uint64) error {
	out := &writer{to: w}
	out.begin('{')
	for _, part := range []func(*writer, *store.Tx) error{
		func(out *writer, _ *store.Tx) error { return out.member("version", Version) },
		func(out *writer, tx *store.Tx) error { return out.member("workspace", describe(tx)) },
		func(out *writer, _ *store.Tx) error { return out.member("requests", requests) },
		sequences, entities, jobs, rooms, kept,
	} {
		out.next()
		if err := part(out, tx); err != nil {
			return err
		}
	}
	out.close('}')
	out.text("\n")
	return out.err
}

func sequences(out *writer, tx *store.Tx) error {
	out.open("sequences", '{')
	err := tx.EachSequence(func(series string, last uint64) error {
		out.next()
		return out.member(series, last)
	})
	out.close('}')
	return err
}

func entities(out *writer, tx *store.Tx) error {
	g := groups{out: out}
	out.open("entities", '{')
	err := tx.EachEntity(func(e *store.Entity) error {
		history, err := tx.Entries(e)
		if err != nil {
			return err
		}
		return g.add(e.Provider+"/"+e.Kind, entityOf(e, history))
	})
	g.end()
	out.close('}')
	return err
}

func jobs(out *writer, tx *store.Tx) error {
	out.open("jobs", '[')
	for _, c := range []class{timer, attempt} {
		err := tx.Jobs(classes[c], func(j *store.Job) bool {
			out.next()
			return out.value(jobOf(c, j)) == nil
		})
		if err != nil {
			return err
		}
	}
	out.close(']')
	return out.err
}

func rooms(out *writer, tx *store.Tx) error { return rows(out, tx, "rooms", false) }
func kept(out *writer, tx *store.Tx) error  { return rows(out, tx, "kept", true) }

func rows(out *writer, tx *store.Tx, name string, kept bool) error {
	g := groups{out: out}
	out.open(name, '{')
	err := tx.EachRow(kept, func(bucket string, k store.Key, value []byte) error {
		written, err := writeKey(k)
		if err != nil {
			return err
		}
		return g.add(bucket, row{Key: written, Value: value})
	})
	g.end()
	out.close('}')
	return err
}

// groups writes lists that come one after another, each a member under its name.
type groups struct {
	out  *writer
	name string
	any  bool
}

func (g *groups) add(name string, value any) error {
	if !g.any || g.name != name {
		g.end()
		g.out.next()
		g.out.open(name, '[')
		g.name, g.any = name, true
	}
	g.out.next()
	return g.out.value(value)
}

func (g *groups) end() {
	if g.any {
		g.out.close(']')
	}
}

// writer writes a document's lines. After the first error it writes nothing, and err has that.
type writer struct {
	to    io.Writer
	depth int
	first bool // of what was opened last, nothing is written yet
	err   error
}

func (w *writer) text(s string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.to, s)
	}
}

func (w *writer) value(v any) error {
	data, err := strictjson.Marshal(v)
	if w.err == nil {
		w.err = err
	}
	if w.err == nil {
		_, w.err = w.to.Write(data)
	}
	return w.err
}

func (w *writer) name(name string) {
	_ = w.value(name) // err has it
	w.text(": ")
}

func (w *writer) member(name string, v any) error {
	w.name(name)
	return w.value(v)
}

func (w *writer) open(name string, bracket rune) {
	w.name(name)
	w.begin(bracket)
}

func (w *writer) begin(bracket rune) {
	w.text(string(bracket))
	w.depth++
	w.first = true
}

// next begins the line of one more member or item.
func (w *writer) next() {
	if !w.first {
		w.text(",")
	}
	w.first = false
	w.text("\n" + strings.Repeat("  ", w.depth))
}

func (w *writer) close(bracket rune) {
	w.depth--
	if !w.first {
		w.text("\n" + strings.Repeat("  ", w.depth))
	}
	w.first = false
	w.text(string(bracket))
}

// Bounded holds what is written to it, so many bytes at the most.
type Bounded struct {
	Most int
	held bytes.Buffer
}

// ErrTooLong is what a Bounded refuses with.
var ErrTooLong = errors.New("snapshot: the document is longer than its bound")

// Write takes all of p or nothing.
func (b *Bounded) Write(p []byte) (int, error) {
	if b.held.Len()+len(p) > b.Most {
		return 0, ErrTooLong
	}
	return b.held.Write(p)
}

// Bytes is what was written.
func (b *Bounded) Bytes() []byte { return b.held.Bytes() }
