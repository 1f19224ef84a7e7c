package link1_test

import (
	"maps"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/link1"
	"github.com/mockbank/mockbank/internal/provider/providertest"
)

type object = map[string]any

const (
	gw       = "/1link/uat-1link/sandbox"
	first    = "mock-client-id-0000000000000001"
	secret   = "mock-client-secret-000000000001"
	second   = "mock-client-id-0000000000000002"
	third    = "mock-client-id-0000000000000003"
	customer = "PK13MOCK0000001000000001" // holds 500,000.00
	other    = "PK83MOCK0000001000000002" // holds nothing
	merchant = "PK72MOCK0000009999990000"
	outside  = "PK36SCBL0000001123456702"
)

func house(t testing.TB) *providertest.House {
	t.Helper()
	return providertest.New(t, link1.New)
}

// caller calls as an application, with a token that it got.
type caller struct {
	*providertest.House
	t      testing.TB
	client string
	token  string
}

func signedIn(t testing.TB, h *providertest.House) *caller { return as(t, h, first, secret) }

func as(t testing.TB, h *providertest.House, client, secret string) *caller {
	t.Helper()
	a := token(h, "client_id="+client+"&client_secret="+secret)
	if a.Status != 200 {
		t.Fatalf("no token: %s", a)
	}
	return &caller{House: h, t: t, client: client, token: a.Text("access_token")}
}

func token(h *providertest.House, form string) providertest.Answer {
	return h.Do("POST", gw+"/oauth2/token", map[string][]string{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte("grant_type=client_credentials&scope=1LinkApi&"+form))
}

func (c *caller) call(path string, body any, header ...string) providertest.Answer {
	c.t.Helper()
	return c.Post(gw+path, body, append([]string{"X-IBM-Client-Id", c.client, "Authorization", "Bearer " + c.token}, header...)...)
}

func with(body object, changes ...object) object {
	body = maps.Clone(body)
	for _, change := range changes {
		for name, value := range change {
			if body[name] = value; value == nil {
				delete(body, name)
			}
		}
	}
	return body
}

func title(changes ...object) object {
	return with(object{
		"TransactionAmount": "000000150000", "TransmissionDateAndTime": "0115103000", "STAN": "123456", "Time": "103000", "Date": "0115",
		"MerchantType": "0003", "FromBankIMD": "900002", "ToBankIMD": "900002", "RRN": "601510123456", "PAN": "1234567890123",
		"CardAcceptorTerminalId": "T1", "CardAcceptorIdCode": "C1", "CardAcceptorNameLocation": object{"City": "Karachi"},
		"CurrencyCodeTransaction": "586", "AccountNumberFrom": customer, "AccountNumberTo": other,
	}, changes...)
}

// transfer fetches the title first, as it has to be.
func (c *caller) transfer(changes ...object) providertest.Answer {
	c.t.Helper()
	body := title(changes...)
	fetched := c.call("/path-1", with(body, object{"RRN": "601510999999"}))
	if fetched.Text("ResponseCode") == "00" {
		body["AuthorizationIdentificationResponse"] = fetched.Text("AuthorizationIdentificationResponse")[:6]
	} else {
		body["AuthorizationIdentificationResponse"] = "123456"
	}
	return c.call("/funds-transfer-rest-service/path-1", with(body, object{"SenderName": "X", "SenderIBAN": customer, "AccountTitle": "Y"}))
}

func bill(changes ...object) object {
	return with(object{
		"ClientID": "shop", "ChannelID": "WEB", "STAN": "123456", "RRN": "601510123457", "TransmissionDateAndTime": "0115103000",
		"CompanyCode": "MOCKELEC", "ConsumerNo": "10000001",
	}, changes...)
}

func (c *caller) inquire(changes ...object) providertest.Answer {
	c.t.Helper()
	return c.call("/bill-inquiry-rest-service/billinquiry", bill(changes...))
}

// pay pays a bill; without another amount, all that is due.
func (c *caller) pay(changes ...object) providertest.Answer {
	c.t.Helper()
	body := with(bill(changes...), object{"BankMnemonic": "MOCK"})
	if body["TransactionAmount"] == nil {
		body["TransactionAmount"] = c.inquire(changes...).Text("AmountWithinDueDate")[2:]
	}
	return c.call("/bill-payment-rest-service/billpayment", body)
}

func (c *caller) void(authorization string, changes ...object) providertest.Answer {
	c.t.Helper()
	return c.call("/void-bill-payment-rest-service/voidbillpayment", with(bill(changes...), object{"AuthID": authorization}))
}

var info = object{"stan": "123456", "rrn": "601510123456"}

func (c *caller) pre(iban string) providertest.Answer {
	c.t.Helper()
	return c.call("/1Link/preRTPTitleFetchMerchant", object{"customerDetails": object{"memberid": "m", "iban": iban}, "info": info})
}

func ask(rtp string, changes ...object) object {
	return object{
		"merchantDetails": object{"merchantID": "MOCKMERCHANT01", "dbaName": "MOCK STORE", "iban": merchant},
		"paymentDetails":  with(object{"instructedAmount": "1500.00", "expiryDateTime": "2026-01-16T00:00:00Z", "rtpId": rtp}, changes...),
		"info":            info,
	}
}

// askPayer makes a request to pay, and gives its id.
func (c *caller) askPayer(iban string) string {
	c.t.Helper()
	id := c.pre(iban).Text("rtpId")
	if a := c.call("/1Link/rtpNowMerchant", ask(id)); a.Text("rtpStatus") != "PDNG" {
		c.t.Fatalf("%s", a)
	}
	return id
}

func (c *caller) status(id string) string {
	c.t.Helper()
	return c.call("/1Link/statusInquiry", object{"info": object{"stan": "123456", "rtpId": id}}).Text("rtpStatus")
}

func (c *caller) balance(iban string) (n int64) {
	c.t.Helper()
	c.Data("account", iban, "balance", &n)
	return n
}

// code is the code of an answer, of either style.
func code(a providertest.Answer) string {
	if c := a.Text("ResponseCode"); c != "" {
		return c
	}
	return a.Text("responseCode")
}

func wantCode(t testing.TB, a providertest.Answer, want string) {
	t.Helper()
	if a.Status != 200 || code(a) != want {
		t.Errorf("%s, want code %s", a, want)
	}
}

const day = 24 * time.Hour
