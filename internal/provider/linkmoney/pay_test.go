package linkmoney_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/provider/linkmoney"
	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// Of twenty calls with one key at once, one makes a payment.
func TestARequestKeyIsUsedOnce(t *testing.T) {
	h := newHouse(t)
	customer := h.customer("ada@shop.test")
	var all sync.WaitGroup
	answers := make([]providertest.Answer, 20)
	for i := range answers {
		all.Go(func() { answers[i] = h.pay(customer, "1", "one") })
	}
	all.Wait()
	made := 0
	for _, answer := range answers {
		if answer.Text("paymentId") != "" {
			made++
		} else if answer.Text("errorCode") != "DUPLICATE_REQUEST_KEY" {
			t.Errorf("%s", answer.Body)
		}
	}
	if made != 1 {
		t.Errorf("%d payments were made", made)
	}
}

// A number keeps its text, with both decimals.
func TestAmountsAreShownWithTwoDecimals(t *testing.T) {
	h := newHouse(t)
	customer := h.customer("ada@shop.test")
	for sent, shown := range map[string]string{"1": "1.00", "1.00": "1.00", "25.5": "25.50", "0.07": "0.07", "8999.99": "8999.99"} {
		got := h.get("/v1/transactions/" + h.pay(customer, sent, "key "+sent).Text("paymentId"))
		if !strings.Contains(string(got.Body), `"amount":{"value":`+shown+`,"currency":"USD"}`) {
			t.Errorf("%s: %s", sent, got.Body)
		}
	}
}

// A payout is a payment the other way round, and its notifications say so.
func TestPayouts(t *testing.T) {
	h := newHouse(t)
	h.post("/v1/webhook/subscribe", object{"url": providertest.InboxURL(providertest.Inbox), "secretKey": hookKey, "eventTypes": []any{"payment.created"}})
	customer := h.customer("ada@shop.test")
	body := debit(customer, "1", "out")
	body["source"], body["destination"] = body["destination"], body["source"]
	if got := h.post("/v1/payments", body); got.Text("paymentStatus") != "AUTHORIZED" {
		t.Errorf("%s", got.Body)
	}
	h.Settle()
	if got := h.Messages(providertest.Inbox); len(got) != 1 || !strings.Contains(string(got[0].Body), `"paymentType":"Credit"`) {
		t.Errorf("%v", got)
	}
}

func TestRefundsAreAtMostTheDebit(t *testing.T) {
	h := newHouse(t)
	paid := h.pay(h.customer("ada@shop.test"), "100", "paid").Text("paymentId")
	h.pass(3 * day)
	for i, tt := range []struct{ amount, want string }{
		{"100.01", "INVALID_REQUEST"}, {"60", "AUTHORIZED"}, {"40.01", "INVALID_REQUEST"}, {"40", "AUTHORIZED"}, {"0.01", "INVALID_REQUEST"},
	} {
		got := h.post("/v1/refunds", object{"paymentId": paid, "amount": money(tt.amount), "requestKey": keyed("refund", i)})
		if got.Text("refundStatus")+got.Text("errorCode") != tt.want {
			t.Errorf("%s: %s", tt.amount, got.Body)
		}
		if refund := got.Text("refundId"); refund != "" && (got.Status != http.StatusCreated || h.status(refund) != "AUTHORIZED") {
			t.Errorf("%d, and %s is %s", got.Status, refund, h.status(refund))
		}
	}
	again := h.post("/v1/refunds", object{"paymentId": paid, "amount": money("1"), "requestKey": "paid"})
	if again.Text("errorCode") == "" {
		t.Errorf("the key of the debit was taken for a refund: %s", again.Body)
	}
}

// What failed was not paid back, and may be paid back again.
func TestAFailedRefundCountsForNothing(t *testing.T) {
	h := newHouse(t)
	paid := h.pay(h.customer("ada@shop.test"), "8000", "paid").Text("paymentId")
	h.pass(3 * day)
	for i, want := range []string{"TERMINAL_FAILED", "AUTHORIZED"} {
		got := h.post("/v1/refunds", object{"paymentId": paid, "amount": money([]string{"7700.03", "8000"}[i]), "requestKey": keyed("refund", i)})
		if got.Text("refundStatus") != want {
			t.Errorf("%s", got.Body)
		}
	}
}

func TestCancelation(t *testing.T) {
	for wait, want := range map[time.Duration]string{time.Second: "CANCELED", 2 * time.Minute: "CANCELED", 25 * time.Hour: "INVALID_STATE"} {
		h := newHouse(t)
		payment := h.pay(h.customer("ada@shop.test"), "1", "key").Text("paymentId")
		h.pass(wait)
		got := h.call("PUT", "/v1/payments/"+payment+"/cancel", nil)
		if got.Text("paymentStatus")+got.Text("errorCode") != want {
			t.Errorf("after %s: %s", wait, got.Body)
		}
	}
}

