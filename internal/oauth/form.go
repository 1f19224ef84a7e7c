package oauth

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Form holds the parameters of a token request. One that was sent without a value counts as not sent.
type Form map[string]string

const maxParameters = 50

// ParseForm reads an application/x-www-form-urlencoded body. A repeated parameter is an error, and the query
// of the address is no part of it.
func ParseForm(body string) (Form, error) {
	form, seen := Form{}, map[string]bool{}
	for pair := range strings.SplitSeq(body, "&") {
		if pair == "" {
			continue
		}
		name, value, err := parameter(pair)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, badRequest("the parameter %s is repeated", clip(name))
		}
		if len(seen) == maxParameters {
			return nil, badRequest("there are more than %d parameters", maxParameters)
		}
		seen[name] = true
		if value != "" {
			form[name] = value
		}
	}
	return form, nil
}

func parameter(pair string) (name, value string, err error) {
	rawName, rawValue, _ := strings.Cut(pair, "=")
	if name, err = url.QueryUnescape(rawName); err == nil {
		value, err = url.QueryUnescape(rawValue)
	}
	if err != nil || !utf8.ValidString(name) || !utf8.ValidString(value) {
		return "", "", badRequest("the parameter %s is not percent-encoded UTF-8", clip(rawName))
	}
	return name, value, nil
}

// credentials are the parameters that must not stand in an address, where proxies and logs would keep them.
var credentials = []string{
	"client_id", "client_secret", "client_assertion", "client_assertion_type", "grant_type", "scope", "access_token",
}

// inQuery returns the first of these parameters that a raw query holds, in any encoding.
func inQuery(query string, names ...string) string {
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		if slices.Contains(names, name) {
			return name
		}
	}
	return ""
}

// clip bounds what an error repeats of the input.
func clip(text string) string {
	if len(text) > 40 {
		return text[:40] + "..."
	}
	return text
}
