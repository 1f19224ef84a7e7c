package pages

import (
	_ "embed"
	"strings"
)

//go:embed bank.html
var bankText string

// Login is what a bank asks its customers for.
type Login string

const (
	ByPSUID       Login = "psu_id"
	ByPassword    Login = "password"     // user name and password
	ByPasswordPIN Login = "password_pin" // and a PIN
	ByPhone       Login = "phone"
	ByDecision    Login = "decision" // nobody logs in: the page asks and has the decision taken in one step
)

// Bank is a bank's page for one order: the login, and once somebody is logged in, the decision.
type Bank struct {
	Name    string
	Action  string // where its forms go
	Order   []Line // what is to be approved
	Login   Login
	Known   string // a user name that is known already, and stands in the form
	User    string // who is logged in; empty: nobody
	Problem string // with what was sent last

	Text   string  // what the page is for
	Token  string  // against forgery, which comes back as "token"
	Ask    []Field // what it asks for by its decision
	Labels Labels  // of the buttons of its decision
	Tests  []Line  // what can be typed, for tests
	About  string  // the title of these

	Accounts []Account // to choose from; none: nothing to choose
	Stories  []Story   // how it can go on, for tests
	Story    string    // how it goes on now
	Words    BankWords // the zero value is English
}

// Account may be paid from.
type Account struct{ IBAN, Name string }

// Story is a way in which it can go on.
type Story struct{ Name, Title string }

// Labels are what the buttons say.
type Labels struct{ Approve, Decline, Cancel string }

// BankWords are what a bank's page says itself.
type BankWords struct {
	UserName, Password, PIN, PSUID, Phone, PhoneHint string
	LogIn, LoggedIn, PayFrom, Approve, Cancel        string
	// Of a bank whose customers approve in its app: what the page says while it waits, and the app beside it.
	App, AppText, Device, DeviceText string

	Stories, Now, StoriesText string // the panel for tests
	DeclineText, TimeOutText  string
	Fault, FaultText          string
	Decline, TimeOut          string
}

var englishBank = BankWords{
	UserName: "User name", Password: "Password", PIN: "PIN", PSUID: "PSU ID", Phone: "Phone number", PhoneHint: "07 and eight digits",
	LogIn: "Log in", LoggedIn: "Logged in as", PayFrom: "Pay from", Approve: "Approve", Cancel: "Cancel",
	App: "Approve it in your banking app", AppText: "A request was sent to your phone. This page goes on by itself.",
	Device: "Your phone", DeviceText: "For tests, this stands in for the app.",
	Stories: "Choose how this goes on", Now: "now", StoriesText: "For tests. The story is followed from here on, and you still act as the payer where it asks for one.",
	Decline: "Decline", DeclineText: "The bank refuses the order", TimeOut: "Time out", TimeOutText: "The payer did not act in time",
	Fault: "Technical fault", FaultText: "The bank breaks off and sends the payer back",
}

// Simulator renders banks.
type Simulator struct{ page *Page }

// NewSimulator reads the bank's template.
func NewSimulator() (*Simulator, error) {
	page, err := New(bankText)
	return &Simulator{page}, err
}

// Render makes the bytes of a bank's page in clothes of its own.
func (s *Simulator) Render(b Bank, refresh Refresh) ([]byte, error) {
	return s.Dress(Shell{Title: b.Name, Brand: b.Name, Refresh: refresh}, b)
}

// Dress makes the bytes of a bank's page in the clothes of a provider.
func (s *Simulator) Dress(shell Shell, b Bank) ([]byte, error) {
	if b.Words == (BankWords{}) {
		b.Words = englishBank
	}
	return s.page.Render(shell, b)
}

// InApp tells whether the bank's customers approve in its app: those that have no password to give.
func (b Bank) InApp() bool { return b.Login == ByPSUID || b.Login == ByPhone }

// Fields are the inputs of the bank's login, or of its decision.
func (b Bank) Fields() []Field {
	if b.Login == ByDecision {
		return b.Ask
	}
	user := Field{Name: "user", Label: b.Words.UserName, Value: b.Known, Complete: "username"}
	password := Field{Name: "password", Label: b.Words.Password, Type: "password"}
	switch b.Login {
	case ByPSUID:
		user.Label = b.Words.PSUID
		return []Field{user}
	case ByPhone:
		// A scenario's name stands here too, so the input is no number pad.
		user.Label, user.Hint = b.Words.Phone, b.Words.PhoneHint
		return []Field{user}
	case ByPasswordPIN:
		return []Field{user, password, {Name: "pin", Label: b.Words.PIN, Type: "password"}}
	}
	return []Field{user, password}
}

// What a person can do at a bank.
const (
	DoLogin   = "login"
	DoApprove = "approve"
	DoDecline = "decline"
	DoCancel  = "cancel"
	DoFault   = "fault"    // the bank's, not the person's
	DoTimeOut = "time_out" // likewise
	DoStory   = "story"
)

// Choice is what a person did.
type Choice struct {
	Do                  string // one of the above; anything else is none of them
	User, Password, PIN string
	Account             string
	Story               string
}

// ReadChoice reads the form of a bank's page.
func ReadChoice(value func(name string) string) Choice {
	return Choice{
		Do: value("do"), User: strings.TrimSpace(value("user")), Password: value("password"), PIN: value("pin"),
		Account: value("account"), Story: value("story"),
	}
}
