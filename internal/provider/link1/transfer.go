package link1

import (
	"cmp"
	"strconv"
	"time"

	"github.com/mockbank/mockbank/internal/provider"
)

const transfers provider.Kind[Transfer] = "transfer"

// Transfer is an interbank transfer.
type Transfer struct {
	App        string    `json:"app"`
	RRN        string    `json:"rrn"`
	Day        string    `json:"day"` // on which its RRN counts
	Bank       string    `json:"bank"`
	From       string    `json:"from"`
	To         string    `json:"to"`
	Amount     int64     `json:"amount"` // in paisa
	AmountText string    `json:"amount_text"`
	SettlesAt  time.Time `json:"settles_at"`
	Code       string    `json:"response_code,omitzero"` // why it was rejected
	Told       string    `json:"told_code,omitzero"`     // what is answered instead of the truth
	Padded     bool      `json:"padded,omitzero"`
}

const (
	received    = "received"
	byRRN       = "rrn"
	mostAtOnce  = 100_000_000 // paisa
	failedState = "rejected"
)

func rrnKey(app, day, rrn string) provider.Key { return appKey(app).Text(day).Text(rrn) }

func transferKind() provider.KindDef {
	return transfers.Define(provider.Def[Transfer]{
		Parent: string(apps),
		Index: func(e *provider.Entity[Transfer]) []provider.Index {
			return []provider.Index{{Name: byRRN, Key: rrnKey(e.Data.App, e.Data.Day, e.Data.RRN), Unique: true}}
		},
		Effects: map[string]func(*provider.Call, *provider.Entity[Transfer]) error{
			"move": func(c *provider.Call, e *provider.Entity[Transfer]) error {
				return move(c, e.Data.From, e.Data.To, e.Data.Amount)
			},
			"move_back": func(c *provider.Call, e *provider.Entity[Transfer]) error {
				return move(c, e.Data.To, e.Data.From, e.Data.Amount)
			},
		},
	})
}

// fundsTransfer credits an account, and answers with a code what keeps it from that.
func (l *link) fundsTransfer(c *provider.Call) (provider.Reply, error) {
	var q transferRequest
	if err := c.Bind(&q); err != nil {
		return provider.Reply{}, err
	}
	app, err := l.caller(c)
	if err != nil {
		return provider.Reply{}, err
	}
	amount, err := strconv.ParseInt(q.Amount, 10, 64)
	if err != nil {
		return provider.Reply{}, refused(badFormat)
	}
	if err := l.mayTransfer(c, app, &q, amount); err != nil {
		return provider.Reply{}, err
	}
	made, err := makeTransfer(c, app, &q, amount)
	if err != nil {
		return provider.Reply{}, err
	}
	return answerTransfer(c, &q, made), nil
}

// mayTransfer refuses what is never stored.
func (l *link) mayTransfer(c *provider.Call, app *application, q *transferRequest, amount int64) error {
	used, err := transfers.Find(c, byRRN, rrnKey(app.ID, day(c.Now()), q.RRN))
	if err != nil {
		return err
	}
	switch {
	case used != nil:
		return refused(duplicate)
	case l.member(q.ToBank) == nil:
		return refused(noDestination)
	case amount > mostAtOnce:
		return refused(limitExceeded)
	}
	if ok, err := authorized(c, app, q); err != nil || !ok {
		return cmp.Or[error](err, refused(rejected))
	}
	return nil
}

// makeTransfer stores a transfer and, unless its story or its balance says no, has it move the money.
func makeTransfer(c *provider.Call, app *application, q *transferRequest, amount int64) (*provider.Entity[Transfer], error) {
	name, err := transfers.Next(c)
	if err != nil {
		return nil, err
	}
	made, err := transfers.Create(c, name, name.UUID(), &Transfer{
		App: app.ID, RRN: q.RRN, Day: day(c.Now()), Bank: q.ToBank, From: q.From, To: q.To, Amount: amount, AmountText: q.Amount, SettlesAt: nextDay(c.Now()),
	}, app.inApp()...)
	if err != nil || made.State() != received {
		return made, err
	}
	enough, err := covers(c, q.From, amount)
	if err != nil {
		return nil, err
	}
	if !enough {
		made.Data.Code = hostReject
		transfers.Update(c, made)
		return made, transfers.Fire(c, made, "reject")
	}
	return made, transfers.Fire(c, made, "authorise")
}

func answerTransfer(c *provider.Call, q *transferRequest, e *provider.Entity[Transfer]) provider.Reply {
	code, authorization := processed, q.Authorization
	switch {
	case e.State() == failedState:
		code, authorization = cmp.Or(e.Data.Code, unable), failedAuthorization
	case e.Data.Told != "":
		code, authorization = e.Data.Told, failedAuthorization
	}
	answer := q.transfer(code, authorization)
	answer.Settlement = settlement(c)
	if e.Data.Padded {
		answer = padded(answer)
	}
	return provider.JSON(0, answer)
}
