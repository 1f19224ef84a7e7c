package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

const keyName = "Idempotency-Key"

// toyIdempotency keeps business refusals, those that a story ordered too.
var toyIdempotency = &provider.Idempotency{
	Life: 24 * time.Hour,
	Key: func(c *provider.Call) (provider.Key, error) {
		c.IdempotencyKey = c.Header.Get(keyName)
		switch {
		case c.IdempotencyKey == "":
			return nil, nil
		case strings.Contains(c.IdempotencyKey, " "):
			return nil, problem.New(problem.Invalid, "bad_key", "A key has no spaces")
		}
		return provider.Key{}.Text(c.IdempotencyKey), nil
	},
	Keeps:    func(refusal *problem.Error) bool { return refusal.Kind == problem.Refused },
	Replayed: http.Header{"X-Replayed": {"yes"}},
}

// order makes an order with a key.
func (h *house) order(key, body string) answer {
	h.t.Helper()
	return h.do("POST", "/toy/orders", body, keyName, key)
}

// judge is a test, or a draw of one.
type judge interface {
	Helper()
	Errorf(format string, args ...any)
}

// wantRepeat fails unless got repeats first.
func wantRepeat(t judge, first, got answer) {
	t.Helper()
	want := first.header.Clone()
	want.Set("X-Replayed", "yes")
	if diff := cmp.Diff(want, got.header); diff != "" || got.status != first.status || got.raw != first.raw {
		t.Errorf("got %d %s, want %d %s again, with headers (-want +got)\n%s", got.status, got.raw, first.status, first.raw, diff)
	}
}

// wantNew fails if got is a repeated answer.
func wantNew(t judge, status int, got answer) {
	t.Helper()
	if got.status != status || got.header.Get("X-Replayed") != "" {
		t.Errorf("got %d %v %s; want a new answer with %d", got.status, got.header, got.raw, status)
	}
}

func wantRefused(t judge, code string, got answer) {
	t.Helper()
	if got.status != http.StatusConflict || got.text("code") != code || got.text("at") != "header:Idempotency-Key" {
		t.Errorf("got %d %s, want %s", got.status, got.raw, code)
	}
}

// moveBy moves the default workspace's clock.
func (h *house) moveBy(by time.Duration) {
	h.t.Helper()
	h.change(func(tx *store.Tx) {
		tx.SetClock(clock.Setting{Mode: clock.Frozen, Base: tx.Now().Add(by)})
	})
}

func (h *house) change(fn func(tx *store.Tx)) {
	h.t.Helper()
	must(h.t, h.store.Update(context.Background(), store.Default, func(tx *store.Tx) error { fn(tx); return nil }))
}

