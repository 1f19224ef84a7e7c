package link1

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/soap"
)

// The two SOAP services. Their elements are the members of the REST calls, by the same names and in the same order;
// their operations are the REST operations, whose names begin small.
var (
	ibftService = &soap.Service{
		Name: "Ibft", Namespace: "urn:mock1link:ibft:v1", Action: "urn:mock1link:ibft:", Detail: gatewayError,
		Operations: []soap.Operation{
			{Name: "TitleFetch", Request: titleElements(), Response: elements(titleAnswer{})},
			{Name: "FundsTransfer", Request: transferElements(), Response: elements(transferAnswer{})},
		},
	}
	billService = &soap.Service{
		Name: "Bill", Namespace: "urn:mock1link:bill:v1", Action: "urn:mock1link:bill:", Detail: gatewayError,
		Operations: []soap.Operation{
			{Name: "BillInquiry", Request: billElements(), Response: elements(inquiryAnswer{})},
			{Name: "BillPayment", Request: billElements("TransactionAmount", "BankMnemonic"), Response: elements(paymentAnswer{})},
			{Name: "VoidBillPayment", Request: billElements("AuthID"), Response: elements(billAnswer{})},
		},
	}
	gatewayError = soap.Message{Name: "GatewayError", Fields: needed("httpCode", "httpMessage", "moreInformation")}
)

func needed(names ...string) []soap.Field {
	fields := make([]soap.Field, len(names))
	for i, name := range names {
		fields[i] = soap.Field{Name: name}
	}
	return fields
}

func optional(names ...string) []soap.Field {
	fields := needed(names...)
	for i := range fields {
		fields[i].Optional = true
	}
	return fields
}

// common are the members that title fetch and transfer begin with.
func common(entryMode string) []soap.Field {
	place := soap.Field{Name: "CardAcceptorNameLocation", Fields: optional(
		"Location", "City", "State", "ZipCode", "AgentName", "AgentCity", "ADCLiteral", "BankName", "Country")}
	return slices.Concat(
		needed("TransactionAmount", "TransmissionDateAndTime", "STAN", "Time", "Date", "MerchantType", "FromBankIMD", "ToBankIMD", "RRN", "PAN"),
		optional("ExpiryDate", entryMode), needed("CardAcceptorTerminalId", "CardAcceptorIdCode"), []soap.Field{place},
		needed("CurrencyCodeTransaction", "AccountNumberFrom", "AccountNumberTo"), optional("PaymentDetail", "MerchantDetail"))
}

func titleElements() []soap.Field {
	return slices.Concat(common("PosEntMode"), optional("BeneficiaryBankName", "Reserved1", "Reserved2", "Reserved3"))
}

func transferElements() []soap.Field {
	return slices.Concat(common("PosEntryMode"),
		needed("AuthorizationIdentificationResponse", "SenderName", "SenderIBAN", "AccountTitle"), optional("Reserved1", "Reserved2", "Reserved3"))
}

func billElements(own ...string) []soap.Field {
	return slices.Concat(needed("ClientID", "ChannelID", "STAN", "RRN", "TransmissionDateAndTime", "CompanyCode", "ConsumerNo"), needed(own...),
		optional("Reserved1", "Reserved2", "HASH"))
}

// envelopes are the operations that take SOAP.
func envelopes() map[string]provider.Envelope {
	return map[string]provider.Envelope{"soapIbft": envelope(ibftService), "soapBill": envelope(billService)}
}

func envelope(s *soap.Service) provider.Envelope {
	return provider.Envelope{
		Open: func(r *provider.Request) (string, any, error) {
			name, body, err := s.Open(r.Payload.Raw, r.Header.Get("SOAPAction"))
			if err != nil {
				return "", nil, &problem.Error{Kind: problem.Malformed, Code: "bad_envelope", Message: err.Error(), Err: err}
			}
			return strings.ToLower(name[:1]) + name[1:], body, nil
		},
		Seal: func(operation string, status int, body []byte) (provider.Sealed, error) {
			return seal(s, operation, status, body)
		},
	}
}

// seal writes what the switch answered as a response, and what the gateway refused as a fault with its status. An envelope
// that can not be read is a fault with 500 (SOAP 1.1 section 6.2).
func seal(s *soap.Service, operation string, status int, body []byte) (provider.Sealed, error) {
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		return provider.Sealed{}, err
	}
	sealed := provider.Sealed{Status: status, Media: soap.Media + "; charset=utf-8"}
	if status == http.StatusOK && operation != "" {
		var err error
		sealed.Bytes, err = s.Respond(strings.ToUpper(operation[:1])+operation[1:], members)
		return sealed, err
	}
	if description, ok := members["error_description"]; ok {
		members = map[string]any{"httpCode": "401", "httpMessage": http.StatusText(status), "moreInformation": description}
	}
	side := soap.Client
	switch {
	case status >= http.StatusInternalServerError:
		side = soap.Server
	case status == http.StatusBadRequest:
		sealed.Status = http.StatusInternalServerError
	}
	text, _ := members["moreInformation"].(string)
	var err error
	sealed.Bytes, err = s.Fault(side, text, members)
	return sealed, err
}

// wsdl serves the description of a service, at the address at which it was asked for.
func wsdl(s *soap.Service) func(*provider.Call) (provider.Reply, error) {
	return func(c *provider.Call) (provider.Reply, error) {
		if _, asked := c.Query["wsdl"]; !asked {
			return provider.Reply{}, problem.New(problem.NoRoute, "", "")
		}
		text, err := s.WSDL(c.Base() + c.Path)
		return provider.Reply{Raw: &provider.Raw{Media: soap.Media, Bytes: text}}, err
	}
}
