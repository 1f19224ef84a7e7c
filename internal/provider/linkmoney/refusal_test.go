package linkmoney_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// refusals provoke each error of the dialect, and the ways that lead to it.
func refusals() []providertest.Refusal {
	var all []providertest.Refusal
	refuse := func(name string, status int, code string, send func(h *house) providertest.Answer) {
		all = append(all, providertest.Refusal{
			Name: name, Status: status, Member: "errorCode", Code: code,
			Send: func(h *providertest.House) providertest.Answer { return send(enter(h)) },
		})
	}
	for name, form := range map[string]url.Values{
		"unsupported_grant_type": {"grant_type": {"password"}, "client_id": {id}, "client_secret": {secret}},
		"invalid_scope":          {"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}, "scope": {"Link-All"}},
		"invalid_request":        {"grant_type": {"client_credentials"}, "client_secret": {secret}},
	} {
		refuse("token "+name, 400, name, func(h *house) providertest.Answer { return h.Form(api+"/v1/tokens", form) })
	}
	refuse("token with two scopes", 400, "invalid_scope", func(h *house) providertest.Answer {
		return h.Form(api+"/v1/tokens", url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}, "scope": {"Link-Core Link-Payment"}})
	})
	refuse("token with a wrong secret", 401, "invalid_client", func(h *house) providertest.Answer {
		return h.Form(api+"/v1/tokens", url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {"wrong"}})
	})
	refuse("token by JSON", 400, "invalid_request", func(h *house) providertest.Answer { return h.Post(api+"/v1/tokens", object{}) })
	refuse("token by GET", 404, "not_found", func(h *house) providertest.Answer { return h.Get(api + "/v1/tokens") })

	refuse("no token", 401, "UNAUTHORIZED", func(h *house) providertest.Answer { return h.Get(api + "/v1/customers/x") })
	refuse("a strange token", 401, "UNAUTHORIZED", func(h *house) providertest.Answer {
		return h.call("GET", "/v1/customers/x", nil, "Authorization", "Bearer nonsense")
	})
	refuse("an expired token", 401, "UNAUTHORIZED", func(h *house) providertest.Answer {
		h.Advance(3601e9)
		return h.get("/v1/customers/x")
	})
	refuse("scope too low", 401, "INSUFFICIENT_SCOPE", func(h *house) providertest.Answer {
		return h.call("POST", "/v1/payments", object{}, "Authorization", "Bearer "+h.core)
	})
	refuse("core wanted", 401, "INSUFFICIENT_SCOPE", func(h *house) providertest.Answer {
		return h.call("GET", "/v1/customers/x", nil, "Authorization", "Bearer "+h.payment)
	})
	refuse("v1 session with Basic", 401, "UNAUTHORIZED", func(h *house) providertest.Answer {
		return h.call("POST", "/v1/sessions", person("a@shop.test"), "Authorization", basic)
	})
	refuse("v2 session with a token", 401, "UNAUTHORIZED", func(h *house) providertest.Answer {
		return h.call("POST", "/v2/sessions", visit("a@shop.test", nil), "Authorization", "Bearer "+h.core)
	})
	refuse("v2 session with a wrong secret", 401, "UNAUTHORIZED", func(h *house) providertest.Answer {
		return h.call("POST", "/v2/sessions", visit("a@shop.test", nil), "Authorization", "Basic bGlua21vbmV5LWRlbW86d3Jvbmc=")
	})

	refuse("bad JSON", 400, "INVALID_REQUEST", func(h *house) providertest.Answer { return h.post("/v1/sessions", []byte("{")) })
	refuse("another media type", 400, "INVALID_REQUEST", func(h *house) providertest.Answer {
		return h.call("POST", "/v1/sessions", object{}, "Content-Type", "text/plain")
	})
	refuse("a missing field", 400, "INVALID_REQUEST", func(h *house) providertest.Answer { return h.post("/v1/sessions", object{}) })
	refuse("v1 without a phone", 400, "INVALID_REQUEST", func(h *house) providertest.Answer {
		body := person("a@shop.test")
		delete(body, "phoneNumber")
		return h.post("/v1/sessions", body)
	})
	for name, more := range map[string]object{
		"no redirect":               {"redirectUrl": nil},
		"script as a redirect":      {"redirectUrl": "javascript:alert(1)"},
		"file as a redirect":        {"redirectUrl": "file:///etc/passwd"},
		"a bad product":             {"product": "TRY"},
		"an address without a city": {"billingAddress": object{"streetAddress": "1 Main", "stateOrProvince": "NY", "country": "US"}},
		"tax without subtotal":      {"orderDetails": object{"taxAmount": money("1")}},
		"payment without a key":     {"paymentDetails": object{"amount": money("1")}},
	} {
		refuse("v2 session with "+name, 400, "INVALID_REQUEST", func(h *house) providertest.Answer {
			return h.post("/v2/sessions", visit("a@shop.test", more))
		})
	}
	refuse("redirect not on the list", 400, "REDIRECT_NOT_ALLOWED", func(h *house) providertest.Answer {
		return h.Do("POST", "https://api.link.money/v2/sessions", http.Header{"Authorization": {basic}, "Content-Type": {"application/json"}},
			[]byte(`{"firstName":"A","lastName":"B","email":"a@shop.test","redirectUrl":"https://shop.test/"}`))
	})
	all = append(all, paymentRefusals()...)
	refuse("unknown path", 404, "NOT_FOUND", func(h *house) providertest.Answer { return h.get("/v1/nothing") })
	refuse("another method", 404, "NOT_FOUND", func(h *house) providertest.Answer { return h.call("DELETE", "/v1/payments", nil) })
	refuse("unknown customer", 404, "NOT_FOUND", func(h *house) providertest.Answer { return h.get("/v1/customers/x") })
	refuse("unknown accounts", 404, "NOT_FOUND", func(h *house) providertest.Answer { return h.get("/public/v1/customers/x/accounts") })
	refuse("unsubscribe a stranger", 404, "NOT_FOUND", func(h *house) providertest.Answer {
		return h.call("PUT", "/v1/webhook/unsubscribe", object{"url": "http://shop.test/"})
	})
	for name, body := range map[string]object{
		"short secret":  {"url": "http://shop.test/", "secretKey": "seven77"},
		"strange event": {"url": "http://shop.test/", "secretKey": hookKey, "eventTypes": []any{"payment.lost"}},
		"no address":    {"url": "ftp://shop.test/", "secretKey": hookKey},
	} {
		refuse("subscribe with "+name, 400, "INVALID_REQUEST", func(h *house) providertest.Answer { return h.post("/v1/webhook/subscribe", body) })
	}
	return all
}

