package payone

import (
	"bytes"
	"crypto/hmac"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const (
	formMedia     = "application/x-www-form-urlencoded"
	financeGate   = "PAYONE FinanceGate"
	notifyVersion = "7.6"
)

// form is a form in the order of its fields.
type form []field

type field struct{ name, value string }

// MarshalJSON writes the form as an object, in which the schema judges it.
func (f form) MarshalJSON() ([]byte, error) {
	members := make(map[string]string, len(f))
	for _, field := range f {
		members[field.name] = field.value
	}
	return json.Marshal(members)
}

// latin1 writes the form in ISO-8859-1. What has no place in it becomes a question mark.
func (f form) latin1() []byte {
	var out bytes.Buffer
	for i, field := range f {
		if i > 0 {
			out.WriteByte('&')
		}
		out.WriteString(field.name + "=" + url.QueryEscape(toLatin1(field.value)))
	}
	return out.Bytes()
}

func toLatin1(text string) string {
	var bytes []byte
	for _, r := range text {
		if r > 0xff {
			r = '?'
		}
		bytes = append(bytes, byte(r))
	}
	return string(bytes)
}

// transactionStatuses is the channel of TransactionStatus, to the portal's own URL.
func transactionStatuses() provider.Channel {
	return provider.Channel{
		Name: "status", Targets: statusTargets, Body: statusBody, Media: formMedia, Encode: encodeForm,
		Headers: asFinanceGate, Verify: verifyStatus, Accepted: tsok, Receipt: "TSOK",
		Schedule: retries, Timeout: sendTimeout, Gone: provider.GoneIsFailure,
	}
}

func encodeForm(value any) ([]byte, error) { return value.(form).latin1(), nil }

// tsok is the only answer that ends the attempts.
func tsok(status int, body []byte) bool {
	said := strings.TrimSpace(string(body))
	return status == http.StatusOK && (said == "TSOK" || said == "SSOK")
}

func statusTargets(c *provider.Call, s provider.Subject, _ string) ([]string, error) {
	_, link, err := linkPaid(c, s)
	if err != nil {
		return nil, err
	}
	portal, err := c.Client(link.Data.PortalID)
	if err != nil || portal == nil {
		return nil, err
	}
	if target := text(portal.Settings["transaction_status_url"]); target != "" {
		return []string{target}, nil
	}
	return nil, nil
}

// statusBody tells of the latest booking of its action.
func statusBody(c *provider.Call, s provider.Subject, action string) (any, error) {
	payment, link, err := linkPaid(c, s)
	if err != nil {
		return nil, err
	}
	key, err := portalKey(c, link.Data.PortalID)
	if err != nil {
		return nil, err
	}
	b := payment.Data.last(action)
	f := form{
		{"key", keyName(key)}, {"txaction", action}, {"transaction_status", b.Status}, {"notify_version", notifyVersion},
		{"mode", link.Data.Mode}, {"portalid", link.Data.PortalID}, {"aid", link.Data.AccountID},
	}
	f = append(f, link.Data.shopper()...)
	f = append(f, field{"clearingtype", methods[payment.Data.Method].clearing})
	if b.Status == unsettled || action == actionFailed {
		f = append(f, field{"reasoncode", payment.Data.Reason})
	}
	return append(f, amounts(payment, link, b)...), nil
}

// shopper is what TransactionStatus says of the shopper, of what the link has.
func (l *Link) shopper() form {
	a := Address{}
	if l.Billing != nil {
		a = *l.Billing
	}
	var known form
	for _, f := range (form{
		{"customerid", l.CustomerID}, {"firstname", a.FirstName}, {"lastname", a.LastName}, {"company", a.Company},
		{"street", a.Street}, {"zip", a.Zip}, {"city", a.City}, {"country", a.Country}, {"email", l.Email},
	}) {
		if f.value != "" {
			known = append(known, f)
		}
	}
	return known
}

func amounts(payment *provider.Entity[Payment], link *provider.Entity[Link], b booking) form {
	currency := payment.Data.Currency
	return form{
		{"txtime", unixText(b.At)}, {"currency", currency}, {"userid", payment.Data.UserID}, {"txid", payment.ID()},
		{"reference", link.Data.Reference}, {"sequencenumber", strconv.Itoa(b.Sequence)},
		{"price", decimal(payment.Data.Price, currency)}, {"receivable", decimal(b.Receivable, currency)}, {"balance", decimal(b.Balance, currency)},
	}
}

// asFinanceGate names the sender. There is no signature to spoil: who sends shows that by the field key.
func asFinanceGate(*provider.Call, provider.Notification, provider.Spoil) (func() (http.Header, error), error) {
	return func() (http.Header, error) { return http.Header{"User-Agent": {financeGate}}, nil }, nil
}

// verifyStatus does what a receiver has to: compare the key with that of the portal.
func verifyStatus(c *provider.Call, header http.Header, body []byte) (bool, error) {
	if !strings.HasPrefix(header.Get("Content-Type"), formMedia) {
		return false, nil
	}
	fields, _ := url.ParseQuery(string(body)) // What can not be read names no action.
	if fields.Get("txaction") == "" {
		return false, nil
	}
	key, err := portalKey(c, fields.Get("portalid"))
	if err != nil {
		return true, err
	}
	if key == "" || !hmac.Equal([]byte(keyName(key)), []byte(fields.Get("key"))) {
		return true, problem.New(problem.Unauthenticated, "", "key is not the MD5 of the portal's key")
	}
	return true, nil
}
