package onelinkfintech_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
)

// ledger counts the money of one platform as its API shows it, and holds it against what came in.
type ledger struct {
	house    *providertest.House
	accounts []string
	payments []string
	brought  int64 // by deposits and by stories that fund an account
}

// newLedger begins anew, with what every workspace is born with.
func newLedger(h *providertest.House) *ledger {
	h.Update(func(tx *store.Tx) error { tx.Reset(); return nil })
	return &ledger{house: h, brought: 3 * 100000000}
}

func whole(of object, member string) int64 {
	n, _ := strconv.ParseInt(fmt.Sprint(of[member]), 10, 64)
	return n
}

// all reads a list to its end.
func (l *ledger) all(path string) (found []object, ids []string) {
	for cursor := ""; ; cursor = "&starting_after=" + ids[len(ids)-1] {
		list := get(l.house, path+"?limit=100"+cursor).JSON()
		data, _ := list["data"].([]any)
		for _, item := range data {
			found = append(found, item.(object))
			ids = append(ids, item.(object)["id"].(string))
		}
		if list["has_more"] != true {
			return found, ids
		}
	}
}

func (l *ledger) check(t *rapid.T) {
	t.Helper()
	var accounts, payments []object
	accounts, l.accounts = l.all("/accounts")
	payments, l.payments = l.all("/payments")
	total := int64(0)
	for _, a := range accounts {
		if total += whole(a, "balance"); whole(a, "balance") < 0 {
			t.Fatalf("%v is below nothing", a)
		}
	}
	for _, p := range payments {
		out := strings.HasPrefix(p["recipient"].(string), "rec_")
		switch status := p["status"]; {
		case status == "pending", status == "processing", status == "succeeded" && out:
			total += whole(p, "amount") // on its way, or gone out
		}
	}
	if total != l.brought {
		t.Fatalf("%d in all, and %d came in", total, l.brought)
	}
}

func (l *ledger) open(t *rapid.T) {
	email := rapid.SampledFrom([]string{"john@example.com", "frozen@example.com", "funded@example.com", "fail@example.com"}).Draw(t, "email")
	currency := rapid.SampledFrom([]string{"EUR", "USD"}).Draw(t, "currency")
	made := post(l.house, "/accounts", account(object{"currency": currency, "owner": object{"name": "X", "email": email}}))
	l.brought += whole(made.JSON(), "balance") // A refusal has none.
}

var stories = []string{
	"", "", "", "manual", "payment_processing_at_once", "payment_bank_rejected", "payment_account_closed", "payment_compliance_hold",
	"payment_stuck", "payment_insufficient_funds", "payment_server_error", "payment_lost_reply", "payment_rate_limited", "payment_forbidden",
}

// pay sends a payment, once or twice.
func (l *ledger) pay(t *rapid.T) {
	to := rapid.SampledFrom(append([]string{"rec_test_123", "rec_test_rejected", "rec_test_nofunds"}, l.accounts...)).Draw(t, "to")
	amount := rapid.SampledFrom([]int64{1, 1000, 10004, 10007, 40000000, 100000001}).Draw(t, "amount")
	currency := rapid.SampledFrom([]string{"EUR", "EUR", "USD", "JPY"}).Draw(t, "currency")
	header := []string{}
	if key := rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "key"); key != "" {
		header = append(header, "Idempotency-Key", key)
	}
	if story := rapid.SampledFrom(stories).Draw(t, "story"); story != "" {
		header = append(header, "Mockbank-Scenario", story)
	}
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		func() {
			defer func() { _ = recover() }() // One story ends the connection.
			post(l.house, "/payments", payment(object{"amount": amount, "currency": currency, "recipient": to}), header...)
		}()
	}
}

// control fires any event at anything; what the rules forbid is refused and changes nothing.
func (l *ledger) control(t *rapid.T) {
	if len(l.payments) > 0 && rapid.Bool().Draw(t, "at a payment") {
		id := rapid.SampledFrom(l.payments).Draw(t, "payment")
		_ = fire(l.house, "payment", id, rapid.SampledFrom([]string{"process", "succeed", "fail"}).Draw(t, "event"), nil)
		return
	}
	id := rapid.SampledFrom(l.accounts).Draw(t, "account")
	event := rapid.SampledFrom([]string{"freeze", "unfreeze", "close", "deposit", "deposit"}).Draw(t, "event")
	var set object
	amount := rapid.SampledFrom([]int64{-1, 0, 1, 5000, 1<<53 - 1, 1<<63 - 1}).Draw(t, "deposit")
	if event == "deposit" {
		set = object{"deposit": amount}
	}
	if err := fire(l.house, "account", id, event, set); err == nil && event == "deposit" {
		l.brought += amount
	}
}

func (l *ledger) wait(t *rapid.T) {
	l.house.Advance(rapid.SampledFrom([]time.Duration{time.Second, 3 * time.Second, 25 * time.Hour}).Draw(t, "wait"))
}

// Money is never made nor lost, whatever is sent, controlled, repeated and waited for.
func TestMoneyIsConserved(t *testing.T) {
	h := house(t)
	h.Set("rate_limit", 0)
	rapid.Check(t, func(rt *rapid.T) {
		l := newLedger(h)
		l.check(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"count": l.check, "open": l.open, "pay": l.pay, "pay again": l.pay, "control": l.control, "wait": l.wait,
		})
		l.check(rt)
	})
}

// Payments that come at once can not spend the same money: of ten for the whole balance one is made.
func TestNoMoneyIsSpentTwice(t *testing.T) {
	h := house(t)
	answers := make(chan int)
	for range 10 {
		go func() {
			answers <- post(h, "/payments", payment(object{"amount": 100000000})).Status
		}()
	}
	made := 0
	for range 10 {
		if <-answers == 201 {
			made++
		}
	}
	if made != 1 || balance(h, settlement) != 0 {
		t.Errorf("%d payments were made, and %d is left", made, balance(h, settlement))
	}
}
