package finqlink_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider/finqlink"
	"github.com/mockbank/mockbank/internal/provider/providertest"
)

func askConsent(t *testing.T, h *providertest.House, changes ...object) providertest.Answer {
	t.Helper()
	made := h.Post("/finqlink/v2/ais/consents/create", consent(changes...))
	if made.Status != 200 {
		t.Fatalf("create: %d %s", made.Status, made.Body)
	}
	return made
}

// ofConsent calls an operation of the data half about a consent.
func ofConsent(h *providertest.House, operation, consentID string, more ...object) providertest.Answer {
	body := signedIn(object{"consent_id": consentID})
	for _, change := range more {
		merge(body, change)
	}
	return h.Post("/finqlink/v2/ais/"+operation, body)
}

// activated is a consent that was approved, with the job that brought its first data over.
func activated(t *testing.T, h *providertest.House, changes ...object) string {
	t.Helper()
	made := askConsent(t, h, changes...).Text("consent_id")
	act(t, h, made, "approve")
	h.Advance(8 * time.Second)
	if got := h.Show("consent", made); got.State != "active" {
		t.Fatalf("the consent is %s", got.State)
	}
	return made
}

func act(t *testing.T, h *providertest.House, consentID, what string) {
	t.Helper()
	if err := h.Act("consent", consentID, what); err != nil {
		t.Fatal(err)
	}
}

func kind(name string) object { return object{"options": object{"type": name}} }

func TestCreateConsentSaysWhatItMade(t *testing.T) {
	h := house(t)
	for _, test := range []struct {
		flow   string
		url    string // what web_url holds
		get    any    // web_url on get
		status string
	}{
		{"link", "/finqlink/web/", "same", "created"},
		{"wrapped_sca", "/finqlink/web/", "same", "created"},
		{"direct_sca", "/finqlink/bank/rzb_ro/sca/", nil, "sca_url_retrieved"},
		{"redirect_sca", "/finqlink/bank/rzb_ro/sca/", nil, "sca_url_retrieved"},
	} {
		made := askConsent(t, h, kind(test.flow))
		shown := ofConsent(h, "consents/get", made.Text("consent_id"))
		want := test.get
		if want == "same" {
			want = made.Text("web_url")
		}
		if !strings.Contains(made.Text("web_url"), test.url) || shown.JSON()["web_url"] != want || shown.Text("status") != test.status {
			t.Errorf("%v: %s, and then %s", test.flow, made.Body, shown.Body)
		}
		if made.Text("expires_at") != "2026-01-22T10:30:00.000000Z" || shown.JSON()["consent_expires_at"] != nil {
			t.Errorf("it expires at %s, and access ends at %v", made.Text("expires_at"), shown.JSON()["consent_expires_at"])
		}
	}
}

// A consent's end is reckoned from its authorisation.
func TestWhatAConsentSaysOnceItIsActive(t *testing.T) {
	h := house(t)
	made := askConsent(t, h, object{"options": object{"scope": []string{"balances", "accounts"}, "consent_validity_days": 10}}).Text("consent_id")
	h.Advance(time.Hour)
	act(t, h, made, "approve")
	h.Advance(8 * time.Second)
	got := ofConsent(h, "consents/get", made)
	accounts, _ := got.JSON()["accounts"].([]any)
	scope, _ := got.JSON()["scope"].([]any)
	if got.Text("status") != "active" || got.Text("service_provider.provider_id") != "rzb_ro" || got.Text("ais_method.ais_method_id") != "rzb_ro.psd2.sandbox" ||
		!strings.HasPrefix(got.Text("consent_expires_at"), "2026-01-25T11:30:00") || len(accounts) != 2 || len(scope) != 2 {
		t.Errorf("%s", got.Body)
	}
	if got := ofConsent(h, "transactions/list", made); got.Status != 400 || got.Text("code") != "invalid_input" {
		t.Errorf("transactions outside the scope: %d %s", got.Status, got.Body)
	}
}

