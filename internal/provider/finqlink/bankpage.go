package finqlink

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const (
	serverError = "server_error"
	lockedAfter = 3 // wrong logins
)

// bankLink finds the link of a bank's page. The address is a secret that only the payer has.
func (f *finqlink) bankLink(c *provider.Call) (*provider.Entity[Link], *bank, error) {
	e, err := links.Find(c, bySCA, provider.Key{}.Text(c.Params["sca_id"]))
	if err != nil {
		return nil, nil, err
	}
	b := f.banks.bank(c.Params["provider_id"])
	if e == nil || b == nil || e.Data.Payer == nil || e.Data.Payer.ID != b.ID {
		return nil, nil, problem.New(problem.NotFound, "", "There is no such page at this bank")
	}
	return e, b, nil
}

// atBank tells whether the bank waits for the payer.
func atBank(e *provider.Entity[Link]) bool {
	return e.State() == intentAccepted || e.State() == awaitingAuthz
}

// openBank is the bank's page. To open it is the redirect that the API speaks of.
func (f *finqlink) openBank(c *provider.Call) (provider.Reply, error) {
	e, b, err := f.bankLink(c)
	if err != nil {
		return provider.Reply{}, err
	}
	remember(c, e)
	if e.State() == intentAccepted && !e.Data.direct() && c.Method != http.MethodHead {
		if err := links.Fire(c, e, "redirect"); err != nil {
			return provider.Reply{}, err
		}
	}
	if !atBank(e) || e.Data.SCA.Handled || e.Data.SCA.Code != "" {
		return f.leaveBank(c, e)
	}
	return f.showBank(c, e, b, http.StatusOK, "")
}

// leaveBank is for a payer whom the bank does not wait for: it is too early, or over.
func (f *finqlink) leaveBank(c *provider.Call, e *provider.Entity[Link]) (provider.Reply, error) {
	switch {
	case e.Data.SCA.Handled:
		return provider.SeeOther(e.Data.webURL(c.Base())), nil
	case e.Data.SCA.Code != "":
		return provider.SeeOther(e.Data.bankRedirect(c, "code", e.Data.SCA.Code)), nil
	case e.State() == failed || e.State() == revoked:
		return provider.SeeOther(e.Data.bankRedirect(c, "error", accessDenied, "error_description", english.reason(e.Data.FailureMessage, e.Data.FailureCode))), nil
	case e.State() == requested && e.Data.direct():
		return f.waitForBank(c, e)
	}
	return provider.SeeOther(e.Data.webURL(c.Base())), nil
}

// waitForBank is for a payer who came before the bank knew the order.
func (f *finqlink) waitForBank(c *provider.Call, e *provider.Entity[Link]) (provider.Reply, error) {
	shell, t := f.bankShell(c, e)
	shell.Title, shell.Refresh = t.BankWaits.Title, pages.Refresh{Seconds: lookAgain, URL: e.Data.scaURL(c.Base())}
	return show(f.screens.notices, http.StatusOK, shell, pages.Notice{Tone: pages.Waiting, Title: t.BankWaits.Title, Text: t.BankWaits.Text})
}

// showBankStatus tells the bank's page whether the payer still has something to do there.
func (f *finqlink) showBankStatus(c *provider.Call) (provider.Reply, error) {
	e, _, err := f.bankLink(c)
	if err != nil {
		return provider.Reply{}, err
	}
	return tellStatus(e.State()), nil
}

// bankRedirect is where the bank sends the payer: to the client for direct_sca, to the WebUI otherwise.
func (l *Link) bankRedirect(c *provider.Call, pairs ...string) string {
	target := c.Base() + "/web/callback"
	if l.Options.Type == flowDirect {
		target = l.Options.RedirectURL
	}
	return withQuery(target, append(pairs, "state", l.SCA.State)...)
}

