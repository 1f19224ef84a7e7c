package specs

import (
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/strictjson"
)

var load = sync.OnceValues(func() (*spec.Document, error) {
	data, err := FS.ReadFile("finqlink.yaml")
	if err != nil {
		return nil, err
	}
	return spec.Load("finqlink.yaml", data)
})

// The program does not check its own documents again, so each of them passes here.
func TestDocumentsAreSound(t *testing.T) {
	names, err := fs.Glob(FS, "*.yaml")
	if err != nil || len(names) < 2 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(FS, name)
		if err == nil {
			_, err = spec.Load(name, data)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

func finqlink(t testing.TB) *spec.Document {
	t.Helper()
	doc, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func operation(t testing.TB, id string) *spec.Operation {
	t.Helper()
	for _, op := range finqlink(t).Operations() {
		if op.ID == id {
			return op
		}
	}
	t.Fatalf("no operation %s", id)
	return nil
}

func decode(t testing.TB, text string) any {
	t.Helper()
	v, err := strictjson.Decode([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func lines(vs []problem.Violation) []string {
	var all []string
	for _, v := range vs {
		all = append(all, v.Pointer+" "+v.Rule)
	}
	return all
}

func TestOperationsComeInTheirForms(t *testing.T) {
	forms := map[string][]string{}
	for _, op := range finqlink(t).Operations() {
		forms[op.Name] = append(forms[op.Name], op.Method+" "+op.Path)
	}
	want := map[string][]string{
		"getWebhookKeys": {"GET /.well-known/jwks.json"},
		"createToken":    {"POST /oauth2/{server}/v1/token"},
		"getTokenKeys":   {"GET /oauth2/{server}/v1/keys"},
		"getMetadata": {
			"GET /oauth2/{server}/.well-known/openid-configuration", "GET /oauth2/{server}/.well-known/oauth-authorization-server",
			"GET /.well-known/oauth-authorization-server/oauth2/{server}",
		},
	}
	for name, path := range map[string]string{
		"createLink": "links/create", "getLink": "links/get", "listLinks": "links/list", "redirectLink": "links/redirect",
		"listProviders": "providers/list", "getProvider": "providers/get",
	} {
		want[name] = []string{"POST /v1/" + path, "POST /v2/" + path, "POST /test/" + path}
	}
	for name, path := range map[string]string{
		"listAccounts": "accounts/list", "listBalances": "balances/list", "listTransactions": "transactions/list", "createJob": "jobs/create", "getJob": "jobs/get",
	} {
		want[name] = []string{"POST /v2/ais/" + path, "POST /test/ais/" + path}
	}
	for name, path := range map[string]string{
		"createConsent": "consents/create", "getConsent": "consents/get", "revokeConsent": "consents/revoke", "redirectConsent": "consents/redirect",
	} {
		want[name] = []string{"POST /v2/ais/" + path, "POST /test/" + path}
	}
	if diff := cmp.Diff(want, forms); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

const create = `{"client_id":"finqlink-demo","client_secret":"finqlink-demo-secret",
 "single_transfer":{"amount":"125.50","currency":"RON","creditor_name":"Magazin Exemplu SRL","creditor_iban":"RO10RZBR0000069999999970",
   "debtor_iban":"RO03 RZBR 0000 0699 9999 9999","psu_id":"9999999998","details":"Factura 1042","end_to_end_id":"INV-1042"},
 "payment_method":{"provider_id":"rzb_ro","payment_scheme":"domestic","env":"sandbox"},
 "options":{"type":"link","expires_in":604800,"ux_template":"glass","callback_url":"http://localhost:3000/webhook","redirect_url":"http://localhost:3000/paid"},
 "tracking":{"customer_ref":"shop-17","payment_ref":"inv-1042"}}`

func TestCreateLink(t *testing.T) {
	const amount, tracking = "/single_transfer/amount", "/tracking/payment_ref"
	for _, tc := range []struct {
		old, new string
		want     []string
	}{
		{"", "", nil},
		{`"client_id":"finqlink-demo",`, ``, []string{"/client_id required"}},
		{`"finqlink-demo-secret"`, `1`, []string{"/client_secret type"}},
		{`"single_transfer":{`, `"singletransfer":{`, []string{"/single_transfer required"}},
		{`"amount"`, `"Amount"`, []string{amount + " required"}},
		{`"125.50"`, `"0.50"`, nil},
		{`"125.50"`, `"999999999999.99"`, nil},
		{`"125.50"`, `125.50`, []string{amount + " type"}},
		{`"125.50"`, `"01.00"`, []string{amount + " pattern"}},
		{`"125.50"`, `"1,000"`, []string{amount + " pattern"}},
		{`"125.50"`, `"1."`, []string{amount + " pattern"}},
		{`"125.50"`, `"-0"`, []string{amount + " pattern"}},
		{`"125.50"`, `"1e3"`, []string{amount + " pattern"}},
		{`"125.50"`, `""`, []string{amount + " pattern"}},
		{`"125.50"`, `"1.234"`, []string{amount + " pattern"}},
		{`"125.50"`, `"1000000000000"`, []string{amount + " pattern"}},
		{`"125.50"`, `"0.00"`, []string{amount + " format"}},
		{`"125.50"`, `"0"`, []string{amount + " format"}},
		{`"RON"`, `"USD"`, []string{"/single_transfer/currency enum"}},
		{`"Magazin Exemplu SRL"`, `""`, []string{"/single_transfer/creditor_name minLength"}},
		{`"Magazin Exemplu SRL"`, `"` + strings.Repeat("ș", 70) + `"`, nil},
		{`"Magazin Exemplu SRL"`, `"` + strings.Repeat("ș", 71) + `"`, []string{"/single_transfer/creditor_name maxLength"}},
		{`RO10RZBR`, `RO11RZBR`, []string{"/single_transfer/creditor_iban format"}},
		{`"psu_id"`, `"goods":[{"name":"Cafea","quantity":2,"amount":"4.50"},{"name":"","quantity":1.0,"amount":"0"}],"psu_id"`, []string{
			"/single_transfer/goods/1/name minLength", "/single_transfer/goods/1/quantity type", "/single_transfer/goods/1/amount format",
		}},
		{`"Factura 1042"`, `"` + strings.Repeat("x", 141) + `"`, []string{"/single_transfer/details maxLength"}},
		{`"INV-1042"`, `"` + strings.Repeat("x", 36) + `"`, []string{"/single_transfer/end_to_end_id maxLength"}},
		{`"env":"sandbox"`, `"env":"test","remitter_type":["retail"]`, []string{"/payment_method/remitter_type enum", "/payment_method/env enum"}},
		{`"type":"link"`, `"type":"sca"`, []string{"/options/type enum"}},
		{`604800`, `59`, []string{"/options/expires_in minimum"}},
		{`604800`, `31536001`, []string{"/options/expires_in maximum"}},
		{`604800`, `"604800"`, []string{"/options/expires_in type"}},
		{`604800`, `6e2`, []string{"/options/expires_in type"}},
		{`"glass"`, `"seventh"`, []string{"/options/ux_template enum"}},
		{`"http://localhost:3000/webhook"`, `"ftp://x"`, []string{"/options/callback_url format"}},
		{`"http://localhost:3000/paid"`, `"myapp://paid"`, nil},
		{`"http://localhost:3000/paid"`, `"javascript:alert(1)"`, []string{"/options/redirect_url format"}},
		{`"http://localhost:3000/paid"`, `"JavaScript://%0aalert(1)"`, []string{"/options/redirect_url format"}},
		{`"http://localhost:3000/paid"`, `"data:text/html,x"`, []string{"/options/redirect_url format"}},
		{`"http://localhost:3000/paid"`, `"/paid"`, []string{"/options/redirect_url format"}},
		{`inv-1042"}`, `Inv-1042"}`, []string{tracking + " pattern"}},
		{`inv-1042"}`, `-inv"}`, []string{tracking + " pattern"}},
		{`inv-1042"}`, strings.Repeat("i", 128) + `"}`, nil},
		{`inv-1042"}`, strings.Repeat("i", 129) + `"}`, []string{tracking + " pattern"}},
	} {
		body := strings.Replace(create, tc.old, tc.new, 1)
		got := lines(operation(t, "createLinkV2").CheckBody("application/json", decode(t, body)))
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%.60s -> %.60s (-want +got):\n%s", tc.old, tc.new, diff)
		}
	}
}

func TestFirstVersionIgnoresWhatItDoesNotKnow(t *testing.T) {
	for id, body := range map[string]string{
		"createLinkV1":    strings.Replace(create, `"glass"`, `7`, 1),
		"listLinksV1":     `{"client_id":"a","filter":1,"pagination":{"limit":0}}`,
		"listProvidersV1": `{"client_id":"a","options":{"show_ais_methods":"yes"}}`,
	} {
		if got := lines(operation(t, id).CheckBody("application/json", decode(t, body))); got != nil {
			t.Errorf("%s: %v", id, got)
		}
		second := strings.Replace(id, "V1", "V2", 1)
		if got := lines(operation(t, second).CheckBody("application/json", decode(t, body))); got == nil {
			t.Errorf("%s takes it", second)
		}
	}
}

func TestListLinks(t *testing.T) {
	for body, want := range map[string][]string{
		`{"client_id":"a","pagination":{"limit":1,"after":null}}`:                      nil,
		`{"client_id":"a","pagination":{"limit":250,"after":"eyJpIjoxfQ"}}`:            nil,
		`{"client_id":"a","pagination":{"limit":0}}`:                                   {"/pagination/limit minimum"},
		`{"client_id":"a","pagination":{"limit":251}}`:                                 {"/pagination/limit maximum"},
		`{"client_id":"a","pagination":{"limit":-1}}`:                                  {"/pagination/limit minimum"},
		`{"client_id":"a","pagination":{"limit":1.5}}`:                                 {"/pagination/limit type"},
		`{"client_id":"a","pagination":{"limit":"50"}}`:                                {"/pagination/limit type"},
		`{"client_id":"a","pagination":{"after":"a=b"}}`:                               {"/pagination/after pattern"},
		`{"client_id":"a","filter":{"status":"paid"}}`:                                 {"/filter/status enum"},
		`{"client_id":"a","filter":{"inserted_at_from":"2025-03-01T00:00:00+02:00"}}`:  nil,
		`{"client_id":"a","filter":{"inserted_at_from":"2025-03-01"}}`:                 {"/filter/inserted_at_from format"},
		`{"client_id":"a","filter":{"inserted_at_from":"2025-02-30T00:00:00Z"}}`:       {"/filter/inserted_at_from format"},
		`{"client_id":"a","filter":{"inserted_at_from":"0000-01-01T00:00:00Z"}}`:       {"/filter/inserted_at_from format"},
		`{"client_id":"a","filter":{"inserted_at_to":"2016-12-31T23:59:60Z"}}`:         {"/filter/inserted_at_to format"},
		`{"client_id":"a","filter":{"inserted_at_to":"2016-12-31T23:59:59,5Z"}}`:       {"/filter/inserted_at_to format"},
		`{"client_id":"a","filter":{"inserted_at_to":1}}`:                              {"/filter/inserted_at_to type"},
		`{"filter":{"inserted_at_to":"x"},"pagination":[],"client_id":{"$ref":"../"}}`: {"/client_id type", "/filter/inserted_at_to format", "/pagination type"},
	} {
		got := lines(operation(t, "listLinksV2").CheckBody("application/json", decode(t, body)))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
}

func TestRedirectQuery(t *testing.T) {
	op := operation(t, "redirectLinkV1")
	for query, ok := range map[string]bool{
		"state=x": true, "code=1&state=x": true, "?code=1&state=x": true, "error=access_denied&state=x&more=": true, "state=": true,
		"?state=x": false, "": false, "code=1": false, "state=x&y": false, "&state=x": false, "xstate=x": false,
	} {
		body, err := strictjson.Marshal(map[string]any{"client_id": "a", "query_string": query})
		if err != nil {
			t.Fatal(err)
		}
		if got := lines(op.CheckBody("application/json", decode(t, string(body)))); (got == nil) != ok {
			t.Errorf("%q: %v", query, got)
		}
	}
}

func TestTokenServerIsOneOfThePath(t *testing.T) {
	op := operation(t, "createToken")
	if !op.PathMatches(map[string]string{"server": "ausfqbxutkZBUKUgQ417"}) || op.PathMatches(map[string]string{"server": "other"}) {
		t.Error("the path of the token endpoint names the provider's server, and no other")
	}
}

func TestLeakedMembersAreNoticed(t *testing.T) {
	op := operation(t, "createLinkV2")
	reply := `{"request_id":"r","created_at":"2025-03-05T07:54:52.123456Z","expires_at":"2025-03-12T07:54:52.123456Z","api_client_app":"finqlink-demo",
		"link_id":"6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21","web_id":"k7Q2mX9pLr4Tz8Wd","web_url":"http://localhost/web/k7Q2mX9pLr4Tz8Wd"`
	if err := op.CheckReply(200, "application/json", nil, decode(t, reply+`}`)); err != nil {
		t.Error(err)
	}
	for _, leak := range []string{`,"scenario":"pay_success"}`, `,"links":[]}`} {
		if err := op.CheckReply(200, "application/json", nil, decode(t, reply+leak)); err == nil {
			t.Errorf("%s passes", leak)
		}
	}
	if err := op.CheckReply(422, "application/json", nil, decode(t, `{}`)); err == nil {
		t.Error("the provider knows no 422")
	}
}

func TestNotificationsAndSettings(t *testing.T) {
	doc := finqlink(t)
	hook := doc.Schema("webhook.link_status_update")
	good := `{"type":"link_status_update","link_id":"6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21","web_id":"k7Q2mX9pLr4Tz8Wd","status":"completed"}`
	if vs := hook.Check(decode(t, good)); vs != nil {
		t.Error(vs)
	}
	if vs := hook.Check(decode(t, strings.Replace(good, "completed", "created", 1))); vs == nil {
		t.Error("nobody is told that a link was created")
	}
	workspace := map[string]any{"refuse": "handshake", "webhook_alg": "RS256", "job_webhooks": "all", "accept_any_credentials": false, "cooldown": "60s", "outbound_ip_header": false, "transactions_per_account": 60.0}
	client := map[string]any{"ais": true, "tracking_required": false, "ux_template": "default", "profile": "standard"}
	for name, want := range map[string]map[string]any{"Settings": workspace, "ClientSettings": client} {
		got := doc.Schema(name).Defaults()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if vs := doc.Schema(name).Check(got); vs != nil {
			t.Errorf("%s: the defaults break their own rules: %v", name, vs)
		}
		if vs := doc.Schema(name).Check(map[string]any{"unknown": true}); vs == nil {
			t.Errorf("%s takes an unknown key", name)
		}
	}
}

func BenchmarkCreateLink(b *testing.B) {
	op := operation(b, "createLinkV2")
	body := decode(b, create)
	b.ReportAllocs()
	for b.Loop() {
		if vs := op.CheckBody("application/json", body); vs != nil {
			b.Fatal(vs)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	data, err := FS.ReadFile("finqlink.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := spec.Load("finqlink.yaml", data); err != nil {
			b.Fatal(err)
		}
	}
}
