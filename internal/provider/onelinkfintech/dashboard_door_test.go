package onelinkfintech_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// inside are the pages for those who are signed in, and forms those that take a form.
var (
	inside = []string{
		"/keys", "/keys/new", "/keys/platform-1/roll", "/keys/platform-1/revoke", "/accounts", "/accounts/acc_100000001", "/payments",
		"/payments/pay_123456789", "/recipients", "/recipients/rec_test_123", "/settlement", "/webhook",
	}
	forms = []string{"/keys/new", "/keys/platform-1/roll", "/keys/platform-1/revoke", "/settlement", "/webhook"}
)

func TestNobodyIsLetInWithoutASession(t *testing.T) {
	h := house(t)
	post(h, "/payments", payment())
	p, own := anybody(t, h), signedIn(t, h, dev)
	for _, path := range append([]string{"/logout"}, inside...) {
		methods := []string{http.MethodGet, http.MethodPost}
		if path == "/logout" {
			methods = methods[1:]
		}
		for _, method := range methods {
			got := p.do(method, dash+path, "")
			if method == http.MethodPost && got.Status == 405 {
				continue // The page has no form.
			}
			if want := dash + "/login?to=" + url.QueryEscape(path); got.Status != 303 || got.Header.Get("Location") != want {
				t.Errorf("%s %s: %d %s, want %s", method, path, got.Status, got.Header.Get("Location"), want)
			}
		}
		if path != "/logout" {
			own.reads(dash + path)
		}
	}
	if got := p.opens(dash + "/"); got.Status != 303 || got.Header.Get("Location") != front {
		t.Errorf("the face leads to %d %s", got.Status, got.Header.Get("Location"))
	}
}

// Signing in leads back to where one came from, and never to another place.
func TestSigningInLeadsBack(t *testing.T) {
	h := house(t)
	for to, want := range map[string]string{
		"/payments?status=failed": "/payments?status=failed", "/payments/pay_1": "/payments/pay_1", "": "/keys",
		"/nothing": "/keys", "/keysx": "/keys", "/logout": "/keys", "/login": "/keys", "keys": "/keys", "//evil.example/keys": "/keys", `/\evil.example/keys`: "/keys",
		"http://evil.example/keys": "/keys", "/keys/../../../evil": "/keys", "/keys//evil": "/keys", "/payments\r\nX: y": "/keys", "javascript:alert(1)": "/keys",
		"/payments?a=%0d%0ab": "/payments?a=%0d%0ab", ".evil.example": "/keys",
	} {
		p := anybody(t, h)
		got := p.opens(dash + "/login?to=" + url.QueryEscape(to))
		form := formPattern.FindStringSubmatch(string(got.Body))
		if got.Status != 200 || form == nil {
			t.Fatalf("%q: %d %s", to, got.Status, got.Body)
		}
		got = p.posts(dash+"/login?to="+url.QueryEscape(to), "email", dev, "password", passwords[dev], "token", form[2])
		if got.Status != 303 || got.Header.Get("Location") != dash+want {
			t.Errorf("%q leads to %d %s, want %s", to, got.Status, got.Header.Get("Location"), dash+want)
		}
	}
}

func TestWrongPasswords(t *testing.T) {
	p := anybody(t, house(t))
	for _, test := range [][2]string{{dev, "wrong"}, {dev, ""}, {"", "mock-password-1"}, {"nobody@example.test", "mock-password-1"}, {dev2, "mock-password-1"}} {
		got := p.signs(test[0], test[1], dash+"/login")
		if got.Status != 401 || !strings.Contains(string(got.Body), "do not belong together") || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("%v: %d %s", test, got.Status, got.Body)
		}
	}
	if got := p.opens(front); got.Status != 303 {
		t.Errorf("a stranger sees the keys: %d", got.Status)
	}
	if got := p.signs(" DEV@example.test ", passwords[dev], dash+"/login"); got.Status != 303 {
		t.Errorf("an email in capitals: %d", got.Status)
	}
}

