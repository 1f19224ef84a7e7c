package machine

import (
	"os"
	"reflect"
	"testing"
	"time"
)

type account struct {
	Number string `json:"number"`
}

// common is embedded, as the members that all kinds share are.
type common struct {
	Ref string `json:"ref"`
}

type loan struct {
	common
	Amount    string         `json:"amount"`
	Note      string         `json:"note"`
	Count     int64          `json:"count"`
	Share     float64        `json:"share"`
	Open      bool           `json:"open"`
	Account   *account       `json:"account"`
	Accounts  []account      `json:"accounts"`
	Extra     map[string]any `json:"extra"`
	Parent    *loan          `json:"parent"`
	Hidden    string         `json:"-"`
	PaidAt    time.Time      `json:"paid_at,omitzero"`
	ExpiresAt stamp          `json:"expires_at"`
}

// stamp is a time with a format of its own.
type stamp struct{ time.Time }

func facts() Facts {
	return Facts{
		Effects:    func(string, string) []string { return []string{"move_money"} },
		Channels:   func(string) []string { return []string{"webhook"} },
		Types:      func(string) []string { return []string{"loan_changed", "loan_told"} },
		Operations: func(string) []string { return []string{"createLoan", "getLoan"} },
		Handlers:   func(string) []string { return []string{"createLoan", "getLoan"} },
		Entity:     func(string, string) reflect.Type { return reflect.TypeFor[loan]() },
		Parent:     func(string, string) string { return "" },
		Record:     func(_, kind string) bool { return kind == "note" },
		Client:     func(string) reflect.Type { return reflect.TypeFor[account]() },
		Settings: func(string) map[string]any {
			return map[string]any{"tell_created": true, "calendar": "us", "limit": 10.0, "free": nil}
		},
	}
}

const loanFile = "bank/loan.yaml"

func base(t testing.TB) File {
	t.Helper()
	data, err := os.ReadFile("testdata/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return File{Name: loanFile, Data: data}
}

// load loads the base file with more scenarios on top.
func load(t testing.TB, overlay string) *Kind {
	t.Helper()
	var files []File
	if overlay != "" {
		files = []File{{Name: loanFile, Data: []byte("provider: bank\nkind: loan\nscenarios:\n" + overlay)}}
	}
	lib, defects := Load([]File{base(t)}, files, facts())
	for _, d := range defects {
		t.Error(d)
	}
	if lib == nil {
		t.FailNow()
	}
	return lib.Kind("bank", "loan")
}
