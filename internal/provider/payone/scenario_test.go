package payone_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

// shopHouse is a house whose portal has TransactionStatus go to the inbox gate; notifications go to shop.
func shopHouse(t *testing.T) *providertest.House {
	t.Helper()
	h := house(t)
	set(t, h, "transaction_status_url", providertest.InboxURL("gate"))
	return h
}

// fields reads the forms that came to the gate.
func fields(h *providertest.House) (all []url.Values) {
	for _, m := range h.Messages("gate") {
		form, _ := url.ParseQuery(string(m.Body))
		all = append(all, form)
	}
	return all
}

// told is what came to the gate: the action, * where it is pending, its number and what is owed and open.
func told(h *providertest.House) string {
	var all []string
	for _, f := range fields(h) {
		mark := ""
		if f.Get("transaction_status") == "pending" {
			mark = "*"
		}
		all = append(all, f.Get("txaction")+mark+" "+f.Get("sequencenumber")+" "+f.Get("receivable")+" "+f.Get("balance"))
	}
	return strings.Join(all, "; ")
}

// answered is what came to the shop.
func answered(h *providertest.House) string {
	var all []string
	for _, m := range h.Messages("shop") {
		all = append(all, providertest.Answer{Body: m.Body}.Text("linkExecutionData.executionStatus"))
	}
	return strings.Join(all, " ")
}

const (
	owed  = "appointed 0 49.98 49.98"
	paid1 = "; paid 1 49.98 0.00"
	lost  = " 0.00 0.00"
)

// TestEveryScenario plays the rows of the document's table, chosen by name, with a payer who approves.
func TestEveryScenario(t *testing.T) {
	for _, test := range []struct {
		scenario string
		change   object
		wait     time.Duration
		answers  string
		told     string
	}{
		{"card_approved", nil, time.Minute, "APPROVED", owed + paid1},
		{"card_approved", object{"intent": "preauthorization"}, time.Hour, "APPROVED", "appointed 0" + lost},
		{"card_approved", object{"paymentMethods": []any{"paypal"}}, time.Minute, "REDIRECTED", owed + paid1},
		{"manual", nil, time.Hour, "APPROVED", owed},
		{"unattended", nil, time.Minute, "APPROVED", owed + paid1},
		{"unattended", object{"paymentMethods": []any{"ideal"}}, time.Minute, "REDIRECTED", owed + paid1},
		{"card_error_final", nil, time.Hour, "ERROR", "failed 0" + lost},
		{"card_three_ds", nil, time.Minute, "REDIRECTED", owed + paid1},
		{"sepa_returned", object{"paymentMethods": []any{"sepa"}}, 5*24*time.Hour + time.Minute, "APPROVED", owed + paid1 + "; cancelation 2 49.98 49.98"},
		{"redirect_approved", nil, time.Minute, "REDIRECTED", owed + paid1},
		{"redirect_declined", nil, time.Minute, "REDIRECTED", "failed 0" + lost},
		{"pending_then_paid", nil, 59 * time.Minute, "PENDING", "appointed* 0 49.98 49.98"},
		{"pending_then_paid", nil, time.Hour, "PENDING", "appointed* 0 49.98 49.98; appointed 1 49.98 49.98; paid 2 49.98 0.00"},
		{"pending_then_failed", nil, time.Hour, "PENDING", "appointed* 0 49.98 49.98; failed 1" + lost},
		{"underpaid", nil, time.Hour, "APPROVED", owed + "; underpaid 1 49.98 1.00"},
		{"underpaid", object{"currency": "JPY"}, time.Hour, "APPROVED", "appointed 0 4998 4998; underpaid 1 4998 1"},
		{"preauth_capture", object{"intent": "preauthorization"}, 9 * time.Minute, "APPROVED", "appointed 0" + lost},
		{"preauth_capture", object{"intent": "preauthorization"}, 11 * time.Minute, "APPROVED", "appointed 0" + lost + "; capture 1 49.98 49.98; paid 2 49.98 0.00"},
		{"preauth_capture", nil, time.Minute, "APPROVED", owed + paid1},
		{"notify_bad_signature", nil, time.Minute, "APPROVED", owed + paid1},
		{"notify_duplicate", nil, time.Minute, "APPROVED APPROVED", owed + paid1},
		{"status_before_redirect_slow", nil, 9 * time.Minute, "APPROVED", owed},
		{"status_before_redirect_slow", nil, 11 * time.Minute, "APPROVED", owed + paid1},
		{"status_out_of_order", nil, time.Minute, "APPROVED", "paid 1 49.98 0.00; " + owed},
	} {
		t.Run(fmt.Sprint(test.scenario, " ", test.change, " ", test.wait), func(t *testing.T) {
			h := shopHouse(t)
			made := send(h, http.MethodPost, links, order(test.change), "Mockbank-Scenario", test.scenario)
			if test.scenario != "unattended" {
				if err := h.Act("link", made.Text("id"), "approve"); err != nil {
					t.Fatal(err)
				}
			}
			h.Advance(test.wait)
			if got := get(h, made.Text("id")).Text("status"); got != "executed" {
				t.Errorf("the link is %s", got)
			}
			if answered(h) != test.answers || told(h) != test.told {
				t.Errorf("answered %s, told\n%s, want %s and\n%s", answered(h), told(h), test.answers, test.told)
			}
		})
	}
}

