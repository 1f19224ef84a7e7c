package finqlink_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// toBank brings a payer of a link to the page of the bank.
func toBank(t *testing.T, h *providertest.House, method string, changes ...object) (link, web, bank string) {
	t.Helper()
	made := create(t, h, changes...)
	link, web = made.Text("link_id"), made.Text("web_url")
	h.Get(path(web))
	if got := press(h, web+"/pay", "method", method); got.Status != 303 {
		t.Fatalf("pay: %d %s", got.Status, got.Body)
	}
	h.Advance(time.Second)
	bank = next(h.Get(path(web)))
	h.Get(path(bank))
	return link, web, bank
}

func state(h *providertest.House, link string) string { return h.Show("link", link).State }

func TestAPayerPays(t *testing.T) {
	h := house(t)
	link, web, bank := toBank(t, h, "rzb_ro.domestic.sandbox")
	query := approveAtBank(h, bank)
	got := h.Get("/finqlink/web/callback?" + query)
	if got.Status != 303 || got.Header.Get("Location") != web || state(h, link) != "received" {
		t.Fatalf("%d %v, and the link is %s", got.Status, got.Header, state(h, link))
	}
	h.Advance(3 * time.Second)
	back := h.Get(path(next(h.Get(path(web)))))
	want := "http://shop.example/paid?order=7&link_id=" + link + "&web_id=" + get(h, link).Text("web_id") + "&status=completed"
	if back.Header.Get("Location") != want {
		t.Errorf("the payer is sent to %s, want %s", back.Header.Get("Location"), want)
	}
	if got := get(h, link).Text("single_transfer.debtor_iban"); got != "RO03RZBR0000069999999999" {
		t.Errorf("paid from %s", got)
	}
}

func TestTheBankKnowsItsCustomers(t *testing.T) {
	for _, test := range []struct {
		method, user, password, pin string
		known                       bool
	}{
		{"rzb_ro.domestic.sandbox", "9999999998", "", "", true},
		{"rzb_ro.domestic.sandbox", "1234", "", "", false},
		{"rzb_ro.domestic.sandbox", "", "", "", false},
		{"bt_ro.domestic.sandbox", "testbt", "testbt", "1234567", true},
		{"bt_ro.domestic.sandbox", "testbt", "testbt", "", false},
		{"cec_ro.domestic.sandbox", "testcecapi", "testcecapi", "", true},
		{"cec_ro.domestic.sandbox", "testcecapi", "wrong", "", false},
		{"libra_ro.domestic.sandbox", "testlibra", "testlibra", "", true},
		{"ropay.instant.sandbox", "0712345678", "", "", true},
		{"ropay.instant.sandbox", "071234567", "", "", false},
		{"cec_ro.domestic.sandbox", "pay_pending+run7", "any", "", true},
	} {
		h := house(t)
		_, _, bank := toBank(t, h, test.method, object{"payment_method": nil})
		got := press(h, bank, "do", "login", "user", test.user, "password", test.password, "pin", test.pin)
		if known := got.Status == 303; known != test.known {
			t.Errorf("%s, %s: %d", test.method, test.user, got.Status)
		}
	}
}

func TestWhatAPersonTypesTellsAnotherStory(t *testing.T) {
	for name, test := range map[string]struct {
		do    []string
		story string
	}{
		"an ordinary customer": {[]string{"do", "login", "user", "9999999998"}, "pay_stuck"},
		"a scenario's name":    {[]string{"do", "login", "user", "pay_late_rejection+x"}, "pay_late_rejection"},
		"a scenario's PSU ID":  {[]string{"do", "login", "user", "9999999003"}, "pay_insufficient_funds"},
		"a button":             {[]string{"do", "story", "story", "funds_rejected"}, "funds_rejected"},
	} {
		h := house(t)
		link, _, bank := toBank(t, h, "rzb_ro.domestic.sandbox", object{"single_transfer": object{"amount": "7700.08"}})
		press(h, bank, test.do...)
		if got := h.Show("link", link).Entity.Scenario; got != test.story {
			t.Errorf("%s: %s", name, got)
		}
	}
	h := house(t)
	made := create(t, h)
	web := made.Text("web_url")
	h.Get(path(web))
	press(h, web+"/pay", "method", "rzb_ro.domestic.sandbox", "psu_id", "9999999004")
	h.Advance(time.Second)
	if got := h.Show("link", made.Text("link_id")); got.State != "failed" || got.Entity.Scenario != "pay_bad_account" {
		t.Errorf("a PSU ID on the WebUI: %s, %s", got.State, got.Entity.Scenario)
	}
}

