// Package browser walks payers through the hosted pages in a real Chromium, with scripts and without.
//
// All tests share one mockbank and one browser; each has a workspace and a tab of its own, so that they run side by
// side. Clocks stand: a page that waits for its bank waits until the test moves its workspace on. Without Chromium
// the tests are skipped with one line that says so, or fail where MOCKBANK_TEST_ALL is 1. To see what a payer sees:
//
//	go test ./test/browser -screenshots DIR
//
// FinqLink's templates are walked once each; -every-look walks every type of link in each, on a phone and at a desk.
package browser

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/mockbank/mockbank/internal/housetest"
)

var screenshots = flag.String("screenshots", "", "folder in which to keep a picture of every page")

// The house and the browser of this run; missing says why there is no browser.
var (
	house   *housetest.House
	browser context.Context
	missing string
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "mockbank-browser")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	chromium, found := findChromium()
	if !found {
		missing = "Chromium is not installed"
		return m.Run(), nil
	}
	program, err := housetest.Build(dir)
	if err != nil {
		return 1, err
	}
	if house, err = housetest.Start(housetest.Config{Program: program, Dir: dir, Flags: []string{"--clock", "frozen@2026-01-15T10:30:00Z"}}); err != nil {
		return 1, err
	}
	var stop context.CancelFunc
	if browser, stop, err = open(chromium, filepath.Join(dir, "profile")); err == nil {
		code = m.Run()
		stop()
	}
	if ended := house.Close(); err == nil {
		err = ended
	}
	return code, err
}

func findChromium() (path string, found bool) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

// open starts a browser that talks to nobody but the pages.
func open(path, profile string) (context.Context, context.CancelFunc, error) {
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.WindowSize(1100, 900)}
	for _, name := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "no-default-browser-check", "disable-dev-shm-usage",
		"disable-background-networking", "disable-component-update", "disable-sync", "disable-extensions", "mute-audio",
	} {
		options = append(options, chromedp.Flag(name, true))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	err := chromedp.Do(ctx)
	return ctx, func() { cancel(); stop() }, err
}

// patience is for one step of a payer, on a busy machine.
const patience = 30 * time.Second

// payer is a tab with a person in front of it, in a workspace of their own.
type payer struct {
	*testing.T
	tab       context.Context
	workspace string
	pictures  int
}

// visit opens a tab. Without scripts the pages have to work as well.
func visit(t *testing.T, workspace string, scripts bool) *payer {
	t.Helper()
	if missing != "" {
		housetest.Missing(t, missing)
	}
	tab, done := chromedp.NewContext(browser)
	t.Cleanup(done)
	// The tab lives as long as the context of its first use, which therefore has no deadline.
	if err := chromedp.Do(tab, scripting(scripts)); err != nil {
		t.Fatal(err)
	}
	return &payer{T: t, tab: tab, workspace: workspace}
}

func scripting(on bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}

// do acts in the tab, and tells of the page where that is not possible.
func (p *payer) do(action chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.tab, patience)
	defer cancel()
	if err := chromedp.Do(ctx, action); err != nil {
		p.Fatalf("%v, on this page:\n%s", err, p.page())
	}
}

// page is the address and the text of what the payer sees.
func (p *payer) page() string {
	ctx, cancel := context.WithTimeout(p.tab, 5*time.Second)
	defer cancel()
	address, nowhere := chromedp.Run(ctx, chromedp.Location())
	text, blank := chromedp.Run(ctx, chromedp.Text("//body"))
	if err := errors.Join(nowhere, blank); err != nil {
		return address + ": " + err.Error()
	}
	return address + "\n" + text
}

func (p *payer) goTo(address string) {
	p.Helper()
	p.do(chromedp.Navigate(address))
}

// sees waits for a text on the page, whichever reloads come before it.
func (p *payer) sees(text string) {
	p.Helper()
	p.do(chromedp.WaitVisible(fmt.Sprintf("//main//*[contains(text(), %q)]", text)))
	p.picture(text)
}

