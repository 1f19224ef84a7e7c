package gateway_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// portal adds pages on which people sign in.
func portal(p *plan) {
	sign := func(do func(*provider.Call) error) provider.Handler {
		return provider.Write(func(c *provider.Call) (provider.Reply, error) {
			return provider.SeeOther(c.Base() + "/me"), do(c)
		})
	}
	me := func(c *provider.Call) (provider.Reply, error) {
		user, err := c.SignedIn()
		return provider.HTML(http.StatusOK, []byte(c.Face+" "+user)), err
	}
	for _, face := range []string{"toy", "toy-pages"} {
		p.provider.Pages = append(p.provider.Pages,
			provider.Page{Name: "page.me", Face: face, Method: http.MethodGet, Path: "/me", Handler: provider.Read(me)},
			provider.Page{Name: "page.in", Face: face, Method: http.MethodPost, Path: "/in", Handler: sign(func(c *provider.Call) error {
				return c.SignIn(c.FormValue("user"), time.Hour)
			})},
			provider.Page{Name: "page.out", Face: face, Method: http.MethodPost, Path: "/out", Handler: sign((*provider.Call).SignOut)})
	}
}

// TestABrowserHoldsASessionForEachFaceOfEachWorkspace, with the rules of cookies that browsers have.
func TestABrowserHoldsASessionForEachFaceOfEachWorkspace(t *testing.T) {
	h := build(t, portal)
	jar, err := cookiejar.New(nil)
	must(t, err)
	send := func(method, address, form string) string {
		t.Helper()
		u, err := url.Parse(address)
		must(t, err)
		r := request(method, address, form, "Content-Type", "application/x-www-form-urlencoded")
		for _, cookie := range jar.Cookies(u) {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		jar.SetCookies(u, w.Result().Cookies())
		if w.Code >= 400 {
			t.Fatalf("%s %s: %d %s", method, address, w.Code, w.Body)
		}
		return w.Body.String()
	}
	bases := []string{
		"http://localhost:6265/toy", "http://localhost:6265/w/a-1/toy", "http://localhost:6265/w/a-1/toy-pages", "http://localhost:6265/w/b-2/toy",
		"http://pages.toy.example", "http://c-3.toy-pages.localhost:6265",
	}
	want := func(base, who string) {
		t.Helper()
		face := "toy"
		if base == bases[2] || base == bases[4] || base == bases[5] {
			face = "toy-pages"
		}
		if got := send("GET", base+"/me", ""); got != face+" "+who {
			t.Errorf("%s: %q, want %q", base, got, face+" "+who)
		}
	}
	for _, base := range bases {
		want(base, "")
		send("POST", base+"/in", "user="+url.QueryEscape(base))
	}
	for _, base := range bases {
		want(base, base)
	}
	send("POST", bases[1]+"/out", "")
	want(bases[1], "")
	want(bases[2], bases[2])
}

// TestARefusedSignInSetsNoCookie: the session was taken back with all else that the call wrote.
func TestARefusedSignInSetsNoCookie(t *testing.T) {
	h := build(t, func(p *plan) {
		p.provider.Pages = append(p.provider.Pages, provider.Page{Name: "page.half", Method: http.MethodPost, Path: "/half",
			Handler: provider.Write(func(c *provider.Call) (provider.Reply, error) {
				if err := c.SignIn("ann", time.Hour); err != nil {
					return provider.Reply{}, err
				}
				return provider.Reply{}, problem.New(problem.Conflict, "", "not now")
			})})
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request("POST", "http://localhost:6265/toy/half", "", "Content-Type", "application/x-www-form-urlencoded"))
	if cookies := w.Result().Cookies(); w.Code < 400 || len(cookies) > 0 {
		t.Errorf("%d, with the cookies %v", w.Code, cookies)
	}
}
