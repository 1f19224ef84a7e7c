package finqlink

import (
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// bankOptions say what a reply tells about banks.
type bankOptions struct {
	ShowMethods *bool `json:"show_payment_methods"`
	ShowSchema  bool  `json:"show_validation_schema"`
	ShowAIS     bool  `json:"show_ais_methods"`
	AISFilter   struct {
		Owners []string `json:"account_owner_type"`
		Type   string   `json:"interface_type"`
		Env    string   `json:"interface_env"`
	} `json:"ais_methods_filter"`
}

type bankView struct {
	ID      string        `json:"provider_id"`
	Name    string        `json:"name"`
	Country string        `json:"country"`
	BIC     *string       `json:"bic"`
	Logo    string        `json:"logo_url"`
	Methods *[]methodView `json:"payment_methods,omitzero"` // absent, or an array that may be empty
	AIS     *[]aisView    `json:"ais_methods,omitzero"`
}

type methodView struct {
	ID         string   `json:"payment_method_id"`
	Accounts   []string `json:"account_types"`
	Remitter   any      `json:"remitter_type"` // an array; in v1 a text
	Scheme     string   `json:"payment_scheme"`
	Currencies []string `json:"currencies"`
	Env        string   `json:"env"`
	Features   features `json:"features"`
	Schema     any      `json:"validation_schema,omitzero"`
}

type features struct {
	Flows       []string `json:"flow_types"`
	DebtorIBAN  string   `json:"debtor_iban"`
	PSUID       string   `json:"psu_id"`
	FundsEvents bool     `json:"funds_events"`
}

type banksReply struct {
	RequestID string     `json:"request_id"`
	App       string     `json:"api_client_app"`
	Banks     []bankView `json:"providers"`
}

type bankReply struct {
	RequestID string   `json:"request_id"`
	App       string   `json:"api_client_app"`
	Bank      bankView `json:"provider"`
}

func (f *finqlink) listProviders(c *provider.Call) (provider.Reply, error) {
	var body struct {
		Options bankOptions `json:"options"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	views := make([]bankView, len(f.banks))
	for i, b := range f.banks {
		views[i] = b.view(c, body.Options)
	}
	app, err := appOf(c)
	return provider.Reply{Body: banksReply{RequestID: requestID(c), App: app, Banks: views}}, err
}

func (f *finqlink) getProvider(c *provider.Call) (provider.Reply, error) {
	var body struct {
		ID      string      `json:"provider_id"`
		Options bankOptions `json:"options"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	b := f.banks.bank(body.ID)
	if b == nil {
		return provider.Reply{}, problem.New(problem.NotFound, "", "There is no provider of this id; providers/list has them all").At("/provider_id")
	}
	app, err := appOf(c)
	return provider.Reply{Body: bankReply{RequestID: requestID(c), App: app, Bank: b.view(c, body.Options)}}, err
}

func logoPath(bank string) string { return "/assets/" + bank + ".svg" }

func (b *bank) view(c *provider.Call, o bankOptions) bankView {
	v := bankView{ID: b.ID, Name: b.Name, Country: b.Country, BIC: b.BIC, Logo: c.Base() + logoPath(b.ID)}
	if o.ShowMethods == nil || *o.ShowMethods {
		methods := b.methodViews(version(c), o.ShowSchema)
		v.Methods = &methods
	}
	if o.ShowAIS && version(c) != v1 {
		methods := b.aisViews(version(c), o)
		v.AIS = &methods
	}
	return v
}

func (b *bank) methodViews(version string, schema bool) []methodView {
	views := []methodView{}
	for _, m := range b.methods() {
		if version == test && m.env != sandbox {
			continue
		}
		for _, view := range m.views(version) {
			if schema {
				view.Schema = m.schema()
			}
			views = append(views, view)
		}
	}
	return views
}

// views show a method. v1 has an entry for each type of remitter.
func (m method) views(version string) []methodView {
	if version != v1 {
		return []methodView{m.view(m.remitters)}
	}
	var views []methodView
	for _, remitter := range m.remitters {
		views = append(views, m.view(remitter))
	}
	return views
}

func (m method) view(remitter any) methodView {
	return methodView{
		ID: m.id(), Accounts: []string{"current"}, Remitter: remitter, Scheme: m.scheme, Currencies: []string{m.currency()}, Env: m.env,
		Features: features{Flows: []string{flowLink, flowWrapped, flowDirect, flowRedirect}, DebtorIBAN: "optional", PSUID: "optional", FundsEvents: m.bank.FundsEvents},
	}
}

// schema is a JSON Schema of the single_transfer that the method takes.
func (m method) schema() any {
	iban := "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"
	if m.scheme != sepa {
		iban = "^" + m.bank.Country + "[0-9]{2}[A-Z]{4}[A-Z0-9]{16}$"
	}
	text := func(most int) map[string]any { return map[string]any{"type": "string", "maxLength": most} }
	return map[string]any{
		"type":     "object",
		"required": []string{"amount", "currency", "creditor_name", "creditor_iban"},
		"properties": map[string]any{
			"amount":        map[string]any{"type": "string", "pattern": `^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$`},
			"currency":      map[string]any{"type": "string", "enum": []string{m.currency()}},
			"creditor_name": map[string]any{"type": "string", "minLength": 1, "maxLength": 70},
			"creditor_iban": map[string]any{"type": "string", "pattern": iban},
			"debtor_iban":   map[string]any{"type": "string", "pattern": iban},
			"psu_id":        text(128),
			"debtor_name":   text(70),
			"details":       text(140),
			"end_to_end_id": text(35),
		},
	}
}
