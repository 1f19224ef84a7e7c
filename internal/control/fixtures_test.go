package control_test

import (
	"testing"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/provider"
)

// layOrder makes the order that a workspace has from the start, and moves it.
func layOrder(c *provider.Call) error {
	name, err := orders.Next(c)
	if err != nil {
		return err
	}
	e, err := orders.Create(c, name, "founder", &order{Ref: "m-1"}, provider.At(start))
	if err != nil {
		return err
	}
	return orders.Fire(c, e, "pay")
}

// TestFixturesAreEntitiesLikeOthers: they are listed, shown and moved, nobody is told that they came to be, and only
// a change stores them.
func TestFixturesAreEntitiesLikeOthers(t *testing.T) {
	h := build(t, func(cfg *app.Config) { cfg.Providers[0].Fixtures = layOrder })
	const one = "/workspaces/a/entities/toy/order/founder"
	stored := func() any { return h.want(200, "GET", "/workspaces/a", "").at("stored") }

	if a := h.want(200, "GET", "/workspaces/a/entities", ""); a.len("items") != 1 || a.text("items", 0, "id") != "founder" {
		t.Errorf("the list: %s", a.raw)
	}
	if a := h.want(200, "GET", one, ""); a.text("state") != "paying" || a.len("history") != 1 || a.text("scenario") != "manual" {
		t.Errorf("the order: %s", a.raw)
	}
	h.want(409, "POST", one+"/events", `{"event":"pay"}`)
	if stored() != false {
		t.Fatal("it was stored by that")
	}
	h.want(201, "PUT", "/workspaces/a", `{"webhook_url":"http://inbox.localhost/a/hooks"}`)
	h.want(200, "POST", one+"/events", `{"event":"settle"}`)
	if a := h.want(200, "GET", one, ""); a.text("state") != "settled" || a.len("history") != 2 {
		t.Errorf("the order after an event: %s", a.raw)
	}
	if a := h.settled("a"); a.len("items") != 1 {
		t.Errorf("one change was made, and these were told: %s", a.raw)
	}
	h.want(200, "POST", "/workspaces/a/reset", "")
	if a := h.want(200, "GET", one, ""); a.text("state") != "paying" {
		t.Errorf("the order after a reset: %s", a.raw)
	}
}
