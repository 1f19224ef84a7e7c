package onelinkfintech_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
)

const (
	dash  = "/onelinkfintech-dashboard"
	dev   = "dev@example.test"
	dev2  = "dev2@example.test" // of the second platform
	front = dash + "/keys"
)

// passwords of the users.
var passwords = map[string]string{dev: "mock-password-1", dev2: "mock-password-2"}

// person is a browser with its cookie.
type person struct {
	*providertest.House
	t      testing.TB
	cookie string
	header http.Header // besides the cookie
}

// anybody is a person who is not signed in.
func anybody(t testing.TB, h *providertest.House) *person {
	return &person{House: h, t: t, header: http.Header{}}
}

func signedIn(t testing.TB, h *providertest.House, email string) *person {
	t.Helper()
	p := anybody(t, h)
	if got := p.signs(email, passwords[email], dash+"/login"); got.Status != 303 {
		t.Fatalf("sign in: %d %s", got.Status, got.Body)
	}
	return p
}

func (p *person) signs(email, password, page string) providertest.Answer {
	p.t.Helper()
	got := p.sends(page, "email", email, "password", password)
	if set := got.Header.Get("Set-Cookie"); set != "" {
		p.cookie, _, _ = strings.Cut(set, ";")
	}
	return got
}

func (p *person) do(method, target, body string) providertest.Answer {
	p.t.Helper()
	header := p.header.Clone()
	header.Set("Cookie", p.cookie)
	if method == http.MethodPost {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return p.Do(method, target, header, []byte(body))
}

func (p *person) opens(target string) providertest.Answer {
	p.t.Helper()
	return p.do(http.MethodGet, target, "")
}

// reads is what stands on a page that is there.
func (p *person) reads(target string) string {
	p.t.Helper()
	got := p.opens(target)
	if got.Status != 200 {
		p.t.Fatalf("%s: %d %s", target, got.Status, got.Body)
	}
	return string(got.Body)
}

var formPattern = regexp.MustCompile(`(?s)<form[^>]* action="([^"]*)">.*?name="token" value="([^"]*)"`)

// sends fills in the form of a page that is sent to the page itself, and sends it.
func (p *person) sends(page string, fields ...string) providertest.Answer {
	p.t.Helper()
	for _, form := range formPattern.FindAllStringSubmatch(p.reads(page), -1) {
		if action := html.UnescapeString(form[1]); action == page {
			return p.posts(action, append(fields, "token", form[2])...)
		}
	}
	p.t.Fatalf("%s has no form of its own", page)
	return providertest.Answer{}
}

func (p *person) posts(target string, fields ...string) providertest.Answer {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return p.do(http.MethodPost, target, form.Encode())
}

var keyPattern = regexp.MustCompile(`<code id="key">([sr]k_test_mock_[A-Za-z0-9]{16})</code>`)

// shown is the key that an answer shows.
func shown(t testing.TB, got providertest.Answer) string {
	t.Helper()
	match := keyPattern.FindSubmatch(got.Body)
	if got.Status != 200 || match == nil {
		t.Fatalf("there is no key: %d %s", got.Status, got.Body)
	}
	return string(match[1])
}

var rollPattern = regexp.MustCompile(dash + `/keys/([^/"]+)/roll`)

// newest is the id of the first key that can be rolled.
func (p *person) newest() string {
	p.t.Helper()
	match := rollPattern.FindStringSubmatch(p.reads(front))
	if match == nil {
		p.t.Fatal("there is no key to roll")
	}
	return match[1]
}

func wantKey(t testing.TB, h *providertest.House, key string, status int, kind string) {
	t.Helper()
	if got := getAs(h, key, "/accounts"); got.Status != status || got.Text("error.type") != kind {
		t.Errorf("the key is answered %d %s, want %d %s", got.Status, got.Body, status, kind)
	}
}

func TestAKeyLivesAsTheDashboardSays(t *testing.T) {
	h := house(t)
	p := signedIn(t, h, dev)
	first := shown(t, p.sends(front+"/new", "name", "Web shop", "kind", "full"))
	if page := p.reads(front); !strings.Contains(page, "…"+first[len(first)-4:]) || strings.Contains(page, first) {
		t.Error("the list shows another end than the key's, or the whole key")
	}
	wantKey(t, h, first, 200, "")
	if page := p.reads(front); !strings.Contains(page, `data-label="Last used"><div><time datetime="2026-01-15T10:30:00Z">`) {
		t.Errorf("the list does not tell that the key was used:\n%s", page)
	}
	next := shown(t, p.sends(front+"/"+p.newest()+"/roll"))
	h.Advance(24*time.Hour - time.Second)
	wantKey(t, h, first, 200, "")
	wantKey(t, h, next, 200, "")
	h.Advance(time.Second)
	wantKey(t, h, first, 401, "revoked_api_key")
	wantKey(t, h, next, 200, "")
	if got := p.sends(front + "/" + p.newest() + "/revoke"); got.Status != 303 || got.Header.Get("Location") != front+"?done=revoked" {
		t.Errorf("revoke: %d %v", got.Status, got.Header)
	}
	wantKey(t, h, next, 401, "revoked_api_key")
}

func TestWhatAKeyMay(t *testing.T) {
	h := house(t)
	p := signedIn(t, h, dev)
	reader := shown(t, p.sends(front+"/new", "name", "Reports", "kind", "read_only"))
	if !strings.HasPrefix(reader, "rk_test_mock_") {
		t.Errorf("a read-only key is %s", reader)
	}
	rolled := shown(t, p.sends(front+"/"+p.newest()+"/roll"))
	for _, key := range []string{reader, rolled} {
		wantKey(t, h, key, 200, "")
		if got := h.Post(v1+"/payments", payment(), as(key)...); got.Status != 403 {
			t.Errorf("a read-only key pays: %d", got.Status)
		}
	}
	other := shown(t, signedIn(t, h, dev2).sends(front+"/new", "name", "Theirs", "kind", "full"))
	if ids, _ := page(getAs(h, other, "/accounts")); len(ids) != 1 || ids[0] != "acc_200000001" {
		t.Errorf("a key of the second platform sees %v", ids)
	}
}

func TestFormsAreChecked(t *testing.T) {
	h := house(t)
	p := signedIn(t, h, dev)
	for _, test := range []struct {
		page   string
		fields []string
		want   string
	}{
		{"/keys/new", []string{"name", " ", "kind", "full"}, "A name has 1 to 100 characters."},
		{"/keys/new", []string{"name", strings.Repeat("é", 101), "kind", "full"}, "A name has 1 to 100 characters."},
		{"/keys/new", []string{"name", "x", "kind", "root"}, "Choose one of the two."},
		{"/settlement", []string{"account", settlement, "amount", "-1"}, "Write it as 1,234.00"},
		{"/settlement", []string{"account", settlement, "amount", "0.00"}, "Add more than nothing."},
		{"/settlement", []string{"account", settlement, "amount", "1.001"}, "Write it as 1,234.00"},
		{"/settlement", []string{"account", "acc_100000003", "amount", "1.5"}, "Write it as 123,400,"},
		{"/settlement", []string{"account", settlement, "amount", "90071992547409.91"}, "This account can take 90,071,991,547,409.91 more at most."},
		{"/webhook", []string{"url", "ftp://x.example"}, "must begin with http:// or https://."},
		{"/webhook", []string{"secret", strings.Repeat("s", 257)}, "A secret has at most 256 characters."},
	} {
		got := p.sends(dash+test.page, test.fields...)
		if got.Status != 400 || !strings.Contains(html.UnescapeString(string(got.Body)), test.want) {
			t.Errorf("%s %v: %d, without %q:\n%s", test.page, test.fields, got.Status, test.want, got.Body)
		}
	}
	if balance(h, settlement) != 100000000 {
		t.Errorf("the balance is %d", balance(h, settlement))
	}
}

func TestTestFunds(t *testing.T) {
	h := house(t)
	p := signedIn(t, h, dev)
	if got := p.sends(dash+"/settlement", "account", settlement, "amount", "1,250.5"); got.Status != 303 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if got := balance(h, settlement); got != 100125050 {
		t.Errorf("the balance is %d", got)
	}
	if page := p.reads(dash + "/settlement?done=funds"); !strings.Contains(page, "1,001,250.50 EUR") || !strings.Contains(page, "The test funds were added.") {
		t.Errorf("%s", page)
	}
	own := post(h, "/accounts", account()).Text("id")
	for _, account := range []string{"acc_200000001", own, "acc_999999999", ""} {
		if got := p.sends(dash+"/settlement", "account", account, "amount", "1"); got.Status != 404 {
			t.Errorf("funds for %q: %d", account, got.Status)
		}
	}
}

func TestTheWebhookOfAPlatform(t *testing.T) {
	h := house(t)
	p := signedIn(t, h, dev)
	setClient(h, "platform-1-revoked", object{"webhook_url": providertest.InboxURL("old"), "webhook_secret": "old"})
	if page := p.reads(dash + "/webhook"); !strings.Contains(page, providertest.InboxURL("old")) || !strings.Contains(page, "extension of mockbank") {
		t.Errorf("%s", page)
	}
	p.sends(dash+"/webhook", "url", providertest.InboxURL("new"), "secret", "whsec_new")
	post(h, "/accounts", account())
	h.Post(v1+"/accounts", account(), as(otherKey)...)
	h.Settle()
	messages := h.Messages("new")
	if len(h.Messages("old")) != 0 || len(messages) != 1 || !messages[0].Verdict.Valid {
		t.Fatalf("the inboxes got %v and %v", h.Messages("old"), messages)
	}
	at, signature, _ := strings.Cut(messages[0].Header.Get("OneLink-Signature"), ",v1=")
	mac := hmac.New(sha256.New, []byte("whsec_new"))
	mac.Write([]byte(strings.TrimPrefix(at, "t=") + "." + string(messages[0].Body)))
	if want := hex.EncodeToString(mac.Sum(nil)); signature != want {
		t.Errorf("v1 is %s, want %s", signature, want)
	}
	p.sends(dash+"/webhook", "url", "", "secret", "")
	post(h, "/accounts", account())
	h.Settle()
	if n := len(h.Messages("new")); n != 1 {
		t.Errorf("%d events came after the webhook was taken away", n)
	}
}

// A reset brings keys back to life and counts them anew; a key that is made then is another one.
func TestKeysAfterAReset(t *testing.T) {
	h := house(t)
	first := shown(t, signedIn(t, h, dev).sends(front+"/new", "name", "Before", "kind", "full"))
	h.Update(func(tx *store.Tx) error { tx.Reset(); return nil })
	second := shown(t, signedIn(t, h, dev).sends(front+"/new", "name", "After", "kind", "full"))
	if first == second {
		t.Error("two keys are the same")
	}
	wantKey(t, h, first, 200, "")
	wantKey(t, h, second, 200, "")
}

// A key that the control API registered has no entity before something happens to it.
func TestAKeyOfTheControlAPIIsRolled(t *testing.T) {
	h := house(t)
	const id, secret = "my key", "sk_test_mock_mine000000000001"
	h.Update(func(tx *store.Tx) error {
		return h.Runtime.PutClient(tx, &oauth.Client{ID: id, Secret: secret})
	})
	p := signedIn(t, h, dev)
	next := shown(t, p.sends(front+"/"+url.PathEscape(id)+"/roll"))
	wantKey(t, h, secret, 200, "")
	h.Advance(24 * time.Hour)
	wantKey(t, h, secret, 401, "revoked_api_key")
	wantKey(t, h, next, 200, "")
}