// paymentRefusals are those of payments, each for a customer of its own.
func paymentRefusals() []providertest.Refusal {
	var all []providertest.Refusal
	refuse := func(name string, status int, code string, send func(h *house, customer string) providertest.Answer) {
		all = append(all, providertest.Refusal{
			Name: name, Status: status, Member: "errorCode", Code: code,
			Send: func(quiet *providertest.House) providertest.Answer {
				h := enter(quiet)
				return send(h, h.customer(keyed("refused", len(h.Said()))+"@shop.test"))
			},
		})
	}
	for _, value := range []string{"0", "-1", "1.001", "1e2", `"1.00"`, "null", "1e-2", "99999999999"} {
		refuse("amount "+value, 400, "INVALID_REQUEST", func(h *house, customer string) providertest.Answer { return h.pay(customer, value, "amount "+value) })
	}
	for name, more := range map[string]object{
		"long softDescriptor":    {"softDescriptor": strings.Repeat("a", 81)},
		"strange softDescriptor": {"softDescriptor": "SHOP-1"},
		"long clientReferenceId": {"clientReferenceId": strings.Repeat("a", 65)},
		"empty requestKey":       {"requestKey": ""},
		"long requestKey":        {"requestKey": strings.Repeat("a", 65)},
		"two customers":          {"destination": object{"id": merchant, "type": "CUSTOMER"}},
		"two merchants":          {"source": object{"id": merchant, "type": "MERCHANT"}},
	} {
		refuse(name, 400, "INVALID_REQUEST", func(h *house, customer string) providertest.Answer {
			body := debit(customer, "1", name)
			for member, value := range more {
				body[member] = value
			}
			return h.post("/v1/payments", body)
		})
	}
	refuse("another merchant", 404, "NOT_FOUND", func(h *house, customer string) providertest.Answer {
		body := debit(customer, "1", "x")
		body["destination"] = object{"id": "M-OTHER", "type": "MERCHANT"}
		return h.post("/v1/payments", body)
	})
	refuse("request key twice", 400, "DUPLICATE_REQUEST_KEY", func(h *house, customer string) providertest.Answer {
		_ = h.pay(customer, "1", "twice")
		return h.pay(customer, "1", "twice")
	})
	refuse("request key of a decline", 400, "DUPLICATE_REQUEST_KEY", func(h *house, customer string) providertest.Answer {
		_ = h.pay(customer, "7700.03", "declined")
		return h.pay(customer, "1", "declined")
	})
	refuse("request key of a payment in a session", 400, "DUPLICATE_REQUEST_KEY", func(h *house, customer string) providertest.Answer {
		_ = h.pay(customer, "1", "paid")
		return h.post("/v2/sessions", visit("key@shop.test", object{"paymentDetails": object{"amount": money("1"), "requestKey": "paid"}}))
	})
	refuse("customer who linked nothing", 400, "INVALID_STATE", func(h *house, _ string) providertest.Answer {
		return h.pay(h.customerOf(h.session("nobody@shop.test", nil)), "1", "nobody")
	})
	refuse("customer of the product VERIFY", 400, "INVALID_STATE", func(h *house, _ string) providertest.Answer {
		key := h.session("verify@shop.test", object{"product": "VERIFY"})
		_ = h.Act("session", key, "approve")
		return h.pay(h.customerOf(key), "1", "verify")
	})
	refuse("release what is not held", 400, "INVALID_STATE", func(h *house, customer string) providertest.Answer {
		return h.call("PUT", "/v1/payments/"+h.pay(customer, "1", "free").Text("paymentId")+"/release", nil)
	})
	refuse("cancel what was declined", 400, "INVALID_STATE", func(h *house, customer string) providertest.Answer {
		return h.call("PUT", "/v1/payments/"+h.pay(customer, "7700.03", "final").Text("paymentId")+"/cancel", nil)
	})
	refuse("refund what did not succeed", 400, "INVALID_STATE", func(h *house, customer string) providertest.Answer {
		paid := h.pay(customer, "1", "young").Text("paymentId")
		return h.post("/v1/refunds", object{"paymentId": paid, "amount": money("1"), "requestKey": "too early"})
	})
	refuse("refund of nothing", 404, "NOT_FOUND", func(h *house, _ string) providertest.Answer {
		return h.post("/v1/refunds", object{"paymentId": "x", "amount": money("1"), "requestKey": "nothing"})
	})
	refuse("unknown transaction", 404, "NOT_FOUND", func(h *house, _ string) providertest.Answer { return h.get("/v1/transactions/x") })
	refuse("ordered fault", 500, "INTERNAL_SERVER_ERROR", func(h *house, customer string) providertest.Answer {
		return h.pay(customer, "7700.12", "fault")
	})
	refuse("held for ever", 500, "INTERNAL_SERVER_ERROR", func(h *house, customer string) providertest.Answer {
		return h.call("PUT", "/v1/payments/"+h.pay(customer, "7700.09", "for ever").Text("paymentId")+"/release", nil)
	})
	return all
}

// Whoever does not know the client's secret learns nothing of which clients there are.
func TestStrangersAndWrongSecretsLookAlike(t *testing.T) {
	h := newHouse(t)
	ask := func(id string) string {
		answer := h.Form(api+"/v1/tokens", url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {"wrong"}})
		body := answer.JSON()
		delete(body, "errorId")
		return answer.Text("errorSummary") + answer.Text("errorCode") + answer.Header.Get("Cache-Control")
	}
	if known, unknown := ask(id), ask("nobody"); known != unknown || known != "Client authentication failed.invalid_clientno-store" {
		t.Errorf("%s and %s", known, unknown)
	}
}
