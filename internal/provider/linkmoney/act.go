package linkmoney

import (
	"slices"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// act does all that the customer has to do from where the session stands: links the first account, leaves, or has the
// login refused until the bank locks it. The story is followed on the way: it may end the session otherwise.
func (l *linkmoney) act(c *provider.Call, s *provider.Entity[Session], act string) error {
	if !slices.Contains([]string{"approve", "cancel", "decline"}, act) {
		return problem.Newf(problem.Invalid, "unknown_act", "A customer can approve, cancel or decline, not %q", act).At("/act")
	}
	if ended(s) {
		return problem.Newf(problem.Conflict, "nothing_to_do", "The customer has nothing to do with a session that is %s", s.State())
	}
	if act == "cancel" {
		return leave(c, s)
	}
	if s.State() == created {
		if err := sessions.Fire(c, s, "open"); err != nil {
			return err
		}
	}
	if act == "decline" {
		return declineAll(c, s)
	}
	return l.approveAll(c, s)
}

func declineAll(c *provider.Call, s *provider.Entity[Session]) error {
	if ended(s) {
		return nil
	}
	return fail(c, s, "The bank refused the login")
}

// approveAll logs in at the first bank that the e-mail may be used with, and chooses the first account.
func (l *linkmoney) approveAll(c *provider.Call, s *provider.Entity[Session]) error {
	customer, err := customers.Get(c, s.Data.Customer)
	if err != nil || customer == nil {
		return err
	}
	user := l.banks.Users[0]
	in := login{Bank: l.banks.usual(customer.Data.BankSort).ID, User: user, Password: user}
	for s.State() == opened {
		if _, err := l.logIn(c, s, in); err != nil {
			return err
		}
	}
	return l.choose(c, s, checking)
}
