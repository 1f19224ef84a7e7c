// Package payone emulates PAYONE Link: payment links for a shopping cart, and the page on which a shopper pays
// them.
//
// A merchant's server makes a link (create.go, signed as authorize.go says). The shopper opens its page and
// executes it (execute.go), once; that makes the payment, whose machine and stories say what becomes of it. The
// merchant learns of the execution by a signed message to the link's notifyUrl (notification.go), and of the money
// by the older form-encoded TransactionStatus to the portal's URL (transaction.go).
//
// Invariants: a link's status is never stored but follows from its data and the clock; a link is executed at most
// once, and what it says of money is the sum of its payment's bookings.
package payone

import (
	"github.com/mockbank/mockbank/fixtures"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/strictyaml"
)

const (
	mount = "/payone"
	host  = "onelink.pay1.de"
)

// payone is what the handlers share. Nothing in it changes once it is made.
type payone struct {
	screens screens
}

// New makes the provider. Its errors are those of the fixtures, of the pages, and of the time zone.
func New() (*provider.Provider, error) {
	if _, err := loadZone(); err != nil {
		return nil, err
	}
	p := &payone{}
	var err error
	if p.screens, err = readScreens(); err != nil {
		return nil, err
	}
	portals, err := readPortals()
	if err != nil {
		return nil, err
	}
	return &provider.Provider{
		ID: "payone", Title: "PAYONE Link",
		Faces:     []provider.Face{{Name: "payone", Mount: mount, Hosts: []string{host}}},
		Guards:    guards,
		Normalise: normalise,
		Rules:     rules,
		Handlers: map[string]provider.Handler{
			createOp: provider.Write(p.createLink), listOp: provider.Read(p.listLinks),
			getOp: provider.Read(p.getLink), updateOp: provider.Write(p.updateLink),
		},
		Pages:       p.pages(),
		Kinds:       []provider.KindDef{p.linkKind(), p.paymentKind()},
		Channels:    []provider.Channel{executions(), transactionStatuses()},
		Problem:     p.refusal,
		Clients:     portals,
		Credentials: credentials(portals[0]),
		Secrets:     []string{fieldNumber, fieldExpiry, fieldCode},
	}, nil
}

func readPortals() ([]oauth.Client, error) {
	const path = "payone/clients.yaml"
	data, err := fixtures.FS.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Clients []oauth.Client `yaml:"clients"`
	}
	return file.Clients, strictyaml.Unmarshal("fixtures/"+path, data, &file)
}

// credentials are what a newcomer signs with.
func credentials(portal oauth.Client) []provider.Credential {
	return []provider.Credential{
		{Name: "merchantId", Value: text(portal.Settings["merchant_id"])},
		{Name: "accountId", Value: firstOf(portal.Settings["account_ids"])},
		{Name: "portalId", Value: portal.ID}, {Name: "portal key", Value: portal.Secret},
	}
}

func firstOf(v any) string {
	if list, ok := v.([]any); ok && len(list) > 0 {
		return text(list[0])
	}
	return ""
}
