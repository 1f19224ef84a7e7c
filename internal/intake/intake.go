// Package intake reads what stands around a body: its type, the query, the parts of a path.
//
// It is the one reader of them, for providers and the control API alike. Invariant: what it gives has one reading, and
// is text, so that it can be repeated in any answer. A header that is there twice, where one reader may take the first
// and another the last, is refused, and so is every encoding: nothing is ever inflated.
package intake

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/problem"
)

// JSON is what nearly every body is.
const JSON = "application/json"

// Media gives the type of the body in small letters and without parameters; empty where none is said. It refuses a
// charset other than UTF-8, and any Content-Encoding but identity.
func Media(h http.Header) (string, error) {
	for _, encoding := range h["Content-Encoding"] {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return "", unsupported("Content-Encoding", "Content-Encoding is not taken: send the body as it is")
		}
	}
	switch types := h["Content-Type"]; {
	case len(types) == 0 || len(types) == 1 && types[0] == "":
		return "", nil
	case len(types) > 1:
		return "", unsupported("Content-Type", "There are two Content-Type headers: send one")
	case types[0] == JSON:
		return JSON, nil
	default:
		return parse(types[0])
	}
}

func parse(text string) (string, error) {
	media, params, err := mime.ParseMediaType(text)
	if err != nil {
		return "", unsupported("Content-Type", "Content-Type is not well formed")
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return "", unsupported("Content-Type", "The charset must be utf-8")
	}
	return media, nil
}

func unsupported(header, message string) error {
	return problem.New(problem.UnsupportedMedia, "", message).At("header:" + header)
}

// Query reads the query of an address. A refusal has the code bad_query.
func Query(raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, &problem.Error{Kind: problem.Malformed, Code: "bad_query", Message: "The query is not well encoded", Err: err}
	}
	for name, values := range query {
		if !IsText(name) || !IsText(strings.Join(values, "")) {
			return nil, problem.New(problem.Malformed, "bad_query", "The query is not UTF-8 text, or holds the character NUL")
		}
	}
	return query, nil
}

// Segment undoes the escapes of one part of a path; ok is false where that gives no text.
func Segment(escaped string) (text string, ok bool) {
	text, err := url.PathUnescape(escaped)
	return text, err == nil && IsText(text)
}

// IsText tells whether bytes are UTF-8 without NUL.
func IsText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }
