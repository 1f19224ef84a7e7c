package linkmoney_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

const day = 24 * time.Hour

// walk lists the states that a payment was in, with the hours after its creation.
func (h *house) walk(kind, id string) string {
	view := h.Show(kind, id)
	steps := []string{}
	for _, m := range view.History {
		if m.To != m.From {
			steps = append(steps, fmt.Sprintf("%s@%s", m.To, short(m.At.Sub(view.Entity.Created))))
		}
	}
	return strings.Join(steps, " ")
}

// short is a length of time without what is nought.
func short(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	text := d.String()
	for _, nought := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, nought) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// heard lists the types of the webhooks that came, and the return codes in them.
func (h *house) heard() string {
	var types []string
	for _, m := range h.Messages(providertest.Inbox) {
		kind, body, _ := read(m) // of our own making
		code, _ := body.(map[string]any)["achReturnCode"].(string)
		types = append(types, strings.TrimPrefix(kind+" "+code, "payment."))
	}
	return strings.Join(types, ",")
}

// Each row of the table: the amount that chooses the story, the reply, the way, and where it ends.
func TestPaymentsFollowTheirAmounts(t *testing.T) {
	const runs = "authorized@0 scheduled@1m initiated@24h1m"
	rows := []struct{ amount, reply, code, walk, status, reason string }{
		{"1.00", "AUTHORIZED", "", runs + " succeeded@48h1m", "SUCCEEDED", ""},
		{"9000", "AUTHORIZED", "", runs + " succeeded@48h1m", "SUCCEEDED", ""},
		{"9000.01", "TERMINAL_FAILED", "PAYMENT_DECLINED", "terminal_failed@0", "TERMINAL_FAILED", "PAYMENT_DECLINED"},
		{"7700.01", "PENDING", "", "pending@0 authorized@10m scheduled@11m initiated@24h11m succeeded@48h11m", "SUCCEEDED", ""},
		{"7700.02", "PENDING", "", "pending@0 terminal_failed@10m", "TERMINAL_FAILED", "RISK_DECLINED"},
		{"7700.03", "TERMINAL_FAILED", "PAYMENT_DECLINED", "terminal_failed@0", "TERMINAL_FAILED", "PAYMENT_DECLINED"},
		{"7700.04", "TERMINAL_FAILED", "INSUFFICIENT_FUNDS", "terminal_failed@0", "TERMINAL_FAILED", "INSUFFICIENT_FUNDS"},
		{"7700.05", "TERMINAL_FAILED", "ACCOUNT_INACTIVE", "terminal_failed@0", "TERMINAL_FAILED", "ACCOUNT_INACTIVE"},
		{"7700.06", "TERMINAL_FAILED", "BANK_UNAVAILABLE", "terminal_failed@0", "TERMINAL_FAILED", "BANK_UNAVAILABLE"},
		{"7700.07", "PENDING", "", "pending@0", "PENDING", ""},
		{"7700.10", "AUTHORIZED", "", "authorized@0 scheduled@1m canceled@1h1m", "CANCELED", ""},
		{"7700.20", "AUTHORIZED", "", runs + " retryable_failed@48h1m initiated@96h1m succeeded@120h1m", "SUCCEEDED", ""},
		{"7700.21", "AUTHORIZED", "", runs + " retryable_failed@48h1m initiated@96h1m retryable_failed@120h1m initiated@168h1m terminal_failed@192h1m", "TERMINAL_FAILED", "R01"},
		{"7700.22", "AUTHORIZED", "", runs + " succeeded@48h1m terminal_failed@768h1m", "TERMINAL_FAILED", "R10"},
		{"7700.50", "AUTHORIZED", "", runs + " succeeded@48h1m", "SUCCEEDED", ""},
	}
	for _, code := range strings.Fields("R01 R02 R03 R04 R07 R08 R10 R16 R20 R29") {
		rows = append(rows, struct{ amount, reply, code, walk, status, reason string }{
			"7701." + code[1:], "AUTHORIZED", "", runs + " terminal_failed@48h1m", "TERMINAL_FAILED", code,
		})
	}
	h := newHouse(t)
	payments := map[string]string{}
	for _, row := range rows {
		reply := h.pay(h.customer(row.amount+"@shop.test"), row.amount, "key "+row.amount)
		payments[row.amount] = reply.Text("paymentId")
		if reply.Text("paymentStatus") != row.reply || reply.Text("errorDetails.errorCode") != row.code {
			t.Errorf("%s: %s", row.amount, reply.Body)
		}
	}
	h.pass(40 * day)
	for _, row := range rows {
		payment := payments[row.amount]
		shown := h.get("/v1/transactions/" + payment)
		got := []string{h.walk("payment", payment), shown.Text("transactionStatus"), shown.Text("transactionFailureReason.code")}
		if diff := cmp.Diff([]string{row.walk, row.status, row.reason}, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", row.amount, diff)
		}
	}
}

