package snapshot

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// TestABrokenDocumentIsRefusedWhole names the place, and leaves the workspace as it was.
func TestABrokenDocumentIsRefusedWhole(t *testing.T) {
	b := open(t)
	b.update("w", fill)
	sound, before := string(b.save("w")), b.raw("w")
	for _, tt := range []struct{ old, broken, pointer, says string }{
		{`"version": 1,`, `"version": 2,`, "/version", "newer"},
		{`"version": 1,`, ``, "/version", "version"},
		{`"version": 1,`, `"version": "1",`, "/version", "whole number"},
		{`"requests": 7`, `"request": 7`, "/request", "not known"},
		{`"requests": 7`, `"requests": -7`, "/requests", "whole number"},
		{`"mode":"frozen"`, `"mode":"sometimes"`, "/workspace/clock", "mode"},
		{`"mode":"frozen","base":"2026-01-15T12:00:00Z"`, `"mode":"frozen"`, "/workspace/clock/base", "stands"},
		{`"mode":"frozen"`, `"mode":"frozen","jump":"2026-01-15T12:00:00Z"`, "/workspace/clock/jump", "jump"},
		{`"base":"2026`, `"base":"1926`, "/workspace/clock/base", "1970"},
		{`"id":"book 1","sequence":2`, `"id":"book 1","sequence":20`, "/entities/p~1book/1/sequence", "between 1 and 3"},
		{`"id":"book 1","sequence":2`, `"id":"book 1","sequence":1`, "/entities/p~1book/1/sequence", "higher"},
		{`"id":"book 1"`, `"id":"book 0"`, "/entities/p~1book/1", "this id already"},
		{`"id":"book 1"`, `"id":""`, "/entities/p~1book/1/id", "at least one"},
		{`"id":"book 1"`, `"Id":"book 1"`, "/entities/p~1book/1/Id", "not known"},
		{`"class":"timer"`, `"class":"egg timer"`, "/jobs/0/class", "timer or attempt"},
		{`"sequence":3,"delivery":4`, `"sequence":30,"delivery":4`, "/jobs/2/sequence", "between 1 and 3"},
		{`"sequence":2,"entity"`, `"sequence":1,"entity"`, "/jobs/1/sequence", "already"},
		{`["of a text",12`, `["of a text",-12`, "/rooms/room/0/key", "array of parts"},
		{`{"hex":"ff0007"}`, `{"hex":"ff000"}`, "/kept/kept/0/key", "array of parts"},
		{`,"value":"<&>"`, ``, "/kept/kept/0/value", "must be there"},
		{"\n}\n", "", "", "ends in the middle"},
		{sound, "[]", "", "an object"},
		{sound, "", "", "empty"},
	} {
		if !strings.Contains(sound, tt.old) {
			t.Errorf("the document has no %s:\n%s", tt.old, sound)
			continue
		}
		err := b.load("w", []byte(strings.Replace(sound, tt.old, tt.broken, 1)))
		p := problem.From(err)
		if err == nil || p.Kind == problem.Internal || p.Pointer != tt.pointer || !strings.Contains(p.Message, tt.says) {
			t.Errorf("%s instead of %s: %v; want %q at %s", tt.broken, tt.old, err, tt.says, tt.pointer)
		}
	}
	if diff := cmp.Diff(before, b.raw("w")); diff != "" {
		t.Errorf("a refused document changed the workspace:\n%s", diff)
	}
}

func TestTheIndexerRefuses(t *testing.T) {
	b := open(t)
	b.update("w", fill)
	d, err := Parse(b.save("w"))
	b.must(err)
	for want, refusal := range map[string]error{
		"unknown_kind":    problem.New(problem.NotFound, "unknown_kind", "There is no such kind"),
		"broken_snapshot": problem.New(problem.Conflict, "not_unique", "There is another"),
	} {
		err := b.Update(t.Context(), "w", func(tx *store.Tx) error {
			return d.Restore(tx, func(*store.Entity) ([]store.Index, error) { return nil, refusal })
		})
		if p := problem.From(err); p.Kind != problem.Invalid || !strings.HasPrefix(p.Pointer, "/entities/p~1") || !errors.Is(err, refusal) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestWhiteSpaceIsNoChange: a document may have been through somebody's formatter.
func TestWhiteSpaceIsNoChange(t *testing.T) {
	b := open(t)
	b.update("w", fill)
	before := b.raw("w")
	spread := bytes.ReplaceAll(b.save("w"), []byte(`{"n":1.50}`), []byte("{\n  \"n\" : 1.50\n}"))
	b.must(b.load("w", spread))
	if diff := cmp.Diff(before, b.raw("w")); diff != "" {
		t.Error(diff)
	}
}

// FuzzParse: no document makes it panic, and what it takes a store takes too, or refuses with a place.
func FuzzParse(f *testing.F) {
	b := open(f)
	b.update("w", fill)
	f.Add(b.save("w"))
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		b := open(t)
		if err := b.load("w", document); err != nil && problem.From(err).Kind == problem.Internal {
			t.Error(err)
		}
	})
}
