package finqlink

import (
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
)

// bank is what the API calls a provider, as the fixtures have it.
type bank struct {
	ID          string              `yaml:"id"`
	Name        string              `yaml:"name"`
	Country     string              `yaml:"country"`
	BIC         *string             `yaml:"bic"`
	Payments    map[string][]string `yaml:"payments"` // remitters by scheme
	FundsEvents bool                `yaml:"funds_events"`
	AIS         []string            `yaml:"ais"`
	MaxValidity int                 `yaml:"max_validity_days"`
	Login       string              `yaml:"login"`
	Users       []user              `yaml:"users"`
}

// user may log in at a bank, by what the bank's login asks for.
type user struct {
	PSUID    string    `yaml:"psu_id"`
	Name     string    `yaml:"name"`
	Password string    `yaml:"password"`
	PIN      string    `yaml:"pin"`
	Accounts []account `yaml:"accounts"`
}

type account struct {
	IBAN     string `yaml:"iban"`
	Currency string `yaml:"currency"`
	Name     string `yaml:"name"`
}

const (
	retail    = "retail"
	corporate = "corporate"
	sandbox   = "sandbox"
	prod      = "prod"
	sepa      = "sepa"
)

// schemes in the order in which a bank's methods are listed. sepa takes euro, the others lei.
var schemes = []string{"domestic", "instant", sepa}

// catalogue holds the banks in the order of the fixtures.
type catalogue []*bank

func readBanks() (catalogue, error) {
	var file struct {
		Banks catalogue `yaml:"banks"`
	}
	err := readFixture("banks", &file)
	return file.Banks, err
}

// bank finds one by its id; nil where there is none.
func (c catalogue) bank(id string) *bank {
	for _, b := range c {
		if b.ID == id {
			return b
		}
	}
	return nil
}

// method is one way to pay: a bank, a scheme and an environment. Both environments are simulated.
type method struct {
	bank      *bank
	scheme    string
	env       string
	remitters []string
}

func (m method) id() string { return m.bank.ID + "." + m.scheme + "." + m.env }

func (m method) currency() string {
	if m.scheme == sepa {
		return "EUR"
	}
	return "RON"
}

func (b *bank) methods() []method {
	var all []method
	for _, scheme := range schemes {
		for _, env := range []string{sandbox, prod} {
			if remitters := b.Payments[scheme]; len(remitters) > 0 {
				all = append(all, method{bank: b, scheme: scheme, env: env, remitters: remitters})
			}
		}
	}
	return all
}

// method finds one by its id; false where there is none.
func (c catalogue) method(id string) (method, bool) {
	name, _, _ := strings.Cut(id, ".")
	if b := c.bank(name); b != nil {
		for _, m := range b.methods() {
			if m.id() == id {
				return m, true
			}
		}
	}
	return method{}, false
}

// filter says which methods a link may be paid by. What it leaves open matches all, but for the environment,
// which is the sandbox then.
type filter struct {
	ProviderID   string `json:"provider_id,omitzero"`
	RemitterType string `json:"remitter_type,omitzero"`
	Scheme       string `json:"payment_scheme,omitzero"`
	Env          string `json:"env,omitzero"`
}

// stored leaves out what it says without need.
func (f filter) stored() filter {
	if f.Env == sandbox {
		f.Env = ""
	}
	return f
}

func (f filter) takes(m method) bool {
	env := f.Env
	if env == "" {
		env = sandbox
	}
	return env == m.env &&
		(f.ProviderID == "" || f.ProviderID == m.bank.ID) &&
		(f.Scheme == "" || f.Scheme == m.scheme) &&
		(f.RemitterType == "" || slices.Contains(m.remitters, f.RemitterType))
}

func (c catalogue) matching(f filter) []method {
	var found []method
	for _, b := range c {
		for _, m := range b.methods() {
			if f.takes(m) {
				found = append(found, m)
			}
		}
	}
	return found
}

// only finds the one method that a link must be paid by.
func (c catalogue) only(f filter) (method, error) {
	found := c.matching(f)
	if len(found) == 1 {
		return found[0], nil
	}
	return method{}, problem.Newf(problem.Refused, "method_selection_error",
		"payment_method must leave exactly one method for this type of link, and leaves %d: give provider_id, payment_scheme and env as providers/list has them", len(found)).At("/payment_method")
}

// fits tells whether a transfer can be made by the method.
func (m method) fits(t *transfer) error {
	misfit := func(pointer, format string, args ...any) error {
		return problem.Newf(problem.Refused, "method_input_validation_error", format, args...).At("/single_transfer" + pointer)
	}
	if t.Currency != m.currency() {
		return misfit("/currency", "The payment method %s takes %s", m.id(), m.currency())
	}
	if m.scheme == sepa {
		return nil
	}
	if !strings.HasPrefix(t.CreditorIBAN, m.bank.Country) {
		return misfit("/creditor_iban", "The payment method %s pays to accounts in %s only", m.id(), m.bank.Country)
	}
	if t.DebtorIBAN != "" && !strings.HasPrefix(t.DebtorIBAN, m.bank.Country) {
		return misfit("/debtor_iban", "The payment method %s pays from accounts in %s only", m.id(), m.bank.Country)
	}
	return nil
}

// fitting are the methods that a payer is offered: those of the filter by which the transfer can be made.
func (c catalogue) fitting(f filter, t *transfer) []method {
	return slices.DeleteFunc(c.matching(f), func(m method) bool { return m.fits(t) != nil })
}
