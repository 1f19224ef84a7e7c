package link1

import (
	"cmp"
	"strings"

	"github.com/mockbank/mockbank/internal/provider"
)

const titles provider.Kind[Title] = "title"

// Title is a title fetch. While it is fresh, one transfer to its account may name its authorization.
type Title struct {
	App           string `json:"app"`
	RRN           string `json:"rrn"`
	Bank          string `json:"bank"`
	Account       string `json:"account"`
	Authorization string `json:"authorization"`
	Code          string `json:"response_code,omitzero"` // why it failed
	Padded        bool   `json:"padded,omitzero"`
}

const (
	fetched             = "fetched"
	byAuthorization     = "authorization"
	failedAuthorization = "000000"
)

func titleKind() provider.KindDef {
	return titles.Define(provider.Def[Title]{
		Parent: string(apps),
		Index: func(e *provider.Entity[Title]) []provider.Index {
			if e.State() != fetched {
				return nil
			}
			return []provider.Index{{Name: byAuthorization, Key: appKey(e.Data.App).Text(e.Data.Authorization)}}
		},
	})
}

// transferRequest is what title fetch and transfer ask.
type transferRequest struct {
	Amount        string `json:"TransactionAmount"`
	TransmittedAt string `json:"TransmissionDateAndTime"`
	STAN          string `json:"STAN"`
	Time          string `json:"Time"`
	Date          string `json:"Date"`
	ToBank        string `json:"ToBankIMD"`
	RRN           string `json:"RRN"`
	PAN           string `json:"PAN"`
	From          string `json:"AccountNumberFrom"`
	To            string `json:"AccountNumberTo"`
	Authorization string `json:"AuthorizationIdentificationResponse"`
	Reserved1     string `json:"Reserved1"`
	Reserved2     string `json:"Reserved2"`
	Reserved3     string `json:"Reserved3"`
}

// imdLength is to how many characters a bank's number is filled in answers.
const imdLength = 11

func fill(imd string) string { return imd + strings.Repeat(" ", max(0, imdLength-len(imd))) }

func (q *transferRequest) title(code, authorization string) titleAnswer {
	return titleAnswer{
		ResponseCode: code, PAN: q.PAN, Amount: q.Amount, TransmittedAt: q.TransmittedAt, STAN: q.STAN, Time: q.Time, Date: q.Date, Settlement: q.Date,
		RRN: q.RRN, Authorization: authorization, To: q.To, ToBank: fill(q.ToBank), ToIBAN: q.To,
		Reserved1: q.Reserved1, Reserved2: q.Reserved2, Reserved3: q.Reserved3, ResponseDetail: codeText(code),
	}
}

func (q *transferRequest) transfer(code, authorization string) transferAnswer {
	t := q.title(code, authorization)
	return transferAnswer{
		ResponseCode: t.ResponseCode, PAN: t.PAN, Amount: t.Amount, TransmittedAt: t.TransmittedAt, STAN: t.STAN, Time: t.Time, Date: t.Date,
		Settlement: t.Settlement, RRN: t.RRN, Authorization: t.Authorization, To: t.To, ToBank: t.ToBank, ToIBAN: t.ToIBAN,
		Reserved1: t.Reserved1, Reserved2: t.Reserved2, Reserved3: t.Reserved3, ResponseDetail: t.ResponseDetail,
	}
}

// caller is the application that calls, which the guards let in.
func (l *link) caller(c *provider.Call) (*application, error) {
	client, err := c.Client(c.Principal.Client)
	if err != nil {
		return nil, err
	}
	app, err := l.application(c, client, c.Params["catalog"])
	if err == nil && app == nil {
		err = badClient() // It was deleted since.
	}
	return app, err
}

// inApp has what an application makes be its child, where it is one of the portal.
func (a *application) inApp(options ...provider.Option) []provider.Option {
	if a.entity == nil {
		return options
	}
	return append(options, provider.ChildOf(a.entity))
}

func (l *link) titleFetch(c *provider.Call) (provider.Reply, error) {
	var q transferRequest
	if err := c.Bind(&q); err != nil {
		return provider.Reply{}, err
	}
	bank := l.member(q.ToBank)
	if bank == nil {
		return provider.Reply{}, refused(noDestination)
	}
	app, err := l.caller(c)
	if err != nil {
		return provider.Reply{}, err
	}
	made, err := fetchTitle(c, app, &q)
	if err != nil {
		return provider.Reply{}, err
	}
	if made.State() != fetched {
		return provider.JSON(0, q.title(cmp.Or(made.Data.Code, unable), failedAuthorization)), nil
	}
	answer := q.title(processed, made.Data.Authorization)
	if answer.Title, err = l.titleOf(c, q.To); err != nil {
		return provider.Reply{}, err
	}
	answer.Settlement, answer.Branch, answer.Bank = settlement(c), bank.Branch, bank.Name
	if made.Data.Padded {
		answer = padded(answer)
	}
	return provider.JSON(0, answer), nil
}

// settlement is the day at whose end a transfer of now is settled.
func settlement(c *provider.Call) string { return c.Now().In(karachi).Format("0102") }

func fetchTitle(c *provider.Call, app *application, q *transferRequest) (*provider.Entity[Title], error) {
	name, err := titles.Next(c)
	if err != nil {
		return nil, err
	}
	data := &Title{App: app.ID, RRN: q.RRN, Bank: q.ToBank, Account: q.To, Authorization: "1" + name.Text("authorization", 5, digits)}
	return titles.Create(c, name, name.UUID(), data, app.inApp()...)
}

// member finds a bank of the switch; nil where there is none.
func (f *fixtures) member(imd string) *bankFixture {
	for i := range f.Banks {
		if f.Banks[i].IMD == imd {
			return &f.Banks[i]
		}
	}
	return nil
}

// authorized tells whether a title was fetched that this transfer may name.
func authorized(c *provider.Call, app *application, q *transferRequest) (ok bool, err error) {
	err = titles.List(c, byAuthorization, provider.Range{Prefix: appKey(app.ID).Text(q.Authorization)}, func(e *provider.Entity[Title]) (bool, error) {
		ok = ok || e.Data.Account == q.To && e.Data.Bank == q.ToBank
		return !ok, nil
	})
	return ok, err
}
