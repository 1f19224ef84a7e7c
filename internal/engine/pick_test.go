package engine

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/machine"
)

func TestPickCopiesWhatInputsLookAt(t *testing.T) {
	type owner struct {
		Email string `json:"email,omitzero"`
	}
	type terms struct {
		Ref   string `json:"ref"`
		Price string `json:"price"`
	}
	data := &struct {
		terms
		Amount int64          `json:"amount"`
		Price  json.Number    `json:"price"`
		Owner  *owner         `json:"owner"`
		None   *owner         `json:"none"`
		Extra  map[string]any `json:"extra"`
		Empty  string         `json:"empty"`
	}{terms: terms{Ref: "r", Price: "hidden"}, Amount: 7, Price: "1.50", Owner: &owner{"a@b.c"}, Extra: map[string]any{"ref": "x"}}
	var inputs []machine.Input
	for _, path := range [][]string{{"amount"}, {"price"}, {"owner", "email"}, {"none", "email"}, {"extra", "ref"}, {"extra", "nothing"}, {"unknown"}, nil, {"ref"}} {
		inputs = append(inputs, machine.Input{From: path})
	}
	want := map[string]any{
		"ref": "r", "amount": json.Number("7"), "price": json.Number("1.50"),
		"owner": map[string]any{"email": "a@b.c"}, "extra": map[string]any{"ref": "x"},
	}
	if diff := cmp.Diff(want, pick(data, inputs)); diff != "" {
		t.Error(diff)
	}
}
