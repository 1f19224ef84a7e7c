package payone_test

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // as the provider does
	"crypto/sha512"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/provider/payone"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/strictjson"
	"github.com/mockbank/mockbank/internal/webhook"
)

func TestSuite(t *testing.T) {
	providertest.Suite{
		Make: withTarget, Begin: begin, End: end, Refusals: refusals(), Play: play, Read: read, Receive: receive,
	}.Run(t)
}

// withTarget is the provider whose portals have their TransactionStatus go to the suite's inbox.
func withTarget() (*provider.Provider, error) {
	p, err := payone.New()
	if err != nil {
		return nil, err
	}
	for i := range p.Clients {
		p.Clients[i].Settings["transaction_status_url"] = providertest.InboxURL(providertest.Inbox)
	}
	return p, nil
}

var toSuite = object{"notifyUrl": providertest.InboxURL(providertest.Inbox)}

func begin(h *providertest.House) {
	for _, reference := range []string{"one", "two", "mk.pendok.1"} {
		id := send(h, "POST", links, order(toSuite, object{"reference": reference})).Text("id")
		get(h, id)
		update(h, id, toSuite, object{"reference": reference, "paymentMethods": []any{"paypal", "visa"}})
	}
	list(h, "&limit=2&page=1")
	h.Settle()
}

func end(h *providertest.House) {
	for _, x := range h.Said() {
		if x.Method == "POST" {
			_ = h.Act("link", x.Answer.Text("id"), "approve")
		}
	}
	h.Advance(2 * time.Hour)
	list(h, "")
}

// play makes a link that follows a scenario. Its payer approves where the story leaves that to a payer; what only
// the control API brings about is asked of it.
func play(h *providertest.House, _, scenario string) {
	for _, intent := range []string{"authorization", "preauthorization"} {
		made := send(h, "POST", links, order(object{"reference": short(scenario) + intent[:3], "intent": intent}), "Mockbank-Scenario", scenario)
		_ = h.Act("link", made.Text("id"), "approve") // a story that refuses leaves nothing to do
	}
	h.Advance(5 * time.Second)
	var process string
	for i, event := range []string{"refund", "charge_back"} {
		id := send(h, "POST", links, order(object{"reference": short(scenario) + event[:3]}), "Mockbank-Scenario", scenario).Text("id")
		if h.Act("link", id, "approve") != nil {
			continue
		}
		h.Advance(time.Duration(i+4) * time.Second)
		h.Data("link", id, "paymentProcess", &process)
		_ = h.Fire("payment", process, event)
	}
	if scenario == "sepa_returned" {
		h.Advance(6 * 24 * time.Hour)
	}
}

func short(scenario string) string {
	return strings.ReplaceAll(scenario, "_", "")[:min(15, len(strings.ReplaceAll(scenario, "_", "")))]
}

// read tells the two channels apart.
func read(m webhook.Message) (string, any, error) {
	if m.Header.Get("Content-Type") == "application/json" {
		body, err := strictjson.Decode(m.Body)
		return "PAYONE_LINK_EXECUTION", body, err
	}
	fields, err := url.ParseQuery(string(m.Body))
	members := map[string]any{}
	for name := range fields {
		members[name] = fields.Get(name)
	}
	return fields.Get("txaction"), members, err
}

// receive verifies by the formulas of the document.
func receive(t *testing.T, _ *providertest.House, m webhook.Message) {
	t.Helper()
	if m.Header.Get("Content-Type") != "application/json" {
		sum := md5.Sum([]byte(key)) //nolint:gosec // as the provider does
		if !strings.HasPrefix(string(m.Body), "key="+hex.EncodeToString(sum[:])+"&txaction=") || m.Header.Get("User-Agent") != "PAYONE FinanceGate" {
			t.Errorf("%v %s", m.Header, m.Body)
		}
		return
	}
	body, name := sha512.Sum512(m.Body), sha512.Sum512([]byte(key))
	mac := hmac.New(sha512.New, []byte(hex.EncodeToString(name[:])))
	mac.Write([]byte(m.Header.Get("X-Request-ID") + ":" + hex.EncodeToString(body[:])))
	if m.Header.Get("X-Auth-Code") != hex.EncodeToString(mac.Sum(nil)) {
		t.Errorf("%v %s", m.Header, m.Body)
	}
}
