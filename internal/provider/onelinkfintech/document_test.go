package onelinkfintech_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// noon is when the provider's samples were made.
var noon = time.Date(2025, 1, 1, 12, 0, 0, 0, time.UTC)

func wantBody(t *testing.T, got providertest.Answer, status int, body string) {
	t.Helper()
	if got.Status != status || string(got.Body) != body {
		t.Errorf("%d %s\nwant %d %s", got.Status, got.Body, status, body)
	}
}

const (
	quickStart = `{"id":"pay_123456789","object":"payment","amount":1000,"currency":"EUR","status":"pending","sender":"acc_100000001",` +
		`"recipient":"rec_test_123","description":"Test Payment","created_at":"2025-01-01T12:00:00Z","updated_at":"2025-01-01T12:00:00Z"}`
	sampleAccount = `{"id":"acc_123456789","object":"account","currency":"EUR","balance":0,"status":"active",` +
		`"owner":{"name":"John Doe","email":"john@example.com"},"iban":"DE89370400440532013000",` +
		`"created_at":"2025-01-01T12:00:00Z","updated_at":"2025-01-01T12:00:00Z"}`
	sampleError = `{"error":{"code":"invalid_request","message":"Amount must be a positive integer","param":"amount","type":"invalid_parameter"}}`
)

// The provider's samples come out byte for byte, but for the sender that one of its two payments has.
func TestTheDocumentsSamples(t *testing.T) {
	h := house(t)
	setClock(h, noon)
	wantBody(t, post(h, "/payments", payment()), 201, quickStart)
	wantBody(t, post(h, "/accounts", account(object{"metadata": object{"internal_id": "12345"}})), 201, sampleAccount)
	wantBody(t, get(h, "/accounts/acc_123456789"), 200, sampleAccount)
	wantBody(t, get(h, "/payments/pay_123456789"), 200, quickStart)
	wantBody(t, post(h, "/payments", payment(object{"amount": 0})), 400, sampleError)
}

