package link1

import (
	"maps"
	"strings"

	"github.com/mockbank/mockbank/internal/provider"
)

// normalise cuts the spaces at the end of texts, reads merchantId as merchantID, and brings to the top what aggregators
// put into payerDetails, before the schema sees the body.
func normalise(_ *provider.Operation, body any) any {
	members, ok := body.(map[string]any)
	if !ok {
		return nil
	}
	out := trimmed(members)
	if inner, ok := out["payerDetails"].(map[string]any); ok {
		for _, name := range []string{"paymentDetails", "info"} {
			if value, ok := inner[name]; ok {
				out[name] = value
			}
		}
	}
	return out
}

func trimmed(members map[string]any) map[string]any {
	out := maps.Clone(members)
	for name, value := range members {
		switch value := value.(type) {
		case string:
			out[name] = strings.TrimRight(value, " ")
		case map[string]any:
			out[name] = trimmed(value)
		}
	}
	if id, ok := out["merchantId"]; ok && out["merchantID"] == nil {
		out["merchantID"] = id
	}
	return out
}
