package control

import (
	"strings"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// tokenView is an access token as RFC 7662 section 2.2 shows it, and whose it is. Times are of the workspace.
type tokenView struct {
	Active   bool                `json:"active"`
	Reason   string              `json:"reason,omitzero"` // why it is not
	Provider string              `json:"provider,omitzero"`
	Kind     string              `json:"kind,omitzero"`
	Type     string              `json:"token_type,omitzero"`
	Client   string              `json:"client_id,omitzero"`
	Subject  string              `json:"sub,omitzero"`
	Scope    string              `json:"scope,omitzero"`
	Issuer   string              `json:"iss,omitzero"`
	Audience string              `json:"aud,omitzero"`
	IssuedAt int64               `json:"iat,omitzero"`
	Expires  int64               `json:"exp,omitzero"`
	ID       string              `json:"jti,omitzero"`
	Cnf      *oauth.Confirmation `json:"cnf,omitzero"`
}

func showToken(r *provider.Runtime, s *provider.TokenState) *tokenView {
	c := s.Claims
	return &tokenView{
		Active: s.Over == "", Reason: s.Over, Provider: r.ID, Kind: s.Kind, Type: "Bearer", Client: c.Subject, Subject: c.Subject,
		Scope: strings.Join(c.Scopes, " "), Issuer: c.Issuer, Audience: c.Audience, IssuedAt: c.IssuedAt, Expires: c.Expires, ID: c.ID, Cnf: c.Cnf,
	}
}

// aboutToken asks the providers until one gave the token out; nil where none did.
func (c *Control) aboutToken(q *request, tx *store.Tx, ask func(*provider.Runtime, *store.Tx, string) (*provider.TokenState, error)) (*tokenView, error) {
	var wanted struct {
		Token string `json:"token"`
	}
	if err := q.bind(&wanted); err != nil {
		return nil, err
	}
	for _, r := range c.Providers {
		state, err := ask(r, tx, strings.TrimSpace(wanted.Token))
		if err != nil {
			return nil, err
		}
		if state != nil {
			return showToken(r, state), nil
		}
	}
	return nil, nil
}

const foreignToken = "no provider gave it out in this workspace, or its signing key is no longer published"

func (c *Control) introspectToken(q *request) (reply, error) {
	var v *tokenView
	err := c.view(q, func(tx *store.Tx) (err error) {
		v, err = c.aboutToken(q, tx, (*provider.Runtime).Introspect)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	if v == nil {
		v = &tokenView{Reason: foreignToken}
	}
	return ok(v)
}

// revokeToken refuses to revoke what is no token, unlike RFC 7009: whoever asks is a test, and has made a mistake.
func (c *Control) revokeToken(q *request) (reply, error) {
	var v *tokenView
	err := c.update(q, func(tx *store.Tx) (err error) {
		if v, err = c.aboutToken(q, tx, (*provider.Runtime).Revoke); err == nil && v == nil {
			err = problem.New(problem.NotFound, "unknown_token", "This token can not be revoked: "+foreignToken)
		}
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return ok(v)
}
