package linkmoney

import (
	"cmp"
	"slices"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// This is what happens on the hosted page, without the page: what the customer does goes in, and the session's state
// says what to show next (screenOf), or where to go (finish). Each step is one call of
//
//	open -> logIn -> choose        with leave and retell at any time before the end
//
// A step of a session that has ended already, or that has run out of time, changes nothing: the screen tells.

// screen is what a session's page has to show.
type screen string

const (
	screenConsent  screen = "consent"  // and the banks, and the login at one: the steps before it are the page's own
	screenAccounts screen = "accounts" // the customer is logged in, and chooses
	screenResult   screen = "result"   // it is over
)

// screenOf tells what to show of a session as it stands.
func screenOf(s *provider.Entity[Session]) screen {
	switch s.State() {
	case created, opened:
		return screenConsent
	case choosing:
		return screenAccounts
	}
	return screenResult
}

// wrongLoginsAllowed is how often a login may be refused; the last time, the bank locks it.
const wrongLoginsAllowed = 3

// absent is what the SDK sends for a value that was not configured.
const absent = "undefined"

// find finds the session of a key. Its problem.NotFound is for people.
func find(c *provider.Call, key string) (*provider.Entity[Session], error) {
	s, err := sessions.Get(c, key)
	if err == nil && s == nil {
		err = problem.New(problem.NotFound, "", "This session key is unknown: ask the merchant to start again")
	}
	return s, err
}

// sessionEnded is the code of a session that takes no step any more.
const sessionEnded = "SESSION_ENDED"

// open shows the page of a session. redirect is the page's own parameter, which counts in the first generation only; one
// that may not be used is a refusal with the code REDIRECT_NOT_ALLOWED, or problem.Invalid, and the session stays as it
// is. A session that was opened before may be shown again until it ends; from then on it is refused with SESSION_ENDED.
// With a refusal comes the session that it is about, where there is one, for errorTarget.
func (l *linkmoney) open(c *provider.Call, key, redirect string) (*provider.Entity[Session], error) {
	s, err := find(c, key)
	if err != nil {
		return nil, err
	}
	if err := takeRedirect(c, s, redirect); err != nil {
		return s, err
	}
	if ended(s) {
		return s, problem.New(problem.Refused, sessionEnded, cmp.Or(reasonOf(s), "This session key was used: the account is linked"))
	}
	if s.State() == created {
		err = sessions.Fire(c, s, "open")
	}
	return s, err
}

// errorTarget is where a customer goes whom open refused; empty where no target is known that may be used. s is nil where
// the key is unknown.
func errorTarget(c *provider.Call, s *provider.Entity[Session], redirect string) string {
	target := ""
	if s != nil {
		target = s.Data.RedirectURL
	}
	if target == "" && s == nil && redirect != absent && allowedRedirect(c, nil, redirect) == nil {
		target = redirect
	}
	if target == "" {
		return ""
	}
	return withParameters(target, []parameter{{"status", statusError}})
}

func takeRedirect(c *provider.Call, s *provider.Entity[Session], redirect string) error {
	if s.Data.Version == 2 || redirect == "" || redirect == absent {
		return nil
	}
	client, err := c.Client(s.Client())
	if err != nil {
		return err
	}
	var settings map[string]any
	if client != nil {
		settings = c.SettingsOf(client)
	}
	if err := allowedRedirect(c, settings, redirect); err != nil {
		return problem.From(err).At("query:redirect")
	}
	if s.Data.RedirectURL != redirect {
		s.Data.RedirectURL = redirect
		sessions.Update(c, s)
	}
	return nil
}

// ended tells whether a session takes no step any more.
func ended(s *provider.Entity[Session]) bool { return screenOf(s) == screenResult }

// login is what a customer types at a bank.
type login struct {
	Bank           int // the institution's id
	User, Password string
}

// logIn takes the customer to the choice of accounts, or counts a refused login; wrong tells which. The third refusal
// locks the login and ends the session, as do test and real banks mixed. A user name that a story knows has the session
// follow it from here on. An unknown bank is problem.Invalid.
func (l *linkmoney) logIn(c *provider.Call, s *provider.Entity[Session], in login) (wrong bool, err error) {
	bank, known := l.banks.institution(in.Bank)
	if !known {
		return false, problem.New(problem.Invalid, "", "Please choose one of the banks").At("/bank")
	}
	if s.State() != opened {
		return false, nil
	}
	mixed, err := mixes(c, s, bank)
	if err != nil {
		return false, err
	}
	if mixed {
		return false, fail(c, s, "This e-mail address was used with a bank of another sort: test banks and real ones can not be mixed")
	}
	if !l.accepts(c, in) {
		return true, refuseLogin(c, s)
	}
	if err := followUser(c, s, in.User); err != nil {
		return false, err
	}
	s.Data.Bank, s.Data.User = bank.ID, in.User
	sessions.Update(c, s)
	if err := sessions.Fire(c, s, "log_in"); !isCode(err, loginRefused) {
		return false, err
	}
	return true, refuseLogin(c, s)
}

// loginRefused is the code by which a story has the bank refuse a login.
const loginRefused = "LOGIN_REFUSED"

func isCode(err error, code string) bool { return err != nil && problem.From(err).Code == code }

// accepts tells whether a bank knows the user: one of the fixtures by its password, a story's by any.
func (l *linkmoney) accepts(c *provider.Call, in login) bool {
	if slices.Contains(l.banks.Users, in.User) {
		return in.Password == in.User
	}
	_, ok := storyOf(c, in.User)
	return ok
}

// The magic inputs of the user name at a bank: the name of a story, or one that a story claims.
const (
	bankUser = "bank_user"
	testUser = "test_user"
)

// storyOf finds the story that a user name chooses.
func storyOf(c *provider.Call, user string) (string, bool) {
	if story, ok := sessions.Match(c, testUser, user); ok {
		return story, true
	}
	return sessions.Match(c, bankUser, user)
}

// followUser has the session follow the story of the user who logs in. An ordinary user replaces nothing.
func followUser(c *provider.Call, s *provider.Entity[Session], user string) error {
	story, ok := storyOf(c, user)
	if !ok {
		return nil
	}
	return retell(c, s, story)
}

// retell has the session follow another story from here on. The success story replaces nothing: it is what an ordinary
// customer does under any story.
func retell(c *provider.Call, s *provider.Entity[Session], story string) error {
	if ended(s) || story == linkSuccess || story == s.Scenario() {
		return nil
	}
	return sessions.Retell(c, s, story)
}

// linkSuccess is the default story of sessions.
const linkSuccess = "link_success"

// refuseLogin counts a login that the bank refused. The last one ends the session.
func refuseLogin(c *provider.Call, s *provider.Entity[Session]) error {
	s.Data.WrongLogins++
	sessions.Update(c, s)
	if s.Data.WrongLogins < wrongLoginsAllowed {
		return nil
	}
	return fail(c, s, "The bank locked the login after three wrong ones")
}

// fail ends the session with an error.
func fail(c *provider.Call, s *provider.Entity[Session], reason string) error {
	s.Data.Reason = reason
	sessions.Update(c, s)
	return sessions.Fire(c, s, "fail")
}

// mixes tells whether the bank is of another sort than those that the e-mail was used with.
func mixes(c *provider.Call, s *provider.Entity[Session], bank institution) (bool, error) {
	customer, err := customers.Get(c, s.Data.Customer)
	if err != nil || customer == nil {
		return false, err
	}
	return customer.Data.BankSort != "" && customer.Data.BankSort != bank.sort(), nil
}

// choices are the accounts of the customer who is logged in.
func (l *linkmoney) choices(c *provider.Call, s *provider.Entity[Session]) ([]bankAccount, error) {
	customer, err := customers.Get(c, s.Data.Customer)
	bank, known := l.banks.institution(s.Data.Bank)
	if err != nil || customer == nil || !known {
		return nil, err
	}
	return accountsAt(c, customer, bank), nil
}

// choose links the account of a type, checking or savings, and makes the payment that the session carries. A request
// key that was used meanwhile ends the session with an error.
func (l *linkmoney) choose(c *provider.Call, s *provider.Entity[Session], accountType string) error {
	if s.State() != choosing {
		return nil
	}
	all, err := l.choices(c, s)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(a bankAccount) bool { return a.Type == accountType })
	if at < 0 {
		return problem.New(problem.Invalid, "", "Please choose one of the accounts").At("/account")
	}
	if p := s.Data.Payment; p != nil {
		if err := freshKey(c, s.Data.Merchant, p.RequestKey, ""); err != nil {
			return fail(c, s, problem.From(err).Message)
		}
	}
	if err := take(c, s, all[at]); err != nil {
		return err
	}
	return sessions.Fire(c, s, "link")
}

