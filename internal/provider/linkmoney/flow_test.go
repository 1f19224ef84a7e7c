package linkmoney

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// A visitor goes through the flow by pages that are nothing but its functions.
type visitor struct {
	*providertest.House
	t *testing.T
}

// withFlow is the provider with such pages. Each answers what the flow says: the screen, or what was refused.
func withFlow() (*provider.Provider, error) {
	p, err := New()
	if err != nil {
		return nil, err
	}
	l := &linkmoney{}
	if err := readFixture("institutions", &l.banks); err != nil {
		return nil, err
	}
	steps := map[string]func(*provider.Call, *provider.Entity[Session], url.Values) (string, error){
		"login": func(c *provider.Call, s *provider.Entity[Session], q url.Values) (string, error) {
			bank, _ := strconv.Atoi(q.Get("bank")) // 0 is no bank
			wrong, err := l.logIn(c, s, login{bank, q.Get("user"), q.Get("password")})
			return fmt.Sprint("wrong ", wrong), err
		},
		"choose": func(c *provider.Call, s *provider.Entity[Session], q url.Values) (string, error) {
			return "", l.choose(c, s, q.Get("account"))
		},
		"leave": func(c *provider.Call, s *provider.Entity[Session], _ url.Values) (string, error) {
			return "", leave(c, s)
		},
		"retell": func(c *provider.Call, s *provider.Entity[Session], q url.Values) (string, error) {
			return "", retell(c, s, q.Get("story"))
		},
	}
	for name, step := range steps {
		p.Pages = append(p.Pages, testPage(name, func(c *provider.Call) (string, error) {
			s, err := find(c, c.Query.Get("key"))
			if err != nil {
				return "", err
			}
			said, err := step(c, s, c.Query)
			return said, err
		}))
	}
	p.Pages = append(p.Pages, testPage("open", func(c *provider.Call) (string, error) {
		s, refusal := l.open(c, c.Query.Get("key"), c.Query.Get("redirect"))
		if refusal == nil {
			return string(screenOf(s)), nil
		}
		return "refused, to " + errorTarget(c, s, c.Query.Get("redirect")), nil
	}), testPage("finish", func(c *provider.Call) (string, error) {
		s, err := find(c, c.Query.Get("key"))
		if err != nil {
			return "", err
		}
		target, err := finish(c, s)
		return string(screenOf(s)) + " " + target, err
	}))
	return p, nil
}

func testPage(name string, answer func(*provider.Call) (string, error)) provider.Page {
	return provider.Page{Name: "page.test_" + name, Face: clientFace, Method: "GET", Path: "/test/" + name, Handler: provider.Write(
		func(c *provider.Call) (provider.Reply, error) {
			text, err := answer(c)
			return provider.Reply{Raw: &provider.Raw{Media: "text/plain", Bytes: []byte(text)}}, err
		})}
}

func newVisitor(t *testing.T) *visitor { return &visitor{providertest.New(t, withFlow), t} }

// go takes a step of the session, and gives what the page said.
func (v *visitor) take(step, key string, pairs ...string) string {
	v.t.Helper()
	return v.at("http://localhost:6265/linkmoney-client", step, key, pairs...)
}

func (v *visitor) at(base, step, key string, pairs ...string) string {
	query := url.Values{"key": {key}}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return string(v.Do("GET", base+"/test/"+step+"?"+query.Encode(), nil, nil).Body)
}

// session makes a session of either generation.
func (v *visitor) session(version int, email, more string) string {
	body := `{"firstName":"Ada","lastName":"Example","phoneNumber":"1","email":"` + email + `","redirectUrl":"http://shop.test/back?a=1#end"` + more + `}`
	header := []string{"Authorization", "Basic bGlua21vbmV5LWRlbW86bGlua21vbmV5LWRlbW8tc2VjcmV0"}
	if version == 1 {
		header[1] = "Bearer " + v.Form("/linkmoney/v1/tokens", url.Values{
			"client_id": {"linkmoney-demo"}, "client_secret": {"linkmoney-demo-secret"}, "grant_type": {"client_credentials"},
		}).Text("access_token")
	}
	return v.Post("/linkmoney/v"+strconv.Itoa(version)+"/sessions", []byte(body), header...).Text("sessionKey")
}

