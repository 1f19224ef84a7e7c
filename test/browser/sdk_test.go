package browser

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The package that npm has walks through the page as it does through the real one.
func TestTheRealSDK(t *testing.T) {
	t.Parallel()
	needSDK(t)
	walkSDK(t, npmModule)
}

// So does the stand-in from the provider's host.
func TestTheStandInFromTheProvidersHost(t *testing.T) {
	t.Parallel()
	walkSDK(t, cdnModule)
}

func walkSDK(t *testing.T, module string) {
	for name, test := range map[string]struct {
		user, last, title, status string
	}{
		"success": {"profile_522", "Link this account", "Your account is linked", "200"},
		"exit":    {"profile_522", "Cancel", "No account was linked", "204"},
		"error":   {"link_bank_error", "", "No account was linked", "500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := sells(t, "default")
			email := strings.ToLower(strings.ReplaceAll(t.Name(), "/", ".")) + "@shop.test"
			m.opens(module)
			m.starts(map[string]any{"sessionKey": m.key(sandboxAPI, email), "redirect": m.shop.URL, "environment": "sandbox"})
			m.sees("Link your bank account to Demo merchant")
			if at := m.address(); !strings.HasPrefix(at, "https://client.link-sandbox.money/") {
				t.Errorf("the customer is at %s", at)
			}
			m.links(test.user, test.last)
			m.sees(test.title)
			query := m.returns(test.status)
			if test.status != "200" {
				return
			}
			m.opens(module)
			m.knows(productionAPI, query.Get("customerId"), email)
			m.charges(query.Get("customerId"))
		})
	}
}

// On the production names customers are sent back to allowed addresses only.
func TestTheRealSDKInProduction(t *testing.T) {
	t.Parallel()
	needSDK(t)
	m := sells(t, "default")
	m.opens(npmModule)
	m.starts(map[string]any{"sessionKey": m.key(productionAPI, "production.refused@shop.test"), "redirect": m.shop.URL})
	m.sees("This did not work")
	m.sees("not pre-approved")

	m.client = [2]string{"linkmoney-production", "production-secret-1"}
	m.call(http.MethodPut, m.control()+"/clients/linkmoney/"+m.client[0], map[string]any{
		"secret": m.client[1], "name": "Real shop", "settings": map[string]any{"redirect_allow_list": []string{m.shop.URL}},
	}, nil)
	m.opens(npmModule)
	m.starts(map[string]any{"sessionKey": m.key(productionAPI, "production.allowed@shop.test"), "redirect": m.shop.URL, "environment": "production"})
	m.sees("Link your bank account to Real shop")
	m.links("profile_522", "Link this account")
	m.returns("200")
}

// A key of the second generation opens the second generation's page in the SDK of the first, and its own address wins.
func TestTheRealSDKWithAKeyOfTheSecondGeneration(t *testing.T) {
	t.Parallel()
	needSDK(t)
	m := sells(t, "default")
	at, err := url.Parse(m.url(sandboxAPI, "second.key@shop.test", 25))
	if err != nil {
		t.Fatal(err)
	}
	m.opens(npmModule)
	m.starts(map[string]any{"sessionKey": at.Query().Get("sessionKey"), "redirect": "http://evil.test/", "environment": "sandbox"})
	m.sees("Pay Demo merchant from your bank account")
	m.links("profile_522", "Link and pay")
	wants(t, m.returns("200"), "paymentStatusCode", "0")
}

// The config of the second generation, which the package refuses.
func TestAManagedPaymentByTheStandIn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		module, start, user, code string
	}{
		"createButton":   {cdnModule, "place", "profile_522", "0"},
		"callSessionUrl": {cdnModule, "call", "pending_authorized", "2"},
		"action":         {cdnModule, "use", "profile_08", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := sells(t, "default")
			session := m.url(sandboxAPI, strings.ToLower(name)+".managed@shop.test", 25)
			m.opens(test.module)
			m.says(test.start + "(" + encoded(t, map[string]any{"sessionUrl": session, "environment": "sandbox", "sessionVersion": 2}) + ")")
			m.clicks(cmp.Or(map[string]string{"place": "//button[.='Pay by bank'][not(@id)]"}[test.start], "//button[@id='link-btn']"))
			m.sees("Pay Demo merchant from your bank account")
			m.links(test.user, "Link and pay")
			query := m.returns("200")
			wants(t, query, "paymentStatusCode", test.code)
			if len(query.Get("paymentId")) != 36 {
				t.Errorf("the customer came back with %v", query)
			}
		})
	}
}

// Loaded from mockbank's own address the stand-in leads to mockbank there.
func TestTheStandInAtMockbanksOwnAddress(t *testing.T) {
	t.Parallel()
	at, err := url.Parse(house.Base)
	if err != nil {
		t.Fatal(err)
	}
	m := sells(t, "default")
	for static, client := range map[string]string{
		house.Base + "/linkmoney-static":                       house.Base + "/linkmoney-client",
		"http://linkmoney-static.localhost:" + at.Port():       "http://linkmoney-client.localhost:" + at.Port(),
		"http://sdk-2.linkmoney-static.localhost:" + at.Port(): "http://sdk-2.linkmoney-client.localhost:" + at.Port(),
	} {
		m.opens(moduleAt(static))
		m.starts(map[string]any{"sessionKey": "SK", "environment": "sandbox"})
		m.sees("This did not work")
		if at := m.address(); !strings.HasPrefix(at, client+"/?sessionKey=SK&") {
			t.Errorf("from %s the customer comes to %s", static, at)
		}
	}
}

