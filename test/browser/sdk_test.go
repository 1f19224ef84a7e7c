package browser

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/mockbank/mockbank/internal/housetest"
)

// The modules that a merchant's page can load: the provider's own package, unmodified, and mockbank's stand-in from where
// the provider's documents have it.
const (
	npmModule = "@link.money/linkmoney-web"
	cdnModule = "https://static.link.money/linkmoney-web/v1/latest/linkmoney-web.min.js"
)

// sdk is the file of the package, which npm has compared with the lock file's digest. The error says why there is none.
var sdk = sync.OnceValues(func() ([]byte, error) {
	modules := os.Getenv("MOCKBANK_TEST_NODE_MODULES")
	if modules == "" {
		dir, err := os.MkdirTemp("", "mockbank-sdk")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		if err := installPackages(dir); err != nil {
			return nil, err
		}
		modules = filepath.Join(dir, "node_modules")
	}
	return os.ReadFile(filepath.Join(modules, npmModule, "dist", "index.js"))
})

// installPackages installs what the clients' lock file names.
func installPackages(dir string) error {
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join("..", "clients", name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	install := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w: %s", err, out)
	}
	return nil
}

//go:embed testdata/checkout.html
var checkoutText string

var checkoutPage = template.Must(template.New("checkout").Parse(checkoutText))

// merchant is a customer in front of a merchant's page, and the merchant's server.
type merchant struct {
	*customer
	api    *http.Client // finds mockbank by the provider's names, and trusts its CA
	page   string       // address of the merchant's pages
	client [2]string    // id and secret
}

// sells opens a shop whose page loads a module, and gives what it does.
func sells(t *testing.T, workspace string) *merchant {
	t.Helper()
	m := &merchant{customer: &customer{&walker{payer: visit(t, workspace, true)}, nil}, client: [2]string{"linkmoney-demo", "linkmoney-demo-secret"}}
	m.shop = openShop(t)
	m.api = trusting(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/sdk.js", func(w http.ResponseWriter, _ *http.Request) {
		text, err := sdk()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write(text) // The browser tells.
	})
	mux.HandleFunc("/checkout", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_ = checkoutPage.Execute(w, r.URL.Query().Get("module")) // The browser tells.
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	m.page = server.URL
	return m
}

// needSDK skips a test where the package can not be had.
func needSDK(t *testing.T) {
	t.Helper()
	if os.Getenv("MOCKBANK_TEST_NODE_MODULES") == "" {
		housetest.Need(t, "npm")
	}
	if _, err := sdk(); err != nil {
		housetest.Missing(t, err.Error())
	}
}

// trusting is a client with the CA, which finds mockbank under every name.
func trusting(t *testing.T) *http.Client {
	t.Helper()
	answer, err := http.Get(house.Base + "/_mockbank/v1/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	ca, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	to := strings.TrimPrefix(house.Secure, "https://")
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", to)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Timeout: 20 * time.Second, Transport: transport}
}

// asks calls the API as the merchant's server does, at one of its names, and wants success.
func (m *merchant) asks(method, address string, authorize func(*http.Request), media string, body []byte) (reply map[string]any) {
	m.Helper()
	request, err := http.NewRequestWithContext(m.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		m.Fatal(err)
	}
	request.Header.Set("Content-Type", media)
	authorize(request)
	answer, err := m.api.Do(request)
	if err != nil {
		m.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&reply); err != nil || answer.StatusCode != http.StatusOK {
		m.Fatalf("%s is answered %d, %v: %v", address, answer.StatusCode, err, reply)
	}
	return reply
}

func (m *merchant) post(address string, authorize func(*http.Request), body map[string]any) map[string]any {
	m.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		m.Fatal(err)
	}
	return m.asks(http.MethodPost, address, authorize, "application/json", text)
}

func (m *merchant) basic(r *http.Request) { r.SetBasicAuth(m.client[0], m.client[1]) }

