package machine

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// validator is a real one, which knows nothing of this package.
func validator(t testing.TB) *jsonschema.Schema {
	t.Helper()
	data, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("scenario.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func builtIn(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("../../scenarios/*/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenario files: %v", err)
	}
	return append(paths, "testdata/base.yaml")
}

// decoded is a file as a validator sees it: JSON.
func decoded(t fataller, path string) any {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// fataller is a test, of the standard library or of rapid.
type fataller interface {
	Helper()
	Fatal(args ...any)
}

func TestEveryBuiltInFileIsTrueToTheSchema(t *testing.T) {
	schema := validator(t)
	for _, path := range builtIn(t) {
		if err := schema.Validate(decoded(t, path)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// The cases of defects that are of the form, and not of what names stand for, are the schema's too.
func TestTheSchemaRefusesDefectsOfTheForm(t *testing.T) {
	schema := validator(t)
	for _, name := range []string{"unknown_key", "unknown_key_of_file", "missing_key", "wrong_sort", "bad_names", "not_a_mapping", "delays"} {
		if schema.Validate(decoded(t, "testdata/defects/"+name+".yaml")) == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// A place is one value in a document, with a way to put another there.
type spot struct {
	put   func(any)
	value any
}

// spots finds every place in a document, in an order that is always the same.
func spots(value any, put func(any)) []spot {
	found := []spot{{put, value}}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			found = append(found, spots(v[name], func(other any) { v[name] = other })...)
		}
	case []any:
		for i := range v {
			found = append(found, spots(v[i], func(other any) { v[i] = other })...)
		}
	}
	return found
}

// mistakes are what people put where something else is due.
var mistakes = []any{
	nil, true, json.Number("7"), json.Number("1.5"), json.Number("-1"), json.Number("99999999"), "", "text", "5", "-3s", "Bad Name", "2h", "101d",
	[]any{}, []any{"x"}, []any{[]any{}}, map[string]any{}, map[string]any{"to": "x"}, map[string]any{"x": "y"},
}

// spoil makes one random mistake of the form somewhere, or none.
func spoil(t *rapid.T, document map[string]any) any {
	var root any = document
	all := spots(root, func(v any) { root = v })
	at := all[rapid.IntRange(0, len(all)-1).Draw(t, "spot")]
	other := rapid.SampledFrom(mistakes).Draw(t, "value")
	members, isMapping := at.value.(map[string]any)
	switch way := rapid.IntRange(0, 2).Draw(t, "way"); {
	case isMapping && way == 0:
		members[rapid.SampledFrom([]string{"titel", "steps", "on", "Bad-Name", "per", "fire", ""}).Draw(t, "key")] = other
	case isMapping && way == 1 && len(members) > 0:
		delete(members, rapid.SampledFrom(slices.Sorted(maps.Keys(members))).Draw(t, "lost"))
	default:
		at.put(other)
	}
	return root
}

// everyKey has each key of the file form once.
const everyKey = `{"provider": "bank", "kind": "loan", "default": "a",
"machine": {"initial": "asked", "states": {"asked": {"on": {"grant": {"to": "asked", "do": ["x"], "set": {"note": "y"}}, "poke": "asked"},
  "deadline": [{"after": "5m", "fire": "grant"}, {"until": "now", "fire": "grant"}]}, "rest": {"deadline": {"after": "1h", "fire": "x"}}},
 "notify": [{"on": "created", "channel": "c", "type": "t", "when": "true"}]},
"inputs": [{"name": "n", "from": "entity.x", "form": "id", "prefix": "p"}],
"scenarios": {"a": {"title": "t", "extends": "b", "select": {"n": "v"},
  "steps": [{"at": "asked", "after": "1s", "until": "now", "on": "grant", "when": "true", "set": {"note": "y"}, "do": ["x"], "fire": "grant", "refuse": "c"}],
  "deliveries": [{"channel": "c", "type": "t", "next": 1, "duplicate": 2, "delay": "1s", "reorder": true, "drop": true, "bad_signature": true, "unknown_kid": true}],
  "mishaps": [{"operation": "o", "when": "before", "if": "true", "times": 1, "per": "'x'", "delay": "1s", "status": 500, "code": "c", "retry_after": "1s",
   "lose": true, "cut": true, "spoil": true, "drip": "1s"}]}}}`

// linkers tells whether a defect is one that the reader leaves to the linker: a delay without a unit, a form of input
// that there is not.
func linkers(broken error) bool {
	for _, said := range []string{"'anyOf' failed", "got number, want string", "must be one of"} {
		if strings.Contains(broken.Error(), said) {
			return true
		}
	}
	return false
}

// Every mistake in every place: the schema refuses what the reader refuses, and nothing else but what is the linker's.
func TestReaderAndSchemaAgreeOnEveryKey(t *testing.T) {
	schema := validator(t)
	fresh := func() any {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(everyKey))
		if err != nil {
			t.Fatal(err)
		}
		return document
	}
	if err := schema.Validate(fresh()); err != nil {
		t.Fatal(err)
	}
	for i := range spots(fresh(), nil) {
		for _, wrong := range mistakes {
			root := fresh()
			spots(root, func(v any) { root = v })[i].put(wrong)
			out := &defects{}
			if tree := parseTree(File{Name: loanFile, Data: written(t, root)}, out); tree != nil {
				readFile(tree, out)
			}
			if broken := schema.Validate(root); len(out.found) > 0 && broken == nil {
				t.Errorf("spot %d, %v: the reader says\n%sand the schema nothing", i, wrong, lines(out.sorted()))
			} else if len(out.found) == 0 && broken != nil && !linkers(broken) {
				t.Errorf("spot %d, %v: the schema says %v, and the reader nothing", i, wrong, broken)
			}
		}
	}
}

// What the reader refuses the schema refuses, and what the schema refuses the linter refuses.
func TestReaderAndSchemaAgree(t *testing.T) {
	schema := validator(t)
	paths := builtIn(t)
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SampledFrom(paths).Draw(t, "file")
		document := decoded(t, path)
		for range rapid.IntRange(0, 2).Draw(t, "mistakes") {
			if members, ok := document.(map[string]any); ok {
				document = spoil(t, members)
			}
		}
		text := written(t, document)
		file := File{Name: strings.Replace(path, "testdata/base.yaml", loanFile, 1), Data: text}
		broken := schema.Validate(document)
		out := &defects{}
		if tree := parseTree(file, out); tree != nil {
			readFile(tree, out)
		}
		if len(out.found) > 0 && broken == nil {
			t.Fatalf("the reader says\n%sand the schema nothing:\n%s", lines(out.sorted()), text)
		}
		if _, found := Load([]File{file}, nil, Facts{}); broken != nil && len(found) == 0 {
			t.Fatalf("the schema says %v, and the linter nothing:\n%s", broken, text)
		}
	})
}

// written is a document as JSON, which is YAML.
func written(t fataller, document any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(document); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Whoever writes a file reads of every key in the tutorial, and in the schema.
func TestEveryKeyIsExplained(t *testing.T) {
	page, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := func(name, about string) {
		if !bytes.Contains(page, []byte("`"+name+"`")) {
			t.Errorf("docs/scenarios.md does not speak of %s", name)
		}
		if about == "" {
			t.Errorf("%s has no description", name)
		}
	}
	for _, table := range []any{fileKeys, machineKeys, stateKeys, transitionKeys, deadlineKeys, notifyKeys, inputKeys, scenarioKeys, stepKeys, mishapKeys, deliveryKeys} {
		for list, i := reflect.ValueOf(table), 0; i < list.Len(); i++ {
			explained(list.Index(i).FieldByName("name").String(), list.Index(i).FieldByName("about").String())
		}
	}
	for _, name := range slices.Concat(functions, ownFunctions, []string{"entity", "parent", "client", "request", "input", "now", "state", "visits", "settings", "idempotency_key"}) {
		explained(name, "a name of expressions")
	}
}
