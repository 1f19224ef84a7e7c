package strictyaml_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/strictyaml"
)

func environment(name string) (string, bool) {
	value, ok := map[string]string{"TOKEN": "t: [1]\n#", "EMPTY": "", "NUMBER": "7"}[name]
	return value, ok
}

type expandedFile struct {
	Token string         `yaml:"token"`
	List  []string       `yaml:"list"`
	Free  map[string]any `yaml:"free"`
}

func TestVariablesStandInTextsOnly(t *testing.T) {
	const file = "token: ${TOKEN}\nlist: ['a${EMPTY}b', \"$${TOKEN}\", $TOKEN]\nfree:\n  ${NUMBER}: ${NUMBER}\n  text: |\n    x ${NUMBER} # y\n" +
		"  plain: 3 # ${NOWHERE}\n"
	var got expandedFile
	if err := strictyaml.UnmarshalExpanded("f", []byte(file), &got, environment); err != nil {
		t.Fatal(err)
	}
	want := expandedFile{"t: [1]\n#", []string{"ab", "${TOKEN}", "$TOKEN"}, map[string]any{"7": "7", "text": "x 7 # y\n", "plain": uint64(3)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestK13AMissingVariableIsNamedWithItsPlace(t *testing.T) {
	for file, want := range map[string]string{
		"token: x\nlist: [a, \"${HOOK_URL}\"]": "f.yaml:2:11: there is no variable HOOK_URL in the environment; set it, or write $${HOOK_URL} for the text itself",
		"token: ${A}${B}":                      "f.yaml:1:8: there is no variable A in the environment; set it, or write $${A} for the text itself",
		"tokn: ${TOKEN}":                       `f.yaml:1:1: unknown field "tokn"`,
	} {
		err := strictyaml.UnmarshalExpanded("f.yaml", []byte(file), &expandedFile{}, environment)
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v; want %s", file, err, want)
		}
	}
	if err := strictyaml.UnmarshalExpanded("f", nil, &expandedFile{}, environment); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}
