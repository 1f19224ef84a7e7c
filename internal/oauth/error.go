package oauth

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
)

// Codes of RFC 6749 section 5.2 and RFC 6750 section 3.1.
const (
	InvalidRequest       = "invalid_request"
	InvalidClient        = "invalid_client"
	InvalidScope         = "invalid_scope"
	UnauthorizedClient   = "unauthorized_client"
	UnsupportedGrantType = "unsupported_grant_type"
	InvalidToken         = "invalid_token"
	InsufficientScope    = "insufficient_scope"
)

// Error is a refusal in the words of OAuth. A dialect that does not speak them finds it as a *problem.Error.
type Error struct {
	Status      int
	Code        string // empty in the bare challenge to a call without a token
	Description string // in the characters that RFC 6749 allows
	Header      http.Header
	Err         error // the private cause, for the log
}

// Body is the reply of a token endpoint.
type Body struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

// Body is what a client reads.
func (e *Error) Body() Body { return Body{Error: e.Code, Description: e.Description} }

func (e *Error) Error() string {
	text := fmt.Sprintf("oauth: %d %s: %s", e.Status, e.Code, e.Description)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// As gives the refusal as a problem.
func (e *Error) As(target any) bool {
	p, ok := target.(**problem.Error)
	if !ok {
		return false
	}
	kind := problem.Invalid
	switch e.Status {
	case http.StatusUnauthorized:
		kind = problem.Unauthenticated
	case http.StatusForbidden:
		kind = problem.Forbidden
	}
	*p = &problem.Error{Kind: kind, Code: e.Code, Message: e.Description, Header: e.Header, Err: e.Err}
	return true
}

// refuse makes an error of a token endpoint.
func refuse(status int, code, format string, args ...any) *Error {
	return &Error{
		Status: status, Code: code, Description: Plain(fmt.Sprintf(format, args...)),
		Header: http.Header{"Cache-Control": {"no-store"}, "Pragma": {"no-cache"}},
	}
}

func badRequest(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, InvalidRequest, format, args...)
}

// because adds the private cause.
func (e *Error) because(err error) *Error {
	e.Err = err
	return e
}

// Plain keeps to printable ASCII without quote and backslash (RFC 6749 section 5.2), so that a description
// also fits into the quotes of a challenge.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r == '\\' || r < ' ' || r > '~':
			return '?'
		}
		return r
	}, text)
}
