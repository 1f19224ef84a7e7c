package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// customer is a payer in front of Link Money's page.
type customer struct {
	*walker
	shop *shop
}

func links(t *testing.T, workspace string, s size) *customer {
	t.Helper()
	return &customer{walks(t, workspace, s, words{tag: "en"}), openShop(t)}
}

// session has the merchant ask for a session of the second generation, and gives the address of its page.
func (c *customer) session(more map[string]any) string {
	c.Helper()
	body := map[string]any{"firstName": "Ada", "lastName": "Example", "email": "ada@shop.test", "redirectUrl": c.shop.URL}
	for name, value := range more {
		body[name] = value
	}
	var reply struct {
		URL string `json:"sessionUrl"`
	}
	linkmoneyCall(c.payer, "/w/"+c.workspace+"/linkmoney/v2/sessions", basic, body, &reply)
	return reply.URL
}

var basic = "Basic bGlua21vbmV5LWRlbW86bGlua21vbmV5LWRlbW8tc2VjcmV0" // linkmoney-demo:linkmoney-demo-secret

// linkmoneyCall calls the API as a merchant's server does.
func linkmoneyCall(p *payer, path, authorization string, body, reply any) {
	p.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		p.Fatal(err)
	}
	request, err := http.NewRequestWithContext(p.Context(), http.MethodPost, house.Base+path, bytes.NewReader(encoded))
	if err != nil {
		p.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", authorization)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		p.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(reply); err != nil || answer.StatusCode != http.StatusOK {
		p.Fatalf("%s is answered %d, %v: %v", path, answer.StatusCode, err, reply)
	}
}

func payment(value float64, key string) map[string]any {
	return map[string]any{"paymentDetails": map[string]any{
		"amount": map[string]any{"value": value, "currency": "USD"}, "requestKey": key, "clientReferenceId": "TXN-1042", "softDescriptor": "SHOP ORDER 1042",
	}}
}

// logsIn goes from the consent to the login at a bank, as a user.
func (c *customer) logsIn(bank, user, password string) {
	c.Helper()
	c.presses("Continue")
	c.picksBank(bank)
	c.types("User name", user)
	c.types("Password", password)
	c.presses("Log in")
}

func (c *customer) picksBank(name string) {
	c.Helper()
	c.clicks(fmt.Sprintf("//main//a[contains(normalize-space(), %q)]", name))
}

// returns wants the customer back at the shop, and gives the query.
func (c *customer) returns(status string) url.Values {
	c.Helper()
	c.sees("Welcome back")
	query := c.shop.visit(c.T)
	if query.Get("status") != status || query.Get("order") != "1042" {
		c.Errorf("the customer came back with %v, want status %s", query, status)
	}
	return query
}

// wants tells whether a query has these values.
func wants(t *testing.T, query url.Values, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if query.Get(pairs[i]) != pairs[i+1] {
			t.Errorf("%s is %q, want %q", pairs[i], query.Get(pairs[i]), pairs[i+1])
		}
	}
}

// Each page is good for everybody, on a phone and at a desk, in the light and in the dark.
func TestTheLinkPageIsGoodForEverybody(t *testing.T) {
	t.Parallel()
	for _, s := range []size{phone, desk} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			c := links(t, "link-look-"+s.name, s)
			c.goTo(c.session(payment(1249.50, "rk-1")))
			c.wears("Pay Demo merchant from your bank account")
			c.do(chromedp.Click("//summary[contains(., 'For tests')]"))
			c.wears("payment is held until")
			c.presses("Continue")
			c.wears("Which is your bank?")
			c.do(chromedp.SendKeys("#q", "prof"))
			c.do(chromedp.WaitNotVisible("//li[contains(., 'Mock National')]"))
			c.picksBank("FinBank Profiles - A")
			c.wears("FinBank Profiles - A")
			c.types("User name", "stranger")
			c.types("Password", "secret")
			c.presses("Log in")
			c.wears("does not know this user name and password")
			c.do(chromedp.SetValue("#user", "profile_522"))
			c.types("Password", "profile_522")
			c.presses("Log in")
			c.wears("Which account is it to be?")
			c.chooses("Savings account")
			c.presses("Link and pay")
			c.sees("Payment authorized")
			query := c.returns("200")
			wants(t, query, "paymentStatusCode", "0")
			if len(query.Get("customerId")) != 36 || len(query.Get("paymentId")) != 36 {
				t.Errorf("the customer came back with %v", query)
			}
		})
	}
}

// The last pages lead back to an app here, which there is none of, so that they stay.
func TestTheLastPagesOfALinkAreGoodForEverybody(t *testing.T) {
	t.Parallel()
	for i, test := range []struct{ user, want string }{
		{"pending_authorized", "Payment pending"}, {"profile_08", "Payment declined"}, {"link_cancelled", "No account was linked"},
	} {
		t.Run(test.user, func(t *testing.T) {
			t.Parallel()
			c := links(t, "link-last-"+strings.ReplaceAll(test.user, "_", "-"), []size{phone, desk}[i%2])
			order := payment(25, "rk-1")
			order["redirectUrl"] = "myapp://linked"
			c.goTo(c.session(order))
			c.logsIn("FinBank Profiles - B", test.user, test.user)
			if test.user != "link_cancelled" {
				c.presses("Link and pay")
			}
			c.wears(test.want)
		})
	}
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		c := links(t, "link-unknown", phone)
		c.goTo(house.Base + "/w/link-unknown/linkmoney-client/?sessionKey=undefined&redirect=undefined")
		c.wears("This did not work")
	})
}

