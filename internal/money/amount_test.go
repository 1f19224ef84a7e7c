package money

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, text := range []string{"0", "0.00", "1", "1.10", "-0.5", "125.50", "999999999999.99", "9999999999999999999", "0.0000000000000000001"} {
		a, err := Parse(text)
		if err != nil || a.String() != text {
			t.Errorf("Parse(%q) = %s, %v", text, a, err)
		}
	}
	for _, text := range []string{
		"", "-", ".", "1.", ".5", "01.00", "00", "1,000", "1e3", "+1", "--1", " 1", "1 ", "0x1", "Inf", "NaN", "1.2.3", "-0", "-0.00",
		"99999999999999999999", "0.00000000000000000001", "1234567890.1234567890", "١", strings.Repeat("9", 1<<20),
	} {
		if a, err := Parse(text); err == nil {
			t.Errorf("Parse(%.30q) = %s, want an error", text, a)
		}
	}
}

func TestZeroAmount(t *testing.T) {
	var zero Amount
	if zero.String() != "0" || zero.Sign() != 0 {
		t.Errorf("the zero value is %s", zero)
	}
}

func TestCompareIsThatOfRationals(t *testing.T) {
	text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?`)
	rapid.Check(t, func(t *rapid.T) {
		a, aText := draw(t, text)
		b, bText := draw(t, text)
		x, _ := new(big.Rat).SetString(aText)
		y, _ := new(big.Rat).SetString(bText)
		if a.Compare(b) != x.Cmp(y) || a.Sign() != x.Sign() {
			t.Fatalf("%s and %s: Compare %d, Sign %d", a, b, a.Compare(b), a.Sign())
		}
		if a.String() != aText {
			t.Fatalf("%s became %s", aText, a)
		}
	})
}

func draw(t *rapid.T, texts *rapid.Generator[string]) (Amount, string) {
	text := texts.Draw(t, "text")
	a, err := Parse(text)
	if err != nil {
		t.Skip("zero with a sign")
	}
	return a, text
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"1.10", "-0", "1e3", "01", "99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Parse(text)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(text)
		got, _ := new(big.Rat).SetString(a.String())
		if !ok || want.Cmp(got) != 0 || a.String() != text {
			t.Fatalf("%q became %s", text, a)
		}
	})
}