func TestWebhooksOfAPayment(t *testing.T) {
	const first = "customer.created ,customer.activated ,customer.account.linked ,created ,authorized ,scheduled ,initiated "
	for amount, want := range map[string]string{
		"1.00":    first + ",succeeded ,disbursed ",
		"7700.20": first + ",failed R01,initiated ,succeeded ,disbursed ",
		"7700.22": first + ",succeeded ,disbursed ,failed R10",
		"7701.29": first + ",failed R29",
	} {
		h := newHouse(t)
		h.post("/v1/webhook/subscribe", object{"url": providertest.InboxURL(providertest.Inbox), "secretKey": hookKey})
		customer := h.customer("ada@shop.test")
		h.Settle()
		_ = h.pay(customer, amount, "key")
		h.Advance(40 * day)
		if got := h.heard(); got != want {
			t.Errorf("%s:\n got %s\nwant %s", amount, got, want)
		}
	}
}

func TestWebhooksAreSpoilt(t *testing.T) {
	for amount, want := range map[string]string{
		"7700.50": "created false,authorized true",
		"7700.51": "created true,authorized true,created true",
		"7700.52": "authorized true,created true",
		"7700.53": "authorized true",
	} {
		h := newHouse(t)
		h.post("/v1/webhook/subscribe", object{
			"url": providertest.InboxURL(providertest.Inbox), "secretKey": hookKey, "eventTypes": []any{"payment.created", "payment.authorized"},
		})
		_ = h.pay(h.customer("ada@shop.test"), amount, "key")
		h.Settle()
		var got []string
		for _, m := range h.Messages(providertest.Inbox) {
			kind, _, _ := read(m) // of our own making
			got = append(got, fmt.Sprintf("%s %v", strings.TrimPrefix(kind, "payment."), m.Verdict.Valid))
		}
		if got := strings.Join(got, ","); got != want {
			t.Errorf("%s: %s, want %s", amount, got, want)
		}
	}
}

func TestAHeldPaymentIsReleased(t *testing.T) {
	for amount, want := range map[string]string{"7700.07": "AUTHORIZED", "7700.08": "TERMINAL_FAILED"} {
		h := newHouse(t)
		payment := h.pay(h.customer("ada@shop.test"), amount, "key").Text("paymentId")
		h.pass(3 * day)
		if held := h.get("/v1/transactions/" + payment).JSON()["hold"]; held != true {
			t.Errorf("%s: hold is %v", amount, held)
		}
		released := h.call("PUT", "/v1/payments/"+payment+"/release", nil)
		after := h.get("/v1/transactions/" + payment).JSON()["hold"]
		if released.Text("paymentStatus") != want || after != nil {
			t.Errorf("%s: %s, and hold is %v", amount, released.Body, after)
		}
	}
	h := newHouse(t)
	payment := h.pay(h.customer("ada@shop.test"), "7700.09", "key").Text("paymentId")
	for range 2 {
		if got := h.call("POST", "/v1/payments/"+payment+"/release", nil); got.Status != 500 || h.status(payment) != "PENDING" {
			t.Errorf("%d, and it is %s", got.Status, h.status(payment))
		}
	}
}