func TestEveryChangeOfAConsentIsTold(t *testing.T) {
	h := providertest.New(t, finqlink.New)
	made := activated(t, h)
	want := []string{
		"started", "requested", "sca_url_retrieved", "awaiting_authz", "authorized", "active",
		"accounts_ready", "balances_ready", "transactions_fetching", "job_completed",
	}
	if told := statuses(h, "shop"); !slices.Equal(told, want) {
		t.Errorf("%v", told)
	}
	first, last := h.Messages("shop")[0], h.Messages("shop")[len(want)-1]
	web := h.Show("consent", made).Data.(map[string]any)["web_id"].(string)
	if body := `{"type":"consent_status_update","consent_id":"` + made + `","web_id":"` + web + `","status":"started"}`; string(first.Body) != body {
		t.Errorf("%s, want %s", first.Body, body)
	}
	var job string
	h.Data("consent", made, "last_job", &job)
	if body := `{"type":"job_status_update","consent_id":"` + made + `","job_id":"` + job + `","status":"job_completed"}`; string(last.Body) != body {
		t.Errorf("%s, want %s", last.Body, body)
	}
	receive(t, h, first)
	receive(t, h, last)
}

func TestOnlyTheEndsOfJobsAreTold(t *testing.T) {
	h := house(t)
	h.Set("job_webhooks", "terminal")
	activated(t, h)
	if told := statuses(h, "shop"); !slices.Equal(told[len(told)-2:], []string{"active", "job_completed"}) {
		t.Errorf("%v", told)
	}
}

// Each row of the documented scenarios: how the consent and its first job end a quarter of an hour after the approval.
func TestStoriesOfConsentsAndJobs(t *testing.T) {
	h := house(t)
	for _, test := range []struct{ scenario, consent, job string }{
		{"consent_success", "active", "job_completed"},
		{"unattended", "active", "job_completed"},
		{"consent_suspended", "suspended", "job_completed"},
		{"consent_revoked_at_bank", "revoked", "job_completed"},
		{"consent_short", "revoked", "job_completed"},
		{"job_success", "active", "job_completed"},
		{"job_partial", "active", "job_partially_completed"},
		{"job_failed", "active", "job_failed"},
		{"job_slow", "active", "job_completed"},
		{"data_empty", "active", "job_completed"},
		{"webhook_bad_signature", "active", "job_completed"},
		{"webhook_unknown_kid", "active", "job_completed"},
		{"webhook_duplicate", "active", "job_completed"},
		{"webhook_out_of_order", "active", "job_completed"},
		{"manual", "authorized", ""},
	} {
		made := askConsent(t, h, object{"tracking": object{"payment_ref": "scn-" + strings.ReplaceAll(test.scenario, "_", "-")}}).Text("consent_id")
		act(t, h, made, "approve")
		h.Advance(15 * time.Minute)
		if got := h.Show("consent", made); got.State != test.consent || got.Entity.Scenario != test.scenario {
			t.Errorf("%s: the consent is %s and follows %s", test.scenario, got.State, got.Entity.Scenario)
		}
		if got := lastJob(h, made); got.Text("status") != test.job {
			t.Errorf("%s: the job is %s", test.scenario, got.Body)
		}
	}
}

// lastJob reads the last job of a consent, which may be none.
func lastJob(h *providertest.House, consentID string) providertest.Answer {
	var job string
	h.Data("consent", consentID, "last_job", &job)
	if job == "" {
		return providertest.Answer{}
	}
	return ofConsent(h, "jobs/get", consentID, object{"job_id": job})
}

