package link1_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/link1"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

func TestSuite(t *testing.T) {
	gateway := func(name string, status int, send func(c *caller) providertest.Answer) providertest.Refusal {
		return providertest.Refusal{Name: name, Status: status, Member: "httpCode", Code: map[int]string{400: "400", 401: "401", 404: "404", 405: "405", 406: "406", 429: "429"}[status], Send: func(h *providertest.House) providertest.Answer {
			return send(signedIn(t, h))
		}}
	}
	providertest.Suite{
		Make: link1.New, Begin: begin, End: end, Play: play, Read: readStatus, Receive: receive, Counted: true,
		Refusals: []providertest.Refusal{
			gateway("no client", 401, func(c *caller) providertest.Answer { return c.Post(gw+"/path-1", title()) }),
			gateway("a plan that is used up", 429, func(c *caller) providertest.Answer { return c.Post(gw+"/path-1", title(), "X-IBM-Client-Id", third) }),
			gateway("no JSON", 400, func(c *caller) providertest.Answer { return c.call("/path-1", []byte("{")) }),
			gateway("no such path", 404, func(c *caller) providertest.Answer { return c.call("/path-9", title()) }),
			gateway("not to be had", 406, func(c *caller) providertest.Answer { return c.call("/path-1", title(), "Accept", "text/html") }),
			{Name: "no such client", Status: 401, Member: "error", Code: "invalid_client", Send: func(h *providertest.House) providertest.Answer {
				return token(h, "client_id=x&client_secret=y")
			}},
			{Name: "no token", Status: 401, Member: "error", Code: "invalid_token", Send: func(h *providertest.House) providertest.Answer {
				return h.Post(gw+"/path-1", title(), "X-IBM-Client-Id", first)
			}},
		},
	}.Run(t)
}

// toInbox has the first application told of its requests to pay.
func toInbox(h *providertest.House) {
	h.Update(func(tx *store.Tx) error {
		client, err := h.Runtime.Client(tx, first)
		if err != nil {
			return err
		}
		changed := *client
		changed.Settings = object{"callback_url": providertest.InboxURL(providertest.Inbox), "callback_secret": "mock-callback-secret-0001"}
		return h.Runtime.PutClient(tx, &changed)
	})
}

func begin(h *providertest.House) {
	toInbox(h)
	c := &caller{House: h, t: quiet{}, client: first}
	c.token = token(h, "client_id="+first+"&client_secret="+secret).Text("access_token")
	c.transfer()
	paid := c.pay(object{"TransactionAmount": "000000000001"})
	c.void(paid.Text("AuthID"))
	c.call("/1Link/rtpNowMerchant", ask(c.pre(customer).Text("rtpId")))
	h.Advance(2 * time.Second)
}

func end(h *providertest.House) {
	h.Advance(time.Minute)
	c := &caller{House: h, t: quiet{}, client: first}
	c.token = token(h, "client_id="+first+"&client_secret="+secret).Text("access_token")
	within := c.inquire(object{"RRN": "701510123456"}).Text("AmountWithinDueDate")
	paid := c.pay(object{"RRN": "701510123457", "TransactionAmount": strings.TrimPrefix(within, "+0")})
	c.void(paid.Text("AuthID"))
	later := c.call("/1Link/preRTPAliasInquiry", object{"alias": object{"type": "MOBILE", "value": "03001234567"}, "info": info}).Text("rtpId")
	c.call("/1Link/rtpLaterMerchant", ask(later, object{"executionDateTime": c.Now().Add(time.Hour).Format(time.RFC3339)}))
	c.status(later)
	c.call("/1Link/rtpCancellation", object{"info": object{"stan": "123456", "rtpId": later}})
	at := object{"executionDateTime": c.Now().Add(time.Hour).Format(time.RFC3339)}
	for _, who := range []string{"Merchant", "Aggregator"} {
		c.call("/1Link/rtpNow"+who, ask(c.pre(customer).Text("rtpId")))
		c.call("/1Link/rtpLater"+who, ask(c.pre(customer).Text("rtpId"), at))
		c.call("/1Link/generateDQRC"+who, ask(c.pre(customer).Text("rtpId"), object{"instructedAmount": "100"}))
	}
	for _, who := range []string{"", "Merchant", "Aggregator"} {
		c.call("/1Link/preRTPTitleFetch"+who, object{"customerDetails": object{"memberid": "m", "iban": customer}, "info": info})
		c.call("/1Link/preRTPAliasInquiry"+who, object{"alias": object{"type": "MOBILE", "value": "03001234567"}, "info": info})
	}
	c.call("/qr-rest-service/generate", object{"merchantDetails": object{"merchantID": "M", "iban": merchant}, "info": info})
	for _, what := range []string{"create", "get", "update"} {
		c.call("/1Link/"+what+"MerchantProfile", object{"merchantDetails": object{"merchantID": "M", "iban": merchant}, "info": object{"merchantID": "M", "stan": "123456", "rrn": "601510123456"}})
	}
	for _, service := range []string{"ibft", "bill"} {
		h.Get(gw + "/" + service + "-soap-service?wsdl")
	}
	c.soap("ibft", "TitleFetch", titleXML)
	c.soap("bill", "BillInquiry", billXML)
	h.Advance(time.Minute)
}

// quiet is a test that nothing fails: the suite looks at what was said.
type quiet struct{ testing.TB }

