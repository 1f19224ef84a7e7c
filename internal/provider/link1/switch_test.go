package link1_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

func TestTitleFetchAndTransfer(t *testing.T) {
	c := signedIn(t, house(t))
	a := c.call("/path-1", title())
	if code(a) != "00" || a.Text("AccountTitleTo") != "MOCK CUSTOMER TWO" || a.Text("ToBankIMD") != "900002     " || a.Text("BankName") != "MOCK BANK TWO" || a.Text("Amount") != "000000150000" {
		t.Errorf("%s", a)
	}
	wantCode(t, c.transfer(), "00")
	if c.balance(customer) != 50000000-150000 || c.balance(other) != 150000 {
		t.Errorf("the balances are %d and %d", c.balance(customer), c.balance(other))
	}
	wantCode(t, c.transfer(), "10")
	c.Advance(day)
	c = signedIn(t, c.House)
	wantCode(t, c.transfer(), "00")
}

func TestTransfersAreSettledTheNextDay(t *testing.T) {
	c := signedIn(t, house(t))
	a := c.transfer()
	kind, id, _ := strings.Cut(a.Header.Get("Mockbank-Entity"), "/")
	if c.Show(kind, id).State != "authorised" {
		t.Fatalf("%s is %s", id, c.Show(kind, id).State)
	}
	c.Advance(day)
	if c.Show(kind, id).State != "settled" {
		t.Errorf("a day later it is %s", c.Show(kind, id).State)
	}
}

func TestTransfersThatTheSwitchRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		changes object
		want    string
	}{
		"another bank":           {object{"ToBankIMD": "900077"}, "63"},
		"a bank that is down":    {object{"ToBankIMD": "900099"}, "95"}, // there was no title
		"too much":               {object{"TransactionAmount": "000100000001"}, "01"},
		"more than there is":     {object{"AccountNumberFrom": other, "AccountNumberTo": customer}, "59"},
		"nothing":                {object{"TransactionAmount": "000000000000"}, "80"},
		"an amount of letters":   {object{"TransactionAmount": "00000015000x"}, "80"},
		"another currency":       {object{"CurrencyCodeTransaction": "840"}, "80"},
		"no STAN":                {object{"STAN": nil}, "80"},
		"a number for a text":    {object{"STAN": 123456}, "80"},
		"limits are met exactly": {object{"TransactionAmount": "000100000000", "AccountNumberFrom": outside}, "00"},
		"ibft_code":              {object{"AccountNumberTo": "1239951"}, "51"},
		"ibft_ok_http_bad_code":  {object{"TransactionAmount": "000000009595"}, "95"},
		"ibft_slow_timeout":      {object{"AccountNumberTo": "1239701"}, "58"},
		"ibft_timeout_but_done":  {object{"AccountNumberTo": "1239703"}, "58"},
		"title_padded_fields":    {object{"AccountNumberTo": "1239704"}, "00"},
	} {
		t.Run(name, func(t *testing.T) {
			c := signedIn(t, house(t))
			before := c.balance(customer)
			var a providertest.Answer
			if name == "ibft_slow_timeout" {
				body := title(test.changes)
				body["AuthorizationIdentificationResponse"] = c.call("/path-1", body).Text("AuthorizationIdentificationResponse")
				done := make(chan providertest.Answer)
				go func() {
					done <- c.call("/funds-transfer-rest-service/path-1", with(body, object{"SenderName": "X", "SenderIBAN": customer, "AccountTitle": "Y"}))
				}()
				a = c.letPass(done)
			} else {
				a = c.transfer(test.changes)
			}
			if a.Status != 200 || code(a) != test.want {
				t.Errorf("%s, want %s", a, test.want)
			}
			moved := strings.HasPrefix(test.want, "00") || name == "ibft_timeout_but_done"
			if (c.balance(customer) != before) != (moved && name != "limits are met exactly") {
				t.Errorf("the balance was %d and is %d", before, c.balance(customer))
			}
		})
	}
}

// letPass moves the clock until an answer is there.
func (c *caller) letPass(done <-chan providertest.Answer) providertest.Answer {
	var a providertest.Answer
	got := false
	c.Await(func() bool {
		select {
		case a = <-done:
			got = true
		default:
			c.Advance(10 * time.Second)
		}
		return got
	})
	return a
}

