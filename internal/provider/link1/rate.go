package link1

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// rate is so many calls in a period. The zero value is unlimited.
type rate struct {
	Calls  int
	Period time.Duration
}

// periods by their names in a plan.
var periods = map[string]time.Duration{
	"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour,
}

// parseRate reads what a plan says, such as 100/1hour or unlimited. Without a number before the unit it is one.
func parseRate(text string) (rate, error) {
	if text == "unlimited" {
		return rate{}, nil
	}
	calls, period, ok := strings.Cut(text, "/")
	n, err := strconv.Atoi(calls)
	if !ok || err != nil || n < 1 {
		return rate{}, badRate(text)
	}
	unit := strings.TrimLeft(period, "0123456789")
	times := 1
	if digits := strings.TrimSuffix(period, unit); digits != "" {
		if times, err = strconv.Atoi(digits); err != nil {
			return rate{}, badRate(text)
		}
	}
	length := periods[strings.TrimSuffix(unit, "s")]
	if length == 0 || times < 1 || times > 1000 {
		return rate{}, badRate(text)
	}
	return rate{Calls: n, Period: time.Duration(times) * length}, nil
}

func badRate(text string) error {
	return fmt.Errorf("link1: %q is no rate: write 100/1hour, with second, minute, hour, day or week, or unlimited", text)
}

// UnmarshalText reads a rate where a file has one.
func (r *rate) UnmarshalText(text []byte) (err error) {
	*r, err = parseRate(string(text))
	return err
}
