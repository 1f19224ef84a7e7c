// Package strictjson is the one reader and writer of JSON.
//
// Bytes from outside go through Decode, which yields plain maps, slices, strings and json.Number: numbers
// are kept as they were written, so that no amount is ever rounded. Unmarshal fills a struct of our own with
// the same strictness, and Marshal writes what goes out or into the store.
//
// Invariant: one document has one reading. What two parsers could understand differently is refused: a name
// that is given twice, bytes after the end, text that is not UTF-8, a name in another case. Every refusal is
// a *SyntaxError that names the place and never shows a value, which may be a secret.
package strictjson

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// MaxDepth is how deep Decode lets arrays and objects nest; a real request needs less than ten levels.
	MaxDepth = 64
	// MaxNumber is the length in bytes of the longest number that Decode takes.
	MaxNumber = 1000

	anyDepth = 10_000 // the library's own bound, for bytes that are our own
)

var (
	readers       = sync.Pool{New: func() any { return jsontext.NewDecoder(new(bytes.Buffer)) }}
	reading       = json.WithUnmarshalers(json.JoinUnmarshalers(json.UnmarshalFromFunc(readAny), json.UnmarshalFromFunc(readNumber)))
	deterministic = json.Deterministic(true)
	writing       = json.JoinOptions(deterministic, json.WithMarshalers(json.MarshalToFunc(writeNumber)))
)

// Decode reads one JSON value: objects as map[string]any, arrays as []any, numbers as encoding/json.Number
// exactly as written, and strings, booleans and nil. It refuses, with a *SyntaxError, also what nests
// deeper than MaxDepth, numbers longer than MaxNumber, and the character NUL in a text.
func Decode(data []byte) (any, error) {
	if err := checkEncoding(data); err != nil {
		return nil, err
	}
	dec := readers.Get().(*jsontext.Decoder)
	defer readers.Put(dec)
	dec.Reset(bytes.NewBuffer(data))
	defer dec.Reset(new(bytes.Buffer)) // or the pool would keep the caller's bytes alive

	v, err := reader{dec: dec, depth: MaxDepth, strict: true}.value()
	if err != nil {
		return nil, explain(err)
	}
	return v, atEnd(dec, data)
}

// Unmarshal reads one JSON value into a struct (or a map, or a slice). Names must match exactly; members
// that the struct does not know are ignored; members of type any become what Decode makes of them. It sets
// no bounds of its own, so that it can read back whatever Marshal wrote.
func Unmarshal(data []byte, into any) error {
	if err := checkEncoding(data); err != nil {
		return err
	}
	if plain(reflect.TypeOf(into)) {
		return explain(json.Unmarshal(data, into))
	}
	return explain(json.Unmarshal(data, into, reading))
}

// UnmarshalKnown is Unmarshal for what people may have edited: a member that a struct does not know is refused.
func UnmarshalKnown(data []byte, into any) error {
	if err := checkEncoding(data); err != nil {
		return err
	}
	return explain(json.Unmarshal(data, into, reading, json.RejectUnknownMembers(true)))
}

// Marshal writes compact JSON: struct members in their order, map members in the order of their names,
// nothing escaped for HTML, no final newline; nil slices as [] and nil maps as {}. Text that is not UTF-8 is
// an error, and so is a time.Duration, which has no form of its own in JSON.
func Marshal(v any) ([]byte, error) {
	how := writing
	if plain(reflect.TypeOf(v)) {
		how = deterministic
	}
	data, err := json.Marshal(v, how)
	if err != nil {
		return nil, fmt.Errorf("strictjson: writing a %T: %w", v, err)
	}
	return data, nil
}

// reader builds plain values out of tokens.
type reader struct {
	dec    *jsontext.Decoder
	depth  int  // levels that may still be opened
	strict bool // bounds for bytes from outside
}

func (r reader) value() (any, error) {
	switch r.dec.PeekKind() {
	case '{':
		return r.object()
	case '[':
		return r.array()
	}
	tok, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	return r.scalar(tok)
}

func (r reader) scalar(tok jsontext.Token) (any, error) {
	switch tok.Kind() {
	case '"':
		return r.text(tok)
	case '0':
		return r.number(tok)
	case 't', 'f':
		return tok.Bool(), nil
	}
	return nil, nil
}

func (r reader) text(tok jsontext.Token) (string, error) {
	s := tok.String()
	if r.strict && strings.IndexByte(s, 0) >= 0 {
		return "", r.refuse("a text must not contain the character NUL")
	}
	return s, nil
}

func (r reader) number(tok jsontext.Token) (stdjson.Number, error) {
	s := tok.String()
	if r.strict && len(s) > MaxNumber {
		return "", r.refuse(fmt.Sprintf("a number is longer than %d characters", MaxNumber))
	}
	return stdjson.Number(s), nil
}

func (r reader) object() (any, error) {
	inner, err := r.open()
	if err != nil {
		return nil, err
	}
	obj := map[string]any{}
	for r.dec.PeekKind() != '}' {
		tok, err := r.dec.ReadToken()
		if err != nil {
			return nil, err
		}
		name, err := r.text(tok)
		if err != nil {
			return nil, err
		}
		if obj[name], err = inner.value(); err != nil {
			return nil, err
		}
	}
	_, err = r.dec.ReadToken()
	return obj, err
}

func (r reader) array() (any, error) {
	inner, err := r.open()
	if err != nil {
		return nil, err
	}
	list := []any{}
	for r.dec.PeekKind() != ']' {
		v, err := inner.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err = r.dec.ReadToken()
	return list, err
}

// open reads the bracket and returns the reader of what is within.
func (r reader) open() (reader, error) {
	if r.depth == 0 {
		return r, r.refuse(fmt.Sprintf("arrays and objects nest deeper than %d levels", MaxDepth))
	}
	r.depth--
	_, err := r.dec.ReadToken()
	return r, err
}

func (r reader) refuse(reason string) error {
	return &SyntaxError{Offset: r.dec.InputOffset(), Pointer: pointer(r.dec.StackPointer()), Reason: reason}
}

// readAny fills members of type any.
func readAny(dec *jsontext.Decoder, into *any) (err error) {
	*into, err = reader{dec: dec, depth: anyDepth}.value()
	return err
}

// The library takes encoding/json.Number for a text. Both ways it must stay a number.

func readNumber(dec *jsontext.Decoder, into *stdjson.Number) error {
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch tok.Kind() {
	case '0':
		*into = stdjson.Number(tok.String())
	case 'n':
		*into = ""
	default:
		return errors.New("must be a number")
	}
	return nil
}

func writeNumber(enc *jsontext.Encoder, n stdjson.Number) error {
	if n == "" {
		return enc.WriteToken(jsontext.Null)
	}
	return enc.WriteValue(jsontext.Value(n))
}
