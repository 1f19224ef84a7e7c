// Package media reads of a request's headers in which form its body is: Content-Type and Content-Encoding.
//
// It is the one reader of both, for providers and the control API alike. Invariant: a body has one form. A header that
// is there twice, where one reader may take the first and another the last, is refused, and so is every encoding:
// nothing is ever inflated.
package media

import (
	"mime"
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
)

// JSON is what nearly every body is.
const JSON = "application/json"

// Of gives the media type in small letters and without parameters; empty where none is said. It refuses a charset other
// than UTF-8, and any Content-Encoding but identity.
func Of(h http.Header) (string, error) {
	for _, encoding := range h["Content-Encoding"] {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return "", refuse("Content-Encoding", "Content-Encoding is not taken: send the body as it is")
		}
	}
	switch types := h["Content-Type"]; {
	case len(types) == 0 || len(types) == 1 && types[0] == "":
		return "", nil
	case len(types) > 1:
		return "", refuse("Content-Type", "There are two Content-Type headers: send one")
	case types[0] == JSON:
		return JSON, nil
	default:
		return parse(types[0])
	}
}

func parse(text string) (string, error) {
	media, params, err := mime.ParseMediaType(text)
	if err != nil {
		return "", refuse("Content-Type", "Content-Type is not well formed")
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return "", refuse("Content-Type", "The charset must be utf-8")
	}
	return media, nil
}

func refuse(header, message string) error {
	return problem.New(problem.UnsupportedMedia, "", message).At("header:" + header)
}