func (p *payer) picture(of string) {
	p.Helper()
	if *screenshots == "" {
		return
	}
	png, err := chromedp.Run(p.tab, chromedp.FullScreenshot(100))
	if err != nil {
		p.Fatal(err)
	}
	p.pictures++
	name := fmt.Sprintf("%s-%d-%s.png", strings.ReplaceAll(p.Name(), "/", "-"), p.pictures, strings.ReplaceAll(of, " ", "_"))
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		p.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name), png, 0o644); err != nil {
		p.Fatal(err)
	}
}

// presses a button by its label, and has the page to which it leads.
func (p *payer) presses(label string) {
	p.Helper()
	p.clicks(fmt.Sprintf("//main//button[normalize-space()=%q]", label))
}

func (p *payer) clicks(selector string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.tab, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(selector)); err != nil {
		p.Fatalf("clicking %s: %v, on this page:\n%s", selector, err, p.page())
	}
}

// types into a field that is found by its label, as a screen reader finds it.
func (p *payer) types(label, text string) {
	p.Helper()
	p.do(chromedp.SendKeys(fmt.Sprintf("//input[@id=//label[normalize-space(text())=%q]/@for]", label), text))
}

// chooses one of several by what stands beside it.
func (p *payer) chooses(text string) {
	p.Helper()
	p.do(chromedp.Click(fmt.Sprintf("//label[contains(@class, 'choice')][contains(normalize-space(), %q)]//input", text)))
}

func (p *payer) call(method, path string, body, reply any) {
	p.Helper()
	if err := house.Call(p.Context(), method, path, body, reply); err != nil {
		p.Fatal(err)
	}
}

func (p *payer) control() string { return "/_mockbank/v1/workspaces/" + p.workspace }

func (p *payer) advance(by string) {
	p.Helper()
	p.call(http.MethodPost, p.control()+"/clock/advance", map[string]any{"by": by}, nil)
}

// link is what the shop knows of a payment.
type link struct {
	ID     string `json:"link_id"`
	WebURL string `json:"web_url"`
	Status string `json:"status"`
}

// finqlink calls the API as the shop.
func (p *payer) finqlink(path string, body map[string]any) (reply link) {
	p.Helper()
	body["client_id"], body["client_secret"] = "finqlink-demo", "finqlink-demo-secret"
	p.call(http.MethodPost, "/w/"+p.workspace+"/finqlink/v2"+path, body, &reply)
	return reply
}

// orders has the shop create a link.
func (p *payer) orders(options, method map[string]any) link {
	p.Helper()
	return p.finqlink("/links/create", map[string]any{
		"single_transfer": map[string]any{
			"amount": "125.50", "currency": "RON", "creditor_name": "Magazin Exemplu SRL", "creditor_iban": "RO10RZBR0000069999999970",
			"details": "Factura 1042",
		},
		"options": options, "payment_method": method,
	})
}

// status is that of the link after the bank had an hour.
func (p *payer) status(l link) string {
	p.Helper()
	p.advance("1h")
	return p.finqlink("/links/get", map[string]any{"link_id": l.ID}).Status
}

// shop is where payers come back to, on an origin of its own.
type shop struct {
	URL    string
	visits chan url.Values
}

func openShop(t *testing.T) *shop {
	s := &shop{visits: make(chan url.Values, 10)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/paid" {
			http.NotFound(w, r)
			return
		}
		s.visits <- r.URL.Query()
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><main><h1>Welcome back</h1></main>")
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL + "/paid?order=1042"
	return s
}

// visit is the query with which the payer came back.
func (s *shop) visit(t *testing.T) url.Values {
	t.Helper()
	select {
	case query := <-s.visits:
		return query
	case <-time.After(patience):
		t.Fatal("nobody came back to the shop")
		return nil
	}
}
