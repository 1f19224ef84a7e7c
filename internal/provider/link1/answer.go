package link1

import (
	"reflect"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/soap"
)

// The switch answers in two styles. Title fetch, transfers and bills echo what was asked, beside a ResponseCode; all else
// has a responseCode and what was found.

// transferAnswer is the answer to a transfer.
type transferAnswer struct {
	ResponseCode   string `json:"ResponseCode"`
	PAN            string `json:"PAN"`
	Amount         string `json:"Amount"`
	TransmittedAt  string `json:"TransmissionDateAndTime"`
	STAN           string `json:"STAN"`
	Time           string `json:"Time"`
	Date           string `json:"Date"`
	Settlement     string `json:"DateSettlement"` // MMDD
	RRN            string `json:"RRN"`
	Authorization  string `json:"AuthorizationIdentificationResponse"`
	To             string `json:"AccountNumberTo"`
	ToBank         string `json:"ToBankIMD"`
	ToIBAN         string `json:"IBAN_MobileAccountNumber"`
	Reserved1      string `json:"Reserved1"`
	Reserved2      string `json:"Reserved2"`
	Reserved3      string `json:"Reserved3"`
	ResponseDetail string `json:"ResponseDetail"`
}

// titleAnswer is the answer to a title fetch.
type titleAnswer struct {
	ResponseCode   string `json:"ResponseCode"`
	PAN            string `json:"PAN"`
	Amount         string `json:"Amount"`
	TransmittedAt  string `json:"TransmissionDateAndTime"`
	STAN           string `json:"STAN"`
	Time           string `json:"Time"`
	Date           string `json:"Date"`
	Settlement     string `json:"DateSettlement"` // MMDD
	RRN            string `json:"RRN"`
	Authorization  string `json:"AuthorizationIdentificationResponse"`
	To             string `json:"AccountNumberTo"`
	ToBank         string `json:"ToBankIMD"`
	Title          string `json:"AccountTitleTo"`
	Branch         string `json:"BranchNameTo"`
	Bank           string `json:"BankName"`
	ToIBAN         string `json:"IBAN_MobileAccountNumber"`
	Reserved1      string `json:"Reserved1"`
	Reserved2      string `json:"Reserved2"`
	Reserved3      string `json:"Reserved3"`
	ResponseDetail string `json:"ResponseDetail"`
}

// billAnswer is what every answer about a bill begins with.
type billAnswer struct {
	ResponseCode   string `json:"ResponseCode"`
	ClientID       string `json:"ClientID"`
	ChannelID      string `json:"ChannelID"`
	STAN           string `json:"STAN"`
	CompanyCode    string `json:"CompanyCode"`
	ConsumerNo     string `json:"ConsumerNo"`
	AuthID         string `json:"AuthID"`
	RRN            string `json:"RRN"`
	ResponseDetail string `json:"ResponseDetail"`
	Reserved1      string `json:"Reserved1"`
	Reserved2      string `json:"Reserved2"`
	Hash           string `json:"HASH"`
}

type paymentAnswer struct {
	billAnswer
	AmountPaid string `json:"AmountPaid"`
	DatePaid   string `json:"DatePaid"`
}

type inquiryAnswer struct {
	billAnswer
	CustomerName string `json:"CustomerName"`
	BillStatus   string `json:"BillStatus"`
	DueDate      string `json:"DueDate"` // yyyyMMdd
	Within       string `json:"AmountWithinDueDate"`
	After        string `json:"AmountAfterDueDate"`
	BillingMonth string `json:"BillingMonth"` // yyMM
	DatePaid     string `json:"DatePaid"`
	AmountPaid   string `json:"AmountPaid"`
}

// status is what every answer of the other style begins with.
type status struct {
	Code        string `json:"responseCode"`
	Description string `json:"responseDescription"`
}

func said(code string) status { return status{code, codeText(code)} }

// answerCode answers an operation with a code and nothing found.
func answerCode(c *provider.Call, code string) provider.Reply {
	switch c.Name() {
	case "titleFetch":
		var q transferRequest
		_ = c.Bind(&q) // What is of another type is left out.
		return provider.JSON(0, q.title(code, failedAuthorization))
	case "fundsTransfer":
		var q transferRequest
		_ = c.Bind(&q)
		return provider.JSON(0, q.transfer(code, failedAuthorization))
	case "billInquiry":
		return answerBill(c, code, func(a billAnswer) any { return inquiryAnswer{billAnswer: a} })
	case "billPayment":
		return answerBill(c, code, func(a billAnswer) any { return paymentAnswer{billAnswer: a} })
	case "voidBillPayment":
		return answerBill(c, code, func(a billAnswer) any { return a })
	}
	return provider.JSON(0, said(code))
}

func answerBill(c *provider.Call, code string, whole func(billAnswer) any) provider.Reply {
	var q billRequest
	_ = c.Bind(&q)
	a, err := q.answer(c, code, "")
	if err != nil {
		return refusalOfGateway(c, problem.From(err))
	}
	return provider.JSON(0, whole(a))
}

// padding is what a bank that pads its texts adds to each.
const padding = "     "

// padded pads every text of an answer but its code, which is a number.
func padded[T any](answer T) T {
	fields := reflect.ValueOf(&answer).Elem()
	for i := 1; i < fields.NumField(); i++ {
		if f := fields.Field(i); f.Kind() == reflect.String {
			f.SetString(f.String() + padding)
		}
	}
	return answer
}

// elements are the members of an answer, as SOAP names them.
func elements(answer any) (fields []soap.Field) {
	t := reflect.TypeOf(answer)
	for i := range t.NumField() {
		if t.Field(i).Anonymous {
			fields = append(fields, elements(reflect.Zero(t.Field(i).Type).Interface())...)
			continue
		}
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		fields = append(fields, soap.Field{Name: name})
	}
	return fields
}
