package payone_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider/providertest"
)

type refusal = providertest.Refusal

func says(name string, status int, message string, send func(h *providertest.House) providertest.Answer) refusal {
	return refusal{Name: name, Send: send, Status: status, Member: "message", Code: message}
}

// posted is a create with headers of its own; signed is what they sign, unless they say otherwise.
func posted(body []byte, header ...string) func(h *providertest.House) providertest.Answer {
	return func(h *providertest.House) providertest.Answer {
		all := http.Header{"Content-Type": {"application/json"}, "Authorization": {signed(toSign(order()))}}
		for i := 0; i+1 < len(header); i += 2 {
			all[header[i]] = []string{header[i+1]}
		}
		return h.Do(http.MethodPost, links, all, body)
	}
}

func sound(changes ...object) []byte {
	raw, _ := json.Marshal(order(changes...))
	return raw
}

// refusals provoke the dialect.
func refusals() []refusal {
	return slices.Concat(bodyRefusals(), tokenRefusals(), pathRefusals(), ruleRefusals())
}

func bodyRefusals() []refusal {
	return []refusal{
		says("no body", 400, "Malformed JSON", posted(nil)), says("not JSON", 400, "Malformed JSON", posted([]byte("{"))),
		says("a name twice", 400, "Malformed JSON", posted([]byte(`{"a":1,"a":2}`))),
		says("an array", 401, "Invalid authorization", posted([]byte("[]"))),
		says("another media type", 415, "Unsupported Media Type", posted(sound(), "Content-Type", "text/plain")),
		says("compressed", 415, "Unsupported Media Type", posted(sound(), "Content-Encoding", "gzip")),
		says("too long", 413, "Request Entity Too Large", posted(bytes.Repeat([]byte(" "), 2<<20))),
	}
}

func tokenRefusals() []refusal {
	token := strings.TrimPrefix(signed(toSign(order())), "payone-hmac-sha256 ")
	bad := func(name, header string) refusal {
		return says("token: "+name, 401, "Invalid authorization", posted(sound(), "Authorization", header))
	}
	return []refusal{
		bad("none", ""), bad("another scheme", "Bearer "+token), bad("no scheme", token), bad("no Base64", "payone-hmac-sha256 *"),
		bad("without its padding", "payone-hmac-sha256 "+strings.TrimRight(token, "=")), bad("of another message", signed("x")),
		bad("a tab after the scheme", "payone-hmac-sha256\t"+token),
		says("another portal", 401, "Invalid authorization", posted(sound(object{"portalId": "1"}))),
		says("no portal", 401, "Invalid authorization", posted(sound(object{"portalId": nil}))),
		says("another merchant", 403, forbidden, signedPost(object{"merchantId": "10002"})),
		says("another account", 403, forbidden, signedPost(object{"accountId": "20003"})),
		says("a list of another account", 403, forbidden, func(h *providertest.House) providertest.Answer {
			header := http.Header{"Authorization": {signed("10001200033000001test")}}
			return h.Do(http.MethodGet, links+"?merchantId=10001&accountId=20003&portalId=3000001&mode=test", header, nil)
		}),
	}
}

const forbidden = "Portal not permitted for this merchant, account or mode"

func signedPost(changes ...object) func(h *providertest.House) providertest.Answer {
	return func(h *providertest.House) providertest.Answer {
		return send(h, http.MethodPost, links, order(changes...))
	}
}

