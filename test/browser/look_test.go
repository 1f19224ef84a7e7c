package browser

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var everyLook = flag.Bool("every-look", false, "walk each type of link in each template at both sizes, not only each template once")

//go:embed audit.js
var audit string

// size is a screen.
type size struct {
	name          string
	width, height int64
}

var (
	phone = size{"phone", 390, 844}
	desk  = size{"desk", 1280, 800}
)

// words are what a walk looks for, in one language.
type words struct {
	tag, title, search, pay, asking, user, logIn, approve, thanks string
	consent, goOn, cancel, cancelled, again                       string
}

var spoken = []words{
	{
		"en", "Payment to Magazin Exemplu SRL", "Search", "Pay", "One moment", "PSU ID", "Log in", "Approve", "Thank you",
		"Access to your account data", "Continue", "Cancel", "You cancelled at your bank", "Try again",
	},
	{
		"ro", "Plată către Magazin Exemplu SRL", "Caută", "Plătește", "Un moment", "PSU ID", "Autentificare", "Aprobă", "Mulțumim",
		"Acces la datele conturilor tale", "Continuă", "Anulează", "Ai anulat la banca ta", "Încearcă din nou",
	},
}

// walker is a payer whose pages are looked at closely.
type walker struct {
	*payer
	words
	size
}

func walks(t *testing.T, workspace string, s size, w words) *walker {
	t.Helper()
	p := &walker{payer: visit(t, workspace, true), words: w, size: s}
	options := []chromedp.EmulateViewportOption{}
	if s == phone {
		options = append(options, chromedp.EmulateMobile)
	}
	p.do(chromedp.EmulateViewport(s.width, s.height, options...))
	return p
}

// wears waits for a text, and checks the page that it is on in both colour schemes.
func (w *walker) wears(text string) {
	w.Helper()
	w.do(chromedp.WaitVisible(fmt.Sprintf("//main//*[contains(text(), %q)]", text)))
	for _, scheme := range []string{"light", "dark"} {
		w.scheme(scheme)
		w.picture(text + "-" + scheme)
		for _, what := range w.audit(w.tag) {
			w.Errorf("%q in the %s: %s", text, scheme, what)
		}
	}
	w.scheme("light")
}

func (w *walker) scheme(name string) {
	w.Helper()
	w.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
		return err
	}))
}

// pays chooses a bank, where there is something to choose, and goes to it.
func (w *walker) pays(chooses bool) {
	w.Helper()
	w.wears(w.title)
	if chooses {
		w.types(w.search, "raif")
		w.do(chromedp.WaitNotVisible("//label[contains(., 'Transilvania')]"))
		w.chooses("Raiffeisen")
	}
	w.presses(w.pay)
}

// approves at a bank that asks for no password, in its app.
func (w *walker) approves() {
	w.Helper()
	w.wears("Raiffeisen")
	w.types(w.user, "9999999998")
	w.presses(w.logIn)
	w.wears("9999999998")
	w.presses(w.approve)
}

// walk takes a payer through a link from its first page to its last.
func (w *walker) walk(kind, template string) {
	options := map[string]any{"type": kind, "ux_template": template}
	method := map[string]any{}
	if kind != "link" {
		method = map[string]any{"provider_id": "rzb_ro", "payment_scheme": "domestic"}
	}
	shop := openShop(w.T)
	if kind == "direct_sca" || kind == "redirect_sca" {
		options["redirect_url"] = shop.URL
	}
	l := w.orders(options, method)
	w.goTo(l.WebURL + "?lang=" + w.tag)
	switch kind {
	case "link":
		w.pays(true)
		w.wears(w.asking)
		w.advance("200ms")
		w.approves()
		w.wears(w.thanks)
	case "wrapped_sca":
		w.pays(false)
		w.approves()
		w.wears(w.thanks)
	default:
		w.approves()
		w.sees("Welcome back")
	}
}

// consents gives access to data, at the second try.
func (w *walker) consents(template string) {
	made := w.finqlink("/ais/consents/create", map[string]any{"options": map[string]any{"ux_template": template}})
	w.goTo(made.WebURL + "?lang=" + w.tag)
	w.wears(w.consent)
	w.chooses("Raiffeisen")
	w.presses(w.goOn)
	w.advance("200ms")
	w.sees("Raiffeisen")
	w.presses(w.cancel)
	w.wears(w.cancelled)
	w.presses(w.again)
	w.chooses("Raiffeisen")
	w.presses(w.goOn)
	w.advance("200ms")
	w.approves()
	w.wears(w.thanks)
}

