package onelinkfintech

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// user is somebody who can sign in, as the file has them.
type user struct {
	Email    string `yaml:"email"`
	Password string `yaml:"password"`
	Platform int    `yaml:"platform"`
}

// sessionLife is long on the workspace's clock, since whoever tests what becomes of a key moves it by days.
const sessionLife = 30 * 24 * time.Hour

// visit is a request of somebody who is signed in. To all that asks, the caller's platform is theirs.
type visit struct {
	*provider.Call
	*dashboard
	user *user
}

// seen has a page shown to those who are signed in. Others sign in first, and come back.
func (d *dashboard) seen(page func(*visit) (provider.Reply, error)) func(*provider.Call) (provider.Reply, error) {
	return func(c *provider.Call) (provider.Reply, error) {
		email, err := c.SignedIn()
		if err != nil {
			return provider.Reply{}, err
		}
		u := d.user(email)
		if u == nil {
			return goTo(c, loginPath+"?"+url.Values{"to": {backTo(c)}}.Encode()), nil
		}
		c.Principal.Settings = map[string]any{"platform": u.Platform}
		return page(&visit{c, d, u})
	}
}

// sent is seen for a form, which has to come from its own page.
func (d *dashboard) sent(act func(*visit) (provider.Reply, error)) func(*provider.Call) (provider.Reply, error) {
	return d.seen(func(v *visit) (provider.Reply, error) {
		if err := v.CheckFormToken(v.Path, v.FormValue("token")); err != nil {
			return provider.Reply{}, err
		}
		return act(v)
	})
}

// backTo is the page of this request. A form was on the page of its own path.
func backTo(c *provider.Call) string {
	if c.Method == http.MethodPost || c.RawQuery == "" {
		return c.Path
	}
	return c.Path + "?" + c.RawQuery
}

func (d *dashboard) user(email string) *user {
	for i := range d.users {
		if strings.EqualFold(d.users[i].Email, email) {
			return &d.users[i]
		}
	}
	return nil
}

// knows compares in a time that does not tell how much of the password is right.
func (u *user) knows(password string) bool {
	want, got := sha256.Sum256([]byte(u.Password)), sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// openLogin is for those who are not signed in; others go on.
func (d *dashboard) openLogin(c *provider.Call) (provider.Reply, error) {
	email, err := c.SignedIn()
	if err != nil {
		return provider.Reply{}, err
	}
	if d.user(email) != nil {
		return goTo(c, ownPath(c.Query.Get("to"))), nil
	}
	return d.showLogin(c, http.StatusOK, "", "")
}

func (d *dashboard) showLogin(c *provider.Call, status int, email, trouble string) (provider.Reply, error) {
	action := loginPath
	if to := c.Query.Get("to"); to != "" {
		action += "?" + url.Values{"to": {ownPath(to)}}.Encode()
	}
	return d.show(pages.Shell{Title: "Sign in"}, status, deskData{Login: true, Form: &pages.Form{
		Action: here(c, action), Token: c.FormToken(loginPath), Problem: trouble, Button: "Sign in",
		Fields: []pages.Field{
			{Name: "email", Label: "Email", Type: "email", Value: email, Complete: "username", Focus: email == ""},
			{Name: "password", Label: "Password", Type: "password", Complete: "current-password", Focus: email != ""},
		},
	}})
}

func (d *dashboard) signIn(c *provider.Call) (provider.Reply, error) {
	if err := c.CheckFormToken(loginPath, c.FormValue("token")); err != nil {
		return provider.Reply{}, err
	}
	email := strings.TrimSpace(c.FormValue("email"))
	u := d.user(email)
	if u == nil || !u.knows(c.FormValue("password")) {
		return d.showLogin(c, http.StatusUnauthorized, email, "This email and password do not belong together.")
	}
	return goTo(c, ownPath(c.Query.Get("to"))), c.SignIn(u.Email, sessionLife)
}

func signOut(v *visit) (provider.Reply, error) {
	return goTo(v.Call, loginPath), v.SignOut()
}
