package crash

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// moves are the events of a payment by state, and where they lead.
var moves = map[string]map[string]string{
	"pending":    {"process": "processing", "fail": "failed"},
	"processing": {"succeed": "succeeded", "fail": "failed"},
}

// leads tells whether a payment comes from one state to another; the empty one is before its birth.
func leads(from, to string) bool {
	if from == to || from == "" {
		return true
	}
	for _, next := range moves[from] {
		if leads(next, to) {
			return true
		}
	}
	return false
}

// auditor holds what a run has of money against what was told of it.
type auditor struct {
	*testing.T
	*api
	*market
}

// hush stops the clock behind everything that is due, so that nothing moves but by an order.
func (c auditor) hush(ctx context.Context) {
	c.Helper()
	_, advancing, err := c.now(ctx, inMarket)
	for err == nil && advancing { // the loop is about to end what nobody goes on with
		_, advancing, err = c.now(ctx, inMarket)
	}
	if err == nil {
		err = c.setClock(ctx, inMarket, map[string]any{"mode": "frozen"})
	}
	if err == nil {
		_, err = c.advance(ctx, inMarket, map[string]any{"by": "1ms"})
	}
	if err != nil {
		c.Fatal(err)
	}
}

// survived holds the state that a run begins with, repeats what the last one may not have heard and some that it has,
// and holds the state again: what was lost is made up for by its repeat, and nothing is there twice.
func (c auditor) survived(ctx context.Context, last int) {
	c.Helper()
	c.hush(ctx)
	c.books(ctx)
	for _, o := range c.ordersOf(last) {
		if o.first == nil {
			c.lost++
		}
		if !c.place(ctx, c.market, o) {
			c.Fatalf("%s is not answered", o.name)
		}
	}
	c.books(ctx)
	for _, err := range c.odd {
		c.Error(err)
	}
}

// ordersOf are the orders of a round. Of an earlier one none is unanswered.
func (c auditor) ordersOf(round int) (found []*order) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range c.orders {
		if o.round == round {
			found = append(found, o)
		}
	}
	return found
}

// books reads all that there is, and holds it.
func (c auditor) books(ctx context.Context) (accounts, payments []paper) {
	c.Helper()
	for platform := range keysOf {
		accounts = append(accounts, c.papers(ctx, platform, "/accounts")...)
		payments = append(payments, c.papers(ctx, platform, "/payments")...)
	}
	c.ordered(accounts, payments)
	c.balanced(accounts, payments)
	for _, p := range payments {
		c.walked(ctx, p)
	}
	return accounts, payments
}

// papers reads a list of one platform to its end.
func (c auditor) papers(ctx context.Context, platform int, path string) (all []paper) {
	c.Helper()
	for cursor := ""; ; cursor = "&starting_after=" + all[len(all)-1].ID {
		got, err := c.send(ctx, http.MethodGet, onelink(path+"?limit=100"+cursor), http.Header{"Authorization": {"Bearer " + keysOf[platform]}}, nil)
		var page struct {
			HasMore bool    `json:"has_more"`
			Data    []paper `json:"data"`
		}
		if err = read(got, err, &page); err != nil {
			c.Fatal(err)
		}
		if all = append(all, page.Data...); !page.HasMore {
			return all
		}
	}
}

// ordered holds that for each order that was told to have made something this is there, and as it was told, that
// each name is there once, and that nothing is there which nobody ordered.
func (c auditor) ordered(accounts, payments []paper) {
	c.Helper()
	there := map[string]paper{}
	for _, p := range append(accounts, payments...) {
		name := p.Owner.Name + p.Description
		if o := c.orders[name]; o == nil && openings[p.ID] == 0 || o != nil && o.first != nil && o.first.status != http.StatusCreated {
			c.Errorf("%+v is there, and its order was refused, or never was", p)
		}
		if other, twice := there[name]; twice && openings[p.ID] == 0 {
			c.Errorf("one order made both %+v and %+v", other, p)
		}
		there[name] = p
	}
	for name, o := range c.orders {
		want, ok := o.made()
		got := there[name]
		got.Status, got.Balance = want.Status, want.Balance // which change
		if ok && got != want {
			c.Errorf("%s was told to have made\n%+v\nand there is\n%+v", name, want, got)
		}
	}
}

