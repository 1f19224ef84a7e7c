package linkmoney

import (
	"net/http"
	"slices"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const realm = "linkmoney"

// The scopes. A token has one of them.
const (
	scopeCore    = "Link-Core"
	scopePayment = "Link-Payment"
)

// scopes are those of which a token needs one, by operation. What is not listed wants scopeCore.
var scopes = map[string][]string{
	"createPayment":  {scopePayment},
	"createRefund":   {scopePayment},
	"releasePayment": {scopePayment},
	"cancelPayment":  {scopePayment},
	"getTransaction": {scopePayment, scopeCore},
}

// demoMerchant is the merchant of clients that say nothing else.
const demoMerchant = "M-DEMO"

// guards ask who calls before they look at the body; the token endpoint's credentials are in it.
func guards(op *provider.Operation) []provider.Guard {
	body := []provider.Guard{provider.Size, provider.Media, provider.Syntax}
	switch op.Name {
	case "createToken":
		return body
	case "createSessionV2":
		return append([]provider.Guard{{Name: "credentials", Check: basicOrBearer}}, body...)
	}
	return append([]provider.Guard{{Name: "credentials", Check: bearer}}, body...)
}

// merchant is whose client calls.
func merchant(c *provider.Call) string { return provider.ClientSetting[string](c, "merchant_id") }

// bearer lets a call with an access token in.
func bearer(c *provider.Call) error {
	token, err := oauth.Bearer(c.Header, c.RawQuery, realm)
	if err != nil {
		return unauthenticated(err)
	}
	claims, err := c.CheckToken(tokenKeys, token, oauth.Expectation{Realm: realm})
	if err != nil {
		return err
	}
	client, err := c.Client(claims.Subject)
	if err != nil {
		return err
	}
	if client == nil {
		return challenge("The client of the access token is gone")
	}
	wanted := scopes[c.Operation.Name]
	if wanted == nil {
		wanted = []string{scopeCore}
	}
	if !slices.ContainsFunc(wanted, func(scope string) bool { return slices.Contains(claims.Scopes, scope) }) {
		return claims.Require(wanted[0], realm)
	}
	c.Admit(client, claims.Scopes)
	return nil
}

// unauthenticated says a bad request to OAuth as what it is to this provider: a failed authentication as any.
func unauthenticated(err error) error {
	refused := *problem.From(err)
	refused.Kind = problem.Unauthenticated
	return &refused
}

func challenge(message string) error {
	return problem.New(problem.Unauthenticated, "", message).With("WWW-Authenticate", `Bearer realm="`+realm+`"`)
}

// basicOrBearer lets in a call with the client's id and secret. A token in their place is an old misunderstanding, which
// a setting tolerates.
func basicOrBearer(c *provider.Call) error {
	_, isBearer, err := c.Bearer()
	if err != nil {
		return err
	}
	if isBearer && provider.Setting[bool](c, "v2_sessions_accept_bearer") {
		return bearer(c)
	}
	id, secret, ok := (&http.Request{Header: c.Header}).BasicAuth()
	if !ok {
		return basicChallenge("/v2/sessions wants the client's id and secret: Authorization: Basic base64(client_id:client_secret)")
	}
	client, err := c.Client(id)
	if err != nil {
		return err
	}
	known := client
	if known == nil {
		known = &oauth.Client{} // so that the comparison takes its time for a stranger too
	}
	if !known.HasSecret(secret) || client == nil {
		return basicChallenge("client_id or client_secret is wrong")
	}
	c.Admit(client, nil)
	return nil
}

func basicChallenge(message string) error {
	return problem.New(problem.Unauthenticated, "", message).With("WWW-Authenticate", `Basic realm="`+realm+`", charset="UTF-8"`)
}
