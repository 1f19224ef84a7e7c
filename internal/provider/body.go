package provider

import (
	"errors"
	"net/url"
	"strings"

	"github.com/mockbank/mockbank/internal/intake"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/strictjson"
)

const (
	mediaJSON = "application/json"
	mediaForm = "application/x-www-form-urlencoded"
)

// MaxFields bounds the fields of a form.
const MaxFields = 200

// decode reads a body by its media type. No body is nil.
func decode(media string, raw []byte) (any, error) {
	switch {
	case media == mediaForm:
		return decodeForm(string(raw))
	case len(raw) == 0:
		return nil, problem.New(problem.Malformed, "empty_body", "The body is empty: send a JSON object")
	}
	v, err := strictjson.Decode(raw)
	var syntax *strictjson.SyntaxError
	if errors.As(err, &syntax) {
		return nil, &problem.Error{Kind: problem.Malformed, Code: "invalid_json", Message: "The body is " + syntax.Error(), Pointer: syntax.Pointer, Err: err}
	}
	return v, err
}

// decodeForm reads a form, and nothing but the form: the query is never merged into it. A field that is there
// twice has no one reading and is refused (RFC 6749 section 3.2).
func decodeForm(raw string) (any, error) {
	form := map[string]any{}
	if raw == "" {
		return form, nil
	}
	if strings.Count(raw, "&") >= MaxFields {
		return nil, problem.Newf(problem.Malformed, "too_many_fields", "The form has more than %d fields", MaxFields)
	}
	for _, pair := range strings.Split(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, err := decodePair(pair)
		if err != nil {
			return nil, err
		}
		if _, twice := form[name]; twice {
			return nil, problem.New(problem.Malformed, "repeated_field", "A field of the form is there twice: "+printable(name))
		}
		form[name] = value
	}
	return form, nil
}

func decodePair(pair string) (name, value string, err error) {
	name, value, _ = strings.Cut(pair, "=")
	if name, err = url.QueryUnescape(name); err == nil {
		value, err = url.QueryUnescape(value)
	}
	if err == nil && (!intake.IsText(name) || !intake.IsText(value)) {
		err = errors.New("not UTF-8 text")
	}
	if err != nil {
		return "", "", &problem.Error{Kind: problem.Malformed, Code: "invalid_form", Message: "The form is not well encoded: a % is followed by something else than two hexadecimal digits, or the text is not UTF-8", Err: err}
	}
	return name, value, nil
}
