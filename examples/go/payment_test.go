// Package payment shows a test of an application in Go. The application is the function createLink; it knows nothing
// of mockbank.
package payment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/mockbank/mockbank/mockbanktest"
)

func TestPaymentSucceeds(t *testing.T) {
	srv := mockbanktest.Start(t)
	world := srv.Workspace(t)
	world.Freeze(time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC))
	inbox := world.Inbox("shop")

	link, err := createLink(world.URL("finqlink"), "125.50", inbox.URL())
	if err != nil {
		t.Fatal(err)
	}
	world.Act("finqlink", "link", link, mockbanktest.Approve)
	world.Advance(10 * time.Second)

	if got := world.Entity("finqlink", "link", link).State; got != "funds_received" {
		t.Errorf("the payment is %s, want funds_received", got)
	}
	for _, m := range inbox.Messages() {
		if !m.Verdict.Valid {
			t.Errorf("a webhook does not verify: %s: %s", m.Verdict.Error, m.Body)
		}
	}
	world.Verify(mockbanktest.Match{
		Operation: "createLink", Body: map[string]any{"single_transfer": map[string]any{"amount": "125.50"}},
	}, mockbanktest.Exactly(1))
}

// createLink asks FinqLink for a payment link, and gives its id.
func createLink(finqlink, amount, callback string) (string, error) {
	body, err := json.Marshal(map[string]any{
		"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret",
		"single_transfer": map[string]string{
			"amount": amount, "currency": "RON",
			"creditor_name": "Magazin Exemplu SRL", "creditor_iban": "RO10RZBR0000069999999970",
		},
		"payment_method": map[string]string{"provider_id": "libra_ro", "payment_scheme": "domestic"},
		"options":        map[string]string{"callback_url": callback},
	})
	if err != nil {
		return "", err
	}
	reply, err := http.Post(finqlink+"/v2/links/create", "application/json", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		return "", fmt.Errorf("FinqLink answers %s", reply.Status)
	}
	var link struct {
		ID string `json:"link_id"`
	}
	return link.ID, json.NewDecoder(reply.Body).Decode(&link)
}
