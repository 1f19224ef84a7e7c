package payone_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/mockbank/mockbank/internal/provider/payone"
	"github.com/mockbank/mockbank/internal/provider/providertest"
)

const (
	key   = "mockPortalKey0000000000000000000"
	links = "/payone/api/v1/payment-links"
)

type object = map[string]any

func house(t *testing.T) *providertest.House {
	t.Helper()
	return providertest.New(t, payone.New)
}

// order is a request to make a link; changes replace its members, and nil takes one out.
func order(changes ...object) object {
	body := object{
		"merchantId": "10001", "accountId": "20002", "portalId": "3000001", "mode": "test", "reference": "order-1001", "currency": "EUR",
		"paymentMethods": []any{"visa", "paypal"}, "billing": object{"lastName": "Doe", "country": "DE"},
		"shoppingCart": []any{object{"type": "goods", "number": "A-1", "price": 2499, "quantity": 2}},
		"notifyUrl":    providertest.InboxURL("shop"),
	}
	for _, change := range changes {
		for name, value := range change {
			if body[name] = value; value == nil {
				delete(body, name)
			}
		}
	}
	return body
}

// signed is the Authorization header for a message.
func signed(message string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return "payone-hmac-sha256 " + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// toSign is the message of an order, by the formula of the document.
func toSign(body object) string {
	total := 0
	lines, _ := body["shoppingCart"].([]any)
	for _, line := range lines {
		item, _ := line.(object)
		price, _ := item["price"].(int)
		quantity, _ := item["quantity"].(int)
		total += price * quantity
	}
	text := func(name string) string { s, _ := body[name].(string); return s }
	return text("merchantId") + text("accountId") + text("portalId") + text("mode") + text("reference") + fmt.Sprint(total) + text("currency")
}

func send(h *providertest.House, method, target string, body object, header ...string) providertest.Answer {
	raw, _ := json.Marshal(body)
	all := http.Header{"Content-Type": {"application/json"}, "Authorization": {signed(toSign(body))}}
	for i := 0; i+1 < len(header); i += 2 {
		all.Set(header[i], header[i+1])
	}
	return h.Do(method, target, all, raw)
}

// create wants a link.
func create(t *testing.T, h *providertest.House, changes ...object) providertest.Answer {
	t.Helper()
	made := send(h, http.MethodPost, links, order(changes...))
	if made.Status != http.StatusCreated {
		t.Fatalf("create: %d %s", made.Status, made.Body)
	}
	return made
}

func update(h *providertest.House, id string, changes ...object) providertest.Answer {
	return send(h, http.MethodPut, links+"/"+id, order(changes...))
}

func get(h *providertest.House, id string) providertest.Answer {
	return h.Do(http.MethodGet, links+"/"+id, http.Header{"Authorization": {signed(id)}}, nil)
}

func list(h *providertest.House, more string) providertest.Answer {
	header := http.Header{"Authorization": {signed("10001200023000001test")}}
	return h.Do(http.MethodGet, links+"?merchantId=10001&accountId=20002&portalId=3000001&mode=test"+more, header, nil)
}

func TestX(t *testing.T) {
	h := house(t)
	made := create(t, h)
	t.Log(made)
	t.Log(get(h, made.Text("id")))
	t.Log(list(h, ""))
	t.Log(send(h, "POST", links, order()))
	t.Log(update(h, made.Text("id"), object{"active": false, "reference":"x"}))
	t.Log(send(h, "POST", links, order(object{"shoppingCart": []any{object{"type":"x","price":int64(9e9),"quantity":1}}, "mode":nil, "email":"x"})))
	made = create(t, h, object{"paymentMethods":[]any{"visa"}})
	t.Log(h.Act("link", made.Text("id"), "approve"))
	h.Settle()
	t.Log(get(h, made.Text("id")))
	for _, m := range h.Messages("shop") { t.Logf("%s %v %+v", m.Body, m.Header, m.Verdict) }
}
