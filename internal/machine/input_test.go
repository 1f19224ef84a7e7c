package machine

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSelect(t *testing.T) {
	kind := load(t, `  longer: {extends: usual, select: {owner: Refused by, account: "5"}}
  coded: {extends: usual, select: {account: "77{a}", amount: "1{a:2}.{b}"}}
`)
	account := func(number string) map[string]any {
		return map[string]any{"account": map[string]any{"number": number}}
	}
	tests := []struct {
		entity map[string]any
		want   string
		input  map[string]string
	}{
		{map[string]any{"amount": "7.01"}, "refused_at_once", nil},
		{map[string]any{"amount": json.Number("7.01")}, "refused_at_once", nil},
		{map[string]any{"amount": "7.010"}, "", nil},
		{map[string]any{"amount": "x7.01"}, "", nil},
		{map[string]any{"amount": "7x01"}, "", nil},
		{map[string]any{"amount": nil}, "", nil},
		{map[string]any{"amount": "123.45"}, "coded", map[string]string{"a": "23", "b": "45"}},
		{account("PK00 9802"), "refused_at_once", map[string]string{"code": "02"}},
		{account("PK00 9802x"), "", nil},
		{account("5"), "longer", nil},
		{account("7798\n7712"), "coded", map[string]string{"a": "12"}},
		{account("PK77877"), "coded", map[string]string{"a": "877"}},
		{map[string]any{"account": "9802"}, "", nil},
		{map[string]any{"ref": "t-stays"}, "stays", nil},
		{map[string]any{"ref": "t-refused-at-once+run7"}, "refused_at_once", nil},
		{map[string]any{"ref": "t-refused_at_once"}, "refused_at_once", nil},
		{map[string]any{"ref": "stays"}, "", nil},
		{map[string]any{"ref": "t-"}, "", nil},
		{map[string]any{"ref": "t-stays", "amount": "7.01"}, "stays", nil},
		{map[string]any{"ref": "other", "amount": "7.01"}, "refused_at_once", nil},
		{nil, "", nil},
	}
	for _, tt := range tests {
		got, input, ok := kind.Select(tt.entity)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%v selects %q, %v; want %q", tt.entity, got, ok, tt.want)
		}
		if len(input)+len(tt.input) > 0 && !cmp.Equal(input, tt.input) {
			t.Errorf("%v captures %v, want %v", tt.entity, input, tt.input)
		}
	}
}

// An input without a place in the entity is one that a page asks for.
func TestMatch(t *testing.T) {
	kind := load(t, "  longer: {extends: usual, select: {owner: Refused by}}\n")
	tests := []struct{ input, value, want string }{
		{"owner", "Refused Anna", "refused_at_once"},
		{"owner", "Refused by Anna", "longer"},
		{"owner", "refused", ""},
		{"ref", "t-stays", "stays"},
		{"nosuch", "7.01", ""},
	}
	for _, tt := range tests {
		if got, _, _ := kind.Match(tt.input, tt.value); got != tt.want {
			t.Errorf("%s %q selects %q, want %q", tt.input, tt.value, got, tt.want)
		}
	}
}
