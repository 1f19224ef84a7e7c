package finqlink

import (
	"crypto/sha256"
	"fmt"
	"sort"
	"time"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// A transaction is an entry of an account's book that a job has read. No row stands for it: which entries were read, and
// when, follows from the instants at which jobs found something new.

const (
	pending = "pending"
	booked  = "booked"
)

// read are the numbers of the entries that jobs have read, both included. There are none where to is below from.
func (a *Account) read() (from, to int64) {
	if a.Book.Rate == 0 || len(a.Fetched) == 0 {
		return 0, -1
	}
	return a.oldest(), a.Book.last(a.lastFetch())
}

// oldest is the number of the first entry that the bank shows.
func (a *Account) oldest() int64 { return a.Book.last(a.Since.Add(-moment)) + 1 }

func (a *Account) lastFetch() time.Time { return a.Fetched[len(a.Fetched)-1] }

// settled is the number of the newest entry that was booked when a job last read.
func (a *Account) settled() int64 { return a.Book.lastBooked(a.lastFetch()) }

// fetch reads what the bank shows now, and tells how many entries are new and how many were pending and are booked.
func (a *Account) fetch(now time.Time) (fresh, updated int) {
	if a.Book.Rate == 0 {
		return 0, 0
	}
	oldest := a.oldest()
	known, settled := oldest-1, oldest-1
	if len(a.Fetched) > 0 {
		known, settled = max(known, a.Book.last(a.lastFetch())), max(settled, a.settled())
	}
	fresh = int(max(0, a.Book.last(now)-known))
	updated = int(max(0, min(a.Book.lastBooked(now), known)-settled))
	if fresh+updated > 0 {
		a.Fetched = append(a.Fetched, now)
	}
	return fresh, updated
}

// readAt is when a job first saw the entry as it is now.
func (a *Account) readAt(n int64) time.Time {
	since := a.Book.made(n)
	if n <= a.settled() {
		since = a.Book.bookedOn(n)
	}
	return a.Fetched[sort.Search(len(a.Fetched), func(i int) bool { return !a.Fetched[i].Before(since) })]
}

func (a *Account) status(n int64) string {
	if n <= a.settled() {
		return booked
	}
	return pending
}

// located is an account with its id.
type located struct {
	ID string
	*Account
}

func locate(all []*provider.Entity[Account]) []located {
	found := make([]located, len(all))
	for i, e := range all {
		found[i] = located{e.ID(), e.Data}
	}
	return found
}

// transactionView is a transaction as the API shows it.
type transactionView struct {
	ID        string          `json:"id"`
	UtxID     string          `json:"utx_id"`
	AccountID string          `json:"account_id"`
	At        string          `json:"timestamp"`
	Keyset    string          `json:"keyset"`
	Data      transactionData `json:"data"`
}

type transactionData struct {
	Amount    string  `json:"amount"`
	Currency  string  `json:"currency"`
	Direction string  `json:"credit_debit_indicator"`
	Status    string  `json:"status"`
	BookedOn  string  `json:"booking_date_time"`
	Details   string  `json:"details"`
	Info      *string `json:"info"`
	Balance   *string `json:"balance"`
	Rate      *string `json:"exchange_rate"`
}

func (a located) show(n int64, keyset string) transactionView {
	amount, direction := unsigned(a.Book.amount(n), a.Book.Currency)
	return transactionView{
		ID: nameOfEntry(a.ID, n).UUID(), UtxID: a.Book.utx(n), AccountID: a.ID, At: stamp(a.readAt(n)), Keyset: keyset,
		Data: transactionData{
			Amount: amount, Currency: a.Book.Currency, Direction: direction, Status: a.status(n),
			BookedOn: stamp(a.Book.bookedOn(n)), Details: a.Book.details(n),
		},
	}
}

// utx is the id of an entry in all consents.
func (b book) utx(n int64) string {
	return "utx-" + nameOfEntry(fmt.Sprintf("%x/%d", b.Seed, b.Rate), n).Text("utx", 24, letters)
}

func nameOfEntry(of string, n int64) provider.Name {
	return provider.NameFrom(sha256.Sum256(fmt.Appendf(nil, "%s/%d", of, n)))
}

// transactionFilter says which transactions are asked for; all that is given must hold, and bounds are included.
type transactionFilter struct {
	AmountMin   string    `json:"amount_min"`
	AmountMax   string    `json:"amount_max"`
	Currency    string    `json:"currency"`
	BookedFrom  string    `json:"booking_date_from"`
	BookedTo    string    `json:"booking_date_to"`
	AccountID   string    `json:"account_id"`
	Direction   string    `json:"credit_debit_indicator"`
	Status      string    `json:"status"`
	UpdatedFrom time.Time `json:"updated_from"`
	UpdatedTo   time.Time `json:"updated_to"`
}

// passes looks at what the numbers of entries do not tell.
func (f transactionFilter) passes(a located, n int64) bool {
	if (f.Direction != "" || f.AmountMin != "" || f.AmountMax != "") && !f.takesAmount(a.Book.amount(n)) {
		return false
	}
	return f.UpdatedFrom.IsZero() && f.UpdatedTo.IsZero() || within(a.readAt(n), f.UpdatedFrom, f.UpdatedTo)
}

func (f transactionFilter) takesAmount(amount int64) bool {
	direction := credit
	if amount < 0 {
		amount, direction = -amount, debit
	}
	return (f.Direction == "" || f.Direction == direction) &&
		(f.AmountMin == "" || amount >= minor(f.AmountMin)) &&
		(f.AmountMax == "" || amount <= minor(f.AmountMax))
}

// minor counts an amount that the schema has let pass.
func minor(amount string) int64 {
	n, _ := money.ParseMinor(amount, "RON")
	return n
}

// part are the numbers of an account's entries among which those that are asked for lie; their order makes it a range.
func (f transactionFilter) part(a located) (from, to int64) {
	from, to = a.read()
	if to < from || (f.AccountID != "" && f.AccountID != a.ID) || (f.Currency != "" && f.Currency != a.Book.Currency) {
		return 0, -1
	}
	switch f.Status {
	case booked:
		to = min(to, a.settled())
	case pending:
		from = max(from, a.settled()+1)
	}
	if day, err := time.Parse(time.DateOnly, f.BookedFrom); err == nil {
		from = max(from, a.Book.lastBooked(day.Add(-moment))+1)
	}
	if day, err := time.Parse(time.DateOnly, f.BookedTo); err == nil {
		to = min(to, a.Book.lastBooked(day))
	}
	return from, to
}

func (f *finqlink) listTransactions(c *provider.Call) (provider.Reply, error) {
	var body struct {
		ConsentID string            `json:"consent_id"`
		Filter    transactionFilter `json:"filter"`
		Page      pageOf            `json:"pagination"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	head, consent, err := openData(c, body.ConsentID)
	if err != nil {
		return provider.Reply{}, err
	}
	if !consent.Data.opens(transactionsScope) {
		return provider.Reply{}, problem.New(problem.Refused, "invalid_input", "The consent's scope has no transactions").At("/consent_id")
	}
	body.Filter.UpdatedFrom, body.Filter.UpdatedTo = body.Filter.UpdatedFrom.UTC(), body.Filter.UpdatedTo.UTC()
	list := newListing(head.ClientID, head.ConsentID, transactionsScope, body.Filter)
	all, err := accountsOf(c, body.ConsentID)
	if err != nil {
		return provider.Reply{}, err
	}
	page, err := pageOfTransactions(locate(all), list, body.Filter, body.Page)
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{Body: struct {
		dataReply
		Pagination   pagination        `json:"pagination"`
		Transactions []transactionView `json:"transactions"`
	}{head, page.pagination(list), page.records}}, nil
}

func pageOfTransactions(all []located, list listing, filter transactionFilter, p pageOf) (*sheet[transactionView], error) {
	at, err := list.open(p)
	if err != nil {
		return nil, err
	}
	walk, err := newWalk(all, filter, at)
	if err != nil {
		return nil, err
	}
	page := newSheet[transactionView](p)
	walk.fill(page, list, filter)
	return page, nil
}

// fill puts on a page what the filter lets pass.
func (w walk) fill(page *sheet[transactionView], list listing, filter transactionFilter) {
	for a, n, ok := w.next(); ok; a, n, ok = w.next() {
		at := spot{At: stamp(a.Book.bookedOn(n)), ID: a.ID, Number: n}
		if !page.take(at, filter.passes(a, n), func() transactionView { return a.show(n, list.text(at)) }) {
			return
		}
	}
}

// walk goes through the entries of several accounts, the latest booking date first. Those of one day are in the order of
// their accounts, and of one account the newest is first.
type walk []*strand

// strand is what is left of one account.
type strand struct {
	account  located
	from, to int64
	day      time.Time // on which to is booked
}

// newWalk begins behind a cursor. The cursor's list is its own, so it is enough that its entry has been read.
func newWalk(all []located, filter transactionFilter, at *spot) (walk, error) {
	var w walk
	here := false
	for _, a := range all {
		from, to := filter.part(a)
		if at != nil {
			end, ok := a.behind(at, here)
			if !ok {
				return nil, errCursor()
			}
			here = here || a.ID == at.ID
			to = min(to, end)
		}
		if from <= to {
			w = append(w, &strand{account: a, from: from, to: to, day: a.Book.bookedOn(to)})
		}
	}
	if at != nil && !here {
		return nil, errCursor()
	}
	return w, nil
}

// behind is the newest entry of an account behind a cursor. passed tells that the cursor is of an account before this
// one. ok is false for a cursor of this account whose entry is not there.
func (a located) behind(at *spot, passed bool) (newest int64, ok bool) {
	if a.ID == at.ID {
		from, to := a.read()
		ok = from <= at.Number && at.Number <= to && stamp(a.Book.bookedOn(at.Number)) == at.At
		return at.Number - 1, ok
	}
	day, err := time.Parse(stampForm, at.At)
	if err != nil || a.Book.Rate == 0 {
		return -1, err == nil
	}
	if !passed {
		day = day.Add(-moment)
	}
	return a.Book.lastBooked(day), true
}

// next takes the next entry off the walk; ok is false at its end.
func (w walk) next() (a located, n int64, ok bool) {
	var first *strand
	for _, s := range w {
		if s.from <= s.to && (first == nil || s.day.After(first.day)) {
			first = s
		}
	}
	if first == nil {
		return located{}, 0, false
	}
	n = first.to
	if first.to--; first.from <= first.to {
		first.day = first.account.Book.bookedOn(first.to)
	}
	return first.account, n, true
}
