package finqlink_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider/finqlink"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
)

// statuses are those that an inbox was told of, in the order in which they came.
func statuses(h *providertest.House, inbox string) (told []string) {
	for _, m := range h.Messages(inbox) {
		told = append(told, providertest.Answer{Body: m.Body}.Text("status"))
	}
	return told
}

func TestEveryChangeIsTold(t *testing.T) {
	h := providertest.New(t, finqlink.New)
	made := create(t, h, object{"payment_method": object{"provider_id": "libra_ro"}})
	if err := h.Act("link", made.Text("link_id"), "approve"); err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Minute)
	want := []string{"started", "requested", "intent_accepted", "awaiting_authz", "received", "submitted", "completed", "funds_received"}
	if told := statuses(h, "shop"); !slices.Equal(told, want) {
		t.Errorf("%v", told)
	}
	first := h.Messages("shop")[0]
	body := fmt.Sprintf(`{"type":"link_status_update","link_id":%q,"web_id":%q,"status":"started"}`, made.Text("link_id"), made.Text("web_id"))
	if string(first.Body) != body {
		t.Errorf("%s, want %s", first.Body, body)
	}
	receive(t, h, first)
	header, _ := base64.RawURLEncoding.DecodeString(strings.Split(first.Header.Get("X-Signature"), ".")[0])
	if want := fmt.Sprintf(`{"alg":"RS256","kid":%q}`, first.Header.Get("X-Signature-Kid")); string(header) != want {
		t.Errorf("the protected header is %s, want %s", header, want)
	}
}

func TestTheFirstVersionIsNotToldOfFunds(t *testing.T) {
	h := house(t)
	made := h.Post("/finqlink/v1/links/create", order(object{"payment_method": object{"provider_id": "libra_ro"}}))
	if err := h.Act("link", made.Text("link_id"), "approve"); err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Minute)
	if told := statuses(h, "shop"); told[len(told)-1] != "completed" {
		t.Errorf("%v", told)
	}
}

// The target is the link's own, else the client's, else the workspace's, else none.
func TestWhoIsTold(t *testing.T) {
	h := house(t)
	silent := object{"options": object{"callback_url": nil}}
	open := func(changes ...object) {
		if err := h.Fire("link", create(t, h, changes...).Text("link_id"), "open"); err != nil {
			t.Fatal(err)
		}
		h.Settle()
	}
	open(silent)
	h.Update(func(tx *store.Tx) error { tx.Change().WebhookURL = providertest.InboxURL("workspace"); return nil })
	open(silent)
	change(t, h, func(c *oauth.Client) { c.WebhookURL = providertest.InboxURL("client") })
	open(silent)
	open()
	for _, inbox := range []string{"workspace", "client", "shop"} {
		if told := statuses(h, inbox); !slices.Equal(told, []string{"started"}) {
			t.Errorf("%s was told %v", inbox, told)
		}
	}
}

func TestStoriesSpoilTheNextWebhook(t *testing.T) {
	for scenario, flaw := range map[string]string{
		"webhook_bad_signature": "signature is wrong",
		"webhook_unknown_kid":   "not among the published keys",
	} {
		h := house(t)
		made := create(t, h, object{"tracking": object{"payment_ref": "scn-" + strings.ReplaceAll(scenario, "_", "-")}})
		if err := h.Act("link", made.Text("link_id"), "approve"); err != nil {
			t.Fatal(err)
		}
		h.Advance(time.Minute)
		for i, m := range h.Messages("shop") {
			if i == 0 && (m.Verdict.Valid || !strings.Contains(m.Verdict.Error, flaw)) {
				t.Errorf("%s: the first is %+v", scenario, m.Verdict)
			}
			if i > 0 && !m.Verdict.Valid {
				t.Errorf("%s: number %d is %+v", scenario, i+1, m.Verdict)
			}
		}
		if got := get(h, made.Text("link_id")).Text("status"); got != "completed" {
			t.Errorf("%s: the link is %s", scenario, got)
		}
	}
}

func TestKeysRotateWithTheClock(t *testing.T) {
	h := providertest.New(t, finqlink.New)
	const jwks = "/finqlink/.well-known/jwks.json"
	before := h.Get(jwks)
	if before.Header.Get("Cache-Control") != "max-age=300" {
		t.Errorf("%v", before.Header)
	}
	create(t, h) // a workspace begins to be with its first write
	h.Advance(91 * 24 * time.Hour)
	old, _ := before.JSON()["keys"].([]any)
	now, _ := h.Get(jwks).JSON()["keys"].([]any)
	if len(old) != 2 || len(now) != 2 || fmt.Sprint(now[1]) != fmt.Sprint(old[0]) || fmt.Sprint(now[0]) == fmt.Sprint(old[0]) {
		t.Errorf("%v, and 91 days later %v", old, now)
	}
	h.Set("webhook_alg", "ES256")
	rotated, _ := h.Get(jwks).JSON()["keys"].([]any)
	if fmt.Sprint(rotated[1]) != fmt.Sprint(now[0]) || rotated[0].(map[string]any)["kty"] != "EC" {
		t.Errorf("after a change of the algorithm %v", rotated)
	}
}

func TestDeliveriesCanNameTheirSource(t *testing.T) {
	h := house(t)
	h.Set("outbound_ip_header", true)
	if err := h.Fire("link", create(t, h).Text("link_id"), "open"); err != nil {
		t.Fatal(err)
	}
	h.Settle()
	if got := h.Messages("shop")[0].Header.Get("X-Forwarded-For"); got != "34.89.170.122" {
		t.Errorf("X-Forwarded-For is %q", got)
	}
}
