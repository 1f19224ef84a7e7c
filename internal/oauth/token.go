package oauth

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/mockbank/mockbank/internal/keys"
)

// Confirmation binds a token to the certificate that it was got with (RFC 8705 section 3.1).
type Confirmation struct {
	Thumbprint string `json:"x5t#S256"`
}

// Claims is what an access token says. Times are seconds of the workspace clock.
type Claims struct {
	Issuer   string        `json:"iss"`
	Audience string        `json:"aud,omitempty"`
	Subject  string        `json:"sub"` // the client's id
	Scopes   []string      `json:"scp"`
	IssuedAt int64         `json:"iat"`
	Expires  int64         `json:"exp"`
	ID       string        `json:"jti,omitempty"` // where an equal one of the same second was revoked
	Cnf      *Confirmation `json:"cnf,omitempty"`
}

// Order asks for a token. Certificate is the base64url SHA-256 of the client's certificate, or empty; ID tells it from
// equal ones of the same second, or is empty.
type Order struct {
	Issuer, Audience, Certificate, ID string
	Grant                             Grant
	Lifetime                          time.Duration
}

// Tokens mints and checks access tokens, and remembers both for a while: signing with RSA costs a millisecond.
// What it remembers follows from its keys, so losing it costs time only. It serves all workspaces; their keys
// keep them apart. It may be used from many goroutines.
type Tokens struct {
	minted  *memory[string]
	checked *memory[Claims]
}

// NewTokens remembers about as many tokens as it is told.
func NewTokens(size int) *Tokens {
	return &Tokens{minted: newMemory[string](size), checked: newMemory[Claims](size)}
}

// Mint signs a token as of now. Equal orders within one second of the clock get the same token, which is
// signed once, also when they come at once.
func (t *Tokens) Mint(key keys.Key, order Order, now time.Time) (string, error) {
	payload, err := json.Marshal(order.claims(now))
	if err != nil {
		return "", fmt.Errorf("oauth: write the token: %w", err)
	}
	return t.minted.get(key.Kid()+" "+string(payload), func() (string, error) { return keys.Sign(key, payload) })
}

func (o Order) claims(now time.Time) Claims {
	c := Claims{
		Issuer: o.Issuer, Audience: o.Audience, Subject: o.Grant.Client.ID, Scopes: o.Grant.Scopes,
		IssuedAt: now.Unix(), Expires: now.Add(o.Lifetime).Unix(), ID: o.ID,
	}
	if o.Certificate != "" {
		c.Cnf = &Confirmation{Thumbprint: o.Certificate}
	}
	return c
}

// Expectation is what a call's token must fit.
type Expectation struct {
	Keys        []keys.PublicKey // those of the workspace, with kid and algorithm
	Audience    string
	Certificate string // that of the connection, as in Order; empty: none
	Realm       string
}

var tokenLimits = keys.Limits{Header: 1 << 10, Payload: 8 << 10}

// Check reads a token of a call. Every refusal is a 401 *Error invalid_token with its challenge.
func (t *Tokens) Check(token string, want Expectation, now time.Time) (Claims, error) {
	claims, err := t.Read(token, want)
	switch {
	case err != nil:
		return Claims{}, err
	case now.Unix() >= claims.Expires:
		return Claims{}, want.invalid("the token expired at %s; the workspace clock reads %s", stamp(claims.Expires), stamp(now.Unix()))
	case claims.Cnf != nil && want.Certificate == "":
		return Claims{}, want.invalid("the token was got with a client certificate, and this connection shows none")
	case claims.Cnf != nil && claims.Cnf.Thumbprint != want.Certificate:
		return Claims{}, want.invalid("the token was got with another certificate than that of this connection")
	}
	return claims, nil
}

// Read tells what a token of ours says, also one whose time is over. Whoever calls with it is to be checked.
func (t *Tokens) Read(token string, want Expectation) (Claims, error) {
	claims, err := t.read(token, want.Keys)
	if err != nil {
		return Claims{}, want.invalid("the token is malformed or not one of ours").because(err)
	}
	if claims.Audience != want.Audience {
		return Claims{}, want.invalid("the token is for another audience")
	}
	return claims, nil
}

func stamp(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }

// read is remembered by key and token: a token that is good in one workspace is not thereby good in another.
func (t *Tokens) read(token string, accepted []keys.PublicKey) (Claims, error) {
	for _, key := range accepted {
		if claims, ok := t.checked.peek(key.Kid + " " + token); ok {
			return claims, nil
		}
	}
	jws, err := keys.Parse(token, tokenLimits)
	if err != nil {
		return Claims{}, err
	}
	i := slices.IndexFunc(accepted, func(k keys.PublicKey) bool { return k.Kid == jws.Kid() })
	if i < 0 {
		return Claims{}, fmt.Errorf("oauth: the token's kid is not a key of the workspace")
	}
	if err := jws.Verify(accepted[i], accepted[i].Alg); err != nil {
		return Claims{}, err
	}
	return t.checked.get(accepted[i].Kid+" "+token, func() (c Claims, err error) {
		return c, json.Unmarshal(jws.Payload, &c)
	})
}

func (w Expectation) invalid(format string, args ...any) *Error {
	return Invalid(w.Realm, format, args...)
}

// Invalid refuses the token of a call: a 401 invalid_token with its challenge.
func Invalid(realm, format string, args ...any) *Error {
	return bearerError(http.StatusUnauthorized, InvalidToken, realm, fmt.Sprintf(format, args...), "")
}
