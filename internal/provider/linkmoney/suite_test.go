package linkmoney_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/linkmoney"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/strictjson"
	"github.com/mockbank/mockbank/internal/webhook"
)

func TestSuite(t *testing.T) {
	providertest.Suite{
		Make: linkmoney.New, Begin: begin, End: end, Refusals: refusals(), Play: play, Read: read, Receive: receive,
	}.Run(t)
}

// begin subscribes, and has a customer link an account and pay with it.
func begin(quiet *providertest.House) {
	h := enter(quiet)
	h.post("/v1/webhook/subscribe", object{"url": providertest.InboxURL(providertest.Inbox), "secretKey": hookKey})
	h.post("/v1/sessions", person("grace@shop.test"))
	key := h.session("ada@shop.test", object{"paymentDetails": object{"amount": money("25.00"), "requestKey": "auto"}})
	_ = h.Act("session", key, "approve") // nothing stands against it
	h.Settle()
}

func end(quiet *providertest.House) {
	key := ""
	for _, x := range quiet.Said() {
		if strings.HasSuffix(x.Target, "/v2/sessions") {
			key = x.Answer.Text("sessionKey")
		}
	}
	h := enter(quiet)
	ada := h.customerOf(key)
	for _, path := range []string{"/v1/customers/", "/public/v1/customers/"} {
		h.get(path + ada)
		h.get(path + ada + "/accounts")
	}
	paid := h.pay(ada, "100", "paid").Text("paymentId")
	for _, verb := range []string{"PUT", "POST"} {
		h.call(verb, "/v1/payments/"+h.pay(ada, "7700.07", "held "+verb).Text("paymentId")+"/release", nil)
		h.call(verb, "/v1/payments/"+h.pay(ada, "1", "canceled "+verb).Text("paymentId")+"/cancel", nil)
	}
	h.pass(73 * time.Hour)
	h.post("/v1/refunds", object{"paymentId": paid, "amount": money("99.99"), "requestKey": "refund"})
	h.get("/v1/transactions/" + paid)
	h.call("PUT", "/v1/webhook/unsubscribe", object{"url": providertest.InboxURL(providertest.Inbox)})
	h.pass(time.Hour)
}

// play makes a session and a payment that follow a scenario. The customer acts where the story leaves that to one; what
// only the control API brings about is asked of it.
func play(quiet *providertest.House, kind, scenario string) {
	h := enter(quiet)
	email := kind + "." + strings.ReplaceAll(scenario, "_", ".") + "@shop.test"
	_ = h.customer(email, "Mockbank-Scenario", scenario)
	if kind == "session" && scenario == "manual" {
		_ = h.Act("session", h.session(email, nil), "cancel")
		_ = h.Act("session", h.session(email, nil), "decline")
	}
	if kind != "payment" {
		h.Advance(2 * time.Minute)
		return
	}
	if scenario == "slow_bank" || scenario == "lost_reply" { // their calls are no plain exchanges
		return
	}
	_ = h.pay(h.customer("plain."+email), "10", "play "+scenario, "Mockbank-Scenario", scenario)
	h.Advance(8 * 24 * time.Hour)
}

// read tells the type of an event.
func read(m webhook.Message) (string, any, error) {
	body, err := strictjson.Decode(m.Body)
	members, _ := body.(map[string]any)
	kind, _ := members["eventType"].(string)
	return kind, body, err
}

// receive verifies as the document says.
func receive(t *testing.T, _ *providertest.House, m webhook.Message) {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(hookKey))
	mac.Write(m.Body)
	if got := m.Header.Get("X-Link-Money-Signature"); got != hex.EncodeToString(mac.Sum(nil)) {
		t.Errorf("%s is signed %s", m.Body, got)
	}
}