// Each form goes with the token of its own page and this session, and with no other.
func TestFormsWantTheirToken(t *testing.T) {
	h := house(t)
	p, other := signedIn(t, h, dev), signedIn(t, h, dev)
	for _, path := range forms {
		theirs := formPattern.FindAllStringSubmatch(other.reads(dash+path), -1)
		foreign := formPattern.FindAllStringSubmatch(p.reads(dash+"/webhook"), -1)
		if path == "/webhook" {
			foreign = formPattern.FindAllStringSubmatch(p.reads(dash+"/settlement"), -1)
		}
		for name, token := range map[string]string{
			"none": "", "another session's": theirs[len(theirs)-1][2], "another form's": foreign[len(foreign)-1][2], "a guess": strings.Repeat("A", 43),
		} {
			got := p.posts(dash+path, "token", token, "name", "x", "kind", "full", "account", settlement, "amount", "5")
			if got.Status != 403 || !isPage(got) {
				t.Errorf("%s with %s token: %d %s", path, name, got.Status, got.Body)
			}
		}
	}
	if got := anybody(t, h).posts(dash+"/login", "email", dev, "password", passwords[dev]); got.Status != 403 {
		t.Errorf("sign in without a token: %d", got.Status)
	}
	if balance(h, settlement) != 100000000 || h.Show("key", "platform-1").State != "active" {
		t.Error("a form without its token did something")
	}
}

func TestSigningOut(t *testing.T) {
	h := house(t)
	p := signedIn(t, h, dev)
	form := formPattern.FindStringSubmatch(p.reads(front))
	if got := p.posts(dash+"/logout", "token", "x"); got.Status != 403 {
		t.Errorf("without a token: %d", got.Status)
	}
	if got := p.posts(form[1], "token", form[2]); got.Status != 303 || got.Header.Get("Location") != dash+"/login" {
		t.Errorf("%d %v", got.Status, got.Header)
	}
	if got := p.opens(front); got.Status != 303 {
		t.Errorf("the cookie still opens the dashboard: %d", got.Status)
	}
}

func TestASessionEnds(t *testing.T) {
	h := house(t)
	p := signedIn(t, h, dev)
	h.Advance(30*24*time.Hour - time.Second)
	p.reads(front)
	h.Advance(time.Second)
	if got := p.opens(front); got.Status != 303 {
		t.Errorf("%d", got.Status)
	}
}

// A session of one workspace is none of another, and what is made in one is unknown in the other.
func TestWorkspacesAreApart(t *testing.T) {
	h := house(t)
	p := signedIn(t, h, dev)
	key := shown(t, p.sends(front+"/new", "name", "Here", "kind", "full"))
	if got := p.opens("/w/another" + front); got.Status != 303 || got.Header.Get("Location") != "/w/another"+dash+"/login?to=%2Fkeys" {
		t.Errorf("%d %s", got.Status, got.Header.Get("Location"))
	}
	there := anybody(t, h)
	there.signs(dev, passwords[dev], "/w/another"+dash+"/login")
	if page := there.reads("/w/another" + front); strings.Contains(page, "Here") || !strings.Contains(page, `href="/w/another/onelinkfintech-dashboard/payments"`) {
		t.Errorf("%s", page)
	}
	if got := h.Do("GET", "/w/another"+v1+"/accounts", http.Header{"Authorization": {"Bearer " + key}}, nil); got.Status != 401 {
		t.Errorf("the key opens another workspace: %d", got.Status)
	}
	if got := there.opens(front); got.Status != 303 {
		t.Errorf("the other's session opens this one: %d", got.Status)
	}
}

// Another platform's things are as unknown as those that never were.
func TestPlatformsAreApartOnPages(t *testing.T) {
	h := house(t)
	account, to, paid := post(h, "/accounts", account()).Text("id"), post(h, "/recipients", recipient()).Text("id"), post(h, "/payments", payment()).Text("id")
	p := signedIn(t, h, dev2)
	for _, path := range []string{
		"/accounts/" + account, "/accounts/" + settlement, "/recipients/" + to, "/payments/" + paid, "/keys/platform-1/roll", "/keys/platform-1/revoke", "/keys/nobody/roll",
		"/accounts?starting_after=" + account, "/payments?ending_before=" + paid, "/accounts/" + strings.Repeat("x", 5000),
	} {
		got := p.opens(dash + path)
		if got.Status != 404 || !isPage(got) || got.Header.Get("Mockbank-Entity") != "" {
			t.Errorf("%s: %d %v", path, got.Status, got.Header)
		}
	}
	for _, path := range []string{"/keys", "/accounts", "/payments", "/recipients", "/settlement"} {
		page := p.reads(dash + path)
		for _, id := range []string{account, settlement, to, paid, "platform-1"} {
			if strings.Contains(page, id) {
				t.Errorf("%s shows %s to the second platform", path, id)
			}
		}
	}
}

func isPage(got providertest.Answer) bool {
	return strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") && strings.Contains(got.Header.Get("Content-Security-Policy"), "default-src 'none'")
}

