package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
)

// The recipients that stories hang on.
const (
	faulty = "rec_test_500"    // nothing is made
	stuck  = "rec_test_stuck"  // nothing moves by itself
	closed = "rec_test_closed" // fails while pending; where a hand had it processed before, its story has no more to tell
)

// outside are recipients with whom money leaves the mock, or comes back, or is never taken, or of whom nobody hears.
var outside = []string{
	"rec_test_123", "rec_test_processing", "rec_test_rejected", closed, "rec_test_hold", "rec_test_nofunds", "rec_test_drop", faulty, stuck,
}

// trader works on one run until it dies, or until it has done its share.
type trader struct {
	*api
	*market
	round  int
	hand   string
	chance *rand.Rand
}

// trade lets all hands work. What each of them does derives from the seed.
func trade(ctx context.Context, a *api, m *market, round int) {
	var hands sync.WaitGroup
	for i, hand := range []struct {
		name string
		work func(trader, context.Context)
	}{
		{"open", trader.open}, {"one", trader.payOne}, {"another", trader.payOne}, {"two", trader.payTwo}, {"next", trader.payTwo},
		{"fund", trader.fund}, {"meddle", trader.meddle}, {"hurry", trader.hurry},
	} {
		chance := rand.New(rand.NewPCG(*seed, uint64(100*round+i)))
		hands.Go(func() { hand.work(trader{a, m, round, hand.name, chance}, ctx) })
	}
	hands.Wait()
}

// sends makes an order of its own key, and sends it. Now and then it sends it twice.
func (t trader) sends(ctx context.Context, i, platform int, path string, body func(name string) map[string]any) bool {
	name := fmt.Sprintf("%s-%d-%d", t.hand, t.round, i)
	o := &order{name: name, platform: platform, path: path, body: body(name), round: t.round}
	t.mu.Lock()
	t.orders[name] = o
	t.mu.Unlock()
	heard := t.place(ctx, t.market, o)
	if heard && o.first != nil && t.chance.IntN(5) == 0 {
		heard = t.place(ctx, t.market, o)
	}
	return heard
}

// open makes accounts: empty ones, and some that a story funds.
func (t trader) open(ctx context.Context) {
	for i := range share / 5 {
		email, currency := "john@example.com", []string{"EUR", "EUR", "USD"}[t.chance.IntN(3)]
		if t.chance.IntN(3) == 0 {
			email = prefunded
		}
		if !t.sends(ctx, i, 1+t.chance.IntN(2), "/accounts", func(name string) map[string]any {
			return map[string]any{"currency": currency, "owner": map[string]any{"name": name, "email": email}}
		}) {
			return
		}
	}
}

// payOne pays from an account that holds more than enough, to whomever there is.
func (t trader) payOne(ctx context.Context) {
	for i := range share {
		to := outside[t.chance.IntN(len(outside))]
		if account := t.account(1); account != settlements[1] && t.chance.IntN(2) == 0 {
			to = account
		}
		if !t.pays(ctx, i, 1, to, 1+t.chance.Int64N(5000)) {
			return
		}
	}
}

// payTwo pays from an account that is all but empty, as another hand does at the same time.
func (t trader) payTwo(ctx context.Context) {
	for i := range share {
		to := t.account(2)
		if to == settlements[2] {
			to = "rec_test_123"
		}
		if !t.pays(ctx, i, 2, to, 50+t.chance.Int64N(200)) {
			return
		}
	}
}

func (t trader) pays(ctx context.Context, i, platform int, to string, amount int64) bool {
	return t.sends(ctx, i, platform, "/payments", func(name string) map[string]any {
		return map[string]any{"amount": amount, "currency": "EUR", "recipient": to, "description": name}
	})
}

// account is any of a platform.
func (t trader) account(platform int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.accounts[platform][t.chance.IntN(len(t.accounts[platform]))]
}

// fund brings deposits, half of them to the account that is all but empty. Of one at most nobody hears.
func (t trader) fund(ctx context.Context) {
	for range share {
		d := &deposit{account: settlements[2], amount: 1 + t.chance.Int64N(400)}
		if t.chance.IntN(2) == 0 {
			d.account = t.account(1 + t.chance.IntN(2))
		}
		t.mu.Lock()
		t.doubt = d
		t.mu.Unlock()
		_, err := t.force(ctx, "account", d.account, "deposit", map[string]any{"deposit": d.amount})
		t.mu.Lock()
		if err == nil {
			t.deposits[d.account], t.doubt = t.deposits[d.account]+d.amount, nil
		}
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// meddle makes payments that nothing moves, and forces one of the newest on, or fails it.
func (t trader) meddle(ctx context.Context) {
	for i := range share {
		if !t.pays(ctx, i, 1, stuck, 1+t.chance.Int64N(5000)) {
			return
		}
		event, set := []string{"process", "succeed", "fail"}[t.chance.IntN(3)], map[string]any(nil)
		if event == "fail" {
			set = map[string]any{"failure": map[string]any{"code": "timeout"}}
		}
		if !t.took(t.force(ctx, "payment", t.newest(), event, set)) {
			return
		}
	}
}

// newest is one of the last payments that were told of, which may not have come to their end.
func (t trader) newest() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(t.payments)
	return t.payments[n-1-t.chance.IntN(min(n, 8))]
}

// hurry moves time on, though it runs by itself.
func (t trader) hurry(ctx context.Context) {
	for range share / 5 {
		if _, err := t.advance(ctx, inMarket, map[string]any{"by": "2s"}); err != nil {
			return
		}
	}
}
