package onelinkfintech_test

import (
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/onelinkfintech"
	"github.com/mockbank/mockbank/internal/provider/providertest"
)

func TestSuite(t *testing.T) {
	var said []providertest.Refusal
	for _, r := range allRefusals() {
		said = append(said, providertest.Refusal{Name: r.name, Send: r.send, Status: r.status, Member: "error.type", Code: r.kind})
	}
	providertest.Suite{
		Make: onelinkfintech.New, Begin: begin, End: end, Play: play, Receive: receive, Counted: true,
		Refusals: said,
	}.Run(t)
}

// begin has a payment to an account of the own under way.
func begin(h *providertest.House) {
	setClient(h, "platform-1", object{"webhook_url": providertest.InboxURL(providertest.Inbox)})
	opened := post(h, "/accounts", account(object{"metadata": object{"internal_id": "12345"}})).Text("id")
	to := post(h, "/recipients", recipient()).Text("id")
	post(h, "/payments", payment(object{"recipient": to}), "Idempotency-Key", "one")
	post(h, "/payments", payment(object{"recipient": opened}))
	h.Advance(2 * time.Second)
}

func end(h *providertest.House) {
	h.Advance(time.Minute)
	post(h, "/payments", payment(object{"recipient": "rec_000000001"}), "Idempotency-Key", "one")
	for _, path := range []string{
		"/accounts", "/accounts/acc_123456789", "/recipients", "/recipients/rec_000000001", "/recipients/rec_test_stuck", "/payments",
		"/payments/pay_123456789",
	} {
		get(h, path)
		get(h, path+"?expand=metadata")
	}
	post(h, "/payments", payment(object{"recipient": "rec_test_rejected"}))
	h.Advance(time.Minute)
}

// play makes something of a kind that follows a scenario, and does what only the control API does.
func play(h *providertest.House, kind, scenario string) {
	story := []string{"Mockbank-Scenario", scenario}
	switch kind {
	case "account":
		made := post(h, "/accounts", account(), story...).Text("id")
		_ = fire(h, "account", made, "close", nil) // where it holds nothing
	case "recipient":
		_ = fire(h, "recipient", post(h, "/recipients", recipient(), story...).Text("id"), "block", nil)
	case "payment":
		if scenario != "payment_slow" {
			defer func() { _ = recover() }() // One story ends the connection.
			post(h, "/payments", payment(), story...)
		}
	case "key":
		_ = fire(h, "key", "platform-2", "roll", nil)
	}
}
