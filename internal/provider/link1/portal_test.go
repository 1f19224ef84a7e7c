package link1_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

// letters are the mails to an address, the newest first.
func letters(h *providertest.House, to string) (all []webhook.Letter) {
	h.View(func(tx *store.Tx) (err error) {
		all, _, err = webhook.Letters(tx, webhook.Filter{}, to, 0, 100)
		return err
	})
	return all
}

var linkPattern = regexp.MustCompile(`http://[^/]+/1link-portal(/user/\S+)`)

// mailed is the link of the newest mail to an address, which has this subject.
func mailed(t testing.TB, h *providertest.House, to, subject string) string {
	t.Helper()
	all := letters(h, to)
	if len(all) == 0 || all[0].Subject != subject {
		t.Fatalf("%s got %v, want %q", to, all, subject)
	}
	match := linkPattern.FindStringSubmatch(all[0].Text)
	if match == nil {
		t.Fatalf("there is no link in %q", all[0].Text)
	}
	return match[1]
}

var newcomer = []string{
	"name", "Nadia New", "organisation", "New Ltd", "kind", "Business", "email", "nadia@example.test", "password", "long enough", "terms", "yes", "privacy", "yes",
}

func TestSigningUp(t *testing.T) {
	h := house(t)
	p := anybody(t, h)
	p.sends("/user/register", newcomer...)
	link := mailed(t, h, "nadia@example.test", "Activate your 1LINK developer account")
	if got := p.signs("nadia@example.test", "long enough"); got.Status != 401 || !strings.Contains(string(got.Body), "not activated") {
		t.Errorf("before the activation: %d %s", got.Status, got.Body)
	}
	if got := p.opens(link); got.Status != 303 {
		t.Fatalf("the link: %d %s", got.Status, got.Body)
	}
	if got := p.opens(link); got.Status != 404 {
		t.Errorf("the link works twice: %d", got.Status)
	}
	if got := p.signs("NADIA@example.test", "long enough"); got.Status != 303 || got.Header.Get("Location") != portal+"/apps" {
		t.Errorf("%d %v", got.Status, got.Header)
	}
	p.wants(p.reads("/apps"), "Nadia New", "New Ltd", "You have no application yet")
}

func TestALinkIsGoodForADay(t *testing.T) {
	h := house(t)
	p := anybody(t, h)
	p.sends("/user/register", newcomer...)
	link := mailed(t, h, "nadia@example.test", "Activate your 1LINK developer account")
	h.Advance(24 * time.Hour)
	if got := p.opens(link); got.Status != 404 {
		t.Errorf("the old link: %d", got.Status)
	}
	got := p.signs("nadia@example.test", "long enough")
	form := formPattern.FindAllStringSubmatch(string(got.Body), -1)
	p.posts(form[len(form)-1][1], "email", "nadia@example.test", "token", form[len(form)-1][2])
	next := mailed(t, h, "nadia@example.test", "Activate your 1LINK developer account")
	if next == link || p.opens(next).Status != 303 {
		t.Errorf("the new link %s does not work", next)
	}
}

