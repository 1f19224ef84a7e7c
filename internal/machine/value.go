package machine

import (
	"encoding/json"
	"time"
)

// value turns decoded JSON into what an expression of this shape is run with. What is absent, null or of
// another type becomes the zero value, so that no expression meets a nil where its type promises something.
func (s *shape) value(v any) any {
	switch s.class {
	case text:
		t, _ := v.(string)
		return t
	case whole:
		return asInt(v)
	case fraction:
		return asFloat(v)
	case truth:
		b, _ := v.(bool)
		return b
	case instant:
		return asTime(v)
	case list:
		return s.listValue(v)
	case object:
		return s.objectValue(v)
	}
	return plain(v)
}

func (s *shape) listValue(v any) any {
	items, _ := v.([]any)
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = s.elem.value(item)
	}
	return out
}

func (s *shape) objectValue(v any) any {
	m, _ := v.(map[string]any)
	if s.members == nil {
		return plain(m)
	}
	out := make(map[string]any, len(s.members))
	for name, member := range s.members {
		out[name] = member.value(m[name])
	}
	return out
}

// plain is a value of unknown type: as it is, with numbers that can be compared. Money is text and stays it.
func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return int(i)
		}
		return asFloat(v)
	case []any:
		return (&shape{class: list, elem: anything}).listValue(v)
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = plain(member)
		}
		return out
	}
	return v
}

func asInt(v any) int {
	switch v := v.(type) {
	case int:
		return v
	case int64:
		return int(v)
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return int(i)
		}
	}
	return int(asFloat(v))
}

func asFloat(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case json.Number:
		f, err := v.Float64()
		if err == nil {
			return f
		}
	}
	return 0
}

// asTime reads a time as JSON writes it; the zero time where there is none.
func asTime(v any) time.Time {
	switch v := v.(type) {
	case time.Time:
		return v
	case string:
		t, _ := time.Parse(time.RFC3339Nano, v)
		return t
	}
	return time.Time{}
}
