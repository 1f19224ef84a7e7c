package link1

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// sessionLife is long on the workspace's clock, since whoever tests windows and deadlines moves it by days.
const sessionLife = 30 * 24 * time.Hour

// mostFailures is how many wrong passwords in a row lock an account.
const mostFailures = 5

// The words for why somebody is not let in.
const (
	wrongPair    = "This email and password do not belong together."
	notActivated = "This account is not activated. Open the link of the mail, or have a new one sent."
	lockedOut    = "This account is locked after five wrong passwords. It opens again 15 minutes after the last of them."
)

func openLogin(v *visit) (provider.Reply, error) {
	if v.user != nil {
		return goTo(v.Call, ownPath(v.Query.Get("to"))), nil
	}
	return v.showLogin(http.StatusOK, "", "", false)
}

// showLogin shows the form with what is wrong. asleep offers to send the activation link again.
func (v *visit) showLogin(status int, email, trouble string, asleep bool) (provider.Reply, error) {
	action := loginPath
	if to := v.Query.Get("to"); to != "" {
		action += query("to", ownPath(to))
	}
	form := v.asks(action, pages.Form{Problem: trouble, Button: "Sign in", Fields: []pages.Field{
		{Name: "email", Label: "Email", Type: "email", Value: email, Complete: "username", Focus: email == ""},
		{Name: "password", Label: "Password", Type: "password", Complete: "current-password", Focus: email != ""},
	}})
	form.Next = []pages.Link{{Label: "Sign up", URL: v.here(registerPath)}, {Label: "Forgotten password", URL: v.here(passwordPath)}}
	blocks := []block{form}
	if asleep {
		blocks = []block{v.asks(resendPath, pages.Form{
			Text: "Have the activation link sent again:", Button: "Send a new link", Fields: []pages.Field{{Name: "email", Label: "Email", Type: "email", Value: email}},
			Problem: trouble, Back: pages.Link{Label: "Back", URL: v.here(loginPath)},
		})}
	}
	return v.page(status, view{Sign: true, Title: "Sign in", Lead: "To the developer portal of 1LINK.", Done: v.done(), Blocks: blocks})
}

func signIn(v *visit) (provider.Reply, error) {
	email, password := strings.TrimSpace(v.FormValue("email")), v.FormValue("password")
	e, err := users.Find(v.Call, byEmail, emailKey(email))
	switch {
	case err != nil:
		return provider.Reply{}, err
	case e == nil:
		digestPassword("", password) // As long as for an account that there is.
		return v.showLogin(http.StatusUnauthorized, email, wrongPair, false)
	case e.State() == "locked":
		return v.showLogin(http.StatusUnauthorized, email, lockedOut, false)
	case !hasPassword(e, password):
		return v.failed(e, email)
	case e.State() != active:
		return v.showLogin(http.StatusUnauthorized, email, notActivated, true)
	}
	if e.Data.Failures > 0 {
		e.Data.Failures = 0
		users.Update(v.Call, e)
	}
	return goTo(v.Call, ownPath(v.Query.Get("to"))), v.SignIn(e.ID(), sessionLife)
}

// failed counts a wrong password, and locks the account after too many.
func (v *visit) failed(e *provider.Entity[User], email string) (provider.Reply, error) {
	trouble := wrongPair
	e.Data.Failures++
	if e.Data.Failures >= mostFailures && e.State() == active {
		trouble, e.Data.Failures = lockedOut, 0
		if err := users.Fire(v.Call, e, "lock"); err != nil {
			return provider.Reply{}, err
		}
	}
	users.Update(v.Call, e)
	return v.showLogin(http.StatusUnauthorized, email, trouble, false)
}

func signOut(v *visit) (provider.Reply, error) {
	return goTo(v.Call, loginPath+query("done", "out")), v.SignOut()
}

func openForgotten(v *visit) (provider.Reply, error) {
	return v.ok(view{Sign: true, Title: "Forgotten password", Lead: "A link to choose a new one is sent to your address.", Blocks: []block{v.asks(passwordPath, pages.Form{
		Fields: []pages.Field{{Name: "email", Label: "Email", Type: "email", Complete: "username", Focus: true}}, Button: "Send the link",
		Back: pages.Link{Label: "Back", URL: v.here(loginPath)},
	})}})
}

func forgotten(v *visit) (provider.Reply, error) {
	email := strings.TrimSpace(v.FormValue("email"))
	e, err := users.Find(v.Call, byEmail, emailKey(email))
	if err != nil {
		return provider.Reply{}, err
	}
	if e != nil && e.State() == active {
		e.Data.Reset = link24(v.Now(), e.Data.Reset.Count+1)
		users.Update(v.Call, e)
		if err := users.Fire(v.Call, e, "forget"); err != nil {
			return provider.Reply{}, err
		}
	}
	return v.mailSent("Look into your mail", "If there is an active account of "+email+", a link to choose a new password is on its way.")
}

func resetOf(u *User) *mailLink { return &u.Reset }

func openNewPassword(v *visit) (provider.Reply, error) {
	if _, err := v.linked(passwordReset, resetOf); err != nil {
		return provider.Reply{}, err
	}
	return v.showNewPassword(http.StatusOK, passwordField("New password"))
}

func (v *visit) showNewPassword(status int, field pages.Field) (provider.Reply, error) {
	field.Value = ""
	return v.page(status, view{Sign: true, Title: "Choose a new password", Blocks: []block{v.asks(v.Path, pages.Form{Fields: []pages.Field{field}, Button: "Save"})}})
}

func setPassword(v *visit) (provider.Reply, error) {
	e, err := v.linked(passwordReset, resetOf)
	if err != nil {
		return provider.Reply{}, err
	}
	field := passwordField("New password")
	field.Value = v.FormValue("password")
	if checkPassword(&field); field.Error != "" {
		return v.showNewPassword(http.StatusBadRequest, field)
	}
	e.Data.Password, e.Data.Reset.Used, e.Data.Failures = digestPassword(e.ID(), field.Value), true, 0
	users.Update(v.Call, e)
	if e.State() == active {
		err = users.Fire(v.Call, e, "change")
	}
	return goTo(v.Call, loginPath+query("done", "password")), err
}

// openAccept asks for what was accepted once, since it has changed.
func openAccept(v *visit) (provider.Reply, error) {
	return v.showAccept(http.StatusOK, acceptFields())
}

func acceptFields() fields {
	return fields{{Name: "terms", Label: "I accept the Terms and Conditions", Type: "checkbox"}, {Name: "privacy", Label: "I accept the Privacy Policy", Type: "checkbox"}}
}

func (v *visit) showAccept(status int, f fields) (provider.Reply, error) {
	form := v.asks(acceptPath+query("to", ownPath(v.Query.Get("to"))), pages.Form{Fields: f, Button: "Go on"})
	form.Next = []pages.Link{{Label: "Terms and Conditions", URL: v.here(termsPath)}, {Label: "Privacy Policy", URL: v.here(privacyPath)}}
	return v.page(status, view{Sign: true, Title: "The terms have changed", Lead: "Accept their new version to go on.", Blocks: []block{form}})
}

func accept(v *visit) (provider.Reply, error) {
	f := acceptFields()
	f.fill(v)
	if f.check(); !f.good() {
		return v.showAccept(http.StatusBadRequest, f)
	}
	v.user.Data.Terms = v.termsVersion()
	users.Update(v.Call, v.user)
	return goTo(v.Call, ownPath(v.Query.Get("to"))), nil
}

func sameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