const (
	finBank = "102105"
	realOne = "900001"
)

// link goes the whole way with a user.
func (v *visitor) link(key, bank, user string) string {
	v.take("open", key)
	v.take("login", key, "bank", bank, "user", user, "password", user)
	v.take("choose", key, "account", "savings")
	return v.take("finish", key)
}

func (v *visitor) customer(key string) (id string) {
	v.Data("session", key, "customerId", &id)
	return id
}

func TestTheWayOfACustomer(t *testing.T) {
	v := newVisitor(t)
	key := v.session(2, "ada@shop.test", "")
	for _, step := range []struct{ name, want, state string }{
		{"open", "consent", opened}, {"open", "consent", opened}, {"login", "wrong false", choosing}, {"choose", "", linked},
	} {
		got := v.take(step.name, key, "bank", finBank, "user", "profile_522", "password", "profile_522", "account", "savings", "redirect", "http://evil.test/")
		if state := v.Show("session", key).State; got != step.want || state != step.state {
			t.Errorf("%s: %s, and it is %s", step.name, got, state)
		}
	}
	want := "result http://shop.test/back?a=1&status=200&customerId=" + v.customer(key) + "#end"
	if got := v.take("finish", key); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := v.take("open", key); got != "refused, to http://shop.test/back?a=1&status=500#end" {
		t.Errorf("a key is good for one linking: %s", got)
	}
}

// Where each user name leads, and with which redirect.
func TestUsersOfTheBank(t *testing.T) {
	v := newVisitor(t)
	for user, want := range map[string]struct{ state, status, story string }{
		"profile_522":      {linked, "200", "link_success"},
		"link_success":     {linked, "200", "link_success"},
		"profile_08":       {linked, "200", "declined_insufficient_funds"},
		"held":             {linked, "200", "held"},
		"held+7":           {linked, "200", "held"},
		"link_cancelled":   {left, "204", "link_cancelled"},
		"link_abandoned":   {left, "204", "link_abandoned"},
		"link-abandoned+x": {left, "204", "link_abandoned"},
		"link_bank_error":  {failed, "500", "link_bank_error"},
		"link_slow":        {linked, "200", "link_slow"},
	} {
		key := v.session(2, "ada@shop.test", "")
		got, shown := v.link(key, finBank, user), v.Show("session", key)
		if shown.State != want.state || !strings.Contains(got, "status="+want.status) || shown.Entity.Scenario != want.story {
			t.Errorf("%s: %s, %s, follows %s", user, shown.State, got, shown.Entity.Scenario)
		}
	}
}

func TestAbandonedAccounts(t *testing.T) {
	v := newVisitor(t)
	key, account := v.session(2, "ada@shop.test", ""), ""
	v.link(key, finBank, "link_abandoned")
	if v.Data("session", key, "accountId", &account); v.Show("account", account).State != abandon {
		t.Errorf("the account is %s", v.Show("account", account).State)
	}
}

// The third refusal locks the login, whoever types; and so does the story, also with a right password.
func TestThreeWrongLogins(t *testing.T) {
	v := newVisitor(t)
	for _, typed := range [][2]string{{"stranger", "x"}, {"profile_522", "wrong"}, {"link_locked", "any"}} {
		key := v.session(2, "ada@shop.test", "")
		v.take("open", key)
		for i := range 3 {
			got := v.take("login", key, "bank", finBank, "user", typed[0], "password", typed[1])
			want := []string{opened, opened, failed}[i]
			if state := v.Show("session", key).State; got != "wrong true" || state != want {
				t.Errorf("%s: login %d: %s, and it is %s", typed[0], i, got, state)
			}
		}
		if got := v.take("finish", key); !strings.Contains(got, "status=500") {
			t.Errorf("%s", got)
		}
	}
}