// keptRows counts what is stored of answers.
func (h *house) keptRows() (n int) {
	h.t.Helper()
	must(h.t, h.store.View(h.t.Context(), store.Default, func(tx *store.Tx) error {
		for _, name := range []string{"idempotency", "idempotency-until"} {
			err := store.Bucket{Name: name}.Scan(tx, nil, false, func(store.Key, func(any) error) (bool, error) { n++; return true, nil })
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return n
}

func TestARepeatGetsTheFirstAnswer(t *testing.T) {
	h := build(t, nil)
	first := h.order("k", `{"ref":"x","amount":1}`)
	wantNew(t, 201, first)
	for _, same := range []string{`{"ref":"x","amount":1}`, `{"amount":1,"ref":"x"}`, "{ \"ref\":\n\"\\u0078\", \"amount\":1 }"} {
		wantRepeat(t, first, h.order("k", same))
	}
	h.wantRefs("default", "x")
	wantNew(t, 201, h.order("other", `{"ref":"x","amount":1}`))
	wantNew(t, 201, h.order("", `{"ref":"x","amount":1}`))
	wantNew(t, 201, h.do("POST", "/w/a-1/toy/orders", `{"ref":"x","amount":1}`, keyName, "k"))
	h.wantRefs("default", "x", "x", "x")
}

func TestAKeyIsForOneRequest(t *testing.T) {
	h := build(t, nil)
	wantNew(t, 201, h.order("k", `{"ref":"x","amount":1}`))
	for _, other := range []string{`{"ref":"y","amount":1}`, `{"ref":"x","amount":2}`, `{"ref":"x"}`, `{"ref":"down"}`} {
		wantRefused(t, "idempotency_key_reused", h.order("k", other))
	}
	wantRefused(t, "idempotency_key_reused", h.do("POST", "/toy/slow", `{"ref":"x","amount":1}`, keyName, "k"))
	wantRefused(t, "idempotency_key_reused", h.do("POST", "/toy/later", "", keyName, "k"))
	h.wantRefs("default", "x")
}

// TestNumbersCountAsTheyAreWritten: 1 and 1.0 are two bodies.
func TestNumbersCountAsTheyAreWritten(t *testing.T) {
	h := build(t, func(p *plan) { p.provider.Handlers["echo"] = provider.Write(echo) })
	say := func(body string) answer { return h.do("POST", "/toy/echo", body, keyName, "k") }
	first := say(`{"n":1}`)
	wantRefused(t, "idempotency_key_reused", say(`{"n":1.0}`))
	wantRefused(t, "idempotency_key_reused", say(`{"n":"1"}`))
	wantRepeat(t, first, say(`{ "n": 1 }`))
}

func TestAKeyThatIsRefused(t *testing.T) {
	h := build(t, nil)
	if got := h.do("POST", "/w/a-1/toy/orders", `{"ref":"x"}`, keyName, "a b"); got.status != 422 || got.text("code") != "bad_key" {
		t.Errorf("got %d %s", got.status, got.raw)
	}
	// The schema speaks first, and keeps no key from its next try.
	h.want(422, "POST", "/w/a-1/toy/orders", `{}`, keyName, "k")
	if h.store.Stored("a-1") {
		t.Error("a refusal stored the workspace")
	}
	wantNew(t, 201, h.do("POST", "/w/a-1/toy/orders", `{"ref":"x"}`, keyName, "k"))
}

func TestReadsAndPagesIgnoreTheKey(t *testing.T) {
	h := build(t, nil)
	read := func() string { return h.want(200, "GET", "/toy/orders", "", keyName, "k").raw }
	press := func() answer {
		return h.want(303, "POST", "/toy/button", "go=1", keyName, "k", "Content-Type", "application/x-www-form-urlencoded")
	}
	before := read()
	wantNew(t, 303, press())
	wantNew(t, 303, press())
	if read() == before {
		t.Error("a read was answered as before the change")
	}
	h.wantRefs("default", "by the house", "by the house")
}

func TestRefusals(t *testing.T) {
	t.Run("kept", func(t *testing.T) {
		h := build(t, nil)
		first := h.want(402, "POST", "/toy/refused", "", keyName, "k")
		wantNew(t, 402, first)
		wantRepeat(t, first, h.do("POST", "/toy/refused", "", keyName, "k"))
		wantRefused(t, "idempotency_key_reused", h.order("k", `{"ref":"x"}`))
	})
	t.Run("not kept", func(t *testing.T) {
		h := build(t, nil)
		wantNew(t, 503, h.order("k", `{"ref":"down"}`))
		wantNew(t, 503, h.order("k", `{"ref":"down"}`))
		wantNew(t, 201, h.order("k", `{"ref":"x"}`))
	})
	t.Run("ordered and not kept", func(t *testing.T) {
		h := build(t, nil)
		wantNew(t, 500, h.order("k", `{"ref":"once"}`))
		first := h.order("k", `{"ref":"once"}`)
		wantNew(t, 201, first)
		wantRepeat(t, first, h.order("k", `{"ref":"once"}`))
		h.wantRefs("default", "once")
	})
	t.Run("ordered and kept", func(t *testing.T) {
		h := build(t, nil)
		first := h.order("k", `{"ref":"barred"}`)
		wantNew(t, 402, first)
		wantRepeat(t, first, h.order("k", `{"ref":"barred"}`))
		wantNew(t, 201, h.order("other", `{"ref":"barred"}`))
	})
	t.Run("our fault", func(t *testing.T) {
		h := build(t, func(p *plan) {
			all := *toyIdempotency
			all.Keeps = func(*problem.Error) bool { return true }
			p.provider.Idempotency = &all
		})
		for range 2 {
			wantNew(t, 500, h.do("POST", "/toy/broken?how=body", "", keyName, "k"))
		}
	})
	t.Run("none kept", func(t *testing.T) {
		h := build(t, func(p *plan) {
			none := *toyIdempotency
			none.Keeps = nil
			p.provider.Idempotency = &none
		})
		for range 2 {
			wantNew(t, 402, h.do("POST", "/toy/refused", "", keyName, "k"))
		}
	})
}

// sendTo sends a request whose reply may be lost.
func (h *house) sendTo(server *httptest.Server, key, body string) error {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), "POST", server.URL+"/toy/orders", strings.NewReader(body))
	must(h.t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(keyName, key)
	r.GetBody = nil // A transport would repeat what has a key by itself.
	reply, err := server.Client().Do(r)
	if err == nil {
		err = reply.Body.Close()
	}
	return err
}

// TestASpoiltReplyIsRepeatedWhole, each time: no mishap acts on a repeat.
func TestASpoiltReplyIsRepeatedWhole(t *testing.T) {
	for _, ref := range []string{"lost", "cut", "spoilt"} {
		t.Run(ref, func(t *testing.T) {
			h := build(t, nil)
			server := httptest.NewServer(h)
			defer server.Close()
			body := `{"ref":"` + ref + `"}`
			if err := h.sendTo(server, "k", body); (err != nil) != (ref == "lost") {
				t.Errorf("the first reply: %v", err)
			}
			whole := h.order("k", body)
			if whole.status != 201 || whole.text("state") != "created" || whole.header.Get("X-Replayed") != "yes" ||
				whole.header.Get("Mockbank-Entity") != "order/"+whole.text("id") || whole.header.Get("Mockbank-Scenario") != ref {
				t.Errorf("the repeat got %d %v %s", whole.status, whole.header, whole.raw)
			}
			wantRepeat(t, whole, h.order("k", body))
			h.wantRefs("default", ref)
		})
	}
}

func TestAnAnswerIsKeptForItsLife(t *testing.T) {
	h := build(t, nil)
	first := h.order("k", `{"ref":"x"}`)
	h.moveBy(24 * time.Hour)
	wantRepeat(t, first, h.order("k", `{"ref":"x"}`))
	h.moveBy(time.Millisecond)
	second := h.order("k", `{"ref":"y"}`) // The key is free for any request.
	wantNew(t, 201, second)
	h.moveBy(24 * time.Hour)
	wantRepeat(t, second, h.order("k", `{"ref":"y"}`))
	h.wantRefs("default", "x", "y")
}

func TestOldAnswersDoNotPileUp(t *testing.T) {
	h := build(t, nil)
	for i := range 12 {
		h.order(fmt.Sprint("old-", i), `{"ref":"x"}`)
	}
	if got := h.keptRows(); got != 24 {
		t.Errorf("%d rows are kept of 12 answers", got)
	}
	h.moveBy(25 * time.Hour)
	for i := range 4 {
		h.order(fmt.Sprint("new-", i), `{"ref":"x"}`)
	}
	if got := h.keptRows(); got != 8 {
		t.Errorf("%d rows are kept of 4 answers", got)
	}
}

// TestANewAnswerOutlivesTheOldOne of its key, which is forgotten with others.
func TestANewAnswerOutlivesTheOldOne(t *testing.T) {
	h := build(t, nil)
	for i := range 12 {
		h.order(fmt.Sprint(i), `{"ref":"x"}`)
	}
	h.moveBy(25 * time.Hour)
	var answers []answer
	for i := range 12 {
		answers = append(answers, h.order(fmt.Sprint(i), `{"ref":"x"}`))
	}
	for i, first := range answers {
		wantNew(t, 201, first)
		wantRepeat(t, first, h.order(fmt.Sprint(i), `{"ref":"x"}`))
	}
	if got := h.keptRows(); got != 24 {
		t.Errorf("%d rows are kept of 12 answers", got)
	}
}

func TestAResetForgets(t *testing.T) {
	h := build(t, nil)
	h.order("k", `{"ref":"x"}`)
	h.change(func(tx *store.Tx) { tx.Reset() })
	wantNew(t, 201, h.order("k", `{"ref":"y"}`))
	h.wantRefs("default", "y")
}

// TestWhatGuardsSayIsTheRepeatsOwn: its request id, what is left of its window.
func TestWhatGuardsSayIsTheRepeatsOwn(t *testing.T) {
	served := 0
	h := build(t, func(p *plan) {
		p.provider.Guards = func(*provider.Operation) []provider.Guard {
			return []provider.Guard{provider.Syntax, {Name: "window", Check: func(c *provider.Call) error {
				served++
				c.Reply.Set("X-Served", fmt.Sprint(served))
				c.Reply.Set("X-Sent", c.Header.Get("X-Sent"))
				return nil
			}}}
		}
	})
	first := h.do("POST", "/toy/orders", `{"ref":"x"}`, keyName, "k", "X-Sent", "\xe9")
	wantNew(t, 201, first)
	first.header.Set("X-Served", "2")
	wantRepeat(t, first, h.do("POST", "/toy/orders", `{"ref":"x"}`, keyName, "k", "X-Sent", "\xe9"))
}

// TestEachKeyIsOneOrder: whatever is repeated when, the orders are as many as a model says.
func TestEachKeyIsOneOrder(t *testing.T) {
	type kept struct {
		body  string
		until time.Time
	}
	h := build(t, nil)
	rapid.Check(t, func(rt *rapid.T) {
		h.change(func(tx *store.Tx) {
			tx.Reset()
			tx.SetClock(clock.Setting{Mode: clock.Frozen, Base: start})
		})
		model, now := map[string]kept{}, start
		var want []string
		for range rapid.IntRange(1, 30).Draw(rt, "requests") {
			key := rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(rt, "key")
			ref := rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "ref")
			by := rapid.SampledFrom([]time.Duration{0, 0, time.Hour, 12 * time.Hour, 24*time.Hour + time.Microsecond}).Draw(rt, "later by")
			h.moveBy(by)
			now = now.Add(by)
			got := h.order(key, `{"ref":"`+ref+`"}`)
			known, is := model[key]
			is = is && !now.After(known.until)
			switch {
			case is && known.body != ref:
				wantRefused(rt, "idempotency_key_reused", got)
			case is:
				if got.status != 201 || got.header.Get("X-Replayed") == "" {
					rt.Fatalf("a repeat got %d %s", got.status, got.raw)
				}
			default:
				wantNew(rt, 201, got)
				want = append(want, ref)
				if key != "" {
					model[key] = kept{ref, now.Add(24 * time.Hour)}
				}
			}
		}
		if diff := cmp.Diff(want, h.refs("default")); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestInstallRefusesHalfAnIdempotency(t *testing.T) {
	document, err := toyDocument()
	must(t, err)
	for _, half := range []*provider.Idempotency{{Life: time.Hour}, {Key: toyIdempotency.Key}} {
		p := toy()
		p.Idempotency = half
		if _, err := provider.Install(p, document, nil); err == nil || !strings.Contains(err.Error(), "lacks its Key or its Life") {
			t.Errorf("got %v", err)
		}
	}
}
