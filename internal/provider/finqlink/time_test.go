package finqlink_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

const (
	day       = 24 * time.Hour
	keyLife   = 90 * day
	tokenKeys = "/finqlink" + issuerPath + "/v1/keys"
	hookKeys  = "/finqlink/.well-known/jwks.json"
)

// kids are the names of the keys that are published, the newest one first.
func kids(t *testing.T, h *providertest.House, address string) (names []string) {
	t.Helper()
	set, err := jwk.Parse(h.Get(address).Body)
	if err != nil {
		t.Fatal(err)
	}
	for i := range set.Len() {
		key, _ := set.Key(i)
		names = append(names, key.KeyID())
	}
	return names
}

// TestI6OneJumpOverManyInstants: one jump passes the end of a token, of a link and of a key, and what is sent again and
// again meanwhile is signed by the key of each instant.
func TestI6OneJumpOverManyInstants(t *testing.T) {
	h := house(t)
	first := get(h, create(t, h).Text("link_id")) // a workspace begins to be with its first write
	h.Advance(keyLife - 20*time.Minute)
	token, before := tokenBySecret(t, h), kids(t, h, hookKeys)
	h.Update(func(tx *store.Tx) error { return webhook.SetAnswer(tx, "shop", webhook.Answer{Status: 500}) })
	made := create(t, h)
	if err := h.Fire("link", made.Text("link_id"), "open"); err != nil {
		t.Fatal(err)
	}
	h.Advance(10 * day)

	if got := bearer(h, "v2", "Bearer "+token, nil); got.Status != 401 {
		t.Errorf("the token of an hour: %d", got.Status)
	}
	if got := get(h, made.Text("link_id")); got.JSON()["is_expired"] != true || first.JSON()["is_expired"] != false {
		t.Errorf("the link of a week: %s", got.Body)
	}
	rotated := providertest.Start.Add(keyLife)
	after := kids(t, h, hookKeys)
	if len(after) != 2 || after[1] != before[0] || after[0] == before[0] {
		t.Errorf("the keys are %v, and were %v", after, before)
	}
	signed := map[string]int{}
	for _, m := range h.Messages("shop") {
		kid, want := m.Header.Get("X-Signature-Kid"), before[0]
		if !m.At.Before(rotated) {
			want = after[0]
		}
		if kid != want {
			t.Errorf("what was sent at %s is signed by %s, want %s", m.At, kid, want)
		}
		signed[kid]++
	}
	if signed[before[0]] != 4 || signed[after[0]] != 1 {
		t.Errorf("sent so often by each key: %v", signed)
	}
}

// TestI6TwoKeysAtAllTimes: whoever looks on any day finds the key that signs and the one before it, and finds the same
// after one jump as after many.
func TestI6TwoKeysAtAllTimes(t *testing.T) {
	daily, once := house(t), house(t)
	create(t, daily)
	create(t, once)
	var last []string
	for d := range 200 {
		daily.Advance(day)
		now := kids(t, daily, hookKeys)
		if len(now) != 2 || len(kids(t, daily, tokenKeys)) != 2 || last != nil && !slices.Contains(now, last[0]) {
			t.Fatalf("on day %d there are %v, after %v", d, now, last)
		}
		last = now
	}
	once.Advance(200 * day)
	for _, address := range []string{hookKeys, tokenKeys} {
		if many, one := kids(t, daily, address), kids(t, once, address); !slices.Equal(many, one) {
			t.Errorf("%s: %v after 200 jumps of a day, and %v after one", address, many, one)
		}
	}
}

// TestI6AnAssertionDoesNotMoveWithTheClock: it stays used and stays valid by the wall, whatever the workspace's clock
// reads.
func TestI6AnAssertionDoesNotMoveWithTheClock(t *testing.T) {
	h := house(t)
	used := assertion(t, h, pairOf(t, h), nil)
	if got := byAssertion(h, tokenURL, used); got.Status != 200 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	h.Advance(365 * day)
	if got := byAssertion(h, tokenURL, used); got.Status != 400 || !strings.Contains(string(got.Body), "used before") {
		t.Errorf("the used one, a year later: %d %s", got.Status, got.Body)
	}
	if got := byAssertion(h, tokenURL, assertion(t, h, pairOf(t, h), object{"jti": "two"})); got.Status != 200 {
		t.Errorf("another one of the same hour by the wall: %d %s", got.Status, got.Body)
	}
}

// TestI9AClientByAnotherClock: the answer to an assertion that was made by the workspace's time says which time counts.
func TestI9AClientByAnotherClock(t *testing.T) {
	h := house(t)
	create(t, h)
	h.Advance(365 * day)
	for jti, made := range map[string]time.Time{"the workspace's": h.Now(), "behind": providertest.Start.Add(-2 * time.Hour)} {
		signed := assertion(t, h, pairOf(t, h), object{"jti": jti, "iat": made.Unix(), "exp": made.Add(time.Hour).Unix()})
		got := byAssertion(h, tokenURL, signed)
		if said := got.Text("error_description"); got.Status != 400 || !strings.Contains(said, "wall clock, which reads 2026-01-15T10:30:00Z") {
			t.Errorf("%s: %d %s", jti, got.Status, got.Body)
		}
	}
}
