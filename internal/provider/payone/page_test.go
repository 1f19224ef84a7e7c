package payone_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

var shopURLs = object{"successUrl": "https://shop.example/ok?a=1&b=%20#x", "errorUrl": "https://shop.example/error", "backUrl": "https://shop.example/back"}

// path is an address without its origin.
func path(address string) string { return strings.TrimPrefix(address, "http://"+providertest.Host) }

// checkout makes a link, and gives its id and the path of its page.
func checkout(t *testing.T, h *providertest.House, changes ...object) (id, page string) {
	t.Helper()
	made := create(t, h, changes...)
	return made.Text("id"), path(made.Text("link"))
}

var tokenField = regexp.MustCompile(`name="token" value="([^"]+)"`)

// press sends the form of a page with its token to where the form goes, as a browser does.
func press(h *providertest.House, page, to string, pairs ...string) providertest.Answer {
	form := url.Values{}
	if found := tokenField.FindSubmatch(h.Get(page).Body); found != nil {
		form.Set("token", string(found[1]))
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return h.Form(to, form, "Origin", "http://"+providertest.Host, "Sec-Fetch-Site", "same-origin")
}

// paying are the fields of a card's form.
func paying(number string) []string {
	return []string{"paymentMethod", "visa", "cardholder", "Jane Doe", "cardNumber", number, "cardExpiry", "12/27", "cardCvc", "123"}
}

func location(a providertest.Answer) string { return path(a.Header.Get("Location")) }

func status(h *providertest.House, id string) string { return h.Show("link", id).State }

func TestAShopperSeesTheOrder(t *testing.T) {
	h := house(t)
	_, page := checkout(t, h, object{
		"language": "en_US", "description": "Two <b>bags</b>", "expiration": "2026-02-20",
		"shipping": object{"company": "ACME Ltd", "street": "High St 1", "zip": "1000 AB", "city": "Gent", "country": "BE"},
		"shoppingCart": []any{
			object{"type": "goods", "number": "A-1", "price": 2749, "quantity": 2, "description": "Potatoes", "vatRate": 1950, "deliveryDateStart": "2026-01-20"},
			object{"type": "voucher", "number": "V-1", "price": -500, "quantity": 1},
		},
	})
	got := h.Get(page)
	if got.Status != 200 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	for _, want := range []string{
		`<html lang="en-US">`, "Merchant 10001", "€49.98", "Potatoes", "€27.49", "€54.98", "−€5.00", "incl. 19.5% VAT", "Voucher", "Item no. A-1",
		"Delivery from Jan 20, 2026", "Feb 20, 2026", "ACME Ltd", "1000 AB Gent", "Doe", "order-1001", "Two &lt;b&gt;bags&lt;/b&gt;",
		`value="visa" checked`, `value="paypal"`, "Execute Payment", ">Back<", "4000 0000 0000 3220",
	} {
		if !strings.Contains(string(got.Body), want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func TestLinksThatCanNotBePaid(t *testing.T) {
	for name, test := range map[string]struct {
		change object
		want   string
	}{
		"created":     {object{"paymentMethods": nil}, "noch nicht vollständig"},
		"expired":     {object{"expiration": "2026-01-14"}, "ist abgelaufen"},
		"deactivated": {object{"active": false}, "ist nicht aktiv"},
	} {
		h := house(t)
		id, page := checkout(t, h, test.change)
		got := h.Get(page)
		if got.Status != 200 || !strings.Contains(string(got.Body), test.want) || strings.Contains(string(got.Body), "cardNumber") || status(h, id) != name {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
}

func TestPagesOfNoLink(t *testing.T) {
	h := house(t)
	_, page := checkout(t, h)
	for _, target := range []string{"/payone/p/HUENJ5FY124QHUENJ5FY124QHUENJ5FY", "/payone/p/x", "/payone/HUENJ5FY124QHUENJ5FY124QHUENJ5FY", page + "/auth/700000001", page + "/nothing"} {
		if got := h.Get(target); got.Status != 404 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", target, got.Status, got.Header.Get("Content-Type"))
		}
	}
}

func TestTheShortAddressLeadsToThePage(t *testing.T) {
	h := house(t)
	id, page := checkout(t, h)
	if got := h.Get("/payone/" + id); got.Status != http.StatusFound || location(got) != page {
		t.Errorf("%d %s", got.Status, location(got))
	}
}

func TestAShopperPaysByCard(t *testing.T) {
	h := house(t)
	id, page := checkout(t, h, shopURLs)
	got := press(h, page, page+"/execute", paying("4111 1111 1111 1111")...)
	if got.Status != 303 || got.Header.Get("Location") != shopURLs["successUrl"] || status(h, id) != "executed" {
		t.Fatalf("%d %v %s", got.Status, got.Header, got.Body)
	}
	shown := h.Show("payment", "700000001")
	var last string
	h.Data("payment", "700000001", "last4", &last)
	if shown.State != "appointed" || last != "1111" {
		t.Errorf("%s %s", shown.State, last)
	}
}

// The address of the form stays open in a second tab, or the button is pressed twice.
func TestALinkIsUsedOnce(t *testing.T) {
	h := house(t)
	_, page := checkout(t, h, shopURLs, object{"language": "en_US"})
	first := tokenField.FindSubmatch(h.Get(page).Body)
	press(h, page, page+"/execute", paying("4111111111111111")...)
	again := press(h, page, page+"/execute", append(paying("4111111111111111"), "token", string(first[1]))...)
	if again.Status != 200 || !strings.Contains(string(again.Body), "already used") || !strings.Contains(string(again.Body), page+"/done") {
		t.Errorf("%d %s", again.Status, again.Body)
	}
	h.Settle()
	if got := h.Messages("shop"); len(got) != 1 {
		t.Errorf("%d notifications", len(got))
	}
}

func TestAMistakeInTheFormIsShownAndNothingHappens(t *testing.T) {
	h := house(t)
	id, page := checkout(t, h, object{"language": "en_US"})
	got := press(h, page, page+"/execute", paying("4111111111111112")...)
	body := string(got.Body)
	if got.Status != 422 || status(h, id) != "ready" || !strings.Contains(body, "look for a typing error") || !strings.Contains(body, `value="Jane Doe"`) {
		t.Errorf("%d %s", got.Status, body)
	}
	if strings.Contains(body, "4111111111111112") || strings.Contains(body, `value="123"`) {
		t.Error("the page shows the card again")
	}
}

func TestADeclinedCardCanBeReplaced(t *testing.T) {
	h := house(t)
	id, page := checkout(t, h, shopURLs, object{"language": "en_US"})
	got := press(h, page, page+"/execute", paying("4000000000000002")...)
	if got.Status != 422 || !strings.Contains(string(got.Body), "The card was declined") || status(h, id) != "ready" {
		t.Fatalf("%d %s, and the link is %s", got.Status, got.Body, status(h, id))
	}
	h.Settle()
	if len(h.Messages("shop")) != 0 {
		t.Error("the shop was told")
	}
	if got := press(h, page, page+"/execute", paying("4111111111111111")...); got.Header.Get("Location") != shopURLs["successUrl"] {
		t.Errorf("another card: %d %s", got.Status, got.Body)
	}
}

func TestACardThatFailsForGood(t *testing.T) {
	h := house(t)
	id, page := checkout(t, h, shopURLs)
	got := press(h, page, page+"/execute", paying("4000000000000119")...)
	if got.Header.Get("Location") != shopURLs["errorUrl"] || status(h, id) != "executed" {
		t.Errorf("%d %s", got.Status, got.Header.Get("Location"))
	}
}

func TestOnlyTheFormOfThePageCounts(t *testing.T) {
	h := house(t)
	id, page := checkout(t, h, object{"language": "pl_PL"})
	_, other := checkout(t, h, object{"reference": "order-1002"})
	strange := tokenField.FindSubmatch(h.Get(other).Body)
	for _, token := range []string{"", "x", string(strange[1])} {
		if got := press(h, page, page+"/execute", append(paying("4111111111111111"), "token", token)...); got.Status != 403 || status(h, id) != "ready" || !strings.Contains(string(got.Body), "Ten formularz nie pochodzi") {
			t.Errorf("%q: %d, and the link is %s", token, got.Status, status(h, id))
		}
	}
	if got := h.Form(page+"/execute", url.Values{"paymentMethod": {"visa"}}, "Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site"); got.Status != 403 {
		t.Errorf("from elsewhere: %d", got.Status)
	}
}

func TestBackChangesNothing(t *testing.T) {
	for _, test := range []struct {
		change object
		want   string
	}{{shopURLs, "https://shop.example/back"}, {object{}, "/done"}} {
		h := house(t)
		id, page := checkout(t, h, test.change)
		if got := press(h, page, page+"/back"); got.Status != 303 || !strings.HasSuffix(got.Header.Get("Location"), test.want) || status(h, id) != "ready" {
			t.Errorf("%d %s", got.Status, got.Header.Get("Location"))
		}
	}
}

// toBank executes a link with a method that leads to a bank, and gives the path of the bank's page.
func toBank(t *testing.T, h *providertest.House, changes ...object) (page, bank string) {
	t.Helper()
	_, page = checkout(t, h, append([]object{shopURLs}, changes...)...)
	got := press(h, page, page+"/execute", append(paying("4000000000003220"), "bank", "ING")...)
	if bank = location(got); bank != page+"/auth/700000001" {
		t.Fatalf("%d %s", got.Status, bank)
	}
	return page, bank
}

func TestTheBankDecides(t *testing.T) {
	for name, test := range map[string]struct {
		do, user     string
		state, where string
	}{
		"approve":            {"approve", "", "appointed", "successUrl"},
		"a user approves":    {"approve", "approve", "appointed", "successUrl"},
		"decline":            {"decline", "", "failed", "errorUrl"},
		"a user declines":    {"approve", "decline", "failed", "errorUrl"},
		"cancel":             {"cancel", "", "failed", "backUrl"},
		"a user like others": {"approve", "Jane", "appointed", "successUrl"},
	} {
		h := house(t)
		_, bank := toBank(t, h)
		got := press(h, bank, bank, "do", test.do, "bankUser", test.user)
		if state := h.Show("payment", "700000001").State; got.Status != 303 || state != test.state || got.Header.Get("Location") != shopURLs[test.where] {
			t.Errorf("%s: %d %s, and the payment is %s", name, got.Status, got.Header.Get("Location"), state)
		}
	}
}

func TestABankIsNotAskedTwice(t *testing.T) {
	h := house(t)
	page, bank := toBank(t, h)
	token := tokenField.FindSubmatch(h.Get(bank).Body)
	press(h, bank, bank, "do", "approve")
	for name, got := range map[string]providertest.Answer{
		"a second press": press(h, bank, bank, "do", "decline", "token", string(token[1])), "the page": h.Get(bank),
	} {
		if got.Status != 303 || got.Header.Get("Location") != shopURLs["successUrl"] {
			t.Errorf("%s: %d %s", name, got.Status, got.Header.Get("Location"))
		}
	}
	if got := press(h, page, bank, "do", "decline"); got.Status != 403 {
		t.Errorf("without the bank's form: %d", got.Status)
	}
}

func TestNobodyAnswersAtTheBank(t *testing.T) {
	h := house(t)
	page, bank := toBank(t, h, object{"language": "en_US"})
	got := press(h, bank, bank, "do", "approve", "bankUser", "abandon")
	if got.Status != 200 || !strings.Contains(string(got.Body), "stays unanswered") {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if got := h.Get(page); !strings.Contains(string(got.Body), "already used") || !strings.Contains(string(got.Body), bank) {
		t.Errorf("%s", got.Body)
	}
	h.Advance(31 * time.Minute)
	if got := h.Get(bank); got.Header.Get("Location") != shopURLs["errorUrl"] {
		t.Errorf("%d %s", got.Status, got.Header.Get("Location"))
	}
}

func TestThePageOfTheBankSaysWhoseItIs(t *testing.T) {
	for _, test := range []struct{ method, want string }{
		{"visa", "3‑D Secure"}, {"paypal", "PayPal"}, {"ideal", "<h1>ING</h1>"}, {"sofort", "Sofort"},
	} {
		h := house(t)
		_, page := checkout(t, h, object{"paymentMethods": []any{test.method}, "language": "en_US"})
		form := append(paying("4000000000003220"), "bank", "ING", "paymentMethod", test.method)
		got := h.Get(location(press(h, page, page+"/execute", form...)))
		for _, want := range []string{test.want, `name="bankUser"`, ">Approve<", ">Decline<", ">Cancel<", "€49.98", "Merchant 10001", `lang="en-US"`} {
			if !strings.Contains(string(got.Body), want) {
				t.Errorf("%s has no %s: %s", test.method, want, got.Body)
			}
		}
	}
}

func TestTheResultHasTheInvoice(t *testing.T) {
	h := house(t)
	_, page := checkout(t, h, object{
		"language": "en_US", "email": "jane@example.com", "invoiceInformation": object{"invoiceId": "RE-7", "invoiceText": "With <thanks>"},
	})
	if got := h.Get(page + "/done"); got.Status != 303 || location(got) != page {
		t.Errorf("before the payment: %d %s", got.Status, location(got))
	}
	got := h.Get(location(press(h, page, page+"/execute", paying("4111111111111111")...)))
	for _, want := range []string{"Thank you", "Visa •••• 1111", "700000001", "would have gone to jane@example.com", "RE-7", "With &lt;thanks&gt;", "€49.98"} {
		if got.Status != 200 || !strings.Contains(string(got.Body), want) {
			t.Errorf("there is no %s: %d %s", want, got.Status, got.Body)
		}
	}
}

func TestTheResultOfAPaymentThatFailed(t *testing.T) {
	h := house(t)
	_, page := checkout(t, h, object{"language": "en_US", "email": "jane@example.com"})
	got := h.Get(location(press(h, page, page+"/execute", paying("4000000000000119")...)))
	if !strings.Contains(string(got.Body), "The payment was not made") || strings.Contains(string(got.Body), "jane@example.com") {
		t.Errorf("%s", got.Body)
	}
}

// The merchant's pictures are shown, and are all that the page may load.
func TestTheMerchantsClothes(t *testing.T) {
	h := house(t)
	_, page := checkout(t, h, object{
		"logo": "https://shop.example/logo.png?v=1", "backgroundImage": "linear-gradient(to right, #FFF, red), url(https://cdn.example/b.jpg)",
	})
	got := h.Get(page)
	for _, want := range []string{`src="https://shop.example/logo.png?v=1"`, `background-image:linear-gradient(to right,#fff,red),url(&#34;https://cdn.example/b.jpg&#34;)`} {
		if !strings.Contains(string(got.Body), want) {
			t.Errorf("there is no %s", want)
		}
	}
	if policy := got.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "img-src 'self' data: https://shop.example/logo.png https://cdn.example/b.jpg;") {
		t.Error(policy)
	}
	_, page = checkout(t, h, object{"reference": "order-2", "backgroundImage": "red;} body{display:none"})
	if got := h.Get(page); strings.Contains(string(got.Body), "display:none\"") || strings.Contains(string(got.Body), " style=") {
		t.Error("a background that is none is rendered")
	}
}

func TestEveryLanguageRendersEveryPage(t *testing.T) {
	for language, tag := range map[string]string{"de_DE": "de-DE", "en_US": "en-US", "fr_FR": "fr-FR", "es_ES": "es-ES", "pl_PL": "pl-PL"} {
		h := house(t)
		all := object{"language": language, "paymentMethods": []any{"visa", "sepa", "ideal", "paypal", "eps"}}
		_, page := checkout(t, h, all)
		answers := []providertest.Answer{h.Get(page), press(h, page, page+"/execute")}
		bank := location(press(h, page, page+"/execute", "paymentMethod", "paypal"))
		answers = append(answers, h.Get(bank), h.Get(page))
		press(h, bank, bank, "do", "approve")
		for i, got := range append(answers, h.Get(page+"/done")) {
			if !strings.Contains(string(got.Body), `<html lang="`+tag+`">`) || strings.Contains(string(got.Body), "%!") {
				t.Errorf("%s: page %d: %d %s", language, i, got.Status, got.Body)
			}
		}
	}
}