func TestThePageLocksAfterThreeWrongLogins(t *testing.T) {
	h := house(t)
	link, web, bank := toBank(t, h, "rzb_ro.domestic.sandbox")
	for range 2 {
		press(h, bank, "do", "login", "user", "nobody")
	}
	if state(h, link) != "awaiting_authz" {
		t.Fatalf("after two it is %s", state(h, link))
	}
	got := press(h, bank, "do", "login", "user", "nobody")
	location, err := url.Parse(got.Header.Get("Location"))
	if err != nil || state(h, link) != "failed" || location.Query().Get("error") != "access_denied" || location.Query().Get("state") == "" {
		t.Errorf("%s, and sent to %s", state(h, link), location)
	}
	h.Get(path(location.String()))
	if page := h.Get(path(web)); !strings.Contains(string(page.Body), "locked after three") {
		t.Errorf("the payer is not told: %s", page.Body)
	}
}

func TestAPayerLeavesTheBank(t *testing.T) {
	for do, code := range map[string]string{"cancel": "access_denied", "fault": "server_error"} {
		h := house(t)
		link, _, bank := toBank(t, h, "rzb_ro.domestic.sandbox")
		location := press(h, bank, "do", do).Header.Get("Location")
		if !strings.Contains(location, "error="+code) || state(h, link) != "awaiting_authz" {
			t.Errorf("%s: sent to %s, and the link is %s already", do, location, state(h, link))
		}
		h.Get(path(location))
		if state(h, link) != "failed" {
			t.Errorf("%s: handled, and the link is %s", do, state(h, link))
		}
	}
}

func TestNobodyApprovesWithoutALogin(t *testing.T) {
	h := house(t)
	link, _, bank := toBank(t, h, "rzb_ro.domestic.sandbox")
	if got := press(h, bank, "do", "approve", "account", "RO03RZBR0000069999999999"); got.Status != 400 {
		t.Errorf("without a login: %d", got.Status)
	}
	press(h, bank, "do", "login", "user", "9999999998")
	if got := press(h, bank, "do", "approve", "account", "RO10RZBR0000069999999970"); got.Status != 400 {
		t.Errorf("from another's account: %d", got.Status)
	}
	if state(h, link) != "awaiting_authz" {
		t.Errorf("the link is %s", state(h, link))
	}
}

func TestAPageOfAnotherOriginPressesNoButton(t *testing.T) {
	h := house(t)
	link, _, bank := toBank(t, h, "rzb_ro.domestic.sandbox")
	got := h.Form(path(bank), url.Values{"do": {"fault"}}, "Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site")
	if got.Status == 303 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") || state(h, link) != "awaiting_authz" {
		t.Errorf("%d, and the link is %s", got.Status, state(h, link))
	}
}

