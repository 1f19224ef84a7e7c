package finqlink

import (
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const links provider.Kind[Link] = "link"

// The states of a link that code looks at; the law has more.
const (
	created        = "created"
	started        = "started"
	requested      = "requested"
	intentAccepted = "intent_accepted"
	awaitingAuthz  = "awaiting_authz"
	received       = "received"
	submitted      = "submitted"
	completed      = "completed"
	failed         = "failed"
	revoked        = "revoked"
	fundsReceived  = "funds_received"
	fundsRejected  = "funds_rejected"
)

// The flow types.
const (
	flowLink     = "link"
	flowWrapped  = "wrapped_sca"
	flowDirect   = "direct_sca"
	flowRedirect = "redirect_sca"
)

// Link is a payment link as it is stored, and as expressions of scenario files see it. Its id and its client
// are the entity's.
type Link struct {
	flow
	Transfer transfer `json:"single_transfer"`
	Filter   filter   `json:"payment_method,omitzero"`
}

type transfer struct {
	Amount       string `json:"amount"`
	Currency     string `json:"currency"`
	CreditorName string `json:"creditor_name"`
	CreditorIBAN string `json:"creditor_iban"`
	Goods        []good `json:"goods,omitzero"`
	DebtorIBAN   string `json:"debtor_iban,omitzero"`
	PSUID        string `json:"psu_id,omitzero"`
	DebtorName   string `json:"debtor_name,omitzero"`
	Details      string `json:"details,omitzero"`
	EndToEndID   string `json:"end_to_end_id,omitzero"`
}

type good struct {
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
	Amount   string `json:"amount"`
}

// The indexes: three that find one link, two that list a client's links, latest first.
const (
	byWebID  = "web"
	bySCA    = "sca"
	byState  = "sca_state"
	byClient = "client"
	byStatus = "status"
)

func (f *finqlink) linkKind() provider.KindDef {
	return links.Define(provider.Def[Link]{
		Index: indexes,
		Act:   func(c *provider.Call, e *provider.Entity[Link], what string) error { return act(c, orderLink(e), what) },
		Effects: map[string]func(*provider.Call, *provider.Entity[Link]) error{
			"start":         start,
			"choose_method": f.chooseMethod,
			"open_sca":      openLinkSCA,
		},
	})
}

func indexes(e *provider.Entity[Link]) []provider.Index {
	l := e.Data
	return append(flowIndexes(&l.flow),
		provider.Index{Name: byClient, Key: place(provider.Key{}.Text(e.Client()), e.Created(), e.ID())},
		provider.Index{Name: byStatus, Key: place(provider.Key{}.Text(e.Client()).Text(e.State()), e.Created(), e.ID())})
}

// place is where a link stands in a list.
func place(list provider.Key, at time.Time, id string) provider.Key { return list.Latest(at).Text(id) }

// start notes when the payer came.
func start(c *provider.Call, e *provider.Entity[Link]) error {
	e.Data.StartedAt = c.Now()
	return nil
}

// chooseMethod takes the first method that fits where no payer chose one: in a story without a person, or when
// the control API pays.
func (f *finqlink) chooseMethod(_ *provider.Call, e *provider.Entity[Link]) error {
	if e.Data.MethodID != "" {
		return nil
	}
	fitting := f.banks.fitting(e.Data.Filter, &e.Data.Transfer)
	if len(fitting) == 0 {
		return problem.New(problem.Refused, "method_selection_error", "No payment method matches this link: its payment_method, currency and accounts fit no bank").At("/payment_method")
	}
	e.Data.choose(fitting[0].id(), fitting[0].bank)
	return nil
}

func openLinkSCA(c *provider.Call, e *provider.Entity[Link]) error {
	e.Data.openSCA(links.NameOf(c, e), c.Now())
	return nil
}

// shown is the status as a version of the API has it: v1 does not know the two of the funds.
func shown(state, version string) string {
	if version != v1 {
		return state
	}
	switch state {
	case fundsReceived:
		return completed
	case fundsRejected:
		return failed
	}
	return state
}

// The versions, as the path begins.
const (
	v1   = "v1"
	v2   = "v2"
	test = "test"
)

func version(c *provider.Call) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(c.Path, "/"), "/")
	return first
}

const stampForm = "2006-01-02T15:04:05.000000Z"

// stamp writes a time as replies have it.
func stamp(t time.Time) string { return t.UTC().Format(stampForm) }

// stampOrNull writes null for a time that never was.
func stampOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := stamp(t)
	return &s
}
