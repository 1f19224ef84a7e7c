package main

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func parserFor(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := newParser(t.Context(), new(cli), io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// words takes a line apart as a shell does, as far as examples need it, and drops what a shell keeps for itself.
func words(line string) []string {
	line, _, _ = strings.Cut(line, " > ")
	line = strings.TrimSuffix(strings.TrimPrefix(line, "source <("), ")")
	var all []string
	for _, word := range strings.Fields(line) {
		all = append(all, strings.ReplaceAll(word, "'", ""))
	}
	return all
}

// TestExamples: every command teaches by examples, and every example is a line that mockbank understands, of that
// command.
func TestExamples(t *testing.T) {
	known := map[string]bool{}
	for _, leaf := range parserFor(t).Model.Leaves(true) {
		path := pathOf(leaf)
		known[path] = true
		if n := len(examples[path]); n < 1 || n > 2 {
			t.Errorf("%s has %d examples", path, n)
		}
		for _, line := range examples[path] {
			line := words(line)
			parsed, err := parserFor(t).Parse(line[1:])
			if line[0] != "mockbank" || err != nil {
				t.Errorf("%s: %v: %v", path, line, err)
				continue
			}
			if got := pathOf(parsed.Selected()); got != path {
				t.Errorf("%v is an example of %s, not of %s", line, got, path)
			}
		}
	}
	for path := range examples {
		if !known[path] {
			t.Errorf("there is no command %q", path)
		}
	}
}

// TestHelpEndsWithExamples, on every level.
func TestHelpEndsWithExamples(t *testing.T) {
	for _, line := range []string{"", "clock", "clock advance", "wait", "requests", "serve"} {
		var out bytes.Buffer
		code := run(t.Context(), append(strings.Fields(line), "--help"), &out, io.Discard)
		_, last, found := strings.Cut(out.String(), "\nExamples:\n")
		if code != 0 || !found || !strings.HasPrefix(last, "  mockbank") {
			t.Errorf("mockbank %s --help: %d\n%s", line, code, out.String())
		}
	}
}

func TestComplete(t *testing.T) {
	app := parserFor(t).Model.Node
	for line, want := range map[string][]string{
		"cloc":                          {"clock"},
		"clock ":                        {"advance", "set", "show"},
		"clock a":                       {"advance"},
		"clock advance --wa":            {"--wait"},
		"clock advance 1d --wait ":      {"deliveries", "none"},
		"clock advance --wait n":        {"none"},
		"clock advance --wait=n":        {"none"},
		"clock advance --wait = n":      {"none"},    // as bash takes it apart
		"entities --sta":                {"--state"}, // of the command that it is by default
		"entities --state x ":           {"list", "show"},
		"act finqlink link x ":          {"approve", "cancel", "decline"},
		"act finqlink link ":            nil,
		"events --types d":              {"delivery"},
		"completion ":                   {"bash", "fish", "zsh"},
		"compl":                         {"completion"}, // and not what the scripts ask
		"--log j":                       {"json"},
		"frobnicate ":                   nil,
		"wait --entity x --state y --o": {"--output"},
	} {
		if got := complete(app, strings.Split(line, " ")); !slices.Equal(got, want) {
			t.Errorf("%q becomes %q, want %q", line, got, want)
		}
	}
	if got := complete(app, nil); !slices.Contains(got, "serve") {
		t.Errorf("nothing becomes %q", got)
	}
}
