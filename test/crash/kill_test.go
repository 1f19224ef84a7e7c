package crash

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestKills kills the program at instants that the seed gives, under load, and now and then while it starts.
func TestKills(t *testing.T) {
	c := campaign{dir: t.TempDir(), ledger: newLedger(), receiver: receive(t), courses: undisturbed(t), chance: rand.New(rand.NewPCG(*seed, 0))}
	t.Logf("%d kills, seed %d", *kills, *seed)
	c.prepare(t)
	for c.dead < *kills && !t.Failed() {
		c.round(t)
	}
	c.end(t)
	slices.Sort(c.starts)
	t.Logf("%d kills, %d of them while it started; %d replies were acknowledged, %d links made, %d jumps cut off; starts took %v, the slowest %v",
		c.dead, c.young, c.ledger.replies, len(c.ledger.links), c.cut, c.starts[len(c.starts)/2], c.starts[len(c.starts)-1])
	if median := c.starts[len(c.starts)/2]; median > time.Second {
		t.Errorf("half of the starts took longer than %v", median)
	}
}

// campaign is a program with many lives on one data folder.
type campaign struct {
	dir      string
	ledger   *ledger
	receiver *receiver
	courses  map[string]course
	chance   *rand.Rand

	dead, young, cut int
	starts           []time.Duration
}

// prepare sets the clocks of the workspaces.
func (c *campaign) prepare(t *testing.T) {
	t.Helper()
	p := start(t, c.dir)
	defer p.kill()
	a := p.api(t)
	for workspace, setting := range map[string]map[string]any{
		inScaled: {"mode": "scaled", "scale": 60}, inHand: {"mode": "frozen"}, inJumps: {"mode": "frozen"}, inResets: {"mode": "frozen"},
	} {
		if err := a.setClock(t.Context(), workspace, setting); err != nil {
			t.Fatal(err)
		}
	}
	now, _, err := a.now(t.Context(), inJumps)
	if err != nil {
		t.Fatal(err)
	}
	c.ledger.now = now
}

// round is one life: the state is held against the ledger, the load begins, and the program is killed.
func (c *campaign) round(t *testing.T) {
	t.Helper()
	if c.dead%6 == 5 {
		c.killYoung(t)
	}
	p := c.begin(t)
	defer p.kill()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	check := c.checker(t, p)
	check.survived(ctx)
	check.goOn(ctx)
	instant := time.Duration(c.chance.Int64N(int64(400 * time.Millisecond)))
	timer := time.AfterFunc(instant, p.kill)
	defer timer.Stop()
	load{api: check.api, ledger: c.ledger, callback: c.receiver.url, round: c.dead}.run(ctx)
	<-p.ended
	c.dead++
	if !c.ledger.going.IsZero() {
		c.cut++
	}
	p.expectClean(t)
	if odd := c.ledger.refusals(); len(odd) > 0 {
		t.Errorf("kill %d, %v after the load began: calls were refused: %v", c.dead, instant, odd)
	}
	if t.Failed() {
		t.Logf("it was kill %d, %v after the load began", c.dead, instant)
	}
}

// killYoung kills a program that has not come to itself yet.
func (c *campaign) killYoung(t *testing.T) {
	t.Helper()
	p, out, err := launch(binary, c.dir)
	if err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(time.Duration(c.chance.Int64N(int64(150*time.Millisecond))), p.kill)
	defer timer.Stop()
	p.await(out)
	<-p.ended
	c.dead, c.young = c.dead+1, c.young+1
	p.expectClean(t)
}

func (c *campaign) begin(t *testing.T) *program {
	t.Helper()
	p := start(t, c.dir)
	c.starts = append(c.starts, p.took)
	return p
}

func (c *campaign) checker(t *testing.T, p *program) checker {
	t.Helper()
	return checker{T: t, api: p.api(t), ledger: c.ledger, receiver: c.receiver, courses: c.courses}
}

// end lets everything come to rest, and holds all of it.
func (c *campaign) end(t *testing.T) {
	t.Helper()
	p := c.begin(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	check := c.checker(t, p)
	check.survived(ctx)
	check.goOn(ctx)
	check.settle(ctx, inReal)
	c.receiver.expectSame(t)
	p.expectClean(t)
	p.stop(t)
}

// TestKilledAtBirth kills the program while it makes its store.
func TestKilledAtBirth(t *testing.T) {
	chance := rand.New(rand.NewPCG(*seed, 3))
	for range 6 {
		c := campaign{dir: t.TempDir(), chance: chance}
		c.killYoung(t)
		p := c.begin(t)
		if err := p.api(t).setClock(t.Context(), inHand, map[string]any{"mode": "frozen"}); err != nil {
			t.Error(err)
		}
		p.expectClean(t)
		p.stop(t)
	}
}
