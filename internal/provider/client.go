package provider

import (
	"maps"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/store"
)

// clientRows holds the API clients that a workspace made, changed or removed. Those that the provider ships
// are read through until then.
var clientRows = store.Bucket{Name: "client", Kept: true}

type clientRow struct {
	Client  oauth.Client `json:"client"`
	Removed bool         `json:"removed,omitzero"`
}

// Client finds an API client of the workspace; nil where there is none of that id.
func (r *Runtime) Client(tx *store.Tx, id string) (*oauth.Client, error) {
	var row clientRow
	found, err := clientRows.Get(tx, r.clientKey(id), &row)
	switch {
	case err != nil || row.Removed:
		return nil, err
	case found:
		return &row.Client, nil
	}
	if shipped := r.shipped[id]; shipped != nil || !r.acceptsAny(tx) {
		return shipped, nil
	}
	return &oauth.Client{ID: id, Name: id, AnySecret: true}, nil
}

// acceptsAny tells whether credentials that nobody registered are as good as any.
func (r *Runtime) acceptsAny(tx *store.Tx) bool {
	wanted, _ := r.settings(tx.Workspace())[acceptAnySetting].(bool)
	return r.AcceptAny || wanted
}

const acceptAnySetting = "accept_any_credentials"

// Clients lists the API clients of the workspace by id.
func (r *Runtime) Clients(tx *store.Tx) ([]*oauth.Client, error) {
	clients := maps.Clone(r.shipped)
	err := clientRows.Scan(tx, store.Key{}.Text(r.ID), false, func(_ store.Key, decode func(any) error) (bool, error) {
		var row clientRow
		if err := decode(&row); err != nil {
			return false, err
		}
		clients[row.Client.ID] = &row.Client
		if row.Removed {
			delete(clients, row.Client.ID)
		}
		return true, nil
	})
	return sorted(clients), err
}

// PutClient stores an API client of the workspace.
func (r *Runtime) PutClient(tx *store.Tx, client *oauth.Client) error {
	if err := r.forgetSecret(tx, client.ID); err != nil {
		return err
	}
	kept := r.kept(*client)
	if digest, ok := kept.SecretDigest(); ok {
		if err := secretRows.Put(tx, r.secretKey(digest).Text(kept.ID), kept.ID); err != nil {
			return err
		}
	}
	return clientRows.Put(tx, r.clientKey(kept.ID), clientRow{Client: kept})
}

// RemoveClient removes an API client from the workspace, also one that the provider ships.
func (r *Runtime) RemoveClient(tx *store.Tx, id string) error {
	if err := r.forgetSecret(tx, id); err != nil {
		return err
	}
	if r.shipped[id] == nil {
		clientRows.Delete(tx, r.clientKey(id))
		return nil
	}
	return clientRows.Put(tx, r.clientKey(id), clientRow{Client: oauth.Client{ID: id}, Removed: true})
}

func (r *Runtime) clientKey(id string) store.Key { return store.Key{}.Text(r.ID).Text(id) }

// ClientSettings gives a client's settings with the defaults of those that it does not set.
func (r *Runtime) ClientSettings(client *oauth.Client) map[string]any {
	return over(r.clientDefaults(), client.Settings)
}

// Client finds an API client by its id; nil where there is none. The one that calls is as it was admitted.
func (c *Call) Client(id string) (*oauth.Client, error) {
	if known := c.Principal.registered; known != nil && known.ID == id {
		return known, nil
	}
	return c.runtime.Client(c.tx, id)
}

// Clients lists the API clients of the workspace by id. They are not to be changed.
func (c *Call) Clients() ([]*oauth.Client, error) { return c.runtime.Clients(c.tx) }

// PutClient stores an API client of the workspace, which the provider has checked.
func (c *Call) PutClient(client *oauth.Client) error { return c.runtime.PutClient(c.tx, client) }

// RemoveClient removes an API client from the workspace; one that is not there is no error.
func (c *Call) RemoveClient(id string) error { return c.runtime.RemoveClient(c.tx, id) }

// Admit makes a client the call's principal.
func (c *Call) Admit(client *oauth.Client, scopes []string) {
	c.Principal = Principal{Client: client.ID, Settings: c.runtime.ClientSettings(client), Scopes: scopes, registered: client}
}

// over lays values over defaults.
func over(defaults, values map[string]any) map[string]any {
	if len(values) == 0 {
		return defaults
	}
	merged := maps.Clone(defaults)
	if merged == nil {
		merged = map[string]any{}
	}
	maps.Copy(merged, values)
	return merged
}
