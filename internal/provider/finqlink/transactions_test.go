package finqlink

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var newYear = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// anyAccounts draws a consent's accounts, read by jobs at some instants. Account ids tell their order.
func anyAccounts(t *rapid.T) (all []located) {
	rate := rapid.OneOf(rapid.Just(usualRate), rapid.IntRange(0, 500)).Draw(t, "rate")
	var jobs []time.Time
	at := newYear
	for range rapid.IntRange(0, 5).Draw(t, "jobs") {
		jobs = append(jobs, at)
		at = at.Add(time.Duration(rapid.Int64Range(0, int64(20*day)).Draw(t, "wait")))
	}
	for i, currency := range []string{"RON", "EUR"} {
		a := located{fmt.Sprintf("account-%d", i), &Account{
			Since: newYear.Add(-history), Book: book{Seed: rapid.Uint64().Draw(t, "seed"), Owner: retail, Currency: currency, Rate: rate},
		}}
		for _, at := range jobs {
			a.fetch(at)
		}
		all = append(all, a)
	}
	return all
}

func anyFilter(t *rapid.T) transactionFilter {
	pick := func(name string, of ...string) string { return rapid.SampledFrom(append(of, "", "")).Draw(t, name) }
	date := func(name string) string {
		return pick(name, newYear.Add(time.Duration(rapid.Int64Range(-200, 100).Draw(t, name+" day"))*day).Format(time.DateOnly))
	}
	instant := func(name string) (at time.Time) {
		if rapid.Bool().Draw(t, name) {
			at = newYear.Add(time.Duration(rapid.Int64Range(0, 100).Draw(t, name+" day")) * day)
		}
		return at
	}
	return transactionFilter{
		AmountMin: pick("least", "0", "20.5"), AmountMax: pick("most", "100", "6000.00"), Currency: pick("currency", "RON", "EUR"),
		BookedFrom: date("booked from"), BookedTo: date("booked to"), AccountID: pick("account", "account-0", "account-1", "account-2"),
		Direction: pick("direction", credit, debit), Status: pick("status", booked, pending),
		UpdatedFrom: instant("updated from"), UpdatedTo: instant("updated to"),
	}
}

// asked reads a filter as the documentation tells it, on what the API shows.
func asked(f transactionFilter, v transactionView) bool {
	date, at := v.Data.BookedOn[:10], v.At
	return (f.Currency == "" || f.Currency == v.Data.Currency) && (f.AccountID == "" || f.AccountID == v.AccountID) &&
		(f.Direction == "" || f.Direction == v.Data.Direction) && (f.Status == "" || f.Status == v.Data.Status) &&
		(f.AmountMin == "" || minor(v.Data.Amount) >= minor(f.AmountMin)) && (f.AmountMax == "" || minor(v.Data.Amount) <= minor(f.AmountMax)) &&
		(f.BookedFrom == "" || date >= f.BookedFrom) && (f.BookedTo == "" || date <= f.BookedTo) &&
		(f.UpdatedFrom.IsZero() || at >= stamp(f.UpdatedFrom)) && (f.UpdatedTo.IsZero() || at <= stamp(f.UpdatedTo))
}

// everything is all transactions in the order of the list, read one by one.
func everything(all []located) (views []transactionView) {
	for _, a := range all {
		from, to := a.read()
		for n := to; n >= from; n-- {
			views = append(views, a.show(n, ""))
		}
	}
	slices.SortStableFunc(views, func(a, b transactionView) int { return -cmp.Compare(a.Data.BookedOn, b.Data.BookedOn) })
	return views
}

// leaf through all pages of a list.
func leaf(t interface{ Fatalf(string, ...any) }, all []located, list listing, f transactionFilter, limit int) (views []transactionView) {
	p := pageOf{Limit: limit}
	for {
		page, err := pageOfTransactions(all, list, f, p)
		if err != nil {
			t.Fatalf("%v", err)
		}
		told := page.pagination(list)
		if told.Count != len(page.records) || told.Count > limit {
			t.Fatalf("a page of %d tells %d", len(page.records), told.Count)
		}
		views = append(views, page.records...)
		if !told.More {
			return views
		}
		p.After = told.After
	}
}

// Whatever the filter, the size of the pages and the jobs before, the pages together are the list.
func TestPagesOfTransactionsAreTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, filter := anyAccounts(t), anyFilter(t)
		list := newListing("c", "k", "transactions", filter)
		want := slices.DeleteFunc(everything(all), func(v transactionView) bool { return !asked(filter, v) })
		got := leaf(t, all, list, filter, rapid.IntRange(1, 250).Draw(t, "limit"))
		if len(got) > 1 {
			i := rapid.IntRange(0, len(got)-2).Draw(t, "record")
			page, err := pageOfTransactions(all, list, filter, pageOf{Limit: 1, After: &got[i].Keyset})
			if err != nil || page.records[0] != got[i+1] {
				t.Fatalf("behind the keyset of %s stands %v, %v", got[i].ID, page, err)
			}
		}
		for i := range got {
			got[i].Keyset = ""
		}
		if len(got)+len(want) > 0 && !gocmp.Equal(got, want) {
			t.Fatal(gocmp.Diff(want, got))
		}
	})
}

