package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

// checker looks after a death whether everything is there and whole.
type checker struct {
	*testing.T
	*api
	ledger   *ledger
	receiver *receiver
	courses  map[string]course
}

// survived holds the state that a run begins with against the ledger.
func (c checker) survived(ctx context.Context) {
	c.Helper()
	for _, workspace := range []string{inReal, inScaled, inHand, inJumps} {
		there, err := c.entities(ctx, workspace)
		if err != nil {
			c.Fatal(err)
		}
		known := c.ledger.of(workspace)
		for _, e := range there {
			if r := known[e.ID]; r == nil || !r.settled {
				c.look(ctx, workspace, e.ID, r)
			} else if e.Version != r.acknowledged.Version || e.State != r.acknowledged.State {
				c.Errorf("link %s had come to rest as %s, version %d, and is %s, version %d", e.ID, r.acknowledged.State, r.acknowledged.Version, e.State, e.Version)
			}
			delete(known, e.ID)
		}
		for id, r := range known {
			c.Errorf("link %s of %s was acknowledged (%s) and is gone", id, workspace, r.acknowledged.State)
		}
	}
	c.registered(ctx)
	c.wasReset(ctx)
	c.trueInstant(ctx)
}

// look holds a link that had not come to rest, and lets it rest when it has come to its end meanwhile.
func (c checker) look(ctx context.Context, workspace, id string, r *record) {
	c.Helper()
	if e := c.whole(ctx, workspace, id, r); e.State == "completed" {
		c.toldOf(e)
		c.ledger.of(workspace)[id].settled = true
	}
}

// whole holds one link: it is at least what was acknowledged, and all that the state says of it agrees. One
// that nobody heard of may be there, but no half one. It is in the ledger afterwards.
func (c checker) whole(ctx context.Context, workspace, id string, r *record) entity {
	c.Helper()
	e, err := c.link(ctx, workspace, id)
	if err != nil {
		c.Fatal(err)
	}
	if r == nil {
		c.ledger.made(workspace, id, e.Data.WebID)
		r = c.ledger.of(workspace)[id]
	}
	before := r.acknowledged
	if e.Data.WebID != r.webID || e.Version < before.Version || len(e.History) < len(before.History) || !slices.Equal(e.History[:len(before.History)], before.History) {
		c.Errorf("link %s was acknowledged as\n%+v\nand is\n%+v", id, before, e)
	}
	if err := c.courses[e.Scenario].holds(e); err != nil {
		c.Errorf("link %s: %v", id, err)
	}
	if l, err := c.get(ctx, workspace, r.webID); err != nil || l.LinkID != id {
		c.Errorf("the index of web ids has %s for link %s: %v", l.LinkID, id, err)
	}
	c.deliveriesMatch(ctx, workspace, e)
	c.ledger.moved(e)
	return e
}

// holds tells whether an entity is at one of the stations of its course, with version and history as there.
func (c course) holds(e entity) error {
	station, ok := c[e.State]
	if !ok {
		return fmt.Errorf("it is %s, where no transaction ever left one", e.State)
	}
	same := slices.EqualFunc(e.History, station.moves, func(a, b moment) bool { return a.Event == b.Event && a.From == b.From && a.To == b.To })
	if !same || e.Version != station.version {
		return fmt.Errorf("it is %s, but its version is %d instead of %d, or its history is another:\n%+v", e.State, e.Version, station.version, e.History)
	}
	return nil
}

// deliveriesMatch holds that each change brought one notification, recorded with it. The link may have gone on
// since it was read.
func (c checker) deliveriesMatch(ctx context.Context, workspace string, e entity) {
	c.Helper()
	all, err := c.deliveries(ctx, workspace, e.ID)
	if err != nil {
		c.Fatal(err)
	}
	if len(all) < len(e.History) {
		c.Errorf("link %s changed %d times and has %d notifications", e.ID, len(e.History), len(all))
		return
	}
	for i, m := range e.History {
		var s status
		if err := json.Unmarshal([]byte(all[i].Body), &s); err != nil || s.Status != m.To || s.LinkID != e.ID {
			c.Errorf("change %d of link %s was to %s, and its notification is %s", i, e.ID, m.To, all[i].Body)
		}
	}
}

// registered holds clients and keys.
func (c checker) registered(ctx context.Context) {
	c.Helper()
	for id, name := range c.ledger.clients {
		var client struct {
			Name string `json:"name"`
		}
		err := c.call(ctx, "GET", control(inReal, "/clients/finqlink/"+id), nil, &client)
		// A change that nobody heard of may have come after the one that was acknowledged.
		if err != nil || !notBefore(client.Name, name) {
			c.Errorf("client %s was acknowledged as %q and is %q: %v", id, name, client.Name, err)
		}
		c.ledger.clients[id] = client.Name
	}
	var page keyPage
	if err := c.call(ctx, "GET", control(inReal, "/keys/finqlink?"), nil, &page); err != nil || page.number() < c.ledger.keys {
		c.Errorf("keys %d were acknowledged, and %d are there: %v", c.ledger.keys, page.number(), err)
	}
}

