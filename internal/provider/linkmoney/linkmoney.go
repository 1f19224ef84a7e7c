// Package linkmoney emulates Link Money: payments from and to bank accounts in the US, which customers link first.
//
// A merchant asks for a session of one customer (session.go). The customer opens the session's page, logs in at a bank
// and chooses an account; all that happens there is told by flow.go, without a page. It ends in a redirect
// (redirect.go), and a customer with an account (customer.go, account.go) that payments can be made from and to
// (payment.go, pay.go): debits, payouts, refunds, and the one that a session may carry along. What the ACH network does
// with them is the story's. Subscribers hear of all changes by webhook (webhook.go).
//
// Sessions come in two generations, with credentials of their own (authenticate.go); everything else exists once.
//
// Invariants: clients of one merchant share its objects, and another merchant's are as unknown to them as those that
// never were. A request key is used once by a merchant, whatever became of the payment.
//
// The provider leaves much open. What is chosen here is marked so in the spec.
package linkmoney

import (
	"time"

	"github.com/mockbank/mockbank/fixtures"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/strictyaml"
)

// ID is the provider's, as in paths, files and the control API. The faces are its API, its hosted page, and the host
// of its files.
const (
	ID         = "linkmoney"
	clientFace = ID + "-client"
	staticFace = ID + "-static"
)

// tokenKeys is the purpose of the key set that signs access tokens, tokenKeyLife for how long a key does.
const (
	tokenKeys    = "token"
	tokenKeyLife = 90 * 24 * time.Hour
)

// linkmoney is what the handlers share: the fixtures. Nothing in it changes once it is made.
type linkmoney struct {
	banks catalogue
}

// New makes the provider. Its errors are those of the fixtures.
func New() (*provider.Provider, error) {
	l := &linkmoney{}
	if err := readFixture("institutions", &l.banks); err != nil {
		return nil, err
	}
	var file struct {
		Clients []oauth.Client `yaml:"clients"`
	}
	if err := readFixture("clients", &file); err != nil {
		return nil, err
	}
	return &provider.Provider{
		ID: ID, Title: "Link Money",
		Faces:       faces(),
		Guards:      guards,
		Rules:       rules,
		Handlers:    l.handlers(),
		Pages:       l.pages(),
		Kinds:       []provider.KindDef{l.sessionKind(), customerKind(), accountKind(), paymentKind(), subscriptionKind()},
		Channels:    []provider.Channel{channel()},
		Problem:     refusal,
		Clients:     file.Clients,
		Credentials: credentials(file.Clients),
		KeySets: []provider.KeySet{
			{Purpose: tokenKeys, Every: tokenKeyLife, Private: true, Alg: func(map[string]any) string { return "RS256" }},
		},
		Secrets: []string{"secretKey"},
	}, nil
}

func faces() []provider.Face {
	return []provider.Face{
		{
			Name: ID, Mount: "/" + ID, Hosts: []string{apiSandbox, apiProduction},
			CORS: []provider.CORS{{Path: "/public/v1/customers/", Methods: "GET, OPTIONS", Headers: "authorization, content-type"}},
		},
		{Name: clientFace, Mount: "/" + clientFace, Hosts: []string{clientSandbox, clientProduction}},
		{Name: staticFace, Mount: "/" + staticFace, Hosts: []string{staticHost}},
	}
}

func (l *linkmoney) handlers() map[string]provider.Handler {
	return map[string]provider.Handler{
		"createToken":     provider.Write(createToken),
		"createSession":   provider.Write(l.createSession),
		"createSessionV2": provider.Write(l.createSessionV2),
		"createPayment":   provider.Write(createPayment),
		"createRefund":    provider.Write(createRefund),
		"releasePayment":  provider.Write(releasePayment),
		"cancelPayment":   provider.Write(cancelPayment),
		"getTransaction":  provider.Read(getTransaction),
		"getCustomer":     provider.Read(getCustomer),
		"listAccounts":    provider.Read(listAccounts),
		"listOwnAccounts": provider.Read(listOwnAccounts),
		"subscribe":       provider.Write(subscribe),
		"unsubscribe":     provider.Write(unsubscribe),
	}
}

func credentials(clients []oauth.Client) []provider.Credential {
	var all []provider.Credential
	for _, client := range clients {
		all = append(all,
			provider.Credential{Name: "client_id", Value: client.ID}, provider.Credential{Name: "client_secret", Value: client.Secret},
			provider.Credential{Name: "merchant id", Value: demoMerchant})
	}
	return all
}

func readFixture(name string, into any) error {
	path := ID + "/" + name + ".yaml"
	data, err := fixtures.FS.ReadFile(path)
	if err != nil {
		return err
	}
	return strictyaml.Unmarshal("fixtures/"+path, data, into)
}

const stampForm = "2006-01-02T15:04:05.000Z"

// stamp writes a time as replies have it.
func stamp(t time.Time) string { return t.UTC().Format(stampForm) }
