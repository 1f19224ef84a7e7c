package payone

import (
	"time"

	"github.com/mockbank/mockbank/internal/provider"
)

// linkView is a link as replies have it.
type linkView struct {
	ID              string       `json:"id"`
	Currency        string       `json:"currency"`
	Amount          int64        `json:"amount"`
	Created         int64        `json:"created"`
	Modified        int64        `json:"modified"`
	Intent          string       `json:"intent"`
	Methods         []string     `json:"paymentMethods"`
	Status          string       `json:"status"`
	Expiration      string       `json:"expiration,omitzero"`
	Description     *string      `json:"description,omitzero"`
	Reference       string       `json:"reference"`
	Hash            string       `json:"hash"`
	RedirectURL     string       `json:"redirectUrl"`
	NotifyURL       string       `json:"notifyUrl,omitzero"`
	PaymentProcess  string       `json:"paymentProcess,omitzero"`
	UserID          string       `json:"userId,omitzero"`
	PaymentMethod   string       `json:"paymentMethod,omitzero"`
	Shipping        *Address     `json:"shipping,omitzero"`
	Billing         *Address     `json:"billing,omitzero"`
	Cart            []Item       `json:"shoppingCart"`
	Language        string       `json:"language,omitzero"`
	Logo            string       `json:"logo,omitzero"`
	BackgroundImage string       `json:"backgroundImage,omitzero"`
	AccountID       string       `json:"accountId"`
	MerchantID      string       `json:"merchantId"`
	PortalID        string       `json:"portalId"`
	Mode            string       `json:"mode"`
	Active          bool         `json:"active"`
	SuccessURL      string       `json:"successUrl,omitzero"`
	ErrorURL        string       `json:"errorUrl,omitzero"`
	BackURL         string       `json:"backUrl,omitzero"`
	Email           string       `json:"email,omitzero"`
	Invoice         *InvoiceInfo `json:"invoiceInformation,omitzero"`
	Link            string       `json:"link"`
}

func (p *payone) getLink(c *provider.Call) (provider.Reply, error) {
	link, err := linkOf(c)
	if err != nil {
		return provider.Reply{}, err
	}
	view, err := viewOf(c, link)
	return provider.Reply{Body: view}, err
}

func viewOf(c *provider.Call, e *provider.Entity[Link]) (linkView, error) {
	key, err := portalKey(c, e.Data.PortalID)
	if err != nil {
		return linkView{}, err
	}
	l := e.Data
	view := linkView{
		ID: e.ID(), Currency: l.Currency, Amount: l.Amount, Created: millis(e.Created()), Modified: millis(l.ModifiedAt),
		Intent: l.Intent, Methods: l.Methods, Status: l.status(c.Now()), Expiration: l.Expiration, Description: l.Description,
		Reference: l.Reference, Hash: linkHash(key, e.ID()), NotifyURL: l.NotifyURL,
		PaymentProcess: l.PaymentProcess, UserID: l.user(), PaymentMethod: l.PaymentMethod,
		Shipping: l.Shipping, Billing: l.Billing, Cart: l.Cart, Language: l.Language, Logo: l.Logo, BackgroundImage: l.BackgroundImage,
		AccountID: l.AccountID, MerchantID: l.MerchantID, PortalID: l.PortalID, Mode: l.Mode, Active: l.active(),
		SuccessURL: l.SuccessURL, ErrorURL: l.ErrorURL, BackURL: l.BackURL, Email: l.Email, Invoice: l.Invoice,
		Link: pageURL(c.Base(), e.ID()),
	}
	if l.Redirected {
		view.RedirectURL = authURL(c.Base(), e.ID(), l.PaymentProcess)
	}
	return view, nil
}

// portalKey is the key of a portal; empty of one that is gone.
func portalKey(c *provider.Call, portal string) (string, error) {
	client, err := c.Client(portal)
	if err != nil || client == nil {
		return "", err
	}
	return client.Secret, nil
}

// pageURL is where the shopper pays a link, authURL the page of the bank or the wallet.
func pageURL(base, id string) string          { return base + "/p/" + id }
func authURL(base, id, process string) string { return pageURL(base, id) + "/auth/" + process }

func millis(t time.Time) int64 { return t.UnixMilli() }
