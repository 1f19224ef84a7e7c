package provider

import (
	"slices"

	"github.com/mockbank/mockbank/internal/keys"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// Some shipped clients come with a key pair, so that a newcomer can try signed assertions at once. The pair
// follows from the workspace's seed and is never stored: the public half is read through with the client, until
// the workspace registers another key for it.

// pairOf is the key pair that mockbank made for a client; false where it made none.
func (r *Runtime) pairOf(ws *store.Workspace, client *oauth.Client) (keys.Key, bool) {
	if !slices.Contains(r.KeyPairs, client.ID) {
		return keys.Key{}, false
	}
	alg := client.Alg
	if alg == "" || alg == keys.PS256 {
		alg = keys.RS256 // its keys are RSA keys too
	}
	series := keys.Series{Seed: ws.Seed, Workspace: ws.Name, Provider: r.ID, Purpose: "client/" + client.ID}
	return series.Key(1, alg), true
}

// Registered is a client as others see it: with the public key of the pair that mockbank made, where it has no
// key of its own.
func (r *Runtime) Registered(tx *store.Tx, id string) (*oauth.Client, error) {
	client, err := r.Client(tx, id)
	if err != nil || client == nil || client.PublicKeyPEM != "" || len(client.JWKS) > 0 {
		return client, err
	}
	pair, ok := r.pairOf(tx.Workspace(), client)
	if !ok {
		return client, nil
	}
	public := pair.Public()
	if client.Alg != "" {
		public.Alg = client.Alg
	}
	whole := *client
	whole.JWKS, err = strictjson.Marshal(keys.Set{Keys: []keys.JWK{public.JWK()}})
	return &whole, err
}

// PrivateKey gives the private half of the pair that mockbank made for a client, as PKCS #8 in PEM, and its
// kid. It is a problem.NotFound where mockbank made none, or where the workspace registered another key.
func (r *Runtime) PrivateKey(tx *store.Tx, id string) (pem []byte, kid string, err error) {
	client, err := r.Registered(tx, id)
	if err != nil {
		return nil, "", err
	}
	if client == nil {
		return nil, "", problem.Newf(problem.NotFound, "unknown_client", "%s has no client %q", r.ID, id)
	}
	pair, ok := r.pairOf(tx.Workspace(), client)
	known, err := client.Keys()
	if err != nil {
		return nil, "", err
	}
	if !ok || !slices.ContainsFunc(known, func(k keys.PublicKey) bool { return k.Kid == pair.Kid() }) {
		return nil, "", problem.Newf(problem.NotFound, "no_private_key", "mockbank did not make the key of %q; whoever registered it has the private half", id)
	}
	pem, err = pair.PrivatePEM()
	return pem, pair.Kid(), err
}
