package attack

import (
	"encoding/json"
	"net/http"
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
	spec   string   // the name of its document
	get    string   // a path below the mount that GET answers with 200
	post   string   // a path below the mount that takes JSON by POST
	extra  string   // one of get's parameters, which a request may give once
	caller []string // lines of a request that let it in
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
	method int // that the path does not take
	media  int // that is no JSON
	size   int // of a body that is too long
	shape  int // of JSON that is no object
	fields int // of an object that is not as it must be
}

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
		if got := d.send(t, d.good()); got.status/100 != 2 {
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
		if d := named(t, p.ID); lists[p.ID] == nil || d.spec != p.ID {
			t.Errorf("the row of %s is not complete", p.ID)
		}
	}
}
