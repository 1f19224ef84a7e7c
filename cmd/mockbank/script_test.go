package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mockbank/mockbank/cmd/mockbank/internal/scripttest"
)

// The program itself runs in the scripts as the command mockbank: a copy of this test binary, so that the race
// detector and the coverage of the test hold for it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mockbank": main})
}

// TestScript plays the user stories of testdata/script. Package scripttest tells their words.
func TestScript(t *testing.T) {
	testscript.Run(t, scripttest.Params("testdata/script"))
}

// TestTutorial holds the first example of the tutorial to be the one that a story runs.
func TestTutorial(t *testing.T) {
	page, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	story, err := os.ReadFile("testdata/script/tutorial.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if !found || !strings.HasSuffix(string(story), "-- stories/finqlink/link.yaml --\n"+example) {
		t.Errorf("testdata/script/tutorial.txtar runs another file than\n%s", example)
	}
}
