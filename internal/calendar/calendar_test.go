package calendar

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// closedWeekdays lists the days from Monday to Friday of a year on which banks are closed.
func closedWeekdays(t *testing.T, year int) string {
	t.Helper()
	closed, ok := Named(US)
	if !ok {
		t.Fatal("there is no calendar of the US")
	}
	var days []string
	for day := time.Date(year, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() == year; day = day.AddDate(0, 0, 1) {
		if closed(day) && !Weekend(day) {
			days = append(days, day.Format("01-02"))
		}
	}
	return strings.Join(days, " ")
}

// The days are those that the Federal Reserve published for these years.
func TestHolidaysOfTheFederalReserve(t *testing.T) {
	for year, want := range map[int]string{
		2021: "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25",             // Christmas on a Saturday, no Juneteenth yet
		2022: "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26",       // New Year on a Saturday, two on a Sunday
		2023: "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-23 12-25",       // Veterans Day on a Saturday
		2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25", // none on a weekend
		2026: "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25",       // Independence Day on a Saturday
		2027: "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25",
	} {
		if got := closedWeekdays(t, year); got != want {
			t.Errorf("%d: %s, want %s", year, got, want)
		}
	}
}

func TestNoneIsAlwaysOpen(t *testing.T) {
	closed, ok := Named(None)
	if !ok || closed(time.Date(2026, 12, 25, 0, 0, 0, 0, time.UTC)) || closed(time.Date(2026, 1, 17, 0, 0, 0, 0, time.UTC)) {
		t.Error("a day is closed in the calendar none")
	}
	if _, ok := Named("mars"); ok {
		t.Error("there is a calendar mars")
	}
}

func TestADayIsClosedAsAWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 40_000).Draw(t, "day"))
		at := day.Add(time.Duration(rapid.Int64Range(0, int64(24*time.Hour)-1).Draw(t, "time of day")))
		if closedInUS(day) != closedInUS(at) {
			t.Fatalf("%s and %s differ", day, at)
		}
		if Weekend(day) && !closedInUS(day) {
			t.Fatalf("%s is a weekend and open", day)
		}
	})
}

// No run of closed days is longer than four: Friday and Monday off around a weekend.
func TestBanksOpenAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 40_000).Draw(t, "day"))
		for range 4 {
			if !closedInUS(day) {
				return
			}
			day = day.AddDate(0, 0, 1)
		}
		t.Fatalf("closed for four days until %s", day)
	})
}
