package machine

import (
	"os"
	"strings"
	"testing"
)

// What people and machines do to scenario files, one test for each sort. A case is an overlay, told whole or as the
// name of a file in testdata/defects, and what its defects must say.
func TestAbuse(t *testing.T) {
	step := func(what string) string {
		return "provider: bank\nkind: loan\nscenarios:\n  a:\n    steps:\n      - {at: asked, " + what + "}\n"
	}
	scenario := func(what string) string { return "provider: bank\nkind: loan\nscenarios:\n  a:\n    " + what + "\n" }
	for _, c := range []struct{ name, overlay, want string }{
		{"K1 not YAML", "not_yaml", "bank/loan.yaml:"},
		{"K1 a tab", "tab", "indented with a tab; use spaces"},
		{"K1 a byte order mark", "\xef\xbb\xbfprovider: bank", "bank/loan.yaml:1:1: the file begins with a byte order mark"},
		{"K1 UTF-16", "\xff\xfep\x00", "bank/loan.yaml:1:1: the file is UTF-16"},
		{"K1 binary", "a: \x7fELF", "bank/loan.yaml:1:4: the control character U+007F"},
		{"K2 an alias bomb", "alias_bomb", "anchors, aliases and tags are not taken here"},
		{"K2 a very long file", strings.Repeat("# padding\n", 200_000), "the file is longer than 1 MiB"},
		{"K3 a key twice", "duplicate_key", "stands here twice; the first is in line"},
		{"K3 a misspelt key", scenario("titel: x"), "bank/loan.yaml:5:5: scenario a has no key titel (did you mean title?)"},
		{"K4 an unknown state", "state_unknown", "there is no state"},
		{"K4 an unreachable state", "state_unreachable", "no event leads to the state"},
		{"K4 no initial state", "initial_missing", "machine lacks its initial"},
		{"K5 a cycle without delay", "cycle", "a cycle without delay: asked -> granted -> asked"},
		{"K6 a negative delay", step("after: -5s, fire: grant"), "-5s is negative"},
		{"K6 a huge delay", step("after: 40000d, fire: grant"), "40000d is longer than 100 years"},
		{"K6 no unit", step(`after: "5", fire: grant`), "5 has no unit"},
		{"K8 a loop", step("fire: grant, when: 'all(1..1000000, true)'"), "in the expression"},
		{"K8 a text that doubles", step(`fire: grant, when: "let a = entity.note + entity.note; a + a == ''"`), "in the expression"},
		{"K8 a long expression", step("fire: grant, when: \"" + strings.Repeat("true and ", 200) + "true\""), "in the expression"},
		{"K9 no", scenario("title: no"), "write it in quotes"},
		{"K9 on", scenario("title: on"), "write it in quotes"},
		{"K9 an octal number", scenario("title: 0123"), "0123 is a number to YAML"},
		{"K9 a time", scenario("title: 1:30"), "write it in quotes"},
		{"K9 an underscore", scenario("title: 1_000"), "1_000 is a number to YAML"},
		{"K9 a date", scenario("title: 2020-01-01"), "write it in quotes"},
		{"K12 one name for two", scenario("title: x\n  a:\n    title: y"), "bank/loan.yaml:6:3: a stands here twice; the first is in line 4"},
		{"K12 one value for two", "select_twice", "selects a scenario in bank/loan.yaml:"},
		{"K13 a variable of the environment", step("fire: grant, when: env.HOME == ''"), "unknown name env"},
		{"K13 a setting that there is not", step("fire: grant, when: settings.webhook_url == ''"), "unknown field webhook_url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := []byte(c.overlay)
			if text, err := os.ReadFile("testdata/defects/" + c.overlay + ".yaml"); !strings.Contains(c.overlay, "\n") && err == nil {
				data = text
			}
			library, found := Load([]File{base(t)}, []File{{Name: loanFile, Data: data}}, facts())
			if got := lines(found); library != nil || !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
			for _, d := range found {
				if d.Line < 1 || d.Column < 1 {
					t.Errorf("no place: %+v", d)
				}
			}
		})
	}
}
