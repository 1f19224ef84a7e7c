package machine

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPathsAreWhatAnExpressionNames(t *testing.T) {
	tests := map[string][]string{
		"entity.ref == 'x'":                   {"ref"},
		"entity.ref + entity.amount":          {"amount", "ref"},
		"entity.account.number":               {"account.number"},
		"entity?.account?.number":             {"account.number"},
		"entity['account'].number":            {"account.number"},
		"entity.accounts[0].number":           {"accounts"},
		"len(entity.accounts) > entity.count": {"accounts", "count"},
		"entity.extra.deep[0] == 4":           {"extra"},
		"entity.paid_at.IsZero()":             {"paid_at"},
		"now.IsZero()":                        {},
		"entity[input.code] == entity.ref":    {"", "ref"},
		"string(entity)":                      {""},
	}
	for source, want := range tests {
		e, err := testScope().compile(source, unknown)
		if err != nil {
			if want != nil {
				t.Errorf("%s: %v", source, err)
			}
			continue
		}
		got := []string{}
		for _, path := range e.Paths("entity") {
			got = append(got, strings.Join(path, "."))
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
	}
}

// An expression is the same with what it names as with all there is.
func TestNeedsAreEnough(t *testing.T) {
	whole := map[string]any{"ref": "r", "amount": "2", "account": map[string]any{"number": "9", "more": "z"}, "accounts": []any{map[string]any{"number": "1"}}}
	for _, source := range []string{"entity.ref + entity.amount", "entity.account.number", "len(entity.accounts)", "len(entity.accounts[0].number)"} {
		e, err := testScope().compile(source, unknown)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		part := map[string]any{}
		for _, path := range e.Paths("entity") {
			part[path[0]] = whole[path[0]]
		}
		all, errAll := e.Value(Env{Entity: whole, Now: noon})
		some, errSome := e.Value(Env{Entity: part, Now: noon})
		if !cmp.Equal(all, some) || errAll != nil || errSome != nil {
			t.Errorf("%s: %v, %v with all, %v, %v with a part", source, all, errAll, some, errSome)
		}
	}
}