// balanced holds each account to its opening balance, its deposits, and the payments from it and to it: what fails is
// its sender's again, and what succeeds is its recipient's. So money neither comes to be nor is lost, in all and
// anywhere. A deposit of which nobody heard is there or not; it is known from here on.
func (c auditor) balanced(accounts, payments []paper) {
	c.Helper()
	if c.doubt != nil {
		c.doubts++
	}
	want := map[string]int64{}
	for _, p := range payments {
		if p.Status != "failed" {
			want[p.Sender] -= p.Amount
		}
		if p.Status == "succeeded" {
			want[p.Recipient] += p.Amount
		}
	}
	for _, a := range accounts {
		want := want[a.ID] + opening(a) + c.deposits[a.ID]
		if d := c.doubt; d != nil && d.account == a.ID && a.Balance == want+d.amount {
			c.deposits[a.ID] += d.amount
			want += d.amount
		}
		if a.Balance < 0 || a.Balance != want {
			c.Errorf("account %s holds %d, and by its payments and deposits %d; a deposit that nobody heard of: %+v", a.ID, a.Balance, want, c.doubt)
		}
	}
	c.doubt = nil
}

func opening(a paper) int64 {
	if a.Owner.Email == prefunded {
		return funds
	}
	return openings[a.ID]
}

// walked holds a payment of which there are news to the states that it can come to, and its history to the moves.
func (c auditor) walked(ctx context.Context, p paper) {
	c.Helper()
	if !leads(c.seen[p.ID], p.Status) {
		c.Errorf("payment %s was %s, and is %s", p.ID, c.seen[p.ID], p.Status)
	}
	c.note(p.ID, p.Status)
	if c.walks[p.ID] == p.Status {
		return
	}
	c.walks[p.ID] = p.Status
	var e entity
	if err := c.call(ctx, http.MethodGet, control(inMarket, "/entities/onelinkfintech/payment/"+p.ID), nil, &e); err != nil {
		c.Fatal(err)
	}
	if err := lawful(e); err != nil || e.State != p.Status {
		c.Errorf("payment %s is %s in the list, and %s: %v", p.ID, p.Status, e.State, err)
	}
}

// lawful tells whether a payment came by moves to where it is.
func lawful(e entity) error {
	state := "pending"
	for _, m := range e.History {
		if m.From != state || m.To == "" || moves[state][m.Event] != m.To {
			return fmt.Errorf("it was %s, and its history goes on %+v", state, m)
		}
		state = m.To
	}
	if state != e.State || e.Version != 1+len(e.History) {
		return fmt.Errorf("version %d is %s, and by its history %s", e.Version, e.State, state)
	}
	return nil
}

// rested holds that with time every payment ends but those that only a hand moves.
func (c auditor) rested(ctx context.Context) (accounts, payments []paper) {
	c.Helper()
	if _, err := c.advance(ctx, inMarket, map[string]any{"by": "25h"}); err != nil {
		c.Fatal(err)
	}
	accounts, payments = c.books(ctx)
	for _, p := range payments {
		byHand := p.Recipient == stuck || p.Recipient == closed && p.Status == "processing"
		if len(moves[p.Status]) > 0 && !byHand {
			c.Errorf("after a day it is still under way: %+v", p)
		}
	}
	return accounts, payments
}

// tally says of what the test made sure.
func tally(accounts, payments []paper) string {
	by := map[string]int{}
	within := 0
	for _, p := range payments {
		by[p.Status]++
		if strings.HasPrefix(p.Recipient, "acc_") {
			within++
		}
	}
	return fmt.Sprintf("%d accounts, %d payments, %d of them to accounts, in the end %v", len(accounts), len(payments), within, by)
}
