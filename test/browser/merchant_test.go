package browser

import (
	"bytes"
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
