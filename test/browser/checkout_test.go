package browser

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// shopper is a payer in front of PAYONE's page, with a phone or at a desk, and the shop that made the link.
type shopper struct {
	*payer
	shop  string
	paths chan string
}

func shops(t *testing.T, workspace string, scripts bool, width int64) *shopper {
	t.Helper()
	s := &shopper{payer: visit(t, workspace, scripts), paths: make(chan string, 10)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains([]string{"/success", "/error", "/back"}, r.URL.Path) {
			s.paths <- r.URL.RequestURI()
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><main><h1>Welcome back</h1></main>")
	}))
	t.Cleanup(server.Close)
	s.shop = server.URL
	s.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 600})
		return err
	}))
	return s
}

// opens has the shop make a link that offers these methods, and looks at it.
func (s *shopper) opens(methods ...string) (page string) {
	s.Helper()
	body, err := json.Marshal(map[string]any{
		"merchantId": "10001", "accountId": "20002", "portalId": "3000001", "mode": "test", "reference": "order-1001", "currency": "EUR",
		"language": "en_US", "paymentMethods": methods, "billing": map[string]any{"lastName": "Doe", "country": "DE"},
		"shoppingCart": []any{map[string]any{"type": "goods", "number": "A-1", "price": 2499, "quantity": 2, "description": "Potatoes"}},
		"successUrl":   s.shop + "/success?cart=7", "errorUrl": s.shop + "/error", "backUrl": s.shop + "/back",
	})
	if err != nil {
		s.Fatal(err)
	}
	var made struct{ Link string }
	s.post("/w/"+s.workspace+"/payone/api/v1/payment-links", "10001200023000001testorder-10014998EUR", body, &made)
	s.goTo(made.Link)
	s.sees("Potatoes")
	return made.Link
}

// post sends a call that is signed as the provider's document says.
func (s *shopper) post(path, message string, body []byte, reply any) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, house.Base+path, bytes.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte("mockPortalKey0000000000000000000"))
	mac.Write([]byte(message))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "payone-hmac-sha256 "+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer got.Body.Close()
	if err := json.NewDecoder(got.Body).Decode(reply); err != nil || got.StatusCode != http.StatusCreated {
		s.Fatalf("the shop made no link: %d, %v", got.StatusCode, err)
	}
}

// fillsIn a card.
func (s *shopper) fillsIn(number string) {
	s.Helper()
	s.types("Card number", number)
	s.types("Security code", "123")
	s.presses("Execute Payment")
}

// arrives wants the shopper back at the shop, at one of its addresses as it gave it.
func (s *shopper) arrives(want string) {
	s.Helper()
	s.sees("Welcome back")
	select {
	case got := <-s.paths:
		if got != want {
			s.Errorf("the shopper came to %s, want %s", got, want)
		}
	case <-time.After(patience):
		s.Error("nobody came back to the shop")
	}
}

// One walk for each family of methods, on a phone without scripts and at a desk with them.
func TestAShopperPaysAtTheCheckout(t *testing.T) {
	t.Parallel()
	for name, walk := range map[string]func(*shopper){
		"card": func(s *shopper) {
			s.opens("visa", "sepa", "paypal")
			s.types("Name on card", "Jane Doe")
			s.types("Expiry date", "12/27")
			s.fillsIn("4111111111111112")
			s.sees("look for a typing error")
			s.fillsIn("4000000000000002")
			s.sees("The card was declined")
			s.fillsIn("4111 1111 1111 1111")
			s.arrives("/success?cart=7")
		},
		"secure": func(s *shopper) {
			s.opens("paypal", "visa")
			s.chooses("Visa")
			s.types("Name on card", "Jane Doe")
			s.types("Expiry date", "12/27")
			s.fillsIn("4000000000003220")
			s.sees("Your bank wants to be sure")
			s.presses("Approve")
			s.arrives("/success?cart=7")
		},
		"sepa": func(s *shopper) {
			page := s.opens("visa", "sepa")
			s.chooses("SEPA direct debit")
			s.types("Account holder", "Jane Doe")
			s.types("IBAN", "DE89 3704 0044 0532 0130 00")
			s.presses("Execute Payment")
			s.arrives("/success?cart=7")
			s.goTo(page)
			s.sees("already used")
		},
		"wallet": func(s *shopper) {
			s.opens("visa", "paypal", "alipay")
			s.chooses("Alipay")
			s.sees("You will be redirected to Alipay")
			s.presses("Execute Payment")
			s.sees("Please confirm the payment")
			s.presses("Approve")
			s.arrives("/success?cart=7")
		},
		"declined": func(s *shopper) {
			s.opens("ideal", "eps")
			s.presses("Execute Payment")
			s.sees("Please choose your bank")
			s.chooses("Triodos Bank")
			s.presses("Execute Payment")
			s.sees("Please approve the transfer")
			s.presses("Decline")
			s.arrives("/error")
		},
		"cancelled": func(s *shopper) {
			s.opens("sofort")
			s.presses("Execute Payment")
			s.presses("Cancel")
			s.arrives("/back")
		},
		"back": func(s *shopper) {
			page := s.opens("visa")
			s.presses("Back")
			s.arrives("/back")
			s.goTo(page)
			s.sees("Payment method")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("phone", func(t *testing.T) { t.Parallel(); walk(shops(t, "checkout-"+name+"-phone", false, 360)) })
			t.Run("desk", func(t *testing.T) { t.Parallel(); walk(shops(t, "checkout-"+name+"-desk", true, 1280)) })
		})
	}
}
