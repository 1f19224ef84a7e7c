package finqlink_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// consentAtBank brings a user to the page of the bank.
func consentAtBank(t *testing.T, h *providertest.House, changes ...object) (consentID, web, bank string) {
	t.Helper()
	made := askConsent(t, h, changes...)
	consentID, web = made.Text("consent_id"), made.Text("web_url")
	return consentID, web, goOn(t, h, web)
}

// goOn chooses a bank on the WebUI and follows it there.
func goOn(t *testing.T, h *providertest.House, web string) (bank string) {
	t.Helper()
	h.Get(path(web))
	if got := press(h, web+"/pay", "method", "rzb_ro.psd2.sandbox"); got.Status != 303 {
		t.Fatalf("continue: %d %s", got.Status, got.Body)
	}
	h.Advance(time.Second)
	bank = next(h.Get(path(web)))
	h.Get(path(bank))
	return bank
}

func consentState(h *providertest.House, consentID string) string {
	return h.Show("consent", consentID).State
}

func TestAUserGivesAConsent(t *testing.T) {
	h := house(t)
	made, web, bank := consentAtBank(t, h)
	if got := consentState(h, made); got != "awaiting_authz" {
		t.Fatalf("at the bank it is %s", got)
	}
	query := approveAtBank(h, bank)
	if got := h.Get("/finqlink/web/callback?" + query); got.Header.Get("Location") != web || consentState(h, made) != "authorized" {
		t.Fatalf("%d %v, and the consent is %s", got.Status, got.Header, consentState(h, made))
	}
	h.Advance(time.Second)
	back := h.Get(path(next(h.Get(path(web))))).Header.Get("Location")
	if !strings.HasPrefix(back, "http://shop.example/given?order=7&consent_id="+made+"&web_id=") || !strings.HasSuffix(back, "&status=active") {
		t.Errorf("the user is sent to %s", back)
	}
	if got := ofConsent(h, "accounts/list", made).JSON()["accounts"].([]any); len(got) != 0 {
		t.Errorf("before the first job has brought them there are %d accounts", len(got))
	}
}

// cancelAtBank cancels on the bank's page and follows the redirect.
func cancelAtBank(h *providertest.House, bank string) {
	_, query, _ := strings.Cut(press(h, bank, "do", "cancel").Header.Get("Location"), "?")
	h.Get("/finqlink/web/callback?" + query)
}

func TestAUserCancelsAndTriesAgain(t *testing.T) {
	h := house(t)
	made, web, bank := consentAtBank(t, h)
	cancelAtBank(h, bank)
	if page := string(h.Get(path(web)).Body); consentState(h, made) != "awaiting_authz" || !strings.Contains(page, "/retry") || !strings.Contains(page, "/give_up") {
		t.Fatalf("after a cancel it is %s, and the page says %s", consentState(h, made), page)
	}
	press(h, web+"/retry")
	if got := consentState(h, made); got != "started" {
		t.Fatalf("after Try again it is %s", got)
	}
	second := goOn(t, h, web)
	if second == bank || h.Get(path(bank)).Status != 404 {
		t.Errorf("the second try has the bank's page of the first: %s", second)
	}
	cancelAtBank(h, second)
	press(h, web+"/give_up")
	if got := consentState(h, made); got != "failed" {
		t.Errorf("after Give up it is %s", got)
	}
}

func TestOnlyWhoCancelledTriesAgain(t *testing.T) {
	h := house(t)
	made, web, _ := consentAtBank(t, h)
	for _, button := range []string{"/retry", "/give_up"} {
		if got := press(h, web+button); got.Status != 303 || consentState(h, made) != "awaiting_authz" {
			t.Errorf("%s: %d, and the consent is %s", button, got.Status, consentState(h, made))
		}
	}
}

// The bank's page cancels by itself, a live page sees it, and the second try is the user's own.
func TestTheBankCancels(t *testing.T) {
	h := house(t)
	made, web, bank := consentAtBank(t, h, object{"tracking": object{"payment_ref": "scn-consent-cancelled"}})
	h.Advance(time.Second)
	if got := h.Get(path(bank) + "/status").Text("status"); got != "cancelled" {
		t.Errorf("the page of the bank sees %s", got)
	}
	h.Get(path(h.Get(path(bank)).Header.Get("Location")))
	press(h, web+"/retry")
	second := goOn(t, h, web)
	h.Advance(time.Minute)
	query := approveAtBank(h, second)
	h.Get("/finqlink/web/callback?" + query)
	if got := consentState(h, made); got != "authorized" {
		t.Errorf("the second try ends %s", got)
	}
}

func TestWhatAUserTypesTellsAnotherStory(t *testing.T) {
	h := house(t)
	for name, test := range map[string]struct {
		do    []string
		story string
	}{
		"an ordinary customer": {[]string{"do", "login", "user", "9999999998"}, "consent_success"},
		"a consent's PSU ID":   {[]string{"do", "login", "user", "9999999031"}, "consent_suspended"},
		"a job's PSU ID":       {[]string{"do", "login", "user", "9999999040"}, "job_partial"},
		"a job's name":         {[]string{"do", "login", "user", "data_empty+run7"}, "data_empty"},
		"a link's name":        {[]string{"do", "login", "user", "pay_pending"}, "pay_pending"},
		"a button":             {[]string{"do", "story", "story", "job_failed"}, "job_failed"},
	} {
		made, _, bank := consentAtBank(t, h)
		press(h, bank, test.do...)
		if got := h.Show("consent", made).Entity.Scenario; got != test.story {
			t.Errorf("%s: %s", name, got)
		}
	}
	made := askConsent(t, h)
	press(h, made.Text("web_url")+"/pay", "method", "rzb_ro.psd2.sandbox", "psu_id", "9999999043")
	if got := h.Show("consent", made.Text("consent_id")).Entity.Scenario; got != "data_empty" {
		t.Errorf("a PSU ID on the WebUI: %s", got)
	}
}

func TestTheBankRefusesAConsent(t *testing.T) {
	h := house(t)
	for name, do := range map[string][][]string{
		"three wrong logins": {{"do", "login", "user", "x"}, {"do", "login", "user", "x"}, {"do", "login", "user", "x"}},
		"a decline":          {{"do", "decline"}},
		"a time-out":         {{"do", "time_out"}},
	} {
		made, _, bank := consentAtBank(t, h)
		for _, button := range do {
			press(h, bank, button...)
		}
		if got := consentState(h, made); got != "failed" {
			t.Errorf("%s: it is %s", name, got)
		}
	}
}

func TestBanksThatShowData(t *testing.T) {
	h := house(t)
	made := askConsent(t, h, object{"ais_method": object{"provider_id": nil, "account_owner_type": "corporate"}})
	page := string(h.Get(path(made.Text("web_url"))).Body)
	for method, offered := range map[string]bool{
		"rzb_ro.psd2.sandbox": true, "unicredit_ro.psd2.sandbox": true, "cec_ro.psd2.sandbox": false, "libra_ro.psd2.sandbox": false, "rzb_ro.psd2.prod": false,
	} {
		if strings.Contains(page, `value="`+method+`"`) != offered {
			t.Errorf("%s: offered is not %v", method, offered)
		}
	}
}
