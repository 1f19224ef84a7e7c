package link1_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

const (
	titleXML = `<i:TransactionAmount>000000150000</i:TransactionAmount><i:TransmissionDateAndTime>0115103000</i:TransmissionDateAndTime><i:STAN>123456</i:STAN>
<i:Time>103000</i:Time><i:Date>0115</i:Date><i:MerchantType>0003</i:MerchantType><i:FromBankIMD>900002</i:FromBankIMD><i:ToBankIMD>900002</i:ToBankIMD>
<i:RRN>601510123456</i:RRN><i:PAN>1234567890123</i:PAN><i:CardAcceptorTerminalId>T1</i:CardAcceptorTerminalId><i:CardAcceptorIdCode>C1</i:CardAcceptorIdCode>
<i:CardAcceptorNameLocation><i:City>Karachi</i:City></i:CardAcceptorNameLocation><i:CurrencyCodeTransaction>586</i:CurrencyCodeTransaction>
<i:AccountNumberFrom>PK13MOCK0000001000000001</i:AccountNumberFrom><i:AccountNumberTo>PK83MOCK0000001000000002</i:AccountNumberTo>`
	billXML = `<i:ClientID>shop</i:ClientID><i:ChannelID>WEB</i:ChannelID><i:STAN>123456</i:STAN><i:RRN>601510123457</i:RRN>
<i:TransmissionDateAndTime>0115103000</i:TransmissionDateAndTime><i:CompanyCode>MOCKELEC</i:CompanyCode><i:ConsumerNo>10000001</i:ConsumerNo>`
)

// soap calls an operation of a service.
func (c *caller) soap(service, operation, members string, header ...string) providertest.Answer {
	return c.envelope(service, operation, `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:i="urn:mock1link:`+service+`:v1"><soapenv:Body><i:`+operation+`Request>`+
		members+`</i:`+operation+`Request></soapenv:Body></soapenv:Envelope>`, header...)
}

func (c *caller) envelope(service, operation, text string, header ...string) providertest.Answer {
	all := append([]string{
		"Content-Type", "text/xml; charset=utf-8", "SOAPAction", `"urn:mock1link:` + service + ":" + operation + `"`,
		"X-IBM-Client-Id", c.client, "X-IBM-Client-Secret", secret, "Authorization", "Bearer " + c.token,
	}, header...)
	return c.Do("POST", gw+"/"+service+"-soap-service", headerOf(all), []byte(text))
}

type envelope struct {
	Body struct {
		Title struct {
			Code          string `xml:"ResponseCode"`
			Authorization string `xml:"AuthorizationIdentificationResponse"`
			Title         string `xml:"AccountTitleTo"`
		} `xml:"urn:mock1link:ibft:v1 TitleFetchResponse"`
		Transfer struct {
			Code string `xml:"ResponseCode"`
		} `xml:"urn:mock1link:ibft:v1 FundsTransferResponse"`
		Fault struct {
			Code   string `xml:"faultcode"`
			Text   string `xml:"faultstring"`
			Detail struct {
				Code string `xml:"GatewayError>httpCode"`
			} `xml:"detail"`
		} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Fault"`
	} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
}

func opened(t testing.TB, a providertest.Answer) (e envelope) {
	t.Helper()
	if a.Header.Get("Content-Type") != "text/xml; charset=utf-8" {
		t.Fatalf("%s", a)
	}
	if err := xml.Unmarshal(a.Body, &e); err != nil {
		t.Fatalf("%v in %s", err, a)
	}
	return e
}

