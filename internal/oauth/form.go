package oauth

import (
	"net/url"
	"slices"
	"strings"
)

// Form holds the parameters of a token request. One that was sent without a value counts as not sent.
type Form map[string]string

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