// other is a provider with a client of another merchant, and a second one of the demo merchant.
func other() (*provider.Provider, error) {
	p, err := linkmoney.New()
	if err != nil {
		return nil, err
	}
	p.Clients = append(p.Clients,
		oauth.Client{ID: "other", Secret: secret, Settings: map[string]any{"merchant_id": "M-OTHER"}},
		oauth.Client{ID: "branch", Secret: secret})
	return p, nil
}

// Clients of one merchant share its objects; another merchant's are unknown.
func TestMerchantsAreApart(t *testing.T) {
	h := enter(providertest.New(t, other))
	as := func(client string) *house {
		guest := &house{House: h.House}
		for scope, into := range map[string]*string{"Link-Core": &guest.core, "Link-Payment": &guest.payment} {
			*into = h.Form(api+"/v1/tokens", map[string][]string{
				"client_id": {client}, "client_secret": {secret}, "grant_type": {"client_credentials"}, "scope": {scope},
			}).Text("access_token")
		}
		return guest
	}
	customer := h.customer("ada@shop.test")
	payment := h.pay(customer, "1", "key").Text("paymentId")
	for client, want := range map[string]int{"other": 404, "branch": 200} {
		guest := as(client)
		for _, path := range []string{"/v1/customers/" + customer, "/public/v1/customers/" + customer + "/accounts", "/v1/transactions/" + payment} {
			if got := guest.get(path); got.Status != want {
				t.Errorf("%s: %s: %d %s", client, path, got.Status, got.Body)
			}
		}
	}
	if got := as("other").call("PUT", "/v1/payments/"+payment+"/cancel", nil); got.Status != 404 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

// The setting tolerates tokens at /v2/sessions, and both hosts take tokens of either.
func TestCredentialsOfEitherKind(t *testing.T) {
	h := newHouse(t)
	h.Set("v2_sessions_accept_bearer", true)
	if got := h.call("POST", "/v2/sessions", visit("ada@shop.test", nil), "Authorization", "Bearer "+h.core); got.Status != 200 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	customer := h.customer("ada@shop.test")
	for _, host := range []string{"api.link-sandbox.money", "api.link.money"} {
		got := h.Do("GET", "https://"+host+"/public/v1/customers/"+customer, http.Header{"Authorization": {"Bearer " + h.core}, "Origin": {"https://shop.test"}}, nil)
		if got.Text("id") != customer || got.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %s", host, got.Status, got.Body)
		}
	}
}

// What an account is verified by is for the merchant's own list, and for accounts that were linked for that.
func TestVerifiedAccounts(t *testing.T) {
	h := newHouse(t)
	for product, want := range map[string]bool{"PAY": false, "VERIFY": true} {
		key := h.session(product+"@shop.test", object{"product": product})
		_ = h.Act("session", key, "approve") // nothing stands against it
		path := "customers/" + h.customerOf(key) + "/accounts"
		own, public := string(h.get("/v1/"+path).Body), string(h.get("/public/v1/"+path).Body)
		if strings.Contains(own, `"routingNumber":"021000021"`) != want || strings.Contains(public, "routingNumber") {
			t.Errorf("%s:\n%s\n%s", product, own, public)
		}
	}
}

func TestASessionKeyHasTheLookOfTheExample(t *testing.T) {
	h := newHouse(t)
	key := h.post("/v1/sessions", person("ada@shop.test")).Text("sessionKey")
	lengths := []int{}
	for part := range strings.SplitSeq(key, "-") {
		lengths = append(lengths, len(part))
	}
	if len(key) != 38 || len(lengths) != 4 || lengths[0] != 11 || lengths[1] != 12 || lengths[2] != 5 || lengths[3] != 7 {
		t.Errorf("%s", key)
	}
}

// Only what the first generation knows is taken from its call, and nothing of what is ours.
func TestACallerCanNotWriteWhatIsOurs(t *testing.T) {
	h := newHouse(t)
	body := visit("ada@shop.test", object{"paymentDetails": object{"amount": money("1"), "requestKey": "x"}, "merchant": "M-OTHER", "customerId": "x", "version": 7})
	v1, v2 := h.post("/v1/sessions", body).Text("sessionKey"), h.post("/v2/sessions", body).Text("sessionKey")
	for _, key := range []string{v1, v2} {
		var merchantOf string
		if h.Data("session", key, "merchant", &merchantOf); merchantOf != merchant || h.customerOf(key) == "x" {
			t.Errorf("the session belongs to %s", merchantOf)
		}
	}
	if _, held := h.Show("session", v1).Data.(map[string]any)["paymentDetails"]; held {
		t.Error("a session of the first generation carries a payment")
	}
}
