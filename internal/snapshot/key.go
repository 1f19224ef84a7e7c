package snapshot

import (
	"encoding/binary"
	"encoding/hex"
	stdjson "encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// key is a row's key as a list of parts that people can read: a text, a number, {"time": ...}, and {"hex": ...} for
// all else. A key does not tell of what it was built, so this is a guess; but the parts always make the same bytes
// again.
type key store.Key

type (
	timePart struct {
		Time time.Time `json:"time"`
	}
	hexPart struct {
		Hex string `json:"hex"`
	}
)

// MarshalJSON writes the parts.
func (k key) MarshalJSON() ([]byte, error) {
	parts := []any{}
	for rest := store.Key(k); len(rest) > 0; {
		var part any
		part, rest = firstPart(rest)
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

// UnmarshalJSON builds the key of its parts.
func (k *key) UnmarshalJSON(data []byte) error {
	var parts []stdjson.RawMessage
	if err := strictjson.Unmarshal(data, &parts); err != nil {
		return err
	}
	var built store.Key
	for i, part := range parts {
		var err error
		if built, err = appendPart(built, part); err != nil {
			return fmt.Errorf("part %d of the key %w", i, err)
		}
	}
	*k = key(built)
	return nil
}

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
		raw, err := hex.DecodeString(of.Hex)
		return append(k, raw...), err
	}
	return k, fmt.Errorf(`must be a text, a whole number, {"time": ...} or {"hex": ...}`)
}