func TestAnExpiredLinkIsNotPaid(t *testing.T) {
	h := house(t)
	made := create(t, h, object{"options": object{"expires_in": 60}})
	link, web := made.Text("link_id"), made.Text("web_url")
	h.Get(path(web))
	h.Advance(time.Minute)
	for name, got := range map[string]providertest.Answer{
		"the page":   h.Get(path(web)),
		"the button": press(h, web+"/pay", "method", "rzb_ro.domestic.sandbox"),
	} {
		if got.Status != 400 || !strings.Contains(string(got.Body), "expired") {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if shown := get(h, link); shown.Text("status") != "started" || shown.JSON()["is_expired"] != true {
		t.Errorf("%s", shown.Body)
	}
	if err := h.Act("link", link, "approve"); err == nil {
		t.Error("the control API pays it")
	}
}

func TestAPaymentUnderWayOutlivesItsLink(t *testing.T) {
	h := house(t)
	link, _, bank := toBank(t, h, "rzb_ro.domestic.sandbox", object{"options": object{"expires_in": 60}})
	h.Advance(2 * time.Minute)
	h.Get("/finqlink/web/callback?" + approveAtBank(h, bank))
	if state(h, link) != "received" {
		t.Errorf("the link is %s", state(h, link))
	}
}

func TestOnlyAnEditableLinkIsEdited(t *testing.T) {
	for _, test := range []struct {
		editable bool
		amount   string
		status   int
		want     string
	}{
		{true, "99.00", 303, "99.00"}, {false, "99.00", 303, "125.50"}, {true, "0", 400, "125.50"}, {true, "1e3", 400, "125.50"},
	} {
		h := house(t)
		made := create(t, h, object{"options": object{"user_editable": test.editable}})
		got := press(h, made.Text("web_url")+"/pay", "method", "rzb_ro.domestic.sandbox", "amount", test.amount, "details", "mine")
		if amount := get(h, made.Text("link_id")).Text("single_transfer.amount"); got.Status != test.status || amount != test.want {
			t.Errorf("editable %v, %s: %d, and the amount is %s", test.editable, test.amount, got.Status, amount)
		}
	}
}

func TestThePayerIsOfferedWhatFits(t *testing.T) {
	h := house(t)
	made := create(t, h, object{"payment_method": object{"provider_id": nil, "payment_scheme": nil}, "single_transfer": object{"currency": "EUR"}})
	page := string(h.Get(path(made.Text("web_url"))).Body)
	if !strings.Contains(page, `value="rzb_ro.sepa.sandbox"`) || strings.Contains(page, "domestic") || strings.Contains(page, ".prod") {
		t.Errorf("%s", page)
	}
	if got := press(h, made.Text("web_url")+"/pay", "method", "rzb_ro.domestic.sandbox"); got.Status != 400 {
		t.Errorf("a method that is not offered: %d", got.Status)
	}
	if got := press(h, made.Text("web_url")+"/pay", "method", "rzb_ro.sepa.sandbox", "debtor_iban", "RO00"); got.Status != 400 || !strings.Contains(string(got.Body), "no valid IBAN") {
		t.Errorf("a wrong IBAN: %d", got.Status)
	}
}

func TestAPreviewDoesNotOpenTheLink(t *testing.T) {
	h := house(t)
	made := create(t, h)
	h.Do(http.MethodHead, path(made.Text("web_url")), nil, nil)
	if state(h, made.Text("link_id")) != "created" {
		t.Error("HEAD opened the link")
	}
}

// A wrapped link's five minutes at the bank count from its creation.
func TestAWrappedLinkIsOpenedLate(t *testing.T) {
	h := house(t)
	made := create(t, h, object{"options": object{"type": "wrapped_sca"}})
	h.Advance(6 * time.Minute)
	press(h, made.Text("web_url")+"/pay", "method", "rzb_ro.domestic.sandbox")
	h.Settle()
	if got := state(h, made.Text("link_id")); got != "failed" {
		t.Errorf("the link is %s", got)
	}
}

func TestStrangersTextStaysText(t *testing.T) {
	h := house(t)
	made := create(t, h, object{"single_transfer": object{"creditor_name": `<script>alert(1)</script>`, "details": `"><img src=x onerror=alert(1)>`}})
	page := h.Get(path(made.Text("web_url")))
	if body := string(page.Body); strings.Contains(body, "<script>") || strings.Contains(body, "<img src=x") {
		t.Errorf("%s", body)
	}
	if !strings.Contains(page.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%v", page.Header)
	}
}

func TestPagesThatAreNotThere(t *testing.T) {
	h := house(t)
	_, _, bank := toBank(t, h, "rzb_ro.domestic.sandbox")
	for _, target := range []string{
		"/finqlink/web/AAAAAAAAAAAAAAAA", "/finqlink/web/callback?state=x", "/finqlink/web/", "/finqlink/bank/rzb_ro/sca/x",
		strings.Replace(path(bank), "rzb_ro", "bt_ro", 1), "/finqlink/assets/none.svg", "/finqlink/assets/rzb_ro",
	} {
		if got := h.Get(target); got.Status != 404 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", target, got.Status, got.Header.Get("Content-Type"))
		}
	}
	for target, media := range map[string]string{"/finqlink/assets/rzb_ro.svg": "image/svg+xml", "/finqlink/dashboard?q=libra": "text/html; charset=utf-8"} {
		if got := h.Get(target); got.Status != 200 || got.Header.Get("Content-Type") != media {
			t.Errorf("%s: %d %s", target, got.Status, got.Header.Get("Content-Type"))
		}
	}
}
