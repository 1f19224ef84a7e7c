package finqlink

import (
	"net/http"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const realm = "finqlink"

var (
	identifyGuard     = provider.Guard{Name: "request id", Check: identify}
	authenticateGuard = provider.Guard{Name: "credentials", Check: authenticate}
	dataGuard         = provider.Guard{Name: "data", Check: requireData}
	trackingGuard     = provider.Guard{Name: "tracking", Check: requireTracking}
)

// guards stand in the provider's order: the body's syntax comes before the credentials, since those are in it,
// and the fields come last.
func guards(op *provider.Operation) []provider.Guard {
	switch {
	case op.Name == "createToken":
		return []provider.Guard{provider.Size, provider.Media, provider.Syntax}
	case op.Method == http.MethodGet:
		return []provider.Guard{identifyGuard}
	}
	checks := []provider.Guard{identifyGuard, provider.Size, provider.Media, provider.Syntax, authenticateGuard}
	if slices.ContainsFunc(op.Tags, func(tag string) bool { return slices.Contains(dataTags, tag) }) {
		checks = append(checks, dataGuard)
	}
	return append(checks, trackingGuard)
}

const (
	requestIDHeader = "X-Request-Id"
	longestID       = 128
)

// identify gives the request its id: the caller's, or a new one.
func identify(c *provider.Call) error {
	requestID(c)
	return nil
}

func requestID(c *provider.Call) string {
	if c.ID != "" {
		return c.ID
	}
	c.ID = c.Header.Get(requestIDHeader)
	if !printable(c.ID) {
		c.ID = c.UUID("request")
	}
	c.Reply.Set(requestIDHeader, c.ID)
	return c.ID
}

// printable tells whether an id can be sent back as it is.
func printable(id string) bool {
	return id != "" && len(id) <= longestID && strings.IndexFunc(id, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// authenticate finds out who calls. A token wins over a secret beside it; /test knows secrets only.
func authenticate(c *provider.Call) error {
	decoded, err := c.Payload.Decode()
	if err != nil {
		return err
	}
	body, ok := decoded.(map[string]any)
	if !ok {
		return problem.New(problem.Malformed, "", "The body must be a JSON object")
	}
	id, _ := body["client_id"].(string)
	if id == "" {
		return unauthorized("client_id is missing in the body; it is required beside an access token too").At("/client_id")
	}
	if version(c) != test && c.Header.Get("Authorization") != "" {
		return byToken(c, id)
	}
	secret, _ := body["client_secret"].(string)
	return bySecret(c, id, secret)
}

func byToken(c *provider.Call, id string) error {
	token, err := oauth.Bearer(c.Header, c.RawQuery, realm)
	if err != nil {
		refused := *problem.From(err)
		refused.Kind = problem.Unauthenticated // a bad request to OAuth; to this provider a failed authentication as any
		return &refused
	}
	claims, err := c.CheckToken(tokenKeys, token, oauth.Expectation{Audience: audience, Realm: realm, Certificate: c.Thumbprint()})
	if err != nil {
		return err
	}
	if err := claims.Require(scope, realm); err != nil {
		return err
	}
	if claims.Subject != id {
		return invalidToken("The access token is another client's than client_id in the body")
	}
	client, err := c.Client(id)
	if err != nil {
		return err
	}
	if client == nil || client.Auth == oauth.AuthInternal {
		return invalidToken("The client of the access token is gone, or may authenticate with its secret only")
	}
	return admit(c, client, claims.Scopes)
}

// bySecret says the same of an unknown client and of a wrong secret.
func bySecret(c *provider.Call, id, secret string) error {
	client, err := c.Client(id)
	if err != nil {
		return err
	}
	known := client
	if known == nil {
		known = &oauth.Client{} // so that the comparison takes its time for a stranger too
	}
	if !known.HasSecret(secret) || client == nil {
		return unauthorized("client_id or client_secret is wrong; or send an access token in the Authorization header")
	}
	if client.Auth == oauth.AuthOAuth2 {
		return unauthorized("This client is registered with auth oauth2: get an access token and send it in the Authorization header")
	}
	return admit(c, client, nil)
}

// admit lets a client in whose credentials were good, if its connection is too.
func admit(c *provider.Call, client *oauth.Client, scopes []string) error {
	if err := c.CheckPeer(client); err != nil {
		return problem.From(err).With("WWW-Authenticate", `Bearer realm="`+realm+`"`)
	}
	c.Admit(client, scopes)
	return nil
}

// unauthorized is the bare challenge of RFC 6750 section 3: no token was sent, so none is wrong.
func unauthorized(message string) *problem.Error {
	return problem.New(problem.Unauthenticated, "", message).With("WWW-Authenticate", `Bearer realm="`+realm+`"`)
}

func invalidToken(message string) *problem.Error {
	return problem.New(problem.Unauthenticated, "", message).
		With("WWW-Authenticate", `Bearer realm="`+realm+`", error="invalid_token", error_description="`+message+`"`)
}

// dataTags are the tags of what only clients with the setting ais may call.
var dataTags = []string{"consents", "jobs", "data"}

func requireData(c *provider.Call) error {
	if provider.ClientSetting[bool](c, "ais") {
		return nil
	}
	return unauthorized("The data endpoints are not open to this client: its setting ais is false")
}

// requireTracking is a matter of who may call: that is how the provider reports it.
func requireTracking(c *provider.Call) error {
	if !slices.Contains([]string{"createLink", "createConsent"}, c.Operation.Name) || !provider.ClientSetting[bool](c, "tracking_required") {
		return nil
	}
	decoded, err := c.Payload.Decode()
	if err != nil {
		return err
	}
	body, _ := decoded.(map[string]any)
	ids, _ := body["tracking"].(map[string]any)
	for _, name := range []string{"customer_ref", "payment_ref"} {
		if id, _ := ids[name].(string); id == "" {
			return problem.Newf(problem.Unauthenticated, "", "tracking.%s is missing, and this client must send it", name).At("/tracking/" + name)
		}
	}
	return nil
}
