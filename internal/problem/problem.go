// Package problem holds the only error that a client ever sees.
//
// A room that refuses something returns an *Error: what kind of refusal it is, a public sentence, the place
// in the input, and a private cause for the log. Each provider's dialect turns it into that provider's error
// body; the control API turns it into an RFC 9457 document. Any other error is our own fault: From makes it
// Internal, and its text never leaves the process.
package problem

import (
	"errors"
	"fmt"
	"net/http"
)

// Kind says which sort of refusal an Error is. Dialects choose the HTTP status by it.
type Kind string

const (
	Malformed        Kind = "malformed"          // the bytes are not of the declared syntax
	Invalid          Kind = "invalid"            // well-formed, against the schema
	Refused          Kind = "refused"            // valid, and a business rule says no
	Unauthenticated  Kind = "unauthenticated"    // who calls is not known
	Forbidden        Kind = "forbidden"          // known, and may not
	NotFound         Kind = "not_found"          // no such thing, or not the caller's
	NoRoute          Kind = "no_route"           // no such path
	MethodNotAllowed Kind = "method_not_allowed" // the path exists, the method does not
	NotAcceptable    Kind = "not_acceptable"     // no representation that the caller accepts
	Conflict         Kind = "conflict"           // the thing's state, or its uniqueness, forbids it
	TooLarge         Kind = "too_large"          // longer than the bound
	UnsupportedMedia Kind = "unsupported_media"  // Content-Type or Content-Encoding is not taken
	TooManyRequests  Kind = "too_many_requests"  // a window or a quota is used up
	Timeout          Kind = "timeout"            // waited for longer than the provider does
	Unavailable      Kind = "unavailable"        // not now; it may come back
	StorageFull      Kind = "storage_full"       // the store can not take more
	Internal         Kind = "internal"           // our own fault
)

// Violation is one broken rule of a schema.
type Violation struct {
	Pointer string // RFC 6901 JSON pointer into the body, or "query:name", "path:name", "header:Name"
	Rule    string // the schema keyword: required, type, enum, pattern, minLength, additionalProperties, ...
	Message string // a sentence without the value, which may be a secret
}

// Error is a refusal.
type Error struct {
	Kind       Kind
	Code       string      // the provider's own code, where the room that refuses knows it; else empty
	Message    string      // for the caller: what is wrong and what to do
	Pointer    string      // as Violation.Pointer; empty where no place is meant
	Violations []Violation // all broken rules, in schema order; Pointer and Message are those of the first
	Header     http.Header // what the reply must carry, such as WWW-Authenticate or Retry-After
	Status     int         // the HTTP status that a mishap ordered; 0: the dialect chooses
	Err        error       // the private cause, for the log
}

// New makes an Error without a place.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// Newf is New with a formatted message.
func Newf(kind Kind, code, format string, args ...any) *Error {
	return New(kind, code, fmt.Sprintf(format, args...))
}

// At returns a copy that names the place.
func (e *Error) At(pointer string) *Error {
	c := *e
	c.Pointer = pointer
	return &c
}

// With returns a copy whose reply carries one more header.
func (e *Error) With(header, value string) *Error {
	c := *e
	c.Header = e.Header.Clone()
	if c.Header == nil {
		c.Header = http.Header{}
	}
	c.Header.Set(header, value)
	return &c
}

// Violated makes an Invalid error of broken rules; it returns nil where there are none.
func Violated(vs []Violation) *Error {
	if len(vs) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Pointer: vs[0].Pointer, Message: vs[0].Message, Violations: vs}
}

// From returns the Error in err's chain, or an Internal one that hides err behind a fixed sentence.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Message: "Internal server error", Err: err}
}

// Is tells whether err is a refusal of this kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

func (e *Error) Error() string {
	s := string(e.Kind)
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Pointer != "" {
		s += " at " + e.Pointer
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }
