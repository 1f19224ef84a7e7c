package finqlink

import (
	"time"

	"github.com/mockbank/mockbank/internal/provider"
)

const balances provider.Kind[Balance] = "balance"

// Balance is one balance of an account as a job found it.
type Balance struct {
	ConsentID string    `json:"consent_id"`
	AccountID string    `json:"account_id"`
	Place     int       `json:"place"` // among those that the job found
	At        time.Time `json:"timestamp"`
	Type      string    `json:"type"`
	Amount    string    `json:"amount"`
	Currency  string    `json:"currency"`
	Direction string    `json:"credit_debit_indicator"`
	Date      time.Time `json:"native_date"`
}

func balanceKind() provider.KindDef {
	return balances.Define(provider.Def[Balance]{
		Parent: string(accounts),
		State:  func(*Balance, time.Time) string { return "found" },
		Index: func(e *provider.Entity[Balance]) []provider.Index {
			return []provider.Index{{Name: byConsent, Key: e.Data.place()}}
		},
	})
}

// place is where a balance stands in its consent's list: latest first.
func (b *Balance) place() provider.Key {
	return provider.Key{}.Text(b.ConsentID).Latest(b.At).Number(uint64(b.Place))
}

// keepBalances stores the balances of an account as they are now, the first of them at a place of the job's.
func keepBalances(c *provider.Call, e *provider.Entity[Account], first int) (count int, err error) {
	for i, s := range e.Data.Book.sums(c.Now()) {
		name, err := balances.Next(c)
		if err != nil {
			return i, err
		}
		amount, direction := unsigned(s.amount, e.Data.Book.Currency)
		_, err = balances.Create(c, name, name.UUID(), &Balance{
			ConsentID: e.Data.ConsentID, AccountID: e.ID(), Place: first + i, At: c.Now(), Type: s.kind,
			Amount: amount, Currency: e.Data.Book.Currency, Direction: direction, Date: s.date,
		}, provider.ChildOf(e), provider.MadeBy(e.Client()))
		if err != nil {
			return i, err
		}
		count++
	}
	return count, nil
}

// balanceView is a balance as the API shows it.
type balanceView struct {
	ID        string      `json:"id"`
	AccountID string      `json:"account_id"`
	At        string      `json:"timestamp"`
	Keyset    string      `json:"keyset"`
	Data      balanceData `json:"data"`
}

type balanceData struct {
	Amount    string  `json:"amount"`
	Currency  string  `json:"currency"`
	Type      string  `json:"type"`
	Direction string  `json:"credit_debit_indicator"`
	Limit     bool    `json:"credit_limit_included"`
	Line      *string `json:"credit_line"`
	Date      string  `json:"native_date"`
	Native    *string `json:"native_timestamp"`
}

func showBalance(e *provider.Entity[Balance], keyset string) balanceView {
	b := e.Data
	return balanceView{
		ID: e.ID(), AccountID: b.AccountID, At: stamp(b.At), Keyset: keyset,
		Data: balanceData{Amount: b.Amount, Currency: b.Currency, Type: b.Type, Direction: b.Direction, Date: b.Date.Format(time.DateOnly)},
	}
}

type balanceFilter struct {
	Currency  string `json:"currency"`
	Type      string `json:"type"`
	AccountID string `json:"account_id"`
}

func (f balanceFilter) passes(b *Balance) bool {
	return (f.Currency == "" || f.Currency == b.Currency) &&
		(f.Type == "" || f.Type == b.Type) &&
		(f.AccountID == "" || f.AccountID == b.AccountID)
}

func (f *finqlink) listBalances(c *provider.Call) (provider.Reply, error) {
	var body struct {
		ConsentID string        `json:"consent_id"`
		Filter    balanceFilter `json:"filter"`
		Page      pageOf        `json:"pagination"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	head, _, err := openData(c, body.ConsentID)
	if err != nil {
		return provider.Reply{}, err
	}
	list := newListing(head.ClientID, head.ConsentID, balancesScope, body.Filter)
	page, err := pageOfBalances(c, head.ConsentID, list, body.Filter, body.Page)
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{Body: struct {
		dataReply
		Pagination pagination    `json:"pagination"`
		Balances   []balanceView `json:"balances"`
	}{head, page.pagination(list), page.records}}, nil
}

func pageOfBalances(c *provider.Call, consent string, list listing, filter balanceFilter, p pageOf) (*sheet[balanceView], error) {
	part, behind, err := balancesBehind(c, consent, list, p)
	if err != nil {
		return nil, err
	}
	page := newSheet[balanceView](p)
	err = balances.List(c, byConsent, part, func(e *provider.Entity[Balance]) (bool, error) {
		if e.ID() == behind {
			return true, nil
		}
		at := spot{At: stamp(e.Data.At), ID: e.ID()}
		return page.take(at, filter.passes(e.Data), func() balanceView { return showBalance(e, list.text(at)) }), nil
	})
	return page, err
}

// balancesBehind is the part of the list that begins at the cursor, and the balance whose cursor it is.
func balancesBehind(c *provider.Call, consent string, list listing, p pageOf) (part provider.Range, id string, err error) {
	part.Prefix = provider.Key{}.Text(consent)
	at, err := list.open(p)
	if err != nil || at == nil {
		return part, "", err
	}
	e, err := balances.Get(c, at.ID)
	if err != nil {
		return part, "", err
	}
	if e == nil || e.Data.ConsentID != consent || stamp(e.Data.At) != at.At || at.Number != 0 {
		return part, "", errCursor()
	}
	part.From = e.Data.place()
	return part, at.ID, nil
}