// Without scripts all works as well.
func TestALinkWithoutScripts(t *testing.T) {
	t.Parallel()
	c := &customer{&walker{payer: visit(t, "link-plain", false)}, openShop(t)}
	c.goTo(c.session(nil))
	c.presses("Continue")
	c.do(chromedp.SendKeys("#q", "national"))
	c.presses("Search")
	c.do(chromedp.WaitNotVisible("//li[contains(., 'FinBank Profiles')]"))
	c.picksBank("Mock National")
	c.types("User name", "profile_522")
	c.types("Password", "profile_522")
	c.presses("Log in")
	c.presses("Link this account")
	c.sees("Your account is linked")
	wants(t, c.returns("200"), "paymentId", "")
}

// The customer may leave at each step.
func TestLeavingALink(t *testing.T) {
	t.Parallel()
	for name, walk := range map[string]func(*customer){
		"consent": func(c *customer) { c.presses("Close") },
		"banks":   func(c *customer) { c.presses("Continue"); c.presses("Cancel") },
		"login":   func(c *customer) { c.presses("Continue"); c.picksBank("Finbank OAuth"); c.presses("Cancel") },
		"account": func(c *customer) { c.logsIn("Finbank OAuth", "profile_522", "profile_522"); c.presses("Cancel") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := links(t, "link-leave-"+name, phone)
			c.goTo(c.session(nil))
			walk(c)
			c.sees("No account was linked")
			c.returns("204")
		})
	}
}

// A button takes the place of the story, and what the control API does shows on the page by itself.
func TestTheStoriesOfALink(t *testing.T) {
	t.Parallel()
	c := links(t, "link-stories", desk)
	c.goTo(c.session(payment(25, "rk-1")))
	c.presses("Continue")
	c.picksBank("FinBank Profiles - A")
	c.do(chromedp.Click("//summary[contains(., 'For tests')]"))
	c.clicks("//button[b='pending_declined']")
	c.sees("FinBank Profiles - A")
	c.sees("now: pending_declined")
	c.types("User name", "profile_522")
	c.types("Password", "profile_522")
	c.presses("Log in")
	c.presses("Link and pay")
	c.sees("Payment pending")
	wants(t, c.returns("200"), "paymentStatusCode", "2")

	session := c.session(map[string]any{"email": "grace@shop.test"})
	c.goTo(session)
	c.sees("Link your bank account to Demo merchant")
	at, err := url.Parse(session)
	if err != nil {
		t.Fatal(err)
	}
	c.call(http.MethodPost, c.control()+"/entities/linkmoney/session/"+at.Query().Get("sessionKey")+"/events", map[string]any{"act": "decline"}, nil)
	c.sees("No account was linked")
	c.returns("500")
}

// The merchant finds the credentials, and who is notified.
func TestTheMerchantPortal(t *testing.T) {
	t.Parallel()
	for _, s := range []size{phone, desk} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			c := links(t, "portal-"+s.name, s)
			portal := house.Base + "/w/" + c.workspace + "/linkmoney-client/merchant"
			c.goTo(portal)
			c.wears("Accounts")
			c.do(chromedp.WaitReady("//details[not(@open)]//code[.='linkmoney-demo-secret']"))
			c.do(chromedp.Click("//summary[contains(., 'Show')]"))
			c.wears("linkmoney-demo-secret")
			c.do(chromedp.WaitVisible("//button[contains(., 'Copy')]"))
			c.goTo(portal + "/webhooks")
			c.wears("Webhooks")
			c.subscribes()
			c.goTo(portal + "/webhooks")
			c.wears("SUBSCRIBED")
		})
	}
}

// subscribes has the merchant subscribe to webhooks.
func (c *customer) subscribes() {
	c.Helper()
	reply, err := http.PostForm(house.Base+"/w/"+c.workspace+"/linkmoney/v1/tokens", url.Values{
		"client_id": {"linkmoney-demo"}, "client_secret": {"linkmoney-demo-secret"}, "grant_type": {"client_credentials"},
	})
	if err != nil {
		c.Fatal(err)
	}
	defer reply.Body.Close()
	var token struct {
		Access string `json:"access_token"`
	}
	if err := json.NewDecoder(reply.Body).Decode(&token); err != nil {
		c.Fatal(err)
	}
	var made map[string]any
	linkmoneyCall(c.payer, "/w/"+c.workspace+"/linkmoney/v1/webhook/subscribe", "Bearer "+token.Access, map[string]any{
		"url": c.shop.URL, "secretKey": "example-webhook-key", "eventTypes": []string{"payment.succeeded", "payment.failed"},
	}, &made)
}
