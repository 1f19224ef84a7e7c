package link1_test

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
)

func TestARequestToPay(t *testing.T) {
	c := signedIn(t, house(t))
	id := c.askPayer(customer)
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{time.Second, "PDNG"}, {time.Second, "ACTC"}, {5 * time.Second, "ACCP"}, {2 * time.Second, "ACSC"}} {
		c.Advance(step.after)
		if got := c.status(id); got != step.want {
			t.Fatalf("it is %s, want %s", got, step.want)
		}
	}
	if c.balance(customer) != 50000000-150000 || c.balance(merchant) != 150000 {
		t.Errorf("the balances are %d and %d", c.balance(customer), c.balance(merchant))
	}
	a := c.call("/1Link/rtpCancellation", object{"info": object{"stan": "123456", "rtpId": id}})
	wantCode(t, a, "95")
	wantCode(t, c.call("/1Link/rtpNowMerchant", ask(id)), "10")
}

func TestRequestsOfEveryStory(t *testing.T) {
	for ending, want := range map[string]string{"9501": "RJCT", "9502": "ACTC", "9503": "PDNG"} {
		c := signedIn(t, house(t))
		id := c.askPayer("PK36SCBL000000112345" + ending)
		c.Advance(time.Hour)
		if got := c.status(id); got != want {
			t.Errorf("%s: %s, want %s", ending, got, want)
		}
		c.Advance(day)
		c = signedIn(t, c.House)
		if got := c.status(id); got != "RJCT" {
			t.Errorf("%s: %s after it expired", ending, got)
		}
	}
	c := signedIn(t, house(t))
	alias := func(number string) providertest.Answer {
		return c.call("/1Link/preRTPAliasInquiry", object{"alias": object{"type": "MOBILE", "value": number}, "info": info})
	}
	wantCode(t, alias("03001239504"), "90")
	wantCode(t, alias("03001234567"), "00")
	if a := c.call("/1Link/preRTPTitleFetch", object{"customerDetails": object{"memberid": "m", "iban": customer}, "info": with(info, object{"rrn": "503503503503"})}); a.Status != 503 {
		t.Errorf("%s", a)
	}
}

func TestAPayerWhoHoldsTooLittle(t *testing.T) {
	c := signedIn(t, house(t))
	id := c.askPayer(other)
	c.Advance(time.Minute)
	if got := c.status(id); got != "RJCT" || c.balance(merchant) != 0 || c.balance(other) != 0 {
		t.Errorf("%s, %d, %d", got, c.balance(merchant), c.balance(other))
	}
}