func TestTitlesThatTheSwitchRefuses(t *testing.T) {
	c := signedIn(t, house(t))
	for want, changes := range map[string]object{
		"02": {"AccountNumberTo": "1239802"}, "67": {"AccountNumberTo": "PK36SCBL0000001123459867"}, "55": {"ToBankIMD": "900099"}, "63": {"ToBankIMD": "900098"},
		"80": {"AccountNumberTo": "x"},
	} {
		a := c.call("/path-1", title(changes))
		if code(a) != want || a.Text("AccountTitleTo") != "" || a.Text("AuthorizationIdentificationResponse") != "000000" {
			t.Errorf("%v: %s, want %s", changes, a, want)
		}
	}
	a := c.call("/path-1", title(object{"AccountNumberTo": "1239704"}))
	if a.Text("ResponseDetail") != "PROCESSED OK     " {
		t.Errorf("not padded: %s", a)
	}
	if a := c.call("/path-1", title(object{"RRN": "503503503503"})); a.Status != 503 || a.Text("moreInformation") != "The API is offline" {
		t.Errorf("offline: %s", a)
	}
}

func TestAnAuthorizationIsOfOneAccountForTenMinutes(t *testing.T) {
	c := signedIn(t, house(t))
	id := c.call("/path-1", title()).Text("AuthorizationIdentificationResponse")
	body := title(object{"AuthorizationIdentificationResponse": id, "SenderName": "X", "SenderIBAN": customer, "AccountTitle": "Y"})
	send := func(changes object) providertest.Answer {
		return c.call("/funds-transfer-rest-service/path-1", with(body, changes))
	}
	wantCode(t, send(object{"AccountNumberTo": merchant}), "95")
	wantCode(t, send(object{"ToBankIMD": "900001"}), "95")
	c.Advance(10 * time.Minute)
	wantCode(t, send(nil), "95")
}

func TestBills(t *testing.T) {
	c := signedIn(t, house(t))
	a := c.inquire()
	if code(a) != "00" || a.Text("BillStatus") != "U" || len(a.Text("AmountWithinDueDate")) != 14 || a.Text("DueDate") != "20260130" {
		t.Errorf("%s", a)
	}
	paid := c.pay()
	wantCode(t, paid, "00")
	wantCode(t, c.pay(object{"TransactionAmount": "000000000001", "RRN": "601510123457"}), "10")
	wantCode(t, c.pay(object{"TransactionAmount": "000000000001", "RRN": "601510123458"}), "95")
	if s := c.inquire(); s.Text("BillStatus") != "P" || s.Text("DatePaid") == "" {
		t.Errorf("%s", s)
	}
	wantCode(t, c.void("999999"), "21")
	wantCode(t, c.void(paid.Text("AuthID")), "00")
	wantCode(t, c.void(paid.Text("AuthID")), "10")
	if s := c.inquire(); s.Text("BillStatus") != "U" || s.Text("AmountPaid") != "" {
		t.Errorf("%s", s)
	}
}

func TestBillsOfEveryStory(t *testing.T) {
	c := signedIn(t, house(t))
	for name, test := range map[string]struct {
		changes object
		status  string
		pays    string
	}{
		"bill_due":          {object{"ConsumerNo": "10000002"}, "U", "00"},
		"bill_paid_already": {object{"ConsumerNo": "19001"}, "P", "95"},
		"bill_blocked":      {object{"ConsumerNo": "19002"}, "B", "03"},
		"an unknown one":    {object{"ConsumerNo": "10000009"}, "", ""},
		"another company":   {object{"CompanyCode": "NOBODY"}, "", ""},
	} {
		a := c.inquire(test.changes, object{"RRN": "701510123456"})
		if test.status == "" {
			if code(a) == "00" {
				t.Errorf("%s: %s", name, a)
			}
			continue
		}
		if a.Text("BillStatus") != test.status {
			t.Errorf("%s: %s, want %s", name, a, test.status)
		}
		rrn := "80151012" + test.changes["ConsumerNo"].(string)[len(test.changes["ConsumerNo"].(string))-4:]
		wantCode(t, c.pay(test.changes, object{"RRN": rrn}), test.pays)
	}
	if a := c.inquire(object{"RRN": "503503503503"}); a.Status != 503 {
		t.Errorf("%s", a)
	}
	within := c.inquire().Text("AmountWithinDueDate")[2:]
	if a := c.pay(object{"RRN": "503503503503", "TransactionAmount": within}); a.Status != 503 {
		t.Errorf("%s", a)
	}
}

func TestAnOverdueBillCostsMore(t *testing.T) {
	c := signedIn(t, house(t))
	a := c.inquire(object{"ConsumerNo": "19003"})
	wantCode(t, c.pay(object{"ConsumerNo": "19003", "RRN": "1", "TransactionAmount": a.Text("AmountWithinDueDate")[2:]}), "80")
	wantCode(t, c.pay(object{"ConsumerNo": "19003", "TransactionAmount": a.Text("AmountWithinDueDate")[2:]}), "46")
	wantCode(t, c.pay(object{"ConsumerNo": "19003", "RRN": "601510123459", "TransactionAmount": a.Text("AmountAfterDueDate")[2:]}), "00")
}

