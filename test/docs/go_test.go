package docs

import (
	"os"
	"strings"
	"testing"
)

// TestGo holds that the Go of the cookbook is a piece of the examples that run.
func TestGo(t *testing.T) {
	const examples = "../../mockbanktest/example_test.go"
	text, err := os.ReadFile(examples)
	if err != nil {
		t.Fatal(err)
	}
	runs, found := flush(string(text)), 0
	for _, b := range read(t, cookbook).blocks {
		if b.language != "go" {
			continue
		}
		found++
		if !strings.Contains(runs, flush(b.text)) {
			t.Errorf("%s:%d is not in %s", cookbook, b.line+1, examples)
		}
	}
	if found == 0 {
		t.Errorf("%s has no Go", cookbook)
	}
}

// flush takes the indentation away.
func flush(code string) string {
	var out strings.Builder
	for line := range strings.Lines(code) {
		out.WriteString(strings.TrimLeft(line, "\t "))
	}
	return out.String()
}
