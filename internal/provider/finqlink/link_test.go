package finqlink_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider/finqlink"
	"github.com/mockbank/mockbank/internal/provider/providertest"
)

const (
	id     = "finqlink-demo"
	secret = "finqlink-demo-secret"
)

// house signs webhooks with ES256: where signatures do not matter RSA costs nothing but time.
func house(t *testing.T) *providertest.House {
	t.Helper()
	h := providertest.New(t, finqlink.New)
	h.Set("webhook_alg", "ES256")
	return h
}

type object = map[string]any

// order is a request to make a link; changes replace members of its parts, and nil takes one out.
func order(changes ...object) object {
	body := object{
		"client_id": id, "client_secret": secret,
		"single_transfer": object{
			"amount": "125.50", "currency": "RON", "creditor_name": "Magazin Exemplu SRL", "creditor_iban": "RO10RZBR0000069999999970",
		},
		"payment_method": object{"provider_id": "rzb_ro", "payment_scheme": "domestic"},
		"options":        object{"callback_url": providertest.InboxURL("shop"), "redirect_url": "http://shop.example/paid?order=7"},
	}
	for _, change := range changes {
		merge(body, change)
	}
	return body
}

func merge(into, change object) {
	for name, value := range change {
		part, isPart := value.(object)
		old, hasPart := into[name].(object)
		switch {
		case value == nil:
			delete(into, name)
		case isPart && hasPart:
			merge(old, part)
		default:
			into[name] = value
		}
	}
}

func create(t *testing.T, h *providertest.House, changes ...object) providertest.Answer {
	t.Helper()
	made := h.Post("/finqlink/v2/links/create", order(changes...))
	if made.Status != 200 {
		t.Fatalf("create: %d %s", made.Status, made.Body)
	}
	return made
}

func get(h *providertest.House, linkID string) providertest.Answer {
	return h.Post("/finqlink/v2/links/get", object{"client_id": id, "client_secret": secret, "link_id": linkID})
}

func TestCreateSaysWhatItMade(t *testing.T) {
	h := house(t)
	for _, test := range []struct {
		options object
		url     string // what web_url holds
		get     any    // web_url on get
		status  string
	}{
		{object{"type": nil}, "/finqlink/web/", "same", "created"},
		{object{"type": "wrapped_sca"}, "/finqlink/web/", "same", "created"},
		{object{"type": "direct_sca"}, "/finqlink/bank/rzb_ro/sca/", nil, "intent_accepted"},
		{object{"type": "redirect_sca"}, "/finqlink/bank/rzb_ro/sca/", nil, "intent_accepted"},
	} {
		made := create(t, h, object{"options": test.options})
		shown := get(h, made.Text("link_id"))
		want := test.get
		if want == "same" {
			want = made.Text("web_url")
		}
		if !strings.Contains(made.Text("web_url"), test.url) || shown.JSON()["web_url"] != want || shown.Text("status") != test.status {
			t.Errorf("%v: %s, and then %s", test.options, made.Body, shown.Body)
		}
		if made.Text("expires_at") != "2026-01-22T10:30:00.000000Z" {
			t.Errorf("it expires at %s", made.Text("expires_at"))
		}
	}
}

func TestCreateIsLenientWhereItSaysSo(t *testing.T) {
	h := house(t)
	made := create(t, h, object{
		"single_transfer": object{"creditor_iban": "ro10 rzbr 0000 0699 9999 9970", "unknown": 1},
		"payment_method":  object{"payment_scheme": "DOMESTIC"}, "unknown": object{},
	})
	if got := get(h, made.Text("link_id")).Text("single_transfer.creditor_iban"); got != "RO10RZBR0000069999999970" {
		t.Errorf("the IBAN is kept as %s", got)
	}
}

func TestStoriesAreChosenAtCreate(t *testing.T) {
	h := house(t)

	for _, test := range []struct {
		name   string
		change []object
		story  string
	}{
		{"none", nil, "pay_success"},
		{"amount", []object{transfer("amount", "7700.02")}, "pay_pending"},
		{"debtor IBAN", []object{transfer("debtor_iban", "RO12RZBRMOCKBANK0000AM04")}, "pay_insufficient_funds"},
		{"creditor IBAN", []object{transfer("creditor_iban", "RO30RZBRMOCKBANK0000AC01")}, "pay_bad_account"},
		{"PSU ID", []object{transfer("psu_id", "9999999008")}, "pay_stuck"},
		{"an ordinary PSU ID", []object{transfer("psu_id", "9999999998")}, "pay_success"},
		{"payment_ref", []object{{"tracking": object{"payment_ref": "scn-sca-timeout"}}}, "sca_timeout"},
		{"payment_ref before PSU ID", []object{transfer("psu_id", "9999999008"), {"tracking": object{"payment_ref": "scn-sca-timeout"}}}, "sca_timeout"},
		{"PSU ID before amount", []object{transfer("psu_id", "9999999008"), transfer("amount", "7700.02")}, "pay_stuck"},
	} {
		made := create(t, h, test.change...)
		if got := made.Header.Get("Mockbank-Scenario"); got != test.story {
			t.Errorf("%s: %s", test.name, got)
		}
	}
	if got := h.Post("/finqlink/v2/links/create", order(transfer("amount", "7700.02")), "Mockbank-Scenario", "manual"); got.Header.Get("Mockbank-Scenario") != "manual" {
		t.Errorf("the header does not win: %s", got.Header.Get("Mockbank-Scenario"))
	}
}

