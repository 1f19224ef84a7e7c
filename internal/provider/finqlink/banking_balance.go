package finqlink

import "time"

// sum is one of the balances that a bank tells of an account at one instant.
type sum struct {
	kind   string
	amount int64     // in the smallest units; below 0: overdrawn
	date   time.Time // the day that it is of
}

// sums are the balances that the bank tells at an instant, one of each type. The day ends at midnight UTC. Everything
// that is booked counts as cleared, and there is no credit line.
func (b book) sums(now time.Time) []sum {
	today := midnight(now)
	evening, eve := today.Add(-moment), today.Add(-day-moment)
	closing, closed := b.booked(evening), b.available(evening)
	interim := b.booked(now)
	return []sum{
		{"InterimAvailable", b.available(now), today},
		{"InterimBooked", interim, today},
		{"InterimCleared", interim, today},
		{"Expected", b.expected(now), today},
		{"ForwardAvailable", b.expected(now), today.Add(clearing)},
		{"Information", interim, today},
		{"OpeningAvailable", closed, today},
		{"OpeningBooked", closing, today},
		{"OpeningCleared", closing, today},
		{"ClosingAvailable", closed, today.Add(-day)},
		{"ClosingBooked", closing, today.Add(-day)},
		{"ClosingCleared", closing, today.Add(-day)},
		{"PreviouslyClosedBooked", b.booked(eve), today.Add(-2 * day)},
	}
}
