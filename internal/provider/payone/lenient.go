package payone

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/mockbank/mockbank/internal/provider"
)

// normalise takes what PAYONE takes beside its own document: whole numbers as text, ids as numbers, null for what
// is absent, a payment method twice. What it does not understand it leaves for the schema to refuse.
func normalise(_ *provider.Operation, body any) any {
	link, ok := body.(map[string]any)
	if !ok {
		return nil
	}
	dropNulls(link)
	for _, name := range []string{"accountId", "merchantId", "portalId", "userId"} {
		if id := idText(link[name]); id != "" {
			link[name] = id
		}
	}
	if chosen, ok := link["paymentMethods"].([]any); ok {
		link["paymentMethods"] = withoutRepeats(chosen)
	}
	lines, _ := link["shoppingCart"].([]any)
	for _, line := range lines {
		members, _ := line.(map[string]any)
		for _, name := range []string{"price", "quantity", "vatRate"} {
			if n, ok := integer(members[name]); ok {
				members[name] = json.Number(strconv.FormatInt(n, 10))
			}
		}
	}
	return link
}

// dropNulls takes members that are null out of an object and of all objects within.
func dropNulls(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if member == nil {
				delete(v, name)
			}
			dropNulls(member)
		}
	case []any:
		for _, item := range v {
			dropNulls(item)
		}
	}
}

func withoutRepeats(chosen []any) []any {
	var seen []string
	return slices.DeleteFunc(slices.Clone(chosen), func(v any) bool {
		name, ok := v.(string)
		if !ok {
			return false
		}
		if slices.Contains(seen, name) {
			return true
		}
		seen = append(seen, name)
		return false
	})
}

// integer reads a whole number of 64 bits, as a number or as its text.
func integer(v any) (int64, bool) {
	written := text(v)
	if n, ok := v.(json.Number); ok {
		written = n.String()
	}
	if strings.HasPrefix(written, "+") {
		return 0, false
	}
	n, err := strconv.ParseInt(written, 10, 64)
	return n, err == nil
}

// idText reads an id, as a text or as a number without sign and fraction; empty for anything else.
func idText(v any) string {
	if n, ok := v.(json.Number); ok && strings.Trim(n.String(), "0123456789") == "" {
		return n.String()
	}
	return text(v)
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
