package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/store"
)

// A provider whose credential is one API key finds its clients by that. The way leads over the key's SHA-256, which
// is what rows and maps are ordered by: how long a look-up takes depends on a digest that nobody can steer, and so
// tells nothing of the keys that there are.

// secretDigest is the SHA-256 of a client's secret.
type secretDigest = [sha256.Size]byte

// secretRows holds the ids of the clients that a workspace stored by provider, digest and id: two may have one secret.
var secretRows = store.Bucket{Name: "client-secret", Kept: true}

func (r *Runtime) secretKey(digest secretDigest) store.Key {
	return store.Key{}.Text(r.ID).Text(string(digest[:]))
}

// ship takes in a client that exists in every workspace.
func (r *Runtime) ship(client oauth.Client) {
	client = r.kept(client)
	r.shipped[client.ID] = &client
	if digest, ok := client.SecretDigest(); ok {
		r.shippedSecrets[digest] = append(r.shippedSecrets[digest], client.ID)
	}
}

// kept is a client in the form in which this provider keeps it.
func (r *Runtime) kept(client oauth.Client) oauth.Client {
	if r.HashSecrets {
		return client.Hashed()
	}
	return client
}

// forgetSecret takes the stored secret of a client out of the index.
func (r *Runtime) forgetSecret(tx *store.Tx, id string) error {
	var row clientRow
	if _, err := clientRows.Get(tx, r.clientKey(id), &row); err != nil {
		return err
	}
	if digest, ok := row.Client.SecretDigest(); ok {
		secretRows.Delete(tx, r.secretKey(digest).Text(id))
	}
	return nil
}

// ClientBySecret finds the API client whose secret this is, the first by id where several have it; nil where nobody
// has. Where unregistered credentials are as good as any, it is then a client whose id follows from the secret,
// unless the secret is a shipped one that the workspace took out of use.
func (r *Runtime) ClientBySecret(tx *store.Tx, secret string) (*oauth.Client, error) {
	if secret == "" {
		return nil, nil
	}
	digest := sha256.Sum256([]byte(secret))
	shipped := r.shippedSecrets[digest]
	ids, err := r.withSecret(tx, digest)
	if err != nil {
		return nil, err
	}
	ids = append(ids, shipped...)
	slices.Sort(ids)
	for _, id := range ids {
		client, err := r.Client(tx, id)
		if err != nil {
			return nil, err
		}
		if client != nil && !client.AnySecret && client.HasSecret(secret) {
			return client, nil
		}
	}
	if len(shipped) > 0 || !r.acceptsAny(tx) {
		return nil, nil
	}
	return r.Client(tx, "any_"+hex.EncodeToString(digest[:8]))
}

// withSecret lists the stored clients that have a secret.
func (r *Runtime) withSecret(tx *store.Tx, digest secretDigest) (ids []string, err error) {
	err = secretRows.Scan(tx, r.secretKey(digest), false, func(_ store.Key, decode func(any) error) (bool, error) {
		var id string
		err := decode(&id)
		ids = append(ids, id)
		return true, err
	})
	return ids, err
}

// ClientBySecret finds the API client whose secret this is; nil where nobody has it.
func (c *Call) ClientBySecret(secret string) (*oauth.Client, error) {
	return c.runtime.ClientBySecret(c.tx, secret)
}
