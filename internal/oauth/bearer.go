package oauth

import (
	"net/http"
	"slices"
	"strings"
)

// Bearer takes the token from a call. Without one the refusal is the bare challenge of RFC 6750 section 3.
func Bearer(header http.Header, query, realm string) (string, error) {
	if inQuery(query, "access_token") != "" {
		return "", bearerError(http.StatusBadRequest, InvalidRequest, realm, "send the token in the Authorization header, not in the address", "")
	}
	values := header.Values("Authorization")
	if len(values) > 1 {
		return "", bearerError(http.StatusBadRequest, InvalidRequest, realm, "there are two Authorization headers", "")
	}
	scheme, token, _ := strings.Cut(strings.Join(values, ""), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", bearerError(http.StatusUnauthorized, "", realm, "send a Bearer token in the Authorization header", "")
	}
	token = strings.TrimLeft(token, " ")
	if token == "" || strings.Trim(token, b64token) != "" {
		return "", bearerError(http.StatusUnauthorized, InvalidToken, realm, "the token is malformed", "")
	}
	return token, nil
}

const b64token = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/="

func bearerError(status int, code, realm, description, more string) *Error {
	challenge := `Bearer realm="` + Plain(realm) + `"`
	if code != "" {
		challenge += `, error="` + code + `", error_description="` + Plain(description) + `"` + more
	}
	return &Error{Status: status, Code: code, Description: Plain(description), Header: http.Header{"Www-Authenticate": {challenge}}}
}

// Require refuses a token without the scope: 403 insufficient_scope, which names it.
func (c Claims) Require(scope, realm string) error {
	if slices.Contains(c.Scopes, scope) {
		return nil
	}
	return bearerError(http.StatusForbidden, InsufficientScope, realm, "the token lacks the scope "+scope, `, scope="`+Plain(scope)+`"`)
}
