package crash

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// The workspaces of the load.
const (
	inReal   = "real"   // timers run by themselves and outlive several deaths
	inScaled = "scaled" // the same, sixty times as fast
	inHand   = "hand"   // events come from outside, time stands
	inJumps  = "jumps"  // time stands, and is moved
)

// record is a link of which the test knows.
type record struct {
	workspace, id, webID string
	acknowledged         entity // the most that a reply told of it
	settled              bool   // it moves no more, and all its webhooks came
}

// ledger is all that was acknowledged, over all runs.
type ledger struct {
	mu      sync.Mutex
	links   map[string]*record
	clients map[string]string // name by id
	keys    int               // the number of the newest
	now     time.Time         // of the workspace inJumps
	going   time.Time         // where a jump of it was to go that nobody heard the end of
	resets  resets
	replies int     // in all
	odd     []error // refusals, which no call of the load earns
}

func newLedger() *ledger {
	return &ledger{links: map[string]*record{}, clients: map[string]string{}, resets: resets{there: map[string]bool{}, gone: map[string]bool{}}}
}

// told takes the outcome of a call: it tells whether it was acknowledged, and keeps what must not be.
func (l *ledger) told(err error) bool {
	var no *refused
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		l.replies++
		return true
	case errors.As(err, &no):
		l.odd = append(l.odd, err)
	}
	return false
}

func (l *ledger) refusals() []error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.odd
}

func (l *ledger) made(workspace, id, webID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.links[id] = &record{workspace: workspace, id: id, webID: webID}
}

func (l *ledger) moved(e entity) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.links[e.ID].acknowledged = e
}

// of gives the links of a workspace by id.
func (l *ledger) of(workspace string) map[string]*record {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := map[string]*record{}
	for id, r := range l.links {
		if r.workspace == workspace {
			found[id] = r
		}
	}
	return found
}

// load works on one run until it dies, or until each hand has done its share.
type load struct {
	*api
	ledger   *ledger
	callback string
	round    int
}

// share is how many links one hand makes in one run.
const share = 25

func (l load) run(ctx context.Context) {
	var hands sync.WaitGroup
	hands.Go(func() { l.make(ctx, inReal) })
	hands.Go(func() { l.make(ctx, inScaled) })
	hands.Go(func() { l.move(ctx) })
	hands.Go(func() { l.travel(ctx) })
	hands.Go(func() { l.register(ctx) })
	hands.Go(func() { l.sweep(ctx) })
	hands.Wait()
}

// make creates links that walk by themselves.
func (l load) make(ctx context.Context, workspace string) {
	for range share {
		if !l.create(ctx, workspace, "unattended") {
			return
		}
	}
}

func (l load) create(ctx context.Context, workspace, scenario string) bool {
	id, webID, err := l.createLink(ctx, workspace, scenario, l.callback)
	if !l.ledger.told(err) {
		return false
	}
	l.ledger.made(workspace, id, webID)
	return true
}

// byHand are the events that bring a link to its end.
var byHand = []string{"open", "pay", "accept", "redirect", "approve", "submit", "execute"}

// move creates links that stand, and moves them event by event.
func (l load) move(ctx context.Context) {
	for range share {
		id, webID, err := l.createLink(ctx, inHand, "manual", l.callback)
		if !l.ledger.told(err) {
			return
		}
		l.ledger.made(inHand, id, webID)
		for _, event := range byHand {
			e, err := l.fire(ctx, inHand, id, event)
			if !l.ledger.told(err) {
				return
			}
			l.ledger.moved(e)
		}
	}
}

// travel makes links, and moves time over all that they do.
func (l load) travel(ctx context.Context) {
	for range share / 5 {
		for range 5 {
			if !l.create(ctx, inJumps, "unattended") {
				return
			}
		}
		if !l.jump(ctx) {
			return
		}
	}
}

func (l load) jump(ctx context.Context) bool {
	l.ledger.mu.Lock()
	to := l.ledger.now.Add(time.Hour)
	l.ledger.going = to
	l.ledger.mu.Unlock()
	at, err := l.advance(ctx, inJumps, map[string]any{"to": to})
	if !l.ledger.told(err) {
		return false
	}
	l.ledger.mu.Lock()
	defer l.ledger.mu.Unlock()
	l.ledger.now, l.ledger.going = at, time.Time{}
	return true
}

// register changes clients and keys.
func (l load) register(ctx context.Context) {
	for i := range share {
		id, name := fmt.Sprintf("client-%d", i%10), fmt.Sprintf("name %d of round %d", i, l.round)
		if !l.ledger.told(l.call(ctx, "PUT", control(inReal, "/clients/finqlink/"+id), map[string]any{"secret": "s3cret-" + id, "name": name}, nil)) {
			return
		}
		l.ledger.mu.Lock()
		l.ledger.clients[id] = name
		l.ledger.mu.Unlock()
		if i%10 == 9 && !l.rotate(ctx) {
			return
		}
	}
}

func (l load) rotate(ctx context.Context) bool {
	var page keyPage
	if !l.ledger.told(l.call(ctx, "POST", control(inReal, "/keys/finqlink/rotate"), map[string]any{"purpose": "webhook"}, &page)) {
		return false
	}
	l.ledger.mu.Lock()
	defer l.ledger.mu.Unlock()
	l.ledger.keys = page.number()
	return true
}

// keyPage is a list of key sets.
type keyPage struct {
	Items []struct {
		Purpose string `json:"purpose"`
		Number  int    `json:"number"`
	} `json:"items"`
}

// number is that of the set that signs webhooks.
func (p keyPage) number() int {
	for _, set := range p.Items {
		if set.Purpose == "webhook" {
			return set.Number
		}
	}
	return 0
}
