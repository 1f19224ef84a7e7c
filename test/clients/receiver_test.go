package clients

import (
	"bufio"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/housetest"
)

// told is a line of the receiver.
type told struct {
	URL          string
	Answered     int
	Refusal      string
	Kid          string
	Notification struct {
		Type   string
		LinkID string `json:"link_id"`
		Status string
	}
}

// shop is a receiver that runs beside a mockbank.
type shop struct {
	*testing.T
	house *housetest.House
	url   string
	lines chan told
}

// openShop starts a mockbank and the receiver of the provider's document.
func openShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{T: t, house: start(t), lines: make(chan told, 100)}
	receiver, complaints := node(t, "receiver.mjs", s.house.Base+"/finqlink")
	out, err := receiver.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := receiver.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var line told
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				t.Errorf("the receiver says %q: %v", lines.Text(), err)
			}
			s.lines <- line
		}
	}()
	t.Cleanup(func() {
		_ = receiver.Process.Kill() // It serves until it is killed.
		_ = receiver.Wait()
		if complaints.Len() > 0 {
			t.Errorf("the receiver complains: %s", complaints)
		}
	})
	s.url = s.next().URL
	return s
}

// next is the receiver's next line.
func (s *shop) next() told {
	s.Helper()
	select {
	case line, ok := <-s.lines:
		if !ok {
			s.Fatal("the receiver ended")
		}
		return line
	case <-time.After(20 * time.Second):
		s.Fatal("the receiver has nothing to tell")
	}
	return told{}
}

// order creates a link whose notifications come here, with a payer who needs no page unless another scenario is
// chosen by its amount.
func (s *shop) order(amount, scenario string) (link string) {
	s.Helper()
	call(s.T, s.house, http.MethodPut, control+"/scenarios/finqlink/link", map[string]any{"scenario": scenario}, nil)
	var reply struct {
		LinkID string `json:"link_id"`
	}
	call(s.T, s.house, http.MethodPost, "/finqlink/v2/links/create", map[string]any{
		"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret",
		"single_transfer": map[string]any{"amount": amount, "currency": "RON", "creditor_name": "Magazin", "creditor_iban": "RO10RZBR0000069999999970"},
		"payment_method":  map[string]any{"provider_id": "libra_ro"},
		"options":         map[string]any{"callback_url": s.url},
	}, &reply)
	return reply.LinkID
}

func (s *shop) advance(by string) {
	s.Helper()
	call(s.T, s.house, http.MethodPost, control+"/clock/advance", map[string]any{"by": by}, nil)
}

func (s *shop) fire(link, event string) {
	s.Helper()
	call(s.T, s.house, http.MethodPost, control+"/entities/finqlink/link/"+link+"/events", map[string]any{"event": event}, nil)
}

// wants that the receiver took in these statuses of a link, all by one key, which it returns.
func (s *shop) wants(link string, statuses ...string) (kid string) {
	s.Helper()
	var got []string
	for range statuses {
		line := s.next()
		if line.Answered != http.StatusOK || line.Notification.LinkID != link || line.Notification.Type != "link_status_update" {
			s.Fatalf("the receiver got %+v, want a verified notification of %s", line, link)
		}
		if kid != "" && line.Kid != kid {
			s.Errorf("the key changed from %s to %s", kid, line.Kid)
		}
		kid = line.Kid
		got = append(got, line.Notification.Status)
	}
	if diff := cmp.Diff(statuses, got); diff != "" {
		s.Errorf("the statuses differ (-want +got):\n%s", diff)
	}
	return kid
}

// refuses wants a notification that the receiver answers with 401.
func (s *shop) refuses(status, why string) {
	s.Helper()
	line := s.next()
	if line.Answered != http.StatusUnauthorized || line.Refusal != why || line.Notification.Status != status {
		s.Fatalf("the receiver got %+v, want a refusal of %s for %s", line, status, why)
	}
}

var unattended = []string{"started", "requested", "intent_accepted", "awaiting_authz", "received", "submitted", "completed", "funds_received"}

func TestAReceiverOfTheDocumentVerifiesAllOfAPayment(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	link := s.order("125.50", "unattended")
	s.advance("1h")
	first := s.wants(link, unattended...)

	s.advance("91d")
	link = s.order("125.50", "unattended")
	s.advance("1h")
	if second := s.wants(link, unattended...); second == first {
		t.Errorf("after 91 days the key is still %s", first)
	}

	call(t, s.house, http.MethodPost, control+"/keys/finqlink/rotate", map[string]any{"purpose": "webhook"}, nil)
	link = s.order("125.50", "unattended")
	s.advance("1h")
	s.wants(link, unattended...)
}

// A notification that is spoilt is so at every attempt; the one that follows it is sound.
func TestAReceiverRefusesWhatIsSpoiltAndIsAskedAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for _, tt := range []struct{ amount, why string }{
		{"7700.50", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"},
		{"7700.51", "ERR_JWKS_NO_MATCHING_KEY"},
	} {
		link := s.order(tt.amount, "")
		s.fire(link, "open")
		s.advance("1s")
		s.refuses("started", tt.why)
		s.advance("5s")
		s.refuses("started", tt.why)
		s.fire(link, "revoke")
		s.advance("1s")
		s.wants(link, "revoked")
		s.advance("2h")
		for range 3 {
			s.refuses("started", tt.why)
		}
	}
}

// The set of keys may be one of ES256, which the receiver need not know beforehand.
func TestAReceiverVerifiesEllipticKeys(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	call(t, s.house, http.MethodPut, control, map[string]any{"settings": map[string]any{"finqlink": map[string]any{"webhook_alg": "ES256"}}}, nil)
	link := s.order("125.50", "unattended")
	s.advance("1h")
	s.wants(link, unattended...)
}
