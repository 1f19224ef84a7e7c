package finqlink

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// texts are all that the pages say, in one language. %s stands for what is filled in.
type texts struct {
	Tag, Name    string // of the language: as HTML names it, and as its speakers do
	Point, Group string // in amounts
	Layout       pages.Words
	Bank         pages.BankWords

	PaymentTo, Pay                          string
	Steps                                   []string
	Amount, To, ToAccount, From             string
	Details, Status, Goods                  string
	Item, Quantity                          string
	OnPhone, OnPhoneText, QRCode            string
	YourBank, ChooseBank, Search, NoMatch   string
	Schemes, Remitters                      map[string]string // by the names that the API has for them
	Or                                      string
	AmountIn, YourIBAN, YourIBANHint        string
	YourPSUID, YourPSUIDHint, Optional      string
	BankNeeded, BankMisfit, NoBank          string
	BadAmount, LongDetails, BadIBAN, LongID string

	Asking, AtBank, Done, Taken                  told
	Failed, Withdrawn, CameBack, Expired         told
	Nothing, Fault, DidNotWork                   told
	GoToBank, BackToShop, GoesOn, OrderAccount   string
	Reasons                                      map[string]string // why it failed, by what the stories say
	NoReason                                     string
	BankWaits                                    told
	WrongLogin, LogInFirst, AccountNeeded, Press string
	Consent                                      consentTexts

	Banks, BanksText, Method, Currency, For string
	Data, TellsFunds, Features              string
	OneDay, SomeDays, ManyDays              string // %d of them; many are twenty or more
}

// consentTexts are what the pages say of consents only.
type consentTexts struct {
	sayings
	Title, Scope, Validity string
	Parts                  map[string]string // of the data, by the names that the API has for them
	Cancelled              told
	TryAgain, GiveUp       string
	Done, Failed           told
	Endings                map[string]told // by the state
}

// told is a notice.
type told struct{ Title, Text string }

// The languages of the pages. The first is that of who asks for none of them.
var (
	languages = []*texts{&english, &romanian}
	matcher   = language.NewMatcher([]language.Tag{language.English, language.Romanian})
)

// speak chooses the language: the one that the address asks for, the one that was chosen on an earlier page, or the
// one that the browser likes best.
func speak(c *provider.Call, before string) *texts {
	for _, tag := range []string{c.Query.Get("lang"), before} {
		for _, t := range languages {
			if t.Tag == tag {
				return t
			}
		}
	}
	liked, _, err := language.ParseAcceptLanguage(c.Header.Get("Accept-Language"))
	if err != nil || len(liked) == 0 {
		return languages[0]
	}
	_, i, _ := matcher.Match(liked...)
	return languages[i]
}

// others are the languages in which a page can be had.
func (t *texts) others(address string) []pages.Tongue {
	var all []pages.Tongue
	for _, other := range languages {
		all = append(all, pages.Tongue{Tag: other.Tag, Name: other.Name, URL: withQuery(address, "lang", other.Tag), Here: other == t})
	}
	return all
}

// money writes an amount of the API, such as 1250.5, as people read it.
func (t *texts) money(amount, currency string) string {
	whole, fraction, _ := strings.Cut(amount, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + t.Group + whole[i:]
	}
	return whole + t.Point + (fraction + "00")[:max(2, len(fraction))] + "\u00a0" + currency
}

// days counts days as the language does. Some languages put a word between a large number and what is counted.
func (t *texts) days(n int) string {
	form := t.ManyDays
	switch {
	case n == 1:
		form = t.OneDay
	case n < 20:
		form = t.SomeDays
	}
	return strings.Replace(form, "%d", strconv.Itoa(n), 1)
}

// about says what a method is.
func (t *texts) about(m method) string {
	return t.Schemes[m.scheme] + ", " + t.owners(m.remitters)
}

// owners says whose accounts a method is for.
func (t *texts) owners(names []string) string {
	var owners []string
	for _, name := range names {
		owners = append(owners, t.Remitters[name])
	}
	return strings.Join(owners, " "+t.Or+" ")
}

// reason is why a payment failed, for the payer; the API does not tell it. What a story of one's own says stays as it
// is.
func (t *texts) reason(message, code string) string {
	text := message
	if known := t.Reasons[message]; known != "" {
		text = known
	}
	if text == "" {
		text = t.NoReason
	}
	if code != "" {
		text += fmt.Sprintf(" (%s)", code)
	}
	return text + "."
}
