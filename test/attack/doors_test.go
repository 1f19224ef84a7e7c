package attack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mockbank/mockbank/internal/providers"
)

const control = "/_mockbank/v1"

type object = map[string]any

// door is one side of mockbank that an attack comes to. A new provider is one row of doors.
type door struct {
	name   string
	mount  string
	spec   string              // the name of its document
	get    string              // a path below the mount that GET answers with 200
	post   string              // a path below the mount that takes JSON by POST
	extra  string              // one of get's parameters, which a request may give once
	caller []string            // lines of a request that let it in
	enter  func(d *door) error // gets caller and get from the program; nil: they are known
	body   func(n int64) object
	refusals
	broken  []flaw   // of body, each alone
	money   flaw     // how an amount that is none is written into body
	strange bool     // a member that the document does not know is refused
	form    string   // an address to which a page sends its form
	pages   []string // addresses that people see, in which a * stands for text of a stranger
}

// refusals are the statuses by which a door refuses, as its document has them.
type refusals struct {
	method int    // that the path does not take
	media  int    // that is no JSON
	size   int    // of a body that is too long
	shape  int    // of JSON that is no object
	fields int    // of an object that is not as it must be
	code   string // that tells a refusal with a status of success
}

// took tells whether a request was taken.
func (r refusals) took(a answer) bool { return a.status/100 == 2 && !r.in(a) }

// is tells whether an answer is a refusal by this status.
func (r refusals) is(a answer, status int) bool {
	return a.status == status && (status/100 == 4 || r.in(a))
}

func (r refusals) in(a answer) bool { return r.code != "" && strings.Contains(a.body, r.code) }

// flaw is a member of a body, by its names between dots, that is not as it must be.
type flaw struct {
	at    string
	value any    // missing: the member is taken out
	place string // that the refusal names
}

type absent struct{}

var missing absent

var serial atomic.Int64

const oneLinkKey = "Authorization: Bearer sk_test_mock_0000000000000001"

