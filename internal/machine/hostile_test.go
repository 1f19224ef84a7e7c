package machine

import (
	"strings"
	"sync"
	"testing"
)

// Each of these is cheap to write and would be dear to read without a bound. That they end is the test; the
// time limit of the test run is the judge.
func TestHostileFilesAreRefused(t *testing.T) {
	var stairs strings.Builder
	for i := range 1400 {
		stairs.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	files := map[string]string{
		"brackets over lines": strings.Repeat("[\n", 9_000),
		"braces":              strings.Repeat("{a: ", 400),
		"lists in a line":     strings.Repeat("- ", 900),
		"deep blocks":         stairs.String(),
		"keys":                strings.Repeat("a: b\n", 9_000),
		"quotes":              strings.Repeat("'a\n", 9_000),
		"block texts":         strings.Repeat("a: |\n", 9_000),
		"documents":           strings.Repeat("---\n", 9_000),
		"anchors":             strings.Repeat("&a\n", 9_000),
	}
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			lib, found := Load([]File{{Name: loanFile, Data: []byte(data)}}, nil, Facts{})
			if lib != nil || len(found) == 0 {
				t.Error("no defect was found")
			}
		})
	}
}

func TestHostileExpressionsAreRefused(t *testing.T) {
	scope := testScope()
	for _, source := range []string{
		strings.Repeat("(", 1999),
		strings.Repeat("-", 1999) + "1",
		strings.Repeat("a ? b : ", 200),
		strings.Repeat("1 + ", 400) + "1",
		strings.Repeat("x", 2001),
		"let a = entity.note + entity.note; let b = a + a; b + b",
		"1..1000000",
		"map([1], # + 1)",
		"[1] | all(# > 0)",
		"repeat('x', 1000000)",
		"now().Year() > 1",
		"$env['entity']",
	} {
		if _, err := scope.expr(source, unknown); err == nil {
			t.Errorf("%.40s passes", source)
		}
	}
}

// A Library is shared by all requests.
func TestExpressionsAreSafeForUseByMany(t *testing.T) {
	step := load(t, "").Scenario("usual").Steps["granted"][0]
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				if _, _, err := step.Due(Env{Now: noon, Settings: map[string]any{"calendar": "us"}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
