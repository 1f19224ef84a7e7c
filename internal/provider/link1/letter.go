package link1

import (
	"fmt"
	"strings"

	"github.com/mockbank/mockbank/internal/provider"
)

const sender = "1LINK Developer Portal <noreply@1link.example>"

// letter writes to people of the portal.
func (l *link) letter(c *provider.Call, s provider.Subject, kind string) (*provider.Letter, error) {
	if e := users.Of(s); e != nil {
		return userLetter(c, e, kind), nil
	}
	if e := tickets.Of(s); e != nil {
		return &provider.Letter{From: sender, To: []string{e.Data.Email}, Subject: "Support ticket " + e.ID() + ": " + e.State(), Text: ticketText(e)}, nil
	}
	return l.planLetter(c, subscriptions.Of(s), kind)
}

func userLetter(c *provider.Call, e *provider.Entity[User], kind string) *provider.Letter {
	letter := &provider.Letter{From: sender, To: []string{e.Data.Email}}
	switch kind {
	case "mail.activation":
		letter.Subject = "Activate your 1LINK developer account"
		letter.Text = fmt.Sprintf("Dear %s,\n\nopen this link within 24 hours to activate your account:\n%s\n", e.Data.Name,
			portalBase(c, e)+activatePath+"/"+linkToken(c, e, activation, e.Data.Activation))
	case "mail.password_reset":
		letter.Subject = "Password reset"
		letter.Text = fmt.Sprintf("Dear %s,\n\nopen this link within 24 hours to choose a new password:\n%s\n\nIf you did not ask for it, do nothing.\n", e.Data.Name,
			portalBase(c, e)+passwordPath+"/"+linkToken(c, e, passwordReset, e.Data.Reset))
	}
	return letter
}

// portalBase is the portal's address: as this request has it, or else as the one with which the user signed up.
func portalBase(c *provider.Call, e *provider.Entity[User]) string {
	if c.Face == portalFace {
		return c.Base()
	}
	return e.Base()
}

func ticketText(e *provider.Entity[Ticket]) string {
	text := e.Data.Topic + ":\n" + e.Data.Text + "\n"
	if e.Data.Reply != "" {
		text += "\n1LINK answers:\n" + e.Data.Reply + "\n"
	}
	return text
}

// planLetters are the subjects and texts about plans; the first verb is the plan, the second the application.
var planLetters = map[string][2]string{
	"mail.plan_received": {"Plan request received", "the plan %s was asked for, for the application %s."},
	"mail.plan_details":  {"Plan request: details needed", "the administrator needs details before the plan %s can be given to the application %s."},
	"mail.plan_approved": {"Plan request approved", "the plan %s was approved for the application %s."},
	"mail.plan_refused":  {"Plan request refused", "the plan %s was refused for the application %s."},
}

// planLetter goes to the owner of the application; a new request goes to the administrators as well.
func (l *link) planLetter(c *provider.Call, e *provider.Entity[Subscription], kind string) (*provider.Letter, error) {
	app, err := apps.Get(c, e.Data.App)
	if err != nil || app == nil {
		return nil, err
	}
	owner, err := users.Get(c, app.Data.Owner)
	if err != nil || owner == nil {
		return nil, err
	}
	words := planLetters[kind]
	letter := &provider.Letter{From: sender, To: []string{owner.Data.Email}, Subject: words[0]}
	letter.Text = "Dear " + owner.Data.Name + ",\n\n" + fmt.Sprintf(words[1], e.Data.Plan, app.Data.Name) + "\n"
	if e.Data.Reason != "" {
		letter.Text += "\n" + strings.TrimSpace(e.Data.Reason) + "\n"
	}
	if kind == "mail.plan_received" {
		for _, user := range l.Users {
			if user.Administrator {
				letter.To = append(letter.To, user.Email)
			}
		}
	}
	return letter, nil
}
