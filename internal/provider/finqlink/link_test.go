package finqlink_test

import (
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/finqlink"
	"github.com/mockbank/mockbank/internal/provider/providertest"
)

const (
	id     = "finqlink-demo"
	secret = "finqlink-demo-secret"
)

func house(t *testing.T) *providertest.House {
	t.Helper()
	return providertest.New(t, finqlink.New)
}

type object = map[string]any

// order is a request to make a link; changes replace members of its parts, and nil takes one out.
func order(changes ...object) object {
	body := object{
		"client_id": id, "client_secret": secret,
		"single_transfer": object{
			"amount": "125.50", "currency": "RON", "creditor_name": "Magazin Exemplu SRL", "creditor_iban": "RO10RZBR0000069999999970",
		},
		"payment_method": object{"provider_id": "rzb_ro", "payment_scheme": "domestic"},
		"options":        object{"callback_url": providertest.InboxURL("shop"), "redirect_url": "http://shop.example/paid?order=7"},
	}
	for _, change := range changes {
		merge(body, change)
	}
	return body
}

func merge(into, change object) {
	for name, value := range change {
		part, isPart := value.(object)
		old, hasPart := into[name].(object)
		switch {
		case value == nil:
			delete(into, name)
		case isPart && hasPart:
			merge(old, part)
		default:
			into[name] = value
		}
	}
}

func create(t *testing.T, h *providertest.House, changes ...object) providertest.Answer {
	t.Helper()
	made := h.Post("/finqlink/v2/links/create", order(changes...))
	if made.Status != 200 {
		t.Fatalf("create: %d %s", made.Status, made.Body)
	}
	return made
}

func get(h *providertest.House, linkID string) providertest.Answer {
	return h.Post("/finqlink/v2/links/get", object{"client_id": id, "client_secret": secret, "link_id": linkID})
}

func TestALinkIsPaid(t *testing.T) {
	h := house(t)
	made := create(t, h)
	link := made.Text("link_id")
	if err := h.Act("link", link, "approve"); err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Minute)
	got := get(h, link)
	if got.Text("status") != "completed" || got.Text("service_provider.provider_id") != "rzb_ro" {
		t.Errorf("%s", got.Body)
	}
	var statuses []string
	for _, m := range h.Messages("shop") {
		statuses = append(statuses, string(m.Body))
		if !m.Verdict.Valid {
			t.Errorf("%s: %s", m.Body, m.Verdict.Error)
		}
	}
	t.Logf("%s\n%s\n%v", made.Body, got.Body, statuses)
}
