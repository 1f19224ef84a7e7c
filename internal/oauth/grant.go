package oauth

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Grant is what a client may get a token for.
type Grant struct {
	Client Client
	Scopes []string
}

// Scope is the granted scope as RFC 6749 section 3.3 writes it.
func (g Grant) Scope() string { return strings.Join(g.Scopes, " ") }

// Grant answers a token request of the client credentials grant. Its refusals are *Error; any other error is
// that of a store.
func (e Endpoint) Grant(r Request, wall time.Time) (Grant, error) {
	switch r.Form["grant_type"] {
	case "client_credentials":
	case "":
		return Grant{}, badRequest("grant_type is missing; it must be client_credentials")
	default:
		return Grant{}, refuse(http.StatusBadRequest, UnsupportedGrantType, "grant_type must be client_credentials")
	}
	// The scope comes before the credentials, or a misspelt one would cost the client its assertion.
	scopes, err := e.scopes(r.Form["scope"])
	if err != nil {
		return Grant{}, err
	}
	client, err := e.Authenticate(r, wall)
	if err != nil {
		return Grant{}, err
	}
	if err := client.mayGet(scopes); err != nil {
		return Grant{}, err
	}
	return Grant{Client: client, Scopes: scopes}, nil
}

func (e Endpoint) scopes(asked string) ([]string, error) {
	if asked == "" {
		asked = e.DefaultScope
	}
	if asked == "" {
		return nil, badRequest("scope is missing; it can be %s", strings.Join(e.Scopes, " "))
	}
	scopes := strings.Split(asked, " ")
	slices.Sort(scopes)
	scopes = slices.Compact(scopes)
	for _, scope := range scopes {
		if !slices.Contains(e.Scopes, scope) {
			return nil, refuse(http.StatusBadRequest, InvalidScope, "the scope is unknown; it can be %s", strings.Join(e.Scopes, " "))
		}
	}
	return scopes, nil
}

func (c Client) mayGet(scopes []string) error {
	if c.Auth == AuthInternal {
		return refuse(http.StatusBadRequest, UnauthorizedClient, "the client is registered with auth internal; set it to any or oauth2")
	}
	for _, scope := range scopes {
		if len(c.Scopes) > 0 && !slices.Contains(c.Scopes, scope) {
			return refuse(http.StatusBadRequest, InvalidScope, "the client may not get this scope; it has %s", strings.Join(c.Scopes, " "))
		}
	}
	return nil
}
