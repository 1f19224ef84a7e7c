package payone

import (
	"time"

	"github.com/mockbank/mockbank/internal/provider"
)

const links provider.Kind[Link] = "link"

// The statuses of a link.
const (
	created     = "created"
	ready       = "ready"
	executed    = "executed"
	expired     = "expired"
	deactivated = "deactivated"
)

// idAlphabet is that of link ids: digits and capitals without I and O.
const (
	idAlphabet = "0N1RWU4X6F8Z9ALBQC3EG5HJKM2PS7TVDY"
	idLength   = 32
)

// The intents.
const (
	authorization    = "authorization"
	preauthorization = "preauthorization"
)

// Link is a payment link as it is stored, and as expressions of scenario files see it. Its id is the entity's.
type Link struct {
	Terms
	Amount     int64     `json:"amount"` // of the cart, in minor units
	ModifiedAt time.Time `json:"modifiedAt"`

	// Of its execution; empty before it.
	PaymentProcess string    `json:"paymentProcess,omitzero"`
	AssignedUser   string    `json:"assignedUser,omitzero"` // the merchant's own, where there is one
	PaymentMethod  string    `json:"paymentMethod,omitzero"`
	Redirected     bool      `json:"redirected,omitzero"`
	ExecutedAt     time.Time `json:"executedAt,omitzero"`
}

// Terms are what the merchant says of a link, with defaults filled in.
type Terms struct {
	Intent          string       `json:"intent,omitzero"`
	Currency        string       `json:"currency"`
	AccountID       string       `json:"accountId"`
	MerchantID      string       `json:"merchantId"`
	PortalID        string       `json:"portalId"`
	UserID          string       `json:"userId,omitzero"`
	Mode            string       `json:"mode"`
	Methods         []string     `json:"paymentMethods"`
	Expiration      string       `json:"expiration,omitzero"`
	Description     *string      `json:"description,omitzero"`
	Reference       string       `json:"reference"`
	CustomerID      string       `json:"customerId,omitzero"`
	Shipping        *Address     `json:"shipping,omitzero"`
	Billing         *Address     `json:"billing,omitzero"`
	Cart            []Item       `json:"shoppingCart"`
	Language        string       `json:"language,omitzero"`
	Logo            string       `json:"logo,omitzero"`
	BackgroundImage string       `json:"backgroundImage,omitzero"`
	Active          *bool        `json:"active,omitzero"`
	SuccessURL      string       `json:"successUrl,omitzero"`
	ErrorURL        string       `json:"errorUrl,omitzero"`
	BackURL         string       `json:"backUrl,omitzero"`
	NotifyURL       string       `json:"notifyUrl,omitzero"`
	Email           string       `json:"email,omitzero"`
	Invoice         *InvoiceInfo `json:"invoiceInformation,omitzero"`
}

// Address is where goods or the bill go.
type Address struct {
	FirstName string `json:"firstName,omitzero"`
	LastName  string `json:"lastName,omitzero"`
	Company   string `json:"company,omitzero"`
	Street    string `json:"street,omitzero"`
	Addition  string `json:"addressAddition,omitzero"`
	Zip       string `json:"zip,omitzero"`
	City      string `json:"city,omitzero"`
	State     string `json:"state,omitzero"`
	Country   string `json:"country,omitzero"`
}

// Item is one line of the cart. Price is gross, of one piece, in minor units.
type Item struct {
	Type          string `json:"type"`
	Number        string `json:"number"`
	Price         int64  `json:"price"`
	Quantity      int64  `json:"quantity"`
	Description   string `json:"description,omitzero"`
	VATRate       *int64 `json:"vatRate,omitzero"` // below 100 percent, from 100 on basis points
	DeliveryStart string `json:"deliveryDateStart,omitzero"`
	DeliveryEnd   string `json:"deliveryDateEnd,omitzero"`
}

// InvoiceInfo is for the invoice that PAYONE would send.
type InvoiceInfo struct {
	ID   *string `json:"invoiceId,omitzero"`
	Text *string `json:"invoiceText,omitzero"`
}

func (p *payone) linkKind() provider.KindDef {
	return links.Define(provider.Def[Link]{
		Index: indexes, State: (*Link).status,
		Deadline: deadline, Wake: p.wake, Act: p.act,
	})
}

// The indexes: one keeps references apart, one is the list, in the order of creation.
const (
	byReference = "reference"
	byPortal    = "portal"
)

func indexes(e *provider.Entity[Link]) []provider.Index {
	l := e.Data
	return []provider.Index{
		{Name: byReference, Unique: true, Key: provider.Key{}.Text(l.MerchantID).Text(l.Mode).Text(l.Reference)},
		{Name: byPortal, Counted: true, Key: listKey(l.MerchantID, l.AccountID, l.PortalID, l.Mode)},
	}
}

func listKey(merchant, account, portal, mode string) provider.Key {
	return provider.Key{}.Text(merchant).Text(account).Text(portal).Text(mode)
}

// status follows from what the link says and from the clock; the first that fits wins.
func (l *Link) status(now time.Time) string {
	switch {
	case l.PaymentProcess != "":
		return executed
	case !l.active():
		return deactivated
	case l.over(now):
		return expired
	case l.complete():
		return ready
	}
	return created
}

func (l *Link) active() bool { return l.Active == nil || *l.Active }

// complete tells whether a shopper could pay it. A link without a reference is never stored.
func (l *Link) complete() bool {
	return len(l.Methods) > 0 && l.Billing != nil && l.Billing.Country != "" && l.Billing.LastName != ""
}

// over tells whether the day of its expiration has ended.
func (l *Link) over(now time.Time) bool {
	end, ok := l.end()
	return ok && !now.Before(end)
}

// end is the first instant after the last day; false for a link that never expires.
func (l *Link) end() (time.Time, bool) {
	day, err := time.ParseInLocation(time.DateOnly, l.Expiration, zone())
	if err != nil {
		return time.Time{}, false
	}
	return day.AddDate(0, 0, 1), true
}

// user is the merchant's, or the one that the execution assigned.
func (l *Link) user() string {
	if l.UserID != "" {
		return l.UserID
	}
	return l.AssignedUser
}