// From every state the payer's act ends where it should, whatever the flow type.
func TestActDoesAllThatThePayerHasTo(t *testing.T) {
	h := house(t)
	for _, kind := range []string{"link", "wrapped_sca", "direct_sca", "redirect_sca"} {
		for act, want := range map[string]string{"approve": "received", "cancel": "failed", "decline": "failed"} {
			link := create(t, h, object{"options": object{"type": kind}}).Text("link_id")
			if err := h.Act("link", link, act); err != nil || h.Show("link", link).State != want {
				t.Errorf("%s of %s: %v, and it is %s", act, kind, err, h.Show("link", link).State)
			}
			if err := h.Act("link", link, act); !problem.Is(err, problem.Conflict) {
				t.Errorf("%s of %s again: %v", act, kind, err)
			}
		}
	}
	refused := create(t, h, object{"single_transfer": object{"amount": "7700.04"}}).Text("link_id")
	if err := h.Act("link", refused, "approve"); !problem.Is(err, problem.Conflict) {
		t.Errorf("a bank that refuses the intent leaves nothing to approve: %v", err)
	}
	byHand := h.Post("/finqlink/v2/links/create", order(), "Mockbank-Scenario", "manual").Text("link_id")
	if err := h.Act("link", byHand, "approve"); err != nil {
		t.Errorf("in manual: %v", err)
	}
}

func TestUnattendedNeedsNobody(t *testing.T) {
	h := house(t)
	for _, kind := range []string{"link", "wrapped_sca", "direct_sca", "redirect_sca"} {
		made := h.Post("/finqlink/v2/links/create", order(object{"options": object{"type": kind}}), "Mockbank-Scenario", "unattended")
		h.Advance(time.Minute)
		if got := get(h, made.Text("link_id")).Text("status"); got != "completed" {
			t.Errorf("%s: %s", kind, got)
		}
	}
	misfit := h.Post("/finqlink/v2/links/create", order(object{"payment_method": object{"env": "stage"}}), "Mockbank-Scenario", "unattended")
	if misfit.Status != 400 || misfit.Text("code") != "method_selection_error" {
		t.Errorf("with no bank to choose: %d %s", misfit.Status, misfit.Body)
	}
}

func TestTrackingIsADutyForSome(t *testing.T) {
	h := house(t)
	change(t, h, func(c *oauth.Client) { c.Settings = map[string]any{"tracking_required": true} })
	for _, test := range []struct {
		tracking any
		status   int
	}{
		{nil, 401}, {object{"customer_ref": "a"}, 401}, {object{"customer_ref": "a", "payment_ref": "b"}, 200},
	} {
		if got := h.Post("/finqlink/v2/links/create", order(object{"tracking": test.tracking})); got.Status != test.status {
			t.Errorf("%v: %d %s", test.tracking, got.Status, got.Body)
		}
	}
}

func TestTheRequestIDComesBack(t *testing.T) {
	h := house(t)
	for _, sent := range []string{"order-7", "", strings.Repeat("x", 129), "a\tb"} {
		for _, target := range []string{"/finqlink/v2/links/create", "/finqlink/v2/nowhere"} {
			got := h.Post(target, order(), "X-Request-Id", sent)
			back := got.Text("request_id")
			if back == "" || back != got.Header.Get("X-Request-Id") || (sent == "order-7") != (back == sent) {
				t.Errorf("%q comes back as %q and %q", sent, back, got.Header.Get("X-Request-Id"))
			}
		}
	}
}

func TestProvidersInTheirVersions(t *testing.T) {
	h := house(t)
	ask := func(version string, options object) object {
		got := h.Post("/finqlink/"+version+"/providers/get", signedIn(object{"provider_id": "rzb_ro", "options": options}))
		bank, _ := got.JSON()["provider"].(map[string]any)
		return bank
	}
	count := func(bank object, name string) int {
		list, ok := bank[name].([]any)
		if !ok {
			return -1
		}
		return len(list)
	}
	for _, test := range []struct {
		version       string
		options       object
		payments, ais int // -1: the member is absent
	}{
		{"v1", object{}, 12, -1}, {"v2", object{}, 6, -1}, {"test", object{}, 3, -1},
		{"v1", object{"show_ais_methods": true}, 12, -1}, {"v2", object{"show_ais_methods": true}, 6, 1},
		{"v2", object{"show_payment_methods": false}, -1, -1},
		{"v2", object{"show_ais_methods": true, "ais_methods_filter": object{"interface_env": "stage"}}, 6, 0},
		{"v2", object{"show_ais_methods": true, "ais_methods_filter": object{"interface_env": "prod", "account_owner_type": []string{"corporate"}}}, 6, 1},
		{"test", object{"show_ais_methods": true, "ais_methods_filter": object{"interface_env": "prod"}}, 3, 0},
		{"v2", object{"show_ais_methods": true, "ais_methods_filter": object{"interface_type": "custom"}}, 6, 0},
	} {
		bank := ask(test.version, test.options)
		if count(bank, "payment_methods") != test.payments || count(bank, "ais_methods") != test.ais {
			t.Errorf("%s %v: %d and %d", test.version, test.options, count(bank, "payment_methods"), count(bank, "ais_methods"))
		}
	}
}
