package crash

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"
)

// TestMoneySurvivesKills kills the program at instants that the seed gives, while several hands open accounts, pay,
// repeat themselves, bring deposits, force payments and move time.
func TestMoneySurvivesKills(t *testing.T) {
	b := bank{
		campaign: campaign{dir: t.TempDir(), chance: rand.New(rand.NewPCG(*seed, 4))}, market: newMarket(),
	}
	b.open(t)
	for b.dead < *kills && !t.Failed() {
		b.round(t)
	}
	if !t.Failed() {
		b.close(t)
	}
}

// bank is a program with many lives, and what its clients were told.
type bank struct {
	campaign
	*market
	lives int
}

// open has the keys of the market asked as often as one likes.
func (b *bank) open(t *testing.T) {
	t.Helper()
	p := start(t, b.dir)
	defer p.kill()
	settings := map[string]any{"settings": map[string]any{"onelinkfintech": map[string]any{"rate_limit": 0}}}
	if err := p.api(t).call(t.Context(), http.MethodPut, control(inMarket, ""), settings, nil); err != nil {
		t.Fatal(err)
	}
}

// round is one life: the books are held, the hands work, and the program is killed.
func (b *bank) round(t *testing.T) {
	t.Helper()
	if b.dead%6 == 5 {
		b.killYoung(t)
	}
	p, audit := b.audited(t)
	defer p.kill()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	if err := audit.setClock(ctx, inMarket, map[string]any{"mode": "scaled", "scale": 60}); err != nil {
		t.Fatal(err)
	}
	instant := time.Duration(b.chance.Int64N(int64(400 * time.Millisecond)))
	timer := time.AfterFunc(instant, p.kill)
	defer timer.Stop()
	trade(ctx, audit.api, b.market, b.lives)
	<-p.ended
	b.dead++
	p.expectClean(t)
	if t.Failed() {
		t.Logf("it was kill %d, %v after the hands began", b.dead, instant)
	}
}

// audited starts the program and holds its books.
func (b *bank) audited(t *testing.T) (*program, auditor) {
	t.Helper()
	p := b.begin(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	audit := auditor{t, p.api(t), b.market}
	audit.survived(ctx, b.lives)
	b.lives++
	return p, audit
}

// close holds the books at the end, and those of the day after.
func (b *bank) close(t *testing.T) {
	t.Helper()
	p, audit := b.audited(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	accounts, payments := audit.rested(ctx)
	t.Logf("seed %d: %d kills, %d of them while it started; %s; %d orders, of which kills left %d without an answer, and %d deposits; %d answers repeated, %d events forced",
		*seed, b.dead, b.young, tally(accounts, payments), len(b.orders), b.lost, b.doubts, b.repeats, b.forced)
	p.expectClean(t)
	p.stop(t)
}

// read decodes an answer that must be a success.
func read(got answer, err error, into any) error {
	if err != nil {
		return err
	}
	if got.status != http.StatusOK {
		return &refused{what: "a list", status: got.status, body: got.body}
	}
	return json.Unmarshal([]byte(got.body), into)
}
