package clients

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/housetest"
)

// exchange is a request of the kinds that an archive may hold; what it is answered is not looked at.
type exchange struct{ method, path, media, body string }

var exchanges = []exchange{
	{"POST", "/finqlink/v2/links/list", "application/json", `{"client_id":"finqlink-demo","client_secret":"finqlink-demo-secret"}`},
	{"POST", "/finqlink/v2/links/list?page=1&page=2&empty=&caf%C3%A9=%26", "application/json; charset=utf-8", `{"client_id":`},
	{"POST", "/finqlink/v2/links/create", "application/json", "\xff\xfe\x00"},
	{"POST", "/finqlink/v2/links/create", "", ""},
	{"POST", issuer + "/v1/token", "application/x-www-form-urlencoded", "grant_type=client_credentials&scope=pay_by_link&client_id=finqlink-demo&client_secret=finqlink-demo-secret"},
	{"GET", issuer + "/.well-known/openid-configuration", "", ""},
	{"GET", "/finqlink/nowhere", "", ""},
	{"HEAD", "/finqlink/v2/links/list", "", ""},
	{"DELETE", "/finqlink/v2/links/list", "", ""},
}

// TestAReaderOfHTTPArchives judges an archive of everything that a payment takes, pages with their forms and cookies
// included, and of calls that are refused.
func TestAReaderOfHTTPArchives(t *testing.T) {
	t.Parallel()
	housetest.Need(t, "node")
	h := start(t)
	for _, e := range exchanges {
		send(t, h.Base+e.path, e)
	}
	open(t, h)
	archive := fetch(t, h.Base+control+"/requests.har")
	var har struct{ Log struct{ Entries []any } }
	if err := json.Unmarshal(archive, &har); err != nil {
		t.Fatal(err)
	}
	if n := len(har.Log.Entries); n < len(exchanges)+2 {
		t.Errorf("the archive has %d entries, of %d requests and pages", n, len(exchanges))
	}
	if complaint, err := judge(t, archive); err != nil {
		t.Errorf("%v: %s", err, complaint)
	}
	for _, member := range []string{`"startedDateTime"`, `"queryString"`, `"mimeType"`, `"timings"`} {
		broken := strings.ReplaceAll(string(archive), member, `"_gone"`)
		if complaint, err := judge(t, []byte(broken)); err == nil || !strings.Contains(complaint, strings.Trim(member, `"`)) {
			t.Errorf("without %s the reader says %v: %.300s", member, err, complaint)
		}
	}
}

// open looks at the page of a payment link, which leads on and sets cookies.
func open(t *testing.T, h *housetest.House) {
	t.Helper()
	order := map[string]any{
		"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret",
		"single_transfer": map[string]any{"amount": "125.50", "currency": "RON", "creditor_name": "Shop", "creditor_iban": "RO10RZBR0000069999999970"},
		"payment_method":  map[string]any{"provider_id": "libra_ro", "payment_scheme": "domestic"},
	}
	var link struct {
		URL string `json:"web_url"`
	}
	call(t, h, http.MethodPost, "/finqlink/v2/links/create", order, &link)
	page, err := url.Parse(link.URL)
	if err != nil {
		t.Fatal(err)
	}
	send(t, h.Base+page.RequestURI(), exchange{method: http.MethodGet})
}

func send(t *testing.T, target string, e exchange) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), e.method, target, strings.NewReader(e.body))
	if err != nil {
		t.Fatal(err)
	}
	if e.media != "" {
		request.Header.Set("Content-Type", e.media)
	}
	request.Header.Set("Cookie", "a=1; b=two; broken")
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := reply.Body.Close(); err != nil {
		t.Error(err)
	}
}

func fetch(t *testing.T, target string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	data, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode != http.StatusOK {
		t.Fatal(reply.Status, err)
	}
	return data
}

// judge hands an archive to the reader.
func judge(t *testing.T, archive []byte) (complaint string, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "test.har")
	if err := os.WriteFile(file, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, complaints := node(t, "har.mjs", file)
	err = cmd.Run()
	return complaints.String(), err
}
