package finqlink

import (
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
)

// aisMethod is one way to read data: a bank and an environment. Both environments are simulated.
type aisMethod struct {
	bank *bank
	env  string
}

const psd2 = "psd2" // the one interface that the banks here have

func (m aisMethod) id() string { return m.bank.ID + "." + psd2 + "." + m.env }

func (b *bank) aisMethods() []aisMethod {
	if len(b.AIS) == 0 {
		return nil
	}
	return []aisMethod{{b, sandbox}, {b, prod}}
}

// aisMethod finds one by its id; false where there is none.
func (c catalogue) aisMethod(id string) (aisMethod, bool) {
	name, _, _ := strings.Cut(id, ".")
	if b := c.bank(name); b != nil {
		for _, m := range b.aisMethods() {
			if m.id() == id {
				return m, true
			}
		}
	}
	return aisMethod{}, false
}

// aisFilter says by which methods a consent may be given. What it leaves open matches all, but for the environment,
// which is the sandbox then.
type aisFilter struct {
	ProviderID string `json:"provider_id,omitzero"`
	Owner      string `json:"account_owner_type,omitzero"`
	Type       string `json:"interface_type,omitzero"`
	Env        string `json:"interface_env,omitzero"`
}

func (f aisFilter) takes(m aisMethod) bool {
	env := f.Env
	if env == "" {
		env = sandbox
	}
	return env == m.env &&
		(f.ProviderID == "" || f.ProviderID == m.bank.ID) &&
		(f.Owner == "" || slices.Contains(m.bank.AIS, f.Owner)) &&
		(f.Type == "" || f.Type == psd2)
}

// matchingAIS are the methods that a user is offered.
func (c catalogue) matchingAIS(f aisFilter, version string) []aisMethod {
	var found []aisMethod
	for _, b := range c {
		for _, m := range b.aisMethods() {
			if f.takes(m) && knowsEnv(version, m.env) {
				found = append(found, m)
			}
		}
	}
	return found
}

// knowsEnv tells whether a version of the API has an environment: /test has the sandbox only.
func knowsEnv(version, env string) bool { return version != test || env == sandbox }

// onlyAIS finds the one method of a consent whose bank is asked inside create.
func (c catalogue) onlyAIS(f aisFilter, version string) (aisMethod, error) {
	found := c.matchingAIS(f, version)
	if len(found) == 1 {
		return found[0], nil
	}
	return aisMethod{}, problem.Newf(problem.Refused, "method_selection_error",
		"ais_method must leave exactly one method for this type of consent, and leaves %d: give provider_id and interface_env as providers/list has them", len(found)).At("/ais_method")
}

type aisView struct {
	ID       string   `json:"ais_method_id"`
	Owners   []string `json:"account_owner_type"`
	Type     string   `json:"interface_type"`
	Env      string   `json:"interface_env"`
	Validity int      `json:"max_validity_days"`
}

func (m aisMethod) view() aisView {
	return aisView{ID: m.id(), Owners: m.bank.AIS, Type: psd2, Env: m.env, Validity: m.bank.MaxValidity}
}

func (b *bank) aisViews(version string, o bankOptions) []aisView {
	views := []aisView{}
	for _, m := range b.aisMethods() {
		if knowsEnv(version, m.env) && o.takesAIS(m) {
			views = append(views, m.view())
		}
	}
	return views
}

func (o bankOptions) takesAIS(m aisMethod) bool {
	shared := len(o.AISFilter.Owners) == 0 ||
		slices.ContainsFunc(o.AISFilter.Owners, func(owner string) bool { return slices.Contains(m.bank.AIS, owner) })
	return shared && aisFilter{Type: o.AISFilter.Type, Env: o.AISFilter.Env}.takes(m)
}
