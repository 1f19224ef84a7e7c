// Package onelinkfintech emulates OneLinkFintech: accounts, and payments between them.
//
// A caller shows an API key (authenticate.go), which belongs to a platform. The platform opens accounts for its users
// (account.go), knows bank accounts outside (recipient.go), and pays to both (payment.go) from its settlement
// account in the payment's currency. Whatever a platform makes is one of three collections (collection.go), which
// are made, read and listed alike. What goes wrong is said in the provider's dialect (dialect.go), and the webhooks
// (webhook.go) are an extension of the mock. People look at all of it in the dashboard (dashboard.go), and manage keys
// there.
//
// Invariants: a platform sees its own objects only; another's are as unknown to it as those that never were. No
// money comes to be and none is lost but by a deposit: what a payment takes from its sender is on its way until it
// is the recipient's or, when the payment fails, the sender's again. No balance falls below 0.
//
// The provider says little. What it leaves open is chosen here, and marked so in the spec.
package onelinkfintech

import (
	"net/http"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// ID is the provider's, as in paths, files and the control API.
const ID = "onelinkfintech"

const (
	longestBody = 64 << 10
	answerLife  = 24 * time.Hour // of a request that has an idempotency key
)

// onelink is what the handlers share: the fixtures. Nothing in it changes once it is made.
type onelink struct {
	fixtures
}

// New makes the provider. Its errors are those of the fixtures.
func New() (*provider.Provider, error) {
	fixtures, err := readFixtures()
	if err != nil {
		return nil, err
	}
	o := &onelink{fixtures}
	return o.addDashboard(&provider.Provider{
		ID: ID, Title: "OneLinkFintech",
		Faces:       []provider.Face{{Name: ID, Mount: "/onelinkfintech", Hosts: []string{"api.sandbox.onelinkfintech.com"}}},
		MaxBody:     longestBody,
		Guards:      guards,
		Normalise:   normalise,
		Idempotency: idempotency(),
		Handlers:    o.handlers(),
		Kinds:       []provider.KindDef{accountKind(), recipientKind(), paymentKind(), keyKind()},
		Channels:    []provider.Channel{channel()},
		Problem:     refusal,
		Fixtures:    o.lay,
		Clients:     o.clients(),
		HashSecrets: true,
		Credentials: []provider.Credential{{Name: "API key", Value: o.Keys[0].Secret}},
	})
}

func (o *onelink) handlers() map[string]provider.Handler {
	return map[string]provider.Handler{
		"createAccount":   provider.Write(o.createAccount),
		"getAccount":      provider.Read(accounts.get),
		"listAccounts":    provider.Read(accounts.list),
		"createRecipient": provider.Write(createRecipient),
		"getRecipient":    provider.Read(o.getRecipient),
		"listRecipients":  provider.Read(recipients.list),
		"createPayment":   provider.Write(o.createPayment),
		"getPayment":      provider.Read(payments.get),
		"listPayments":    provider.Read(payments.list),
	}
}

const idempotencyHeader = "Idempotency-Key"

// idempotency keeps what was decided about a request, refusals by a rule of the business among it. A request that
// was not as it must be, or met a fault, runs afresh.
func idempotency() *provider.Idempotency {
	return &provider.Idempotency{
		Life: answerLife,
		Key: func(c *provider.Call) (provider.Key, error) {
			c.IdempotencyKey = c.Header.Get(idempotencyHeader)
			if c.IdempotencyKey == "" {
				return nil, nil
			}
			return provider.Key{}.Number(uint64(platform(c))).Text(c.IdempotencyKey), nil
		},
		Keeps: func(e *problem.Error) bool {
			return e.Kind == problem.Refused || e.Kind == problem.NotFound
		},
		Replayed: http.Header{"Idempotent-Replayed": {"true"}},
	}
}

const stampForm = "2006-01-02T15:04:05Z"

// stamp writes a time as replies have it.
func stamp(t time.Time) string { return t.UTC().Format(stampForm) }
