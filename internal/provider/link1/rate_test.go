package link1

import (
	"testing"
	"time"
)

func TestParseRate(t *testing.T) {
	for text, want := range map[string]rate{
		"100/1hour": {100, time.Hour}, "5/1minute": {5, time.Minute}, "2000/1day": {2000, 24 * time.Hour}, "1/week": {1, 7 * 24 * time.Hour},
		"3/10seconds": {3, 10 * time.Second}, "unlimited": {},
	} {
		if got, err := parseRate(text); err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "100", "0/1hour", "-1/1hour", "1/0hour", "1/1fortnight", "1/", "/1hour", "x/1hour", "1/1001weeks", "1/99999999999999999999week", "99999999999999999999/1hour"} {
		if got, err := parseRate(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}
