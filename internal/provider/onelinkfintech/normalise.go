package onelinkfintech

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/mockbank/mockbank/internal/provider"
)

// normalise takes null for absent, trims texts, and makes text of the numbers and booleans of metadata, before the
// schema sees the body.
func normalise(_ *provider.Operation, body any) any {
	members, ok := body.(map[string]any)
	if !ok {
		return nil
	}
	if values, ok := members["metadata"].(map[string]any); ok {
		members["metadata"] = texts(values)
	}
	return plain(members)
}

// plain drops the nulls of an object and of those within, and trims its texts.
func plain(members map[string]any) map[string]any {
	out := make(map[string]any, len(members))
	for name, value := range members {
		switch value := value.(type) {
		case nil:
		case string:
			out[name] = strings.TrimSpace(value)
		case map[string]any:
			out[name] = value
			if name == "owner" {
				out[name] = plain(value)
			}
		default:
			out[name] = value
		}
	}
	return out
}

var metadataName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

// texts makes text of what metadata holds. A schema can not speak of names, so a bad one loses its value, and the
// schema refuses what is left.
func texts(values map[string]any) map[string]any {
	out := make(map[string]any, len(values))
	for name, value := range values {
		switch value := value.(type) {
		case string:
			out[name] = strings.TrimSpace(value)
		case json.Number:
			out[name] = value.String()
		case bool:
			out[name] = strconv.FormatBool(value)
		default:
			out[name] = value
		}
		if !metadataName.MatchString(name) {
			out[name] = nil
		}
	}
	return out
}
