package linkmoney

import (
	"net/http"
	"slices"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const (
	tokenPath = "/v1/tokens"
	tokenLife = time.Hour
)

type tokenReply struct {
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"` // seconds
	Token   string `json:"access_token"`
	Scope   string `json:"scope"`
}

// createToken grants one scope.
func createToken(c *provider.Call) (provider.Reply, error) {
	grant, err := c.Grant(oauth.Config{
		Scopes: []string{scopeCore, scopePayment}, DefaultScope: scopeCore, Realm: realm, FormStatus: http.StatusUnauthorized,
	})
	if err != nil {
		return provider.Reply{}, err
	}
	if len(grant.Scopes) != 1 {
		return provider.Reply{}, problem.New(problem.Invalid, oauth.InvalidScope, "A token has one scope: ask for Link-Core or for Link-Payment")
	}
	sign, err := c.Mint(tokenKeys, oauth.Order{Issuer: c.Called, Grant: grant, Lifetime: tokenLife})
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{
		Header: http.Header{"Cache-Control": {"no-store"}, "Pragma": {"no-cache"}},
		Later: func() (any, error) {
			token, err := sign()
			return tokenReply{Type: "Bearer", Expires: int(tokenLife.Seconds()), Token: token, Scope: grant.Scope()}, err
		},
	}, nil
}

// tokenRefusalBody is in the style of the identity provider behind the token endpoint.
type tokenRefusalBody struct {
	Code    string `json:"errorCode"`
	Summary string `json:"errorSummary"`
	Link    string `json:"errorLink"`
	ID      string `json:"errorId"`
	Causes  []any  `json:"errorCauses"`
}

var tokenCodes = []string{
	oauth.InvalidRequest, oauth.InvalidClient, oauth.InvalidScope, oauth.UnauthorizedClient, oauth.UnsupportedGrantType,
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func tokenRefusal(c *provider.Call, e *problem.Error) provider.Reply {
	status, code := http.StatusBadRequest, oauth.InvalidRequest
	switch e.Kind {
	case problem.Unauthenticated:
		status = http.StatusUnauthorized
	case problem.NotFound, problem.NoRoute, problem.MethodNotAllowed:
		status, code = http.StatusNotFound, "not_found"
	case problem.TooManyRequests:
		status, code = http.StatusTooManyRequests, "too_many_requests"
	case problem.Internal, problem.Timeout, problem.Unavailable, problem.StorageFull:
		status, code = http.StatusInternalServerError, "server_error"
	}
	if slices.Contains(tokenCodes, e.Code) {
		code = e.Code
	}
	summary := sentence(e)
	if code == oauth.InvalidClient {
		summary = "Client authentication failed."
	}
	return provider.Reply{Status: status, Header: http.Header{"Cache-Control": {"no-store"}}, Body: tokenRefusalBody{
		Code: code, Summary: summary, Link: code, ID: "oae" + c.Text("error", 8, letters), Causes: []any{},
	}}
}