// chooseAtBank is every button of the bank's page.
func (f *finqlink) chooseAtBank(c *provider.Call) (provider.Reply, error) {
	e, b, err := f.bankLink(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if !atBank(e) || e.Data.SCA.Handled || e.Data.SCA.Code != "" {
		return f.leaveBank(c, e)
	}
	choice := pages.ReadChoice(c.FormValue)
	switch choice.Do {
	case pages.DoLogin:
		return f.logIn(c, e, b, choice)
	case pages.DoApprove:
		return f.approve(c, e, b, choice)
	case pages.DoCancel:
		return provider.SeeOther(e.Data.bankRedirect(c, "error", accessDenied, "error_description", "The payer cancelled")), nil
	case pages.DoDecline, pages.DoTimeOut:
		return f.endAtBank(c, e, choice.Do)
	case pages.DoFault:
		return provider.SeeOther(e.Data.bankRedirect(c, "error", serverError)), nil
	case pages.DoStory:
		return provider.SeeOther(e.Data.scaURL(c.Base())), links.Retell(c, e, choice.Story)
	}
	return f.showBank(c, e, b, http.StatusBadRequest, speak(c, e.Data.Language).Press)
}

// logIn knows the bank's customers, and everybody who is named as a story.
func (f *finqlink) logIn(c *provider.Call, e *provider.Entity[Link], b *bank, choice pages.Choice) (provider.Reply, error) {
	story := storyOf(c, choice.User)
	if story == "" && !b.knows(choice) {
		return f.wrongLogin(c, e, b)
	}
	e.Data.SCA.User = choice.User
	links.Update(c, e)
	here := provider.SeeOther(e.Data.scaURL(c.Base()))
	if story == "" {
		return here, nil
	}
	return here, links.Retell(c, e, story)
}

// wrongLogin counts; the last one locks the page, which is the end of the payment.
func (f *finqlink) wrongLogin(c *provider.Call, e *provider.Entity[Link], b *bank) (provider.Reply, error) {
	page := e.Data.SCA
	page.Wrong++
	links.Update(c, e)
	if page.Wrong < lockedAfter {
		return f.showBank(c, e, b, http.StatusBadRequest, speak(c, e.Data.Language).WrongLogin)
	}
	e.Data.FailureMessage = "The login is locked after three wrong attempts"
	return f.endAtBank(c, e, "decline")
}

// endAtBank has the bank end it, without the payer.
func (f *finqlink) endAtBank(c *provider.Call, e *provider.Entity[Link], event string) (provider.Reply, error) {
	if err := links.Fire(c, e, event); err != nil {
		return provider.Reply{}, err
	}
	return f.leaveBank(c, e)
}

// storyOf is the story that a user name chooses: its own name, with anything after a plus, or one of its PSU IDs.
func storyOf(c *provider.Call, user string) string {
	name, _, _ := strings.Cut(user, "+")
	for _, story := range links.Stories(c) {
		if story.Name == name {
			return name
		}
	}
	story, _ := links.Match(c, "psu_id", user)
	return story
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

// accounts are those that the payer may pay from: the one that the link names, which is called as ordered says, or those of the bank's customer in
// the currency of the payment.
func (b *bank) accounts(t *transfer, ordered string) []pages.Account {
	if t.DebtorIBAN != "" {
		return []pages.Account{{IBAN: t.DebtorIBAN, Name: ordered}}
	}
	var found []pages.Account
	for _, u := range b.Users {
		for _, a := range u.Accounts {
			if a.Currency == t.Currency {
				found = append(found, pages.Account{IBAN: a.IBAN, Name: a.Name})
			}
		}
	}
	return found
}

// approve gives the payer a code, with which the redirect proves the approval.
func (f *finqlink) approve(c *provider.Call, e *provider.Entity[Link], b *bank, choice pages.Choice) (provider.Reply, error) {
	if e.Data.SCA.User == "" {
		return f.showBank(c, e, b, http.StatusBadRequest, speak(c, e.Data.Language).LogInFirst)
	}
	accounts := b.accounts(&e.Data.Transfer, "")
	if len(accounts) > 0 {
		for _, account := range accounts {
			if account.IBAN == choice.Account {
				e.Data.Transfer.DebtorIBAN = account.IBAN
			}
		}
		if e.Data.Transfer.DebtorIBAN == "" {
			return f.showBank(c, e, b, http.StatusBadRequest, speak(c, e.Data.Language).AccountNeeded)
		}
	}
	e.Data.SCA.Code = links.NameOf(c, e).Text("sca code", 32, letters)
	links.Update(c, e)
	return provider.SeeOther(e.Data.bankRedirect(c, "code", e.Data.SCA.Code)), nil
}

// bankShell is what stands around a page of the payer's bank.
func (f *finqlink) bankShell(c *provider.Call, e *provider.Entity[Link]) (pages.Shell, *texts) {
	t, here := speak(c, e.Data.Language), e.Data.scaURL(c.Base())
	name := f.banks.bank(e.Data.Payer.ID).Name
	shell := f.shell(c, t, f.screens.look("bank"), name, here)
	shell.Brand, shell.Logo = name, pages.ReadPicture(c.Called+logoPath(e.Data.Payer.ID))
	shell.Live.Watch, shell.Live.Seen = e.Data.scaURL(c.Called)+"/status", e.State()
	return shell, t
}

func (f *finqlink) showBank(c *provider.Call, e *provider.Entity[Link], b *bank, status int, wrong string) (provider.Reply, error) {
	shell, t := f.bankShell(c, e)
	order := &e.Data.Transfer
	screen := pages.Bank{
		Name: b.Name, Action: e.Data.scaURL(c.Base()), Login: pages.Login(b.Login), Known: order.PSUID, User: e.Data.SCA.User, Problem: wrong,
		Accounts: b.accounts(order, t.OrderAccount), Story: e.Scenario(), Words: t.Bank,
		Order: []pages.Line{{Name: t.Amount, Value: t.money(order.Amount, order.Currency)}, {Name: t.To, Value: order.CreditorName}, {Name: t.ToAccount, Value: printed(order.CreditorIBAN)}},
	}
	for _, story := range links.Stories(c) {
		screen.Stories = append(screen.Stories, pages.Story(story))
	}
	// A story may end it while the payer looks at the page, and the page is to see that.
	if screen.User != "" {
		shell.Refresh = pages.Refresh{Seconds: 5, URL: screen.Action}
	}
	page, err := f.screens.bank.Dress(shell, screen)
	return framed(status, shell, page, err)
}
