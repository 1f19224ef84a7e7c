package linkmoney_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/linkmoney"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/strictjson"
)

type object = map[string]any

const (
	api      = "/linkmoney"
	id       = "linkmoney-demo"
	secret   = "linkmoney-demo-secret"
	merchant = "M-DEMO"
	hookKey  = "example-webhook-key"
)

var basic = "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))

// token gets an access token of a scope.
func token(h *providertest.House, scope string) string {
	return h.Form(api+"/v1/tokens", url.Values{
		"client_id": {id}, "client_secret": {secret}, "grant_type": {"client_credentials"}, "scope": {scope},
	}).Text("access_token")
}

// house is a house whose caller has both tokens.
type house struct {
	*providertest.House
	core, payment string
}

func newHouse(t testing.TB) *house {
	t.Helper()
	return enter(providertest.New(t, linkmoney.New))
}

func enter(h *providertest.House) *house {
	return &house{h, token(h, "Link-Core"), token(h, "Link-Payment")}
}

// call sends a request with the token of the scope that it needs.
func (h *house) call(method, path string, body any, header ...string) providertest.Answer {
	access := h.core
	for _, part := range []string{"/payments", "/refunds", "/transactions"} {
		if strings.Contains(path, part) {
			access = h.payment
		}
	}
	if path == "/v2/sessions" {
		access = ""
	}
	all := http.Header{"Authorization": {"Bearer " + access}}
	if access == "" {
		all.Set("Authorization", basic)
	}
	var raw []byte
	if body != nil {
		all.Set("Content-Type", "application/json")
		if given, ok := body.([]byte); ok {
			raw = given
		} else {
			raw, _ = strictjson.Marshal(body) // maps of texts and numbers can be written
		}
	}
	for i := 0; i+1 < len(header); i += 2 {
		all.Set(header[i], header[i+1])
	}
	return h.Do(method, api+path, all, raw)
}

func (h *house) get(path string) providertest.Answer { return h.call("GET", path, nil) }

func (h *house) post(path string, body any, header ...string) providertest.Answer {
	return h.call("POST", path, body, header...)
}

func person(email string) object {
	return object{"firstName": "Ada", "lastName": "Example", "email": email, "phoneNumber": "+12025550100"}
}

// visit is a session of the second generation.
func visit(email string, more object) object {
	body := person(email)
	body["redirectUrl"] = "http://localhost:3000/linked"
	for name, value := range more {
		body[name] = value
	}
	return body
}

func (h *house) session(email string, more object, header ...string) string {
	return h.post("/v2/sessions", visit(email, more), header...).Text("sessionKey")
}

func (h *house) customerOf(session string) (customer string) {
	h.Data("session", session, "customerId", &customer)
	return customer
}

// customer links an account, and gives whose it is.
func (h *house) customer(email string, header ...string) string {
	key := h.session(email, nil, header...)
	_ = h.Act("session", key, "approve") // some stories end otherwise
	return h.customerOf(key)
}

func money(value string) object { return object{"value": number(value), "currency": "USD"} }

// number is a JSON number as it is written.
type number string

func (n number) MarshalJSON() ([]byte, error) { return []byte(n), nil }

// debit asks for a payment of a customer.
func debit(customer, value, key string) object {
	return object{
		"source": object{"id": customer, "type": "CUSTOMER"}, "destination": object{"id": merchant, "type": "MERCHANT"},
		"amount": money(value), "requestKey": key, "clientReferenceId": "TXN-" + key,
	}
}

func (h *house) pay(customer, value, key string, header ...string) providertest.Answer {
	return h.post("/v1/payments", debit(customer, value, key), header...)
}

func (h *house) status(payment string) string {
	return h.get("/v1/transactions/" + payment).Text("transactionStatus")
}

// pass lets time go by, and gets tokens anew: they live for an hour.
func (h *house) pass(by time.Duration) {
	h.Advance(by)
	h.core, h.payment = token(h.House, "Link-Core"), token(h.House, "Link-Payment")
}

func keyed(prefix string, n int) string { return prefix + "-" + strconv.Itoa(n) }
