package onelinkfintech_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// Each row of the table of scenarios: how the payment stands after each wait, and why it failed.
func TestStoriesOfPayments(t *testing.T) {
	type moment struct {
		after  time.Duration
		status string
	}
	usual := []moment{{0, "pending"}, {time.Second, "processing"}, {3 * time.Second, "succeeded"}, {48 * time.Hour, "succeeded"}}
	for _, tt := range []struct {
		scenario string
		changes  object
		moments  []moment
		failure  string
	}{
		{"payment_succeeds", object{"recipient": "rec_test_123"}, usual, ""},
		{"payment_succeeds", object{"amount": 9994}, usual, ""},
		{"payment_succeeds", object{"amount": 4}, usual, ""},
		{"payment_processing_at_once", object{"recipient": "rec_test_processing"}, []moment{{0, "processing"}, {3 * time.Second, "succeeded"}}, ""},
		{"payment_bank_rejected", object{"recipient": "rec_test_rejected"}, []moment{{time.Second, "processing"}, {3 * time.Second, "failed"}}, "recipient_bank_rejected"},
		{"payment_account_closed", object{"recipient": "rec_test_closed"}, []moment{{0, "pending"}, {time.Second, "failed"}}, "recipient_account_closed"},
		{"payment_compliance_hold", object{"recipient": "rec_test_hold"}, []moment{{time.Second, "processing"}, {24*time.Hour - time.Millisecond, "processing"}, {time.Millisecond, "failed"}}, "compliance_hold"},
		{"payment_stuck", object{"recipient": "rec_test_stuck"}, []moment{{90 * 24 * time.Hour, "pending"}}, ""},
		{"payment_lost_reply", object{"recipient": "rec_test_drop"}, usual, ""},
		{"webhook_bad_signature", object{"recipient": "rec_test_badsig"}, usual, ""},
		{"webhook_duplicate", object{"recipient": "rec_test_dup"}, usual, ""},
	} {
		t.Run(tt.scenario, func(t *testing.T) {
			h := house(t)
			makePayment(h, tt.changes)
			for _, m := range tt.moments {
				if m.after > 0 {
					h.Advance(m.after)
				}
				got := get(h, "/payments/pay_123456789")
				if got.Text("status") != m.status {
					t.Errorf("after %s: %s, want %s", m.after, got.Body, m.status)
				}
			}
			end := get(h, "/payments/pay_123456789")
			if end.Text("failure.code") != tt.failure || (end.Text("failure.message") == "") != (tt.failure == "") {
				t.Errorf("%s, want the failure %q", end.Body, tt.failure)
			}
			if want := end.Header.Get("Mockbank-Scenario"); want != tt.scenario {
				t.Errorf("the story is %s, want %s", want, tt.scenario)
			}
		})
	}
}

// makePayment also takes an answer that never comes: the gateway then ends the connection by a panic.
func makePayment(h *providertest.House, changes object) providertest.Answer {
	defer func() { _ = recover() }()
	return post(h, "/payments", payment(changes))
}

func TestASlowAnswer(t *testing.T) {
	h := house(t)
	answer := make(chan providertest.Answer)
	go func() { answer <- makePayment(h, object{"recipient": "rec_test_slow"}) }()
	for {
		select {
		case got := <-answer:
			if passed := h.Now().Sub(providertest.Start); got.Text("status") != "pending" || passed < 15*time.Second {
				t.Errorf("%s after %s", got.Body, passed)
			}
			return
		default:
			h.Advance(time.Second)
		}
	}
}

func TestAmountsThatTellAStory(t *testing.T) {
	h := house(t)
	for amount, want := range map[int]string{
		10004: "payment_bank_rejected", 990004: "payment_bank_rejected", 10007: "payment_compliance_hold", 9004: "payment_succeeds",
		10040: "payment_succeeds", 7: "payment_succeeds",
	} {
		got := post(h, "/payments", payment(object{"amount": amount, "recipient": post(h, "/recipients", recipient()).Text("id")}))
		if scenario := got.Header.Get("Mockbank-Scenario"); scenario != want {
			t.Errorf("%d tells %s, want %s", amount, scenario, want)
		}
	}
	refused := post(h, "/payments", payment(object{"amount": 10002, "recipient": settlement}))
	if refused.Text("error.type") != "same_account" {
		t.Errorf("a rule of the business comes before a story: %s", refused.Body)
	}
	refused = post(h, "/payments", payment(object{"amount": 10002, "recipient": "rec_test_123"}))
	if refused.Status != 201 {
		t.Errorf("the recipient is looked at before the amount: %s", refused.Body)
	}
}

