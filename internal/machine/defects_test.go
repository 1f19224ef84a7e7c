package machine

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what is found into the .want files")

// A case is a file that lies over testdata/base.yaml, and beside it the defects that it must have.
func TestDefects(t *testing.T) {
	cases, err := filepath.Glob("testdata/defects/*.yaml")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range cases {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lib, defects := Load([]File{base(t)}, []File{{Name: loanFile, Data: data}}, facts())
			if lib != nil || len(defects) == 0 {
				t.Fatal("no defect was found")
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".want", lines(defects))
		})
	}
}

func lines(defects []Defect) string {
	var b strings.Builder
	for _, d := range defects {
		b.WriteString(d.String() + "\n")
	}
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestBytesThatAreNoScenarioFile(t *testing.T) {
	tests := map[string]struct{ data, want string }{
		"byte order mark": {"\xef\xbb\xbfprovider: bank", "bank/loan.yaml:1:1: the file begins with a byte order mark; save it as UTF-8 without one"},
		"UTF-16":          {"\xff\xfep\x00r\x00", "bank/loan.yaml:1:1: the file is UTF-16; save it as UTF-8"},
		"NUL":             {"provider: b\x00nk", "bank/loan.yaml:1:12: the control character U+0000 is not text"},
		"binary":          {"a: b\nc: \x7fELF\x01", "bank/loan.yaml:2:4: the control character U+007F is not text"},
		"not UTF-8":       {"a: caf\xe9", "bank/loan.yaml:1:7: this is not UTF-8 text"},
		"nothing":         {"", "bank/loan.yaml:1:1: the file is empty"},
		"long line":       {"a: " + strings.Repeat("x", 3000), "bank/loan.yaml:1:2000: the line is longer than 2000 bytes"},
		"too long":        {strings.Repeat("# padding\n", 200_000), "bank/loan.yaml:1:1: the file is longer than 1 MiB"},
		"many nodes": {strings.Repeat("- a\n", 60_000),
			"bank/loan.yaml:15001:1: the file is too large or too deeply nested to be a scenario file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, defects := Load([]File{{Name: loanFile, Data: []byte(tt.data)}}, nil, Facts{})
			if got := strings.TrimSpace(lines(defects)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAllDefectsOfAllFilesAreTold(t *testing.T) {
	bad := func(kind string) File {
		return File{Name: "bank/" + kind + ".yaml", Data: []byte("provider: bank\nkind: " + kind + "\nmachine: {initial: x, states: {x: {}}}\nscenarios: {manual: {}}\n")}
	}
	_, defects := Load([]File{bad("loan"), bad("card"), bad("card")}, nil, Facts{
		Operations: func(string) []string { return []string{"getLoan"} },
		Handlers:   func(string) []string { return []string{"getLaon"} },
	})
	want := `bank/card.yaml:1:1: card of bank is told in bank/card.yaml already
bank/card.yaml:1:1: the file lacks its default, the scenario of an entity for which nothing else was chosen
bank/card.yaml:1:1: the file lacks the scenario unattended, which every kind has
bank/loan.yaml:1:1: the file lacks its default, the scenario of an entity for which nothing else was chosen
bank/loan.yaml:1:1: the file lacks the scenario unattended, which every kind has
provider bank: the spec's operation getLoan has no handler (did you mean getLaon?)
provider bank: the handler getLaon has no operation in the spec (did you mean getLoan?)
`
	if diff := cmp.Diff(want, lines(defects)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
