package machine

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Delay is a span of time: a literal such as 500ms, 1h30m, 90d or 2bd (business days), or an expression that
// gives one.
type Delay struct {
	text string
	span Span
	expr *Expr // nil for a literal
}

// Span is a length of time. Days counts business days, and where it is set Length is zero.
type Span struct {
	Length time.Duration
	Days   int
}

// MaxSpan bounds every delay.
const MaxSpan = 100 * 365 * day

const (
	day     = 24 * time.Hour
	maxDays = int(MaxSpan / day * 5 / 7) // as many business days as MaxSpan holds
)

// String is the delay as the file writes it.
func (d *Delay) String() string { return d.text }

// At gives the instant that lies the delay after from. A business day ends at the same time of day as it began;
// the days on which env.Closed holds do not count. An expression that gives less than
// nothing means at once; one that gives more than MaxSpan, or no span, is an error.
func (d *Delay) At(from time.Time, env Env) (time.Time, error) {
	span := d.span
	if d.expr != nil {
		var err error
		if span, err = d.expr.span(env); err != nil {
			return time.Time{}, err
		}
	}
	if span.Days > 0 {
		return businessDays(from, span.Days, env.Closed), nil
	}
	return from.Add(max(span.Length, 0)), nil
}

// Zero tells whether the delay is a literal of no length, so that it delays nothing.
func (d *Delay) Zero() bool { return d.expr == nil && d.span == Span{} }

func businessDays(from time.Time, days int, closed func(time.Time) bool) time.Time {
	if closed == nil {
		closed = weekend
	}
	at := from
	// A calendar of closed days only must not hold the loop for ever.
	for walked := 0; days > 0 && walked < int(MaxSpan/day); walked++ {
		at = at.AddDate(0, 0, 1)
		if !closed(at) {
			days--
		}
	}
	return at
}

func weekend(t time.Time) bool {
	return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
}

// due is the instant of something that was armed at env.Now.
func due(after *Delay, until *Expr, env Env) (at time.Time, ok bool, err error) {
	switch {
	case after != nil:
		at, err = after.At(env.Now, env)
	case until != nil:
		at, err = until.Time(env)
	}
	return at, err == nil && !at.IsZero(), err
}

var (
	looksLiteral = regexp.MustCompile(`^[+-]?[0-9][0-9a-zA-Zµ._:]*$`)
	number       = regexp.MustCompile(`^[0-9]+$`)
	businessSpan = regexp.MustCompile(`^([0-9]+)bd$`)
	plainSpan    = regexp.MustCompile(`^(?:[0-9]+(?:ms|s|m|h|d))+$`)
	spanPart     = regexp.MustCompile(`([0-9]+)(ms|s|m|h|d)`)
)

var units = map[string]time.Duration{
	"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": day,
}

// parseSpan reads a literal span.
func parseSpan(text string) (Span, error) {
	switch {
	case text != "" && text[0] == '-':
		return Span{}, fmt.Errorf("%s is negative; a delay only goes forward", text)
	case number.MatchString(text):
		return Span{}, fmt.Errorf("%s has no unit; write %ss, or one of ms, s, m, h, d, bd", text, text)
	case businessSpan.MatchString(text):
		return parseBusiness(text)
	case plainSpan.MatchString(text):
		return parsePlain(text)
	}
	return Span{}, fmt.Errorf("%q is not a length of time such as 500ms, 1h30m, 90d or 2bd", text)
}

func parseBusiness(text string) (Span, error) {
	n, err := strconv.Atoi(businessSpan.FindStringSubmatch(text)[1])
	if err != nil || n > maxDays {
		return Span{}, tooLong(text)
	}
	return Span{Days: n}, nil
}

func parsePlain(text string) (Span, error) {
	var sum time.Duration
	for _, part := range spanPart.FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseInt(part[1], 10, 64)
		unit := units[part[2]]
		if err != nil || n > int64((MaxSpan-sum)/unit) {
			return Span{}, tooLong(text)
		}
		sum += time.Duration(n) * unit
	}
	return Span{Length: sum}, nil
}

func tooLong(text string) error { return fmt.Errorf("%s is longer than 100 years", text) }
