package payone_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider/payone"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
)

const (
	key    = "mockPortalKey0000000000000000000"
	portal = "3000001"
	links  = "/payone/api/v1/payment-links"
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
func signed(message string) string { return signedBy(key, message) }

func signedBy(key, message string) string {
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

// change changes a portal.
func change(t *testing.T, h *providertest.House, by func(*oauth.Client)) {
	t.Helper()
	h.Update(func(tx *store.Tx) error {
		client, err := h.Runtime.Client(tx, portal)
		if err != nil {
			return err
		}
		changed := *client
		by(&changed)
		return h.Runtime.PutClient(tx, &changed)
	})
}

// set gives the demo portal a setting beside those that it has.
func set(t *testing.T, h *providertest.House, name string, value any) {
	t.Helper()
	change(t, h, func(c *oauth.Client) {
		settings := object{name: value}
		for other, v := range c.Settings {
			if other != name {
				settings[other] = v
			}
		}
		c.Settings = settings
	})
}

func TestALinkIsShownAsItWasMade(t *testing.T) {
	h := house(t)
	made := create(t, h)
	id := made.Text("id")
	want := `{"id":"` + id + `","currency":"EUR","amount":4998,"created":1768473000000,"modified":1768473000000,` +
		`"intent":"authorization","paymentMethods":["visa","paypal"],"status":"ready","reference":"order-1001",` +
		`"hash":"` + made.Text("hash") + `","redirectUrl":"","notifyUrl":"http://inbox.localhost/default/shop","billing":{"lastName":"Doe","country":"DE"},` +
		`"shoppingCart":[{"type":"goods","number":"A-1","price":2499,"quantity":2}],"accountId":"20002","merchantId":"10001",` +
		`"portalId":"3000001","mode":"test","active":true,"link":"http://localhost:6265/payone/p/` + id + `"}`
	for name, got := range map[string]providertest.Answer{"create": made, "get": get(h, id), "update": update(h, id)} {
		if string(got.Body) != want {
			t.Errorf("%s:\n%s, want\n%s", name, got.Body, want)
		}
	}
	if head := h.Do(http.MethodHead, links+"/"+id, http.Header{"Authorization": {signed(id)}}, nil); head.Status != 200 || len(head.Body) > 0 {
		t.Errorf("HEAD: %d %s", head.Status, head.Body)
	}
}

// Whatever a request holds comes back, but for what is nobody's but the merchant's.
func TestEverythingIsEchoed(t *testing.T) {
	h := house(t)
	whole := object{
		"intent": "preauthorization", "userId": "12345678", "expiration": "2026-02-20", "description": "", "customerId": "012ABC./-qwerty",
		"shipping": object{
			"firstName": "John", "lastName": "Doe", "company": "PAYONE GmbH", "street": "Fraunhoferstr. 2-4", "addressAddition": "7th floor",
			"zip": "24118", "city": "Kiel", "state": "SH", "country": "DE",
		},
		"billing": object{}, "language": "en_US", "logo": "https://shop.example/logo.png", "backgroundImage": "linear-gradient(to bottom right, #ffffff, #3295d6)",
		"active": false, "successUrl": "https://shop.example/ok", "errorUrl": "https://shop.example/no", "backUrl": "https://shop.example/back",
		"email": "a@b.example", "invoiceInformation": object{"invoiceId": "", "invoiceText": "Thanks"},
		"shoppingCart": []any{object{
			"type": "goods", "number": "73883HFJ", "price": 1999, "quantity": 1, "description": "Potatoes", "vatRate": 0,
			"deliveryDateStart": "2021-01-01", "deliveryDateEnd": "2021-01-01",
		}},
	}
	got := get(h, create(t, h, whole).Text("id")).JSON()
	if _, told := got["customerId"]; told {
		t.Error("customerId is the merchant's own")
	}
	delete(whole, "customerId")
	for name, want := range whole {
		sent, _ := json.Marshal(want)
		back, _ := json.Marshal(got[name])
		if string(sent) != string(back) {
			t.Errorf("%s is %s, want %s", name, back, sent)
		}
	}
}

func TestLeniency(t *testing.T) {
	h := house(t)
	for name, test := range map[string]struct{ reference, body string }{
		"numbers as text, and ids as numbers": {"R", `{"merchantId":10001,"accountId":20002,"portalId":3000001,"userId":7,"mode":"test","reference":"R","currency":"EUR",
			"shoppingCart":[{"type":"goods","number":"A","price":"2499","quantity":"2","vatRate":"19"}]}`},
		"null is absent": {"S", `{"merchantId":"10001","accountId":"20002","portalId":"3000001","mode":"test","reference":"S","currency":"EUR","intent":null,
			"billing":{"lastName":null},"email":null,"shoppingCart":[{"type":"goods","number":"A","price":4998,"quantity":1,"description":null}]}`},
		"a method twice, and unknown fields": {"T", `{"merchantId":"10001","accountId":"20002","portalId":"3000001","mode":"test","reference":"T","currency":"EUR","more":{"a":1},
			"paymentMethods":["visa","paypal","visa"],"shoppingCart":[{"type":"goods","number":"A","price":4998,"quantity":1,"colour":"red"}]}`},
	} {
		header := http.Header{"Content-Type": {"application/json"}, "Authorization": {signed("10001200023000001test" + test.reference + "4998EUR")}}
		made := h.Do(http.MethodPost, links, header, []byte(test.body))
		if made.Status != 201 || made.JSON()["amount"] != json.Number("4998") || made.Text("merchantId") != "10001" {
			t.Errorf("%s: %d %s", name, made.Status, made.Body)
		}
		if methods, _ := made.JSON()["paymentMethods"].([]any); len(methods) > 2 {
			t.Errorf("%s: %v", name, methods)
		}
	}
}

func TestAnUpdateReplacesAll(t *testing.T) {
	h := house(t)
	id := create(t, h, object{"intent": "preauthorization", "active": false, "description": "x", "email": "a@b.example"}).Text("id")
	h.Advance(1500 * time.Millisecond)
	got := update(h, id, object{"reference": "order-1002", "paymentMethods": nil})
	members := got.JSON()
	if got.Status != 200 || got.Text("intent") != "authorization" || members["active"] != true || members["description"] != nil || members["email"] != nil {
		t.Errorf("what was left out is kept: %s", got.Body)
	}
	if members["created"] != json.Number("1768473000000") || members["modified"] != json.Number("1768473001500") || got.Text("reference") != "order-1002" {
		t.Errorf("%s", got.Body)
	}
	if methods, ok := members["paymentMethods"].([]any); !ok || len(methods) != 0 {
		t.Errorf("paymentMethods is %v, want []", members["paymentMethods"])
	}
	create(t, h) // The reference that the link had is free again.
	if again := update(h, id); again.Status != 409 || again.Text("message") != "Reference already in use" {
		t.Errorf("a reference that is another's: %d %s", again.Status, again.Body)
	}
}

func TestReferencesAreUniquePerMerchantAndMode(t *testing.T) {
	h := house(t)
	create(t, h)
	create(t, h, object{"mode": "live"})
	if again := send(h, http.MethodPost, links, order()); again.Status != 409 || again.Text("error") != "Conflict" {
		t.Errorf("%d %s", again.Status, again.Body)
	}
}
