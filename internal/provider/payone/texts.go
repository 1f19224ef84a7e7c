package payone

import (
	"fmt"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/pages"
)

// texts are all that the page says, in one language. %s and %d stand for what is filled in.
type texts struct {
	Language string // as HTML names it
	Numbers  numbers
	Layout   pages.Words

	Merchant, Title                          string // of the merchant's number; of the amount
	Order, Cart, Total, Article, VAT         string
	DeliveryFrom, DeliveryUntil, DeliveredIn string
	Goods, Shipment, Handling, Voucher       string // lines of the cart without a description
	Billing, Shipping, Reference, ValidUntil string

	Method, Pay, Back                                   string
	Debit                                               string // the method sepa
	Cardholder, CardNumber, CardExpiry, CardCode        string
	ExpiryExample, CodeHint                             string
	IBAN, AccountHolder, Mandate, Bank, Redirect        string
	TestData, Succeeds, DeclinedOnce, Fails, AsksAtBank string
	AnyIBAN, ReturnedLater                              string

	CheckForm, ChooseMethod, ChooseBank, NameNeeded, TooLong string
	BadNumber, OtherBrand, BadExpiry, CardExpired, BadCode   string
	BadIBAN, CardDeclined                                    string

	NotReady, Expired, Deactivated, Used told
	Continue, ShowResult                 string

	Secure, AtBank, AtWallet                     string // what the page of the bank is for
	BankUser, Approve, Decline, Cancel           string
	Amount, To, Card, Account                    string
	UserApproves, UserDeclines, UserAbandons     string
	Unanswered                                   told
	ToBank                                       string
	Paid, Pending, Failed                        told
	PaidWith, Process                            string
	Invoice, InvoiceSent, InvoiceNumber, ForTest string

	Nothing, Forged, Fault told
}

// told is a notice.
type told struct{ Title, Text string }

// The languages of the page; one that is none of them reads German.
var languages = map[string]*texts{"de_DE": &german, "en_US": &english, "fr_FR": &french, "es_ES": &spanish, "pl_PL": &polish}

func speak(language string) *texts {
	if t := languages[language]; t != nil {
		return t
	}
	return &german
}

// numbers are how a language writes amounts, shares and days.
type numbers struct {
	Point, Group string
	GroupsFrom   int               // digits before the point from which on they are grouped
	Symbols      map[string]string // of currencies; the others are written by their code
	SymbolFirst  bool
	Percent      string // what stands between a number and its sign of percent
	Day          string // a layout of package time
}

const (
	space  = "\u00a0" // that no line breaks at
	narrow = "\u202f"
	minus  = "\u2212"
)

// money writes minor units of a currency.
func (n *numbers) money(minor int64, currency string) string {
	number, negative := strings.CutPrefix(decimal(minor, currency), "-")
	whole, fraction, has := strings.Cut(number, ".")
	number = n.grouped(whole)
	if has {
		number += n.Point + fraction
	}
	sign := ""
	if negative {
		sign = minus
	}
	symbol, known := n.Symbols[currency]
	switch {
	case known && n.SymbolFirst:
		return sign + symbol + number
	case n.SymbolFirst:
		return sign + currency + space + number
	case !known:
		symbol = currency
	}
	return sign + number + space + symbol
}

// grouped puts a sign between thousands.
func (n *numbers) grouped(digits string) string {
	if len(digits) < n.GroupsFrom {
		return digits
	}
	head := len(digits) % 3
	groups := []string{digits[:head]}
	for ; head < len(digits); head += 3 {
		groups = append(groups, digits[head:head+3])
	}
	return strings.TrimPrefix(strings.Join(groups, n.Group), n.Group)
}

// share writes a VAT rate, which is in percent below 100 and in basis points from there on.
func (n *numbers) share(rate int64) string {
	text := fmt.Sprint(rate)
	if rate >= 100 {
		text = strings.TrimRight(fmt.Sprintf("%d.%02d", rate/100, rate%100), "0")
		text = strings.Replace(strings.TrimSuffix(text, "."), ".", n.Point, 1)
	}
	return text + n.Percent + "%"
}

func (n *numbers) day(at time.Time) string { return at.Format(n.Day) }

// date writes a day of the API; one that can not be read stays as it is.
func (n *numbers) date(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return n.day(at)
}