func TestWhoMaySignUp(t *testing.T) {
	h := house(t)
	for name, changed := range map[string][]string{
		"no name": {"name", " "}, "no such kind": {"kind", "Bank"}, "no address": {"email", "nadia"}, "a taken address": {"email", "DEV@example.test"},
		"a short password": {"password", "1234567"}, "a long password": {"password", strings.Repeat("x", 73)}, "no terms": {"terms", ""}, "no privacy": {"privacy", ""},
	} {
		got := anybody(t, h).sends("/user/register", append(append([]string{}, newcomer...), changed...)...)
		if got.Status != 400 || !strings.Contains(string(got.Body), `class="error"`) || strings.Contains(string(got.Body), "long enough") {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if n := len(letters(h, "")); n != 0 {
		t.Errorf("%d mails were written", n)
	}
}

func TestFiveWrongPasswordsLock(t *testing.T) {
	h := house(t)
	p := anybody(t, h)
	for range 5 {
		if got := p.signs(dev, "wrong"); got.Status != 401 {
			t.Fatalf("%d", got.Status)
		}
	}
	if got := p.signs(dev, password); got.Status != 401 || !strings.Contains(string(got.Body), "locked") {
		t.Errorf("a locked account: %d %s", got.Status, got.Body)
	}
	h.Advance(15 * time.Minute)
	if got := p.signs(dev, password); got.Status != 303 {
		t.Errorf("after 15 minutes: %d", got.Status)
	}
}

func TestAForgottenPassword(t *testing.T) {
	h := house(t)
	p := anybody(t, h)
	p.sends("/user/password", "email", dev)
	link := mailed(t, h, dev, "Password reset")
	p.sends("/user/password", "email", "nobody@example.test")
	if n := len(letters(h, "nobody@example.test")); n != 0 {
		t.Error("a stranger was written to")
	}
	if got := p.sends(link, "password", "short"); got.Status != 400 {
		t.Errorf("a short password: %d", got.Status)
	}
	if got := p.sends(link, "password", "another one"); got.Status != 303 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if got := p.opens(link); got.Status != 404 {
		t.Errorf("the link works twice: %d", got.Status)
	}
	if p.signs(dev, password).Status != 401 || p.signs(dev, "another one").Status != 303 {
		t.Error("the password is the old one")
	}
}

func TestNewTermsWantToBeAccepted(t *testing.T) {
	h := house(t)
	p := developer(t, h)
	h.Set("terms_version", 2)
	if got := p.opens("/apps/1"); got.Status != 303 || got.Header.Get("Location") != portal+"/user/accept?to=%2Fapps%2F1" {
		t.Fatalf("%d %v", got.Status, got.Header)
	}
	if got := p.sends("/user/accept?to=/apps/1", "terms", "yes"); got.Status != 400 {
		t.Errorf("half of it: %d", got.Status)
	}
	if got := p.sends("/user/accept?to=/apps/1", "terms", "yes", "privacy", "yes"); got.Status != 303 || got.Header.Get("Location") != portal+"/apps/1" {
		t.Errorf("%d %v", got.Status, got.Header)
	}
	p.reads("/apps/1")
}

func TestNobodyIsLetInWithoutASession(t *testing.T) {
	h := house(t)
	p := anybody(t, h)
	for _, path := range []string{
		"/apps", "/apps/new", "/apps/1", "/apps/1/edit", "/apps/1/delete", "/apps/1/verify", "/apps/1/reset-secret", "/apps/1/reset-id", "/apps/1/credentials",
		"/product/IBFT/Extended", "/node/1/try", "/forum/new", "/support", "/admin/requests",
	} {
		if got := p.opens(path); got.Status != 303 || !strings.HasPrefix(got.Header.Get("Location"), portal+"/user/login?to=") {
			t.Errorf("%s: %d %v", path, got.Status, got.Header)
		}
		if got := p.posts(portal+path, "token", "x"); got.Status != 303 && got.Status != 405 {
			t.Errorf("POST %s: %d", path, got.Status)
		}
	}
}

func TestFormsWantTheirToken(t *testing.T) {
	h := house(t)
	p := developer(t, h)
	for _, path := range []string{"/apps/new", "/apps/1/delete", "/apps/1/reset-secret", "/product/IBFT/Extended", "/forum/new", "/support", "/node/1/try", "/user/login", "/user/register", "/user/password"} {
		if got := p.posts(portal+path, "token", "x"); got.Status != 403 {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
}

// Another developer's things are as unknown as those that never were.
func TestDevelopersAreApart(t *testing.T) {
	h := house(t)
	p := anybody(t, h)
	p.sends("/user/register", newcomer...)
	p.opens(mailed(t, h, "nadia@example.test", "Activate your 1LINK developer account"))
	p.signs("nadia@example.test", "long enough")
	developer(t, h).sends("/support", "topic", "Question", "text", "Mine")
	for _, path := range []string{"/apps/1", "/apps/1/edit", "/apps/1/reset-secret", "/apps/9", "/support/TCK-000001"} {
		if got := p.opens(path); got.Status != 404 {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
	if got := p.opens("/admin/requests"); got.Status != 403 {
		t.Errorf("the desk: %d", got.Status)
	}
}

// A pair calls the gateway as the portal says.
func TestAnApplicationWithItsCredentials(t *testing.T) {
	h := house(t)
	p := developer(t, h)
	page := string(p.sends("/apps/new", "name", "Shop", "description", "Sells", "catalog", "sandbox").Body)
	id, word := p.shown(page, "client-id"), p.shown(page, "client-secret")
	whole := "<code>" + id + "</code>"
	if page := p.reads("/apps/4"); strings.Contains(page, word) || strings.Contains(page, whole) {
		t.Error("the secret is shown again, or the id is without being asked for")
	}
	p.wants(p.reads("/apps/4?show="+id), whole, "Hide")
	p.wants(string(p.sends("/apps/4/verify", "client_secret", word).Body), "<h2>Match</h2>")
	p.wants(string(p.sends("/apps/4/verify", "client_secret", "x").Body), "<h2>No match</h2>")

	c := as(t, h, id, word)
	if got := c.call("/path-1", title()); got.Status != 401 {
		t.Errorf("without a plan: %d %s", got.Status, got.Body)
	}
	p.wants(p.goes("/product/IBFT/Free", "app", "4"), "It can be used at once", "IBFT · Free")
	wantCode(t, c.call("/path-1", title()), "00")
	p.wants(p.reads("/apps/4"), "Title Fetch: 1 of 100 per hour", "Interbank Fund Transfer: 0 of 100 per hour", "fundsTransfer: 0 of 10 per minute")

	reset := p.shown(string(p.sends("/apps/4/reset-secret").Body), "client-secret")
	if got := c.call("/path-1", title()); reset == word || got.Status != 401 {
		t.Errorf("after the reset the old token is answered %d", got.Status)
	}
	if got := token(h, "client_id="+id+"&client_secret="+word); got.Status != 401 {
		t.Errorf("the old secret: %d", got.Status)
	}
	added := string(p.sends("/apps/4/credentials").Body)
	for _, c := range []*caller{as(t, h, id, reset), as(t, h, p.shown(added, "client-id"), p.shown(added, "client-secret"))} {
		wantCode(t, c.call("/path-1", title()), "00")
	}
	p.wants(p.reads("/apps/4"), "Title Fetch: 4 of 100 per hour") // The revoked token was found out after the count.

	renamed := string(p.sends("/apps/4/reset-id?client="+id, "client", id).Body)
	if got := token(h, "client_id="+id+"&client_secret="+reset); got.Status != 401 {
		t.Errorf("the old id: %d", got.Status)
	}
	c = as(t, h, p.shown(renamed, "client-id"), p.shown(renamed, "client-secret"))
	p.wants(p.goes("/apps/4/delete"), "was deleted")
	if got := c.call("/path-1", title()); got.Status != 401 || p.opens("/apps/4").Status != 404 {
		t.Errorf("after the deletion: %d", got.Status)
	}
}

var subscriptionPattern = regexp.MustCompile(`/(?:plans|requests)/([0-9a-f-]{36})`)

func TestARestrictedPlan(t *testing.T) {
	h := house(t)
	p, boss := developer(t, h), administrator(t, h)
	page := p.goes("/product/IBFT/Extended", "app", "2")
	p.wants(page, "Access was requested", "requested")
	id := subscriptionPattern.FindStringSubmatch(page)[1]
	c := &caller{House: h, t: t, client: second, token: token(h, "client_id="+second+"&client_secret=mock-client-secret-000000000002").Text("access_token")}
	if got := c.call("/path-1", title()); got.Status != 403 {
		t.Errorf("before the approval: %d %s", got.Status, got.Body)
	}
	if all := letters(h, admin); len(all) != 1 || all[0].Subject != "Plan request received" {
		t.Errorf("the administrator got %v", all)
	}
	boss.wants(boss.reads("/admin/requests"), "IBFT/Extended", "Mock App Two")
	boss.goes("/admin/requests/"+id, "decision", "ask", "message", "What for?")
	p.wants(p.reads("/apps/2/plans/"+id), "What for?")
	p.wants(p.goes("/apps/2/plans/"+id, "answer", "For payroll"), "Your answer was sent")
	boss.wants(boss.reads("/admin/requests/"+id), "For payroll")
	boss.wants(boss.goes("/admin/requests/"+id, "decision", "approve", "message", "Welcome"), "Nobody asks for a plan")
	wantCode(t, c.call("/path-1", title()), "00")
	var subjects []string
	for _, l := range letters(h, dev) {
		subjects = append(subjects, l.Subject)
	}
	if got := strings.Join(subjects, ", "); got != "Plan request approved, Plan request: details needed, Plan request received" {
		t.Errorf("the developer got %s", got)
	}
	p.wants(p.goes("/apps/2/plans/"+id), "no longer has the plan")
	if got := c.call("/path-1", title()); got.Status != 401 {
		t.Errorf("after unsubscribing: %d", got.Status)
	}
}

// Every operation can be tried with its sample, and what is answered is the gateway's own word.
func TestTryCallsTheGateway(t *testing.T) {
	h := house(t)
	p := developer(t, h)
	got := p.sends("/node/1/try", "client_id", first, "client_secret", secret, "do", "token")
	access := regexp.MustCompile(`name="access_token"[^>]* value="(mock-at-[0-9]{24})"`).FindStringSubmatch(string(got.Body))
	if got.Status != 200 || access == nil {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	link := regexp.MustCompile(`/1link-portal(/node/\d/try\?operation=\w+)`)
	sample := regexp.MustCompile(`(?s)<textarea id="body"[^>]*>\n(.*?)</textarea>`)
	tried := 0
	for _, node := range []string{"/node/1", "/node/2", "/node/3", "/node/4", "/node/5", "/node/6", "/node/7", "/node/8"} {
		for _, found := range link.FindAllStringSubmatch(p.reads(node), -1) {
			body := sample.FindStringSubmatch(p.reads(found[1]))[1]
			page := string(p.sends(found[1], "client_id", first, "client_secret", secret, "access_token", access[1], "body", body).Body)
			if !strings.Contains(page, "200 OK") && !strings.Contains(page, "429 ") || strings.Contains(page, "MESSAGE FORMAT") || strings.Contains(page, secret) && !strings.Contains(page, `value="`+secret) {
				t.Errorf("%s: %s", found[1], page[strings.Index(page, "<h2>Answer"):])
			}
			tried++
		}
		h.Advance(time.Minute)
	}
	if tried != 28 {
		t.Errorf("%d operations were tried", tried)
	}
	if got := p.sends("/node/1/try", "client_id", third, "body", "{}"); !strings.Contains(string(got.Body), "429 Too Many Requests") {
		t.Errorf("a plan that is used up: %s", got.Body)
	}
	if got := p.sends("/node/1/try", "client_id", "mock-client-id-0000000000000009"); got.Status != 404 {
		t.Errorf("another's client id: %d", got.Status)
	}
}

func TestDocumentsCanBeHad(t *testing.T) {
	p := anybody(t, house(t))
	for path, want := range map[string]string{"/node/1/openapi.yaml": "url: \"http://localhost", "/node/3/service.wsdl": "/1link/uat-1link/sandbox/ibft-soap-service", "/node/5/service.wsdl": "VoidBillPayment"} {
		p.wants("<main"+p.reads(path), want)
	}
	if got := p.opens("/node/1/service.wsdl"); got.Status != 404 {
		t.Errorf("a WSDL of REST: %d", got.Status)
	}
}

func TestTheForum(t *testing.T) {
	h := house(t)
	p, boss := developer(t, h), administrator(t, h)
	p.wants(p.goes("/forum/new", "title", "RRN", "text", "How long is an <b>RRN</b>?"), "RRN", "How long")
	boss.wants(boss.goes("/forum/1", "text", "Twelve digits."), "1LINK expert", "Twelve digits.")
	q := anybody(t, h)
	q.wants(q.reads("/forum"), "A 1LINK expert answered")
	if page := string(q.opens("/forum/1").Body); strings.Contains(page, "<b>RRN") || strings.Contains(page, "<textarea") {
		t.Errorf("%s", page)
	}
	if got := p.sends("/forum/1", "text", " "); got.Status != http.StatusBadRequest {
		t.Errorf("an empty answer: %d", got.Status)
	}
}

func TestSupport(t *testing.T) {
	h := house(t)
	p, boss := developer(t, h), administrator(t, h)
	p.wants(p.goes("/support", "topic", "Business proposal", "text", "Let us talk"), "TCK-000001", "open")
	boss.wants(boss.goes("/admin/tickets/TCK-000001", "reply", "Gladly"), "The ticket was answered")
	p.wants(p.reads("/support/TCK-000001"), "Gladly", "answered")
	p.wants(p.goes("/support/TCK-000001"), "The ticket is closed")
	if n := len(letters(h, dev)); n != 3 {
		t.Errorf("the developer got %d mails", n)
	}
}

func TestAdministratorsSuspend(t *testing.T) {
	h := house(t)
	c, boss := signedIn(t, h), administrator(t, h)
	boss.wants(boss.goes("/apps/1/suspend"), "The application is suspended")
	if got := c.call("/path-1", title()); got.Status != 401 {
		t.Errorf("a suspended application: %d", got.Status)
	}
	boss.goes("/apps/1/suspend")
	wantCode(t, signedIn(t, h).call("/path-1", title()), "00")
	if got := developer(t, h).opens("/apps/1/suspend"); got.Status != 403 {
		t.Errorf("a developer: %d", got.Status)
	}
}