func TestWhenStoriesAct(t *testing.T) {
	h := house(t)
	for _, test := range []struct {
		scenario string
		after    time.Duration // the consent became active
		state    string
	}{
		{"consent_suspended", 59 * time.Second, "active"}, {"consent_suspended", time.Minute, "suspended"},
		{"consent_revoked_at_bank", 59 * time.Second, "active"}, {"consent_revoked_at_bank", time.Minute, "revoked"},
		{"consent_short", 58 * time.Second, "active"}, {"consent_short", 59 * time.Second, "revoked"}, // a minute from the authorisation
	} {
		made := h.Post("/finqlink/v2/ais/consents/create", consent(), "Mockbank-Scenario", test.scenario).Text("consent_id")
		act(t, h, made, "approve")
		h.Advance(time.Second + test.after)
		if got := h.Show("consent", made).State; got != test.state {
			t.Errorf("%s, %s after it became active: %s", test.scenario, test.after, got)
		}
	}
}

func TestAJobTellsWhatItBrought(t *testing.T) {
	h := house(t)
	for scenario, want := range map[string]struct{ accounts, balances, errors int }{
		"job_success": {2, 26, 0}, "job_partial": {2, 26, 1}, "job_failed": {2, 0, 1}, "data_empty": {2, 26, 0},
	} {
		made := activated(t, h, object{"tracking": object{"payment_ref": "scn-" + strings.ReplaceAll(scenario, "_", "-")}})
		got := lastJob(h, made)
		var results struct {
			Accounts     int `json:"accounts"`
			Balances     int `json:"balances"`
			Transactions struct {
				New int `json:"new"`
			} `json:"transactions"`
			Errors []object `json:"errors"`
		}
		var job string
		h.Data("consent", made, "last_job", &job)
		h.Data("job", job, "results", &results)
		if results.Accounts != want.accounts || results.Balances != want.balances || len(results.Errors) != want.errors {
			t.Errorf("%s: %s", scenario, got.Body)
		}
		if some := results.Transactions.New > 0; some != (scenario == "job_success" || scenario == "job_partial") {
			t.Errorf("%s: %d new transactions", scenario, results.Transactions.New)
		}
	}
}

func TestARefreshWaitsForItsTurn(t *testing.T) {
	h := house(t)
	made := activated(t, h) // the first job began 7 s ago
	again := func() providertest.Answer { return ofConsent(h, "jobs/create", made) }
	if got := again(); got.Status != 400 || got.Text("code") != "cooldown_failed" {
		t.Errorf("within the cooldown: %d %s", got.Status, got.Body)
	}
	h.Advance(53 * time.Second)
	second := again()
	if second.Text("status") != "job_started" || second.Text("consent_id") != made {
		t.Errorf("after it: %d %s", second.Status, second.Body)
	}
	h.Set("cooldown", "0s")
	if got := again(); got.Text("code") != "cooldown_failed" {
		t.Errorf("while one runs: %d %s", got.Status, got.Body)
	}
	h.Advance(5 * time.Second)
	if got := again(); got.Status != 200 {
		t.Errorf("without a cooldown: %d %s", got.Status, got.Body)
	}
	h.Advance(5 * time.Second)
	h.Set("cooldown", "1d")
	h.Advance(24*time.Hour - 6*time.Second)
	if got := again(); got.Text("code") != "cooldown_failed" {
		t.Errorf("a second before the end of a day: %d %s", got.Status, got.Body)
	}
}

func TestAJobHasItsOwnCallback(t *testing.T) {
	h := house(t)
	made := activated(t, h)
	h.Advance(time.Minute)
	job := ofConsent(h, "jobs/create", made, object{"callback_url": providertest.InboxURL("refresh")}).Text("job_id")
	h.Advance(5 * time.Second)
	if told := statuses(h, "refresh"); len(told) != 4 || told[3] != "job_completed" {
		t.Errorf("%v", told)
	}
	if got := ofConsent(h, "jobs/get", made, object{"job_id": job}).Text("callback_url"); got != providertest.InboxURL("refresh") {
		t.Errorf("callback_url is %q", got)
	}
}

