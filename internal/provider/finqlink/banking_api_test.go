package finqlink_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// given makes a consent whose first job is done. Without changes it is the test user's of rzb_ro.
func given(t *testing.T, h *providertest.House, changes ...object) (consentID string) {
	t.Helper()
	made := h.Post("/finqlink/v2/ais/consents/create", consent(changes...))
	consentID = made.Text("consent_id")
	if err := h.Act("consent", consentID, "approve"); err != nil {
		t.Fatalf("%s: %v", made.Body, err)
	}
	h.Advance(10 * time.Second)
	return consentID
}

// refresh has a job bring the consent's data, and gives what it says in the end.
func refresh(t *testing.T, h *providertest.House, consentID string) object {
	t.Helper()
	body := signedIn(object{"consent_id": consentID})
	body["job_id"] = h.Post("/finqlink/v2/ais/jobs/create", body).Text("job_id")
	h.Advance(10 * time.Second)
	done := h.Post("/finqlink/v2/ais/jobs/get", body)
	if done.Status != 200 {
		t.Fatalf("%d %s", done.Status, done.Body)
	}
	return done.JSON()
}

func data(h *providertest.House, list, consentID string, changes ...object) providertest.Answer {
	body := signedIn(object{"consent_id": consentID})
	for _, change := range changes {
		merge(body, change)
	}
	return h.Post("/finqlink/v2/ais/"+list+"/list", body)
}

// records leafs through a whole list.
func records(t *testing.T, h *providertest.House, list, consentID string, filter object) (all []object) {
	t.Helper()
	page := object{"limit": 50}
	for {
		got := data(h, list, consentID, object{"filter": filter, "pagination": page})
		if got.Status != 200 {
			t.Fatalf("%s: %d %s", list, got.Status, got.Body)
		}
		found, _ := got.JSON()[list].([]any)
		for _, record := range found {
			all = append(all, record.(object))
		}
		told, _ := got.JSON()["pagination"].(object)
		if more, _ := told["more?"].(bool); !more {
			return all
		}
		page["after"] = told["after"]
	}
}

func inside(record object, name string) string {
	text, _ := record["data"].(object)[name].(string)
	return text
}

// worth is an amount with its direction, in the smallest units.
func worth(t *testing.T, record object) int64 {
	t.Helper()
	n, err := money.ParseMinor(inside(record, "amount"), "RON")
	if err != nil {
		t.Fatal(err)
	}
	if inside(record, "credit_debit_indicator") == "debit" {
		n = -n
	}
	return n
}

func TestAConsentShowsTheAccountsOfItsUser(t *testing.T) {
	h := house(t)
	for name, test := range map[string]struct {
		method object
		iban   string
		kind   string
	}{
		"the bank's test user":     {object{"provider_id": "rzb_ro"}, "RO03RZBR0000069999999999", "Personal current account"},
		"another bank's":           {object{"provider_id": "cec_ro"}, "RO42CECEAG0202RON0007466", "Personal current account"},
		"a firm":                   {object{"provider_id": "rzb_ro", "account_owner_type": "corporate"}, "", "Business current account"},
		"a bank that serves firms": {object{"provider_id": "unicredit_ro"}, "RO17BACXMOCK000000000001", "Business current account"},
	} {
		found, _ := data(h, "accounts", given(t, h, object{"ais_method": test.method})).JSON()["accounts"].([]any)
		var currencies []string
		for i, account := range found {
			scheme := account.(object)["data"].(object)["account_schemes"].([]any)[0].(object)
			iban := scheme["identification"].(string)
			if !money.ValidIBAN(iban) || i == 0 && test.iban != "" && iban != test.iban || inside(account.(object), "account_type") != test.kind {
				t.Errorf("%s: %v", name, account)
			}
			if told, _ := account.(object)["data"].(object)["balances"].([]any); len(told) != 13 {
				t.Errorf("%s: %d balances", name, len(told))
			}
			currencies = append(currencies, inside(account.(object), "currency"))
		}
		if !slices.Equal(currencies, []string{"RON", "EUR"}) {
			t.Errorf("%s: accounts in %v", name, currencies)
		}
	}
}

