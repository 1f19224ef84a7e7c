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
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// MaxSize is the longest file that is read, in bytes.
const MaxSize = 1 << 20

// Unmarshal reads one document into a struct. The error names the place as file:line:column.
func Unmarshal(file string, data []byte, into any) error {
	switch {
	case len(data) > MaxSize:
		return fmt.Errorf("%s: the file is longer than %d bytes", file, MaxSize)
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		return fmt.Errorf("%s:1:1: the file is not UTF-8 text", file)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	err := decoder.Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		return nil
	}
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		position := at.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", file, position.Line, position.Column, at.GetMessage())
	}
	return fmt.Errorf("%s: %w", file, err)
}
