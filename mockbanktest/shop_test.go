package mockbanktest_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"time"
)

// shop is an application as one would test it: it asks FinqLink for payment links, and knows nothing of mockbank.
type shop struct {
	finqlink string // the provider's address
	webhooks string // where it wants to be told
	client   string // its id; empty: the demo client's
}

// order asks for a payment link, and gives its id.
func (s shop) order(amount string) (string, error) {
	options := map[string]string{}
	if s.webhooks != "" {
		options["callback_url"] = s.webhooks
	}
	body, err := json.Marshal(map[string]any{
		"client_id": cmp.Or(s.client, "finqlink-demo"), "client_secret": "finqlink-demo-secret",
		"single_transfer": map[string]string{
			"amount": amount, "currency": "RON",
			"creditor_name": "Magazin Exemplu SRL", "creditor_iban": "RO10RZBR0000069999999970",
		},
		"payment_method": map[string]string{"provider_id": "libra_ro", "payment_scheme": "domestic"},
		"options":        options,
	})
	if err != nil {
		return "", err
	}
	reply, err := http.Post(s.finqlink+"/v2/links/create", "application/json", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		return "", err
	}
	if reply.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", reply.Status, text)
	}
	var link struct {
		ID string `json:"link_id"`
	}
	return link.ID, json.Unmarshal(text, &link)
}

// pay is order for an application that tries twice.
func (s shop) pay(amount string) (string, error) {
	id, err := s.order(amount)
	if err != nil {
		return s.order(amount)
	}
	return id, nil
}

// byChance is what differs between two runs: where a server listens, and how long deliveries took.
var byChance = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+|"took":"[^"]*"`)

// noon is when the examples take place.
var noon = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// test stands for the *testing.T that a test has: an example has none.
type test struct {
	name     string
	cleanups []func()
}

// failure is that with which a test ends.
type failure string

func (t *test) Helper()          {}
func (t *test) Name() string     { return t.name }
func (t *test) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

// Fatalf leaves the test as a *testing.T does, but for the goroutine.
func (t *test) Fatalf(format string, args ...any) {
	panic(failure(fmt.Sprintf(format, args...)))
}

// fails runs f to its end, or to where it fails, and tells how it did.
func (t *test) fails(f func()) (said string) {
	defer func() {
		if r := recover(); r != nil {
			said = string(r.(failure))
		}
	}()
	f()
	return ""
}

func (t *test) end() {
	for _, f := range slices.Backward(t.cleanups) {
		f()
	}
}