func bearing(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

// token gets one of a scope, at an address of the API.
func (m *merchant) token(api, scope string) string {
	m.Helper()
	form := url.Values{"client_id": {m.client[0]}, "client_secret": {m.client[1]}, "grant_type": {"client_credentials"}, "scope": {scope}}
	reply := m.asks(http.MethodPost, api+"/v1/tokens", func(*http.Request) {}, "application/x-www-form-urlencoded", []byte(form.Encode()))
	return fmt.Sprint(reply["access_token"])
}

// The addresses of the API.
const (
	sandboxAPI    = "https://api.link-sandbox.money"
	productionAPI = "https://api.link.money"
)

// key asks for a session of the first generation.
func (m *merchant) key(api, email string) string {
	m.Helper()
	reply := m.post(api+"/v1/sessions", bearing(m.token(api, "Link-Core")), map[string]any{
		"firstName": "Ada", "lastName": "Example", "email": email, "phoneNumber": "+12025550100",
	})
	return fmt.Sprint(reply["sessionKey"])
}

// url asks for a session of the second generation that pays as well.
func (m *merchant) url(api, email string, value float64) string {
	m.Helper()
	body := payment(value, "rk-"+email)
	body["firstName"], body["lastName"], body["email"], body["redirectUrl"] = "Ada", "Example", email, m.shop.URL
	return fmt.Sprint(m.post(api+"/v2/sessions", m.basic, body)["sessionUrl"])
}

// opens the merchant's page with a module.
func (m *merchant) opens(module string) {
	m.Helper()
	m.goTo(m.page + "/checkout?" + url.Values{"module": {module}}.Encode())
	m.do(chromedp.WaitVisible("//button[@id='link-btn'][not(@disabled)]"))
}

// starts has the page make an instance of a config, and the customer press the button.
func (m *merchant) starts(config map[string]any) {
	m.Helper()
	m.says("use(" + encoded(m.T, config) + ")")
	m.clicks("//button[@id='link-btn']")
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// says what a script of the merchant's page says, as JSON. What it throws is told as its message.
func (m *merchant) says(script string) string {
	m.Helper()
	said, err := chromedp.Run(m.tab, chromedp.Evaluate[string](
		"(async () => JSON.stringify(await ("+script+")) ?? '')().catch(e => e.message)", func(p *runtime.EvaluateParams) {
			wait := true
			p.AwaitPromise = &wait
		}))
	if err != nil {
		m.Fatalf("%s: %v", script, err)
	}
	return said
}

func (m *merchant) address() string {
	m.Helper()
	at, err := chromedp.Run(m.tab, chromedp.Location())
	if err != nil {
		m.Fatal(err)
	}
	return at
}

// links walks through the page to its end, with the button that ends it.
func (m *merchant) links(user, last string) {
	m.Helper()
	m.logsIn("FinBank Profiles - A", user, user)
	if last != "" {
		m.presses(last)
	}
}

// charges debits a linked customer at the production name.
func (m *merchant) charges(id string) {
	m.Helper()
	reply := m.post(productionAPI+"/v1/payments", bearing(m.token(productionAPI, "Link-Payment")), map[string]any{
		"source": map[string]any{"id": id, "type": "CUSTOMER"}, "destination": map[string]any{"id": "M-DEMO", "type": "MERCHANT"},
		"amount": map[string]any{"value": 12.34, "currency": "USD"}, "requestKey": "charge-" + id,
	})
	if reply["paymentStatus"] != "AUTHORIZED" {
		m.Errorf("the payment is %v", reply)
	}
}

// knows wants the page to learn of the customer and the account, across origins.
func (m *merchant) knows(api, id, email string) {
	m.Helper()
	token := m.token(api, "Link-Core")
	var who struct{ Status, Email, FirstName, LastName, ID, CreationDate string }
	m.read(m.says(fmt.Sprintf("Link.getCustomer(%q, %q)", token, id)), &who)
	if who.Status != "ACTIVE" || who.Email != email || who.ID != id || who.FirstName != "Ada" || who.CreationDate == "" {
		m.Errorf("the customer is %+v", who)
	}
	var all []struct {
		AccountID, FinancialInstitutionName, LastFour, Status, Type, IconURL, LogoURL string
		Preferred                                                                     bool
	}
	m.read(m.says(fmt.Sprintf("Link.getAccounts(%q, %q)", token, id)), &all)
	if len(all) != 1 || all[0].Status != "ACTIVE" || all[0].Type != "checking" || len(all[0].LastFour) != 4 || !all[0].Preferred || all[0].FinancialInstitutionName != "FinBank Profiles - A" {
		m.Errorf("the accounts are %+v", all)
	}
}

func (m *merchant) read(text string, into any) {
	m.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		m.Errorf("the page says %s", text)
	}
}

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

// Loaded from mockbank's own address the stand-in calls mockbank there, within the workspace, whatever the environment.
func TestTheStandInAtMockbanksOwnAddress(t *testing.T) {
	t.Parallel()
	at, err := url.Parse(house.Base)
	if err != nil {
		t.Fatal(err)
	}
	for name, places := range map[string]struct{ static, client, api string }{
		"path":      {house.Base + "/linkmoney-static", house.Base + "/linkmoney-client/", house.Base + "/linkmoney"},
		"workspace": {house.Base + "/w/sdk-1/linkmoney-static", house.Base + "/w/sdk-1/linkmoney-client/", house.Base + "/w/sdk-1/linkmoney"},
		"name":      {"http://linkmoney-static.localhost:" + at.Port(), "http://linkmoney-client.localhost:" + at.Port() + "/", house.Base + "/linkmoney"},
		"both": {
			"http://sdk-2.linkmoney-static.localhost:" + at.Port(), "http://sdk-2.linkmoney-client.localhost:" + at.Port() + "/", house.Base + "/w/sdk-2/linkmoney",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := sells(t, "default")
			m.api = http.DefaultClient
			module, email := places.static+strings.TrimPrefix(cdnModule, "https://static.link.money"), "own."+name+"@shop.test"
			m.opens(module)
			m.starts(map[string]any{"sessionKey": m.key(places.api, email), "redirect": m.shop.URL, "environment": "sandbox"})
			m.sees("Link your bank account to Demo merchant")
			if at := m.address(); !strings.HasPrefix(at, places.client) {
				t.Errorf("the customer is at %s", at)
			}
			m.links("profile_522", "Link this account")
			query := m.returns("200")
			m.opens(module)
			m.knows(places.api, query.Get("customerId"), email)
		})
	}
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
