package finqlink

import (
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const (
	mount     = "/finqlink"
	apiHost   = "sandbox-pay.finqware.com"
	tokenHost = "finqware.okta.com"

	issuerPath = "/oauth2/ausfqbxutkZBUKUgQ417"
	tokenPath  = issuerPath + "/v1/token"
	keysPath   = issuerPath + "/v1/keys"

	scope     = "pay_by_link"
	audience  = "https://" + apiHost
	tokenLife = time.Hour
)

type tokenReply struct {
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"` // seconds
	Token   string `json:"access_token"`
	Scope   string `json:"scope"`
}

// createToken is a Write handler because a client assertion is used up by it.
func createToken(c *provider.Call) (provider.Reply, error) {
	grant, err := c.Grant(tokenConfig(c))
	if err != nil {
		return provider.Reply{}, err
	}
	order := oauth.Order{Issuer: c.Called + issuerPath, Audience: audience, Grant: grant, Lifetime: tokenLife}
	if order.Certificate, err = certificate(c, &grant.Client); err != nil {
		return provider.Reply{}, err
	}
	sign, err := c.Mint(tokenKeys, order)
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

// certificate is what the token is bound to (RFC 8705 section 3): that of the connection, where the client's count. A
// refusal takes back that the assertion was used up.
func certificate(c *provider.Call, client *oauth.Client) (string, error) {
	if err := c.CheckPeer(client); err != nil {
		refused := *problem.From(err)
		refused.Code = oauth.InvalidClient
		return "", &refused
	}
	if !client.WantsCertificate() {
		return "", nil
	}
	return c.Thumbprint(), nil
}

// inspectToken reads an access token for those who look at tokens.
func inspectToken(c *provider.Call, token string) (oauth.Claims, error) {
	return c.ReadToken(tokenKeys, token, oauth.Expectation{Audience: audience, Realm: realm})
}

// tokenConfig names issuer and token endpoint in every form that an honest client may use as audience: as the
// provider has them, and by any address of this workspace.
func tokenConfig(c *provider.Call) oauth.Config {
	config := oauth.Config{Scopes: []string{scope}, Realm: realm}
	for _, base := range bases(c) {
		config.Issuers = append(config.Issuers, base+issuerPath)
		config.TokenURLs = append(config.TokenURLs, base+tokenPath)
	}
	return config
}

// bases are the addresses of the face, the one by which this request came first.
func bases(c *provider.Call) []string {
	origins := []string{c.Origin, "https://" + apiHost, "https://" + tokenHost}
	if u, err := url.Parse(c.Origin); err == nil {
		for _, host := range []string{"finqlink.localhost", c.Workspace + ".finqlink.localhost"} {
			if port := u.Port(); port != "" {
				host = net.JoinHostPort(host, port)
			}
			origins = append(origins, u.Scheme+"://"+host)
		}
	}
	all := []string{c.Called}
	for _, origin := range origins {
		for _, prefix := range []string{"", "/w/" + c.Workspace} {
			all = append(all, origin+prefix, origin+prefix+mount)
		}
	}
	return all
}

type metadata struct {
	Issuer        string   `json:"issuer"`
	TokenEndpoint string   `json:"token_endpoint"`
	KeysURL       string   `json:"jwks_uri"`
	Scopes        []string `json:"scopes_supported"`
	ResponseTypes []string `json:"response_types_supported"`
	Grants        []string `json:"grant_types_supported"`
	Methods       []string `json:"token_endpoint_auth_methods_supported"`
	Algorithms    []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	Bound         bool     `json:"tls_client_certificate_bound_access_tokens"`
}

// getMetadata describes the issuer (RFC 8414) by the address at which it was asked.
func getMetadata(c *provider.Call) (provider.Reply, error) {
	return provider.Reply{Body: metadata{
		Issuer: c.Called + issuerPath, TokenEndpoint: c.Called + tokenPath, KeysURL: c.Called + keysPath,
		Scopes: []string{scope}, ResponseTypes: []string{}, Grants: []string{"client_credentials"},
		Methods:    []string{"private_key_jwt", "client_secret_post", "client_secret_basic"},
		Algorithms: []string{"RS256", "PS256", "ES256", "EdDSA"}, Bound: true,
	}}, nil
}

// publish serves the public half of a key set.
func publish(purpose string) func(*provider.Call) (provider.Reply, error) {
	return func(c *provider.Call) (provider.Reply, error) {
		set, err := c.JWKS(purpose)
		return provider.Reply{Header: http.Header{"Cache-Control": {"max-age=300"}}, Body: set}, err
	}
}