// What the call answers 500 leaves nothing behind, so that the same key is good for another call.
func TestAServerErrorLeavesTheKeyFree(t *testing.T) {
	h := newHouse(t)
	customer := h.customer("ada@shop.test")
	if got := h.pay(customer, "7700.12", "key"); got.Status != 500 || got.Text("errorMessage") != "Please reach out to Support" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if got := h.pay(customer, "1", "key"); got.Text("paymentStatus") != "AUTHORIZED" {
		t.Errorf("%s", got.Body)
	}
}

func TestASlowBank(t *testing.T) {
	h := newHouse(t)
	customer := h.customer("ada@shop.test")
	answer := make(chan providertest.Answer)
	go func() { answer <- h.pay(customer, "7700.11", "key") }()
	for {
		select {
		case got := <-answer:
			if passed := h.Now().Sub(providertest.Start); got.Text("paymentStatus") != "AUTHORIZED" || passed < 20*time.Second {
				t.Errorf("%s after %s", got.Body, passed)
			}
			return
		default:
			h.Advance(time.Second)
		}
	}
}

// A payment whose answer is lost is stored, so that the repeat meets its key.
func TestALostReply(t *testing.T) {
	h := newHouse(t)
	customer := h.customer("ada@shop.test")
	func() {
		defer func() { _ = recover() }() // how a handler ends a connection
		h.pay(customer, "7700.13", "key")
		t.Error("the call was answered")
	}()
	if got := h.pay(customer, "7700.13", "key"); got.Text("errorCode") != "DUPLICATE_REQUEST_KEY" {
		t.Errorf("%s", got.Body)
	}
}

// Business days: Thursday 15 January 2026, a weekend, Martin Luther King's day on the 19th.
func TestBusinessDays(t *testing.T) {
	h := newHouse(t)
	h.Set("business_calendar", "us")
	payment := h.pay(h.customer("ada@shop.test"), "1", "key").Text("paymentId")
	h.Advance(10 * day)
	want := "authorized@0 scheduled@1m initiated@24h1m succeeded@120h1m"
	if got := h.walk("payment", payment); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The story of the session stays with the customer, and so with all payments; a refund follows the debit's customer.
func TestThePaymentsInheritTheCustomersStory(t *testing.T) {
	h := newHouse(t)
	customer := h.customer("ada@shop.test", "Mockbank-Scenario", "declined_limit")
	if got := h.pay(customer, "1", "one"); got.Text("errorDetails.errorCode") != "PAYMENT_DECLINED" {
		t.Errorf("%s", got.Body)
	}
	if got := h.pay(customer, "7700.06", "two"); got.Text("errorDetails.errorCode") != "BANK_UNAVAILABLE" {
		t.Errorf("an amount wins over the customer's story: %s", got.Body)
	}
	if again := h.customer("ada@shop.test"); again != customer {
		t.Errorf("%s became %s", customer, again)
	}
	if got := h.pay(customer, "1", "three"); got.Text("paymentStatus") != "AUTHORIZED" {
		t.Errorf("the last session's story counts: %s", got.Body)
	}
}

func TestEveryRowOfTheTableHasAStory(t *testing.T) {
	h := newHouse(t)
	told := h.Library.Scenarios("linkmoney")
	for _, name := range strings.Fields(`link_success success pending_authorized pending_declined declined_limit declined_insufficient_funds
		declined_account_inactive bank_unavailable held held_release_fails held_forever canceled_by_ops slow_bank server_error lost_reply
		retry_then_success retry_exhausted late_return_r10 ach_r01 ach_r02 ach_r03 ach_r04 ach_r07 ach_r08 ach_r10 ach_r16 ach_r20 ach_r29
		webhook_bad_signature webhook_duplicate webhook_out_of_order webhook_dropped link_cancelled link_abandoned link_bank_error
		link_locked link_slow session_expired customer_deactivated manual unattended`) {
		if !slices.Contains(told, name) {
			t.Errorf("there is no story %s", name)
		}
	}
}
