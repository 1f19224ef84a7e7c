package scenarios

import (
	"io/fs"
	"reflect"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/machine"
)

// files are those of FinqLink, whose stories are played here without its code. Each provider's own tests hold its
// files to its code.
func files(t *testing.T) []machine.File {
	t.Helper()
	names, err := fs.Glob(FS, "finqlink/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no scenario files are embedded: %v", err)
	}
	var out []machine.File
	for _, name := range names {
		data, err := FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, machine.File{Name: name, Data: data})
	}
	return out
}

// link is what the stories of payment links name.
type link struct {
	SingleTransfer struct {
		Amount       string `json:"amount"`
		CreditorIBAN string `json:"creditor_iban"`
		DebtorIBAN   string `json:"debtor_iban"`
		PSUID        string `json:"psu_id"`
	} `json:"single_transfer"`
	Options struct {
		Type string `json:"type"`
	} `json:"options"`
	Tracking struct {
		PaymentRef string `json:"payment_ref"`
	} `json:"tracking"`
	ServiceProvider *struct {
		FundsEvents bool `json:"funds_events"`
	} `json:"service_provider"`
	APIVersion string    `json:"api_version"`
	ExpiresAt  time.Time `json:"expires_at"`
	SCA        *struct {
		CreatedAt time.Time `json:"created_at"`
	} `json:"sca"`
	FailureCode    string `json:"failure_code"`
	FailureMessage string `json:"failure_message"`
}

// effects are what the law of each kind may name.
var effects = map[string][]string{
	"link":    {"start", "choose_method", "open_sca"},
	"consent": {"start", "choose_method", "open_sca", "ask_bank", "authorize", "reset", "refresh", "stop_job"},
	"job":     {"load_accounts", "load_balances", "fetch_transactions", "fail"},
}

func library(t *testing.T) *machine.Library {
	t.Helper()
	lib, defects := machine.Load(nil, files(t), machine.Facts{
		Effects:  func(_, kind string) []string { return effects[kind] },
		Channels: func(string) []string { return []string{"webhook"} },
		Types: func(string) []string {
			return []string{"link_status_update", "consent_status_update", "job_status_update"}
		},
		Operations: func(string) []string { return []string{"createLink", "createConsent"} },
		Parent: func(_, kind string) string {
			if kind == "job" {
				return "consent"
			}
			return ""
		},
		Entity: func(_, kind string) reflect.Type {
			if kind == "link" {
				return reflect.TypeFor[link]()
			}
			return nil
		},
	})
	for _, d := range defects {
		t.Error(d)
	}
	if t.Failed() {
		t.FailNow()
	}
	return lib
}

func TestEveryFileIsWithoutDefect(t *testing.T) { library(t) }