var doors = []door{
	{
		name: "control", mount: control, spec: "control", get: "/workspaces?limit=1", extra: "limit", post: "/workspaces/default/clock/advance",
		body:     func(int64) object { return object{"by": "1s"} },
		refusals: refusals{method: 405, media: 415, size: 413, shape: 422, fields: 422},
		broken:   []flaw{{"by", 1, "/by"}, {"by", nil, "/by"}, {"by", "", "/by"}, {"by", []any{}, "/by"}, {"wait", "for ever", "/wait"}, {"to", 5, "/to"}},
		money:    flaw{at: "by"},
		strange:  true,
	},
	{
		name: "finqlink", mount: "/finqlink", spec: "finqlink", get: "/.well-known/jwks.json", post: "/v2/links/create",
		body: func(int64) object {
			return object{"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret", "single_transfer": object{
				"amount": "12.50", "currency": "RON", "creditor_name": "Magazin", "creditor_iban": "RO10RZBR0000069999999970"}}
		},
		refusals: refusals{method: 404, media: 400, size: 400, shape: 400, fields: 400},
		broken: []flaw{
			{"single_transfer", missing, "single_transfer"}, {"single_transfer", "x", "single_transfer"}, {"single_transfer", []any{}, "single_transfer"},
			{"single_transfer.amount", missing, "single_transfer.amount"}, {"single_transfer.amount", 12.5, "single_transfer.amount"},
			{"single_transfer.currency", "XXX", "single_transfer.currency"}, {"single_transfer.creditor_iban", "RO11RZBR0000069999999970", "single_transfer.creditor_iban"},
			{"single_transfer.creditor_name", "", "single_transfer.creditor_name"}, {"single_transfer.creditor_name", strings.Repeat("x", 71), "single_transfer.creditor_name"},
			{"single_transfer.goods", []any{object{"name": "x", "quantity": 0, "amount": "1"}}, "single_transfer.goods.0.quantity"},
			{"single_transfer.goods", []any{object{"name": "x", "quantity": 1.5, "amount": "1"}}, "single_transfer.goods.0.quantity"},
			{"options", object{"type": "nothing"}, "options.type"}, {"options", object{"expires_in": 59}, "options.expires_in"},
			{"options", object{"expires_in": 31536001}, "options.expires_in"}, {"tracking", object{"customer_ref": "Ä"}, "tracking.customer_ref"},
		},
		money: flaw{at: "single_transfer.amount", place: "single_transfer.amount"},
		form:  "/finqlink/web/0000000000000000/pay",
		pages: []string{"/finqlink/web/*", "/finqlink/web/callback?state=*&error=*", "/finqlink/bank/*/sca/*", "/finqlink/assets/*", "/finqlink/dashboard?q=*"},
	},
	{
		name: "onelinkfintech", mount: "/onelinkfintech", spec: "onelinkfintech", get: "/v1/payments?limit=1", extra: "limit", post: "/v1/accounts",
		caller: []string{oneLinkKey},
		body: func(int64) object {
			return object{"currency": "EUR", "owner": object{"name": "John Doe", "email": "john@example.com"}}
		},
		refusals: refusals{method: 404, media: 400, size: 400, shape: 400, fields: 400},
		broken: []flaw{
			{"currency", missing, "currency"}, {"currency", 1, "currency"}, {"currency", "eur", "currency"}, {"currency", nil, "currency"}, {"owner", missing, "owner"},
			{"owner", []any{}, "owner"}, {"owner.email", "nobody", "owner.email"}, {"owner.name", "", "owner.name"}, {"metadata", object{"a b": "c"}, "metadata"},
		},
		money:   flaw{at: "amount", place: "amount"},
		strange: true,
		form:    "/onelinkfintech-dashboard/login",
		pages:   []string{"/onelinkfintech-dashboard/*", "/onelinkfintech-dashboard/login?to=*", "/onelinkfintech-dashboard/keys/*/roll?a=*", "/onelinkfintech-dashboard/payments?status=*"},
	},
	{
		name: "payone", mount: "/payone", spec: "payone", extra: "limit",
		get: "/api/v1/payment-links?merchantId=1&accountId=2&portalId=777&mode=test&limit=1", post: "/api/v1/payment-links",
		caller: []string{"Authorization: payone-hmac-sha256 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
		body: func(n int64) object {
			return object{"merchantId": "1", "accountId": "2", "portalId": "777", "mode": "test", "reference": "r" + text(n), "currency": "EUR",
				"paymentMethods": []any{"visa"}, "billing": object{"lastName": "Doe", "country": "DE"},
				"shoppingCart": []any{object{"type": "goods", "number": "A-1", "price": 2499, "quantity": 1}}}
		},
		refusals: refusals{method: 405, media: 415, size: 413, shape: 400, fields: 400},
		broken: []flaw{
			{"currency", missing, "currency"}, {"currency", "eur", "currency"}, {"reference", "a b", "reference"}, {"reference", strings.Repeat("x", 21), "reference"},
			{"paymentMethods", "visa", "paymentMethods"}, {"paymentMethods", []any{"gold"}, "paymentMethods[0]"}, {"shoppingCart", []any{}, "shoppingCart"},
			{"expiration", "2026-02-31", "expiration"}, {"billing", object{"country": "Germany"}, "billing.country"}, {"email", "x@y@z", "email"},
			{"successUrl", "ftp://shop.example", "successUrl"}, {"active", "yes", "active"},
		},
		money: flaw{at: "shoppingCart", place: "shoppingCart"},
		form:  "/payone/p/" + strings.Repeat("0", 32) + "/execute",
		pages: []string{"/payone/p/*", "/payone/p/*/done", "/payone/p/*/auth/*", "/payone/*"},
	},
	{
		name: "linkmoney", mount: "/linkmoney", spec: "linkmoney", post: "/v2/sessions", enter: enterLinkMoney,
		body: func(n int64) object {
			return object{"firstName": "Ada", "lastName": "Example", "email": "ada@shop.test", "redirectUrl": "http://localhost:3000/linked",
				"paymentDetails": object{"amount": object{"value": 25, "currency": "USD"}, "requestKey": "attack " + text(n)}}
		},
		refusals: refusals{method: 404, media: 400, size: 400, shape: 400, fields: 400},
		broken: []flaw{
			{"firstName", missing, "firstName"}, {"firstName", 1, "firstName"}, {"firstName", "", "firstName"}, {"lastName", nil, "lastName"}, {"lastName", strings.Repeat("x", 101), "lastName"},
			{"email", "nobody", "email"}, {"product", "GOLD", "product"}, {"redirectUrl", missing, "redirectUrl"}, {"billingAddress", object{}, "billingAddress.streetAddress"},
			{"orderDetails", object{"taxAmount": object{"value": 1, "currency": "USD"}}, "orderDetails.subtotalAmount"},
			{"orderDetails", object{"items": []any{object{"quantity": 1.5}}}, "orderDetails.items.0.quantity"}, {"customerProfile", object{"guestCheckout": "yes"}, "customerProfile.guestCheckout"},
			{"paymentDetails", []any{}, "paymentDetails"}, {"paymentDetails.requestKey", "", "paymentDetails.requestKey"}, {"paymentDetails.softDescriptor", "<b>", "paymentDetails.softDescriptor"},
			{"paymentDetails.amount.currency", "EUR", "paymentDetails.amount.currency"}, {"paymentDetails.amount.value", missing, "paymentDetails.amount.value"},
		},
		money: flaw{at: "paymentDetails.amount.value", place: "paymentDetails.amount.value"},
		pages: []string{"/linkmoney-client/*", "/linkmoney-client/?sessionKey=*&sessionVersion=2&redirect=*", "/linkmoney-static/fi/*.svg", "/linkmoney/*"},
	},
	{
		name: "1link", mount: "/1link", spec: "1link", get: oneLinkCatalog + "/ibft-soap-service?wsdl", post: oneLinkCatalog + "/path-1", enter: enterOneLink,
		body: func(n int64) object {
			return object{"TransactionAmount": "000000150000", "TransmissionDateAndTime": "0115103000", "STAN": "123456", "Time": "103000", "Date": "0115", "MerchantType": "0003",
				"FromBankIMD": "900001", "ToBankIMD": "900002", "RRN": fmt.Sprintf("%012d", n), "PAN": "1234567890123", "CardAcceptorTerminalId": "T1", "CardAcceptorIdCode": "C1",
				"CardAcceptorNameLocation": object{"City": "Karachi"}, "CurrencyCodeTransaction": "586",
				"AccountNumberFrom": "PK13MOCK0000001000000001", "AccountNumberTo": "PK83MOCK0000001000000002"}
		},
		// What a body lacks is for the switch to say, which names no place.
		refusals: refusals{method: 405, media: 415, size: 413, shape: 200, fields: 200, code: `"ResponseCode":"80"`},
		broken: []flaw{
			{at: "STAN", value: missing}, {at: "STAN", value: 123456}, {at: "STAN", value: "12345"}, {at: "RRN", value: nil}, {at: "RRN", value: "60151012345x"}, {at: "PAN", value: "1"},
			{at: "CurrencyCodeTransaction", value: "840"}, {at: "AccountNumberTo", value: "PK1"}, {at: "AccountNumberTo", value: []any{}}, {at: "MerchantType", value: ""},
			{at: "CardAcceptorNameLocation", value: "Karachi"}, {at: "CardAcceptorNameLocation.City", value: strings.Repeat("x", 41)},
		},
		money: flaw{at: "TransactionAmount"},
		form:  "/1link" + oneLinkCatalog + "/mock/payer/x",
		pages: []string{"/1link" + oneLinkCatalog + "/mock/payer/*", "/1link/*", "/1link-portal/*", "/1link-portal/?q=*", "/1link-portal/user/login?destination=*", "/1link-portal/keys/*"},
	},
}

// each runs a test at every door, at all of them at once.
func each(t *testing.T, fn func(t *testing.T, d door)) {
	t.Helper()
	for _, d := range doors {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			fn(t, d)
		})
	}
}

