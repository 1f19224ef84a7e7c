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
	// Over tells why calls with a token that Read takes are refused, besides its time, its client and what the frame
	// remembers; empty: they are not. nil: there is no such reason.
	Over func(c *Call, token string) (string, error)
	// Revoke ends a token that is kept by the provider, as Over then tells. nil: the frame remembers that it was revoked,
	// and CheckToken refuses it.
	Revoke func(c *Call, token string) error
}

// TokenState is a token as its provider sees it now.
type TokenState struct {
	Kind   string
	Claims oauth.Claims
	Over   string // why calls with it are refused; empty: they are not
}

// Introspect tells what a token is; nil where this provider gave out none such in this workspace.
func (r *Runtime) Introspect(tx *store.Tx, token string) (*TokenState, error) {
	_, state, err := r.look(tx, token)
	return state, err
}

// look finds the kind of a token, and how it stands; nil where it is of none.
func (r *Runtime) look(tx *store.Tx, token string) (*TokenKind, *TokenState, error) {
	c := r.inside(tx, "")
	for i := range r.Tokens {
		kind := &r.Tokens[i]
		claims, err := kind.Read(c, token)
		if refusal := problem.From(err); err != nil && refusal.Kind == problem.Internal {
			return nil, nil, err
		}
		if err == nil {
			over, err := c.over(kind, token, claims)
			return kind, &TokenState{Kind: kind.Name, Claims: claims, Over: over}, err
		}
	}
	return nil, nil, nil
}

// over tells why a token of ours is no longer good; empty: it is.
func (c *Call) over(kind *TokenKind, token string, claims oauth.Claims) (string, error) {
	if kind.Over != nil {
		if why, err := kind.Over(c, token); err != nil || why != "" {
			return why, err
		}
	}
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
	kind, state, err := r.look(tx, token)
	if err != nil || state == nil || state.Over != "" {
		return state, err
	}
	if kind.Revoke == nil {
		err = r.keepRevoked(tx, token, state.Claims)
	} else {
		err = r.end(tx, kind, token)
	}
	if err != nil {
		return nil, err
	}
	return r.Introspect(tx, token)
}

// end has the provider revoke a token that it keeps.
func (r *Runtime) end(tx *store.Tx, kind *TokenKind, token string) error {
	c := r.inside(tx, "control")
	if err := kind.Revoke(c, token); err != nil {
		return err
	}
	return c.session.Flush()
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
