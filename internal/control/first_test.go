package control_test

import "testing"

func TestFirst(t *testing.T) {
	h := build(t, nil)
	for _, p := range []string{"/health", "/providers", "/workspaces", "/workspaces/a", "/workspaces/a/settings", "/workspaces/a/clock", "/workspaces/a/entities", "/workspaces/a/scenarios", "/workspaces/a/deliveries", "/workspaces/a/inbox/x", "/workspaces/a/clients", "/workspaces/a/clients/toy/demo", "/workspaces/a/keys/toy", "/openapi.yaml"} {
		a := h.do("GET", p, "")
		t.Log(p, a.status, a.raw[:min(len(a.raw), 700)])
	}
	a := h.do("PUT", "/workspaces/a", `{"webhook_url":"http://inbox.localhost/a/x","settings":{"toy":{"webhook_alg":"RS256"}},"scenarios":{"toy/order":"manual"}}`)
	t.Log(a.status, a.raw)
	id := h.order("a", "x")
	t.Log(h.do("GET", "/workspaces/a/entities", "").raw)
	a = h.do("POST", "/workspaces/a/entities/toy/order/"+id+"/events", `{"act":"approve"}`)
	t.Log(a.status, a.raw)
	a = h.do("POST", "/workspaces/a/clock/advance", `{"by":"10m"}`)
	t.Log(a.status, a.raw)
	t.Log(h.do("GET", "/workspaces/a/deliveries/1", "").raw)
	t.Log(h.do("GET", "/workspaces/a/inbox/x", "").raw)
}