// moduleAt is the stand-in below an address of the files.
func moduleAt(static string) string {
	return static + strings.TrimPrefix(cdnModule, "https://static.link.money")
}

// In a workspace all of it works with no name to be mapped, and no CA.
func TestTheStandInInAWorkspace(t *testing.T) {
	t.Parallel()
	m := sells(t, "sdk-1")
	m.api = http.DefaultClient
	place, email := house.Base+"/w/sdk-1", "own@shop.test"
	m.opens(moduleAt(place + "/linkmoney-static"))
	m.starts(map[string]any{"sessionKey": m.key(place+"/linkmoney", email), "redirect": m.shop.URL, "environment": "sandbox"})
	m.sees("Link your bank account to Demo merchant")
	if at := m.address(); !strings.HasPrefix(at, place+"/linkmoney-client/") {
		t.Errorf("the customer is at %s", at)
	}
	m.links("profile_522", "Link this account")
	query := m.returns("200")
	m.opens(moduleAt(place + "/linkmoney-static"))
	m.knows(place+"/linkmoney", query.Get("customerId"), email)
}

// The stand-in refuses what the package refuses, in its words, and goes where it goes.
func TestTheStandInIsLikeThePackage(t *testing.T) {
	t.Parallel()
	needSDK(t)
	m := sells(t, "default")
	for _, module := range []string{npmModule, cdnModule} {
		m.opens(module)
		for script, want := range map[string]string{
			`Link.LinkInstance({})`:                                                "A link instance must include a session key.",
			`Link.LinkInstance({redirect: null})`:                                  "A link instance must include a session key.",
			`Link.LinkInstance({sessionKey: "SK", colour: null})`:                  "Invalid config, verify object keys.",
			`Link.LinkInstance({sessionKey: null})`:                                "Config cannot contain null or undefined values.",
			`Link.LinkInstance({sessionKey: "SK", redirect: undefined})`:           "Config cannot contain null or undefined values.",
			`Link.LinkInstance({sessionKey: "", environment: ""}).getSessionKey()`: `""`,
			`Link.LinkInstance({sessionKey: "SK"}).getVersion()`:                   `"1.0.6"`,
			`Link.LinkInstance({sessionKey: "SK"}).isInitiated()`:                  `false`,
			`Link.getCustomer("", "")`:                                             "StatusCode:500\nErrorMessage: function did not recieve required parameters\n",
			`Link.getAccounts("token", "short")`:                                   "StatusCode:500\nErrorMessage: customerId parameter must be a valid UUID string.\n",
			`Link.getAccounts("token", "x".repeat(36))`:                            "StatusCode:500\nErrorMessage: r.accountDetails is not iterable\n",
			`Link.getCustomer("token", "x".repeat(36))`:                            `{}`,
			`Object.getOwnPropertyNames(Link).filter(n => n !== "staticConstructor" && typeof Link[n] === "function").sort().join()`: `"LinkInstance,getAccounts,getCustomer,getLinkInstances"`,
		} {
			if got := m.says(script); got != want {
				t.Errorf("%s: %s says %q, want %q", module, script, got, want)
			}
		}
		if got := m.says(`[Link.getLinkInstances().length, Object.keys(Link.getLinkInstances()[0]).join()]`); got != `[3,"sessionKey,redirect,custom,initiated,clientUrl,version,environment"]` {
			t.Errorf("%s: %s", module, got)
		}
	}
	for _, module := range []string{npmModule, cdnModule} {
		for config, want := range map[string]string{
			`{"sessionKey":"SK","redirect":"http://localhost/c b","environment":"sandbox"}`: "https://client.link-sandbox.money/?sessionKey=SK&redirect=http%3A%2F%2Flocalhost%2Fc+b&custom=undefined&version=web-v1.0.6&environment=sandbox",
			`{"sessionKey":"SK"}`:                 "https://client.link.money/?sessionKey=SK&redirect=undefined&custom=undefined&version=web-v1.0.6&environment=undefined",
			`{"sessionKey":"SK","custom":"true"}`: "https://client.link.money/?sessionKey=SK&redirect=undefined&custom=true&version=web-v1.0.6&environment=undefined",
		} {
			m.opens(module)
			m.says("use(" + config + ")")
			m.clicks("//button[@id='link-btn']")
			m.sees("This did not work")
			if at := m.address(); at != want {
				t.Errorf("%s: %s leads to\n%s, want\n%s", module, config, at, want)
			}
		}
	}
}

// What the second generation's config may not say.
func TestConfigsOfTheSecondGeneration(t *testing.T) {
	t.Parallel()
	m := sells(t, "default")
	m.opens(cdnModule)
	for script, want := range map[string]string{
		`Link.LinkInstance({sessionVersion: 2})`:                                                              "A link instance must include a session URL.",
		`Link.LinkInstance({sessionUrl: "https://x.test/", sessionVersion: 3})`:                               "A session URL needs sessionVersion: 2.",
		`Link.LinkInstance({sessionUrl: "https://x.test/", sessionVersion: 2, a: 1})`:                         "Invalid config, verify object keys.",
		`Link.LinkInstance({sessionUrl: null, sessionVersion: 2})`:                                            "Config cannot contain null or undefined values.",
		`Link.LinkInstance({sessionUrl: "https://x.test/?sessionKey=SK", sessionVersion: 2}).getSessionKey()`: `"SK"`,
	} {
		if got := m.says(script); got != want {
			t.Errorf("%s says %q, want %q", script, got, want)
		}
	}
}
