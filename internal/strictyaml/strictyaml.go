// Package strictyaml reads YAML files that people write: fixtures and the configuration.
//
// Unknown keys, keys that are given twice and values of another type are refused with file, line and column.
// Scenario files have a reader of their own, which collects all defects instead of the first.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// MaxSize is the longest file that is read, in bytes.
const MaxSize = 1 << 20

// Unmarshal reads one document into a struct. The error names the place as file:line:column.
func Unmarshal(file string, data []byte, into any) error {
	return unmarshal(file, data, into, func(d *yaml.Decoder) error { return d.Decode(into) })
}

// UnmarshalExpanded is Unmarshal of a document in whose texts ${NAME} stands for what lookup gives. A name that it does
// not know is an error that says where.
func UnmarshalExpanded(file string, data []byte, into any, lookup func(name string) (string, bool)) error {
	return unmarshal(file, data, into, func(d *yaml.Decoder) error {
		node, err := expanded(file, data, lookup)
		if err != nil || node == nil {
			return err
		}
		return d.DecodeFromNode(node, into)
	})
}

func unmarshal(file string, data []byte, into any, decode func(*yaml.Decoder) error) error {
	switch {
	case len(data) > MaxSize:
		return fmt.Errorf("%s: the file is longer than %d bytes", file, MaxSize)
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		return fmt.Errorf("%s:1:1: the file is not UTF-8 text", file)
	}
	err := decode(yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()))
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		return checkWhole(file, data, reflect.TypeOf(into))
	}
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		position := at.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", file, position.Line, position.Column, message(at))
	}
	if missing := new(missingVariable); errors.As(err, &missing) {
		return err
	}
	return fmt.Errorf("%s: %w", file, err)
}

// message says what is wrong without a word about Go.
func message(at yaml.Error) string {
	var mismatch *yaml.TypeError
	var overflow *yaml.OverflowError
	switch {
	case errors.As(at, &mismatch):
		return fmt.Sprintf("here stands %s, and it must be %s", called(mismatch.SrcType), called(mismatch.DstType))
	case errors.As(at, &overflow):
		return fmt.Sprintf("%s is out of range for %s", overflow.SrcNum, called(overflow.DstType))
	}
	return at.GetMessage()
}

// called is what a user calls a type.
func called(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return called(t.Elem())
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a mapping"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number that is not negative"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	}
	return "something else"
}
