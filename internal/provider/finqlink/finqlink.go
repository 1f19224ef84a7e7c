// Package finqlink emulates FinqLink, the open banking of Finqware in Romania: its payment links (Pay), and its consents
// to read account data (Data).
//
// A client makes a link (create.go) or a consent (consent.go) of one of four flow types. Both are orders (order.go), and
// a person decides about either the same way: opens it (web.go), chooses a bank (checkout.go), and is sent to that
// bank's page (bankpage.go), which sends the person back with a code or an error; that redirect is handled once
// (redirect.go), by our own pages or, for direct_sca, by the client's call. What the bank does afterwards is the
// story's. A consent that becomes active starts a job (job.go), whose steps bring accounts, balances and transactions
// (banking_load.go) for the client to list. Every change of status goes out as a signed webhook (webhook.go).
//
// What a consent opens follows from a book (banking.go), which tells all that ever happens on one account of a bank's
// customer. Jobs read it (banking_load.go): accounts and balances become records, and of transactions it is kept only when
// they were read, since the book tells the rest.
//
// /v1, /v2 and /test are three forms of one API over the same links: a link that was made through one is
// readable through the others. The Data half is in the last two only.
//
// Invariant: a client sees its own links and consents only; another's is as unknown to it as one that never was.
package finqlink

import (
	"time"

	"github.com/mockbank/mockbank/fixtures"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/pki/rules"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/strictyaml"
)

// The purposes of the key sets.
const (
	webhookKeys = "webhook"
	tokenKeys   = "token"
)

// keyLife is how long a key signs before the next one does.
const keyLife = 90 * 24 * time.Hour

// finqlink is what the handlers share. Nothing in it changes once it is made.
type finqlink struct {
	banks   catalogue
	screens screens
}

// New makes the provider. Its errors are those of the fixtures.
func New() (*provider.Provider, error) {
	f := &finqlink{}
	var err error
	if f.banks, err = readBanks(); err != nil {
		return nil, err
	}
	if f.screens, err = readScreens(); err != nil {
		return nil, err
	}
	clients, err := readClients()
	if err != nil {
		return nil, err
	}
	p := &provider.Provider{
		ID: "finqlink", Title: "FinqLink (Finqware)",
		Faces:     []provider.Face{{Name: "finqlink", Mount: mount, Hosts: []string{apiHost, tokenHost}}},
		Guards:    guards,
		Normalise: normalise,
		Handlers:  f.handlers(),
		Pages:     f.pages(),
		Kinds:     []provider.KindDef{f.linkKind(), f.consentKind(), f.jobKind(), accountKind(), balanceKind()},
		Channels:  []provider.Channel{channel()},
		Problem:   f.refusal,
		Clients:   clients,
		KeySets: []provider.KeySet{
			{Purpose: webhookKeys, Every: keyLife, Alg: webhookAlg},
			{Purpose: tokenKeys, Every: keyLife, Private: true, Alg: func(map[string]any) string { return "RS256" }},
		},
		Certificates: &provider.Certificates{Check: rules.Check, Advise: rules.Advice, AtHandshake: refusesAtHandshake},
		Tokens:       []provider.TokenKind{{Name: "access", Read: inspectToken}},
	}
	for _, client := range clients {
		p.KeyPairs = append(p.KeyPairs, client.ID)
		p.Credentials = append(p.Credentials,
			provider.Credential{Name: "client_id", Value: client.ID}, provider.Credential{Name: "client_secret", Value: client.Secret})
	}
	p.Credentials = append(p.Credentials, provider.Credential{Name: "scope", Value: scope})
	return p, nil
}

func (f *finqlink) handlers() map[string]provider.Handler {
	return map[string]provider.Handler{
		"createLink":       provider.Write(f.createLink),
		"getLink":          provider.Read(f.getLink),
		"listLinks":        provider.Read(f.listLinks),
		"redirectLink":     provider.Write(redirectLink),
		"createConsent":    provider.Write(f.createConsent),
		"getConsent":       provider.Read(f.getConsent),
		"revokeConsent":    provider.Write(revokeConsent),
		"redirectConsent":  provider.Write(redirectConsent),
		"createJob":        provider.Write(createJob),
		"getJob":           provider.Read(f.getJob),
		"listAccounts":     provider.Read(f.listAccounts),
		"listBalances":     provider.Read(f.listBalances),
		"listTransactions": provider.Read(f.listTransactions),
		"listProviders":    provider.Read(f.listProviders),
		"getProvider":      provider.Read(f.getProvider),
		"createToken":      provider.Write(createToken),
		"getTokenKeys":     provider.Read(publish(tokenKeys)),
		"getWebhookKeys":   provider.Read(publish(webhookKeys)),
		"getMetadata":      provider.Read(getMetadata),
	}
}

func refusesAtHandshake(settings map[string]any) bool { return settings["refuse"] != "http" }

func webhookAlg(settings map[string]any) string {
	alg, _ := settings["webhook_alg"].(string)
	return alg
}

func readClients() ([]oauth.Client, error) {
	var file struct {
		Clients []oauth.Client `yaml:"clients"`
	}
	err := readFixture("clients", &file)
	return file.Clients, err
}

func readFixture(name string, into any) error {
	path := "finqlink/" + name + ".yaml"
	data, err := fixtures.FS.ReadFile(path)
	if err != nil {
		return err
	}
	return strictyaml.Unmarshal("fixtures/"+path, data, into)
}
