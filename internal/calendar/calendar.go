// Package calendar tells the days on which banks do no business.
//
// A calendar is a function of a day: Named finds it by the name that settings use, and whoever counts business days
// asks it about each. It looks at the date that an instant has in its own location, and at nothing else.
//
// Invariant: it is the same for every instant of a date, so that a count of days never depends on the time of day.
package calendar

import "time"

// Closed tells whether banks do no business on the day of an instant.
type Closed func(time.Time) bool

// The calendars.
const (
	None = "none" // every day is a business day
	US   = "us"   // weekends and the holidays of the Federal Reserve are none
)

// Named finds a calendar; false where there is none of that name.
func Named(name string) (Closed, bool) {
	switch name {
	case None:
		return func(time.Time) bool { return false }, true
	case US:
		return closedInUS, true
	}
	return nil, false
}

// Weekend tells whether a day is a Saturday or a Sunday.
func Weekend(t time.Time) bool {
	return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
}

// closedInUS follows the Federal Reserve: of a holiday that falls on a Sunday the Monday after is observed; one that
// falls on a Saturday is not observed on the Friday before.
func closedInUS(t time.Time) bool {
	return Weekend(t) || isHoliday(t) || t.Weekday() == time.Monday && isHoliday(t.AddDate(0, 0, -1))
}

// juneteenthSince is the first year in which Juneteenth was observed.
const juneteenthSince = 2022

// isHoliday tells whether a holiday falls on the day, whatever day of the week that is.
func isHoliday(t time.Time) bool {
	year, month, day := t.Date()
	switch month {
	case time.January:
		return day == 1 || nth(t, 3, time.Monday)
	case time.February:
		return nth(t, 3, time.Monday)
	case time.May:
		return t.Weekday() == time.Monday && day+7 > 31
	case time.June:
		return day == 19 && year >= juneteenthSince
	case time.July:
		return day == 4
	case time.September:
		return nth(t, 1, time.Monday)
	case time.October:
		return nth(t, 2, time.Monday)
	case time.November:
		return day == 11 || nth(t, 4, time.Thursday)
	case time.December:
		return day == 25
	}
	return false
}

// nth tells whether the day is the n-th of its weekday in its month.
func nth(t time.Time, n int, weekday time.Weekday) bool {
	return t.Weekday() == weekday && (t.Day()+6)/7 == n
}
