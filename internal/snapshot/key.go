package snapshot

import (
	"encoding/binary"
	"encoding/hex"
	stdjson "encoding/json"
	"errors"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// A row's key is written as a list of parts that people can read: a text, a number, {"time": ...}, and {"hex": ...} for
// all else. A key does not tell of what it was built, so this is a guess; but the parts always make the same bytes
// again.

type (
	timePart struct {
		Time time.Time `json:"time"`
	}
	hexPart struct {
		Hex string `json:"hex"`
	}
)

func writeKey(k store.Key) ([]byte, error) {
	parts := []any{}
	for len(k) > 0 {
		var part any
		part, k = firstPart(k)
		parts = append(parts, part)
	}
	return strictjson.Marshal(parts)
}

func firstPart(k store.Key) (part any, rest store.Key) {
	text, after, isText := k.CutText()
	isText = isText && readable(text)
	switch {
	case isText && text != "":
		return text, after
	case len(k) >= 8 && binary.BigEndian.Uint64(k) <= maxExact:
		return binary.BigEndian.Uint64(k), k[8:]
	case len(k) >= 8 && sensible(k[:8].CutTime()):
		return timePart{k[:8].CutTime()}, k[8:]
	case isText:
		return "", after
	}
	return hexPart{hex.EncodeToString(k)}, nil
}

// maxExact is the largest number that every reader of JSON takes exactly.
const maxExact = 1<<53 - 1

func sensible(t time.Time) bool { return t.Year() >= 1970 && !t.After(clock.Latest) }

func readable(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// readKey builds the key of its parts. Its error is a clause.
func readKey(data []byte) (built store.Key, err error) {
	var parts []stdjson.RawMessage
	if err := strictjson.Unmarshal(data, &parts); err != nil {
		return nil, errNoKey
	}
	for _, part := range parts {
		if built, err = appendPart(built, part); err != nil {
			return nil, err
		}
	}
	return built, nil
}

var errNoKey = errors.New(`must be an array of parts: a text, a whole number, {"time": ...} or {"hex": ...}`)

func appendPart(k store.Key, part []byte) (store.Key, error) {
	var text string
	if strictjson.Unmarshal(part, &text) == nil && part[0] == '"' {
		return k.Text(text), nil
	}
	if n, err := strconv.ParseUint(string(part), 10, 64); err == nil {
		return k.Number(n), nil
	}
	var at timePart
	if strictjson.UnmarshalKnown(part, &at) == nil && !at.Time.IsZero() {
		return k.Time(at.Time), nil
	}
	var of hexPart
	if strictjson.UnmarshalKnown(part, &of) == nil && of.Hex != "" {
		if raw, err := hex.DecodeString(of.Hex); err == nil {
			return append(k, raw...), nil
		}
	}
	return k, errNoKey
}
