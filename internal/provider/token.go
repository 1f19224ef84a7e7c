package provider

import (
	"time"

	"github.com/mockbank/mockbank/internal/keys"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/store"
)

// Grant authenticates the client that asks for a token, and says what it gets. A signed assertion is used up
// by it, so it wants a Write handler.
func (c *Call) Grant(cfg oauth.Config) (oauth.Grant, error) {
	form := oauth.Form{}
	fields, _ := c.Payload.value.(map[string]any)
	for name, value := range fields {
		if text, _ := value.(string); text != "" {
			form[name] = text
		}
	}
	endpoint := oauth.Endpoint{Config: cfg, Clients: registered{c}, Replay: spentAssertions{c.tx, c.runtime.ID}}
	return endpoint.Grant(oauth.Request{Header: c.Header, Query: c.RawQuery, Form: form}, c.Wall())
}

// Mint prepares an access token that lives from now on, signed by a key set. The returned function signs, and
// belongs into Reply.Later.
func (c *Call) Mint(purpose string, order oauth.Order) (func() (string, error), error) {
	key, err := c.SigningKey(purpose)
	if err != nil {
		return nil, err
	}
	if order.ID, err = c.runtime.tokenID(c.tx, order.Grant.Client.ID); err != nil {
		return nil, err
	}
	now := c.Now()
	return func() (string, error) { return c.runtime.tokens.Mint(key, order, now) }, nil
}

// CheckToken reads an access token that a key set signed. Its refusals are *oauth.Error.
func (c *Call) CheckToken(purpose, token string, want oauth.Expectation) (oauth.Claims, error) {
	want, err := c.expect(purpose, want)
	if err != nil {
		return oauth.Claims{}, err
	}
	claims, err := c.runtime.tokens.Check(token, want, c.Now())
	if err != nil {
		return oauth.Claims{}, err
	}
	if err := c.refuseRevoked(token, want.Realm); err != nil {
		return oauth.Claims{}, err
	}
	return claims, nil
}

// ReadToken tells what an access token says that a key set signed, also one that is over.
func (c *Call) ReadToken(purpose, token string, want oauth.Expectation) (oauth.Claims, error) {
	want, err := c.expect(purpose, want)
	if err != nil {
		return oauth.Claims{}, err
	}
	return c.runtime.tokens.Read(token, want)
}

// expect adds the keys that are in force.
func (c *Call) expect(purpose string, want oauth.Expectation) (oauth.Expectation, error) {
	state, err := c.runtime.Keys(c.tx, purpose)
	if err == nil {
		want.Keys = []keys.PublicKey{state.Current.Public(), state.Previous.Public()}
	}
	return want, err
}

// registered finds clients in the call's transaction.
type registered struct{ call *Call }

func (r registered) Client(id string) (oauth.Client, bool, error) {
	client, err := r.call.runtime.Registered(r.call.tx, id)
	if err != nil || client == nil {
		return oauth.Client{}, false, err
	}
	return *client, true, nil
}

// Used assertions: one row finds a pair of client and jti, one finds those that may be forgotten.
var (
	assertionRows = store.Bucket{Name: "assertion", Kept: true}
	forgetRows    = store.Bucket{Name: "assertion-until", Kept: true}
)

// spentAssertions remembers used assertions in a transaction, whose lock makes the first use the only one.
type spentAssertions struct {
	tx       *store.Tx
	provider string
}

func (s spentAssertions) UseOnce(client, jti string, until time.Time) (bool, error) {
	key := store.Key{}.Text(s.provider).Text(client).Text(jti)
	var known time.Time
	used, err := assertionRows.Get(s.tx, key, &known)
	if err != nil || used {
		return false, err
	}
	if err := store.Forget(s.tx, forgetRows, assertionRows, s.tx.Wall()); err != nil {
		return false, err
	}
	if err := assertionRows.Put(s.tx, key, until); err != nil {
		return false, err
	}
	return true, forgetRows.Put(s.tx, append(store.Key{}.Time(until), key...), true)
}