func text(n int64) string { return string(must(json.Marshal(n))) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// good is a body that is taken, and never the same.
func (d door) good() []byte { return must(json.Marshal(d.body(serial.Add(1)))) }

// with is a good body with one flaw.
func (d door) with(f flaw) []byte {
	body := d.body(serial.Add(1))
	in, names := body, strings.Split(f.at, ".")
	for _, name := range names[:len(names)-1] {
		in = in[name].(object)
	}
	if in[names[len(names)-1]] = f.value; f.value == missing {
		delete(in, names[len(names)-1])
	}
	return must(json.Marshal(body))
}

// lines are those of a request that comes with JSON from somebody who is let in.
func (d door) lines(more ...string) []string {
	lines := append([]string{}, d.caller...)
	if !mentions(more, "Content-Type") {
		lines = append(lines, "Content-Type: application/json")
	}
	return append(lines, more...)
}

// send posts a body, and wants one answer.
func (d door) send(t *testing.T, body []byte, more ...string) answer {
	t.Helper()
	return d.ask(t, http.MethodPost, d.post, body, d.lines(more...)...)
}

// ask sends a request that HTTP has nothing to say against, and wants one answer, which the document allows.
func (d door) ask(t *testing.T, method, path string, body []byte, lines ...string) answer {
	t.Helper()
	raw := request(method, d.mount+path, body, lines...)
	all := say(t, raw)
	if len(all) != 1 {
		t.Fatalf("%.200q has %d answers: %v", raw, len(all), all)
	}
	d.hold(t, method, path, all[0])
	return all[0]
}

// TestDoors: what the attacks are made of is taken where nothing is wrong with it.
func TestDoors(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		if got := d.send(t, d.good()); !d.took(got) {
			t.Errorf("a good body is answered %s", got)
		}
		if got := d.ask(t, http.MethodGet, d.get, nil, d.caller...); got.status != http.StatusOK {
			t.Errorf("GET %s is answered %s", d.get, got)
		}
	})
}

// TestEveryProviderHasADoor, so that a new one is attacked too.
func TestEveryProviderHasADoor(t *testing.T) {
	for _, p := range must(providers.All()) {
		d := named(t, p.ID)
		if _, told := lists[p.ID]; !told || d.spec != p.ID {
			t.Errorf("the row of %s is not complete", p.ID)
		}
		for _, face := range p.Faces {
			if !slices.ContainsFunc(append(d.pages, d.mount+"/"), func(page string) bool { return strings.HasPrefix(page, face.Mount+"/") }) {
				t.Errorf("nothing of the face %s is tried", face.Name)
			}
		}
	}
}
