package oauth

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// Request is what authentication looks at.
type Request struct {
	Header http.Header
	Query  string // raw
	Form   Form
}

const maxCredential = 128 // characters of an id or a secret, as registered

// Authenticate tells which client sent the request: by one method, which the client has proven. Its refusals
// are *Error; any other error is that of a store.
func (e Endpoint) Authenticate(r Request, wall time.Time) (Client, error) {
	if name := inQuery(r.Query, credentials...); name != "" {
		return Client{}, badRequest("%s belongs into the body of the request, not into its address", name)
	}
	if err := oneMethod(r); err != nil {
		return Client{}, err
	}
	switch {
	case len(r.Header.Values("Authorization")) > 0:
		return e.byBasic(r)
	case r.Form["client_secret"] == "":
		return e.byAssertion(r.Form, wall)
	}
	return e.bySecret(r.Form)
}

func oneMethod(r Request) error {
	var used []string
	switch len(r.Header.Values("Authorization")) {
	case 0:
	case 1:
		used = append(used, "the Authorization header")
	default:
		return badRequest("there are two Authorization headers")
	}
	if r.Form["client_secret"] != "" {
		used = append(used, "client_secret")
	}
	if r.Form["client_assertion"] != "" || r.Form["client_assertion_type"] != "" {
		used = append(used, "client_assertion")
	}
	if len(used) > 1 {
		return badRequest("use one way to authenticate, not %s", strings.Join(used, " and "))
	}
	if len(used) == 0 {
		return badRequest("client_secret or client_assertion is missing")
	}
	return nil
}

func (e Endpoint) bySecret(form Form) (Client, error) {
	if form["client_id"] == "" {
		return Client{}, badRequest("client_id is missing")
	}
	client, ok, err := e.proven(form["client_id"], form["client_secret"])
	if err == nil && !ok {
		err = e.badClient(unknownClient)
	}
	return client, err
}

// proven looks as long at an unknown client as at a wrong secret.
func (e Endpoint) proven(id, secret string) (Client, bool, error) {
	if len(id) > maxCredential || len(secret) > maxCredential {
		return Client{}, false, nil
	}
	client, found, err := e.Clients.Client(id)
	if err != nil {
		return Client{}, false, fmt.Errorf("oauth: find the client: %w", err)
	}
	if !client.HasSecret(secret) || !found {
		return Client{}, false, nil
	}
	return client, true, nil
}

func (e Endpoint) byBasic(r Request) (Client, error) {
	id, secret, ok := readBasic(r.Header.Get("Authorization"))
	if !ok {
		return Client{}, e.challenge("the Authorization header must be Basic and the base64 of id:secret, both percent-encoded")
	}
	if named := r.Form["client_id"]; named != "" && named != id {
		return Client{}, badRequest("client_id differs from the Authorization header")
	}
	client, ok, err := e.proven(id, secret)
	if err == nil && !ok {
		err = e.challenge(unknownClient)
	}
	return client, err
}

// readBasic follows RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
func readBasic(header string) (id, secret string, ok bool) {
	scheme, text, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	joined, err := base64.StdEncoding.Strict().DecodeString(strings.TrimLeft(text, " "))
	if err != nil {
		return "", "", false
	}
	rawID, rawSecret, ok := strings.Cut(string(joined), ":")
	if !ok {
		return "", "", false
	}
	id, errID := url.QueryUnescape(rawID)
	secret, errSecret := url.QueryUnescape(rawSecret)
	return id, secret, errID == nil && errSecret == nil && utf8.ValidString(id) && utf8.ValidString(secret)
}

const unknownClient = "the client is unknown or its secret is wrong"

// badClient answers clients that did not use Basic. With a 401 and a challenge common client libraries
// lose the error code, hence the 400.
func (e Endpoint) badClient(format string, args ...any) *Error {
	status := e.FormStatus
	if status == 0 {
		status = http.StatusBadRequest
	}
	return refuse(status, InvalidClient, format, args...)
}

// challenge answers clients that used the Authorization header (RFC 6749 section 5.2).
func (e Endpoint) challenge(description string) *Error {
	err := refuse(http.StatusUnauthorized, InvalidClient, "%s", description)
	err.Header.Set("WWW-Authenticate", `Basic realm="`+Plain(e.Realm)+`", charset="UTF-8"`)
	return err
}
