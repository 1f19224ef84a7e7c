package link1

import (
	"fmt"
	"net/http"
	"net/mail"
	"strings"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// Who wants to use the portal signs up, and opens the link of a mail.

// sorts are the kinds of organisations that may join.
var sorts = []pages.Option{{Value: "Fintech", Label: "Fintech"}, {Value: "PSO/PSP", Label: "PSO/PSP"}, {Value: "Business", Label: "Business"}}

// The bounds of what is typed, in characters.
const (
	longestName      = 64
	longestEmail     = 254
	longestText      = 4000
	shortestPassword = 8
	longestPassword  = 72
)

// fields is a form that is being judged.
type fields []pages.Field

// field finds one by its name.
func (f fields) field(name string) *pages.Field {
	for i := range f {
		if f[i].Name == name {
			return &f[i]
		}
	}
	return &pages.Field{}
}

// fill takes over what was sent. Passwords are not sent back.
func (f fields) fill(v *visit) {
	for i := range f {
		f[i].Value = v.FormValue(f[i].Name)
		if f[i].Type != "password" {
			f[i].Value = strings.TrimSpace(f[i].Value)
		}
	}
}

// check finds what no field may be: empty where it is needed, too long, none of its options.
func (f fields) check() {
	for i := range f {
		field := &f[i]
		n := utf8.RuneCountInString(field.Value)
		switch {
		case n == 0 && field.Optional:
		case n == 0 && field.Type == "checkbox":
			field.Error = "This has to be accepted."
		case n == 0:
			field.Error = "Fill this in."
		case field.Longest > 0 && n > field.Longest:
			field.Error = fmt.Sprintf("At most %d characters.", field.Longest)
		case len(field.Options) > 0 && !hasOption(field.Options, field.Value):
			field.Error = "Choose one of these."
		}
	}
}

func hasOption(options []pages.Option, value string) bool {
	for _, o := range options {
		if o.Value == value {
			return true
		}
	}
	return false
}

// good tells whether nothing is wrong; passwords do not go back either way.
func (f fields) good() bool {
	good := true
	for i := range f {
		good = good && f[i].Error == ""
	}
	return good
}

func (f fields) withoutPasswords() fields {
	for i := range f {
		if f[i].Type == "password" {
			f[i].Value = ""
		}
	}
	return f
}

func checkPassword(f *pages.Field) {
	if n := len(f.Value); f.Error == "" && (n < shortestPassword || n > longestPassword) {
		f.Error = fmt.Sprintf("A password has %d to %d characters.", shortestPassword, longestPassword)
	}
}

func checkEmail(f *pages.Field) {
	if address, err := mail.ParseAddress(f.Value); f.Error == "" && (err != nil || address.Address != f.Value) {
		f.Error = "Write an address such as you@example.com."
	}
}

func (v *visit) signUpFields() fields {
	return fields{
		{Name: "name", Label: "Name", Longest: longestName, Complete: "name"},
		{Name: "organisation", Label: "Organisation", Longest: longestName, Complete: "organization"},
		{Name: "kind", Label: "Kind of organisation", Options: sorts},
		{Name: "email", Label: "Email", Type: "email", Longest: longestEmail, Complete: "email"},
		passwordField("Password"),
		{Name: "terms", Label: "I accept the Terms and Conditions", Type: "checkbox"},
		{Name: "privacy", Label: "I accept the Privacy Policy", Type: "checkbox"},
	}
}

func passwordField(label string) pages.Field {
	return pages.Field{Name: "password", Label: label, Type: "password", Complete: "new-password", Longest: longestPassword,
		Hint: fmt.Sprintf("%d to %d characters", shortestPassword, longestPassword)}
}

func openRegister(v *visit) (provider.Reply, error) {
	if v.user != nil {
		return goTo(v.Call, appsPath), nil
	}
	return v.showRegister(http.StatusOK, v.signUpFields())
}

func (v *visit) showRegister(status int, f fields) (provider.Reply, error) {
	form := v.asks(registerPath, pages.Form{Fields: f.withoutPasswords(), Button: "Sign up"})
	form.Next = []pages.Link{{Label: "Terms and Conditions", URL: v.here(termsPath)}, {Label: "Privacy Policy", URL: v.here(privacyPath)}, {Label: "I have an account", URL: v.here(loginPath)}}
	return v.page(status, view{Sign: true, Title: "Sign up", Lead: "You will get a mail with a link that activates your account.", Blocks: []block{form}})
}

func register(v *visit) (provider.Reply, error) {
	f := v.signUpFields()
	f.fill(v)
	f.check()
	email := f.field("email")
	checkEmail(email)
	checkPassword(f.field("password"))
	if email.Error == "" {
		taken, err := users.Find(v.Call, byEmail, emailKey(email.Value))
		if err != nil {
			return provider.Reply{}, err
		}
		if taken != nil {
			email.Error = "There is an account with this address: sign in, or have the password reset."
		}
	}
	if !f.good() {
		return v.showRegister(http.StatusBadRequest, f)
	}
	if err := v.createUser(f); err != nil {
		return provider.Reply{}, err
	}
	return v.mailSent("Look into your mail", "A mail with an activation link is on its way to "+email.Value+". Open the link within 24 hours, and you are ready to go.")
}

func (v *visit) createUser(f fields) error {
	name, err := users.Next(v.Call)
	if err != nil {
		return err
	}
	id := name.UUID()
	_, err = users.Create(v.Call, name, id, &User{
		Name: f.field("name").Value, Organisation: f.field("organisation").Value, Sort: f.field("kind").Value, Email: f.field("email").Value,
		Password: digestPassword(id, f.field("password").Value), Terms: v.termsVersion(), Activation: link24(v.Now(), 1),
	})
	return err
}

// mailSent sends people to their mail, which is the mock's own mailbox.
func (v *visit) mailSent(title, lead string) (provider.Reply, error) {
	return v.ok(view{Sign: true, Title: title, Lead: lead, Blocks: []block{{
		Paragraphs: []string{"Nothing leaves mockbank unless a mail server is configured: read the mail in the mailbox of this workspace."},
		Next:       []pages.Link{{Label: "Open the mailbox", URL: v.Origin + mailboxOf(v.Workspace)}, {Label: "Sign in", URL: v.here(loginPath)}},
	}}})
}

// mailboxOf is where the control API lists a workspace's mail.
func mailboxOf(workspace string) string { return "/_mockbank/v1/workspaces/" + workspace + "/mail" }

// linked finds the user of a link that was sent, which must be the last one of its purpose, unused, and in time.
func (v *visit) linked(purpose string, of func(*User) *mailLink) (*provider.Entity[User], error) {
	token := v.Params["token"]
	id, _, _ := strings.Cut(token, ".")
	e, err := users.Get(v.Call, id)
	if err != nil {
		return nil, err
	}
	if e == nil || of(e.Data).Count == 0 || !sameText(token, linkToken(v.Call, e, purpose, *of(e.Data))) || of(e.Data).Used || !v.Now().Before(of(e.Data).Until) {
		return nil, problem.New(problem.NotFound, "dead_link", "This link was used already, has been replaced by a newer one, or is older than 24 hours.")
	}
	return e, nil
}

func activate(v *visit) (provider.Reply, error) {
	e, err := v.linked(activation, func(u *User) *mailLink { return &u.Activation })
	if err != nil {
		return provider.Reply{}, err
	}
	if v.Method == http.MethodHead {
		return v.ok(view{Sign: true, Title: "Activate"}) // A scanner of mails is nobody's reader.
	}
	e.Data.Activation.Used = true
	users.Update(v.Call, e)
	return goTo(v.Call, loginPath+query("done", "activated")), users.Fire(v.Call, e, "activate")
}

// resend writes a new link to somebody whose account is not active. It tells nothing of accounts that are.
func resend(v *visit) (provider.Reply, error) {
	email := strings.TrimSpace(v.FormValue("email"))
	e, err := users.Find(v.Call, byEmail, emailKey(email))
	if err != nil {
		return provider.Reply{}, err
	}
	if e != nil && (e.State() == "pending" || e.State() == "expired") {
		e.Data.Activation = link24(v.Now(), e.Data.Activation.Count+1)
		users.Update(v.Call, e)
		if err := users.Fire(v.Call, e, "resend"); err != nil {
			return provider.Reply{}, err
		}
	}
	return v.mailSent("Look into your mail", "If the account of "+email+" waits for its activation, a new link is on its way.")
}
