package engine

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// grade writes a text that is not its own.
type grade string

func (g grade) MarshalText() ([]byte, error) { return []byte("grade " + g), nil }

// spread writes other members than its fields.
type spread struct {
	Low int `json:"low"`
}

func (s spread) MarshalJSON() ([]byte, error) { return []byte(`{"high":2}`), nil }

type ledger struct {
	address
	Open    bool           `json:"open"`
	Count   int64          `json:"count"`
	Price   json.Number    `json:"price"`
	Grade   grade          `json:"grade"`
	Spread  spread         `json:"spread"`
	Owner   *address       `json:"owner"`
	None    *address       `json:"none"`
	Rooms   []address      `json:"rooms"`
	Extra   map[string]any `json:"extra"`
	At      time.Time      `json:"at"`
	Unnamed string
}

type address struct {
	Street string `json:"street"`
}

func testLedger() *ledger {
	return &ledger{
		address: address{"Main"}, Open: true, Count: 7, Price: "1.50", Grade: "a", Spread: spread{1}, Owner: &address{"Side"},
		Rooms: []address{{"Back"}}, Extra: map[string]any{"deep": map[string]any{"x": "y"}}, At: time.Unix(1, 0).UTC(), Unnamed: "u",
	}
}

// What a path leads to is what the whole JSON has there.
func TestMembersAreThoseOfTheWhole(t *testing.T) {
	whole, err := asMap(testLedger())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range [][]string{
		{"street"}, {"open"}, {"count"}, {"price"}, {"grade"}, {"spread"}, {"spread", "high"}, {"spread", "low"}, {"owner"}, {"owner", "street"},
		{"none"}, {"none", "street"}, {"rooms"}, {"extra"}, {"extra", "deep", "x"}, {"extra", "nothing", "x"}, {"at"}, {"Unnamed"}, {"nowhere"}, {"open", "x"},
	} {
		got, err := members(testLedger(), [][]string{path})
		if err != nil {
			t.Errorf("%v: %v", path, err)
		}
		if diff := cmp.Diff(follow(whole, path), follow(got, path)); diff != "" {
			t.Errorf("%v (-whole +path):\n%s", path, diff)
		}
	}
}

func follow(v any, path []string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func TestMembersOfSeveralPaths(t *testing.T) {
	tests := map[string]struct {
		paths [][]string
		want  map[string]any
	}{
		"none":            {nil, map[string]any{}},
		"two":             {[][]string{{"open"}, {"owner", "street"}}, map[string]any{"open": true, "owner": map[string]any{"street": "Side"}}},
		"one in another":  {[][]string{{"owner", "street"}, {"owner"}}, map[string]any{"owner": map[string]any{"street": "Side"}}},
		"another way too": {[][]string{{"owner"}, {"owner", "street"}}, map[string]any{"owner": map[string]any{"street": "Side"}}},
	}
	for name, c := range tests {
		got, err := members(testLedger(), c.paths)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	whole, _ := asMap(testLedger())
	if got, err := members(testLedger(), [][]string{{"open"}, nil}); err != nil || !cmp.Equal(whole, got) {
		t.Errorf("an empty path gives %v, %v; not all", got, err)
	}
}
