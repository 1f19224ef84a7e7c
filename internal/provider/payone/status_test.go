package payone

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestI8TheLastDayEndsInBerlin(t *testing.T) {
	at := func(text string) time.Time {
		instant, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return instant
	}
	for _, test := range []struct {
		expiration, now string
		want            bool
	}{
		{"2026-01-15", "2026-01-15T22:59:59Z", false}, {"2026-01-15", "2026-01-15T23:00:00Z", true},
		{"2026-07-15", "2026-07-15T21:59:59Z", false}, {"2026-07-15", "2026-07-15T22:00:00Z", true},
		// The days on which the clocks change have 23 and 25 hours.
		{"2026-03-29", "2026-03-29T21:59:59Z", false}, {"2026-03-29", "2026-03-29T22:00:00Z", true},
		{"2026-10-25", "2026-10-25T22:59:59Z", false}, {"2026-10-25", "2026-10-25T23:00:00Z", true},
		{"2024-02-29", "2024-03-01T00:00:00Z", true}, {"", "2999-01-01T00:00:00Z", false},
	} {
		l := Link{Terms: Terms{Expiration: test.expiration}}
		if got := l.over(at(test.now)); got != test.want {
			t.Errorf("%s at %s: over is %t", test.expiration, test.now, got)
		}
	}
}

// TestTheStatusIsWhatTheConditionsSay: of any link at any time, the first condition of the document that holds.
func TestTheStatusIsWhatTheConditionsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		yes, days := rapid.Bool(), rapid.IntRange(-3, 3)
		today := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
		l := &Link{Terms: Terms{Billing: &Address{}}}
		used, active := yes.Draw(t, "used"), yes.Draw(t, "active")
		l.Active = &active
		if used {
			l.PaymentProcess = "700000001"
		}
		last := 99
		if yes.Draw(t, "expires") {
			last = days.Draw(t, "last")
			l.Expiration = today.AddDate(0, 0, last).Format(time.DateOnly)
		}
		whole := yes.Draw(t, "whole")
		if whole {
			l.Methods, l.Billing = []string{"visa"}, &Address{Country: "DE", LastName: "Doe"}
		}
		passed := days.Draw(t, "passed")
		want := created
		switch {
		case used:
			want = executed
		case !active:
			want = deactivated
		case passed > last:
			want = expired
		case whole:
			want = ready
		}
		if got := l.status(today.AddDate(0, 0, passed)); got != want {
			t.Fatalf("%+v after %d days is %s, want %s", l, passed, got, want)
		}
	})
}

// TestBookingsAddUp: whatever is booked in whatever order, sequence numbers count from 0 without a gap, and nothing
// is owed beyond the price, nor paid beyond what is owed.
func TestBookingsAddUp(t *testing.T) {
	actions := []string{actionAppointed, actionCapture, actionPaid, actionUnderpaid, actionFailed, actionCancelation, actionRefund}
	rapid.Check(t, func(t *rapid.T) {
		p := &Payment{
			Price:    rapid.Int64Range(1, greatest).Draw(t, "price"),
			Currency: rapid.SampledFrom([]string{"EUR", "JPY", "BHD", "CLF"}).Draw(t, "currency"),
			Intent:   rapid.SampledFrom([]string{authorization, preauthorization}).Draw(t, "intent"),
		}
		for i, action := range rapid.SliceOf(rapid.SampledFrom(actions)).Draw(t, "actions") {
			p.book(action, completed, time.Time{})
			b := p.last(action)
			if b.Sequence != i || len(p.Bookings) != i+1 {
				t.Fatalf("the booking %d has the number %d", i, b.Sequence)
			}
			if b.Balance < 0 || b.Balance > b.Receivable || b.Receivable > p.Price {
				t.Fatalf("of %d %+v", p.Price, b)
			}
			switch action {
			case actionPaid:
				if b.Balance != 0 || b.Receivable != p.Price {
					t.Fatalf("paid, and %+v", b)
				}
			case actionUnderpaid:
				if b.Balance != min(p.Price, unit(p.Currency)) {
					t.Fatalf("underpaid, and %+v", b)
				}
			}
		}
	})
}

func TestDecimal(t *testing.T) {
	for _, test := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{4998, "EUR", "49.98"}, {0, "EUR", "0.00"}, {5, "EUR", "0.05"}, {-5, "EUR", "-0.05"}, {4998, "JPY", "4998"}, {-4998, "JPY", "-4998"},
		{4998, "BHD", "4.998"}, {98, "KWD", "0.098"}, {4998, "CLF", "0.4998"}, {greatest, "USD", "19999999.99"},
	} {
		if got := decimal(test.minor, test.currency); got != test.want {
			t.Errorf("%d %s is %s, want %s", test.minor, test.currency, got, test.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0s": 0, "30d": 30 * 24 * time.Hour, "90s": 90 * time.Second, "250ms": 250 * time.Millisecond, "999999999d": longestKept, "999999999h": longestKept,
	} {
		if got := span(text); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestFormsAreInLatin1(t *testing.T) {
	f := form{{"a", "Müller & Söhne"}, {"b", "10 €"}, {"c", "Kraków"}, {"d", "+"}}
	if got := string(f.latin1()); got != "a=M%FCller+%26+S%F6hne&b=10+%3F&c=Krak%F3w&d=%2B" {
		t.Error(got)
	}
}

// FuzzClaims: leniency never panics, and never changes what is to be signed.
func FuzzClaims(f *testing.F) {
	f.Add(`{"merchantId":1,"shoppingCart":[{"price":"9223372036854775807","quantity":"9223372036854775807"}]}`)
	f.Add(`{"paymentMethods":["visa","visa",7,null],"billing":{"a":null}}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, raw string) {
		body, ok := decoded(raw)
		if !ok {
			return
		}
		before := claimOfBody(body).message()
		if changed := normalise(nil, body); changed != nil {
			if after := claimOfBody(changed).message(); after != before {
				t.Errorf("%s was to be signed before, and %s after", before, after)
			}
			_ = rules(nil, changed)
		}
	})
}
