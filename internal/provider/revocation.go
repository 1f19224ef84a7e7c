package provider

import (
	"crypto/sha256"
	"strconv"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// TokenKind is one kind of access tokens that a provider gives out.
type TokenKind struct {
	Name string // unique in the provider, such as "access"
	// Read tells what a token says, also one that is over. An error means that it is none of this kind.
	Read func(c *Call, token string) (oauth.Claims, error)
}

// TokenState is a token as its provider sees it now.
type TokenState struct {
	Kind   string
	Claims oauth.Claims
	Over   string // why calls with it are refused; empty: they are not
}

// Introspect tells what a token is; nil where this provider gave out none such in this workspace.
func (r *Runtime) Introspect(tx *store.Tx, token string) (*TokenState, error) {
	c := r.inside(tx, "")
	for _, kind := range r.Tokens {
		claims, err := kind.Read(c, token)
		if refusal := problem.From(err); err != nil && refusal.Kind == problem.Internal {
			return nil, err
		}
		if err == nil {
			over, err := c.over(token, claims)
			return &TokenState{Kind: kind.Name, Claims: claims, Over: over}, err
		}
	}
	return nil, nil
}

// over tells why a token of ours is no longer good; empty: it is.
func (c *Call) over(token string, claims oauth.Claims) (string, error) {
	client, err := c.Client(claims.Subject)
	if err != nil {
		return "", err
	}
	at, revoked, err := c.runtime.revoked(c.tx, token)
	switch until := time.Unix(claims.Expires, 0); {
	case revoked:
		return "it was revoked at " + stamp(at), err
	case !c.Now().Before(until):
		return "it expired at " + stamp(until), err
	case client == nil:
		return "its client is gone", err
	}
	return "", err
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Tokens that were revoked: one row finds a token by its SHA-256, one finds those that have expired since, and one
// counts how many a client lost.
var (
	revokedRows      = store.Bucket{Name: "token-revoked", Kept: true}
	revokedUntilRows = store.Bucket{Name: "token-revoked-until", Kept: true}
	revokedCountRows = store.Bucket{Name: "token-revoked-count", Kept: true}
)

// Revoke has calls with a token be refused from now on, and tells what it then is; nil where this provider gave out none
// such in this workspace. To revoke one twice, or one that has expired, changes nothing.
func (r *Runtime) Revoke(tx *store.Tx, token string) (*TokenState, error) {
	state, err := r.Introspect(tx, token)
	if err != nil || state == nil || state.Over != "" {
		return state, err
	}
	if err := r.keepRevoked(tx, token, state.Claims); err != nil {
		return nil, err
	}
	return r.Introspect(tx, token)
}

func (r *Runtime) keepRevoked(tx *store.Tx, token string, claims oauth.Claims) error {
	if err := store.Forget(tx, revokedUntilRows, revokedRows, tx.Now()); err != nil {
		return err
	}
	key, until := r.tokenKey(token), time.Unix(claims.Expires, 0)
	if err := revokedRows.Put(tx, key, tx.Now()); err != nil {
		return err
	}
	if err := revokedUntilRows.Put(tx, append(store.Key{}.Time(until), key...), true); err != nil {
		return err
	}
	lost, err := r.lost(tx, claims.Subject)
	if err != nil {
		return err
	}
	return revokedCountRows.Put(tx, r.clientKey(claims.Subject), lost+1)
}

// refuseRevoked is an *oauth.Error where the token was revoked.
func (c *Call) refuseRevoked(token, realm string) error {
	at, revoked, err := c.runtime.revoked(c.tx, token)
	if err == nil && revoked {
		return oauth.Invalid(realm, "the token was revoked at %s", stamp(at))
	}
	return err
}

// revoked tells when a token was revoked; false: it was not.
func (r *Runtime) revoked(tx *store.Tx, token string) (at time.Time, ok bool, err error) {
	ok, err = revokedRows.Get(tx, r.tokenKey(token), &at)
	return at, ok, err
}

func (r *Runtime) tokenKey(token string) store.Key {
	digest := sha256.Sum256([]byte(token))
	return store.Key{}.Text(r.ID).Text(string(digest[:]))
}

// lost counts the tokens of a client that were revoked.
func (r *Runtime) lost(tx *store.Tx, client string) (n uint64, err error) {
	_, err = revokedCountRows.Get(tx, r.clientKey(client), &n)
	return n, err
}

// tokenID tells a client's tokens from those of the same second that were revoked; empty where none ever was.
func (r *Runtime) tokenID(tx *store.Tx, client string) (string, error) {
	lost, err := r.lost(tx, client)
	if err != nil || lost == 0 {
		return "", err
	}
	return strconv.FormatUint(lost, 10), nil
}
