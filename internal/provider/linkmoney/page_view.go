package linkmoney

import (
	"cmp"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// steps are what the customer goes through.
var steps = []string{"Consent", "Bank", "Login", "Account", "Done"}

// resultPause is how many seconds the result is shown before the customer is taken back.
const resultPause = 2

// view is what all pages of the flow show.
type view struct {
	Steps []string
	At    int // of the steps

	Merchant, Key, Token string
	Amount               string // of the automatic payment; empty where there is none
	Lines                []pages.Line
	Here                 string
	Leave, LeaveLabel    string

	Retell, From, Story string // for tests: where a story is chosen, on which page that was, and what it is now
	Stories             []chapter
}

// chapter is some of the stories.
type chapter struct {
	Title   string
	Stories []provider.Story
}

// bankView is a bank as pages show it.
type bankView struct {
	ID                     int
	Name, About, Logo, URL string
	Hidden                 bool // by the search
}

// view begins a page.
func (v *visit) view(at int, path string) (view, error) {
	merchant, err := v.merchantName()
	s := v.session
	return view{
		Steps: steps, At: at, Merchant: merchant, Key: s.ID(), Token: v.FormToken(formOf(s)), Amount: dollarsOf(s.Data.Payment), Lines: orderLines(s.Data),
		Here: here(v.Call, path), Leave: here(v.Call, leavePath), LeaveLabel: "Cancel",
		Retell: here(v.Call, retellPath), From: path, Story: s.Scenario(), Stories: v.chapters(),
	}, err
}

// merchantName is what the customer knows the merchant by.
func (v *visit) merchantName() (string, error) {
	client, err := v.Client(v.session.Client())
	if err != nil || client == nil || client.Name == "" {
		return v.session.Data.Merchant, err
	}
	return client.Name, nil
}

// shell is what stands around a page. It follows the session, which others may drive meanwhile.
func (v *visit) shell(title string) pages.Shell {
	return pages.Shell{Title: title, Style: v.screens.style, Live: pages.Live{
		Script: v.Called + scriptPath, Watch: v.at(statusPath), Seen: v.session.State(),
	}}
}

// chapters are all stories: those that are about the page, and those that the payments follow afterwards.
func (v *visit) chapters() []chapter {
	linking := sessions.Stories(v.Call)
	told := func(s provider.Story) bool {
		return slices.ContainsFunc(linking, func(other provider.Story) bool { return other.Name == s.Name })
	}
	later := slices.DeleteFunc(payments.Stories(v.Call), told)
	linking = append(linking, slices.DeleteFunc(customers.Stories(v.Call), told)...)
	return []chapter{{"Linking", linking}, {"Payments of this customer", later}}
}

func (v *visit) stories() (all []provider.Story) {
	for _, c := range v.chapters() {
		all = append(all, c.Stories...)
	}
	return all
}

// dollarsOf is an amount as people read it.
func dollarsOf(order *paymentOrder) string {
	if order == nil {
		return ""
	}
	cents, err := order.Amount.cents()
	if err != nil {
		return order.Amount.Value.String()
	}
	return "$" + money.FormatMinor(cents, dollars)
}

// orderLines are what is said of the order beside its amount.
func orderLines(s *Session) []pages.Line {
	var lines []pages.Line
	if s.Order != nil {
		for _, item := range s.Order.Items {
			lines = append(lines, pages.Line{Name: cmp.Or(item.Name, "Item"), Value: "× " + strconv.Itoa(max(item.Quantity, 1))})
		}
	}
	if p := s.Payment; p != nil {
		for _, line := range []pages.Line{{Name: "On your statement", Value: p.SoftDescriptor}, {Name: "Reference", Value: p.ClientReference}} {
			if line.Value != "" {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

func showConsent(v *visit) (provider.Reply, error) {
	frame, err := v.view(0, consentPath)
	if err != nil {
		return provider.Reply{}, err
	}
	frame.LeaveLabel = "Close"
	page := struct {
		view
		Title, Next string
		Verify      bool
	}{frame, "Link your bank account to " + frame.Merchant, here(v.Call, banksPath), v.session.Data.Product == productVerify}
	switch {
	case page.Verify:
		page.Title = frame.Merchant + " would like to verify your bank account"
	case frame.Amount != "":
		page.Title = "Pay " + frame.Merchant + " from your bank account"
	}
	return show(v.screens.consent, http.StatusOK, v.shell(page.Title), page)
}

// showBanks lists the banks. Without scripts the search is one of the server.
func showBanks(v *visit) (provider.Reply, error) {
	frame, err := v.view(1, banksPath)
	if err != nil {
		return provider.Reply{}, err
	}
	page := struct {
		view
		Search string
		Banks  []bankView
		Found  bool
	}{view: frame, Search: v.Query.Get("q")}
	for _, bank := range v.banks.Institutions {
		shown := v.bankView(bank)
		shown.Hidden = !matches(bank.Name, page.Search)
		page.Found = page.Found || !shown.Hidden
		page.Banks = append(page.Banks, shown)
	}
	return show(v.screens.banks, http.StatusOK, v.shell("Which is your bank?"), page)
}

// matches tells whether a name has all words of a search.
func matches(name, search string) bool {
	for word := range strings.FieldsSeq(strings.ToLower(search)) {
		if !strings.Contains(strings.ToLower(name), word) {
			return false
		}
	}
	return true
}

func (v *visit) bankView(bank institution) bankView {
	about := "Test bank"
	if bank.Real {
		about = "Stands for a real bank"
	}
	return bankView{
		ID: bank.ID, Name: bank.Name, About: about, Logo: here(v.Call, logoPath(bank.Logo)), URL: v.at(loginPath, "bank", strconv.Itoa(bank.ID)),
	}
}

// wholeNumber reads an id; 0, which none is, where it is no number.
func wholeNumber(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

func showLogin(v *visit) (provider.Reply, error) {
	return v.showBankLogin(http.StatusOK, login{Bank: wholeNumber(v.Query.Get("bank"))}, "")
}

// showLoginAgain is for a login that was refused.
func (v *visit) showLoginAgain(in login) (provider.Reply, error) {
	left := wrongLoginsAllowed - v.session.Data.WrongLogins
	attempts := strconv.Itoa(left) + " attempts are left."
	if left == 1 {
		attempts = "One attempt is left."
	}
	return v.showBankLogin(http.StatusUnprocessableEntity, in, "The bank does not know this user name and password. "+attempts)
}

// showBankLogin is the login at a bank. Without a bank there is one to be chosen first.
func (v *visit) showBankLogin(status int, in login, wrong string) (provider.Reply, error) {
	bank, known := v.banks.institution(in.Bank)
	if !known {
		return provider.SeeOther(v.at(banksPath)), nil
	}
	frame, err := v.view(2, loginPath)
	if err != nil {
		return provider.Reply{}, err
	}
	frame.From += "?bank=" + strconv.Itoa(bank.ID)
	return show(v.screens.login, status, v.shell(bank.Name), struct {
		view
		Bank          bankView
		Problem, Back string
		Fields        []pages.Field
		Tests         []pages.Line
	}{frame, v.bankView(bank), wrong, v.at(banksPath), []pages.Field{
		{Name: "user", Label: "User name", Value: in.User, Complete: "username", Focus: in.User == ""},
		{Name: "password", Label: "Password", Type: "password", Complete: "current-password", Focus: in.User != ""},
	}, testUsers})
}

// testUsers are what can be typed at a bank.
var testUsers = []pages.Line{
	{Name: "profile_522", Value: "with the same password: all goes well"},
	{Name: "profile_08", Value: "with the same password: there is no money"},
	{Name: "any scenario", Value: "with any password: that is what happens"},
}

// choiceView is an account as it can be chosen.
type choiceView struct{ Type, Name, About string }

func showChoices(v *visit) (provider.Reply, error) {
	all, err := v.choices(v.Call, v.session)
	if err != nil {
		return provider.Reply{}, err
	}
	frame, err := v.view(3, accountsPath)
	if err != nil {
		return provider.Reply{}, err
	}
	bank, _ := v.banks.institution(v.session.Data.Bank)
	page := struct {
		view
		Bank     bankView
		Accounts []choiceView
	}{view: frame, Bank: v.bankView(bank)}
	for _, account := range all {
		page.Accounts = append(page.Accounts, choiceView{account.Type, accountNames[account.Type], dots + account.lastFour()})
	}
	return show(v.screens.accounts, http.StatusOK, v.shell("Which account is it to be?"), page)
}

var accountNames = map[string]string{checking: "Checking account", savings: "Savings account"}

// dots stand for the digits that are not shown.
const dots = "•••• "

// resultView is the last page, and every page about an error.
type resultView struct {
	Steps    []string // none where it is no end of the flow
	At       int
	Merchant string
	Tone     pages.Tone
	Title    string
	Text     string
	Lines    []pages.Line
	Target   template.URL // empty: the customer stays; one is only ever taken from redirectTarget
}

func showResult(v *visit) (provider.Reply, error) {
	page, err := v.outcome()
	if err != nil {
		return provider.Reply{}, err
	}
	target, err := finish(v.Call, v.session)
	if err != nil {
		return provider.Reply{}, err
	}
	page.Target = template.URL(target)
	shell := pages.Shell{Title: page.Title, Style: v.screens.style, Refresh: pages.Refresh{Seconds: resultPause, App: page.Target}}
	return show(v.screens.result, http.StatusOK, shell, page)
}

// outcome tells how the session ended.
func (v *visit) outcome() (resultView, error) {
	merchant, err := v.merchantName()
	page := resultView{Steps: steps, At: len(steps) - 1, Merchant: merchant, Tone: pages.Bad, Title: "No account was linked", Text: reasonOf(v.session) + "."}
	if err != nil || v.session.State() != linked {
		return page, err
	}
	page.Tone, page.Title, page.Text = pages.Good, "Your account is linked", merchant+" can take payments from it now."
	if v.session.Data.Product == productVerify {
		page.Text = merchant + " knows its number now."
	}
	account, err := accounts.Get(v.Call, v.session.Data.Account)
	if err != nil || account == nil {
		return page, err
	}
	page.Lines = []pages.Line{
		{Name: "Bank", Value: account.Data.BankName}, {Name: accountNames[account.Data.Type], Value: dots + account.Data.lastFour()},
	}
	return page, v.tellPayment(&page)
}

// tellPayment adds what became of the automatic payment, where there was one.
func (v *visit) tellPayment(page *resultView) error {
	if v.session.Data.PaymentID == "" {
		return nil
	}
	payment, err := payments.Get(v.Call, v.session.Data.PaymentID)
	if err != nil || payment == nil {
		return err
	}
	page.Lines = append(page.Lines, pages.Line{Name: "Amount", Value: dollarsOf(v.session.Data.Payment)})
	switch codeOf(payment) {
	case codeAuthorized:
		page.Title, page.Text = "Payment authorized", "Your account is linked, and "+page.Merchant+" is being paid."
	case codePending:
		page.Tone, page.Title, page.Text = pages.Waiting, "Payment pending", "Your account is linked. "+page.Merchant+" will tell you when the payment is decided."
	default:
		page.Tone, page.Title, page.Text = pages.Bad, "Payment declined", "Your account is linked, but the payment was not made."
		if why := errorOf(payment); why != nil {
			page.Text += " " + why.Message
		}
	}
	return nil
}