// Each template is good for everybody: on a phone and at a desk, in the light and in the dark, in each language.
func TestEveryTemplateIsGoodForEverybody(t *testing.T) {
	t.Parallel()
	kinds := []string{"link", "wrapped_sca", "direct_sca", "redirect_sca"}
	for i, template := range []string{"default", "classic", "compact", "cards", "glass", "sheet"} {
		t.Run(template+"/consent", func(t *testing.T) {
			t.Parallel()
			walks(t, "look-"+template+"-consent", []size{desk, phone}[i%2], spoken[i/2%2]).consents(template)
		})
		for k, kind := range kinds {
			for s, screen := range []size{phone, desk} {
				if !*everyLook && (s != i%2 || k != 0 && k != i+1) {
					continue
				}
				t.Run(template+"/"+kind+"/"+screen.name, func(t *testing.T) {
					t.Parallel()
					walks(t, "look-"+template+"-"+strings.ReplaceAll(kind, "_", "-")+"-"+screen.name, screen, spoken[(i/2+k+s)%2]).walk(kind, template)
				})
			}
		}
	}
}

// What shops write is as long as they like, and a payer may have made a mistake.
func TestEveryTemplateHoldsLongTexts(t *testing.T) {
	t.Parallel()
	w := walks(t, "look-long", phone, spoken[0])
	for _, template := range []string{"default", "classic", "compact", "cards", "glass", "sheet"} {
		made := w.finqlink("/links/create", map[string]any{
			"single_transfer": map[string]any{
				"amount": "123456789012.99", "currency": "EUR", "creditor_name": strings.Repeat("Magazinexemplu", 5), "creditor_iban": "RO10RZBR0000069999999970",
				"details": strings.Repeat("x", 140), "goods": []any{
					map[string]any{"name": strings.Repeat("Cafea", 28), "quantity": 999999, "amount": "123456789012.99"},
					map[string]any{"name": "Ceai", "quantity": 1, "amount": "5"},
				},
			},
			"options": map[string]any{"ux_template": template, "user_editable": true},
		})
		w.goTo(made.WebURL)
		w.do(chromedp.WaitVisible("//main//label"))
		w.do(chromedp.Evaluate[chromedp.Void]("document.querySelectorAll('details').forEach((d) => { d.open = true })"))
		w.wears("SEPA transfer")
		w.types("Your IBAN", "RO00")
		w.chooses("BCR")
		w.presses("Pay")
		w.wears("no valid IBAN")
	}
}

func TestTheDashboardIsGoodForEverybody(t *testing.T) {
	t.Parallel()
	for i, screen := range []size{phone, desk} {
		t.Run(screen.name, func(t *testing.T) {
			t.Parallel()
			w := walks(t, "look-dashboard-"+screen.name, screen, spoken[i])
			w.goTo(house.Base + "/w/" + w.workspace + "/finqlink/dashboard?lang=" + w.tag)
			w.wears("Libra Internet Bank")
			w.types(w.search, "libra")
			w.do(chromedp.WaitNotVisible("//section[contains(., 'Transilvania')]"))
		})
	}
}

// A page that is left alone shows by itself what happens elsewhere, at the bank's app too.
func TestPagesAreLive(t *testing.T) {
	t.Parallel()
	p := visit(t, "live", true)
	l := p.orders(map[string]any{}, map[string]any{})
	p.goTo(l.WebURL)
	p.chooses("RoPay")
	p.presses("Pay")
	p.advance("200ms")
	p.types("Phone number", "0712345678")
	p.presses("Log in")
	p.sees("Approve it in your banking app")
	p.call(http.MethodPost, p.control()+"/entities/finqlink/link/"+l.ID+"/events", map[string]any{"act": "approve"}, nil)
	p.sees("Your bank has taken the payment")
	p.advance("1500ms")
	p.sees("The payment is done.")
	l = p.orders(map[string]any{"expires_in": 60}, map[string]any{})
	p.goTo(l.WebURL)
	p.sees("Payment to Magazin Exemplu SRL")
	p.advance("61s")
	p.sees("This payment link has expired")
}