// Each job tells how many transactions it brought and changed, and what it left alone keeps its timestamp.
func TestJobsTellWhatTheyChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyAccounts(t)[0]
		before := map[string]transactionView{}
		for _, v := range everything([]located{a}) {
			before[v.UtxID] = v
		}
		now := newYear.Add(100*day + time.Duration(rapid.Int64Range(0, int64(200*day)).Draw(t, "now")))
		fresh, updated := a.fetch(now)
		for _, v := range everything([]located{a}) {
			was, known := before[v.UtxID]
			switch {
			case !known:
				fresh--
			case was.Data.Status != v.Data.Status:
				updated--
				was.Data.Status = booked
			default:
				was.At = v.At[:0] + was.At
			}
			if (!known || was.At != v.At) && v.At != stamp(now) {
				t.Fatalf("%+v was %+v", v, was)
			}
			if was.At, was.Keyset = v.At, v.Keyset; known && was != v {
				t.Fatalf("%+v became %+v", was, v)
			}
			delete(before, v.UtxID)
		}
		if fresh != 0 || updated != 0 || len(before) != 0 {
			t.Fatalf("it is wrong by %d new ones and %d updated ones, and %d are gone", fresh, updated, len(before))
		}
	})
}

func TestACursorIsOfOneList(t *testing.T) {
	a := located{"account-0", &Account{Since: newYear.Add(-history), Book: book{Seed: 1, Owner: retail, Currency: "RON", Rate: usualRate}}}
	a.fetch(newYear)
	all, list := []located{a}, newListing("c", "k", "transactions", transactionFilter{})
	page, err := pageOfTransactions(all, list, transactionFilter{}, pageOf{Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	cursor := *page.pagination(list).After
	at, err := list.open(pageOf{After: &cursor})
	if err != nil {
		t.Fatal(err)
	}
	forged := func(change func(*spot)) string {
		s := *at
		change(&s)
		return list.text(s)
	}
	from, to := a.read()
	for what, after := range map[string]string{
		"another entry's time": forged(func(s *spot) { s.At = "2026-01-01T00:00:00.000000Z" }),
		"an entry to come":     forged(func(s *spot) { s.Number, s.At = to+1, stamp(a.Book.bookedOn(to+1)) }),
		"an entry of before":   forged(func(s *spot) { s.Number, s.At = from-1, stamp(a.Book.bookedOn(from-1)) }),
		"another account":      forged(func(s *spot) { s.ID = "account-9" }),
		"no time":              forged(func(s *spot) { s.At = "" }),
		"padding":              cursor + "=",
		"more at its end":      cursor + "AA",
		"a changed letter":     strings.Replace(cursor, cursor[20:21], string('a'+(cursor[20]-'a'+1)%26), 1),
		"nothing":              "",
		"the list of links":    "eyJpbnNlcnRlZF9hdCI6IjIwMjUtMDMtMDVUMDc6NTQ6NTIuMTIzNDU2WiIsImlkIjoiNmYxYzJmMGUtNWE1My00YTFjLTlhMzktMGQ2YTNjMWY3YjIxIn0",
	} {
		if _, err := pageOfTransactions(all, list, transactionFilter{}, pageOf{After: &after}); err == nil {
			t.Errorf("%s passes", what)
		}
	}
	for what, other := range map[string]listing{
		"another client's":  newListing("d", "k", "transactions", transactionFilter{}),
		"another consent's": newListing("c", "l", "transactions", transactionFilter{}),
		"another list's":    newListing("c", "k", "balances", transactionFilter{}),
		"another filter's":  newListing("c", "k", "transactions", transactionFilter{Status: booked}),
	} {
		if _, err := other.open(pageOf{After: &cursor}); err == nil {
			t.Errorf("%s list takes it", what)
		}
	}
}

// A filter that no row passes costs a bounded look, and its short page leads on.
func TestALongLookEndsInAShortPage(t *testing.T) {
	all := []located{many(2*longestLook + 500)}
	filter := transactionFilter{AmountMin: "999999999"}
	list := newListing("c", "k", "transactions", filter)
	p := pageOf{}
	for turn := 1; ; turn++ {
		page, err := pageOfTransactions(all, list, filter, p)
		if err != nil {
			t.Fatal(err)
		}
		told := page.pagination(list)
		if page.looked > longestLook || told.Count != 0 || told.More != (turn < 3) || told.More != (told.After != nil) {
			t.Fatalf("page %d after %d rows: %+v", turn, page.looked, told)
		}
		if p.After = told.After; !told.More {
			return
		}
	}
}

// many is an account of n transactions.
func many(n int) located {
	a := located{"account-0", &Account{Since: newYear.Add(-history), Book: book{Seed: 1, Owner: retail, Currency: "RON", Rate: n}}}
	a.fetch(newYear)
	return a
}

func FuzzOpenCursor(f *testing.F) {
	list := newListing("c", "k", "transactions", nil)
	f.Add(list.text(spot{At: "2026-01-01T00:00:00.000000Z", ID: "account-0", Number: 7}))
	f.Add("e30")
	f.Fuzz(func(t *testing.T, text string) {
		at, err := list.open(pageOf{After: &text})
		if err == nil && list.text(*at) != text {
			t.Errorf("%q is taken as %+v, which is written %q", text, at, list.text(*at))
		}
	})
}

// A page costs the same whatever stands behind it.
func BenchmarkPageOfTransactions(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		all := []located{many(n)}
		list := newListing("c", "k", "transactions", nil)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if page, err := pageOfTransactions(all, list, transactionFilter{}, pageOf{}); err != nil || len(page.records) != defaultPage {
					b.Fatal(page, err)
				}
			}
		})
	}
}
