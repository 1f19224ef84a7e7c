package finqlink_test

import (
	"bytes"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// body is the text of a page.
func body(h *providertest.House, target string) string { return string(h.Get(target).Body) }

func TestAQRCodeLeadsToTheLink(t *testing.T) {
	h := house(t)
	web := create(t, h).Text("web_url")
	got := h.Get(path(web) + "/qr.png")
	picture, err := png.Decode(bytes.NewReader(got.Body))
	if err != nil || got.Header.Get("Content-Type") != "image/png" {
		t.Fatalf("%d %v: %v", got.Status, got.Header, err)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil || read.GetText() != web {
		t.Errorf("it leads to %v, want %s: %v", read, web, err)
	}
	if got := h.Get(path(web) + "/qr.svg"); got.Status != 200 || got.Header.Get("Content-Type") != "image/svg+xml" || !bytes.HasPrefix(got.Body, []byte("<svg")) {
		t.Errorf("%d %v", got.Status, got.Header)
	}
}

func TestOnlyLinksThatAreHandedOnHaveAQRCode(t *testing.T) {
	h := house(t)
	for kind, want := range map[string]int{"link": 200, "wrapped_sca": 200, "direct_sca": 404, "redirect_sca": 404} {
		made := create(t, h, object{"options": object{"type": kind}})
		if got := h.Get("/finqlink/web/" + made.Text("web_id") + "/qr.svg"); got.Status != want {
			t.Errorf("%s: %d", kind, got.Status)
		}
	}
}

func TestThePagesSpeakTheLanguageOfTheirReader(t *testing.T) {
	h := house(t)
	for _, test := range []struct{ query, accept, want string }{
		{"", "", "en"}, {"", "ro-RO,ro;q=0.9,en;q=0.8", "ro"}, {"", "fr, ro;q=0.3, en;q=0.2", "ro"}, {"", "ro;q=0.1, en", "en"}, {"", "ro;q=0", "en"}, {"", "zz,,;q=", "en"},
		{"?lang=ro", "en", "ro"}, {"?lang=en", "ro", "en"}, {"?lang=fr", "ro", "ro"}, {"?lang=ro-RO", "", "en"},
	} {
		page := h.Do("GET", path(create(t, h).Text("web_url"))+test.query, http.Header{"Accept-Language": {test.accept}}, nil)
		if !strings.Contains(string(page.Body), `<html lang="`+test.want+`">`) {
			t.Errorf("%q %q is not in %s", test.query, test.accept, test.want)
		}
	}
}

// What is chosen on one page holds on all that come, at the bank too and where something is wrong.
func TestALanguageIsChosenOnce(t *testing.T) {
	h := house(t)
	web := create(t, h, object{"options": object{"expires_in": 60}}).Text("web_url")
	if page := body(h, path(web)+"?lang=ro"); !strings.Contains(page, "Alege banca") && !strings.Contains(page, "Banca ta") {
		t.Fatalf("%s", page)
	}
	wrong := press(h, web+"/pay", "method", "rzb_ro.domestic.sandbox", "debtor_iban", "RO00")
	if !strings.Contains(string(wrong.Body), "Acesta nu este un IBAN valid") {
		t.Errorf("%s", wrong.Body)
	}
	press(h, web+"/pay", "method", "rzb_ro.domestic.sandbox")
	h.Advance(time.Second)
	bank := next(h.Get(path(web)))
	if page := body(h, path(bank)); !strings.Contains(page, "Autentificare") || !strings.Contains(page, "Sumă") {
		t.Errorf("%s", page)
	}
	h.Get(path(press(h, bank, "do", "cancel").Header.Get("Location")))
	if page := body(h, path(web)); !strings.Contains(page, "Plata a eșuat") || !strings.Contains(page, "Plătitorul a anulat la bancă.") {
		t.Errorf("%s", page)
	}
	late := create(t, h, object{"options": object{"expires_in": 60}}).Text("web_url")
	h.Get(path(late) + "?lang=ro")
	h.Advance(time.Minute)
	if page := body(h, path(late)); !strings.Contains(page, "Acest link de plată a expirat") {
		t.Errorf("%s", page)
	}
}

// Each template has a style of its own; what the page says is the same.
func TestTemplatesDifferInStyleOnly(t *testing.T) {
	h, styles := house(t), map[string]string{}
	for _, template := range []string{"default", "classic", "compact", "cards", "glass", "sheet"} {
		page := body(h, path(create(t, h, object{"options": object{"ux_template": template}}).Text("web_url")))
		_, rest, _ := strings.Cut(page, "<style>")
		style, rest, _ := strings.Cut(rest, "</style>")
		if other := styles[style]; other != "" {
			t.Errorf("%s looks like %s", template, other)
		}
		styles[style] = template
		for _, want := range []string{"Payment to", "125.50\u00a0RON", "RO10 RZBR", `name="method"`, `name="psu_id"`, "<button>Pay</button>", `lang="ro"`} {
			if !strings.Contains(rest, want) {
				t.Errorf("%s does not say %s", template, want)
			}
		}
	}
}

func TestAPageThatIsLookedAtHearsOfChanges(t *testing.T) {
	h := house(t)
	made := create(t, h, object{"options": object{"expires_in": 60}})
	web := path(made.Text("web_url"))
	says := func(target, want string) {
		t.Helper()
		if got := h.Get(target + "/status"); string(got.Body) != `{"status":"`+want+`"}` || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %v, want %s", got.Body, got.Header, want)
		}
	}
	says(web, "created")
	h.Get(web)
	says(web, "started")
	h.Advance(time.Minute)
	says(web, "expired")
	_, web, bank := toBank(t, h, "rzb_ro.domestic.sandbox")
	says(path(bank), "awaiting_authz")
	press(h, bank, "do", "time_out")
	says(path(bank), "failed")
	says(path(web), "failed")
	if got := h.Get("/finqlink/web/nothing/status"); got.Status != 404 {
		t.Errorf("%d", got.Status)
	}
}

// A live page loads its script from where it came from, and no other.
func TestTheScriptIsAnAsset(t *testing.T) {
	h := house(t)
	got := h.Get(path(create(t, h).Text("web_url")))
	_, script, _ := strings.Cut(string(got.Body), `<script src="`)
	script, _, _ = strings.Cut(script, `"`)
	if policy := got.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'; connect-src 'self';") {
		t.Error(policy)
	}
	if asset := h.Get(path(script)); asset.Status != 200 || asset.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || !bytes.Contains(asset.Body, []byte("use strict")) {
		t.Errorf("%s: %d", script, asset.Status)
	}
}

