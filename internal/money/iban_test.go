package money

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestValidIBAN(t *testing.T) {
	for _, iban := range []string{
		"RO03RZBR0000069999999999", "RO10RZBR0000069999999970", "RO79BTRL00000600000000AA", "RO42CECEAG0202RON0007466",
		"RO87BRELRONCRT0000000001", "RO33RZBRMOCKBANK0000PDNG", "RO12RZBRMOCKBANK0000AM04", "RO30RZBRMOCKBANK0000AC01",
		"RO46RZBRMOCKBANK0000AC04", "RO89RZBRMOCKBANK0000AC06", "RO32RZBRMOCKBANK0000MS03", "RO65RZBRMOCKBANK0000CANC",
		"RO07RZBRMOCKBANK0000EXPD", "RO45RZBRMOCKBANK0000SLOW", "RO66RZBRMOCKBANK0000TECH", "RO60BRELMOCKBANK0000FRCV",
		"RO32BRELMOCKBANK0000FRJT", "DE89370400440532013000", "DE62370400440532013001", "DE35370400440532013002",
		"GB82WEST12345698765432", "PK36SCBL0000001123456702", "NO9386011117947", "MT84MALT011000012345MTLCAST001S",
	} {
		if !ValidIBAN(iban) {
			t.Errorf("%s is refused", iban)
		}
	}
	for _, text := range []string{
		"", "RO", "RO03", "DE89370400440532013001", "DE8937040044053201300", "DE893704004405320130000", "de89370400440532013000",
		"DE89 3704 0044 0532 0130 00", "XX89370400440532013000", "DEAA370400440532013000", "DE89370400440532O13000", "DE89\x00370400440532013",
		"RO03RZBR000006999999999é", strings.Repeat("1", 1<<16),
	} {
		if ValidIBAN(text) {
			t.Errorf("%.40q passes", text)
		}
	}
}

func TestNormaliseIBAN(t *testing.T) {
	if got := NormaliseIBAN(" ro03 rzbr 0000 0699 9999 9999"); got != "RO03RZBR0000069999999999" {
		t.Errorf("got %s", got)
	}
}

func TestIBANRefuses(t *testing.T) {
	for _, tc := range [][2]string{{"XX", "370400440532013000"}, {"DE", "37040044053201300"}, {"DE", "37040044053201300a"}, {"", ""}} {
		if got := IBAN(tc[0], tc[1]); got != "" {
			t.Errorf("IBAN(%q, %q) = %s", tc[0], tc[1], got)
		}
	}
	if got := IBAN("DE", "370400440532013000"); got != "DE89370400440532013000" {
		t.Errorf("got %s", got)
	}
}

// account draws a valid IBAN of any country.
func account(t *rapid.T) string {
	country := rapid.SampledFrom(slices.Sorted(maps.Keys(ibanLength))).Draw(t, "country")
	length := ibanLength[country] - 4
	bban := rapid.StringOfN(rapid.RuneFrom([]rune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")), length, length, -1).Draw(t, "bban")
	return IBAN(country, bban)
}

func TestComputedCheckDigitsAreValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if iban := account(t); !ValidIBAN(iban) {
			t.Fatalf("%q is refused", iban)
		}
	})
}

func TestOneWrongDigitIsCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		iban := []byte(account(t))
		at := rapid.IntRange(2, len(iban)-1).Draw(t, "at")
		if !digit(iban[at]) {
			t.Skip("a letter")
		}
		iban[at] = '0' + (iban[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if ValidIBAN(string(iban)) {
			t.Fatalf("%s passes with the digit at %d changed", iban, at)
		}
	})
}

func TestTwoDigitsSwappedAreCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		iban := []byte(account(t))
		at := rapid.IntRange(2, len(iban)-2).Draw(t, "at")
		if !digit(iban[at]) || !digit(iban[at+1]) || iban[at] == iban[at+1] {
			t.Skip("not two different digits")
		}
		iban[at], iban[at+1] = iban[at+1], iban[at]
		if ValidIBAN(string(iban)) {
			t.Fatalf("%s passes with the digits at %d swapped", iban, at)
		}
	})
}
