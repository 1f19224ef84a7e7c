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

// flow is what links and consents have in common: the way to a bank's page and back.
type flow struct {
	WebID      string      `json:"web_id"`
	APIVersion string      `json:"api_version"` // v1, v2 or test: through which it was made
	Options    linkOptions `json:"options"`
	Tracking   tracking    `json:"tracking,omitzero"`
	InsertedAt time.Time   `json:"inserted_at"`
	StartedAt  time.Time   `json:"started_at,omitzero"`
	ExpiresAt  time.Time   `json:"expires_at"`

	MethodID string   `json:"method_id,omitzero"` // once it is chosen
	Payer    *payerAt `json:"service_provider,omitzero"`
	SCA      *sca     `json:"sca,omitzero"`

	FailureCode    string `json:"failure_code,omitzero"` // of ISO 20022
	FailureMessage string `json:"failure_message,omitzero"`
}

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

type linkOptions struct {
	Type         string `json:"type"`
	ExpiresIn    int    `json:"expires_in"` // seconds
	UserEditable bool   `json:"user_editable"`
	Template     string `json:"ux_template,omitzero"`
	CallbackURL  string `json:"callback_url,omitzero"`
	RedirectURL  string `json:"redirect_url,omitzero"`
}

type tracking struct {
	CustomerRef string `json:"customer_ref,omitzero"`
	PaymentRef  string `json:"payment_ref,omitzero"`
}

// payerAt is the bank that the payer chose.
type payerAt struct {
	ID          string `json:"provider_id"`
	FundsEvents bool   `json:"funds_events"`
}

// sca is the strong customer authentication at the bank: its page, and what its redirect must carry.
type sca struct {
	ID        string    `json:"id"`
	State     string    `json:"state"`
	CreatedAt time.Time `json:"created_at"`
	Code      string    `json:"code,omitzero"`         // given to the payer who approved
	User      string    `json:"user,omitzero"`         // who logged in
	Wrong     int       `json:"wrong_logins,omitzero"` // so far
	Handled   bool      `json:"handled,omitzero"`      // the redirect was taken in
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// The indexes: three that find one link, two that list a client's links, latest first.
const (
	byWebID  = "web"
	bySCA    = "sca"
	byState  = "sca_state"
	byClient = "client"
	byStatus = "status"
)

func (f *finqlink) kind() provider.KindDef {
	return links.Define(provider.Def[Link]{
		Index: indexes,
		Act:   f.act,
		Effects: map[string]func(*provider.Call, *provider.Entity[Link]) error{
			"start":         start,
			"choose_method": f.chooseMethod,
			"open_sca":      openSCA,
		},
	})
}

func indexes(e *provider.Entity[Link]) []provider.Index {
	l := e.Data
	all := []provider.Index{
		{Name: byWebID, Unique: true, Key: provider.Key{}.Text(l.WebID)},
		{Name: byClient, Key: place(provider.Key{}.Text(e.Client()), l.InsertedAt, e.ID())},
		{Name: byStatus, Key: place(provider.Key{}.Text(e.Client()).Text(e.State()), l.InsertedAt, e.ID())},
	}
	if l.SCA != nil {
		all = append(all,
			provider.Index{Name: bySCA, Unique: true, Key: provider.Key{}.Text(l.SCA.ID)},
			provider.Index{Name: byState, Unique: true, Key: provider.Key{}.Text(l.SCA.State)})
	}
	return all
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
	e.Data.choose(fitting[0])
	return nil
}

func (l *Link) choose(m method) {
	l.MethodID = m.id()
	l.Payer = &payerAt{ID: m.bank.ID, FundsEvents: m.bank.FundsEvents}
}

// openSCA gives the link its page at the bank, unless it was made with it.
func openSCA(c *provider.Call, e *provider.Entity[Link]) error {
	if e.Data.SCA == nil {
		e.Data.SCA = newSCA(links.NameOf(c, e), c.Now())
	}
	return nil
}

func newSCA(name provider.Name, now time.Time) *sca {
	return &sca{ID: name.Text("sca", 24, letters), State: name.Text("sca state", 24, letters), CreatedAt: now}
}

// direct tells the flow types that are paid inside create.
func (l *Link) direct() bool {
	return l.Options.Type == flowDirect || l.Options.Type == flowRedirect
}

func (l *Link) expired(now time.Time) bool { return !now.Before(l.ExpiresAt) }

// unpaid tells whether the payer has not paid yet: the states in which expiry counts.
func unpaid(state string) bool { return state == created || state == started }

func (l *Link) webURL(base string) string { return base + "/web/" + l.WebID }

// scaURL is the page of the bank; empty before there is one.
func (l *Link) scaURL(base string) string {
	if l.SCA == nil || l.Payer == nil {
		return ""
	}
	return base + "/bank/" + l.Payer.ID + "/sca/" + l.SCA.ID
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