func TestAnAbandonedRedirectFailsAfterHalfAnHour(t *testing.T) {
	h := shopHouse(t)
	id := send(h, http.MethodPost, links, order(object{"paymentMethods": []any{"paypal"}}), "Mockbank-Scenario", "unattended").Text("id")
	if err := h.Retell("link", id, "redirect_abandoned"); err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Minute)
	if got := get(h, id).Text("status"); got != "ready" {
		t.Fatalf("a link that no longer pays itself is %s", got)
	}
	page := path(get(h, id).Text("link"))
	bank := location(press(h, page, page+"/execute", "paymentMethod", "paypal"))
	if got := get(h, id); got.Text("redirectUrl") != "http://"+providertest.Host+bank || got.Text("paymentMethod") != "paypal" {
		t.Errorf("%s", got.Body)
	}
	h.Advance(29 * time.Minute)
	if told(h) != "" || answered(h) != "REDIRECTED" {
		t.Errorf("too early: %s, %s", told(h), answered(h))
	}
	h.Advance(time.Minute)
	if told(h) != "failed 0"+lost || fields(h)[0].Get("reasoncode") != "203" {
		t.Errorf("after half an hour: %s", told(h))
	}
}

// TestPageInputsNameStories, and an ordinary one lets a story that the reference chose go its way.
func TestPageInputsNameStories(t *testing.T) {
	for i, test := range []struct{ reference, card, story string }{
		{"order", "4111111111111111", "card_approved"}, {"order", "4000000000000119", "card_error_final"}, {"order", "4000000000003220", "card_three_ds"},
		{"mk.pendok.", "4111111111111111", "pending_then_paid"}, {"mk.pendok.", "4000000000000119", "card_error_final"}, {"mk.under.", "4242424242424242", "underpaid"},
	} {
		h := shopHouse(t)
		id, page := checkout(t, h, object{"reference": fmt.Sprint(test.reference, i)})
		press(h, page, page+"/execute", paying(test.card)...)
		var process string
		h.Data("link", id, "paymentProcess", &process)
		if got := h.Show("payment", process).Entity.Scenario; got != test.story {
			t.Errorf("%s with %s follows %s, want %s", test.reference, test.card, got, test.story)
		}
	}
}

func TestADeclinedCardLeavesNothing(t *testing.T) {
	h := shopHouse(t)
	id, page := checkout(t, h)
	if got := press(h, page, page+"/execute", paying("4000000000000002")...); got.Status != 422 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	h.Advance(time.Hour)
	if told(h)+answered(h) != "" || get(h, id).Text("status") != "ready" {
		t.Errorf("%s %s %s", told(h), answered(h), get(h, id).Body)
	}
	press(h, page, page+"/execute", paying("4111111111111111")...)
	h.Settle()
	if answered(h) != "APPROVED" {
		t.Error("another card does not do it")
	}
}

func TestStoriesOfTheReference(t *testing.T) {
	h := house(t)
	for reference, story := range map[string]string{
		"mk.pendok.1": "pending_then_paid", "mk.pendko.1": "pending_then_failed", "mk.under.1": "underpaid", "mk.precap.1": "preauth_capture",
		"mk.badsig.1": "notify_bad_signature", "mk.dupntf.1": "notify_duplicate", "mk.late.1": "status_before_redirect_slow", "mk.order.1": "status_out_of_order",
		"order": "card_approved", "mk.pendok": "card_approved",
	} {
		if got := create(t, h, object{"reference": reference}).Header.Get("Mockbank-Scenario"); got != story {
			t.Errorf("%s: %s, want %s", reference, got, story)
		}
	}
}

func TestCreateGoesWrongAsToldOncePerReference(t *testing.T) {
	h := house(t)
	for i, status := range []int{429, 500} {
		for _, reference := range []string{fmt.Sprintf("mk.%d.a", status), fmt.Sprintf("mk.%d.b", status)} {
			first := send(h, http.MethodPost, links, order(object{"reference": reference}))
			if want := []string{"30", ""}[i]; first.Status != status || first.Header.Get("Retry-After") != want {
				t.Errorf("%s: %d %v", reference, first.Status, first.Header)
			}
			if second := send(h, http.MethodPost, links, order(object{"reference": reference})); second.Status != 201 {
				t.Errorf("%s again: %d %s", reference, second.Status, second.Body)
			}
		}
	}
	if got := list(h, "").JSON()["totalElements"]; fmt.Sprint(got) != "4" {
		t.Errorf("%v links are stored", got)
	}
}