// notBefore compares two names of the load.
func notBefore(name, than string) bool {
	var i, round, thanI, thanRound int
	_, err := fmt.Sscanf(name, "name %d of round %d", &i, &round)
	_, thanErr := fmt.Sscanf(than, "name %d of round %d", &thanI, &thanRound)
	return err == nil && thanErr == nil && (round > thanRound || round == thanRound && i >= thanI)
}

// trueInstant holds that a jump which was cut off stands where it began, where it went, or at an instant between
// at which something happened, with everything due before done.
func (c checker) trueInstant(ctx context.Context) {
	c.Helper()
	l := c.ledger
	now, advancing, err := c.now(ctx, inJumps)
	for err == nil && advancing { // the loop is about to end what nobody goes on with
		now, advancing, err = c.now(ctx, inJumps)
	}
	if err != nil {
		c.Fatal(err)
	}
	between := now.After(l.now) && now.Before(l.going)
	if !now.Equal(l.now) && !now.Equal(l.going) && !between {
		c.Errorf("time was %v, was to go to %v, and is %v", l.now, l.going, now)
	}
	happened := !between
	for id, r := range l.of(inJumps) {
		if r.settled && happened {
			continue
		}
		e, err := c.link(ctx, inJumps, id)
		if err != nil {
			c.Fatal(err)
		}
		happened = happened || slices.ContainsFunc(e.History, func(m moment) bool { return m.At.Equal(now) })
		for _, timer := range e.Next {
			if timer.Due.Before(now) {
				c.Errorf("time is %v, and link %s has a timer due at %v", now, id, timer.Due)
			}
		}
	}
	if !happened {
		c.Errorf("time is %v, an instant at which nothing happened", now)
	}
	l.now, l.going = now, time.Time{}
}

// goOn lets everything come to rest that does so soon: the slow workspace is left to live through more deaths.
func (c checker) goOn(ctx context.Context) {
	c.Helper()
	to, err := c.advance(ctx, inJumps, map[string]any{"by": "1h"})
	if err != nil {
		c.Fatal("time does not go on: ", err)
	}
	c.ledger.now = to
	for _, workspace := range []string{inScaled, inHand, inJumps} {
		c.settle(ctx, workspace)
	}
}

// settle waits until the links of a workspace have come to their end with all their webhooks, and holds them
// and the indexes once more.
func (c checker) settle(ctx context.Context, workspace string) {
	c.Helper()
	var ends []change
	for id, r := range c.ledger.of(workspace) {
		if !r.settled && workspace != inHand {
			ends = append(ends, change{id, "completed"})
		}
	}
	if err := c.receiver.wait(ends); err != nil {
		c.Fatal(err)
	}
	states := map[string]string{}
	for id, r := range c.ledger.of(workspace) {
		if !r.settled {
			c.toldOf(c.whole(ctx, workspace, id, r))
			r.settled = true
		}
		states[id] = r.acknowledged.State
	}
	c.indexesAgree(ctx, workspace, states)
}

// toldOf holds that each change of a link was told, and nothing that never was.
func (c checker) toldOf(e entity) {
	c.Helper()
	var wanted []change
	var statuses []string
	for _, m := range e.History {
		wanted, statuses = append(wanted, change{e.ID, m.To}), append(statuses, m.To)
	}
	if err := c.receiver.wait(wanted); err != nil {
		c.Error(err)
	}
	for _, s := range c.receiver.statuses(e.ID) {
		if !slices.Contains(statuses, s) {
			c.Errorf("a webhook told that link %s is %s, which its history does not know: %v", e.ID, s, statuses)
		}
	}
}

// indexesAgree holds the lists of the provider's API against the links themselves, which stand still.
func (c checker) indexesAgree(ctx context.Context, workspace string, states map[string]string) {
	c.Helper()
	byStatus := map[string]int{}
	for _, state := range states {
		byStatus[state]++
	}
	found, err := c.list(ctx, workspace, "")
	if err != nil || len(found) != len(states) {
		c.Errorf("%s has %d links, and its list %d: %v", workspace, len(states), len(found), err)
	}
	for _, l := range found {
		if states[l.LinkID] != l.Status {
			c.Errorf("link %s is %q, and in the list %s", l.LinkID, states[l.LinkID], l.Status)
		}
	}
	for _, state := range append([]string{"created"}, byHandStates...) {
		found, err := c.list(ctx, workspace, state)
		if err != nil || len(found) != byStatus[state] {
			c.Errorf("%s has %d links that are %s, and its list %d: %v", workspace, byStatus[state], state, len(found), err)
		}
	}
}

var byHandStates = []string{"started", "requested", "intent_accepted", "awaiting_authz", "received", "submitted", "completed", "failed"}
