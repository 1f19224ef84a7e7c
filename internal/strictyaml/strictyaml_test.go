package strictyaml

import (
	"strings"
	"testing"
)

type sample struct {
	Name  string   `yaml:"name"`
	Count int      `yaml:"count"`
	Items []sample `yaml:"items"`
}

func TestUnmarshal(t *testing.T) {
	var got sample
	if err := Unmarshal("a.yaml", []byte("name: x\ncount: 2\nitems:\n  - {name: y}\n"), &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "x" || got.Count != 2 || len(got.Items) != 1 || got.Items[0].Name != "y" {
		t.Errorf("got %+v", got)
	}
	if err := Unmarshal("a.yaml", []byte("# nothing\n"), &got); err != nil {
		t.Errorf("an empty document: %v", err)
	}
}

func TestUnmarshalNamesThePlace(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":  {"name: x\nnmae: y\n", "a.yaml:2:1"},
		"twice":        {"name: x\nname: y\n", "a.yaml:2:1"},
		"wrong type":   {"name: x\ncount: many\n", "a.yaml:2:8"},
		"syntax":       {"name: [x\n", "a.yaml:1"},
		"binary":       {"name: \x00", "a.yaml:1:1"},
		"not UTF-8":    {"name: \xff", "a.yaml:1:1"},
		"nested":       {"items:\n  - {name: y, cuont: 1}\n", "a.yaml:2"},
		"much too big": {strings.Repeat("#", MaxSize+1), "a.yaml: the file is longer"},
	} {
		var got sample
		err := Unmarshal("a.yaml", []byte(c.text), &got)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s...", name, err, c.want)
		}
	}
}

func TestTypesAreCalledAsUsersCallThem(t *testing.T) {
	for text, want := range map[string]string{
		"count: many\n":                 "a.yaml:1:8: here stands a text, and it must be a whole number",
		"count: [1]\n":                  "a.yaml:1:8: here stands a list, and it must be a whole number",
		"count: 99999999999999999999\n": "a.yaml:1:8: ",
		"items: x\n":                    "a.yaml:1:8: ",
		"name: {a: b}\n":                "a.yaml:1:7: here stands a mapping, and it must be a text",
		"count: {a: b}\n":               "a.yaml:1:8: here stands a mapping, and it must be a whole number",
		"count: true\n":                 "a.yaml:1:8: here stands true or false, and it must be a whole number",
	} {
		var got sample
		err := Unmarshal("a.yaml", []byte(text), &got)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q gives %v, want %s", text, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "Go ") || strings.Contains(err.Error(), "sample")) {
			t.Errorf("%q speaks of Go: %v", text, err)
		}
	}
}

func TestAFractionIsNoWholeNumber(t *testing.T) {
	type deep struct {
		Seed  *uint64          `yaml:"seed"`
		Share float64          `yaml:"share"`
		Named map[string]deep2 `yaml:"named"`
		List  []int            `yaml:"list"`
		Free  map[string]any   `yaml:"free"`
	}
	for text, want := range map[string]string{
		"seed: 1.5\n":                "a.yaml:1:7: here stands a fraction, and it must be a whole number that is not negative",
		"seed: 1.0\n":                "a.yaml:1:7: here stands a fraction",
		"named: {x: {count: 2.5}}\n": "a.yaml:1:20: here stands a fraction, and it must be a whole number",
		"list: [1, 2.5]\n":           "a.yaml:1:11: here stands a fraction",
		"share: 1.5\nfree: {a: 1.5}": "",
		"seed: 7\n":                  "",
	} {
		var got deep
		err := Unmarshal("a.yaml", []byte(text), &got)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestAKeyStaysTheTextThatItIs: an id may be of digits only.
func TestAKeyStaysTheTextThatItIs(t *testing.T) {
	for text, want := range map[string]string{
		"free:\n  0010: x\n":          "a.yaml:2:3: the key 0010 is a number to YAML, and not the same text any more: write it in quotes",
		"free: {a: {1_000: x}}\n":     "a.yaml:1:12: the key 1_000",
		"free: {0x10: x}\n":           "a.yaml:1:8: the key 0x10",
		"free: {1.50: x}\n":           "a.yaml:1:8: the key 1.50",
		"free: {.inf: x}\n":           "a.yaml:1:8: the key .inf",
		"free: {10001: x, '0010': y}": "",
	} {
		var got struct {
			Free map[string]any `yaml:"free"`
		}
		err := Unmarshal("a.yaml", []byte(text), &got)
		if want == "" && (err != nil || got.Free["10001"] != "x" || got.Free["0010"] != "y") || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%q: %v, %v, want %s", text, got, err, want)
		}
	}
}

type deep2 struct {
	Count int `yaml:"count"`
}

func TestPlace(t *testing.T) {
	text := []byte("# first\na:\n  b: {c: 1}\n")
	for path, want := range map[string][2]int{"a": {2, 1}, "a b": {3, 3}, "a b c": {3, 7}, "a b x": {3, 3}, "x": {0, 0}} {
		if line, column := Place(text, strings.Fields(path)...); line != want[0] || column != want[1] {
			t.Errorf("%s stands at %d:%d, want %v", path, line, column, want)
		}
	}
}
