package gateway_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// TestAKeyIsInUse while its first request waits for a delay that a story ordered.
func TestAKeyIsInUse(t *testing.T) {
	bubble(t, standing, func(t *testing.T, h *house) {
		h.make("before")
		reply := h.begin(request("POST", "/toy/orders", `{"ref":"slow"}`, keyName, "k"))
		wantRefused(t, "idempotency_key_in_use", h.order("k", `{"ref":"slow"}`))
		wantRefused(t, "idempotency_key_in_use", h.order("k", `{"ref":"other"}`))
		wantNew(t, 201, h.order("other", `{"ref":"x"}`))
		h.advance(5 * time.Second)
		first := <-reply
		wantReply(t, first, 201, "created", 0)
		wantRepeat(t, first.answer, h.order("k", `{"ref":"slow"}`))
		wantRefused(t, "idempotency_key_reused", h.order("k", `{"ref":"other"}`))
		h.wantRefs("default", "before", "x", "slow")
	})
}

// TestAKeyIsFreeAgain when its first request ended without an answer to keep.
func TestAKeyIsFreeAgain(t *testing.T) {
	bubble(t, standing, func(t *testing.T, h *house) {
		ctx, leave := context.WithCancel(t.Context())
		reply := h.begin(request("POST", "/toy/orders", `{"ref":"slow"}`, keyName, "k").WithContext(ctx))
		leave()
		<-reply
		wantNew(t, 500, h.do("POST", "/toy/panic", "", keyName, "k"))
		wantNew(t, 201, h.order("k", `{"ref":"x"}`))
	})
}

// TestAReplyThatWaitsIsKept when it is complete, also where nobody waits for it any more.
func TestAReplyThatWaitsIsKept(t *testing.T) {
	repeat := func(h *house) answer { return h.do("POST", "/toy/slow", `{"ref":"x"}`, keyName, "k") }
	t.Run("to its end", func(t *testing.T) {
		bubble(t, standing, func(t *testing.T, h *house) {
			reply := h.begin(request("POST", "/toy/slow", `{"ref":"x"}`, keyName, "k"))
			wantRefused(t, "idempotency_key_in_use", repeat(h))
			h.advance(30 * time.Second)
			first := <-reply
			wantReply(t, first, 201, "paid", 0)
			wantRepeat(t, first.answer, repeat(h))
			h.wantRefs("default", "x")
		})
	})
	t.Run("for nobody", func(t *testing.T) {
		bubble(t, standing, func(t *testing.T, h *house) {
			ctx, leave := context.WithCancel(t.Context())
			reply := h.begin(request("POST", "/toy/slow", `{"ref":"x"}`, keyName, "k").WithContext(ctx))
			leave()
			<-reply
			if got := repeat(h); got.text("state") != "created" || got.header.Get("X-Replayed") == "" {
				t.Errorf("got %v %s", got.header, got.raw)
			}
			h.wantRefs("default", "x")
		})
	})
}

// TestNothingIsKeptOfAWorldThatIsGone, where it went before the reply was complete.
func TestNothingIsKeptOfAWorldThatIsGone(t *testing.T) {
	for name, end := range map[string]func(h *house){
		"reset":   func(h *house) { h.change(func(tx *store.Tx) { tx.Reset() }) },
		"deleted": func(h *house) { must(h.t, h.store.Delete(h.t.Context(), store.Default)) },
	} {
		t.Run(name, func(t *testing.T) {
			var h *house
			h = build(t, func(p *plan) {
				p.provider.Handlers["laterOrder"] = provider.Write(func(c *provider.Call) (provider.Reply, error) {
					reply, err := laterOrder(c)
					made := reply.Later
					reply.Later = func() (any, error) { end(h); return made() }
					return reply, err
				})
			})
			wantNew(t, 201, h.do("POST", "/toy/later", "", keyName, "k"))
			if got := h.keptRows(); got != 0 {
				t.Errorf("%d rows tell of what is gone", got)
			}
			if name == "deleted" && h.store.Stored(store.Default) {
				t.Error("the workspace is there again")
			}
		})
	}
}

func TestAReplyThatSignsIsKept(t *testing.T) {
	h := build(t, nil)
	first := h.want(201, "POST", "/toy/later", "", keyName, "k")
	wantRepeat(t, first, h.do("POST", "/toy/later", "", keyName, "k"))
	wantRefused(t, "idempotency_key_reused", h.do("PUT", "/toy/later", "", keyName, "k"))
	h.wantRefs("default", "by the house")
	for _, how := range []string{"error", "untrue"} { // Neither is an answer that the toy keeps.
		for range 2 {
			got := h.do("POST", "/toy/later?how="+how, "", keyName, how)
			wantNew(t, got.status, got)
		}
	}
	h.wantRefs("default", "by the house", "by the house", "by the house", "by the house", "by the house")
}

// TestOneOfManyIsTheFirst: the others are told to wait, or get its answer.
func TestOneOfManyIsTheFirst(t *testing.T) {
	h := build(t, nil)
	const many = 32
	answers := make([]answer, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() { answers[i] = h.order("k", `{"ref":"x"}`) })
	}
	all.Wait()
	made := 0
	for _, got := range answers {
		if got.status == 201 && got.header.Get("X-Replayed") == "" {
			made++
		}
		if got.status != 201 {
			wantRefused(t, "idempotency_key_in_use", got)
		}
	}
	if made != 1 {
		t.Errorf("%d were the first", made)
	}
	h.wantRefs("default", "x")
}

// TestAnAnswerThatCameMeanwhile: the first was answered between the two looks of a repeat.
func TestAnAnswerThatCameMeanwhile(t *testing.T) {
	var meanwhile func()
	h := build(t, func(p *plan) {
		rules := *toyIdempotency
		rules.Key = func(c *provider.Call) (provider.Key, error) {
			if do := meanwhile; do != nil {
				meanwhile = nil
				do()
			}
			return toyIdempotency.Key(c)
		}
		p.provider.Idempotency = &rules
	})
	for _, other := range []string{"x", "y"} {
		var first answer
		meanwhile = func() { first = h.order(other, `{"ref":"x"}`) }
		got := h.order(other, `{"ref":"`+other+`"}`)
		wantNew(t, 201, first)
		if other == "x" {
			wantRepeat(t, first, got)
		} else {
			wantRefused(t, "idempotency_key_reused", got)
		}
	}
	h.wantRefs("default", "x", "x")
}
