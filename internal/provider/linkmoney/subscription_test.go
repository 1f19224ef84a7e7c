package linkmoney_test

import (
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// subscribe has the suite's inbox notified of what is listed; of all where nothing is.
func (h *house) subscribe(key string, types ...any) providertest.Answer {
	body := object{"url": providertest.InboxURL(providertest.Inbox), "secretKey": key}
	if len(types) > 0 {
		body["eventTypes"] = types
	}
	return h.post("/v1/webhook/subscribe", body)
}

func TestTheSameAddressReplacesASubscription(t *testing.T) {
	h := newHouse(t)
	first := h.subscribe(hookKey)
	second := h.subscribe("another-key", "customer.created")
	if first.Text("subscriptionId") != second.Text("subscriptionId") || second.Text("status") != "SUBSCRIBED" {
		t.Errorf("%s, and then %s", first.Body, second.Body)
	}
	h.customer("ada@shop.test")
	h.Settle()
	if got := h.heard(); got != "customer.created " {
		t.Errorf("heard %s", got)
	}
}

func TestAnEndedSubscriptionHearsNothing(t *testing.T) {
	h := newHouse(t)
	h.subscribe(hookKey)
	target := object{"url": providertest.InboxURL(providertest.Inbox)}
	if got := h.call("PUT", "/v1/webhook/unsubscribe", target); got.Text("status") != "UNSUBSCRIBED" {
		t.Errorf("%s", got.Body)
	}
	if got := h.call("PUT", "/v1/webhook/unsubscribe", target); got.Status != 404 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	h.customer("ada@shop.test")
	h.Settle()
	if got := h.heard(); got != "" {
		t.Errorf("heard %s", got)
	}
	if got := h.subscribe(hookKey); got.Text("status") != "SUBSCRIBED" {
		t.Errorf("%s", got.Body)
	}
}

// A secret is shown to nobody who looks at the subscription, and signs all the same.
func TestTheSecretKeyIsShownToNobody(t *testing.T) {
	h := newHouse(t)
	id := h.subscribe(hookKey, "customer.created").Text("subscriptionId")
	shown, _ := h.Show("subscription", id).Data.(map[string]any)
	if shown["secretKey"] != "********" || shown["url"] == nil {
		t.Errorf("%v", shown)
	}
	h.session("ada@shop.test", nil)
	h.Settle()
	if got := h.Messages(providertest.Inbox); len(got) != 1 || !got[0].Verdict.Valid {
		t.Errorf("%v", got)
	}
}

// With metadata as its shape, an event is as integrators meet it.
func TestNestedEvents(t *testing.T) {
	h := newHouse(t)
	h.Set("webhook_shape", "metadata")
	h.subscribe(hookKey, "payment.failed")
	h.pay(h.customer("ada@shop.test"), "7701.02", "key")
	h.Advance(10 * day)
	got := h.Messages(providertest.Inbox)
	if len(got) != 1 || !strings.HasSuffix(string(got[0].Body), `"resourceType":"payment","metadata":{"clientReferenceId":"TXN-key","transactionType":"debit","achReturnCode":"R02"}}`) {
		t.Errorf("%v", got)
	}
}

func TestSignatureModes(t *testing.T) {
	for mode, want := range map[string]string{"verbatim": hookKey, "none": ""} {
		h := newHouse(t)
		h.Set("signature_mode", mode)
		h.Set("signature_header", "X-Shop-Signature")
		h.subscribe(hookKey, "customer.created")
		h.session("ada@shop.test", nil)
		h.Settle()
		got := h.Messages(providertest.Inbox)
		if len(got) != 1 || got[0].Header.Get("X-Shop-Signature") != want || got[0].Header.Get("X-Link-Money-Signature") != "" {
			t.Errorf("%s: %v", mode, got)
		}
	}
}

// The last account takes the customer along; what happens to accounts is told as events of the customer, in order.
func TestACustomerIsLostWithTheLastAccount(t *testing.T) {
	h := newHouse(t)
	h.subscribe(hookKey)
	customer := h.customer("ada@shop.test", "Mockbank-Scenario", "customer_deactivated")
	h.Settle()
	h.pass(61e9)
	shown := h.get("/v1/customers/" + customer)
	if shown.Text("customerStatus") != "INACTIVE" {
		t.Errorf("%s", shown.Body)
	}
	want := "customer.created ,customer.activated ,customer.account.linked ,customer.account.deactivated ,customer.deactivated "
	if got := h.heard(); got != want {
		t.Errorf("heard %s", got)
	}
	h.customer("ada@shop.test", "Mockbank-Scenario", "link_success")
	if shown := h.get("/v1/customers/" + customer); shown.Text("customerStatus") != "ACTIVE" || shown.Text("accountDetails.accountStatus") != "ACTIVE" {
		t.Errorf("who links again is a customer again: %s", shown.Body)
	}
}