func (quiet) Helper()               {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(string, ...any) {}

// play makes something of a kind that follows a scenario. An hour lies between two, so that no limit is met, and the
// instant makes every RRN another.
func play(h *providertest.House, kind, scenario string) {
	h.Advance(time.Hour)
	c := &caller{House: h, t: quiet{}, client: first}
	c.token = token(h, "client_id="+first+"&client_secret="+secret).Text("access_token")
	rrn := twelve(c.Now().Unix())
	story := []string{"Mockbank-Scenario", scenario}
	switch kind {
	case "title":
		c.call("/path-1", title(), story...)
	case "transfer":
		if scenario == "ibft_slow_timeout" || scenario == "ibft_lost_reply" {
			return // One waits, one hangs up: their own tests have them.
		}
		id := c.call("/path-1", title(), "Mockbank-Scenario", "manual").Text("AuthorizationIdentificationResponse")
		body := with(title(), object{"AuthorizationIdentificationResponse": id, "SenderName": "X", "SenderIBAN": customer, "AccountTitle": "Y", "RRN": rrn})
		c.call("/funds-transfer-rest-service/path-1", body, story...)
	case "bill":
		playBill(c, scenario, rrn)
	case "rtp":
		id := c.call("/1Link/preRTPTitleFetchMerchant", object{"customerDetails": object{"memberid": "m", "iban": customer}, "info": info}, "Mockbank-Scenario", "rtp_accepted").Text("rtpId")
		c.Post(gw+"/1Link/rtpNowMerchant", ask(id, object{"expiryDateTime": c.Now().Add(time.Hour).Format(time.RFC3339)}),
			append(story, "X-IBM-Client-Id", first, "Authorization", "Bearer "+c.token)...)
		if scenario == "manual" {
			c.call("/1Link/rtpCancellation", object{"info": object{"stan": "123456", "rtpId": id}})
		}
	case "token":
		if scenario == "manual" {
			_ = h.Fire("credential", first, "renew")
		}
	}
	playPortal(h, kind, scenario)
}

// playBill asks for a bill of its own, and pays and voids what it can.
func playBill(c *caller, scenario, rrn string) {
	place := map[string]object{
		"manual": {"ConsumerNo": "10000001"}, "unattended": {"ConsumerNo": "10000002"}, "bill_due": {"ConsumerNo": "10000003"}, "bill_paid_already": {"ConsumerNo": "10000004"},
		"bill_blocked": {"ConsumerNo": "10000005"}, "bill_overdue": {"CompanyCode": "MOCKGAS", "ConsumerNo": "10000001"}, "void_rejected": {"CompanyCode": "MOCKGAS", "ConsumerNo": "10000002"},
		"bill_partial": {"CompanyCode": "MOCKPART"},
	}[scenario]
	within := c.call("/bill-inquiry-rest-service/billinquiry", bill(place), "Mockbank-Scenario", scenario).Text("AmountWithinDueDate")
	amount := strings.TrimPrefix(within, "+0")
	if scenario == "bill_partial" {
		amount = "000000001000"
	}
	paid := c.pay(place, object{"TransactionAmount": amount, "RRN": rrn})
	c.void(paid.Text("AuthID"), place)
}

// playPortal does what people do at the portal.
func playPortal(h *providertest.House, kind, scenario string) {
	events := map[string][]string{"app": {"suspend", "resume", "delete"}, "credential": {"renew", "reset"}, "user": {"lock", "unlock"}}[kind]
	id := map[string]string{"app": "2", "credential": third, "user": "dev"}[kind]
	for _, event := range events {
		if scenario == "manual" {
			_ = h.Fire(kind, id, event)
		}
	}
	if scenario != "manual" {
		return
	}
	switch kind {
	case "user":
		anybody(quiet{}, h).sends("/user/register", newcomer...)
	case "subscription":
		playPlans(h)
	case "ticket":
		developer(quiet{}, h).sends("/support", "topic", "Question", "text", "Why?")
		administrator(quiet{}, h).sends("/admin/tickets/TCK-000001", "reply", "Because.")
		developer(quiet{}, h).sends("/support/TCK-000001")
	}
}

// playPlans asks for two plans, of which one is refused and the other taken back.
func playPlans(h *providertest.House) {
	p, boss := developer(quiet{}, h), administrator(quiet{}, h)
	p.sends("/apps/new", "name", "Plans", "catalog", "sandbox")
	for _, plan := range []string{"/product/IBFT/Extended", "/product/Raast%20RTP/Partner"} {
		p.sends(plan, "app", "4")
	}
	for i, id := range subscriptionPattern.FindAllStringSubmatch(p.reads("/apps/4"), -1) {
		boss.sends("/admin/requests/"+id[1], "decision", "ask", "message", "What for?")
		if i == 0 {
			boss.sends("/admin/requests/"+id[1], "decision", "refuse", "message", "No.")
		} else {
			p.sends("/apps/4/plans/"+id[1], "answer", "Payroll")
			p.sends("/apps/4/plans/" + id[1])
		}
	}
}

func readStatus(m webhook.Message) (kind string, body any, err error) {
	var event struct {
		Event string `json:"event"`
	}
	if err := json.Unmarshal(m.Body, &event); err != nil {
		return "", nil, err
	}
	if err := json.Unmarshal(m.Body, &body); err != nil {
		return "", nil, err
	}
	if event.Event == "" {
		return "", nil, errors.New("the event has no name")
	}
	return event.Event, body, nil
}

// receive verifies by the rule as it is written down.
func receive(t *testing.T, _ *providertest.House, m webhook.Message) {
	t.Helper()
	mac := hmac.New(sha256.New, []byte("mock-callback-secret-0001"))
	mac.Write([]byte(m.Header.Get("X-Mock-Timestamp") + "." + string(m.Body)))
	if hex.EncodeToString(mac.Sum(nil)) != m.Header.Get("X-Mock-Signature") {
		t.Errorf("%s is not signed", m.Body)
	}
}