// An e-mail keeps to the sort of bank that it was used with first.
func TestTestBanksAndRealOnesAreNotMixed(t *testing.T) {
	for _, order := range [][2]string{{finBank, realOne}, {realOne, finBank}} {
		v := newVisitor(t)
		v.link(v.session(2, "ada@shop.test", ""), order[0], "profile_522")
		mixed, other := v.session(2, "Ada@shop.test", ""), v.session(2, "grace@shop.test", "")
		if got := v.link(mixed, order[1], "profile_522"); !strings.Contains(got, "status=500") || v.Show("session", mixed).State != failed {
			t.Errorf("%v: %s", order, got)
		}
		if got := v.link(other, order[1], "profile_522"); !strings.Contains(got, "status=200") {
			t.Errorf("%v: another e-mail: %s", order, got)
		}
	}
}

func TestAKeyLivesForHalfAnHour(t *testing.T) {
	v := newVisitor(t)
	fresh, used := v.session(2, "ada@shop.test", ""), v.session(2, "grace@shop.test", "")
	v.take("open", used)
	v.Advance(29 * time.Minute)
	if got := v.take("open", fresh); got != "consent" {
		t.Errorf("%s", got)
	}
	v.Advance(time.Minute)
	for _, key := range []string{fresh, used} {
		if got := v.take("open", key); got != "refused, to http://shop.test/back?a=1&status=500#end" || v.Show("session", key).State != expired {
			t.Errorf("%s, and it is %s", got, v.Show("session", key).State)
		}
		if got := v.take("login", key, "bank", finBank, "user", "profile_522", "password", "profile_522"); got != "wrong false" {
			t.Errorf("%s", got)
		}
	}
	early := v.session(2, "session_expired.1@shop.test", "")
	if got := v.take("open", early); got != "consent" && got != "result" || v.Show("session", early).State != expired {
		t.Errorf("%s, and it is %s", got, v.Show("session", early).State)
	}
}

func TestLeaving(t *testing.T) {
	v := newVisitor(t)
	for _, steps := range [][]string{{}, {"open"}, {"open", "login"}} {
		key := v.session(2, "ada@shop.test", "")
		for _, step := range append(steps, "leave", "leave") {
			v.take(step, key, "bank", finBank, "user", "profile_522", "password", "profile_522")
		}
		if got := v.take("finish", key); !strings.Contains(got, "status=204") {
			t.Errorf("after %v: %s", steps, got)
		}
	}
}

// A button replaces the story; the one of success replaces nothing.
func TestRetelling(t *testing.T) {
	v := newVisitor(t)
	key := v.session(2, "ada@shop.test", "")
	v.take("retell", key, "story", "held")
	v.take("retell", key, "story", linkSuccess)
	if got := v.link(key, finBank, "profile_522"); v.Show("customer", v.customer(key)).Entity.Scenario != "held" {
		t.Errorf("%s", got)
	}
}

