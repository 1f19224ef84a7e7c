package provider

import (
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/keys"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// keysOf gives a key set of a workspace.
func (m *room) keysOf(workspace, purpose string) (state KeyState) {
	m.t.Helper()
	m.in(workspace, func(tx *store.Tx) {
		var err error
		state, err = m.Keys(tx, purpose)
		must(m.t, err)
	})
	return state
}

func (m *room) wantKeys(number uint64, alg, previous keys.Alg) KeyState {
	m.t.Helper()
	got := m.keysOf(store.Default, "webhook")
	if got.Rotation.Number != number || got.Current.Alg() != alg || got.Previous.Alg() != previous {
		m.t.Errorf("key %d signs with %s after %s; want %d, %s after %s",
			got.Rotation.Number, got.Current.Alg(), got.Previous.Alg(), number, alg, previous)
	}
	return got
}

func TestKeysOfAFreshWorkspace(t *testing.T) {
	m := newRoom(t)
	got := m.wantKeys(1, keys.ES256, keys.ES256)
	if got.Current.Kid() == got.Previous.Kid() || !got.Rotation.Since.Equal(start) {
		t.Errorf("got %+v", got)
	}
	if m.store.Stored(store.Default) {
		t.Error("to look at keys stored something")
	}
}

func TestKeysRotateByTime(t *testing.T) {
	m := newRoom(t)
	before := m.wantKeys(1, keys.ES256, keys.ES256)
	m.pass(quarter - time.Microsecond)
	m.wantKeys(1, keys.ES256, keys.ES256)
	m.pass(time.Microsecond)
	after := m.wantKeys(2, keys.ES256, keys.ES256)
	if after.Previous.Kid() != before.Current.Kid() {
		t.Error("the key before is not published any more")
	}
	m.pass(10 * quarter)
	m.wantKeys(12, keys.ES256, keys.ES256)
}

func TestRotate(t *testing.T) {
	m := newRoom(t)
	before := m.wantKeys(1, keys.ES256, keys.ES256)
	m.pass(24 * time.Hour)
	m.in(store.Default, func(tx *store.Tx) {
		got, err := m.Rotate(tx, "webhook")
		must(t, err)
		if got.Previous.Kid() != before.Current.Kid() || !got.Rotation.Since.Equal(start.Add(24*time.Hour)) {
			t.Errorf("got %+v", got.Rotation)
		}
	})
	m.wantKeys(2, keys.ES256, keys.ES256)
	m.pass(quarter - time.Hour)
	m.wantKeys(2, keys.ES256, keys.ES256) // The period counts from the rotation by hand.
	m.pass(time.Hour)
	m.wantKeys(3, keys.ES256, keys.ES256)
	if other := m.keysOf(store.Default, "token"); other.Rotation.Since.Equal(m.keysOf(store.Default, "webhook").Rotation.Since) {
		t.Error("the other key set was rotated too")
	}
}

func TestAdaptKeys(t *testing.T) {
	m := newRoom(t)
	set := func(alg string) {
		m.in(store.Default, func(tx *store.Tx) {
			before, err := m.AllKeys(tx)
			must(t, err)
			tx.Change().Settings["toy"] = map[string]any{"webhook_alg": alg}
			must(t, m.AdaptKeys(tx, before))
		})
	}
	set("ES256")
	m.wantKeys(1, keys.ES256, keys.ES256) // Nothing changed.
	set("RS256")
	m.wantKeys(2, keys.RS256, keys.ES256)
	if token := m.keysOf(store.Default, "token"); token.Rotation.Number != 1 {
		t.Error("a key set whose algorithm stayed was rotated")
	}
	m.pass(quarter)
	m.wantKeys(3, keys.RS256, keys.RS256)
	set("ES256")
	m.wantKeys(4, keys.ES256, keys.RS256)
}

// TestAdaptKeysFoldsInWhatWasDue before the change.
func TestAdaptKeysFoldsInWhatWasDue(t *testing.T) {
	m := newRoom(t)
	m.pass(3 * quarter)
	m.in(store.Default, func(tx *store.Tx) {
		before, err := m.AllKeys(tx)
		must(t, err)
		tx.Change().Settings["toy"] = map[string]any{"webhook_alg": "RS256"}
		must(t, m.AdaptKeys(tx, before))
	})
	m.wantKeys(5, keys.RS256, keys.ES256)
}

func TestKeysOfTwoWorkspaces(t *testing.T) {
	m := newRoom(t)
	m.in("b-2", func(tx *store.Tx) { tx.Change().IDsAs = "a-1" })
	if m.keysOf("a-1", "webhook").Current.Kid() == m.keysOf(store.Default, "webhook").Current.Kid() {
		t.Error("two workspaces share a key")
	}
	if m.keysOf("a-1", "webhook").Current.Kid() != m.keysOf("b-2", "webhook").Current.Kid() {
		t.Error("a borrowed series has other webhook keys")
	}
	if m.keysOf("a-1", "token").Current.Kid() == m.keysOf("b-2", "token").Current.Kid() {
		t.Error("the key that lets callers in was borrowed")
	}
}

func TestKeySetsThatAreNot(t *testing.T) {
	m := newRoom(t)
	m.in(store.Default, func(tx *store.Tx) {
		if _, err := m.Keys(tx, "none"); !problem.Is(err, problem.NotFound) {
			t.Errorf("Keys: %v", err)
		}
		if _, err := m.Rotate(tx, "none"); !problem.Is(err, problem.NotFound) {
			t.Errorf("Rotate: %v", err)
		}
	})
}

func TestSignAndOpen(t *testing.T) {
	m := newRoom(t)
	tests := map[string]struct {
		spoil Spoil
		ok    bool
	}{"sound": {Spoil{}, true}, "a bad signature": {Spoil{BadSignature: true}, false}, "an unknown kid": {Spoil{UnknownKid: true}, false}}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m.in(store.Default, func(tx *store.Tx) {
				c := m.inside(tx, "test")
				sign, kid, err := c.Sign("webhook", []byte(`{"a":1}`), tt.spoil)
				must(t, err)
				jws, err := sign()
				must(t, err)
				payload, got, err := c.Open("webhook", jws)
				if (err == nil) != tt.ok || got != kid || (tt.ok && string(payload) != `{"a":1}`) {
					t.Errorf("opened %q by %s: %v", payload, got, err)
				}
			})
		})
	}
}

// TestOpenTakesTheKeyBefore, and no older one.
func TestOpenTakesTheKeyBefore(t *testing.T) {
	m := newRoom(t)
	var jws string
	m.in(store.Default, func(tx *store.Tx) {
		sign, _, err := m.inside(tx, "test").Sign("webhook", []byte("{}"), Spoil{})
		must(t, err)
		jws, err = sign()
		must(t, err)
	})
	for i, ok := range []bool{true, true, false} {
		m.in(store.Default, func(tx *store.Tx) {
			if _, _, err := m.inside(tx, "test").Open("webhook", jws); (err == nil) != ok {
				t.Errorf("after %d rotations: %v", i, err)
			}
			_, err := m.Rotate(tx, "webhook")
			must(t, err)
		})
	}
}