func TestStoriesOfAccounts(t *testing.T) {
	h := house(t)
	for email, want := range map[string]struct {
		status  string
		balance string
	}{
		"frozen@example.test": {"frozen", "0"}, "funded@example.test": {"active", "100000"}, "john@frozen.test": {"active", "0"},
	} {
		got := post(h, "/accounts", account(object{"owner": object{"name": "X", "email": email}}))
		if status := got.Text("status"); status != want.status || balanceIn(got) != want.balance {
			t.Errorf("%s: %s", email, got.Body)
		}
	}
}

func balanceIn(a providertest.Answer) string {
	n, _ := a.JSON()["balance"].(interface{ String() string })
	if n == nil {
		return ""
	}
	return n.String()
}

// Each kind can be told to stand still.
func TestManualStandsStill(t *testing.T) {
	h := house(t)
	id := post(h, "/payments", payment(object{"recipient": "rec_test_rejected"}), "Mockbank-Scenario", "manual").Text("id")
	h.Advance(90 * 24 * time.Hour)
	if got := get(h, "/payments/"+id); got.Text("status") != "pending" {
		t.Error(string(got.Body))
	}
	for _, event := range []string{"process", "fail"} {
		var set object
		if event == "fail" {
			set = object{"failure": object{"code": "timeout"}}
		}
		if err := fire(h, "payment", id, event, set); err != nil {
			t.Fatal(err)
		}
	}
	if got := get(h, "/payments/"+id); got.Text("failure.message") != "The recipient's bank did not answer in time" {
		t.Error(string(got.Body))
	}
}

func TestControlActionsAreHeldToTheRules(t *testing.T) {
	h := house(t)
	full := post(h, "/accounts", account(object{"owner": object{"name": "X", "email": "funded@example.test"}})).Text("id")
	target := post(h, "/accounts", account()).Text("id")
	stuck := post(h, "/payments", payment(object{"recipient": target}), "Mockbank-Scenario", "payment_stuck").Text("id")
	for _, tt := range []struct {
		kind, id, event string
		set             object
	}{
		{"account", full, "close", nil},
		{"account", target, "close", nil}, // a payment is on its way
		{"account", target, "deposit", nil},
		{"account", target, "deposit", object{"deposit": -5}},
		{"account", full, "deposit", object{"deposit": int64(1<<63 - 1)}},
		{"account", target, "unfreeze", nil},
		{"payment", stuck, "succeed", nil},
		{"payment", stuck, "fail", object{"failure": object{"code": "bad_luck"}}},
		{"key", "platform-1-revoked", "roll", nil},
	} {
		if err := fire(h, tt.kind, tt.id, tt.event, tt.set); err == nil {
			t.Errorf("%s %s takes %s %v", tt.kind, tt.id, tt.event, tt.set)
		}
	}
	if err := fire(h, "payment", stuck, "fail", nil); err != nil {
		t.Fatal(err)
	}
	if err := fire(h, "account", target, "close", nil); err != nil {
		t.Errorf("nothing is on its way any more: %v", err)
	}
}

// A rolled key is good for a day, and then it is not.
func TestLifeOfAKey(t *testing.T) {
	h := house(t)
	if err := fire(h, "key", "platform-2", "roll", nil); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{24*time.Hour - time.Millisecond, 200}, {time.Millisecond, 401}} {
		h.Advance(tt.after)
		if got := getAs(h, otherKey, "/accounts"); got.Status != tt.want {
			t.Errorf("%s later: %d %s", tt.after, got.Status, got.Body)
		}
	}
	if err := fire(h, "key", "platform-1", "revoke", nil); err != nil {
		t.Fatal(err)
	}
	if got := get(h, "/accounts"); got.Text("error.type") != "revoked_api_key" {
		t.Error(string(got.Body))
	}
}

