package link1

import (
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const brand = "1LINK (mock)"

const payerPath = "/uat-1link/:catalog/mock/payer/:rtpId"

func (l *link) pages() []provider.Page {
	return append([]provider.Page{
		{Name: "page.payer", Method: http.MethodGet, Path: payerPath, Handler: provider.Write(l.openPayer)},
		{Name: "page.payer_decision", Method: http.MethodPost, Path: payerPath, Handler: provider.Write(l.decidePayer)},
		{Name: "page.bill_key", Face: portalFace, Method: http.MethodGet, Path: "/keys/1bill.pem", Handler: provider.Read(billKey)},
	}, l.portalPages()...)
}

// billKey is what verifies the HASH of answers about bills.
func billKey(c *provider.Call) (provider.Reply, error) {
	key, err := c.SigningKey(billKeys)
	if err != nil {
		return provider.Reply{}, err
	}
	text, err := key.PublicPEM()
	return provider.Reply{Raw: &provider.Raw{Media: "application/x-pem-file", Bytes: text}}, err
}

func payerRequest(c *provider.Call) (*provider.Entity[Request], error) {
	e, err := requests.Get(c, c.Params["rtpId"])
	if err == nil && (e == nil || c.Params["catalog"] != sandbox && c.Params["catalog"] != certification) {
		err = problem.New(problem.NotFound, "", "There is no such request to pay")
	}
	return e, err
}

// openPayer is the page of the payer's bank. Once it was opened, the payer decides, and no timer does.
func (l *link) openPayer(c *provider.Call) (provider.Reply, error) {
	e, err := payerRequest(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if e.State() == delivered && !e.Data.Opened && c.Method != http.MethodHead {
		if err := requests.Fire(c, e, "open"); err != nil {
			return provider.Reply{}, err
		}
	}
	return l.showPayer(c, e)
}

// decisionOf is what the anti-forgery token of the page's form is for.
func decisionOf(e *provider.Entity[Request]) string { return "1link/payer/" + e.ID() }

func (l *link) decidePayer(c *provider.Call) (provider.Reply, error) {
	e, err := payerRequest(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if err := c.CheckFormToken(decisionOf(e), c.FormValue("token")); err != nil {
		return provider.Reply{}, err
	}
	act := pages.ReadChoice(c.FormValue).Do
	if e.State() == delivered && (act == pages.DoApprove || act == pages.DoDecline) {
		if err := l.decide(c, e, act, strings.TrimSpace(c.FormValue("bankUser"))); err != nil {
			return provider.Reply{}, err
		}
	}
	return provider.SeeOther(strings.TrimPrefix(c.Called, c.Origin) + c.Path), nil
}

// decide has a bank user's name choose the story, where it names one, and the button decide otherwise.
func (l *link) decide(c *provider.Call, e *provider.Entity[Request], act, user string) error {
	story, ok := requests.Match(c, "bank_user", user)
	if !ok {
		return requests.Fire(c, e, act)
	}
	if err := requests.Retell(c, e, story); err != nil {
		return err
	}
	return requests.Hasten(c, e)
}

// endings are what the page says of a request that waits for nobody.
var endings = map[string]pages.Notice{
	"PDNG": {Tone: pages.Waiting, Title: "Not here yet", Text: "The request has not reached your bank. This page looks again by itself."},
	"ACCP": {Tone: pages.Waiting, Title: "Approved", Text: "The money is on its way."},
	"ACSC": {Tone: pages.Good, Title: "Paid", Text: "The merchant has the money."},
	"RJCT": {Tone: pages.Bad, Title: "Not paid", Text: "The request was declined, or has expired."},
	"CANC": {Tone: pages.Bad, Title: "Cancelled", Text: "The merchant took the request back."},
}

func (l *link) showPayer(c *provider.Call, e *provider.Entity[Request]) (provider.Reply, error) {
	here := strings.TrimPrefix(c.Called, c.Origin) + c.Path
	shell := pages.Shell{Title: "Request to pay", Brand: "Mock Bank", Theme: "default"}
	amount := "PKR " + money.FormatMinor(e.Data.Amount, "PKR")
	lines := []pages.Line{{Name: "Amount", Value: amount}, {Name: "To", Value: e.Data.Merchant}}
	if notice, over := endings[e.State()]; over {
		notice.Lines = lines
		if notice.Tone == pages.Waiting {
			shell.Refresh = pages.Refresh{Seconds: 2, URL: here}
		}
		return framed(shell, func() ([]byte, error) { return l.notices.Render(shell, notice) })
	}
	return framed(shell, func() ([]byte, error) {
		return l.bank.Dress(shell, pages.Bank{
			Name: "Mock Bank", Text: "A merchant asks you for money over Raast.", Action: here, Token: c.FormToken(decisionOf(e)), Login: pages.ByDecision, Order: lines,
			Ask:    []pages.Field{{Name: "bankUser", Label: "Bank user", Optional: true, Quiet: true}},
			Labels: pages.Labels{Approve: "Approve", Decline: "Decline"},
			About:  "For tests, bank user",
			Tests:  []pages.Line{{Name: "approve", Value: "approves"}, {Name: "decline", Value: "declines, whatever button is pressed"}},
		})
	})
}

func framed(shell pages.Shell, render func() ([]byte, error)) (provider.Reply, error) {
	page, err := render()
	reply := provider.HTML(http.StatusOK, page)
	reply.Header = shell.Header()
	return reply, err
}
