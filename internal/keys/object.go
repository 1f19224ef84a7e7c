package keys

import (
	"bytes"
	"encoding/base64"
	stdjson "encoding/json"
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/mockbank/mockbank/internal/problem"
)

// exactNumbers keeps a number's text, where the default would round it to a float.
var exactNumbers = json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *any) error {
	if d.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	number, err := d.ReadValue()
	*v = stdjson.Number(number)
	return err
}))

// object reads one JSON object and nothing after it. Names that come twice, names that differ from a known
// one only in case, and text that is not UTF-8 are Malformed problems: readers are known to disagree on each
// of them, and an attacker needs no more. Numbers are json.Number.
func object(what string, data []byte, known ...string) (map[string]any, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		return nil, problem.Newf(problem.Malformed, "", "%s is not a JSON object", what)
	}
	var members map[string]any
	if err := json.Unmarshal(data, &members, exactNumbers); err != nil {
		return nil, syntaxProblem(what, err)
	}
	for name := range members {
		for _, want := range known {
			if name != want && strings.EqualFold(name, want) {
				return nil, problem.Newf(problem.Malformed, "", "%s has a member %q; write it %q", what, clip(name), want)
			}
		}
	}
	return members, nil
}

// syntaxProblem keeps the library's message private: it quotes the input.
func syntaxProblem(what string, err error) error {
	message := what + " is not valid JSON"
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		message = what + " names a member twice"
	case errors.As(err, &syntax):
		message = problem.Newf("", "", "%s at byte %d", message, syntax.ByteOffset).Message
	}
	return &problem.Error{Kind: problem.Malformed, Message: message, Err: err}
}

// unb64 reads base64url as RFC 7515 section 2 has it: without padding, without line breaks (which Go's
// decoder skips), and with unused bits of zero, so that one value has one form.
func unb64(text string) ([]byte, bool) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return data, err == nil
}

// clip bounds what an error repeats of the input.
func clip(text string) string {
	if len(text) > 40 {
		return text[:40] + "..."
	}
	return text
}