func TestABillIsBlockedAMonthAfterItWasDue(t *testing.T) {
	c := signedIn(t, house(t))
	c.inquire()
	c.Advance(46 * day)
	c = signedIn(t, c.House)
	if a := c.inquire(); a.Text("BillStatus") != "B" {
		t.Errorf("%s", a)
	}
}

func TestPartPayments(t *testing.T) {
	c := signedIn(t, house(t))
	parts := object{"CompanyCode": "MOCKPART"}
	wantCode(t, c.pay(parts, object{"TransactionAmount": "000000001000"}), "00")
	if a := c.inquire(parts); a.Text("BillStatus") != "T" || a.Text("AmountPaid") != "000000001000" {
		t.Errorf("%s", a)
	}
	var within int64
	c.Data("bill", "MOCKPART-10000001", "within", &within)
	wantCode(t, c.pay(parts, object{"RRN": "601510123458", "TransactionAmount": twelve(within)}), "46")
	wantCode(t, c.pay(parts, object{"RRN": "601510123459", "TransactionAmount": twelve(within - 1000)}), "00")
	if a := c.inquire(parts); a.Text("BillStatus") != "P" {
		t.Errorf("%s", a)
	}
	wantCode(t, c.pay(object{"TransactionAmount": "000000001000", "RRN": "601510123460"}), "46")
}

func twelve(n int64) string {
	s := ""
	for range 12 {
		s, n = string(rune('0'+n%10))+s, n/10
	}
	return s
}

func TestVoidsThatAreRefused(t *testing.T) {
	c := signedIn(t, house(t))
	never := object{"ConsumerNo": "19004"}
	wantCode(t, c.void(c.pay(never).Text("AuthID"), never), "95")
	late := c.pay(object{"RRN": "601510123460"}).Text("AuthID")
	c.Advance(day)
	c = signedIn(t, c.House)
	wantCode(t, c.void(late), "95")
}

func TestTheSignatureOfBills(t *testing.T) {
	c := signedIn(t, house(t))
	block, _ := pem.Decode(c.Get("/1link-portal/keys/1bill.pem").Body)
	if block == nil {
		t.Fatal("there is no key")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []providertest.Answer{c.inquire(), c.pay(), c.inquire(object{"ConsumerNo": "10000009"})} {
		text := strings.Join([]string{a.Text("ResponseCode"), a.Text("ClientID"), a.Text("ChannelID"), a.Text("STAN"), a.Text("CompanyCode"), a.Text("ConsumerNo"), a.Text("AuthID"), a.Text("RRN")}, "|")
		sum := sha256.Sum256([]byte(text))
		signature, _ := base64.StdEncoding.DecodeString(a.Text("HASH"))
		if err := rsa.VerifyPKCS1v15(key.(*rsa.PublicKey), crypto.SHA256, sum[:], signature); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
}

// Whatever is paid from wherever to wherever, the accounts of the mock hold what they held, less what went out and with
// what came in; and none is below nothing.
func TestMoneyIsConserved(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := signedIn(t, house(t))
		held := []string{customer, other, merchant}
		want := int64(50000000)
		for i := range rapid.IntRange(1, 8).Draw(rt, "transfers") {
			from := rapid.SampledFrom(append(held, outside)).Draw(rt, "from")
			to := rapid.SampledFrom(append(held, outside, "1239959", "1239703")).Draw(rt, "to")
			amount := rapid.Int64Range(1, 60000000).Draw(rt, "amount")
			a := c.transfer(object{"AccountNumberFrom": from, "AccountNumberTo": to, "TransactionAmount": twelve(amount), "RRN": twelve(int64(i + 1))})
			c.Advance(time.Minute)
			if code(a) == "00" || code(a) == "58" {
				if len(from) > 4 && from == outside {
					want += amount
				}
				if to != customer && to != other && to != merchant {
					want -= amount
				}
			}
		}
		sum := int64(0)
		for _, iban := range held {
			n := c.balance(iban)
			if n < 0 {
				rt.Fatalf("%s holds %d", iban, n)
			}
			sum += n
		}
		if sum != want {
			rt.Fatalf("the accounts hold %d, want %d", sum, want)
		}
	})
}

func TestALostReplyIsADuplicateTheNextTime(t *testing.T) {
	c := signedIn(t, house(t))
	lost := object{"AccountNumberTo": "1239702"}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the connection was not closed")
			}
		}()
		c.transfer(lost)
	}()
	if c.balance(customer) != 50000000-150000 {
		t.Errorf("the source holds %d", c.balance(customer))
	}
	wantCode(t, c.transfer(lost), "10")
}