func TestRevoke(t *testing.T) {
	h := house(t)
	for _, test := range []struct {
		scenario string
		act      string
		status   int
	}{
		{"consent_success", "", 200}, {"consent_success", "approve", 200}, {"consent_revoked_at_bank", "approve", 200},
		{"consent_suspended", "approve", 400}, {"consent_success", "cancel", 400}, {"consent_success", "decline", 400},
	} {
		made := h.Post("/finqlink/v2/ais/consents/create", consent(), "Mockbank-Scenario", test.scenario).Text("consent_id")
		if test.act != "" {
			act(t, h, made, test.act)
		}
		h.Advance(2 * time.Minute)
		for range 2 { // a repeat says the same
			got := ofConsent(h, "consents/revoke", made)
			if got.Status != test.status || test.status == 200 && got.Text("status") != "revoked" || test.status == 400 && got.Text("code") != "consent_not_active" {
				t.Errorf("%s, %s: %d %s", test.scenario, test.act, got.Status, got.Body)
			}
		}
	}
}

func TestConsentRedirectIsProcessedOnce(t *testing.T) {
	h := house(t)
	for _, test := range []struct {
		sync          bool
		first, second int
		status        string
	}{
		{false, 202, 201, "redirect_in_progress"}, {true, 200, 201, "authorized"},
	} {
		bank := askConsent(t, h, kind("direct_sca")).Text("web_url")
		query := approveAtBank(h, bank)
		hand := func(query string) providertest.Answer {
			return h.Post("/finqlink/v2/ais/consents/redirect", signedIn(object{"query_string": query, "sync": test.sync}))
		}
		if got := hand("code=wrong&" + query[strings.Index(query, "state="):]); got.Status != 400 {
			t.Errorf("a wrong code: %d %s", got.Status, got.Body)
		}
		if got := hand(query); got.Status != test.first || got.Text("status") != test.status {
			t.Errorf("sync %v: %d %s", test.sync, got.Status, got.Body)
		}
		if got := hand(query); got.Status != test.second || got.Text("status") != "authorized" {
			t.Errorf("sync %v, again: %d %s", test.sync, got.Status, got.Body)
		}
	}
}

func TestConsentRedirectsThatFail(t *testing.T) {
	h := house(t)
	made := askConsent(t, h, kind("direct_sca"))
	bank := made.Text("web_url")
	h.Get(path(bank))
	_, query, _ := strings.Cut(press(h, bank, "do", "cancel").Header.Get("Location"), "?")
	hand := func(query string) providertest.Answer {
		return h.Post("/finqlink/v2/ais/consents/redirect", signedIn(object{"query_string": query, "sync": true}))
	}
	if got := hand(query); got.Status != 200 || got.Text("status") != "failed" {
		t.Errorf("a cancel: %d %s", got.Status, got.Body)
	}
	if got := hand("state=unknown"); got.Status != 404 || got.Text("code") != "consent_not_found" {
		t.Errorf("an unknown state: %d %s", got.Status, got.Body)
	}
	if got := h.Post("/finqlink/v2/links/redirect", signedIn(object{"query_string": query})); got.Status != 404 || got.Text("code") != "not_found" {
		t.Errorf("a consent's state at links: %d %s", got.Status, got.Body)
	}
	wrapped := askConsent(t, h, kind("wrapped_sca")).Text("consent_id")
	var page struct {
		State string `json:"state"`
	}
	h.Data("consent", wrapped, "sca", &page)
	if got := hand("code=1&state=" + page.State); got.Status != 400 || got.Text("code") != "unprocessable_entity" {
		t.Errorf("a consent that the WebUI handles: %d %s", got.Status, got.Body)
	}
}

