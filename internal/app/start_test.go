package app_test

import (
	"io/fs"
	"log/slog"
	"testing"
	"testing/fstest"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/providers"
	"github.com/mockbank/mockbank/scenarios"
	"github.com/mockbank/mockbank/specs"
)

// A spec takes some ten milliseconds to parse, and most runs need one or two. So what a start reads of the built-in
// files must not ask for any.
func TestAStartParsesNoSpec(t *testing.T) {
	if err := startWith(unreadable(t)); err != nil {
		t.Error(err)
	}
}

// unreadable has the names of the specs, and nothing that can be parsed.
func unreadable(t *testing.T) fs.FS {
	t.Helper()
	broken := fstest.MapFS{}
	names, err := fs.Glob(specs.FS, "*.yaml")
	if err != nil || len(names) < 6 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		broken[name] = &fstest.MapFile{Data: []byte("openapi: [")}
	}
	return broken
}

func startWith(documents fs.FS) error {
	all, err := providers.All()
	if err != nil {
		return err
	}
	_, err = app.New(app.Config{
		Version: "test", Driver: mem.New(), Wall: clock.System, Log: slog.New(slog.DiscardHandler),
		Providers: all, Specs: documents, Scenarios: scenarios.FS, MaxWorkspaces: 10,
	})
	return err
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		if err := startWith(specs.FS); err != nil {
			b.Fatal(err)
		}
	}
}
