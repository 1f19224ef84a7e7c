package machine

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fires tells a story in one line a step.
func fires(s *Scenario, state string) []string {
	var out []string
	for _, step := range s.Steps[state] {
		delay := "at once"
		if step.After != nil {
			delay = step.After.String()
		}
		out = append(out, fmt.Sprintf("%d %s %s%s", step.Index, delay, step.Fire, step.Refuse))
	}
	return out
}

func TestAChildReplacesTheStepsOfAState(t *testing.T) {
	kind := load(t, `  child:
    extends: usual
    steps:
      - {at: asked, when: entity.open, fire: refuse}
      - {at: asked, after: 2s, fire: grant}
  grandchild:
    extends: child
    steps:
      - {at: granted}
  last:
    extends: grandchild
    deliveries: [{next: 1, drop: true}]
`)
	tests := []struct {
		scenario, state string
		want            []string
	}{
		{"usual", "asked", []string{"0 1s grant"}},
		{"child", "asked", []string{"0 at once refuse", "1 2s grant"}},
		{"child", "granted", []string{"0 settings.calendar == 'us' ? 1bd : 24h pay"}},
		{"grandchild", "asked", []string{"0 at once refuse", "1 2s grant"}},
		{"grandchild", "granted", nil},
		{"last", "granted", nil},
		{"manual", "asked", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, fires(kind.Scenario(tt.scenario), tt.state)); diff != "" {
			t.Errorf("%s at %s (-want +got)\n%s", tt.scenario, tt.state, diff)
		}
	}
}

func TestMishapsAreInheritedUntilReplaced(t *testing.T) {
	kind := load(t, "  child: {extends: stays}\n  other: {extends: stays, mishaps: [], deliveries: [{next: 3, reorder: true}]}\n")
	child, other := kind.Scenario("child"), kind.Scenario("other")
	if len(child.Mishaps) != 2 || child.Deliveries[0].Duplicate != 2 || child.Mishaps[0].Status != 503 || child.Mishaps[0].Per.String() != "entity.ref" {
		t.Errorf("child has %+v, %+v", child.Mishaps, child.Deliveries)
	}
	if len(other.Mishaps) != 0 || other.Deliveries[0] != (DeliveryMishap{Next: 3, Reorder: true}) {
		t.Errorf("other has %+v, %+v", other.Mishaps, other.Deliveries)
	}
}

func TestAnOverlayAddsAndReplaces(t *testing.T) {
	kind := load(t, "  usual:\n    steps:\n      - {at: asked, fire: refuse}\n  mine: {extends: usual}\n")
	if got := fires(kind.Scenario("mine"), "asked"); !slices.Equal(got, []string{"0 at once refuse"}) {
		t.Errorf("mine at asked: %v", got)
	}
	if kind.Scenario("stays") == nil || len(kind.Inputs) != 4 || kind.Default != "usual" {
		t.Errorf("the base file's part is lost: %+v", kind)
	}
}

func TestAnOverlayWithAMachineReplacesTheFile(t *testing.T) {
	whole := File{Name: "/home/me/bank/loan.yaml", Data: []byte(`provider: bank
kind: loan
default: manual
machine: {initial: asked, states: {asked: {}}}
scenarios: {manual: {}, unattended: {}}
`)}
	lib, found := Load([]File{base(t)}, []File{whole}, facts())
	if len(found) > 0 {
		t.Fatal(lines(found))
	}
	if got := lib.Scenarios("bank"); !slices.Equal(got, []string{"manual", "unattended"}) {
		t.Errorf("scenarios %v", got)
	}
}

