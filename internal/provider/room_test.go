package provider

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/store"
)

const roomSpec = `openapi: 3.0.3
info: {title: Toy, version: "1"}
servers:
  - url: https://api.toy.example
paths: {}
components:
  schemas:
    Settings:
      type: object
      properties:
        webhook_alg: {type: string, default: ES256}
        accept_any_credentials: {type: boolean, default: false}
    ClientSettings:
      type: object
      properties:
        ais: {type: boolean, default: true}
        limit: {type: integer, default: 5}
`

const quarter = 90 * 24 * time.Hour

var start = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

// room is a provider's runtime and a store whose clocks stand.
type room struct {
	*Runtime
	t     *testing.T
	store *store.Store
	wall  time.Time
}

func newRoom(t *testing.T) *room {
	t.Helper()
	return newRoomOf(t, func(*Provider) {})
}

// newRoomOf makes a room whose provider is changed before it is installed.
func newRoomOf(t *testing.T, change func(*Provider)) *room {
	t.Helper()
	document, err := spec.Load("toy.yaml", []byte(roomSpec))
	must(t, err)
	webhookAlg := func(s map[string]any) string {
		alg, _ := s["webhook_alg"].(string)
		return alg
	}
	p := &Provider{
		ID: "toy",
		Clients: []oauth.Client{
			{ID: "demo", Name: "Demo", Secret: "demo-secret"},
			{ID: "strict", Name: "Strict", Secret: "strict-secret", Settings: map[string]any{"ais": false}},
		},
		KeySets: []KeySet{
			{Purpose: "webhook", Every: quarter, Alg: webhookAlg},
			{Purpose: "token", Every: quarter, Private: true, Alg: func(map[string]any) string { return "ES256" }},
		},
	}
	change(p)
	m := &room{t: t, wall: start}
	m.Runtime, err = Install(p, document, nil)
	must(t, err)
	m.store, err = store.Open(store.Config{
		Driver: mem.New(), Wall: func() time.Time { return m.wall }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Clock: clock.Setting{Mode: clock.Frozen, Base: start}, Seed: 1, MaxWorkspaces: 10,
	})
	must(t, err)
	t.Cleanup(m.store.Close)
	return m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// in runs fn in a transaction of a workspace.
func (m *room) in(workspace string, fn func(tx *store.Tx)) {
	m.t.Helper()
	must(m.t, m.store.Update(context.Background(), workspace, func(tx *store.Tx) error {
		fn(tx)
		return nil
	}))
}

// pass moves the default workspace's clock.
func (m *room) pass(d time.Duration) {
	m.t.Helper()
	m.in(store.Default, func(tx *store.Tx) {
		ws := tx.Change()
		ws.Clock = ws.Clock.At(tx.Now().Add(d), tx.Wall())
	})
}