func TestSOAPAndRESTActOnOneState(t *testing.T) {
	c := signedIn(t, house(t))
	fetched := opened(t, c.soap("ibft", "TitleFetch", titleXML))
	if fetched.Body.Title.Code != "00" || fetched.Body.Title.Title != "MOCK CUSTOMER TWO" {
		t.Fatalf("%+v", fetched)
	}
	id := fetched.Body.Title.Authorization
	own := "<i:AuthorizationIdentificationResponse>" + id + "</i:AuthorizationIdentificationResponse><i:SenderName>X</i:SenderName><i:SenderIBAN>Y</i:SenderIBAN><i:AccountTitle>Z</i:AccountTitle>"
	if got := opened(t, c.soap("ibft", "FundsTransfer", titleXML+own)); got.Body.Transfer.Code != "00" {
		t.Fatalf("%+v", got)
	}
	if c.balance(other) != 150000 {
		t.Errorf("%d arrived", c.balance(other))
	}
	a := c.call("/funds-transfer-rest-service/path-1", with(title(), object{"AuthorizationIdentificationResponse": id, "SenderName": "X", "SenderIBAN": "Y", "AccountTitle": "Z"}))
	wantCode(t, a, "10")
	if a.Header.Get("X-RateLimit-Remaining") != "name=rate-limit,97; name=rate-limit-2,8" {
		t.Errorf("one count for both forms: %s", a)
	}
}

func TestFaults(t *testing.T) {
	c := signedIn(t, house(t))
	lost := &caller{House: c.House, t: t, client: first, token: "x"}
	for name, test := range map[string]struct {
		answer     providertest.Answer
		status     int
		side, says string
	}{
		"no secret":             {c.soap("ibft", "TitleFetch", titleXML, "X-IBM-Client-Secret", ""), 401, "soapenv:Client", "Invalid client id or secret."},
		"a wrong secret":        {c.soap("ibft", "TitleFetch", titleXML, "X-IBM-Client-Secret", "x"), 401, "soapenv:Client", "Invalid client id or secret."},
		"a wrong token":         {lost.soap("ibft", "TitleFetch", titleXML), 401, "soapenv:Client", "unknown"},
		"used up":               {c.soap("ibft", "TitleFetch", titleXML, "X-IBM-Client-Id", third, "X-IBM-Client-Secret", "mock-client-secret-000000000003"), 429, "soapenv:Client", "Rate Limit exceeded"},
		"broken XML":            {c.envelope("ibft", "TitleFetch", "<a>"), 500, "soapenv:Client", "well-formed"},
		"a document type":       {c.envelope("ibft", "TitleFetch", `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`), 500, "soapenv:Client", "document type"},
		"an unknown element":    {c.soap("ibft", "TitleFetch", titleXML+"<i:Zip/>"), 500, "soapenv:Client", "Zip"},
		"another action":        {c.soap("ibft", "TitleFetch", titleXML, "SOAPAction", "urn:mock1link:ibft:FundsTransfer"), 500, "soapenv:Client", "SOAPAction"},
		"another operation":     {c.soap("bill", "TitleFetch", titleXML), 500, "soapenv:Client", "BillInquiryRequest"},
		"JSON where XML is due": {c.envelope("ibft", "TitleFetch", "{}", "Content-Type", "application/json"), 415, "soapenv:Client", "text/xml"},
		"offline":               {c.soap("ibft", "TitleFetch", strings.Replace(titleXML, "601510123456", "503503503503", 1)), 503, "soapenv:Server", "The API is offline"},
	} {
		fault := opened(t, test.answer).Body.Fault
		if test.answer.Status != test.status || fault.Code != test.side || !strings.Contains(fault.Text, test.says) || fault.Detail.Code == "" {
			t.Errorf("%s: %s, want %d %s %q", name, test.answer, test.status, test.side, test.says)
		}
	}
	if a := c.soap("ibft", "TitleFetch", "<i:STAN>1</i:STAN>"); a.Status != 200 || opened(t, a).Body.Title.Code != "80" {
		t.Errorf("a member that is missing is for the switch: %s", a)
	}
}

func TestWSDL(t *testing.T) {
	h := house(t)
	a := h.Get(gw + "/bill-soap-service?wsdl")
	for _, part := range []string{`soapAction="urn:mock1link:bill:VoidBillPayment"`, gw + `/bill-soap-service"`, `<xs:element name="AmountAfterDueDate" type="xs:string"/>`} {
		if a.Status != 200 || !strings.Contains(string(a.Body), part) {
			t.Errorf("%d, without %s", a.Status, part)
		}
	}
	if a := h.Get(gw + "/bill-soap-service"); a.Status != 404 {
		t.Errorf("without ?wsdl: %s", a)
	}
}
