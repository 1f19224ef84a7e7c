package payone

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestLuhn(t *testing.T) {
	for number, want := range map[string]bool{
		"4111111111111111": true, "5500000000000004": true, "370000000000002": true, "3530111333300000": true, "4000000000000002": true,
		"4000000000000119": true, "4000000000003220": true, "18": true, "4111111111111112": false, "4111111111111": false, "": false, "0": false,
		"411111111111111a": false, "4111 1111 1111 1111": false, "٤١١١": false,
	} {
		if luhn(number) != want {
			t.Errorf("%q: %v", number, !want)
		}
	}
}

// One wrong digit is always found.
func TestLuhnFindsATypingError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := []byte(rapid.StringMatching(`[0-9]{2,19}`).Draw(t, "number"))
		at, by := rapid.IntRange(0, len(number)-1).Draw(t, "at"), rapid.IntRange(1, 9).Draw(t, "by")
		before := luhn(string(number))
		number[at] = '0' + (number[at]-'0'+byte(by))%10
		if before && luhn(string(number)) {
			t.Fatalf("%s passes as well", number)
		}
	})
}

func TestBrandsKnowTheirNumbers(t *testing.T) {
	for number, want := range map[string]string{
		"4111111111111111": "visa", "4222222222222": "visa", "4000000000000000006": "visa", "5500000000000004": "mastercard", "2221000000000009": "mastercard",
		"2720999999999996": "mastercard", "2720000000000005": "mastercard", "370000000000002": "amex", "340000000000009": "amex", "3530111333300000": "jcb", "3528000000000007": "jcb",
		"2721000000000004": "", "2220999999999999": "", "5000000000000009": "", "5600000000000003": "", "36000000000008": "", "3527000000000008": "", "3590000000000003": "",
		"411111111111111": "", "41111111111111111": "", "37000000000000": "", "": "", "4111111111111111\n": "",
	} {
		got := ""
		for name, b := range brands {
			if b.number.MatchString(number) {
				got += name
			}
		}
		if got != want {
			t.Errorf("%q is of %q, want %q", number, got, want)
		}
	}
}

func TestSecurityCodes(t *testing.T) {
	for _, test := range []struct {
		brand, code string
		want        bool
	}{
		{"visa", "123", true}, {"visa", "1234", false}, {"visa", "12", false}, {"visa", "12a", false}, {"visa", "", false}, {"visa", "١", false},
		{"amex", "1234", true}, {"amex", "123", false},
	} {
		if brands[test.brand].fits(test.code) != test.want {
			t.Errorf("%+v", test)
		}
	}
}

func TestExpiry(t *testing.T) {
	now := time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)
	for _, test := range []struct {
		text           string
		now            time.Time
		good, readable bool
	}{
		{"01/26", now, true, true}, {"12/25", now, false, true}, {"02/26", now, true, true}, {"01 / 26", now, true, true}, {"12/99", now, true, true},
		{"01/26", time.Date(2026, 1, 31, 23, 59, 59, 999, time.UTC), true, true}, {"01/26", time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), false, true},
		{"12/26", time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC), true, true},
		{"13/26", now, false, false}, {"00/26", now, false, false}, {"1/26", now, false, false}, {"01/2026", now, false, false}, {"0126", now, false, false}, {"", now, false, false},
	} {
		if good, readable := usable(test.text, test.now); good != test.good || readable != test.readable {
			t.Errorf("%q at %s: %v, %v", test.text, test.now, good, readable)
		}
	}
}