func TestNamesAreSharedByTheKindsOfAProvider(t *testing.T) {
	card := File{Name: "bank/card.yaml", Data: []byte(`provider: bank
kind: card
default: unattended
machine: {initial: made, states: {made: {}}}
scenarios: {manual: {}, unattended: {}, card_lost: {}}
`)}
	lib, found := Load([]File{base(t), card}, nil, facts())
	if len(found) > 0 {
		t.Fatal(lines(found))
	}
	loan := lib.Kind("bank", "loan")
	name, _, ok := loan.Select(map[string]any{"ref": "t-card-lost+5"})
	if name != "card_lost" || !ok || !lib.HasScenario("bank", name) {
		t.Errorf("selects %q, %v", name, ok)
	}
	if got := loan.Story(name); got == nil || got.Name != "usual" {
		t.Errorf("a loan without a part of its own follows %+v", got)
	}
	if got, ok := lib.Named("bank", "stays+run7"); got != "stays" || !ok {
		t.Errorf("the user names %q, %v", got, ok)
	}
	if _, ok := lib.Named("bank", "nobody"); ok {
		t.Error("nobody names a scenario")
	}
	if lib.Kind("bank", "house") != nil || len(lib.Kinds("bank")) != 2 {
		t.Error("the kinds are not those of the files")
	}
}

func FuzzLoad(f *testing.F) {
	paths, err := filepath.Glob("testdata/defects/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range append(paths, "testdata/base.yaml", "../../scenarios/finqlink/link.yaml") {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	under := base(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		over := File{Name: loanFile, Data: data}
		for _, layers := range [][2][]File{{{over}, nil}, {{under}, {over}}} {
			lib, found := Load(layers[0], layers[1], facts())
			if (lib == nil) == (len(found) == 0) {
				t.Fatalf("library %v with defects %v", lib, found)
			}
			for _, d := range found {
				if d.Message == "" || d.File == "" || d.Line < 1 || d.Column < 1 {
					t.Errorf("a defect without place: %+v", d)
				}
			}
		}
	})
}

// Where code tells nothing, the checks that need it are off, and members are known when they are looked at.
func TestLoadWithoutFacts(t *testing.T) {
	lib, found := Load([]File{base(t)}, nil, Facts{})
	if len(found) > 0 {
		t.Fatal(lines(found))
	}
	deadline := lib.Kind("bank", "loan").Machine.State("asked").Deadlines[0]
	for text, armed := range map[string]bool{"2026-01-16T14:00:00Z": true, "": false} {
		at, ok, err := deadline.Due(Env{Now: noon, Entity: map[string]any{"expires_at": text}})
		if err != nil || ok != armed || ok && at.Sub(noon).Hours() != 2 {
			t.Errorf("expires_at %q: due %s, %v, %v", text, at, ok, err)
		}
	}
}

// A text over several lines has no place for each of its characters: its defect stands where it begins.
func TestDefectInATextOfSeveralLines(t *testing.T) {
	over := "provider: bank\nkind: loan\nscenarios:\n  a:\n    steps:\n      - at: asked\n        fire: grant\n        when: |\n          entity.amount == ''\n          and entity.amuont == ''\n"
	_, found := Load([]File{base(t)}, []File{{Name: loanFile, Data: []byte(over)}}, facts())
	if len(found) != 1 || found[0].Line != 8 || found[0].Column != 15 {
		t.Errorf("got %s", lines(found))
	}
}

const noteFile = `provider: bank
kind: note
default: plain
inputs:
  - {name: ref, from: entity.ref, form: prefix}
scenarios:
  manual: {}
  unattended: {}
  plain: {title: Nothing goes wrong}
  torn:
    extends: plain
    select: {ref: torn.}
    mishaps: [{operation: createLoan, when: after, lose: true}]
`

func TestARecordHasStoriesWithoutAMachine(t *testing.T) {
	note := File{Name: "bank/note.yaml", Data: []byte(noteFile)}
	over := File{Name: "bank/note.yaml", Data: []byte("provider: bank\nkind: note\nscenarios: {mine: {extends: torn}}\n")}
	lib, found := Load([]File{base(t), note}, []File{over}, facts())
	if len(found) > 0 {
		t.Fatal(lines(found))
	}
	kind := lib.Kind("bank", "note")
	if name, _, ok := kind.Select(map[string]any{"ref": "torn.7"}); name != "torn" || !ok || kind.Machine != nil {
		t.Errorf("selects %q, %v; its machine is %v", name, ok, kind.Machine)
	}
	if mine := kind.Story("mine"); len(mine.Mishaps) != 1 || kind.Story("usual").Name != "plain" {
		t.Errorf("mine is %+v", mine)
	}
}