func TestRequestsForLater(t *testing.T) {
	c := signedIn(t, house(t))
	id := c.pre(customer).Text("rtpId")
	at := c.Now().Add(time.Hour).Format(time.RFC3339)
	wantCode(t, c.call("/1Link/rtpLaterMerchant", ask(id, object{"executionDateTime": "2026-01-01T00:00:00Z"})), "80")
	wantCode(t, c.call("/1Link/rtpLaterMerchant", ask(id)), "80")
	wantCode(t, c.call("/1Link/rtpLaterMerchant", ask(id, object{"executionDateTime": at})), "00")
	c.Advance(time.Hour - time.Second)
	if got := c.status(id); got != "PDNG" {
		t.Errorf("%s before its time", got)
	}
	c.Advance(time.Second)
	if got := c.status(id); got != "ACTC" {
		t.Errorf("%s at its time", got)
	}
	wantCode(t, c.call("/1Link/rtpCancellation", object{"info": object{"stan": "123456", "rtpId": id}}), "00")
	if got := c.status(id); got != "CANC" {
		t.Errorf("%s, cancelled", got)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	c := signedIn(t, house(t))
	id := c.pre(customer).Text("rtpId")
	wantCode(t, c.call("/1Link/rtpNowMerchant", ask("RTP1")), "95")
	wantCode(t, c.call("/1Link/rtpNowMerchant", ask(id, object{"expiryDateTime": "2026-01-01T00:00:00Z"})), "95")
	wantCode(t, c.call("/1Link/rtpNowMerchant", ask(id, object{"instructedAmount": "0.00"})), "80")
	wantCode(t, c.call("/1Link/rtpNowMerchant", ask(id, object{"instructedAmount": "1,500"})), "80")
	wantCode(t, c.call("/1Link/statusInquiry", object{"info": object{"stan": "123456", "rtpId": id}}), "21")
	c.Advance(30 * time.Minute)
	wantCode(t, c.call("/1Link/rtpNowMerchant", ask(id)), "95")
}

func TestAggregators(t *testing.T) {
	c := signedIn(t, house(t))
	id := c.pre(customer).Text("rtpId")
	body := ask(id)
	inner := object{"payerDetails": object{"paymentDetails": body["paymentDetails"], "info": body["info"]}, "merchantDetails": object{"merchantId": "MOCKMERCHANT01"}}
	wantCode(t, c.call("/1Link/rtpNowAggregator", inner), "00")
	c.Advance(time.Minute)
	if c.balance(merchant) != 150000 {
		t.Errorf("the merchant, whose account the profile names, has %d", c.balance(merchant))
	}
}

func TestMerchantProfiles(t *testing.T) {
	c := signedIn(t, house(t))
	shop := object{"merchantID": "SHOP", "merchantName": "Shop", "iban": merchant, "postalAddress": object{"townName": "Lahore"}}
	profile := func(what string, body object) providertest.Answer {
		return c.call("/1Link/"+what+"MerchantProfile", body)
	}
	wantCode(t, profile("get", object{"info": object{"merchantID": "SHOP"}}), "90")
	wantCode(t, profile("update", object{"merchantDetails": shop}), "90")
	wantCode(t, profile("create", object{"merchantDetails": shop}), "00")
	wantCode(t, profile("create", object{"merchantDetails": shop}), "10")
	wantCode(t, profile("update", object{"merchantDetails": with(shop, object{"dbaName": "Corner"})}), "00")
	a := profile("get", object{"info": object{"merchantId": "SHOP"}})
	if a.Text("merchantDetails.dbaName") != "Corner" || a.Text("merchantDetails.postalAddress.townName") != "Lahore" || a.Text("profileStatus") != "ACTIVE" {
		t.Errorf("%s", a)
	}
}

func TestQRCodes(t *testing.T) {
	c := signedIn(t, house(t))
	id := c.pre(customer).Text("rtpId")
	a := c.call("/1Link/generateDQRCMerchant", ask(id, object{"instructedAmount": "150000"}))
	png, err := base64.StdEncoding.DecodeString(a.Text("qrCode"))
	if err != nil || !strings.HasPrefix(string(png), "\x89PNG") || !strings.Contains(a.Text("qrData"), "54071500.00") || !strings.Contains(a.Text("qrData"), id) || a.Text("rtpId") != id {
		t.Errorf("%s", a)
	}
	c.Advance(time.Minute)
	if c.status(id) != "ACSC" || c.balance(merchant) != 150000 {
		t.Errorf("%s, %d", c.status(id), c.balance(merchant))
	}
	a = c.call("/qr-rest-service/generate", object{"merchantDetails": object{"merchantID": "M", "iban": merchant}, "info": info})
	if !strings.HasPrefix(a.Text("qrData"), "000201010211") || strings.Contains(string(a.Body), "rtpId") {
		t.Errorf("%s", a)
	}
}

var formToken = regexp.MustCompile(`name="token" value="([^"]*)"`)

func TestThePayersPage(t *testing.T) {
	for name, test := range map[string]struct{ button, user, want string }{
		"approves":            {"approve", "", "ACSC"},
		"declines":            {"decline", "", "RJCT"},
		"a user who declines": {"approve", "decline", "RJCT"},
		"a user who approves": {"approve", "approve", "ACSC"},
	} {
		t.Run(name, func(t *testing.T) {
			c := signedIn(t, house(t))
			id := c.askPayer(customer)
			page := gw + "/mock/payer/" + id
			if a := c.Get(page); a.Status != 200 || !strings.Contains(string(a.Body), "Not here yet") {
				t.Errorf("too early: %s", a)
			}
			c.Advance(2 * time.Second)
			a := c.Get(page)
			c.Advance(time.Minute)
			if c.status(id) != "ACTC" {
				t.Errorf("nobody waits for who looks at the page: %s", c.status(id))
			}
			found := formToken.FindSubmatch(a.Body)
			if found == nil || !strings.Contains(string(a.Body), "1,500.00") && !strings.Contains(string(a.Body), "1500.00") {
				t.Fatalf("%s", a)
			}
			if a := c.Form(page, url.Values{"do": {test.button}, "bankUser": {test.user}, "token": {"x"}}); a.Status != 403 {
				t.Errorf("without its token: %s", a)
			}
			if a := c.Form(page, url.Values{"do": {test.button}, "bankUser": {test.user}, "token": {string(found[1])}}); a.Status != 303 {
				t.Fatalf("%s", a)
			}
			c.Advance(time.Minute)
			if got := c.status(id); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			if a := c.Get(page); a.Status != 200 {
				t.Errorf("afterwards: %s", a)
			}
		})
	}
}

func TestCallbacks(t *testing.T) {
	h := house(t)
	h.Update(func(tx *store.Tx) error {
		client, err := h.Runtime.Client(tx, first)
		if err != nil {
			return err
		}
		changed := *client
		changed.Settings = object{"callback_url": providertest.InboxURL("shop"), "callback_secret": "mock-callback-secret-0001"}
		return h.Runtime.PutClient(tx, &changed)
	})
	c := signedIn(t, h)
	c.askPayer(customer)
	c.Advance(time.Minute)
	got := h.Messages("shop")
	if len(got) != 3 {
		t.Fatalf("%d callbacks, want ACTC, ACCP and ACSC", len(got))
	}
	for _, m := range got {
		if !m.Verdict.Valid || m.Verdict.Channel != "callback" || !strings.Contains(string(m.Body), `"event":"rtp.status","eventId":"evt-000`) {
			t.Errorf("%+v %s", m.Verdict, m.Body)
		}
	}
}