// However jobs come, the statements add up: between two closing balances lies what was booked on the days between.
func TestStatementsAddUp(t *testing.T) {
	for seed := range uint64(3) {
		h := house(t)
		h.Set("transactions_per_account", []int{60, 300, 0}[seed])
		chance := rand.New(rand.NewPCG(seed, 0))
		consentID := given(t, h, object{"options": object{"consent_validity_days": 180}})
		for range 3 {
			h.Advance(time.Duration(chance.Int64N(int64(20 * 24 * time.Hour))).Truncate(time.Second))
			h.Advance(2 * time.Minute)
			refresh(t, h, consentID)
		}
		moved := records(t, h, "transactions", consentID, object{"status": "booked"})
		closings := map[string][]object{}
		for _, b := range records(t, h, "balances", consentID, object{"type": "ClosingBooked"}) {
			account := b["account_id"].(string)
			closings[account] = append(closings[account], b)
		}
		for account, told := range closings {
			if len(told) != 4 {
				t.Fatalf("%d closing balances of four jobs", len(told))
			}
			for i := range told[1:] {
				later, earlier := told[i], told[i+1]
				sum := worth(t, earlier)
				for _, m := range moved {
					if day := inside(m, "booking_date_time")[:10]; m["account_id"] == account && day > inside(earlier, "native_date") && day <= inside(later, "native_date") {
						sum += worth(t, m)
					}
				}
				if sum != worth(t, later) {
					t.Errorf("after %s the account should close %s with %d, and closes with %d", inside(earlier, "native_date"), inside(later, "native_date"), sum, worth(t, later))
				}
			}
		}
	}
}

func TestJobsBringWhatIsNew(t *testing.T) {
	h := house(t)
	consentID := given(t, h)
	before := map[any]object{}
	for _, m := range records(t, h, "transactions", consentID, nil) {
		before[m["utx_id"]] = m
	}
	if len(before) < 118 || len(before) > 122 || len(records(t, h, "transactions", consentID, object{"status": "pending"})) < 2 {
		t.Fatalf("%d transactions of two accounts", len(before))
	}
	h.Advance(9 * 24 * time.Hour)
	if again := records(t, h, "transactions", consentID, nil); len(again) != len(before) {
		t.Errorf("without a job there are %d transactions, there were %d", len(again), len(before))
	}
	told := refresh(t, h, consentID)["results"].(object)["transactions"].(object)
	fresh, updated := 0, 0
	for _, m := range records(t, h, "transactions", consentID, nil) {
		switch was, known := before[m["utx_id"]]; {
		case !known:
			fresh++
		case inside(was, "status") != inside(m, "status"):
			updated++
		}
	}
	if fmt.Sprintf("%v %v", told["new"], told["updated"]) != fmt.Sprintf("%d %d", fresh, updated) || fresh < 4 || updated < 2 {
		t.Errorf("the job tells %v, there are %d new ones and %d updated ones", told, fresh, updated)
	}
	other := given(t, h)
	for _, m := range records(t, h, "transactions", other, nil) {
		if was, known := before[m["utx_id"]]; known && (was["id"] == m["id"] || inside(was, "amount") != inside(m, "amount")) {
			t.Errorf("%v is %v in another consent", was, m)
		}
	}
}

// The same world told twice, byte for byte.
func TestDataIsTheSameOnEveryRun(t *testing.T) {
	tell := func() (all string) {
		h := house(t)
		consentID := given(t, h)
		for _, list := range []string{"accounts", "balances", "transactions"} {
			all += string(data(h, list, consentID).Body)
		}
		return all
	}
	if one, two := tell(), tell(); one != two {
		t.Errorf("%s\n%s", one, two)
	}
}

func TestStoriesOfData(t *testing.T) {
	h := house(t)
	story := func(name string) (string, object) {
		consentID := given(t, h, object{"tracking": object{"payment_ref": "scn-" + name}})
		h.Advance(2 * time.Minute)
		return consentID, refresh(t, h, consentID)
	}
	partial, told := story("job-partial")
	if errors, _ := told["results"].(object)["errors"].([]any); told["status"] != "job_partially_completed" || len(errors) != 1 {
		t.Errorf("%v", told)
	}
	accounts, _ := data(h, "accounts", partial).JSON()["accounts"].([]any)
	second := accounts[1].(object)["id"]
	if all := records(t, h, "transactions", partial, object{"account_id": second}); len(accounts) != 2 || len(all) != 0 || len(records(t, h, "transactions", partial, nil)) == 0 {
		t.Errorf("the account that failed has %d transactions", len(all))
	}
	empty, told := story("data-empty")
	accounts, _ = data(h, "accounts", empty).JSON()["accounts"].([]any)
	if all := records(t, h, "transactions", empty, nil); told["status"] != "job_completed" || len(accounts) != 2 || len(all) != 0 {
		t.Errorf("%v, with %d accounts and %d transactions", told, len(accounts), len(all))
	}
}

