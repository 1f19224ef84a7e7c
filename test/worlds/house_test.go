// Package worlds tries workspaces with the real providers: that none sees another, that the same calls say the same,
// and that a snapshot, a reset and a jump of the clock keep what they promise.
package worlds

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/providers"
	"github.com/mockbank/mockbank/scenarios"
	"github.com/mockbank/mockbank/specs"
)

// start is what every workspace reads at first. The wall goes on meanwhile, so that whatever follows it shows.
var start = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// house is a whole mockbank in the process.
type house struct{ http.Handler }

// still is a house in which nothing happens by itself: what is due is done by an advance, and by nothing else.
func still(t testing.TB) *house {
	t.Helper()
	h, a := assemble(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	t.Cleanup(func() {
		if err := a.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	return h
}

// busy is one as users run it.
func busy(t testing.TB) *house {
	t.Helper()
	h, a := assemble(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return h
}

func assemble(t testing.TB) (*house, *app.App) {
	t.Helper()
	all, err := providers.All()
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(app.Config{
		Version: "test", Driver: mem.New(), Wall: clock.System, Log: slog.New(slog.DiscardHandler), Providers: all,
		Specs: specs.FS, Scenarios: scenarios.FS, Seed: 1, Clock: clock.Setting{Mode: clock.Frozen, Base: start}, MaxWorkspaces: 100, ControlOpen: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &house{a}, a
}

// world is one workspace of a house.
type world struct {
	fatal
	*house
	name string
	last map[string]string // the entity that each provider made last, as kind/id
}

func (h *house) world(t fatal, name string) *world {
	return &world{fatal: t, house: h, name: name, last: map[string]string{}}
}

// in is the same workspace in another house, or later in a test.
func (w *world) in(h *house) *world {
	again := h.world(w.fatal, w.name)
	for provider, entity := range w.last {
		again.last[provider] = entity
	}
	return again
}

// call sends a request and gives all of the answer as text.
func (w *world) call(method, path string, body any, header ...string) string {
	var sent []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		sent = b
	default:
		var err error
		if sent, err = json.Marshal(b); err != nil {
			w.Fatalf("%v", err)
		}
	}
	r := httptest.NewRequest(method, "http://localhost:6265"+path, bytes.NewReader(sent))
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	var said strings.Builder
	fmt.Fprintln(&said, answer.Code)
	_ = answer.Header().Write(&said) // A builder takes all.
	said.WriteString("\n" + answer.Body.String())
	if entity := answer.Header().Get("Mockbank-Entity"); entity != "" && answer.Code < http.StatusMultipleChoices {
		w.last[strings.Split(path, "/")[3]] = entity // /w/NAME/PROVIDER/...
	}
	return said.String()
}

// control calls the control API about the workspace, and wants success.
func (w *world) control(method, path string, body any) string {
	w.Helper()
	status, rest, _ := strings.Cut(w.call(method, "/_mockbank/v1/workspaces/"+w.name+path, body), "\n")
	_, answer, _ := strings.Cut(rest, "\n\n")
	answer = strings.TrimPrefix(answer, "\n")
	if status[0] != '2' {
		w.Fatalf("%s %s: %s %s", method, path, status, answer)
	}
	return answer
}

type object = map[string]any

func (w *world) inbox() string { return "http://inbox.localhost/" + w.name + "/shop" }

// settle sends all notifications that name no target of their own to the inbox.
func (w *world) settle() {
	w.Helper()
	w.control("PUT", "", object{"webhook_url": w.inbox(), "settings": object{"finqlink": object{"webhook_alg": "ES256"}}})
}

func (w *world) link(scenario, amount string) string {
	return w.call("POST", "/w/"+w.name+"/finqlink/v2/links/create", object{
		"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret",
		"single_transfer": object{"amount": amount, "currency": "RON", "creditor_name": "Shop", "creditor_iban": "RO10RZBR0000069999999970"},
		"payment_method":  object{"provider_id": "rzb_ro", "payment_scheme": "domestic"},
		"options":         object{"callback_url": w.inbox(), "redirect_url": "http://shop.example/paid"},
	}, "Mockbank-Scenario", scenario)
}

const oneLinkKey = "Bearer sk_test_mock_0000000000000001"

func (w *world) payment(recipient string, more ...string) string {
	return w.call("POST", "/w/"+w.name+"/onelinkfintech/v1/payments",
		object{"amount": 1000, "currency": "EUR", "recipient": recipient, "description": "Test"}, append([]string{"Authorization", oneLinkKey}, more...)...)
}

func (w *world) payments() string {
	return w.call("GET", "/w/"+w.name+"/onelinkfintech/v1/payments", nil, "Authorization", oneLinkKey)
}

// checkout makes a link of PAYONE.
func (w *world) checkout(reference string) string {
	mac := hmac.New(sha256.New, []byte("mockPortalKey0000000000000000000"))
	mac.Write([]byte("10001200023000001test" + reference + "2499EUR"))
	return w.call("POST", "/w/"+w.name+"/payone/api/v1/payment-links", object{
		"merchantId": "10001", "accountId": "20002", "portalId": "3000001", "mode": "test", "reference": reference, "currency": "EUR",
		"paymentMethods": []string{"visa", "paypal"}, "billing": object{"lastName": "Doe", "country": "DE"},
		"shoppingCart": []object{{"type": "goods", "number": "A-1", "price": 2499, "quantity": 1}}, "notifyUrl": w.inbox(),
	}, "Authorization", "payone-hmac-sha256 "+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// visit makes a session of Link Money that carries a payment.
func (w *world) visit(key string) string {
	return w.call("POST", "/w/"+w.name+"/linkmoney/v2/sessions", object{
		"firstName": "Ada", "lastName": "Example", "email": key + "@shop.example", "redirectUrl": "http://shop.example/linked",
		"paymentDetails": object{"amount": object{"value": 25, "currency": "USD"}, "requestKey": key},
	}, "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("linkmoney-demo:linkmoney-demo-secret")))
}

// act does what the payer of the entity that a provider made last has to do. It may be refused.
func (w *world) act(provider string) string {
	if w.last[provider] == "" {
		return ""
	}
	return w.call("POST", "/_mockbank/v1/workspaces/"+w.name+"/entities/"+provider+"/"+w.last[provider]+"/events", object{"act": "approve"})
}

func (w *world) advance(by string) string {
	w.Helper()
	return w.control("POST", "/clock/advance", object{"by": by})
}

func (w *world) messages() string { w.Helper(); return w.control("GET", "/inbox/shop?limit=500", nil) }
func (w *world) snapshot() string { w.Helper(); return w.control("GET", "/snapshot", nil) }

func (w *world) load(snapshot string) {
	w.Helper()
	w.control("PUT", "/snapshot", []byte(snapshot))
}