func TestTheBankEndsItByItself(t *testing.T) {
	for do, want := range map[string]string{"decline": "The bank refused it", "time_out": "The bank waited too long for the payer"} {
		h := house(t)
		link, web, bank := toBank(t, h, "rzb_ro.domestic.sandbox")
		h.Get(path(press(h, bank, "do", do).Header.Get("Location")))
		if page := body(h, path(web)); state(h, link) != "failed" || !strings.Contains(page, want) {
			t.Errorf("%s: %s\n%s", do, state(h, link), page)
		}
	}
}

func TestBanksAreSearched(t *testing.T) {
	h := house(t)
	web := path(create(t, h, object{"payment_method": nil}).Text("web_url"))
	shown := func(page string) int { return strings.Count(page, `<label class="choice"><input`) }
	all, one := shown(body(h, web)), shown(body(h, web+"?q=transilvania"))
	if all < 10 || one != 1 {
		t.Errorf("%d banks, and %d of the name", all, one)
	}
	if page := body(h, web+"?q=zzz"); shown(page) != 0 || !strings.Contains(page, `role="status">No bank has this name.`) {
		t.Errorf("%s", page)
	}
	if page := body(h, "/finqlink/dashboard?q=libra&lang=ro"); strings.Count(page, `<section class="bank">`) != 1 || !strings.Contains(page, "confirmă fondurile") {
		t.Errorf("%s", page)
	}
}