func TestWhoHasAMachine(t *testing.T) {
	const machineless = "provider: bank\nkind: loan\ndefault: manual\nscenarios: {manual: {}, unattended: {}}\n"
	for name, c := range map[string]struct {
		file File
		want string
	}{
		"a kind that moves": {File{loanFile, []byte(machineless)}, "bank/loan.yaml:1:1: the file lacks its machine\n"},
		"a record with steps": {File{"bank/note.yaml", []byte(noteFile + "    steps:\n      - {at: asked, fire: grant}\n")},
			"bank/note.yaml:15:9: a record has no steps: its file has no machine whose states they could stand at\n"},
		"a record with a machine": {File{"bank/note.yaml", []byte(noteFile + "machine: {initial: asked, states: {asked: {}}}\n")},
			"bank/note.yaml:14:1: a note is a record: its state follows from its data, and it has no machine\n"},
	} {
		_, found := Load([]File{c.file}, nil, facts())
		if diff := cmp.Diff(c.want, lines(found)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestAFileAboutNothingThatThereIs(t *testing.T) {
	known := facts()
	known.Kinds = func() map[string][]string { return map[string][]string{"bank": {"loan", "note"}} }
	over := []File{
		{Name: "bank/laon.yaml", Data: []byte("provider: bank\nkind: laon\nscenarios: {}\n")},
		{Name: "bnak/loan.yaml", Data: []byte("provider: bnak\nkind: loan\nscenarios: {}\n")},
	}
	_, found := Load([]File{base(t)}, over, known)
	want := "bank/laon.yaml:2:7: there is no kind laon (did you mean loan?)\nbnak/loan.yaml:1:11: there is no provider bnak (did you mean bank?)\n"
	if diff := cmp.Diff(want, lines(found)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAStoryThatNobodyTellsIsFollowedByNothing(t *testing.T) {
	kind := load(t, "")
	if got := kind.Story("gone_since"); len(got.Steps) != 0 || got.Name != "" {
		t.Errorf("follows %+v", got)
	}
	if got := kind.Story(""); got.Name != kind.Default {
		t.Errorf("without a name: %+v", got)
	}
}

// TestBuiltInFilesAskForNothingThatTakesLong: what makes a start slow is found out for a user's own files only.
func TestBuiltInFilesAskForNothingThatTakesLong(t *testing.T) {
	incurious := base(t)
	text := strings.ReplaceAll(string(incurious.Data), "settings.tell_created", "entity.open")
	incurious.Data = []byte(strings.ReplaceAll(text, `"settings.calendar == 'us' ? 1bd : 24h"`, "24h"))
	for name, c := range map[string]struct {
		overlay string
		want    []string
	}{
		"built-in files alone":        {"", nil},
		"a story of the user's own":   {"  mine: {extends: manual}\n", []string{"types"}},
		"a story that names settings": {"  mine:\n    steps: [{at: asked, after: settings.free, fire: grant}, {at: granted, after: settings.free, fire: pay}]\n", []string{"settings", "types"}},
	} {
		t.Run(name, func(t *testing.T) {
			asked, known := map[string]bool{}, facts()
			told := known
			told.Types = func(p string) []string { asked["types"] = true; return known.Types(p) }
			told.Settings = func(p string) map[string]any { asked["settings"] = true; return known.Settings(p) }
			var overlay []File
			if c.overlay != "" {
				overlay = []File{{Name: loanFile, Data: []byte("provider: bank\nkind: loan\nscenarios:\n" + c.overlay)}}
			}
			if _, found := Load([]File{incurious}, overlay, told); len(found) > 0 {
				t.Fatal(lines(found))
			}
			if got := slices.Sorted(maps.Keys(asked)); !slices.Equal(got, c.want) {
				t.Errorf("asked for %v, want %v", got, c.want)
			}
		})
	}
}
