package gateway_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/gateway"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/schedule"
	"github.com/mockbank/mockbank/internal/store"
)

// The ids of the orders that the toy has from the start.
const (
	firstID  = "00000000-0000-4000-8000-000000000001"
	secondID = "00000000-0000-4000-8000-000000000002"
)

var founded = time.Date(2025, 6, 1, 8, 0, 0, 0, time.UTC)

// layOrders makes the orders that the toy has from the start: the first is left to its story, the second is paid.
func layOrders(c *provider.Call) error {
	if _, err := layOrder(c, firstID, "first"); err != nil {
		return err
	}
	second, err := layOrder(c, secondID, "second")
	if err != nil {
		return err
	}
	return orders.Fire(c, second, "pay")
}

func layOrder(c *provider.Call, id, ref string) (*provider.Entity[order], error) {
	name, err := orders.Next(c)
	if err != nil {
		return nil, err
	}
	return orders.Create(c, name, id, &order{Ref: ref}, provider.At(founded), provider.MadeBy("founder"))
}

func founding(p *plan) { p.provider.Fixtures = layOrders }

func TestAFreshWorkspaceReadsItsFixtures(t *testing.T) {
	h := build(t, founding)
	h.wantRefs("a-1", "first", "second")
	h.want(200, "GET", "/w/a-1/toy/orders/"+firstID, "")
	h.want(404, "GET", "/w/a-1/toy/orders/00000000-0000-4000-8000-000000000003", "")
	h.want(402, "POST", "/w/a-1/toy/refused", "")
	h.want(500, "POST", "/w/a-1/toy/panic", "")
	if h.store.Stored("a-1") {
		t.Fatal("it was stored by that")
	}
	h.want(201, "POST", "/w/a-1/toy/orders", `{"ref":"own"}`)
	h.want(402, "POST", "/w/a-1/toy/refused", "")
	h.wantRefs("a-1", "first", "second", "own")
	h.wantRefs("default", "first", "second")
}

// TestFixturesAreTheSameBeforeAndAfterTheyAreStored, instants included, while the clock runs.
func TestFixturesAreTheSameBeforeAndAfterTheyAreStored(t *testing.T) {
	now := start
	h := build(t, func(p *plan) {
		founding(p)
		p.clock, p.wall = clock.Setting{}, func() time.Time { return now }
	})
	read := func() *provider.View {
		now = now.Add(time.Second)
		var v *provider.View
		must(t, h.store.View(context.Background(), store.Default, func(tx *store.Tx) (err error) {
			v, err = h.runtime.Show(tx, "order", secondID)
			return err
		}))
		return v
	}
	supposed := read()
	h.make("own", "Mockbank-Scenario", "manual")
	stored := read()
	for _, v := range []*provider.View{supposed, stored} {
		e := v.Entity
		if e.Sequence != 2 || e.Client != "founder" || e.Scenario != "paid" || e.State != "paid" || !e.Created.Equal(founded) || !e.Updated.Equal(founded) || !e.Entered.Equal(founded) {
			t.Errorf("got %+v", e)
		}
		if len(v.History) != 1 || !v.History[0].At.Equal(founded) || v.History[0].Cause != "fixture" {
			t.Errorf("its history is %+v", v.History)
		}
	}
}

// TestTimersOfFixturesRunFromTheFirstWriteOn, and the workspace's choice of a scenario came too late for them.
func TestTimersOfFixturesRunFromTheFirstWriteOn(t *testing.T) {
	h := build(t, founding)
	must(t, h.store.Update(context.Background(), store.Default, func(tx *store.Tx) error {
		tx.Change().Scenarios["toy/order"] = "manual"
		return nil
	}))
	advance := func() string {
		_, err := h.loop.Advance(context.Background(), store.Default, h.store.Workspace(store.Default).Clock.Now(start).Add(time.Minute), schedule.WaitNone)
		must(t, err)
		return h.want(200, "GET", "/toy/orders/"+firstID, "").text("state")
	}
	if got := advance(); got != "created" {
		t.Errorf("before a write it is %s", got)
	}
	h.make("own")
	if got := advance(); got != "paid" {
		t.Errorf("after a write it is %s", got)
	}
}

func TestFixturesThatFail(t *testing.T) {
	h := build(t, func(p *plan) {
		p.provider.Fixtures = func(c *provider.Call) error {
			if err := layOrders(c); err != nil {
				return err
			}
			_, err := orders.Create(c, provider.Name{Number: 9}, firstID, &order{Ref: "again"})
			return err
		}
	})
	got := h.want(500, "GET", "/toy/orders", "")
	if strings.Contains(got.raw, "already") || !strings.Contains(h.log.String(), "the fixtures of toy can not be made") {
		t.Errorf("got %s; the log says %s", got.raw, h.log)
	}
}

// TestFixturesComeOnce: whatever is asked, refused, reset and deleted, a workspace has its fixtures once, before all
// that was made in it.
func TestFixturesComeOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := build(t, founding)
		var made []string
		stored := false
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			step := rapid.SampledFrom([]string{"read", "make", "refuse", "hiccup", "break", "reset", "delete", "look"}).Draw(rt, "step")
			switch step {
			case "read":
				h.want(200, "GET", "/w/a-1/toy/orders/"+firstID, "")
			case "make":
				h.want(201, "POST", "/w/a-1/toy/orders", `{"ref":"own"}`)
				made, stored = append(made, "own"), true
			case "refuse":
				h.want(402, "POST", "/w/a-1/toy/refused", "")
			case "hiccup": // A refusal that stores its count, and so the workspace, once.
				if a := h.do("POST", "/w/a-1/toy/orders", `{"ref":"once"}`); a.status == 201 {
					made = append(made, "once")
				}
				stored = true
			case "break":
				h.want(500, "POST", "/w/a-1/toy/broken?how=body", "")
			case "reset":
				if stored {
					must(t, h.store.Update(context.Background(), "a-1", func(tx *store.Tx) error { tx.Reset(); return nil }))
				}
				made = nil
			case "delete":
				must(t, h.store.Delete(context.Background(), "a-1"))
				made, stored = nil, false
			}
			got := h.want(200, "GET", "/toy/orders", "", gateway.WorkspaceHeader, "a-1").body["refs"].([]any)
			want := slices.Concat([]string{"first", "second"}, made)
			if len(got) != len(want) || !slices.EqualFunc(got, want, func(a any, b string) bool { return a == b }) {
				rt.Fatalf("after %s the orders are %v, want %v", step, got, want)
			}
			if h.store.Stored("a-1") != stored {
				rt.Fatalf("after %s it is stored: %t", step, h.store.Stored("a-1"))
			}
		}
	})
}
