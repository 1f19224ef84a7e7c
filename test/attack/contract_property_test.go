package attack

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/spec"
)

// world is the workspace in which the control API is asked for anything, so that the other tests keep theirs.
const world = "contract"

// endless is the one operation whose answer has no end.
const endless = "followEvents"

// TestC10EveryAnswerIsTrueToItsDocument, whatever is asked of whichever operation: those that are refused as well as
// those that are not. ask holds each answer to the document.
func TestC10EveryAnswerIsTrueToItsDocument(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		all, err := documents()
		if err != nil {
			t.Fatal(err)
		}
		operations := slices.DeleteFunc(all[d.spec].Operations(), func(op *spec.Operation) bool { return op.ID == endless })
		seen := map[int]int{}
		rapid.Check(t, func(rt *rapid.T) {
			op := rapid.SampledFrom(operations).Draw(rt, "operation")
			lines := rapid.SampledFrom([][]string{d.lines(), d.lines(), d.lines(), {"Content-Type: application/json"}, d.caller}).Draw(rt, "lines")
			got := d.ask(t, op.Method, address(rt, op), d.drawn(rt, op), lines...)
			seen[got.status/100]++
		})
		if seen[2] == 0 || seen[4] == 0 {
			t.Errorf("of each hundred there were %v: the requests are all of one kind", seen)
		}
	})
}

var (
	texts      = []string{"", "x", "acc_123456789", "rec_test_123", "00000000-0000-0000-0000-000000000000", "ä ö", "a/b", "1", "finqlink", "link", "<b>", "ausfqbxutkZBUKUgQ417", "RO10RZBR0000069999999970", "EUR", "12.50"}
	parameters = []string{"limit", "after", "page", "starting_after", "ending_before", "status", "currency", "expand", "merchantId", "accountId", "portalId", "mode", "provider", "kind", "state"}
)

// address fills in an operation's path, and gives it a query.
func address(rt *rapid.T, op *spec.Operation) string {
	parts := strings.Split(op.Path, "/")
	for i, part := range parts {
		switch {
		case part == "{ws}":
			parts[i] = world
		case strings.HasPrefix(part, "{"):
			parts[i] = url.PathEscape(rapid.SampledFrom(texts).Draw(rt, part))
		}
	}
	query := url.Values{}
	for range rapid.IntRange(0, 4).Draw(rt, "parameters") {
		query.Add(rapid.SampledFrom(parameters).Draw(rt, "parameter"), rapid.SampledFrom(append([]string{"10", "777", "test"}, texts...)).Draw(rt, "value"))
	}
	return strings.Join(parts, "/") + "?" + query.Encode()
}

// drawn is a body: a good one, one with members changed, or any JSON; none for most operations that take none.
func (d door) drawn(rt *rapid.T, op *spec.Operation) []byte {
	if op.Method == http.MethodGet || op.Method == http.MethodDelete {
		return nil
	}
	body := object{}
	if rapid.IntRange(0, 3).Draw(rt, "body") > 0 {
		body = d.body(serial.Add(1))
	}
	for range rapid.IntRange(0, 3).Draw(rt, "changes") {
		change(rt, body)
	}
	return must(json.Marshal(body))
}

// change replaces, removes or adds a member, at any depth.
func change(rt *rapid.T, in object) {
	names := append(slices.Sorted(maps.Keys(in)), "link_id", "query_string", "provider_id", "seed", "clock", "amount")
	name := rapid.SampledFrom(names).Draw(rt, "member")
	if inner, ok := in[name].(object); ok && rapid.Bool().Draw(rt, "deeper") {
		change(rt, inner)
		return
	}
	switch rapid.IntRange(0, 4).Draw(rt, "change") {
	case 0:
		delete(in, name)
	case 1:
		in[name] = rapid.SampledFrom([]any{nil, true, 0, -1, 1.5, 1e300, object{}, []any{}, []any{object{"a": nil}}}).Draw(rt, "value")
	default:
		in[name] = rapid.SampledFrom(texts).Draw(rt, "text")
	}
}
