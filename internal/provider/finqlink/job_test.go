package finqlink

import (
	"math"
	"testing"
	"time"
)

func TestLengthOfASetting(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0s": 0, "0d": 0, "60s": time.Minute, "1500ms": 1500 * time.Millisecond, "5m": 5 * time.Minute, "2h": 2 * time.Hour, "2d": 48 * time.Hour,
		"999999999h": math.MaxInt64, "999999999d": math.MaxInt64 / 24 * 24,
	} {
		if got := lengthOf(text); got != want {
			t.Errorf("%s is %d, want %d", text, got, want)
		}
	}
}