// leave is what the customer does who closes the page.
func leave(c *provider.Call, s *provider.Entity[Session]) error {
	if ended(s) {
		return nil
	}
	return sessions.Fire(c, s, "cancel")
}

// The values of the redirect's status. They look like HTTP codes and are none.
const (
	statusLinked = "200"
	statusLeft   = "204"
	statusError  = "500"
)

// The values of the redirect's paymentStatusCode.
const (
	codeAuthorized = "0"
	codeFailed     = "1"
	codePending    = "2"
)

// finish is where the customer goes when the session is over. There is no target where the merchant named none: the page
// stays then.
func finish(c *provider.Call, s *provider.Entity[Session]) (target string, err error) {
	if s.Data.RedirectURL == "" {
		return "", nil
	}
	parameters, err := resultOf(c, s)
	return withParameters(s.Data.RedirectURL, parameters), err
}

// resultOf is what the redirect carries, in its order.
func resultOf(c *provider.Call, s *provider.Entity[Session]) ([]parameter, error) {
	switch s.State() {
	case left:
		return []parameter{{"status", statusLeft}}, nil
	case linked:
	default:
		return []parameter{{"status", statusError}}, nil
	}
	all := []parameter{{"status", statusLinked}, {"customerId", s.Data.Customer}}
	if s.Data.PaymentID == "" {
		return all, nil
	}
	payment, err := payments.Get(c, s.Data.PaymentID)
	if err != nil || payment == nil {
		return all, err
	}
	return append(all, parameter{"paymentId", payment.ID()}, parameter{"paymentStatusCode", codeOf(payment)}), nil
}

// codeOf is how a payment stands, as the redirect says it.
func codeOf(payment *provider.Entity[Payment]) string {
	switch statusAtCreation(payment.State()) {
	case statusAuthorized:
		return codeAuthorized
	case statusPending:
		return codePending
	}
	return codeFailed
}

// reasonOf says to people why a session ended without a link; empty where it did not.
func reasonOf(s *provider.Entity[Session]) string {
	switch s.State() {
	case failed:
		return cmp.Or(s.Data.Reason, "The bank could not be reached")
	case expired:
		return "This session key is no longer valid: it lives for 30 minutes"
	case left:
		return "You left before an account was linked"
	}
	return ""
}
