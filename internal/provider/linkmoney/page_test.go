package linkmoney_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

const client = "/linkmoney-client"

// browser is a customer's, which goes where it is sent.
type browser struct {
	*house
	t    *testing.T
	key  string
	last providertest.Answer
}

func newBrowser(t *testing.T) *browser { return &browser{house: newHouse(t), t: t} }

// opens a session's page.
func (b *browser) opens(key string, more ...string) *browser {
	b.key = key
	return b.follow(b.Get(client + "/?" + b.query(more...)))
}

func (b *browser) query(pairs ...string) string {
	query := url.Values{"sessionKey": {b.key}}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return query.Encode()
}

func (b *browser) follow(a providertest.Answer) *browser {
	b.t.Helper()
	for range 3 {
		if a.Status != http.StatusSeeOther {
			break
		}
		a = b.Get(a.Header.Get("Location"))
	}
	b.last = a
	return b
}

func (b *browser) goes(path string, pairs ...string) *browser {
	b.t.Helper()
	return b.follow(b.Get(client + path + "?" + b.query(pairs...)))
}

// press sends a form with the token of the page that is shown.
func (b *browser) press(path string, pairs ...string) *browser {
	b.t.Helper()
	token := tokenField.FindStringSubmatch(string(b.last.Body))
	if token == nil {
		b.t.Fatalf("there is no form on %d %s", b.last.Status, title(b.last))
	}
	return b.follow(b.send(path, token[1], pairs...))
}

func (b *browser) send(path, token string, pairs ...string) providertest.Answer {
	form := url.Values{"sessionKey": {b.key}, "token": {token}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.Form(client+path, form, "Origin", "http://"+providertest.Host, "Sec-Fetch-Site", "same-origin")
}

var (
	tokenField = regexp.MustCompile(`name="token" value="([^"]+)"`)
	heading    = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)
	refresh    = regexp.MustCompile(`http-equiv="refresh" content="2;url=([^"]*)"`)
	tag        = regexp.MustCompile(`<[^>]*>`)
)

func title(a providertest.Answer) string {
	if found := heading.FindSubmatch(a.Body); found != nil {
		return strings.TrimSpace(tag.ReplaceAllString(string(found[1]), ""))
	}
	return ""
}

// target is where the page leads on to by itself.
func (b *browser) target() string {
	found := refresh.FindSubmatch(b.last.Body)
	if found == nil {
		return ""
	}
	return strings.ReplaceAll(string(found[1]), "&amp;", "&")
}

func (b *browser) state() string { return b.Show("session", b.key).State }

func (b *browser) sees(status int, want string) *browser {
	b.t.Helper()
	if got := title(b.last); b.last.Status != status || got != want {
		b.t.Errorf("%d %s, want %d %s:\n%s", b.last.Status, got, status, want, b.last.Body)
	}
	return b
}

func (b *browser) logsIn(bank, user string) *browser {
	b.t.Helper()
	return b.goes("/login", "bank", bank).press("/login", "bank", bank, "user", user, "password", user)
}

const bankID = "102105"

// At each step the browser is where the session is, wherever it asks to go.
func TestThePagesFollowTheSession(t *testing.T) {
	b := newBrowser(t)
	key := b.session("ada@shop.test", nil)
	b.key = key
	b.goes("/banks").sees(200, "Link your bank account to Demo merchant") // who comes in the middle begins
	b.goes("/accounts").sees(200, "Link your bank account to Demo merchant")
	b.goes("/login").sees(200, "Which is your bank?")
	b.goes("/login", "bank", "7").sees(200, "Which is your bank?")
	b.goes("/banks", "q", "nothing").sees(200, "Which is your bank?")
	if body := string(b.last.Body); strings.Count(body, "<li hidden>") != 5 || !strings.Contains(body, `id="banks-none" role="status">`) {
		t.Error("the search finds what is not there")
	}
	b.logsIn(bankID, "profile_522").sees(200, "Which account is it to be?")
	b.opens(key).sees(200, "Which account is it to be?")
	b.press("/accounts", "account", "savings").sees(200, "Your account is linked")
	if want := "http://localhost:3000/linked?status=200&customerId=" + b.customerOf(key); b.target() != want {
		t.Errorf("the page leads to %s, want %s", b.target(), want)
	}
	b.goes("/consent").sees(200, "Your account is linked")
	b.opens(key).sees(400, "This did not work")
	if b.target() != "http://localhost:3000/linked?status=500" {
		t.Errorf("a used key leads to %s", b.target())
	}
}

