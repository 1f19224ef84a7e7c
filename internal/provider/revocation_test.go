package provider

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/store"
)

// ticketed gives out texts such as "demo 60": whose they are, and for how many seconds they are good.
func ticketed(p *Provider) {
	p.Tokens = []TokenKind{{Name: "ticket", Read: func(_ *Call, token string) (oauth.Claims, error) {
		claims := oauth.Claims{Expires: start.Unix()}
		var life int64
		if _, err := fmt.Sscanf(token, "%s %d", &claims.Subject, &life); err != nil {
			return oauth.Claims{}, oauth.Invalid("toy", "no ticket")
		}
		claims.Expires += life
		return claims, nil
	}}}
}

func TestTokensAreRevoked(t *testing.T) {
	m := newRoomOf(t, ticketed)
	for _, step := range []struct {
		ask   func(*store.Tx, string) (*TokenState, error)
		token string
		want  string // why it is over; "-": it is no token
	}{
		{m.Introspect, "demo 60", ""}, {m.Introspect, "nonsense", "-"}, {m.Revoke, "nonsense", "-"},
		{m.Introspect, "demo 0", "it expired at 2026-01-15T10:30:00Z"}, {m.Introspect, "nobody 60", "its client is gone"},
		{m.Revoke, "demo 60", "it was revoked at 2026-01-15T10:30:00Z"}, {m.Introspect, "demo 60", "it was revoked at 2026-01-15T10:30:00Z"},
		{m.Revoke, "demo 60", "it was revoked at 2026-01-15T10:30:00Z"}, {m.Introspect, "demo 61", ""}, {m.Introspect, "strict 60", ""},
	} {
		m.in("a-1", func(tx *store.Tx) {
			state, err := step.ask(tx, step.token)
			must(t, err)
			got := "-"
			if state != nil {
				got = state.Over
			}
			if got != step.want {
				t.Errorf("%s: %q, want %q", step.token, got, step.want)
			}
		})
	}
	m.in("a-1", func(tx *store.Tx) {
		c := m.Call(context.Background(), tx, &Request{})
		if refusal := (*oauth.Error)(nil); !errors.As(c.refuseRevoked("demo 60", "toy"), &refusal) || refusal.Code != oauth.InvalidToken {
			t.Errorf("a call with it: %v", refusal)
		}
		if err := c.refuseRevoked("demo 61", "toy"); err != nil {
			t.Errorf("a call with another: %v", err)
		}
		for client, want := range map[string]string{"demo": "1", "strict": ""} {
			if id, err := m.tokenID(tx, client); err != nil || id != want {
				t.Errorf("the next token of %s is told by %q, %v", client, id, err)
			}
		}
	})
	m.in("b-2", func(tx *store.Tx) {
		if state, err := m.Introspect(tx, "demo 60"); err != nil || state.Over != "" {
			t.Errorf("in another workspace: %+v, %v", state, err)
		}
	})
}

// What was revoked is remembered until it would have ended, and not for ever.
func TestRevocationsAreForgotten(t *testing.T) {
	m := newRoomOf(t, ticketed)
	for i := range 20 {
		m.in("a-1", func(tx *store.Tx) {
			_, err := m.Revoke(tx, fmt.Sprintf("demo %d", i+1))
			must(t, err)
		})
	}
	m.in("a-1", func(tx *store.Tx) { tx.Change().Clock.Base = start.Add(time.Hour) })
	for i := range 20 {
		m.in("a-1", func(tx *store.Tx) {
			_, err := m.Revoke(tx, fmt.Sprintf("demo %d", 7200+i))
			must(t, err)
		})
	}
	kept := 0
	m.in("a-1", func(tx *store.Tx) {
		must(t, revokedRows.Scan(tx, nil, false, func(store.Key, func(any) error) (bool, error) { kept++; return true, nil }))
	})
	if kept != 20 {
		t.Errorf("%d are remembered, and 20 are still to come to their end", kept)
	}
}
