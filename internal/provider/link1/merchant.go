package link1

import (
	"cmp"
	"time"

	"github.com/mockbank/mockbank/internal/provider"
)

const merchants provider.Kind[merchantDetails] = "merchant"

// profileActive is the one status that a profile has.
const profileActive = "ACTIVE"

// merchantDetails is a merchant's profile, and what is said of a merchant with each request to pay.
type merchantDetails struct {
	ID       string           `json:"merchantID"`
	Name     string           `json:"merchantName,omitzero"`
	DBA      string           `json:"dbaName,omitzero"`
	IBAN     string           `json:"iban,omitzero"`
	BIC      string           `json:"bankBic,omitzero"`
	Category string           `json:"merchantCategoryCode,omitzero"`
	SubDept  string           `json:"subDept,omitzero"`
	Address  *merchantAddress `json:"postalAddress,omitzero"`
	Contact  *merchantContact `json:"contactDetails,omitzero"`
	Location *merchantPlace   `json:"geoLocation,omitzero"`
}

type merchantAddress struct {
	Town    string `json:"townName,omitzero"`
	SubDept string `json:"subDept,omitzero"`
	Line    string `json:"addressLine,omitzero"`
}

type merchantContact struct {
	Email   string `json:"email,omitzero"`
	Mobile  string `json:"mobileNo,omitzero"`
	Channel string `json:"merchantChannelId,omitzero"`
}

type merchantPlace struct {
	Lat  string `json:"lat,omitzero"`
	Long string `json:"long,omitzero"`
}

// What a QR code says of a merchant who says nothing.
const (
	anyCategory = "0000"
	anyName     = "MOCK STORE"
	anyTown     = "KARACHI"
)

func (m *merchantDetails) qr(iban string, amount int64, rtp string) qrPayment {
	town := anyTown
	if m.Address != nil {
		town = cmp.Or(m.Address.Town, anyTown)
	}
	return qrPayment{
		IBAN: iban, Category: cmp.Or(m.Category, anyCategory), Name: cmp.Or(m.DBA, m.Name, anyName), Town: town, Paisa: amount, RTP: rtp,
	}
}

func merchantKind() provider.KindDef {
	return merchants.Define(provider.Def[merchantDetails]{State: func(*merchantDetails, time.Time) string { return profileActive }})
}

// creditor is the account of a merchant: as the request says it, or else the profile.
func creditor(c *provider.Call, m *merchantDetails) (string, error) {
	if m.IBAN != "" {
		return m.IBAN, nil
	}
	e, err := merchants.Get(c, m.ID)
	if err != nil || e == nil {
		return "", err
	}
	return e.Data.IBAN, nil
}

type profile struct {
	status
	Merchant *merchantDetails `json:"merchantDetails"`
	State    string           `json:"profileStatus"`
}

func shownMerchant(e *provider.Entity[merchantDetails]) provider.Reply {
	return provider.JSON(0, profile{said(processed), e.Data, profileActive})
}

func addMerchant(c *provider.Call, m *merchantDetails, options ...provider.Option) error {
	name, err := merchants.Next(c)
	if err != nil {
		return err
	}
	_, err = merchants.Create(c, name, m.ID, m, options...)
	return err
}

type merchantRequest struct {
	Merchant merchantDetails `json:"merchantDetails"`
	Info     info            `json:"info"`
}

// readMerchant reads a request, and finds the profile that it names; nil where there is none.
func readMerchant(c *provider.Call) (*merchantRequest, *provider.Entity[merchantDetails], error) {
	q := new(merchantRequest)
	if err := c.Bind(q); err != nil {
		return nil, nil, err
	}
	e, err := merchants.Get(c, cmp.Or(q.Merchant.ID, q.Info.Merchant))
	return q, e, err
}

func createMerchant(c *provider.Call) (provider.Reply, error) {
	q, e, err := readMerchant(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if e != nil {
		return provider.Reply{}, refused(duplicate)
	}
	if err := addMerchant(c, &q.Merchant); err != nil {
		return provider.Reply{}, err
	}
	return provider.JSON(0, profile{said(processed), &q.Merchant, profileActive}), nil
}

func getMerchant(c *provider.Call) (provider.Reply, error) {
	_, e, err := readMerchant(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if e == nil {
		return provider.Reply{}, refused(noCustomer)
	}
	return shownMerchant(e), nil
}

func updateMerchant(c *provider.Call) (provider.Reply, error) {
	q, e, err := readMerchant(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if e == nil {
		return provider.Reply{}, refused(noCustomer)
	}
	*e.Data = q.Merchant
	merchants.Update(c, e)
	return shownMerchant(e), nil
}
