// Package link1 emulates 1LINK, the interbank switch of Pakistan, as its developer portal offers it.
//
// There are two faces. The gateway takes calls: a guard after the other finds out the client, whether the plans of its
// application hold the operation, whether their limits have room, and the token (gate.go, plan.go, token.go). What comes
// through is for the switch: title fetch and transfers (title.go, transfer.go), bills (bill.go), Raast requests to pay
// with their QR codes (pre.go, rtp.go), merchants (merchant.go). The same operations are called in SOAP envelopes (soap.go).
//
// Two sorts of refusal: what the gateway refuses has an HTTP status; the switch answers 200 with a code (dialect.go).
//
// Invariants: an application sees nothing of another. Between accounts that the mock holds, no money comes to be and
// none is lost. What a secret opens ends with it.
package link1

import (
	"time"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// ID is the provider's, as in paths, files and the control API.
const ID = "1link"

// The faces: the gateway and the portal.
const (
	gatewayFace = ID
	portalFace  = ID + "-portal"
)

// billKeys sign the answers about bills. They do not rotate within anybody's patience.
const (
	billKeys    = "bill"
	billKeyLife = 100 * 365 * 24 * time.Hour
)

// link is what the handlers share: the fixtures and templates. Nothing in it changes once it is made.
type link struct {
	catalogue
	fixtures
	portalTexts
	bank          *pages.Simulator
	notices, desk *pages.Page
}

// New makes the provider. Its errors are those of the fixtures and the templates.
func New() (*provider.Provider, error) {
	l := &link{}
	if err := l.read(); err != nil {
		return nil, err
	}
	return &provider.Provider{
		ID: ID, Title: "1LINK",
		Faces: []provider.Face{
			{Name: gatewayFace, Mount: "/1link", Hosts: []string{"sandboxapi.1link.net.pk"}},
			{Name: portalFace, Mount: "/1link-portal", Hosts: []string{"sandbox.1link.net.pk"}, Below: "/uat-1link/sandbox"},
		},
		Guards:      l.guards,
		Normalise:   normalise,
		Handlers:    l.handlers(),
		Envelopes:   envelopes(),
		Pages:       l.pages(),
		Kinds:       l.kinds(),
		Channels:    []provider.Channel{callback(), provider.MailChannel("mail", l.letter)},
		Problem:     l.refusal,
		Clients:     l.clients(),
		HashSecrets: true,
		KeySets:     []provider.KeySet{{Purpose: billKeys, Every: billKeyLife, Private: true, Alg: func(map[string]any) string { return "RS256" }}},
		Tokens:      []provider.TokenKind{{Name: "access", Read: inspectToken, Over: tokenOver, Revoke: revokeToken}},
		Fixtures:    l.lay,
		Secrets:     []string{"X-IBM-Client-Secret", "callback_secret"},
		Credentials: []provider.Credential{
			{Name: "client_id", Value: l.Apps[0].Client}, {Name: "client_secret", Value: l.Apps[0].Secret},
			{Name: "Portal user", Value: l.Users[0].Email}, {Name: "Portal password", Value: l.Users[0].Password},
			{Name: "Portal administrator", Value: l.Users[1].Email}, {Name: "Administrator's password", Value: l.Users[1].Password},
		},
	}, nil
}

func (l *link) read() (err error) {
	if err = l.catalogue.read(); err == nil {
		err = l.fixtures.read()
	}
	if err == nil {
		l.bank, err = pages.NewSimulator()
	}
	if err == nil {
		l.notices, err = pages.New(pages.Notices)
	}
	if err == nil {
		err = l.portalTexts.read()
	}
	if err == nil {
		l.desk, err = pages.New(portalPage)
	}
	return err
}

func (l *link) handlers() map[string]provider.Handler {
	return map[string]provider.Handler{
		"issueToken":            provider.Write(l.issueToken),
		"titleFetch":            provider.Write(l.titleFetch),
		"fundsTransfer":         provider.Write(l.fundsTransfer),
		"billInquiry":           provider.Write(l.billInquiry),
		"billPayment":           provider.Write(l.billPayment),
		"voidBillPayment":       provider.Write(l.voidBillPayment),
		"preRTPTitleFetch":      provider.Write(l.preTitleFetch),
		"preRTPAliasInquiry":    provider.Write(l.preAliasInquiry),
		"rtpNow":                provider.Write(l.askNow),
		"rtpLater":              provider.Write(l.askLater),
		"generateDynamicQR":     provider.Write(l.dynamicQR),
		"rtpStatus":             provider.Read(rtpStatus),
		"rtpCancellation":       provider.Write(rtpCancellation),
		"generateStaticQR":      provider.Read(staticQR),
		"createMerchantProfile": provider.Write(createMerchant),
		"getMerchantProfile":    provider.Read(getMerchant),
		"updateMerchantProfile": provider.Write(updateMerchant),
		"wsdlIbft":              provider.Read(wsdl(ibftService)),
		"wsdlBill":              provider.Read(wsdl(billService)),
	}
}

func (l *link) kinds() []provider.KindDef {
	return []provider.KindDef{
		userKind(), appKind(), credentialKind(), l.subscriptionKind(), tokenKind(), ticketKind(), topicKind(),
		accountKind(), titleKind(), transferKind(), billKind(), billPaymentKind(), merchantKind(), preKind(), rtpKind(),
	}
}

// karachi is Pakistan's time, which has been without summer time since 2009.
var karachi = time.FixedZone("PKT", 5*60*60)

// day names the day of an instant in Pakistan.
func day(t time.Time) string { return t.In(karachi).Format("20060102") }

// nextDay is when the day after begins in Pakistan.
func nextDay(t time.Time) time.Time {
	y, m, d := t.In(karachi).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, karachi).UTC()
}

const digits = "0123456789"