func TestNotificationsMaySpoil(t *testing.T) {
	valid := func(m webhook.Message) string { return fmt.Sprint(m.Verdict.Valid) }
	for reference, want := range map[string]string{"mk.badsig.1": "false", "mk.dupntf.1": "true true", "order": "true"} {
		h := shopHouse(t)
		id := create(t, h, object{"reference": reference}).Text("id")
		if err := h.Act("link", id, "approve"); err != nil {
			t.Fatal(err)
		}
		h.Advance(time.Minute)
		var verdicts, ids []string
		for _, m := range h.Messages("shop") {
			verdicts, ids = append(verdicts, valid(m)), append(ids, m.Header.Get("X-Request-ID"))
		}
		if strings.Join(verdicts, " ") != want || len(slices.Compact(ids)) != 1 {
			t.Errorf("%s: %v, %v", reference, verdicts, ids)
		}
	}
}

func TestTransactionStatusIsTheDocumentsExample(t *testing.T) {
	h := shopHouse(t)
	id := create(t, h, object{"paymentMethods": []any{"visa"}}).Text("id")
	if err := h.Act("link", id, "approve"); err != nil {
		t.Fatal(err)
	}
	h.Settle()
	got := h.Messages("gate")[0]
	want := "key=4ae66e6dd81281c585e8e6fd2f6a3b48&txaction=appointed&transaction_status=completed&notify_version=7.6&mode=test&portalid=3000001&aid=20002" +
		"&lastname=Doe&country=DE&clearingtype=cc&txtime=1768473000&currency=EUR&userid=300000001&txid=700000001&reference=order-1001" +
		"&sequencenumber=0&price=49.98&receivable=49.98&balance=49.98"
	if diff := cmp.Diff(want, string(got.Body)); diff != "" {
		t.Error(diff)
	}
	if got.Header.Get("User-Agent") != "PAYONE FinanceGate" || got.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || !got.Verdict.Valid {
		t.Errorf("%v %+v", got.Header, got.Verdict)
	}
}

func TestTheOrderOfTheMessages(t *testing.T) {
	h := house(t)
	set(t, h, "transaction_status_url", providertest.InboxURL("shop"))
	id := create(t, h, object{"userId": "4711"}).Text("id")
	if err := h.Act("link", id, "approve"); err != nil {
		t.Fatal(err)
	}
	h.Settle()
	messages := h.Messages("shop")
	if len(messages) != 2 || messages[0].Verdict.Channel != "status" || messages[1].Verdict.Channel != "notify" {
		t.Errorf("%+v", messages)
	}
	if !strings.Contains(string(messages[0].Body), "&userid=4711&") || get(h, id).Text("userId") != "4711" {
		t.Errorf("the merchant's own user: %s", messages[0].Body)
	}
}

// Any answer but 200 is repeated on the schedule, a 410 too, with the same body, id and code; of TransactionStatus
// any but TSOK.
func TestRetries(t *testing.T) {
	for _, inbox := range []string{"shop", "gate"} {
		h := shopHouse(t)
		h.Update(func(tx *store.Tx) error { return webhook.SetAnswer(tx, inbox, webhook.Answer{Status: 410, Times: 5}) })
		id := send(h, http.MethodPost, links, order(), "Mockbank-Scenario", "manual").Text("id")
		if err := h.Act("link", id, "approve"); err != nil {
			t.Fatal(err)
		}
		h.Advance(24 * time.Hour)
		var at, seen []string
		for _, m := range h.Messages(inbox) {
			at = append(at, m.At.Sub(providertest.Start).String())
			seen = append(seen, m.Header.Get("X-Request-ID")+m.Header.Get("X-Auth-Code")+string(m.Body))
		}
		want := []string{"0s", "1m0s", "6m0s", "21m0s", "1h21m0s", "7h21m0s"}
		if !slices.Equal(at, want) || len(slices.Compact(seen)) != 1 {
			t.Errorf("%s: %v, %v", inbox, at, seen)
		}
	}
}

func TestNobodyIsToldWhereNobodyWantsIt(t *testing.T) {
	h := house(t)
	change(t, h, func(*oauth.Client) {})
	id := create(t, h, object{"notifyUrl": nil}).Text("id")
	if err := h.Act("link", id, "approve"); err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Hour)
	if answered(h)+told(h) != "" {
		t.Errorf("%s %s", answered(h), told(h))
	}
}