func TestIdempotency(t *testing.T) {
	h := house(t)
	key := []string{"Idempotency-Key", "order 1"}
	first := post(h, "/payments", payment(), key...)
	again := post(h, "/payments", []byte(` {"recipient":"rec_test_123","currency":"EUR","amount":1000,"description":"Test Payment"}`), key...)
	if again.Status != 201 || string(again.Body) != string(first.Body) || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%d %s %v", again.Status, again.Body, again.Header)
	}
	if first.Header.Get("Idempotent-Replayed") != "" || first.Header.Get("Request-Id") == again.Header.Get("Request-Id") {
		t.Errorf("the first: %v, the repeat: %v", first.Header, again.Header)
	}
	for _, reused := range []providertest.Answer{post(h, "/payments", payment(object{"amount": 1}), key...), post(h, "/accounts", account(), key...)} {
		if reused.Status != 400 || reused.Text("error.type") != "idempotency_key_reused" || reused.Text("error.param") != "Idempotency-Key" {
			t.Errorf("%d %s", reused.Status, reused.Body)
		}
	}
	if other := h.Post(v1+"/payments", payment(object{"amount": 100}), as(otherKey, key...)...); other.Status != 201 {
		t.Errorf("another platform's key is its own: %d %s", other.Status, other.Body)
	}
	h.Advance(25 * time.Hour)
	if late := post(h, "/payments", payment(), key...); late.Text("id") == first.Text("id") {
		t.Error("a day later the key is new again")
	}
}

// Of two requests with one key the first waits for its slow answer, and the other does not wait for it.
func TestAKeyIsInUseUntilItsAnswer(t *testing.T) {
	h := house(t)
	answers := make(chan providertest.Answer)
	for range 2 {
		go func() {
			answers <- post(h, "/payments", payment(object{"recipient": "rec_test_slow"}), "Idempotency-Key", "slow")
		}()
	}
	if got := <-answers; got.Status != 400 || got.Text("error.type") != "idempotency_key_in_use" || got.Text("error.param") != "Idempotency-Key" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	for {
		select {
		case got := <-answers:
			if got.Status != 201 || balance(h, settlement) != 100000000-1000 {
				t.Errorf("%d %s", got.Status, got.Body)
			}
			return
		default:
			h.Advance(time.Second)
		}
	}
}

// What a story refuses once per key is not kept; what a rule of the business refuses is.
func TestWhichRefusalsAreKept(t *testing.T) {
	h := house(t)
	for _, tt := range []struct {
		name     string
		body     object
		statuses []int
		replayed string
	}{
		{"limited", payment(object{"recipient": "rec_test_429"}), []int{429, 201, 201}, "true"},
		{"broke", payment(object{"recipient": "rec_test_nofunds"}), []int{400, 400, 400}, "true"},
		{"fault", payment(object{"recipient": "rec_test_500"}), []int{500, 500, 500}, ""},
		{"field", payment(object{"amount": 0}), []int{400, 400, 400}, ""},
	} {
		var last providertest.Answer
		for i, want := range tt.statuses {
			last = post(h, "/payments", tt.body, "Idempotency-Key", tt.name)
			if last.Status != want {
				t.Errorf("%s %d: %d %s, want %d", tt.name, i, last.Status, last.Body, want)
			}
			if wait := last.Header.Get("Retry-After"); (want == 429) != (wait == "30") {
				t.Errorf("%s %d: Retry-After %q", tt.name, i, wait)
			}
		}
		if got := last.Header.Get("Idempotent-Replayed"); got != tt.replayed {
			t.Errorf("%s: Idempotent-Replayed %q, want %q", tt.name, got, tt.replayed)
		}
	}
}

func TestOnceAMinuteWithoutAKey(t *testing.T) {
	h := house(t)
	for i, want := range []int{429, 201, 201, 429} {
		if i == 3 {
			h.Advance(time.Minute)
		}
		if got := post(h, "/payments", payment(object{"recipient": "rec_test_429"})); got.Status != want {
			t.Errorf("%d: %d, want %d", i, got.Status, want)
		}
	}
}

// The connection is closed, and a repeat learns what was done.
func TestALostReplyIsReplayed(t *testing.T) {
	h := house(t)
	body := payment(object{"recipient": "rec_test_drop"})
	func() {
		defer func() {
			if recover() != http.ErrAbortHandler {
				t.Error("the connection is not cut")
			}
		}()
		post(h, "/payments", body, "Idempotency-Key", "lost")
	}()
	again := post(h, "/payments", body, "Idempotency-Key", "lost")
	if again.Status != 201 || again.Text("id") != "pay_123456789" || balance(h, settlement) != 100000000-1000 {
		t.Errorf("%d %s", again.Status, again.Body)
	}
}

func TestALookMakesNoWorkspace(t *testing.T) {
	h := house(t)
	header := http.Header{"Authorization": {"Bearer " + fullKey}, "Mockbank-Workspace": {"fresh"}}
	before := h.Do("GET", v1+"/accounts/"+settlement, header, nil)
	if before.Status != 200 || before.Text("created_at") != "2025-01-01T12:00:00Z" || h.Store.Stored("fresh") {
		t.Errorf("%d %s", before.Status, before.Body)
	}
}
