// Package oauth decides who calls: it authenticates clients at a token endpoint, grants scopes, mints access
// tokens and checks them.
//
// A token request goes one road: Endpoint.Grant knows the grant type and the scope, authenticates the client
// (secret in form or Basic header, or a signed assertion) and gives a Grant; after the transaction Tokens.Mint
// signs it. A call goes Bearer, Tokens.Check, Claims.Require. Clients and used assertions are kept elsewhere,
// behind the two interfaces below.
//
// Two clocks: what a client stamps with its own clock, its assertion, is judged by the wall clock; what is
// stamped here, the access token, lives on the workspace clock. Both are handed in.
//
// Invariant: until the credentials were proven, a refusal does not tell which clients and which keys exist. An
// assertion is used up only after its signature and all its claims were found good, so that a forger can not
// use up an honest one.
package oauth

import "time"

// Clients finds registered clients.
type Clients interface {
	// Client returns the client of this exact id and whether there is one. An error is the store's own, and
	// ends the request.
	Client(id string) (Client, bool, error)
}

// Replay remembers which assertions were used.
type Replay interface {
	// UseOnce is true for the first call with this client and jti, and false for every other, also when they
	// come at once and after a restart. It may forget the pair once the wall clock has reached until. An error
	// is the store's own, and ends the request.
	UseOnce(client, jti string, until time.Time) (bool, error)
}

// Rules for client assertions.
const (
	MaxAssertionLife = 24 * time.Hour
	MaxAhead         = 60 * time.Second // how far ahead of ours a client's clock may be
)

// Config is what a provider says about its token endpoint.
type Config struct {
	Issuers      []string // every form of the issuer that this request may name
	TokenURLs    []string // every form of the token endpoint's address
	Scopes       []string // all that can be granted
	DefaultScope string   // granted when none is asked for; empty: the parameter is a duty
	Realm        string   // for challenges
	FormStatus   int      // status of an invalid_client that did not use the Basic header; 0 is 400
}

// Endpoint is a token endpoint for one request: the two stores are those of its transaction.
type Endpoint struct {
	Config
	Clients Clients
	Replay  Replay
}
