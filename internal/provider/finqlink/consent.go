package finqlink

import (
	"slices"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const defaultValidity = 90 // days

func (f *finqlink) consentKind() provider.KindDef {
	return consents.Define(provider.Def[Consent]{
		Index: func(e *provider.Entity[Consent]) []provider.Index { return flowIndexes(&e.Data.flow) },
		Act: func(c *provider.Call, e *provider.Entity[Consent], what string) error {
			return act(c, orderConsent(e), what)
		},
		Effects: map[string]func(*provider.Call, *provider.Entity[Consent]) error{
			"start":         func(c *provider.Call, e *provider.Entity[Consent]) error { e.Data.StartedAt = c.Now(); return nil },
			"choose_method": f.chooseAIS,
			"open_sca":      openConsentSCA,
			"reset":         resetConsent,
			"authorize":     authorize,
			"refresh":       firstRefresh,
			"stop_job":      stopJob,
			"ask_bank":      askBank,
		},
	})
}

// chooseAIS takes the first method that fits where no user chose one.
func (f *finqlink) chooseAIS(_ *provider.Call, e *provider.Entity[Consent]) error {
	if e.Data.MethodID != "" {
		return nil
	}
	fitting := f.banks.matchingAIS(e.Data.Filter, e.Data.APIVersion)
	if len(fitting) == 0 {
		return problem.New(problem.Refused, "method_selection_error", "No bank shows data by the ais_method of this consent").At("/ais_method")
	}
	e.Data.choose(fitting[0].id(), fitting[0].bank)
	return nil
}

func openConsentSCA(c *provider.Call, e *provider.Entity[Consent]) error {
	e.Data.openSCA(consents.NameOf(c, e), c.Now())
	return nil
}

// resetConsent lets the user try again, at the same bank or another one. A bank that was fixed with the consent stays.
func resetConsent(_ *provider.Call, e *provider.Entity[Consent]) error {
	e.Data.Tries++
	e.Data.SCA, e.Data.Cancelled = nil, false
	if e.Data.Options.Type == flowLink {
		e.Data.MethodID, e.Data.Payer = "", nil
	}
	return nil
}

// authorize begins the access to data, whose end is reckoned from the authorisation.
func authorize(c *provider.Call, e *provider.Entity[Consent]) error {
	e.Data.Until = c.Now().AddDate(0, 0, e.Data.ValidityDays)
	return nil
}

type consentBody struct {
	Filter   aisFilter      `json:"ais_method"`
	Options  consentOptions `json:"options"`
	Tracking tracking       `json:"tracking"`
}

type consentOptions struct {
	linkOptions
	Scope        []string `json:"scope"`
	ValidityDays int      `json:"consent_validity_days"`
}

type consentCreated struct {
	RequestID    string `json:"request_id"`
	CreatedAt    string `json:"created_at"`
	ExpiresAt    string `json:"expires_at"`
	ValidityDays int    `json:"consent_validity_days"`
	App          string `json:"api_client_app"`
	ConsentID    string `json:"consent_id"`
	WebID        string `json:"web_id"`
	WebURL       string `json:"web_url"`
}

func (f *finqlink) createConsent(c *provider.Call) (provider.Reply, error) {
	var body consentBody
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	if err := body.complete(c); err != nil {
		return provider.Reply{}, err
	}
	name, err := consents.Next(c)
	if err != nil {
		return provider.Reply{}, err
	}
	consent, err := f.newConsent(c, name, body)
	if err != nil {
		return provider.Reply{}, err
	}
	if consent.App, err = appOf(c); err != nil {
		return provider.Reply{}, err
	}
	made, err := consents.Create(c, name, name.UUID(), consent)
	if err != nil {
		return provider.Reply{}, err
	}
	if made.Data.direct() && made.State() == created {
		if err := consents.Fire(c, made, "request"); err != nil {
			return provider.Reply{}, err
		}
	}
	return createdConsent(c, made)
}

// complete fills in what a request may leave out, and refuses a scope that the provider does not know.
func (b *consentBody) complete(c *provider.Call) error {
	o := &b.Options
	if o.ValidityDays == 0 {
		o.ValidityDays = defaultValidity
	}
	o.UserEditable = false // there is nothing to edit
	all := []string{accountsScope, balancesScope, transactionsScope}
	if o.Scope == nil {
		o.Scope = all
	}
	slices.Sort(o.Scope)
	if !slices.Equal(o.Scope, all) && !slices.Equal(o.Scope, all[:2]) {
		return problem.New(problem.Invalid, "", "must hold accounts and balances, and may hold transactions besides").At("/options/scope")
	}
	return o.complete(c)
}

func (f *finqlink) newConsent(c *provider.Call, name provider.Name, b consentBody) (*Consent, error) {
	consent := &Consent{
		flow: newFlow(c, name, b.Options.linkOptions, b.Tracking), Filter: b.Filter, Scope: b.Options.Scope, ValidityDays: b.Options.ValidityDays,
	}
	if b.Options.Type == flowLink {
		return consent, nil
	}
	method, err := f.banks.onlyAIS(b.Filter, version(c))
	if err != nil {
		return nil, err
	}
	consent.choose(method.id(), method.bank)
	consent.openSCA(name, c.Now())
	return consent, nil
}

func createdConsent(c *provider.Call, e *provider.Entity[Consent]) (provider.Reply, error) {
	app, err := appOf(c)
	return provider.Reply{Body: consentCreated{
		RequestID: requestID(c), CreatedAt: stamp(e.Created()), ExpiresAt: stamp(e.Data.ExpiresAt), ValidityDays: e.Data.ValidityDays,
		App: app, ConsentID: e.ID(), WebID: e.Data.WebID, WebURL: e.Data.entryURL(c.Base()),
	}}, err
}

// consentView is a consent as the API shows it.
type consentView struct {
	RequestID    string           `json:"request_id"`
	CreatedAt    string           `json:"created_at"`
	ExpiresAt    string           `json:"expires_at"`
	ValidityDays int              `json:"consent_validity_days"`
	App          string           `json:"api_client_app"`
	ConsentID    string           `json:"consent_id"`
	WebID        string           `json:"web_id"`
	WebURL       *string          `json:"web_url"`
	Status       string           `json:"status"`
	Until        *string          `json:"consent_expires_at"`
	Scope        []string         `json:"scope"`
	Bank         *chosenBank      `json:"service_provider"`
	Method       *aisView         `json:"ais_method"`
	Accounts     []consentAccount `json:"accounts"`
}

func (f *finqlink) getConsent(c *provider.Call) (provider.Reply, error) {
	e, err := askedConsent(c)
	if err != nil {
		return provider.Reply{}, err
	}
	app, err := appOf(c)
	d := e.Data
	v := consentView{
		RequestID: requestID(c), CreatedAt: stamp(e.Created()), ExpiresAt: stamp(d.ExpiresAt), ValidityDays: d.ValidityDays,
		App: app, ConsentID: e.ID(), WebID: d.WebID, WebURL: d.shownURL(c.Base()), Status: e.State(),
		Until: stampOrNull(d.Until), Scope: d.Scope, Accounts: slices.Concat([]consentAccount{}, d.Accounts),
	}
	v.Bank, v.Method = f.chosenAIS(d)
	return provider.Reply{Body: v}, err
}

// chosenAIS shows the bank and the method that were chosen; nil before.
func (f *finqlink) chosenAIS(d *Consent) (*chosenBank, *aisView) {
	m, ok := f.banks.aisMethod(d.MethodID)
	if !ok {
		return nil, nil
	}
	view := m.view()
	return m.bank.chosen(), &view
}

type consentRevoked struct {
	RequestID string `json:"request_id"`
	ConsentID string `json:"consent_id"`
	Status    string `json:"status"`
	App       string `json:"api_client_app"`
}

// revokeConsent ends a consent. One that is revoked already stays so; one that ended otherwise can not be.
func revokeConsent(c *provider.Call) (provider.Reply, error) {
	e, err := askedConsent(c)
	if err != nil {
		return provider.Reply{}, err
	}
	switch e.State() {
	case revoked:
	case lapsed, failed, suspended:
		return provider.Reply{}, notActive(e)
	default:
		if err := consents.Fire(c, e, "revoke"); err != nil {
			return provider.Reply{}, err
		}
	}
	app, err := appOf(c)
	return provider.Reply{Body: consentRevoked{RequestID: requestID(c), ConsentID: e.ID(), Status: e.State(), App: app}}, err
}

// askedConsent is the consent that the body names, if it is the calling client's.
func askedConsent(c *provider.Call) (*provider.Entity[Consent], error) {
	var body struct {
		ConsentID string `json:"consent_id"`
	}
	if err := c.Bind(&body); err != nil {
		return nil, err
	}
	return ownConsent(c, body.ConsentID)
}

// ownConsent finds a consent of the calling client. Another client's is not found.
func ownConsent(c *provider.Call, id string) (*provider.Entity[Consent], error) {
	e, err := consents.Get(c, id)
	if err == nil && (e == nil || e.Client() != c.Principal.Client) {
		err = problem.New(problem.NotFound, "consent_not_found", "There is no such consent").At("/consent_id")
	}
	return e, err
}

// activeConsent is ownConsent for those who want its data.
func activeConsent(c *provider.Call, id string) (*provider.Entity[Consent], error) {
	e, err := ownConsent(c, id)
	if err == nil && e.State() != active {
		err = notActive(e)
	}
	return e, err
}

func notActive(e *provider.Entity[Consent]) error {
	return problem.Newf(problem.Refused, "consent_not_active", "The consent is not active: it is %s", e.State())
}

// settledConsent are the states that a caller of redirect waits for.
func settledConsent(state string) bool {
	return slices.Contains([]string{authorized, active, failed, lapsed, revoked, suspended}, state)
}

// firstRefresh has a consent that becomes active bring its data.
func firstRefresh(c *provider.Call, e *provider.Entity[Consent]) error {
	_, err := startJob(c, e, e.Data.Options.CallbackURL)
	return err
}

// askBank has the story count from now: of a bank that takes its time, the approval is where that time begins.
func askBank(c *provider.Call, e *provider.Entity[Consent]) error {
	return consents.Retell(c, e, e.Scenario())
}
