package finqlink

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anyBook draws an account of any customer, and anyTime an instant that a workspace's clock may have.
func anyBook(t *rapid.T) book {
	return book{
		Seed:     rapid.Uint64().Draw(t, "seed"),
		Owner:    rapid.SampledFrom([]string{retail, corporate}).Draw(t, "owner"),
		Currency: rapid.SampledFrom([]string{"RON", "EUR"}).Draw(t, "currency"),
		Rate:     rapid.OneOf(rapid.Just(60), rapid.IntRange(1, 100_000)).Draw(t, "rate"),
	}
}

func anyTime(t *rapid.T, name string) time.Time {
	const earliest, latest = -62135596800, 253370764799 // the years 1 and 9998
	return time.Unix(rapid.Int64Range(earliest, latest).Draw(t, name), rapid.Int64Range(0, 999_999).Draw(t, name+" micro")*1000).UTC()
}

// later draws an instant that is not so far away that the entries between could not be counted one by one.
func later(t *rapid.T, b book, than time.Time) time.Time {
	longest := history.Microseconds() / int64(b.Rate) * 300
	return than.Add(time.Duration(rapid.Int64Range(0, longest).Draw(t, "later")) * time.Microsecond)
}

func TestEntriesAreMadeAndBookedInTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, at := anyBook(t), anyTime(t, "at")
		n := b.last(at)
		if b.made(n).After(at) || !b.made(n+1).After(at) {
			t.Fatalf("%d was made at %s and the next one at %s: it is not the last by %s", n, b.made(n), b.made(n+1), at)
		}
		if booked := b.lastBooked(at); b.bookedOn(booked).After(at) || !b.bookedOn(booked+1).After(at) {
			t.Fatalf("%d is booked on %s and the next one on %s: it is not the last by %s", booked, b.bookedOn(booked), b.bookedOn(booked+1), at)
		}
		if wait := b.bookedOn(n).Sub(b.made(n)); wait <= clearing-day || wait > clearing {
			t.Fatalf("it is pending for %s", wait)
		}
	})
}

// The change of a balance is the sum of what was booked between, whatever the instants.
func TestBalancesAreTheSumsOfEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, from := anyBook(t), anyTime(t, "from")
		to := later(t, b, from)
		var booked, expected int64
		for n := b.lastBooked(from) + 1; n <= b.lastBooked(to); n++ {
			booked += b.amount(n)
		}
		for n := b.last(from) + 1; n <= b.last(to); n++ {
			expected += b.amount(n)
		}
		if got := b.booked(to) - b.booked(from); got != booked {
			t.Fatalf("the booked balance changed by %d, what was booked adds up to %d", got, booked)
		}
		if got := b.expected(to) - b.expected(from); got != expected {
			t.Fatalf("the expected balance changed by %d, what was made adds up to %d", got, expected)
		}
	})
}

// What a day's statement closes with differs from another's by what was booked on the days between.
func TestClosingBalancesAreTheSumsOfDays(t *testing.T) {
	closing := func(b book, at time.Time) sum {
		for _, s := range b.sums(at) {
			if s.kind == "ClosingBooked" {
				return s
			}
		}
		panic("there is no ClosingBooked")
	}
	rapid.Check(t, func(t *rapid.T) {
		b, from := anyBook(t), anyTime(t, "from")
		b.Rate = min(b.Rate, 600)
		to := later(t, b, from)
		before, after := closing(b, from), closing(b, to)
		var want int64
		for n := b.lastBooked(to); b.bookedOn(n).After(before.date); n-- {
			if !b.bookedOn(n).After(after.date) {
				want += b.amount(n)
			}
		}
		if got := after.amount - before.amount; got != want {
			t.Fatalf("from %s to %s it changed by %d, what was booked adds up to %d", before.date, after.date, got, want)
		}
	})
}

// Each entry moves money in the direction that its place has, and never nothing.
func TestEntriesHaveTheirDirection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyBook(t)
		n := rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "n")
		_, at := round(n)
		amount := b.amount(n)
		if amount == 0 || (amount > 0) != turns[at].credit {
			t.Fatalf("the entry at place %d of its round has the amount %d", at, amount)
		}
		if got := b.balance(n) - b.balance(n-1); got != amount {
			t.Fatalf("the balance changed by %d, the entry is %d", got, amount)
		}
		if details := b.details(n); details == "" || len(details) > 100 {
			t.Fatalf("its details are %q", details)
		}
	})
}

// What the habits promise by their numbers: something is left to be put aside.
func TestHabitsLeaveSomethingToPutAside(t *testing.T) {
	for who, h := range habits {
		if least := h.income.low + h.gift.low - 7*h.payment.high - (h.rest.high - h.rest.low); least <= 0 {
			t.Errorf("%v: in the worst round %d is put aside", who, least)
		}
	}
}

func TestTheUsualRateHasSomethingPendingAtAnyTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, at := anyBook(t), anyTime(t, "at")
		b.Rate = usualRate
		if b.last(at) == b.lastBooked(at) {
			t.Fatal("nothing is pending")
		}
		if n := b.last(at) - b.last(at.Add(-history)); n < usualRate-1 || n > usualRate+1 {
			t.Fatalf("%d entries in 180 days", n)
		}
	})
}

func TestAnEmptyBookHasABalance(t *testing.T) {
	b := book{Seed: 7, Owner: retail, Currency: "RON"}
	at := time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)
	for _, s := range b.sums(at) {
		if s.amount != b.sums(at.Add(1000 * day))[0].amount {
			t.Errorf("%s is %d", s.kind, s.amount)
		}
	}
}

// A book is part of what users write into their golden files.
func TestABookIsWrittenAgain(t *testing.T) {
	b := book{Seed: 7, Owner: retail, Currency: "RON", Rate: usualRate}
	n := b.last(time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC))
	got := ""
	for i := n - 9; i <= n; i++ {
		got += fmt.Sprintf("%s %d %s\n", b.made(i).Format(time.RFC3339), b.amount(i), b.details(i))
	}
	if got != wantBook {
		t.Errorf("got\n%s", got)
	}
}

const wantBook = `2025-12-17T14:12:15Z 776342 Salariu Albastru Trans SRL
2025-12-20T23:14:00Z -13742 Dedeman Iasi
2025-12-23T10:56:14Z -14849 Retragere numerar ATM Craiova
2025-12-26T16:17:19Z 7730 Transfer de la Gabriela Albu
2025-12-29T17:32:42Z -28726 Altex Bucuresti
2026-01-01T12:19:31Z -30138 Transfer catre Teodora Nistor
2026-01-04T09:12:07Z -640009 Transfer in contul de economii
2026-01-07T01:19:39Z -37093 Mega Image Bucuresti
2026-01-10T19:04:31Z -37567 Factura Apa Nova
2026-01-13T00:04:43Z -4601 La Doi Pasi Suceava
`