// The automatic payment's outcome is in the redirect; a decline is a linked account all the same.
func TestAutomaticPayments(t *testing.T) {
	v := newVisitor(t)
	for value, code := range map[string]string{"25.00": "0", "7700.03": "1", "7700.01": "2", "7700.07": "2"} {
		key := v.session(2, "ada@shop.test", `,"paymentDetails":{"amount":{"value":`+value+`,"currency":"USD"},"requestKey":"`+value+`"}`)
		got := v.link(key, finBank, "profile_522")
		var payment string
		v.Data("session", key, "paymentId", &payment)
		want := "result http://shop.test/back?a=1&status=200&customerId=" + v.customer(key) + "&paymentId=" + payment + "&paymentStatusCode=" + code + "#end"
		if got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}

// Of two sessions with one request key the second ends with an error, and links nothing.
func TestARequestKeyThatWasUsedMeanwhile(t *testing.T) {
	v := newVisitor(t)
	const order = `,"paymentDetails":{"amount":{"value":1.00,"currency":"USD"},"requestKey":"rk"}`
	first, second := v.session(2, "ada@shop.test", order), v.session(2, "grace@shop.test", order)
	v.link(first, finBank, "profile_522")
	if got := v.link(second, finBank, "profile_522"); !strings.Contains(got, "status=500") || v.Show("customer", v.customer(second)).State != created {
		t.Errorf("%s", got)
	}
}

// In the first generation the page says where to go, within what its host allows.
func TestRedirectsOfThePage(t *testing.T) {
	v := newVisitor(t)
	for _, tt := range []struct{ base, redirect, want string }{
		{"https://client.link-sandbox.money", "http://localhost/cb", "http://localhost/cb?status=204"},
		{"https://client.link-sandbox.money", "myapp://linked", "myapp://linked?status=204"},
		{"https://client.link-sandbox.money", "undefined", ""},
		{"https://client.link-sandbox.money", "", ""},
		{"https://client.link-sandbox.money", "javascript:alert(1)", ""},
		{"https://client.link.money", "undefined", ""},
		{"https://client.link.money", "http://localhost/cb", ""},
	} {
		key := v.session(1, "ada@shop.test", "")
		v.at(tt.base, "open", key, "redirect", tt.redirect)
		v.take("leave", key)
		if got := v.take("finish", key); got != "result "+tt.want {
			t.Errorf("%s at %s: %s, want %s", tt.redirect, tt.base, got, tt.want)
		}
	}
}

func TestUnknownKeys(t *testing.T) {
	v := newVisitor(t)
	for redirect, want := range map[string]string{"": "", "undefined": "", "http://shop.test/": "http://shop.test/?status=500", "data:x": ""} {
		if got := v.take("open", "nobody", "redirect", redirect); got != "refused, to "+want {
			t.Errorf("%s: %s", redirect, got)
		}
	}
}

// The same account is the same account when it is linked again.
func TestLinkingAgain(t *testing.T) {
	v := newVisitor(t)
	accounts := map[string]bool{}
	for range 2 {
		key, account := v.session(2, "ada@shop.test", ""), ""
		v.link(key, finBank, "profile_522")
		v.Data("session", key, "accountId", &account)
		accounts[account] = v.Show("account", account).State == active
	}
	if len(accounts) != 1 {
		t.Errorf("%v", accounts)
	}
}

// The control API drives the session without a browser, and its story is followed.
func TestActing(t *testing.T) {
	v := newVisitor(t)
	for _, tt := range []struct{ act, story, state string }{
		{"approve", "link_success", linked}, {"approve", "link_locked", failed}, {"approve", "link_abandoned", left}, {"approve", "session_expired", expired},
		{"approve", "manual", linked}, {"cancel", "link_success", left}, {"decline", "link_success", failed},
	} {
		key := v.session(2, "ada@shop.test", "")
		if err := v.Retell("session", key, tt.story); err != nil {
			t.Fatal(err)
		}
		if err := v.Act("session", key, tt.act); err != nil || v.Show("session", key).State != tt.state {
			t.Errorf("%s of %s: %v, and it is %s", tt.act, tt.story, err, v.Show("session", key).State)
		}
		if v.Act("session", key, tt.act) == nil || v.Act("session", key, "dance") == nil {
			t.Errorf("%s of %s: a session that ended, or a strange act, is taken", tt.act, tt.story)
		}
	}
	key := v.session(2, "ada@shop.test", "")
	if err := v.Retell("session", key, "unattended"); err != nil {
		t.Fatal(err)
	}
	if v.Advance(3 * time.Second); v.Show("session", key).State != linked {
		t.Errorf("nobody attends, and it is %s", v.Show("session", key).State)
	}
}
