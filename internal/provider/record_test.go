package provider

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/store"
)

// made tells when the payment of each slip was made, and its scenario; "-" where there is none.
func (y *toy) made(refs ...string) string {
	y.t.Helper()
	told := make([]string, len(refs))
	y.must(func(c *Call) error {
		for i, ref := range refs {
			e, err := payments.Get(c, "of "+ref)
			if err != nil {
				return err
			}
			if told[i] = "-"; e != nil {
				told[i] = fmt.Sprint(e.Created().Sub(start), " ", e.Scenario())
			}
		}
		return nil
	})
	return strings.Join(told, ", ")
}

func TestRecordsWakeEachAtItsOwnInstant(t *testing.T) {
	driver := mem.New()
	y := openToy(t, driver)
	for ref, after := range map[string]time.Duration{"a": time.Minute, "b": time.Hour, "past": -time.Hour, "lost.1": 2 * time.Hour} {
		must(t, y.sell(slip{Ref: ref, UseAt: start.Add(after)}))
	}
	must(t, y.sell(slip{Ref: "never"}))
	y.advance(30 * time.Minute)
	if got := y.made("past", "a", "b", "never"); got != "0s usual, 1m0s usual, -, -" {
		t.Errorf("after half an hour: %s", got)
	}
	y.store.Close()
	y = openToy(t, driver)
	y.advance(24 * time.Hour)
	if got := y.made("past", "a", "b", "lost.1", "never"); got != "0s usual, 1m0s usual, 1h0m0s usual, 2h0m0s lost, -" {
		t.Errorf("after a restart: %s", got)
	}
}

func TestAResetForgetsDeadlines(t *testing.T) {
	y := openToy(t, mem.New())
	must(t, y.sell(slip{Ref: "a", UseAt: start.Add(time.Minute)}))
	y.must(func(c *Call) error { c.tx.Reset(); return nil })
	must(t, y.sell(slip{Ref: "b", UseAt: start.Add(time.Minute)}))
	y.advance(time.Hour)
	if got := y.made("a", "b"); got != "-, 1m0s usual" {
		t.Errorf("got %s", got)
	}
}

// What stands armed is shown, with the state in which it was armed.
func TestADeadlineIsShown(t *testing.T) {
	y := openToy(t, mem.New())
	must(t, y.sell(slip{Ref: "a", UseAt: start.Add(time.Minute)}))
	y.must(func(c *Call) error {
		v, err := y.Show(c.tx, "slip", "a")
		if err == nil && (len(v.Next) != 1 || !v.Next[0].Due.Equal(start.Add(time.Minute)) || v.Next[0].State != "ready" || v.State != "ready") {
			t.Errorf("shown: %s, next %+v", v.State, v.Next)
		}
		return err
	})
}

func TestMishapsOfARecordsStoryHoldForItsCalls(t *testing.T) {
	y := openToy(t, mem.New())
	for ref, want := range map[string]int{"lost.1": 1, "found.1": 0} {
		y.must(func(c *Call) error {
			_, err := slips.Create(c, Name{Number: uint64(len(ref))}, ref, &slip{Ref: ref})
			if err != nil {
				return err
			}
			found, err := c.Mishaps(machine.After)
			if len(found) != want {
				t.Errorf("%s: %d mishaps, want %d", ref, len(found), want)
			}
			return err
		})
	}
}

func TestRecordsAreCountedAndPaged(t *testing.T) {
	y := openToy(t, mem.New())
	for n := range 7 {
		must(t, y.sell(slip{Ref: fmt.Sprint(n)}))
	}
	y.must(func(c *Call) error { // what was changed in this call counts already
		e, err := slips.Get(c, "5")
		if err != nil {
			return err
		}
		e.Data.Used = true
		slips.Update(c, e)
		ready, err := slips.Count(c, "state", Key{}.Text("ready"))
		if ready != 6 || err != nil {
			t.Errorf("%d are ready, %v", ready, err)
		}
		var page []string
		err = slips.Page(c, "state", Key{}.Text("ready"), 1, 3, func(e *Entity[slip]) (bool, error) {
			page = append(page, e.ID())
			return true, nil
		})
		if want := []string{"4", "3", "2"}; !slices.Equal(page, want) {
			t.Errorf("the page is %v, want %v", page, want)
		}
		return err
	})
}

func TestADeadlineWantsAWake(t *testing.T) {
	document, err := spec.Load("toy.yaml", []byte(toySpec))
	must(t, err)
	for name, def := range map[string]Def[slip]{
		"no Wake":     {State: slipState, Deadline: useSlipAt},
		"no Deadline": {State: slipState, Wake: useSlip},
		"no State":    {Deadline: useSlipAt, Wake: useSlip},
	} {
		if _, err := Install(&Provider{ID: "toy", Kinds: []KindDef{slips.Define(def)}}, document, nil); err == nil || !strings.Contains(err.Error(), "slip") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Records that exist from the start count in a workspace that nobody wrote to, and wake in one that somebody did.
func TestFixturesAreCountedAndWake(t *testing.T) {
	y := openToy(t, mem.New())
	y.Fixtures = func(c *Call) error {
		name, err := slips.Next(c)
		if err != nil {
			return err
		}
		_, err = slips.Create(c, name, "fixture", &slip{Ref: "fixture", UseAt: start.Add(time.Minute)}, At(start))
		return err
	}
	count := func(c *Call) (Reply, error) {
		n, err := slips.Count(c, "state", Key{}.Text("ready"))
		if n != 1 {
			t.Errorf("%d are ready", n)
		}
		return Reply{}, err
	}
	must(t, y.store.View(context.Background(), store.Default, func(tx *store.Tx) error {
		c := y.Call(context.Background(), tx, &Request{Page: "page.count", Workspace: store.Default, Header: http.Header{}, Reply: http.Header{}})
		_, err := c.Run(Read(count))
		return err
	}))
	must(t, y.sell(slip{Ref: "never", Used: true}))
	y.advance(time.Hour)
	if got := y.made("fixture"); got != "1m0s usual" {
		t.Errorf("got %s", got)
	}
}