func TestRefusalsArePages(t *testing.T) {
	h := house(t)
	p := signedIn(t, h, dev)
	for name, test := range map[string]struct {
		got    providertest.Answer
		status int
	}{
		"no such page":        {p.opens(dash + "/nothing"), 404},
		"another method":      {p.do("DELETE", front, ""), 405},
		"a revoked key":       {p.opens(front + "/platform-1-revoked/roll"), 409},
		"JSON":                {h.Post(dash+"/login", object{"email": dev}), 415},
		"a form that is long": {p.posts(dash+"/login", "email", strings.Repeat("x", 65<<10)), 413},
		"a broken form":       {p.do("POST", dash+"/login", "a=%zz"), 400},
		"another origin":      {h.Form(dash+"/login", url.Values{}, "Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site"), 403},
	} {
		if test.got.Status != test.status || !isPage(test.got) || strings.Contains(string(test.got.Body), `"error"`) {
			t.Errorf("%s: %d %s", name, test.got.Status, test.got.Body)
		}
	}
	if got := h.Get(v1 + "/nothing"); got.Text("error.type") != "route_not_found" {
		t.Errorf("the API answers %s", got.Body)
	}
}

// Texts of strangers stand on the pages as texts.
func TestStrangersTextStaysText(t *testing.T) {
	h := house(t)
	const evil = `<img src=x onerror=alert(1)>"'`
	p := signedIn(t, h, dev)
	made := p.sends(front+"/new", "name", evil, "kind", "full")
	id := post(h, "/accounts", account(object{"owner": object{"name": evil, "email": "a@b.example"}, "metadata": object{"x": evil}})).Text("id")
	to := post(h, "/recipients", recipient(object{"name": evil})).Text("id")
	paid := post(h, "/payments", payment(object{"description": evil})).Text("id")
	pages := []string{string(made.Body)}
	for _, path := range []string{
		"/keys", "/keys/" + p.newest() + "/roll", "/accounts", "/accounts/" + id, "/recipients", "/recipients/" + to, "/payments", "/payments/" + paid,
	} {
		pages = append(pages, p.reads(dash+path))
	}
	for _, page := range pages {
		if strings.Contains(page, "<img") || !strings.Contains(page, "&lt;img src=x") {
			t.Errorf("%s", page)
		}
	}
	for _, path := range []string{"/payments?recipient=" + url.QueryEscape(evil), "/keys?done=" + url.QueryEscape(evil), "/keys?after=" + url.QueryEscape(evil)} {
		if strings.Contains(p.reads(dash+path), "<img") {
			t.Errorf("%s shows what its address says", path)
		}
	}
}

// turns goes through a table by its links, and counts the rows of each page.
func (p *person) turns(path, rel string) (rows []int) {
	p.t.Helper()
	for target := dash + path; target != ""; {
		page := p.reads(target)
		rows = append(rows, strings.Count(page, "<tr role=\"row\"><td"))
		_, behind, _ := strings.Cut(page, `rel="`+rel+`" href="`)
		target, _, _ = strings.Cut(behind, `"`)
		target = strings.ReplaceAll(target, "&amp;", "&")
		if len(rows) > 9 {
			p.t.Fatalf("%s never ends", path)
		}
	}
	return rows
}

func TestTablesTurn(t *testing.T) {
	h := house(t)
	p := signedIn(t, h, dev)
	var last string
	for i := range 60 {
		last = post(h, "/payments", payment(object{"amount": i + 1})).Text("id")
		if i%2 == 0 {
			h.Advance(time.Minute) // The next ones are of another minute for the rate.
		}
	}
	for i := range 27 {
		p.sends(front+"/new", "name", fmt.Sprint("Key ", i), "kind", "full")
	}
	for _, test := range []struct{ path, rel, want string }{
		{"/payments", "next", "[25 25 10]"}, {"/payments?starting_after=pay_123456799", "prev", "[10 25 25]"}, {"/accounts", "next", "[3]"},
		{"/payments?recipient=rec_test_123", "next", "[25 25 10]"}, {"/payments?recipient=rec_test_stuck", "next", "[0]"}, {"/keys", "next", "[25 5]"},
	} {
		if got := fmt.Sprint(p.turns(test.path, test.rel)); got != test.want {
			t.Errorf("%s by %s has %s rows, want %s", test.path, test.rel, got, test.want)
		}
	}
	if page := p.reads(dash + "/payments"); strings.Index(page, last) > strings.Index(page, "pay_123456847") || strings.Contains(page, `rel="prev"`) {
		t.Error("the newest is not the first")
	}
}