func pathRefusals() []refusal {
	do := func(method, target, message string) func(h *providertest.House) providertest.Answer {
		return func(h *providertest.House) providertest.Answer {
			return h.Do(method, target, http.Header{"Authorization": {signed(message)}}, nil)
		}
	}
	const nobody = "MB0C7K1N5R2W4X6Y8Z9ALBQC3EG5HJKM"
	known := "ABCDEFGH23456789ABCDEFGH23456789"
	return []refusal{
		says("an id outside its alphabet", 404, "Not Found", do("GET", links+"/"+strings.Replace(known, "A", "O", 1), "x")),
		says("an id too short", 404, "Not Found", do("GET", links+"/HUENJ5", "HUENJ5")),
		says("an unknown link", 404, "Payment link not found", do("GET", links+"/"+known, known)),
		says("an unknown link, signed by nobody", 401, "Invalid authorization", do("GET", links+"/"+known, "x")),
		says("the document's own example, which has a Y", 404, "Payment link not found", do("GET", links+"/"+nobody, nobody)),
		says("a method that there is not", 405, "Method Not Allowed", do("DELETE", links+"/"+known, known)),
		says("an unknown path", 404, "Not Found", do("GET", "/payone/api/v1/links", "")),
	}
}

func ruleRefusals() []refusal {
	return []refusal{
		says("no reference", 400, "Validation failed", signedPost(object{"reference": nil})),
		says("an unknown scenario", 400, `payone has no scenario "x"; `, func(h *providertest.House) providertest.Answer {
			got := send(h, http.MethodPost, links, order(), "Mockbank-Scenario", "x")
			head, _, _ := strings.Cut(got.Text("message"), "it has")
			got.Body = fmt.Appendf(nil, `{"message":%q}`, head)
			return got
		}),
	}
}

func TestEachFieldIsRefusedWithItsCode(t *testing.T) {
	h := house(t)
	item := func(changes object) object {
		line := object{"type": "goods", "number": "A-1", "price": 2499, "quantity": 2}
		for name, value := range changes {
			if line[name] = value; value == nil {
				delete(line, name)
			}
		}
		return object{"shoppingCart": []any{line}}
	}
	long := strings.Repeat("ä", 256)
	lines := make([]any, 401)
	for i := range lines {
		lines[i] = object{"type": "goods", "number": "A", "price": 1, "quantity": 1}
	}
	for i, test := range []struct {
		change object
		want   string
	}{
		{object{"intent": "sale"}, "intent enum"}, {object{"currency": "XXX"}, "currency enum"}, {object{"currency": nil}, "currency required"},
		{object{"accountId": nil}, "accountId required"}, {object{"userId": "a"}, "userId pattern"}, {object{"mode": "LIVE"}, "mode enum"},
		{object{"mode": nil}, "mode required"}, {object{"paymentMethods": []any{"visa", "cash"}}, "paymentMethods[1] enum"},
		{object{"paymentMethods": "visa"}, "paymentMethods type"}, {object{"expiration": "2026-02-30"}, "expiration pattern"},
		{object{"expiration": "20.02.2026"}, "expiration pattern"}, {object{"description": long}, "description length"},
		{object{"reference": "a b"}, "reference pattern"}, {object{"reference": `a\b`}, "reference pattern"}, {object{"reference": "a^b]"}, "reference pattern"},
		{object{"reference": strings.Repeat("a", 21)}, "reference pattern"}, {object{"reference": "a\n"}, "reference pattern"}, {object{"customerId": ""}, "customerId pattern"},
		{object{"shipping": object{"lastName": "D"}}, "shipping.lastName length"}, {object{"billing": object{"zip": "1"}}, "billing.zip length"},
		{object{"billing": object{"zip": "12#45"}}, "billing.zip pattern"}, {object{"billing": object{"city": "Kiel 1"}}, "billing.city pattern"},
		{object{"billing": object{"city": `Ki\el`}}, "billing.city pattern"}, {object{"billing": object{"country": "de"}}, "billing.country pattern"},
		{object{"billing": object{"state": "SHH"}}, "billing.state length"}, {object{"billing": "x"}, "billing type"},
		{object{"shoppingCart": []any{}}, "shoppingCart length"}, {object{"shoppingCart": lines}, "shoppingCart length"}, {object{"shoppingCart": nil}, "shoppingCart required"},
		{item(object{"type": "gift"}), "shoppingCart[0].type enum"}, {item(object{"number": ""}), "shoppingCart[0].number length"},
		{item(object{"number": "a\tb"}), "shoppingCart[0].number pattern"}, {item(object{"price": nil}), "shoppingCart[0].price required"},
		{item(object{"quantity": 0}), "shoppingCart total, shoppingCart[0].quantity range"}, {item(object{"quantity": 1000000, "price": 1}), "shoppingCart[0].quantity range"},
		{item(object{"vatRate": 10000}), "shoppingCart[0].vatRate range"}, {item(object{"description": ""}), "shoppingCart[0].description length"},
		{item(object{"deliveryDateStart": "2026-02-02", "deliveryDateEnd": "2026-02-01"}), "shoppingCart[0].deliveryDateEnd range"},
		{item(object{"price": 0}), "shoppingCart total"}, {item(object{"price": -1}), "shoppingCart total"}, {item(object{"price": 1999999999}), "shoppingCart total"},
		{object{"language": "de"}, "language enum"}, {object{"logo": "ftp://x"}, "logo pattern"}, {object{"logo": "/logo.png"}, "logo pattern"},
		{object{"successUrl": "javascript:alert(1)"}, "successUrl pattern"}, {object{"backUrl": "http://x/" + strings.Repeat("a", 2048)}, "backUrl length"},
		{object{"notifyUrl": "http://u:p@shop.example/"}, "notifyUrl pattern"}, {object{"backgroundImage": strings.Repeat("a", 2049)}, "backgroundImage length"},
		{object{"active": "yes"}, "active type"}, {object{"email": "a@b@c"}, "email pattern"}, {object{"email": "a@b"}, "email length"},
		{object{"invoiceInformation": object{"invoiceId": strings.Repeat("1", 21)}}, "invoiceInformation.invoiceId length"},
		{object{"accountId": nil, "email": "x", "billing": object{"zip": "1", "lastName": "x"}, "intent": "x"}, "intent enum, accountId required, billing.lastName length, billing.zip length, email length"},
	} {
		got := send(h, http.MethodPost, links, order(object{"reference": fmt.Sprint("r-", i)}, test.change))
		if got.Status != 400 || broken(got) != test.want {
			t.Errorf("%v: %d %s, want %s\n%s", test.change, got.Status, broken(got), test.want, got.Body)
		}
	}
}

