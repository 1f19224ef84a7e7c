package control

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/keys"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/pki/rules"
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
	MTLS         oauth.MTLS     `json:"mtls,omitzero"`
	CAPEM        string         `json:"ca_pem,omitzero"`
	WebhookURL   string         `json:"webhook_url,omitzero"`
	Settings     map[string]any `json:"settings"`
}

func (v clientView) key() string { return v.Provider + "/" + v.ID }

// showClient shows one client; nil where there is none.
func showClient(tx *store.Tx, r *provider.Runtime, id string) (*clientView, error) {
	client, err := r.Registered(tx, id)
	if err != nil || client == nil {
		return nil, err
	}
	m := client.Masked()
	v := &clientView{
		Provider: r.ID, ID: m.ID, Name: m.Name, Secret: m.Secret, PublicKeyPEM: m.PublicKeyPEM, Kid: m.Kid, Alg: m.Alg, Scopes: m.Scopes,
		Auth: m.Auth, MTLS: m.MTLS, CAPEM: m.CAPEM, WebhookURL: m.WebhookURL, Settings: r.ClientSettings(client),
	}
	if len(m.JWKS) == 0 {
		return v, nil
	}
	return v, strictjson.Unmarshal(m.JWKS, &v.JWKS)
}

func showClients(tx *store.Tx, r *provider.Runtime) ([]clientView, error) {
	clients, err := r.Clients(tx)
	if err != nil {
		return nil, err
	}
	var all []clientView
	for _, client := range clients {
		v, err := showClient(tx, r, client.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, *v)
	}
	return all, nil
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
			shown, err := showClients(tx, r)
			if err != nil {
				return err
			}
			all = append(all, shown...)
		}
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	slices.SortFunc(all, func(a, b clientView) int { return strings.Compare(a.key(), b.key()) })
	return ok(cut(q, all, clientView.key))
}

func noClient(q *request) error {
	return problem.Newf(problem.NotFound, "unknown_client", "%s has no client %q in this workspace", q.params["provider"], q.params["id"])
}

func (c *Control) getClient(q *request) (reply, error) {
	r, err := c.provider(q.params["provider"])
	if err != nil {
		return reply{}, err
	}
	var v *clientView
	err = c.view(q, func(tx *store.Tx) (err error) {
		v, err = showClient(tx, r, q.params["id"])
		return err
	})
	if err == nil && v == nil {
		err = noClient(q)
	}
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
	MTLS         *oauth.MTLS     `json:"mtls"`
	CAPEM        *string         `json:"ca_pem"`
	WebhookURL   *string         `json:"webhook_url"`
	Settings     *map[string]any `json:"settings"`
}

func (c *Control) putClient(q *request) (reply, error) {
	var wanted clientChange
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	r, err := c.provider(q.params["provider"])
	if err != nil {
		return reply{}, err
	}
	var v *clientView
	var made bool
	err = c.update(q, func(tx *store.Tx) error {
		if made, err = wanted.store(tx, r, q.params["id"]); err != nil {
			return err
		}
		v, err = showClient(tx, r, q.params["id"])
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return madeOr(made, v)
}

// store lays the change over the client of that id, or over an empty one.
func (w clientChange) store(tx *store.Tx, r *provider.Runtime, id string) (made bool, err error) {
	old, err := r.Client(tx, id)
	if err != nil {
		return false, err
	}
	client := oauth.Client{ID: id}
	if old != nil {
		client = *old
	}
	w.apply(&client)
	if err := checkClient(r, client); err != nil {
		return false, err
	}
	return old == nil, r.PutClient(tx, &client)
}

// apply lays the change over a client. A new key of one form takes the place of one of the other.
func (w clientChange) apply(client *oauth.Client) {
	give(&client.Name, w.Name)
	if w.Secret != nil {
		client.SetSecret(*w.Secret)
	}
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
	// A client that was read and is written back would lose its secret to the mask.
	if client.Secret != "" && client.Secret == client.Masked().Secret {
		return problem.New(problem.Invalid, "masked_secret", "This is the mask and not a secret: leave secret out to keep it as it is").At("/secret")
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
	if text == "" {
		return nil
	}
	if _, err := rules.ParseTrust([]byte(text)); err != nil {
		return problem.Newf(problem.Invalid, "bad_ca", "ca_pem: %v", err).At("/ca_pem")
	}
	return nil
}

func (c *Control) deleteClient(q *request) (reply, error) {
	r, err := c.provider(q.params["provider"])
	if err != nil {
		return reply{}, err
	}
	err = c.update(q, func(tx *store.Tx) error {
		client, err := r.Client(tx, q.params["id"])
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

type privateKey struct {
	Kid string `json:"kid"`
	PEM string `json:"private_key_pem"`
}

func (c *Control) getPrivateKey(q *request) (reply, error) {
	r, err := c.provider(q.params["provider"])
	if err != nil {
		return reply{}, err
	}
	var key privateKey
	err = c.view(q, func(tx *store.Tx) error {
		pem, kid, err := r.PrivateKey(tx, q.params["id"])
		key = privateKey{Kid: kid, PEM: string(pem)}
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return ok(key)
}