func TestPagesOfNoSession(t *testing.T) {
	b := newBrowser(t)
	for redirect, target := range map[string]string{
		"": "", "undefined": "", "http://shop.test/?a=1#b": "http://shop.test/?a=1&status=500#b", "javascript:alert(1)": "", "data:text/html,x": "", "file:///etc": "",
	} {
		b.opens("nobody", "redirect", redirect, "custom", "undefined", "version", "web-v1.0.6", "environment", "undefined").sees(404, "This did not work")
		if b.target() != target || strings.Contains(string(b.last.Body), "javascript:") {
			t.Errorf("%q leads to %q", redirect, b.target())
		}
	}
	for _, path := range []string{"/consent", "/banks", "/login", "/accounts", "/result", "/status"} {
		b.goes(path).sees(404, "This did not work")
	}
	b.goes("/nothing").sees(404, "There is no such page")
	if a := b.send("/leave", "x"); a.Status != 404 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// In the first generation the page's parameter says where to go back to.
func TestTheRedirectOfTheFirstGeneration(t *testing.T) {
	for redirect, target := range map[string]string{
		"undefined": "", "": "", "http://localhost/cb?x=%20#f": "http://localhost/cb?x=%20&status=204#f", "myapp://linked": "myapp://linked?status=204",
	} {
		b := newBrowser(t)
		b.opens(b.post("/v1/sessions", person("ada@shop.test")).Text("sessionKey"), "redirect", redirect)
		b.sees(200, "Link your bank account to Demo merchant").press("/leave").sees(200, "No account was linked")
		if b.target() != target || strings.Contains(string(b.last.Body), "ZgotmplZ") {
			t.Errorf("%q leads to %q:\n%s", redirect, b.target(), b.last.Body)
		}
	}
	for _, redirect := range []string{"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/cb"} {
		b := newBrowser(t)
		b.opens(b.post("/v1/sessions", person("ada@shop.test")).Text("sessionKey"), "redirect", redirect).sees(400, "This did not work")
		if b.target() != "" || b.state() != "created" {
			t.Errorf("%q leads to %q, and the session is %s", redirect, b.target(), b.state())
		}
	}
}

// The production names send customers to allowed addresses only, and to no app that is not allowed.
func TestTheRedirectInProduction(t *testing.T) {
	b := newBrowser(t)
	for _, redirect := range []string{"http://localhost/cb", "myapp://linked"} {
		b.key = b.post("/v1/sessions", person("ada@shop.test")).Text("sessionKey")
		b.last = b.Do("GET", "https://client.link.money/?"+b.query("redirect", redirect), nil, nil)
		b.sees(400, "This did not work")
		if b.target() != "" || !strings.Contains(string(b.last.Body), "redirect_allow_list") {
			t.Errorf("it leads to %q: %s", b.target(), b.last.Body)
		}
	}
}

func TestAFormOfAnotherPage(t *testing.T) {
	b := newBrowser(t)
	other := b.session("grace@shop.test", nil)
	b.opens(other)
	strange := tokenField.FindStringSubmatch(string(b.last.Body))[1]
	b.opens(b.session("ada@shop.test", nil))
	for _, path := range []string{"/login", "/accounts", "/leave", "/story"} {
		for _, token := range []string{"", "x", strange} {
			if a := b.send(path, token, "story", "held"); a.Status/100 != 4 || b.state() != "opened" {
				t.Errorf("%s with %q: %d, and the session is %s", path, token, a.Status, b.state())
			}
		}
	}
	if a := b.Form(client+"/leave", url.Values{"sessionKey": {b.key}}, "Origin", "http://evil.test", "Sec-Fetch-Site", "cross-site"); a.Status/100 != 4 || b.state() != "opened" {
		t.Errorf("from elsewhere: %d", a.Status)
	}
}

// To look at an address without anybody behind it opens nothing.
func TestALookOpensNothing(t *testing.T) {
	b := newBrowser(t)
	b.key = b.session("ada@shop.test", nil)
	if a := b.Do("HEAD", client+"/?"+b.query(), nil, nil); a.Status != 200 || b.state() != "created" {
		t.Errorf("%d, and the session is %s", a.Status, b.state())
	}
}

func TestWrongLoginsOnThePage(t *testing.T) {
	b := newBrowser(t)
	b.opens(b.session("ada@shop.test", nil))
	for _, want := range []string{"2 attempts are left", "One attempt is left"} {
		b.logsIn(bankID, "stran<ger").sees(422, "FinBank Profiles - A")
		if body := string(b.last.Body); !strings.Contains(body, want) || !strings.Contains(body, `value="stran&lt;ger"`) || strings.Count(body, "stran") != 1 {
			t.Errorf("there is no %q in\n%s", want, body)
		}
	}
	b.logsIn(bankID, "stranger").sees(200, "No account was linked")
	if b.target() != "http://localhost:3000/linked?status=500" || !strings.Contains(string(b.last.Body), "locked") {
		t.Errorf("%s", b.last.Body)
	}
}

// Whatever is sent, the answer is a page, and a session that it does not end goes on.
func TestAnythingIsSentToThePages(t *testing.T) {
	b := newBrowser(t)
	b.opens(b.session("ada@shop.test", nil))
	token := tokenField.FindStringSubmatch(string(b.last.Body))[1]
	rapid.Check(t, func(r *rapid.T) {
		text := func(name string) string {
			return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", bankID, "undefined", "-1", "99999999999999999999", "/login?bank=1", "//evil.test", "held"})).Draw(r, name)
		}
		path := rapid.SampledFrom([]string{"/login", "/accounts", "/story"}).Draw(r, "path")
		sent := b.send(path, token, "bank", text("bank"), "user", "nobody", "password", text("password"), "account", text("account"), "story", text("story"), "from", text("from"))
		seen := b.Get(client + rapid.SampledFrom([]string{"/", "/banks", "/login", "/status", "/nothing"}).Draw(r, "page") + "?" + url.Values{
			"sessionKey": {text("key")}, "redirect": {text("redirect")}, "bank": {text("bank")}, "q": {text("q")},
		}.Encode())
		for _, a := range []providertest.Answer{sent, seen} {
			if where := a.Header.Get("Location"); a.Status >= 500 || where != "" && !strings.HasPrefix(where, client+"/") {
				r.Fatalf("%d to %q: %s", a.Status, where, a.Body)
			}
		}
	})
}

// What is pressed twice, or pressed on a page that is out of date, does no harm.
func TestPressingTwice(t *testing.T) {
	b := newBrowser(t)
	b.opens(b.session("ada@shop.test", object{"paymentDetails": object{"amount": money("25"), "requestKey": "once"}}))
	b.logsIn(bankID, "profile_522")
	old := b.last
	b.press("/accounts", "account", "savings").sees(200, "Payment authorized")
	for _, path := range []string{"/accounts", "/login", "/leave"} {
		b.last = old
		b.press(path, "account", "checking", "bank", bankID, "user", "profile_522", "password", "profile_522").sees(200, "Payment authorized")
	}
	b.last = old
	b.press("/story", "story", "held").sees(200, "Payment authorized")
}

// What became of the payment stands on the last page.
func TestTheResultOfAManagedPayment(t *testing.T) {
	for value, want := range map[string][2]string{
		"1249.5": {"Payment authorized", "0"}, "7700.01": {"Payment pending", "2"}, "9000.01": {"Payment declined", "1"},
	} {
		b := newBrowser(t)
		b.opens(b.session("ada@shop.test", object{"paymentDetails": object{"amount": money(value), "requestKey": "rk", "softDescriptor": "SHOP"}}))
		b.sees(200, "Pay Demo merchant from your bank account")
		b.logsIn(bankID, "profile_522").press("/accounts", "account", "checking").sees(200, want[0])
		at, err := url.Parse(b.target())
		if query := at.Query(); err != nil || query.Get("status") != "200" || query.Get("paymentStatusCode") != want[1] || query.Get("paymentId") == "" {
			t.Errorf("%s leads to %s", value, b.target())
		}
	}
}

// Each story is a button, and a button that is none is refused.
func TestTheButtonsOfStories(t *testing.T) {
	b := newBrowser(t)
	b.opens(b.session("ada@shop.test", nil))
	for _, name := range b.Library.Scenarios("linkmoney") {
		if !strings.Contains(string(b.last.Body), `name="story" value="`+name+`"`) {
			t.Errorf("there is no button for %s", name)
		}
	}
	page := b.last
	b.press("/story", "story", "nothing").sees(400, "This did not work")
	b.last = page
	b.press("/story", "story", "held", "from", "/login?bank="+bankID).sees(200, "FinBank Profiles - A")
	b.press("/story", "story", "held_forever", "from", "//evil.test/").sees(200, "Link your bank account to Demo merchant")
	if b.Show("session", b.key).Entity.Scenario != "held_forever" {
		t.Error("the story is not followed")
	}
	b.press("/story", "story", "session_expired").sees(200, "No account was linked")
}

func TestThePageTellsItsStatus(t *testing.T) {
	b := newBrowser(t)
	b.opens(b.session("ada@shop.test", nil))
	if a := b.Get(client + "/status?" + b.query()); string(a.Body) != `{"status":"opened"}` {
		t.Errorf("%s", a.Body)
	}
	b.Advance(30 * time.Minute)
	b.goes("/banks").sees(200, "No account was linked")
}

// A page of a session for VERIFY says what the merchant learns.
func TestThePageOfAVerification(t *testing.T) {
	b := newBrowser(t)
	b.opens(b.session("ada@shop.test", object{"product": "VERIFY"})).sees(200, "Demo merchant would like to verify your bank account")
	b.logsIn("900001", "profile_522").press("/accounts", "account", "checking").sees(200, "Your account is linked")
}

func TestTheSlowPage(t *testing.T) {
	h := newHouse(t)
	var slow []string
	for _, mishap := range h.Library.Kind("linkmoney", "session").Story("link_slow").Mishaps {
		if mishap.When != "before" || mishap.Delay == nil {
			t.Errorf("%+v", mishap)
		}
		slow = append(slow, mishap.Operation)
	}
	if got := strings.Join(slow, " "); got != "page.open page.log_in page.choose" {
		t.Error(got)
	}
}

func TestThePortal(t *testing.T) {
	h := newHouse(t)
	h.post("/v1/webhook/subscribe", object{"url": "http://shop.test/hook?<b>", "secretKey": hookKey, "eventTypes": []any{"payment.failed"}})
	for path, wants := range map[string][]string{
		"/merchant/accounts": {"linkmoney-demo", "linkmoney-demo-secret", "M-DEMO", "Sandbox", "http://localhost:6265/linkmoney."},
		"/merchant/webhooks": {"http://shop.test/hook?&lt;b&gt;", "payment.failed", "SUBSCRIBED"},
	} {
		a := h.Get(client + path)
		for _, want := range wants {
			if a.Status != 200 || !strings.Contains(string(a.Body), want) {
				t.Errorf("%s: there is no %s in %d %s", path, want, a.Status, a.Body)
			}
		}
		if strings.Contains(string(a.Body), hookKey) {
			t.Errorf("%s shows the key of the signatures", path)
		}
	}
	if a := h.Get(client + "/merchant"); a.Header.Get("Location") != client+"/merchant/accounts" {
		t.Errorf("%d %s", a.Status, a.Header.Get("Location"))
	}
	if a := h.Do("GET", "https://client.link.money/merchant/accounts", nil, nil); !strings.Contains(string(a.Body), "Production") || !strings.Contains(string(a.Body), "https://api.link.money.") {
		t.Errorf("%s", a.Body)
	}
}

// Pages of every origin may load the files.
func TestTheFiles(t *testing.T) {
	h := newHouse(t)
	for target, media := range map[string]string{
		"/linkmoney-static/linkmoney-web/v1/latest/linkmoney-web.min.js":         "text/javascript",
		"https://static.link.money/linkmoney-web/v1/latest/linkmoney-web.min.js": "text/javascript",
		"https://static.link.money/fi/finbank.svg":                               "image/svg+xml",
		"/linkmoney-client/fi/mock-national.svg":                                 "image/svg+xml",
	} {
		a := h.Do("GET", target, http.Header{"Origin": {"http://shop.test"}}, nil)
		if a.Status != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), media) || a.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %v", target, a.Status, a.Header)
		}
	}
	for _, target := range []string{"/linkmoney-static/fi/finbank.png", "/linkmoney-static/fi/x.svg", "/linkmoney-static/linkmoney-web/v2/latest/linkmoney-web.min.js"} {
		if a := h.Get(target); a.Status != 404 {
			t.Errorf("%s: %d", target, a.Status)
		}
	}
}
