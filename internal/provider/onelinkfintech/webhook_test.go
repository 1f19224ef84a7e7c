package onelinkfintech_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

const (
	secret = "whsec_mock_0000000000000000"
	inbox  = "shop"
)

// receive verifies by the rule as it is written down.
func receive(t *testing.T, _ *providertest.House, m webhook.Message) {
	t.Helper()
	var at int64
	var signature string
	if _, err := fmt.Sscanf(strings.Replace(m.Header.Get("OneLink-Signature"), ",v1=", " ", 1), "t=%d %s", &at, &signature); err != nil {
		t.Fatalf("%v: %v", m.Header, err)
	}
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at, m.Body)
	if want := fmt.Sprintf("%x", mac.Sum(nil)); signature != want || at != m.At.Unix() {
		t.Errorf("%s at %s: %v, want %s", m.Body, m.At, m.Header, want)
	}
}

func types(h *providertest.House, inbox string) (told []string) {
	for _, m := range h.Messages(inbox) {
		told = append(told, providertest.Answer{Body: m.Body}.Text("type"))
	}
	return told
}

func listen(h *providertest.House, name string) {
	setClient(h, "platform-1", object{"webhook_url": providertest.InboxURL(name)})
}

// The vector of the contract: body, time and signature.
func TestTheVector(t *testing.T) {
	h := house(t)
	setClock(h, noon)
	post(h, "/payments", payment())
	h.Advance(2 * time.Second)
	listen(h, inbox)
	h.Advance(2 * time.Second)
	got := h.Messages(inbox)
	if len(got) != 1 {
		t.Fatalf("%d events", len(got))
	}
	const body = `{"id":"evt_000000001","object":"event","type":"payment.succeeded","created_at":"2025-01-01T12:00:04Z","data":{"object":` +
		`{"id":"pay_123456789","object":"payment","amount":1000,"currency":"EUR","status":"succeeded","sender":"acc_100000001",` +
		`"recipient":"rec_test_123","description":"Test Payment","created_at":"2025-01-01T12:00:00Z","updated_at":"2025-01-01T12:00:04Z"}}}`
	const signature = "t=1735732804,v1=8d5fdf248a99492dd36d4f4e191b1ab9deaa14d814c0df8b7627b3085fca0ce8"
	if string(got[0].Body) != body || got[0].Header.Get("OneLink-Signature") != signature {
		t.Errorf("%s\n%v", got[0].Body, got[0].Header)
	}
}

func TestEvents(t *testing.T) {
	h := house(t)
	post(h, "/payments", payment()) // nobody is told before there is a target
	listen(h, inbox)
	post(h, "/accounts", account())
	post(h, "/recipients", recipient())
	post(h, "/payments", payment())
	h.Advance(time.Minute)
	post(h, "/payments", payment(object{"recipient": "rec_test_closed"}))
	h.Advance(time.Minute)
	want := []string{
		"account.created", "payment.created", "payment.processing", "payment.processing", "payment.succeeded", "payment.succeeded",
		"payment.created", "payment.failed",
	}
	if got := types(h, inbox); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// The target is the platform's, by any of its keys, else the workspace's.
func TestWhoIsTold(t *testing.T) {
	h := house(t)
	tell := func() {
		post(h, "/accounts", account())
		h.Post(v1+"/accounts", account(), as(otherKey)...)
		h.Settle()
	}
	h.Update(func(tx *store.Tx) error { tx.Change().WebhookURL = providertest.InboxURL("workspace"); return nil })
	tell()
	setClient(h, "platform-1-read-only", object{"webhook_url": providertest.InboxURL("sister")})
	tell()
	listen(h, "own")
	tell()
	for name, want := range map[string]int{"workspace": 4, "sister": 1, "own": 1} {
		if got := len(h.Messages(name)); got != want {
			t.Errorf("%s was told %d times, want %d", name, got, want)
		}
	}
}

// A secret on any key of the platform signs for all of it.
func TestTheSecretIsThePlatforms(t *testing.T) {
	h := house(t)
	listen(h, inbox)
	setClient(h, "platform-1-read-only", object{"webhook_secret": "another secret"})
	post(h, "/accounts", account())
	h.Settle()
	m := h.Messages(inbox)[0]
	mac := hmac.New(sha256.New, []byte("another secret"))
	fmt.Fprintf(mac, "%d.%s", m.At.Unix(), m.Body)
	if want := fmt.Sprintf("t=%d,v1=%x", m.At.Unix(), mac.Sum(nil)); m.Header.Get("OneLink-Signature") != want || !m.Verdict.Valid {
		t.Errorf("%v, want %s; %+v", m.Header, want, m.Verdict)
	}
}

// What a receiver does not take is sent six times in all: the event stays, the signature is of each attempt's time.
func TestAttempts(t *testing.T) {
	for _, status := range []int{500, 410, 302} {
		h := house(t)
		listen(h, inbox)
		h.Update(func(tx *store.Tx) error {
			return webhook.SetAnswer(tx, inbox, webhook.Answer{Status: status, RedirectTo: map[int]string{302: providertest.InboxURL("elsewhere")}[status]})
		})
		post(h, "/accounts", account())
		start := h.Now()
		h.Advance(48 * time.Hour)
		var waits []time.Duration
		for _, m := range h.Messages(inbox) {
			waits = append(waits, m.At.Sub(start).Round(time.Second))
			receive(t, h, m)
		}
		const m = time.Minute
		want := []time.Duration{0, m, 6 * m, 36 * m, 156 * m, 876 * m}
		if !slices.Equal(waits, want) || len(h.Messages("elsewhere")) > 0 {
			t.Errorf("%d: attempts at %v, want %v", status, waits, want)
		}
	}
}

func TestStoriesSpoilEvents(t *testing.T) {
	for to, judge := range map[string]func(m webhook.Message) bool{
		"rec_test_badsig": func(m webhook.Message) bool { return !m.Verdict.Valid && strings.Contains(m.Verdict.Error, "v1") },
		"rec_test_dup":    func(m webhook.Message) bool { return m.Verdict.Valid },
	} {
		h := house(t)
		listen(h, inbox)
		post(h, "/payments", payment(object{"recipient": to}))
		h.Advance(time.Hour)
		ids := map[string]int{}
		for _, m := range h.Messages(inbox) {
			if ids[providertest.Answer{Body: m.Body}.Text("id")]++; !judge(m) {
				t.Errorf("%s: %+v", to, m.Verdict)
			}
		}
		for id, times := range ids {
			if want := map[string]int{"rec_test_badsig": 1, "rec_test_dup": 2}[to]; times != want {
				t.Errorf("%s: %s came %d times, want %d", to, id, times, want)
			}
		}
		if len(ids) != 3 {
			t.Errorf("%s: %d events, want 3", to, len(ids))
		}
	}
}
