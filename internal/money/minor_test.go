package money

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSmallestUnitsAreReadAndWritten(t *testing.T) {
	for _, test := range []struct {
		n        int64
		currency string
		text     string
	}{
		{0, "EUR", "0.00"}, {5, "EUR", "0.05"}, {123456789, "EUR", "1,234,567.89"}, {100000000, "JPY", "100,000,000"},
		{1000, "KWD", "1.000"}, {999, "JPY", "999"}, {-123456, "EUR", "-1,234.56"}, {12345, "CLF", "1.2345"},
	} {
		if got := FormatMinor(test.n, test.currency); got != test.text {
			t.Errorf("%d of %s is %s, want %s", test.n, test.currency, got, test.text)
		}
	}
}

func TestAmountsOfPeople(t *testing.T) {
	for text, want := range map[string]int64{"1": 100, "1.5": 150, "1234.50": 123450, "1,234.50": 123450, "0.01": 1, "007": 700} {
		if got, err := ParseMinor(text, "EUR"); err != nil || got != want {
			t.Errorf("%s: %d %v", text, got, err)
		}
	}
	for _, text := range []string{"", ".", "1.", ".5", "-1", "+1", "1.005", "1,5", "12,34.00", "1234,567", ",123", "1e3", "1 000", "99999999999999999999", "١"} {
		if got, err := ParseMinor(text, "EUR"); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
	if _, err := ParseMinor("1.5", "JPY"); err == nil {
		t.Error("half a yen is an amount")
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.Int64Min(0).Draw(rt, "n")
		currency := rapid.SampledFrom([]string{"EUR", "JPY", "KWD", "CLF"}).Draw(rt, "currency")
		if got, err := ParseMinor(FormatMinor(n, currency), currency); err != nil || got != n {
			rt.Fatalf("%d of %s: %d %v", n, currency, got, err)
		}
	})
}