func TestHeadersOfAnswers(t *testing.T) {
	h := house(t)
	made := post(h, "/payments", payment())
	for name, want := range map[string]string{
		"Location": "/v1/payments/pay_123456789", "Content-Type": "application/json",
		"X-Ratelimit-Limit": "100", "X-Ratelimit-Remaining": "99", "X-Ratelimit-Reset": "1768473060",
	} {
		if got := made.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, answer := range []providertest.Answer{made, h.Get(v1 + "/nothing"), h.Get(v1 + "/accounts")} {
		if id := answer.Header.Get("Request-Id"); len(id) != len("req_")+12 {
			t.Errorf("Request-Id: %q", id)
		}
	}
}

func TestIdsAndAccountNumbersCountUp(t *testing.T) {
	h := house(t)
	for _, want := range [][2]string{
		{"acc_123456789", "DE89370400440532013000"}, {"acc_123456790", "DE62370400440532013001"}, {"acc_123456791", "DE35370400440532013002"},
	} {
		made := post(h, "/accounts", account(), "Mockbank-Scenario", "manual")
		if made.Text("id") != want[0] || made.Text("iban") != want[1] {
			t.Errorf("%s, want %v", made.Body, want)
		}
	}
	for _, want := range []string{"rec_000000001", "rec_000000002"} {
		if made := post(h, "/recipients", recipient()); made.Text("id") != want {
			t.Errorf("%s, want %s", made.Body, want)
		}
	}
}

func TestMetadataIsStoredAndShownOnDemand(t *testing.T) {
	h := house(t)
	body := object{"metadata": object{"internal_id": " 12345 ", "n": 7, "yes": true}}
	paths := []string{
		"/accounts/" + post(h, "/accounts", account(body)).Text("id"), "/recipients/" + post(h, "/recipients", recipient(body)).Text("id"),
		"/payments/" + post(h, "/payments", payment(body)).Text("id"),
	}
	for _, path := range paths {
		if _, shown := get(h, path).JSON()["metadata"]; shown {
			t.Errorf("%s shows metadata that nobody asked for", path)
		}
		shown := get(h, path+"?expand=metadata")
		for name, want := range map[string]string{"internal_id": "12345", "n": "7", "yes": "true"} {
			if got := shown.Text("metadata." + name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestLeniency(t *testing.T) {
	h := house(t)
	for name, changes := range map[string]object{
		"null is absent":        {"metadata": object{}},
		"a long description":    {"description": " " + strings.Repeat("é", 500)},
		"white space":           {"currency": " EUR\n", "recipient": " rec_test_123 "},
		"all that there is":     {"amount": 100000000},
		"an empty description":  {"description": ""},
		"an account of the own": {"recipient": post(h, "/accounts", account()).Text("id")},
	} {
		body := payment(changes)
		if name == "null is absent" {
			body["description"] = nil
		}
		if got := post(h, "/payments", body); got.Status != 201 {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
		h.Advance(time.Minute)
		_ = fire(h, "account", settlement, "deposit", object{"deposit": 100000000})
	}
}

func TestHeadIsItsGet(t *testing.T) {
	h := house(t)
	got := h.Do("HEAD", v1+"/accounts/"+settlement, map[string][]string{"Authorization": {"bearer " + fullKey}}, nil)
	if got.Status != 200 || len(got.Body) > 0 || got.Header.Get("Content-Length") == "0" {
		t.Errorf("%d %q %v", got.Status, got.Body, got.Header)
	}
}

// What belongs to another platform is as unknown as what never was, in body and headers.
func TestPlatformsAreApart(t *testing.T) {
	h := house(t)
	own := post(h, "/accounts", account()).Text("id")
	for _, path := range []string{"/accounts/" + own, "/accounts/" + settlement} {
		got := getAs(h, otherKey, path)
		if got.Status != 404 || got.Header.Get("Mockbank-Entity") != "" {
			t.Errorf("%s: %d %s %v", path, got.Status, got.Body, got.Header)
		}
	}
	theirs := h.Post(v1+"/payments", payment(object{"recipient": own}), as(otherKey)...)
	if theirs.Status != 404 || theirs.Text("error.param") != "recipient" {
		t.Errorf("%d %s", theirs.Status, theirs.Body)
	}
	cursor := getAs(h, otherKey, "/accounts?starting_after="+own)
	if cursor.Status != 400 || cursor.Header.Get("Mockbank-Entity") != "" {
		t.Errorf("%d %s %v", cursor.Status, cursor.Body, cursor.Header)
	}
	if ids, _ := page(getAs(h, otherKey, "/accounts")); len(ids) != 1 || ids[0] != "acc_200000001" {
		t.Errorf("the second platform sees %v", ids)
	}
}

func TestAnyKeyIsTakenWhereThatIsAskedFor(t *testing.T) {
	h := house(t)
	h.Set("accept_any_credentials", true)
	for key, want := range map[string]int{"anything": 200, revokedKey: 401, "sk_live_1": 401} {
		if got := getAs(h, key, "/accounts/"+settlement); got.Status != want {
			t.Errorf("%s: %d %s", key, got.Status, got.Body)
		}
	}
}

// The control API holds a key's settings against their schema when it changes any of the key, so those that every
// workspace is born with have to pass.
func TestShippedKeysAreTrueToTheSchema(t *testing.T) {
	h := house(t)
	for _, client := range h.Runtime.Provider.Clients {
		for _, broken := range h.Runtime.Spec.Schema("ClientSettings").Check(client.Settings) {
			t.Errorf("%s: %s %s", client.ID, broken.Pointer, broken.Message)
		}
	}
}

// Whatever the bytes are, the answer is one of the provider's. The house fails the test where one breaks the spec.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		`{"amount":1000,"currency":"EUR","recipient":"rec_test_123","description":"Test Payment"}`, `{"amount":null,"metadata":{"a":null,"b c":1}}`,
		`{"currency":"EUR","owner":{"name":null,"email":" a@b.c "},"metadata":{"n":1e3,"t":true}}`, `[]`, `"x"`, `{"owner":[],"":{}}`, `{"iban":"\u0000"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		h := house(t)
		for _, path := range []string{"/payments", "/accounts", "/recipients"} {
			got := post(h, path, []byte(body), "Mockbank-Scenario", "manual")
			if _, refused := got.JSON()["error"]; refused != (got.Status != 201) || got.Status >= 500 {
				t.Errorf("%s %s: %d %s", path, body, got.Status, got.Body)
			}
		}
	})
}
