package finqlink

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const (
	serverError = "server_error"
	lockedAfter = 3 // wrong logins
)

// bankOrder finds the order of a bank's page. The address is a secret that only the person has.
func (f *finqlink) bankOrder(c *provider.Call) (order, *bank, error) {
	o, err := findOrder(c, bySCA, c.Params["sca_id"])
	if err != nil {
		return nil, nil, err
	}
	b := f.banks.bank(c.Params["provider_id"])
	if o == nil || b == nil || o.common().Payer == nil || o.common().Payer.ID != b.ID {
		return nil, nil, problem.New(problem.NotFound, "", "There is no such page at this bank")
	}
	return o, b, nil
}

// openBank is the bank's page. To open it is the redirect that the API speaks of.
func (f *finqlink) openBank(c *provider.Call) (provider.Reply, error) {
	o, b, err := f.bankOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	remember(c, o)
	if o.State() == o.words().accepted && !o.common().direct() && c.Method != http.MethodHead {
		if err := o.fire(c, "redirect"); err != nil {
			return provider.Reply{}, err
		}
	}
	if !awaited(o) {
		return f.leaveBank(c, o)
	}
	return f.showBank(c, o, b, http.StatusOK, "")
}

// leaveBank is for a person whom the bank does not wait for: it is too early, or over.
func (f *finqlink) leaveBank(c *provider.Call, o order) (provider.Reply, error) {
	w := o.common()
	switch {
	case w.SCA.Handled:
		return provider.SeeOther(w.webURL(c.Base())), nil
	case w.SCA.Code != "":
		return provider.SeeOther(w.bankRedirect(c, "code", w.SCA.Code)), nil
	case w.Cancelled && o.State() == awaitingAuthz:
		return leaveCancelled(c, o), nil
	case slices.Contains([]string{failed, revoked, lapsed}, o.State()):
		return provider.SeeOther(w.bankRedirect(c, "error", accessDenied, "error_description", english.reason(w.FailureMessage, w.FailureCode))), nil
	case o.State() == requested && w.direct():
		return f.waitForBank(c, o)
	}
	return provider.SeeOther(w.webURL(c.Base())), nil
}

// leaveCancelled is the bank's redirect of a person who cancelled there.
func leaveCancelled(c *provider.Call, o order) provider.Reply {
	return provider.SeeOther(o.common().bankRedirect(c, "error", accessDenied, "error_description", "The "+o.words().person+" cancelled"))
}

// waitForBank is for a person who came before the bank knew the order.
func (f *finqlink) waitForBank(c *provider.Call, o order) (provider.Reply, error) {
	shell, t := f.bankShell(c, o)
	shell.Title, shell.Refresh = t.BankWaits.Title, pages.Refresh{Seconds: lookAgain, URL: o.common().scaURL(c.Base())}
	return show(f.screens.notices, http.StatusOK, shell, pages.Notice{Tone: pages.Waiting, Title: t.BankWaits.Title, Text: t.BankWaits.Text})
}

// showBankStatus tells the bank's page whether the person still has something to do there.
func (f *finqlink) showBankStatus(c *provider.Call) (provider.Reply, error) {
	o, _, err := f.bankOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	return tellStatus(seen(c, o)), nil
}

// bankRedirect is where the bank sends the person: to the client for direct_sca, to the WebUI otherwise.
func (w *flow) bankRedirect(c *provider.Call, pairs ...string) string {
	target := c.Base() + "/web/callback"
	if w.Options.Type == flowDirect {
		target = w.Options.RedirectURL
	}
	return withQuery(target, append(pairs, "state", w.SCA.State)...)
}

// chooseAtBank is every button of the bank's page.
func (f *finqlink) chooseAtBank(c *provider.Call) (provider.Reply, error) {
	o, b, err := f.bankOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if !awaited(o) {
		return f.leaveBank(c, o)
	}
	choice := pages.ReadChoice(c.FormValue)
	switch choice.Do {
	case pages.DoLogin:
		return f.logIn(c, o, b, choice)
	case pages.DoApprove:
		return f.approve(c, o, b, choice)
	case pages.DoCancel:
		return leaveCancelled(c, o), nil
	case pages.DoDecline, pages.DoTimeOut:
		return f.endAtBank(c, o, choice.Do)
	case pages.DoFault:
		return provider.SeeOther(o.common().bankRedirect(c, "error", serverError)), nil
	case pages.DoStory:
		return provider.SeeOther(o.common().scaURL(c.Base())), o.retell(c, choice.Story)
	}
	return f.showBank(c, o, b, http.StatusBadRequest, speak(c, o.common().Language).Press)
}

