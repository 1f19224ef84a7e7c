package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/store"
)

// client finds one client, or nil.
func (m *room) client(workspace, id string) (found *oauth.Client) {
	m.t.Helper()
	m.in(workspace, func(tx *store.Tx) {
		var err error
		found, err = m.Client(tx, id)
		must(m.t, err)
	})
	return found
}

func (m *room) wantClients(workspace string, want ...string) {
	m.t.Helper()
	m.in(workspace, func(tx *store.Tx) {
		clients, err := m.Clients(tx)
		must(m.t, err)
		var got []string
		for _, c := range clients {
			got = append(got, c.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			m.t.Errorf("%s: %s", workspace, diff)
		}
	})
}

func TestShippedClientsAreEverywhere(t *testing.T) {
	m := newRoom(t)
	m.wantClients("a-1", "demo", "strict")
	if c := m.client("a-1", "demo"); c == nil || c.Secret != "demo-secret" {
		t.Errorf("got %+v", c)
	}
	if c := m.client("a-1", "nobody"); c != nil {
		t.Errorf("nobody is %+v", c)
	}
	if m.store.Stored("a-1") {
		t.Error("to look at clients stored something")
	}
}

func TestAWorkspaceChangesItsClients(t *testing.T) {
	m := newRoom(t)
	m.in("a-1", func(tx *store.Tx) {
		must(t, m.PutClient(tx, &oauth.Client{ID: "demo", Secret: "changed"}))
		must(t, m.PutClient(tx, &oauth.Client{ID: "own", Secret: "own-secret"}))
		must(t, m.RemoveClient(tx, "strict"))
	})
	m.wantClients("a-1", "demo", "own")
	m.wantClients("b-2", "demo", "strict")
	if got := m.client("a-1", "demo").Secret; got != "changed" {
		t.Errorf("the secret is %s", got)
	}
	if got := m.client("b-2", "demo").Secret; got != "demo-secret" {
		t.Errorf("another workspace's secret is %s", got)
	}
	if m.client("a-1", "strict") != nil || m.client("b-2", "own") != nil {
		t.Error("a client is where it should not be")
	}
	m.in("a-1", func(tx *store.Tx) {
		must(t, m.RemoveClient(tx, "own"))
		must(t, m.RemoveClient(tx, "demo"))
		must(t, m.RemoveClient(tx, "never was"))
		must(t, m.PutClient(tx, &oauth.Client{ID: "strict", Secret: "back"}))
	})
	m.wantClients("a-1", "strict")
}

func TestAcceptAny(t *testing.T) {
	m := newRoom(t)
	m.in("a-1", func(tx *store.Tx) {
		tx.Change().Settings["toy"] = map[string]any{"accept_any_credentials": true}
		must(t, m.RemoveClient(tx, "strict"))
	})
	if c := m.client("a-1", "nobody"); c == nil || !c.AnySecret || c.ID != "nobody" {
		t.Errorf("nobody is %+v", c)
	}
	if c := m.client("a-1", "demo"); c == nil || c.AnySecret {
		t.Errorf("demo is %+v", c)
	}
	if c := m.client("a-1", "strict"); c != nil {
		t.Errorf("a client that was removed is %+v", c)
	}
	if c := m.client("b-2", "nobody"); c != nil {
		t.Errorf("in another workspace nobody is %+v", c)
	}
	m.AcceptAny = true
	if c := m.client("b-2", "nobody"); c == nil || !c.AnySecret {
		t.Errorf("where all are accepted nobody is %+v", c)
	}
	m.wantClients("a-1", "demo") // Who came on the fly is in no list.
}

func TestClientSettingsLieOverDefaults(t *testing.T) {
	m := newRoom(t)
	demo, strict := m.ClientSettings(m.client("a-1", "demo")), m.ClientSettings(m.client("a-1", "strict"))
	if demo["ais"] != true || strict["ais"] != false || strict["limit"] == nil {
		t.Errorf("got %v and %v", demo, strict)
	}
	if again := m.ClientSettings(m.client("a-1", "demo")); again["ais"] != true {
		t.Error("one client's settings became the default")
	}
}
