package control

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/keys"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
	"github.com/mockbank/mockbank/internal/webhook"
)

// clientView is an API client as it is shown: its secret masked, its settings whole.
type clientView struct {
	Provider     string         `json:"provider"`
	ID           string         `json:"id"`
	Name         string         `json:"name,omitzero"`
	Secret       string         `json:"secret,omitzero"`
	PublicKeyPEM string         `json:"public_key_pem,omitzero"`
	JWKS         any            `json:"jwks,omitzero"`
	Kid          string         `json:"kid,omitzero"`
	Alg          keys.Alg       `json:"alg,omitzero"`
	Scopes       []string       `json:"scopes,omitzero"`
	Auth         oauth.Auth     `json:"auth,omitzero"`
	MTLS         string         `json:"mtls,omitzero"`
	CAPEM        string         `json:"ca_pem,omitzero"`
	WebhookURL   string         `json:"webhook_url,omitzero"`
	Settings     map[string]any `json:"settings"`
}

func (v clientView) key() string { return v.Provider + "/" + v.ID }

func showClient(r *provider.Runtime, client *oauth.Client) (clientView, error) {
	m := client.Masked()
	v := clientView{
		Provider: r.ID, ID: m.ID, Name: m.Name, Secret: m.Secret, PublicKeyPEM: m.PublicKeyPEM, Kid: m.Kid, Alg: m.Alg, Scopes: m.Scopes,
		Auth: m.Auth, MTLS: m.MTLS, CAPEM: m.CAPEM, WebhookURL: m.WebhookURL, Settings: r.ClientSettings(client),
	}
	if len(m.JWKS) == 0 {
		return v, nil
	}
	return v, strictjson.Unmarshal(m.JWKS, &v.JWKS)
}

func (c *Control) listClients(q *request) (reply, error) {
	if _, err := c.filtered(q); err != nil {
		return reply{}, err
	}
	all := []clientView{}
	err := c.view(q, func(tx *store.Tx) error {
		for _, r := range c.Providers {
			if id := q.query.Get("provider"); id != "" && r.ID != id {
				continue
			}
			clients, err := r.Clients(tx)
			if err != nil {
				return err
			}
			for _, client := range clients {
				v, err := showClient(r, client)
				if err != nil {
					return err
				}
				all = append(all, v)
			}
		}
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	slices.SortFunc(all, func(a, b clientView) int { return strings.Compare(a.key(), b.key()) })
	return ok(cut(q, all, clientView.key))
}

// client finds the client that the path names; nil where there is none.
func (c *Control) client(tx *store.Tx, q *request) (*provider.Runtime, *oauth.Client, error) {
	r, err := c.provider(q.params["provider"])
	if err != nil {
		return nil, nil, err
	}
	client, err := r.Client(tx, q.params["id"])
	return r, client, err
}

func noClient(q *request) error {
	return problem.Newf(problem.NotFound, "unknown_client", "%s has no client %q in this workspace", q.params["provider"], q.params["id"])
}

func (c *Control) getClient(q *request) (reply, error) {
	var v clientView
	err := c.view(q, func(tx *store.Tx) error {
		r, client, err := c.client(tx, q)
		if err == nil && client == nil {
			err = noClient(q)
		}
		if err != nil {
			return err
		}
		v, err = showClient(r, client)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return ok(v)
}

// clientChange is what PUT may say. A nil member was not given.
type clientChange struct {
	Name         *string         `json:"name"`
	Secret       *string         `json:"secret"`
	PublicKeyPEM *string         `json:"public_key_pem"`
	JWKS         json.RawMessage `json:"jwks"`
	Kid          *string         `json:"kid"`
	Alg          *keys.Alg       `json:"alg"`
	Scopes       *[]string       `json:"scopes"`
	Auth         *oauth.Auth     `json:"auth"`
	MTLS         *string         `json:"mtls"`
	CAPEM        *string         `json:"ca_pem"`
	WebhookURL   *string         `json:"webhook_url"`
	Settings     *map[string]any `json:"settings"`
}

func (c *Control) putClient(q *request) (reply, error) {
	var wanted clientChange
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	var v clientView
	var made bool
	err := c.update(q, func(tx *store.Tx) error {
		r, old, err := c.client(tx, q)
		if err != nil {
			return err
		}
		client := oauth.Client{ID: q.params["id"]}
		if made = old == nil; !made {
			client = *old
		}
		wanted.apply(&client)
		if err := checkClient(r, client); err != nil {
			return err
		}
		if err := r.PutClient(tx, &client); err != nil {
			return err
		}
		v, err = showClient(r, &client)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return madeOr(made, v)
}

// apply lays the change over a client. A new key of one form takes the place of one of the other.
func (w clientChange) apply(client *oauth.Client) {
	give(&client.Name, w.Name)
	give(&client.Secret, w.Secret)
	if w.PublicKeyPEM != nil && len(w.JWKS) == 0 {
		client.PublicKeyPEM, client.JWKS = *w.PublicKeyPEM, nil
	}
	if len(w.JWKS) > 0 {
		client.JWKS, client.PublicKeyPEM = w.JWKS, ""
		give(&client.PublicKeyPEM, w.PublicKeyPEM) // Both at once are refused by the check.
	}
	give(&client.Kid, w.Kid)
	give(&client.Alg, w.Alg)
	give(&client.Scopes, w.Scopes)
	give(&client.Auth, w.Auth)
	give(&client.MTLS, w.MTLS)
	give(&client.CAPEM, w.CAPEM)
	give(&client.WebhookURL, w.WebhookURL)
	give(&client.Settings, w.Settings)
}

func checkClient(r *provider.Runtime, client oauth.Client) error {
	if err := client.Check(); err != nil {
		return err
	}
	if client.WebhookURL != "" {
		if err := webhook.CheckURL(client.WebhookURL); err != nil {
			return problem.From(err).At("/webhook_url")
		}
	}
	if err := checkCA(client.CAPEM); err != nil {
		return err
	}
	return checkSettings(r, ofClient, client.Settings, "/settings")
}

// checkCA wants certificates and nothing else.
func checkCA(text string) error {
	rest := []byte(strings.TrimSpace(text))
	for n := 1; len(rest) > 0; n++ {
		block, left := pem.Decode(rest)
		switch {
		case block == nil:
			return problem.Newf(problem.Invalid, "bad_ca", "PEM block %d can not be read", n).At("/ca_pem")
		case block.Type != "CERTIFICATE":
			return problem.Newf(problem.Invalid, "bad_ca", "PEM block %d is no CERTIFICATE", n).At("/ca_pem")
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return &problem.Error{Kind: problem.Invalid, Code: "bad_ca", Message: "A certificate can not be read", Pointer: "/ca_pem", Err: err}
		}
		rest = []byte(strings.TrimSpace(string(left)))
	}
	return nil
}

func (c *Control) deleteClient(q *request) (reply, error) {
	err := c.update(q, func(tx *store.Tx) error {
		r, client, err := c.client(tx, q)
		if err == nil && client == nil {
			err = noClient(q)
		}
		if err != nil {
			return err
		}
		return r.RemoveClient(tx, client.ID)
	})
	if err != nil {
		return reply{}, err
	}
	return gone()
}