func TestDataIsForThoseWhoMayReadIt(t *testing.T) {
	h := house(t)
	register(t, h, "other", "other-secret")
	consentID := given(t, h)
	limited := given(t, h, object{"options": object{"scope": []string{"accounts", "balances"}}})
	fresh := h.Post("/finqlink/v2/ais/consents/create", consent()).Text("consent_id")
	ended := given(t, h)
	h.Post("/finqlink/v2/ais/consents/revoke", signedIn(object{"consent_id": ended}))
	cursor := data(h, "transactions", consentID, object{"pagination": object{"limit": 2}}).Text("pagination.after")
	for name, test := range map[string]struct {
		list, consent string
		change        object
		status        int
		code          string
	}{
		"an unknown consent":      {"accounts", "6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21", nil, 404, "consent_not_found"},
		"another client's":        {"balances", consentID, object{"client_id": "other", "client_secret": "other-secret"}, 404, "consent_not_found"},
		"one that nobody gave":    {"transactions", fresh, nil, 400, "consent_not_active"},
		"one that was revoked":    {"transactions", ended, nil, 400, "consent_not_active"},
		"a scope without":         {"transactions", limited, nil, 400, "invalid_input"},
		"a limit too high":        {"transactions", consentID, object{"pagination": object{"limit": 251}}, 400, "validation_error"},
		"no date":                 {"transactions", consentID, object{"filter": object{"booking_date_from": "2026-02-31"}}, 400, "validation_error"},
		"an amount with a comma":  {"transactions", consentID, object{"filter": object{"amount_min": "1,5"}}, 400, "validation_error"},
		"an unknown balance type": {"balances", consentID, object{"filter": object{"type": "Closing"}}, 400, "validation_error"},
		"another filter's cursor": {"transactions", consentID, object{"filter": object{"status": "booked"}, "pagination": object{"after": cursor}}, 400, "validation_error"},
		"another list's cursor":   {"balances", consentID, object{"pagination": object{"after": cursor}}, 400, "validation_error"},
		"another consent's":       {"transactions", given(t, h), object{"pagination": object{"after": cursor}}, 400, "validation_error"},
		"its own cursor":          {"transactions", consentID, object{"pagination": object{"after": cursor}, "track_changes": true}, 200, ""},
	} {
		change := test.change
		if change == nil {
			change = object{}
		}
		if got := data(h, test.list, test.consent, change); got.Status != test.status || got.Text("code") != test.code {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if all := records(t, h, "balances", limited, nil); len(all) != 26 {
		t.Errorf("a consent without transactions shows %d balances", len(all))
	}
}

func TestBalancesArePagedAndFiltered(t *testing.T) {
	h := house(t)
	consentID := given(t, h)
	h.Advance(48 * time.Hour)
	refresh(t, h, consentID)
	all := records(t, h, "balances", consentID, nil)
	if len(all) != 52 || !slices.IsSortedFunc(all, func(a, b object) int { return strings.Compare(b["timestamp"].(string), a["timestamp"].(string)) }) {
		t.Fatalf("%d balances of two jobs", len(all))
	}
	for filter, want := range map[[2]string]int{
		{"currency", "EUR"}: 26, {"type", "Expected"}: 4, {"account_id", all[0]["account_id"].(string)}: 26, {"currency", "USD"}: 0,
	} {
		if got := records(t, h, "balances", consentID, object{filter[0]: filter[1]}); len(got) != want {
			t.Errorf("%v: %d balances, want %d", filter, len(got), want)
		}
	}
	behind := data(h, "balances", consentID, object{"pagination": object{"limit": 1, "after": all[7]["keyset"]}})
	if found, _ := behind.JSON()["balances"].([]any); len(found) != 1 || found[0].(object)["id"] != all[8]["id"] {
		t.Errorf("behind the eighth balance stands %s", behind.Body)
	}
}

// A year of a busy firm: the first page and the last one are there at once.
func TestManyTransactions(t *testing.T) {
	h := house(t)
	h.Set("transactions_per_account", 100_000)
	consentID := given(t, h)
	got := data(h, "transactions", consentID, object{"pagination": object{"limit": 250}})
	if told, _ := got.JSON()["pagination"].(object); fmt.Sprint(told["count"]) != strconv.Itoa(250) || told["more?"] != true {
		t.Errorf("%d %.300s", got.Status, got.Body)
	}
	job := h.Show("consent", consentID)
	if job.State != "active" {
		t.Errorf("the consent is %s", job.State)
	}
}
