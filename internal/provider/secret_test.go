package provider

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/store"
)

// holder tells whose secret it is; empty: nobody's.
func (m *room) holder(workspace, secret string) (id string) {
	m.t.Helper()
	m.in(workspace, func(tx *store.Tx) {
		client, err := m.inside(tx, "").ClientBySecret(secret)
		must(m.t, err)
		if client != nil {
			id = client.ID
		}
	})
	return id
}

func TestClientsAreFoundByTheirSecret(t *testing.T) {
	m := newRoom(t)
	for secret, want := range map[string]string{"demo-secret": "demo", "strict-secret": "strict", "": "", "demo-secre": "", "demo-secret ": "", strings.Repeat("x", 1<<20): ""} {
		if got := m.holder("a-1", secret); got != want {
			t.Errorf("%.20q is of %q, want %q", secret, got, want)
		}
	}
	if m.store.Stored("a-1") {
		t.Error("to look for clients stored something")
	}
}

func TestAnySecretMakesAClient(t *testing.T) {
	m := newRoom(t)
	m.AcceptAny = true
	m.in("a-1", func(tx *store.Tx) {
		must(t, m.RemoveClient(tx, "strict"))
		must(t, m.PutClient(tx, &oauth.Client{ID: "demo", Secret: "changed"}))
	})
	first, again, other := m.holder("a-1", "what I like"), m.holder("a-1", "what I like"), m.holder("a-1", "what you like")
	if first == "" || first != again || first == other {
		t.Errorf("got %q, %q and %q", first, again, other)
	}
	if c := m.client("a-1", first); c == nil || !c.AnySecret || c.ID != first {
		t.Errorf("by its id it is %+v", c)
	}
	for secret, want := range map[string]string{"": "", "strict-secret": "", "demo-secret": "", "changed": "demo"} {
		if got := m.holder("a-1", secret); got != want {
			t.Errorf("%q is of %q, want %q", secret, got, want)
		}
	}
}

// TestSecretsFollowTheirClients: the index against what the clients say of themselves, whatever is put and removed.
func TestSecretsFollowTheirClients(t *testing.T) {
	for _, hashed := range []bool{false, true} {
		t.Run(fmt.Sprintf("hashed %t", hashed), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { secretsFollow(t, rt, hashed) })
		})
	}
}

func secretsFollow(t *testing.T, rt *rapid.T, hashed bool) {
	m := newRoomOf(t, func(p *Provider) { p.HashSecrets = hashed })
	model := map[string]string{"demo": "demo-secret", "strict": "strict-secret"}
	ids, secrets := []string{"demo", "strict", "own", "other"}, []string{"", "demo-secret", "strict-secret", "one", "two"}
	for range rapid.IntRange(1, 8).Draw(rt, "steps") {
		id := rapid.SampledFrom(ids).Draw(rt, "id")
		secret := rapid.SampledFrom(append(secrets, "remove")).Draw(rt, "secret")
		m.in("a-1", func(tx *store.Tx) {
			c := m.inside(tx, "")
			if secret == "remove" {
				must(t, c.RemoveClient(id))
				delete(model, id)
				return
			}
			must(t, c.PutClient(&oauth.Client{ID: id, Secret: secret}))
			model[id] = secret
		})
	}
	for _, secret := range secrets {
		want := ""
		for _, id := range ids {
			if model[id] == secret && secret != "" && (want == "" || id < want) {
				want = id
			}
		}
		if got := m.holder("a-1", secret); got != want {
			rt.Fatalf("%q is of %q, want %q of %v", secret, got, want, model)
		}
	}
	if secrets, clients := m.indexed("a-1"); secrets != clients {
		rt.Fatalf("%d secrets are indexed, of %d stored clients that have one", secrets, clients)
	}
}

// indexed counts the rows of the index, and the stored clients that ought to have one.
func (m *room) indexed(workspace string) (secrets, clients int) {
	m.t.Helper()
	m.in(workspace, func(tx *store.Tx) {
		must(m.t, secretRows.Scan(tx, nil, false, func(store.Key, func(any) error) (bool, error) { secrets++; return true, nil }))
		must(m.t, clientRows.Scan(tx, nil, false, func(_ store.Key, decode func(any) error) (bool, error) {
			var row clientRow
			err := decode(&row)
			if _, ok := row.Client.SecretDigest(); ok {
				clients++
			}
			return true, err
		}))
	})
	return secrets, clients
}

// TestHashedSecretsAreKeptNowhere: neither in a row nor in what a read gives, for shipped clients too.
func TestHashedSecretsAreKeptNowhere(t *testing.T) {
	m := newRoomOf(t, func(p *Provider) { p.HashSecrets = true })
	const secret = "sk_mock_0123456789"
	m.in("a-1", func(tx *store.Tx) {
		given := oauth.Client{ID: "own", Secret: secret}
		must(t, m.PutClient(tx, &given))
		if given.Secret != secret {
			t.Error("the caller's value was changed")
		}
		must(t, clientRows.Scan(tx, nil, false, func(_ store.Key, decode func(any) error) (bool, error) {
			var row clientRow
			must(t, decode(&row))
			if row.Client.Secret != "" || row.Client.SecretEnd != "6789" {
				t.Errorf("the row is %+v", row)
			}
			return true, nil
		}))
	})
	own, demo := m.client("a-1", "own"), m.client("a-1", "demo")
	if own.Secret != "" || !own.HasSecret(secret) || own.HasSecret(own.SecretSHA256) || own.HasSecret("") {
		t.Errorf("own is %+v", *own)
	}
	if demo.Secret != "" || demo.SecretEnd != "cret" || !demo.HasSecret("demo-secret") {
		t.Errorf("demo is %+v", *demo)
	}
}
