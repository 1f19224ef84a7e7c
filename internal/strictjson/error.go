package strictjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// SyntaxError says why bytes are not JSON, or not the JSON that a struct expects.
type SyntaxError struct {
	Offset  int64  // of the byte at or after which the fault lies
	Pointer string // RFC 6901 pointer to the value that was being read; empty for the whole document
	Reason  string // a clause without the value

	wellFormed bool // it is JSON, but not of the type that Unmarshal was to fill
}

func (e *SyntaxError) Error() string {
	if e.wellFormed {
		return e.Reason
	}
	return fmt.Sprintf("not valid JSON at byte %d: %s", e.Offset, e.Reason)
}

// checkEncoding names the encodings that people send by mistake, for which the parser's own message would
// be a riddle.
func checkEncoding(data []byte) error {
	switch {
	case len(bytes.TrimLeft(data, " \t\r\n")) == 0:
		return &SyntaxError{Reason: "it is empty"}
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		return &SyntaxError{Reason: "it begins with a byte order mark; send UTF-8 without one"}
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}),
		data[0] == 0, len(data) > 1 && data[1] == 0:
		return &SyntaxError{Reason: "it looks like UTF-16 or UTF-32; send UTF-8"}
	}
	return nil
}

// atEnd refuses anything but white space after the value.
func atEnd(dec *jsontext.Decoder, data []byte) error {
	at := dec.InputOffset()
	rest := bytes.TrimLeft(data[at:], " \t\r\n")
	if len(rest) == 0 {
		return nil
	}
	return &SyntaxError{Offset: int64(len(data) - len(rest)), Reason: "there is more after the end of the value"}
}

// explain turns the library's errors into ours.
func explain(err error) error {
	var ours *SyntaxError
	var syntactic *jsontext.SyntacticError
	var semantic *json.SemanticError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &syntactic):
		return &SyntaxError{
			Offset: syntactic.ByteOffset, Pointer: pointer(syntactic.JSONPointer), Reason: syntaxReason(syntactic.Err),
		}
	case errors.As(err, &semantic):
		return &SyntaxError{
			Offset: semantic.ByteOffset, Pointer: pointer(semantic.JSONPointer), Reason: typeReason(semantic), wellFormed: true,
		}
	}
	return &SyntaxError{Reason: syntaxReason(err)}
}

func syntaxReason(err error) string {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "it ends in the middle of a value"
	case errors.Is(err, jsontext.ErrDuplicateName):
		return "an object gives the same name twice"
	case errors.Is(err, jsontext.ErrNonStringName):
		return "the name of a member must be a text in double quotes"
	}
	text := err.Error()
	if strings.Contains(text, "surrogate") {
		return "a text contains half of a surrogate pair"
	}
	return shorten(text)
}

func typeReason(err *json.SemanticError) string {
	at := "the value"
	if p := pointer(err.JSONPointer); p != "" {
		at = "the value at " + p
	}
	if errors.Is(err, json.ErrUnknownName) {
		return at + " is not known here"
	}
	if err.GoType == nil {
		return at + " is of the wrong type"
	}
	return fmt.Sprintf("%s must be %s", at, wanted(err.GoType))
}

// shorten keeps a message readable when it quotes something long.
func shorten(text string) string {
	const most = 120
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}

// pointer drops a pointer that is as long as a hostile name inside it.
func pointer(p jsontext.Pointer) string {
	for len(p) > 512 {
		p = p.Parent()
	}
	return string(p)
}