// broken lists the errors of a refusal as field and code.
func broken(a providertest.Answer) string {
	var found []string
	all, _ := a.JSON()["errors"].([]any)
	for _, e := range all {
		e := e.(map[string]any)
		found = append(found, fmt.Sprint(e["field"], " ", e["code"]))
	}
	return strings.Join(found, ", ")
}

func TestARefusalLooksLikeSpring(t *testing.T) {
	h := house(t)
	got := send(h, http.MethodPost, links, order(object{"shoppingCart": []any{object{"type": "goods", "number": "A", "price": 2000000000, "quantity": 1}}}))
	want := `{"timestamp":"2026-01-15T10:30:00.000+00:00","status":400,"error":"Bad Request","message":"Validation failed","path":"/api/v1/payment-links",` +
		`"errors":[{"field":"shoppingCart","code":"total","message":"the total must be between 1 and 1999999999"},` +
		`{"field":"shoppingCart[0].price","code":"range","message":"must be between -1999999999 and 1999999999"}]}`
	if diff := cmp.Diff(want, string(got.Body)); diff != "" {
		t.Error(diff)
	}
}

func TestListsRefuseTheirQuery(t *testing.T) {
	h := house(t)
	for more, want := range map[string]string{
		"&limit=0": "limit range", "&limit=101": "limit range", "&page=-1": "page range", "&page=x": "page type", "&page=2147483648": "page range",
		"&limit=1.5": "limit type", "&page=9&page=9": "page type",
	} {
		if got := list(h, more); got.Status != 400 || broken(got) != want {
			t.Errorf("%s: %d %s", more, got.Status, got.Body)
		}
	}
	header := http.Header{"Authorization": {signed("10001" + "x" + portal + "demo")}}
	got := h.Do(http.MethodGet, links+"?merchantId=10001&accountId=x&portalId="+portal+"&mode=demo", header, nil)
	if got.Status != 403 { // An account that is not the portal's stands before the form of its name.
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

// Each request breaks all rules from its own on; the first of them is told.
func TestTheOrderOfTheChecks(t *testing.T) {
	h := house(t)
	used := create(t, h).Text("id")
	executedLink := create(t, h, object{"reference": "used"}).Text("id")
	if err := h.Act("link", executedLink, "approve"); err != nil {
		t.Fatal(err)
	}
	const unknown = "ABCDEFGH23456789ABCDEFGH23456789"
	bad := object{"accountId": "99", "email": "x", "reference": "used"}
	put := func(id string, body object, header ...string) providertest.Answer {
		return send(h, http.MethodPut, links+"/"+id, body, header...)
	}
	for i, test := range []struct {
		status int
		send   func() providertest.Answer
	}{
		{413, func() providertest.Answer {
			return h.Do("PUT", links+"/"+unknown, http.Header{"Content-Type": {"text/plain"}}, bytes.Repeat([]byte("{"), 2<<20))
		}},
		{415, func() providertest.Answer {
			return h.Do("PUT", links+"/"+unknown, http.Header{"Content-Type": {"text/plain"}}, []byte("{"))
		}},
		{400, func() providertest.Answer {
			return h.Do("PUT", links+"/"+unknown, http.Header{"Content-Type": {"application/json"}}, []byte("{"))
		}},
		{401, func() providertest.Answer { return put(unknown, order(bad), "Authorization", "x") }},
		{403, func() providertest.Answer { return put(unknown, order(bad)) }},
		{404, func() providertest.Answer { return put(unknown, order(object{"email": "x"})) }},
		{400, func() providertest.Answer { return put(executedLink, order(object{"email": "x", "mode": "live"})) }},
		{400, func() providertest.Answer { return put(executedLink, order(object{"mode": "live"})) }},
		{409, func() providertest.Answer { return put(executedLink, order()) }},
		{409, func() providertest.Answer { return put(used, order(object{"reference": "used"})) }},
	} {
		if got := test.send(); got.Status != test.status {
			t.Errorf("%d: %d %s, want %d", i, got.Status, got.Body, test.status)
		}
	}
	if got := put(executedLink, order(object{"mode": "live"})); broken(got) != "mode immutable" {
		t.Errorf("%s", got.Body)
	}
	if got := put(executedLink, order()); got.Text("message") != "Link already executed" {
		t.Errorf("%s", got.Body)
	}
}

func TestTheRateLimit(t *testing.T) {
	h := house(t)
	h.Set("rate_limit", 2)
	limits := func(a providertest.Answer) string {
		return strings.Join([]string{a.Header.Get("X-RateLimit-Limit"), a.Header.Get("X-RateLimit-Remaining"), a.Header.Get("X-RateLimit-Reset"), a.Header.Get("Retry-After")}, " ")
	}
	h.Advance(90 * time.Second)
	first, second, third := list(h, ""), list(h, "&limit=0"), list(h, "&limit=0")
	if first.Status != 200 || limits(first) != "2 1 30 " || second.Status != 400 || limits(second) != "2 0 30 " {
		t.Errorf("%v, %v", first, second)
	}
	if third.Status != 429 || limits(third) != "2 0 30 30" || third.Text("message") != "Rate limit exceeded" {
		t.Errorf("%v", third)
	}
	if got := h.Do("GET", links, nil, nil); got.Status != 401 || limits(got) != "   " {
		t.Errorf("nobody's call: %v", got)
	}
	h.Advance(time.Minute)
	if got := send(h, http.MethodPost, links, order(object{"merchantId": "7"})); got.Status != 403 || limits(got) != "2 1 30 " {
		t.Errorf("in the next minute: %v", got)
	}
	h.Set("rate_limit", 0)
	for range 3 {
		if got := list(h, ""); got.Status != 200 || limits(got) != "   " {
			t.Errorf("without a limit: %v", got)
		}
	}
}

func TestTokensInTheirForms(t *testing.T) {
	h := house(t)
	for i, test := range []struct {
		change object
		sign   func(object) string
		scheme string
	}{
		{nil, toSign, "payone-hmac-sha256 "}, {nil, toSign, "Payone-hmac-sha256 "}, {nil, toSign, "PAYONE-HMAC-SHA256    "},
		{nil, func(o object) string { return strings.Replace(toSign(o), "test", "TEST", 1) }, "payone-hmac-sha256 "},
	} {
		body := order(object{"reference": fmt.Sprint("r", i)}, test.change)
		header := strings.Replace(signed(test.sign(body)), "payone-hmac-sha256 ", test.scheme, 1)
		if got := send(h, http.MethodPost, links, body, "Authorization", header); got.Status != 201 {
			t.Errorf("%d: %d %s", i, got.Status, got.Body)
		}
	}
	// A wrong token is told before anything that is wrong with the fields.
	if got := send(h, http.MethodPost, links, object{"portalId": portal}, "Authorization", signed("x")); got.Status != 401 || got.Header.Get("WWW-Authenticate") != "payone-hmac-sha256" {
		t.Errorf("%v", got)
	}
	// A missing field counts as empty, a line without numbers as 0.
	body := object{"portalId": portal, "shoppingCart": []any{object{"price": "x", "quantity": 1}, 7, object{"price": "3", "quantity": 2}}}
	if got := send(h, http.MethodPost, links, body, "Authorization", signed(portal+"6")); got.Status != 400 {
		t.Errorf("%v", got)
	}
}

// A link is as unknown to another portal as one that never was.
func TestALinkIsItsPortals(t *testing.T) {
	h := house(t)
	id := create(t, h).Text("id")
	const other = "mockPortalKey0000000000000000002"
	theirs := order(object{"portalId": "3000002", "accountId": "20003"})
	if got := send(h, http.MethodPut, links+"/"+id, theirs, "Authorization", signedBy(other, toSign(theirs))); got.Status != 404 {
		t.Errorf("put: %d %s", got.Status, got.Body)
	}
	if got := h.Do(http.MethodGet, links+"/"+id, http.Header{"Authorization": {signedBy(other, id)}}, nil); got.Status != 401 {
		t.Errorf("get: %d %s", got.Status, got.Body)
	}
	live := order(object{"portalId": "3000002", "accountId": "20003", "mode": "live"})
	if got := send(h, http.MethodPost, links, live, "Authorization", signedBy(other, toSign(live))); got.Status != 403 {
		t.Errorf("a portal for tests only: %d %s", got.Status, got.Body)
	}
	header := http.Header{"Authorization": {signed("10001200023000001test")}}
	if got := h.Do(http.MethodPatch, links+"/"+id, header, nil); got.Status != 405 || got.Header.Get("Allow") != "GET, HEAD, PUT" {
		t.Errorf("%d %v", got.Status, got.Header)
	}
}

func TestAPortalMayUseItsModes(t *testing.T) {
	h := house(t)
	change(t, h, func(c *oauth.Client) { c.Settings = object{"modes": []any{"live"}} })
	if got := send(h, http.MethodPost, links, order()); got.Status != 403 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if got := send(h, http.MethodPost, links, order(object{"mode": "live", "merchantId": "77", "accountId": "88"})); got.Status != 201 {
		t.Errorf("any merchant: %d %s", got.Status, got.Body)
	}
}
