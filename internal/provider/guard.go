package provider

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/problem"
)

// The frame's own checks. A provider puts them where it reports them.
var (
	// Size refuses a body that is longer than the provider's bound.
	Size = Guard{Name: "size", Check: func(c *Call) error {
		if c.Payload.TooLong {
			return problem.New(problem.TooLarge, "", "The request body is too large")
		}
		return nil
	}}

	// Media refuses a Content-Type that the operation does not take, and every Content-Encoding.
	Media = Guard{Name: "media", Check: func(c *Call) error {
		if !c.HasBody() {
			return nil
		}
		if c.Payload.Refused != nil {
			return c.Payload.Refused
		}
		for _, media := range c.Operation.BodyMedia {
			if media == c.Payload.Media {
				return nil
			}
		}
		return problem.New(problem.UnsupportedMedia, "", "Content-Type must be "+strings.Join(c.Operation.BodyMedia, " or ")).At("header:Content-Type")
	}}

	// Syntax refuses a body that can not be decoded.
	Syntax = Guard{Name: "syntax", Check: func(c *Call) error {
		if !c.HasBody() {
			return nil
		}
		_, err := c.Payload.Decode()
		return err
	}}
)

// Form decodes what a hosted page's form sends.
var Form = Guard{Name: "form", Check: func(c *Call) error {
	if c.Method != http.MethodPost {
		return nil
	}
	if c.Payload.Media != mediaForm {
		return problem.New(problem.UnsupportedMedia, "", "Content-Type must be "+mediaForm).At("header:Content-Type")
	}
	_, err := c.Payload.Decode()
	return err
}}

// FormValue is a field of the form that a page sent; empty where it sent none.
func (c *Call) FormValue(name string) string {
	form, _ := c.Payload.value.(map[string]any)
	value, _ := form[name].(string)
	return value
}

// printable shortens a text of a stranger for a message.
func printable(s string) string {
	const most = 40
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "..."
	}
	return s
}