func TestMethodsOfConsents(t *testing.T) {
	h := house(t)
	for _, test := range []struct {
		flow   string
		filter object
		status int
	}{
		{"direct_sca", object{"provider_id": "rzb_ro"}, 200},
		{"direct_sca", object{"provider_id": nil}, 400},
		{"direct_sca", object{"provider_id": "libra_ro"}, 400}, // shows no data
		{"wrapped_sca", object{"interface_type": "custom"}, 400},
		{"wrapped_sca", object{"account_owner_type": "corporate"}, 200},
		{"wrapped_sca", object{"provider_id": "cec_ro", "account_owner_type": "corporate"}, 400},
		{"direct_sca", object{"interface_env": "prod"}, 200},
		{"link", object{"provider_id": nil, "interface_env": "stage"}, 200},
	} {
		got := h.Post("/finqlink/v2/ais/consents/create", consent(kind(test.flow), object{"ais_method": test.filter}))
		if got.Status != test.status || test.status == 400 && got.Text("code") != "method_selection_error" {
			t.Errorf("%s, %v: %d %s", test.flow, test.filter, got.Status, got.Body)
		}
	}
	if got := h.Post("/finqlink/test/consents/create", consent(kind("direct_sca"), object{"ais_method": object{"interface_env": "prod"}})); got.Status != 400 {
		t.Errorf("/test and prod: %d %s", got.Status, got.Body)
	}
}

func TestWhoMayAskForData(t *testing.T) {
	h := house(t)
	made := activated(t, h)
	for _, body := range []object{{"client_id": id, "client_secret": "wrong"}, {}} {
		if got := h.Post("/finqlink/v1/ais/consents/create", body); got.Status != 404 || got.Text("code") != "not_found" {
			t.Errorf("v1: %d %s", got.Status, got.Body)
		}
	}
	change(t, h, func(c *oauth.Client) { c.Settings = map[string]any{"ais": false} })
	for _, operation := range []string{"consents/get", "jobs/create", "accounts/list"} {
		if got := ofConsent(h, operation, made); got.Status != 401 || got.Text("code") != "unauthorized" {
			t.Errorf("%s without the setting ais: %d %s", operation, got.Status, got.Body)
		}
	}
	change(t, h, func(c *oauth.Client) { c.Settings = map[string]any{"tracking_required": true} })
	if got := h.Post("/finqlink/v2/ais/consents/create", consent()); got.Status != 401 {
		t.Errorf("without tracking: %d %s", got.Status, got.Body)
	}
}

func TestAConsentEndsByTheClock(t *testing.T) {
	h := house(t)
	for name, test := range map[string]struct {
		options object
		act     []string // events
		after   time.Duration
		state   string
	}{
		"nobody opens it":                {nil, nil, 7 * 24 * time.Hour, "expired"},
		"nobody goes on":                 {object{"expires_in": 60}, []string{"open"}, time.Minute, "expired"},
		"the bank waits five minutes":    {nil, []string{"open", "request", "accept", "redirect"}, 5 * time.Minute, "failed"},
		"the link ends while it waits":   {object{"expires_in": 120}, []string{"open", "request", "accept", "redirect"}, 2 * time.Minute, "expired"},
		"once it is authorised it stays": {object{"expires_in": 60}, []string{"open", "request", "accept", "approve"}, time.Hour, "authorized"},
		"the validity ends":              {object{"consent_validity_days": 3}, []string{"open", "request", "accept", "approve", "activate"}, 72 * time.Hour, "revoked"},
		"wrapped, from the creation":     {object{"type": "wrapped_sca"}, []string{"open", "request", "accept"}, 5 * time.Minute, "failed"},
	} {
		made := h.Post("/finqlink/v2/ais/consents/create", consent(object{"options": test.options}), "Mockbank-Scenario", "manual").Text("consent_id")
		for _, event := range test.act {
			if err := h.Fire("consent", made, event); err != nil {
				t.Fatal(name, err)
			}
		}
		before := h.Show("consent", made).State
		h.Advance(test.after - time.Second)
		if got := h.Show("consent", made).State; got != before {
			t.Errorf("%s: a second before it is %s", name, got)
		}
		h.Advance(time.Second)
		if got := h.Show("consent", made).State; got != test.state {
			t.Errorf("%s: it is %s", name, got)
		}
	}
}
