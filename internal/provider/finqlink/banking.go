package finqlink

import (
	"time"

	"github.com/mockbank/mockbank/internal/fake"
)

// book is all that ever happens on one account of a bank's customer: a sequence of entries without beginning or end,
// numbered by n. It is a pure function of its members, so the state at any instant, the entries between two instants and
// any single entry are computed and never stored: an account with 100,000 entries costs what is looked at.
//
// Time falls into slots of equal length, with one entry made in each. An entry is pending from the instant at which it
// is made, and booked at the beginning of a day some days later; so entries are made and booked in the order of their
// numbers. Ten entries are a round: the income comes, it is spent, and what is too much at the end is put aside. So the
// balance at the end of each round is drawn like everything else, and any other one is a sum over one round.
//
// Invariant: the balance after an entry is the balance before it plus its amount.
type book struct {
	Seed     uint64 `json:"seed"`
	Owner    string `json:"account_owner_type"`
	Currency string `json:"currency"`
	Rate     int    `json:"rate"` // entries made in 180 days; 0: none, ever
}

const (
	day      = 24 * time.Hour
	history  = 180 * day // what a bank shows of the time before the consent
	clearing = 5 * day   // from the day on which an entry is made to the one on which it is booked
	moment   = time.Microsecond
)

// The series of chance in a book.
const (
	chanceOfTime = iota
	chanceOfEntry
	chanceOfRest
)

func (b book) chance(series, n int64) uint64 { return fake.Of(fake.Of(b.Seed, series), n) }

func (b book) slot() int64 { return history.Microseconds() / int64(b.Rate) }

// phase sets the slots of two accounts apart.
func (b book) phase() int64 { return int64(b.Seed % uint64(b.slot())) }

// made is the instant from which an entry is pending. It lies in the first third of its slot, so that an account with
// the usual rate has at least one pending entry at any time.
func (b book) made(n int64) time.Time {
	within := b.chance(chanceOfTime, n) % uint64(b.slot()/3)
	return time.UnixMicro(n*b.slot() + b.phase() + int64(within)).UTC()
}

// last is the number of the newest entry that was made by then.
func (b book) last(by time.Time) int64 {
	n := floorDiv(by.UnixMicro()-b.phase(), b.slot())
	if b.made(n).After(by) {
		n--
	}
	return n
}

// bookedOn is the day that an entry is booked on, and the instant at which it is.
func (b book) bookedOn(n int64) time.Time { return midnight(b.made(n)).Add(clearing) }

// lastBooked is the number of the newest entry that was booked by then.
func (b book) lastBooked(by time.Time) int64 {
	return b.last(midnight(by).Add(day - clearing - moment))
}

func midnight(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// amount is what an entry adds to the balance, in the smallest units.
func (b book) amount(n int64) int64 {
	r, at := round(n)
	if at == putAside {
		return b.rest(r+1) - b.balance(n-1)
	}
	return b.drawn(n)
}

// drawn is the amount of an entry that depends on no other.
func (b book) drawn(n int64) int64 {
	_, at := round(n)
	amount, _ := b.entry(n)
	if !turns[at].credit {
		return -amount
	}
	return amount
}

// entry draws an amount, and gives the source that tells the rest of it.
func (b book) entry(n int64) (int64, fake.Source) {
	_, at := round(n)
	h := b.habit()
	if at == incomeComes && h.steady {
		n = 0
	}
	source := fake.New(b.chance(chanceOfEntry, n))
	span := turns[at].span(h)
	return source.Between(span.low, span.high), source
}

// details is how the bank names an entry.
func (b book) details(n int64) string {
	_, at := round(n)
	_, source := b.entry(n)
	return turns[at].details(b.habit(), source)
}

// rest is the balance at the beginning of a round.
func (b book) rest(r int64) int64 {
	span := b.habit().rest
	return fake.New(b.chance(chanceOfRest, r)).Between(span.low, span.high)
}

// balance is what is in the account when the entry n and all before it are counted.
func (b book) balance(n int64) int64 {
	r, at := round(n)
	if at == putAside {
		return b.rest(r + 1)
	}
	sum := b.rest(r)
	for first := n - at; first <= n; first++ {
		sum += b.drawn(first)
	}
	return sum
}

// booked is the balance of what is booked by then.
func (b book) booked(by time.Time) int64 {
	if b.Rate == 0 {
		return b.rest(0)
	}
	return b.balance(b.lastBooked(by))
}

// expected is the balance of what is booked or pending by then.
func (b book) expected(by time.Time) int64 {
	if b.Rate == 0 {
		return b.rest(0)
	}
	return b.balance(b.last(by))
}

// available is the balance of what is booked by then, less what is pending and will go out.
func (b book) available(by time.Time) int64 {
	sum := b.booked(by)
	if b.Rate == 0 {
		return sum
	}
	for n := b.lastBooked(by) + 1; n <= b.last(by); n++ {
		sum += min(b.amount(n), 0)
	}
	return sum
}

// floorDiv rounds down, also below 0.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// round is the round that an entry belongs to, and its place in it.
func round(n int64) (r, at int64) {
	r = floorDiv(n, int64(len(turns)))
	return r, n - r*int64(len(turns))
}

// usualRate is how many entries an account has in 180 days, unless the workspace's settings say otherwise.
const usualRate = 60