// logIn knows the bank's customers, and everybody who is named as a story.
func (f *finqlink) logIn(c *provider.Call, o order, b *bank, choice pages.Choice) (provider.Reply, error) {
	story := namedStory(c, o, choice.User)
	if story == "" && !b.knows(choice) {
		return f.wrongLogin(c, o, b)
	}
	o.common().SCA.User = choice.User
	o.update(c)
	here := provider.SeeOther(o.common().scaURL(c.Base()))
	if story == "" {
		return here, nil
	}
	return here, o.retell(c, story)
}

// wrongLogin counts; the last one locks the page, which is the end of the payment.
func (f *finqlink) wrongLogin(c *provider.Call, o order, b *bank) (provider.Reply, error) {
	page := o.common().SCA
	page.Wrong++
	o.update(c)
	if page.Wrong < lockedAfter {
		return f.showBank(c, o, b, http.StatusBadRequest, speak(c, o.common().Language).WrongLogin)
	}
	o.common().FailureMessage = "The login is locked after three wrong attempts"
	return f.endAtBank(c, o, "decline")
}

// endAtBank has the bank end it, without the payer.
func (f *finqlink) endAtBank(c *provider.Call, o order, event string) (provider.Reply, error) {
	if err := o.fire(c, event); err != nil {
		return provider.Reply{}, err
	}
	return f.leaveBank(c, o)
}

// namedStory is the story that a user name chooses: its own name, with anything after a plus, or one of its PSU IDs. Names
// are known at every bank and for every order, also where the order's kind has nothing of its own to tell under them.
func namedStory(c *provider.Call, o order, user string) string {
	name, _, _ := strings.Cut(user, "+")
	for _, story := range slices.Concat(links.Stories(c), consents.Stories(c), jobs.Stories(c)) {
		if story.Name == name {
			return name
		}
	}
	return o.storyOf(c, user)
}

var phone = regexp.MustCompile(`^07[0-9]{8}$`)

// knows checks a login. The one at a scheme that is no bank is a phone number, and any will do.
func (b *bank) knows(choice pages.Choice) bool {
	if pages.Login(b.Login) == pages.ByPhone {
		return phone.MatchString(strings.ReplaceAll(choice.User, " ", ""))
	}
	for _, u := range b.Users {
		switch pages.Login(b.Login) {
		case pages.ByPSUID:
			if u.PSUID == choice.User {
				return true
			}
		case pages.ByPassword:
			if u.Name == choice.User && u.Password == choice.Password {
				return true
			}
		case pages.ByPasswordPIN:
			if u.Name == choice.User && u.Password == choice.Password && u.PIN == choice.PIN {
				return true
			}
		}
	}
	return false
}

// approve gives the payer a code, with which the redirect proves the approval.
func (f *finqlink) approve(c *provider.Call, o order, b *bank, choice pages.Choice) (provider.Reply, error) {
	if o.common().SCA.User == "" {
		return f.showBank(c, o, b, http.StatusBadRequest, speak(c, o.common().Language).LogInFirst)
	}
	if !o.useAccount(b, choice.Account) {
		return f.showBank(c, o, b, http.StatusBadRequest, speak(c, o.common().Language).AccountNeeded)
	}
	o.common().SCA.Code = o.name(c).Text("sca code", 32, letters)
	o.update(c)
	return provider.SeeOther(o.common().bankRedirect(c, "code", o.common().SCA.Code)), nil
}

// bankShell is what stands around a page of the payer's bank.
func (f *finqlink) bankShell(c *provider.Call, o order) (pages.Shell, *texts) {
	t, here := speak(c, o.common().Language), o.common().scaURL(c.Base())
	name := f.banks.bank(o.common().Payer.ID).Name
	shell := f.shell(c, t, f.screens.look("bank"), name, here)
	shell.Brand, shell.Logo = name, pages.ReadPicture(c.Called+logoPath(o.common().Payer.ID))
	shell.Live.Watch, shell.Live.Seen = o.common().scaURL(c.Called)+"/status", seen(c, o)
	return shell, t
}

func (f *finqlink) showBank(c *provider.Call, o order, b *bank, status int, wrong string) (provider.Reply, error) {
	shell, t := f.bankShell(c, o)
	w := o.common()
	screen := pages.Bank{
		Name: b.Name, Action: w.scaURL(c.Base()), Login: pages.Login(b.Login), Known: o.psuID(), User: w.SCA.User, Problem: wrong,
		Accounts: o.accounts(b, t), Story: o.Scenario(), Words: t.Bank, Order: o.due(t),
	}
	for _, story := range o.stories(c) {
		screen.Stories = append(screen.Stories, pages.Story(story))
	}
	// A story may end it while the payer looks at the page, and the page is to see that.
	if screen.User != "" {
		shell.Refresh = pages.Refresh{Seconds: 5, URL: screen.Action}
	}
	page, err := f.screens.bank.Dress(shell, screen)
	return framed(status, shell, page, err)
}
