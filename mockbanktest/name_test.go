package mockbanktest

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

func TestWorldNameIsReadable(t *testing.T) {
	for test, want := range map[string]string{
		"TestPay":                  "pay-",
		"TestPay/card_declined#01": "pay-card-declined-01-",
		"Test":                     "",
		"TestĂ/ș":                  "",
		"TestAVeryLongNameThatNobodyReadsToItsEnd": "averylongnamethatnobodyreadstoi-",
	} {
		name := worldName(test)
		if stem := name[:len(name)-hashLength]; stem != want {
			t.Errorf("%s: %s, want %s and a hash", test, name, want)
		}
	}
}

// What the server takes for a name.
var legal = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

func TestWorldNameIsLegalAndTheTestsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		if name := worldName(a); !legal.MatchString(name) {
			t.Errorf("%q gives %q", a, name)
		}
		if worldName(a) == worldName(b) && a != b {
			t.Errorf("%q and %q share a world", a, b)
		}
	})
}
