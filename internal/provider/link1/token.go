package link1

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider"
)

// Tokens are opaque. What is stored of one is its digest.
const tokens provider.Kind[Token] = "token"

// Token is an access token.
type Token struct {
	Digest  string    `json:"digest"` // SHA-256 of the token, in hex
	Client  string    `json:"client"`
	App     string    `json:"app"`
	Expires time.Time `json:"expires_at"`
}

const (
	tokenScope  = "1LinkApi"
	tokenPrefix = "mock-at-"
	tokenRealm  = "1LINK (mock)"
	byDigest    = "digest"
	byClient    = "client"
	validToken  = "valid"
)

func tokenKind() provider.KindDef {
	return tokens.Define(provider.Def[Token]{
		Parent: string(credentials),
		Index: func(e *provider.Entity[Token]) []provider.Index {
			places := []provider.Index{{Name: byDigest, Key: provider.Key{}.Text(e.Data.Digest), Unique: true}}
			if e.State() == validToken {
				places = append(places, provider.Index{Name: byClient, Key: provider.Key{}.Text(e.Data.Client)}, provider.Index{Name: byApp, Key: appKey(e.Data.App)})
			}
			return places
		},
	})
}

func digestToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

type tokenReply struct {
	Type        string `json:"token_type"`
	Token       string `json:"access_token"`
	Expires     int    `json:"expires_in"` // seconds
	ConsentedOn int64  `json:"consented_on"`
	Scope       string `json:"scope"`
}

// issueToken serves the client credentials grant (RFC 6749 section 4.4).
func (l *link) issueToken(c *provider.Call) (provider.Reply, error) {
	grant, err := c.Grant(oauth.Config{Scopes: []string{tokenScope}, DefaultScope: tokenScope, Realm: tokenRealm, FormStatus: http.StatusUnauthorized})
	if err != nil {
		return provider.Reply{}, err
	}
	if named := c.Header.Get(clientIDHeader); named != "" && named != grant.Client.ID {
		return provider.Reply{}, &oauth.Error{Status: http.StatusBadRequest, Code: oauth.InvalidRequest, Description: clientIDHeader + " differs from the client that asks for the token"}
	}
	app, err := l.application(c, &grant.Client, c.Params["catalog"])
	if err != nil {
		return provider.Reply{}, err
	}
	if app == nil {
		return provider.Reply{}, &oauth.Error{Status: http.StatusUnauthorized, Code: oauth.InvalidClient, Description: "the client is unknown or its secret is wrong"}
	}
	made, token, err := makeToken(c, app, grant.Client.ID)
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{
		Header: http.Header{"Cache-Control": {"no-store"}, "Pragma": {"no-cache"}},
		Body: tokenReply{
			Type: "Bearer", Token: token, Expires: int(made.Data.Expires.Sub(c.Now()).Round(time.Second) / time.Second), ConsentedOn: c.Now().Unix(), Scope: tokenScope,
		},
	}, nil
}

func makeToken(c *provider.Call, app *application, client string) (*provider.Entity[Token], string, error) {
	name, err := tokens.Next(c)
	if err != nil {
		return nil, "", err
	}
	life, err := time.ParseDuration(provider.Setting[string](c, "token_life"))
	if err != nil {
		return nil, "", err
	}
	token := tokenPrefix + name.Text("token", 24, digits)
	options := []provider.Option{provider.MadeBy(client)}
	if app.credential != nil {
		options = append(options, provider.ChildOf(app.credential))
	} else if story, ok := apps.Match(c, "name", strings.TrimPrefix(app.ID, "app:")); ok {
		options = append(options, provider.Following(story))
	}
	made, err := tokens.Create(c, name, name.UUID(), &Token{Digest: digestToken(token), Client: client, App: app.ID, Expires: c.Now().Add(life)}, options...)
	return made, token, err
}

// checkBearer wants a token of the application that calls.
func checkBearer(c *provider.Call, app *application) error {
	token, bearer, err := c.Bearer()
	if err != nil || !bearer || token == "" {
		return badToken("The access token is missing: send Authorization: Bearer and one from oauth2/token")
	}
	e, err := tokens.Find(c, byDigest, provider.Key{}.Text(digestToken(token)))
	switch {
	case err != nil:
		return err
	case e == nil, e.Data.App != app.ID:
		return badToken("The access token is unknown, or another application's")
	case e.State() != validToken || !c.Now().Before(e.Data.Expires):
		return badToken("The access token is expired or revoked")
	}
	return nil
}

func badToken(description string) error {
	return &oauth.Error{
		Status: http.StatusUnauthorized, Code: oauth.InvalidToken, Description: description,
		Header: http.Header{"Www-Authenticate": {`Bearer error="invalid_token"`}},
	}
}

// revokeAppTokens and revokeCredentialTokens end what was got with a secret that is worth nothing any more.
func revokeAppTokens(c *provider.Call, app *provider.Entity[App]) error {
	return revokeTokens(c, byApp, appKey(app.ID()))
}

func revokeCredentialTokens(c *provider.Call, pair *provider.Entity[Credential]) error {
	return revokeTokens(c, byClient, provider.Key{}.Text(pair.ID()))
}

func revokeTokens(c *provider.Call, index string, key provider.Key) error {
	var found []*provider.Entity[Token]
	err := tokens.List(c, index, provider.Range{Prefix: key}, func(e *provider.Entity[Token]) (bool, error) {
		found = append(found, e)
		return true, nil
	})
	for _, e := range found {
		if err == nil {
			err = tokens.Fire(c, e, "revoke")
		}
	}
	return err
}
