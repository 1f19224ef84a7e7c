package fault

import (
	"encoding"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Span is a length of time that is written as a number and a unit: 250ms, 90s, 5m, 1h, 2d.
type Span time.Duration

var (
	_ encoding.TextMarshaler   = Span(0)
	_ encoding.TextUnmarshaler = new(Span)
)

// units from the longest to the shortest; ms stands before m and s, which it ends or begins with.
var units = []struct {
	name string
	size time.Duration
}{
	{"d", 24 * time.Hour}, {"h", time.Hour}, {"ms", time.Millisecond}, {"m", time.Minute}, {"s", time.Second},
}

// MarshalText writes the span in the longest unit of which it is a whole number.
func (s Span) MarshalText() ([]byte, error) {
	best := units[2]
	for _, unit := range units {
		if time.Duration(s)%unit.size == 0 && unit.size > best.size {
			best = unit
		}
	}
	return fmt.Appendf(nil, "%d%s", time.Duration(s)/best.size, best.name), nil
}

// UnmarshalText reads what MarshalText writes. What is longer than a time.Duration holds becomes the longest.
func (s *Span) UnmarshalText(text []byte) error {
	for _, unit := range units {
		digits, ok := strings.CutSuffix(string(text), unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil {
			break
		}
		*s = math.MaxInt64
		if n <= uint64(math.MaxInt64/unit.size) {
			*s = Span(time.Duration(n) * unit.size)
		}
		return nil
	}
	return fmt.Errorf("fault: %q is not a length of time such as 250ms; the units are ms, s, m, h and d", text)
}
