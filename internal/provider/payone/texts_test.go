package payone

import (
	"reflect"
	"regexp"
	"slices"
	"testing"
)

var verb = regexp.MustCompile(`%[a-z]`)

// Every language says everything, and fills in the same things.
func TestNoLanguageLacksAText(t *testing.T) {
	if len(languages) != 5 {
		t.Errorf("there are %d languages", len(languages))
	}
	for language, words := range languages {
		compare(t, language, reflect.ValueOf(german), reflect.ValueOf(*words))
	}
}

func compare(t *testing.T, name string, model, got reflect.Value) {
	t.Helper()
	switch {
	case got.Type() == reflect.TypeFor[numbers]():
	case got.Kind() == reflect.Struct:
		for i := range got.NumField() {
			compare(t, name+"."+got.Type().Field(i).Name, model.Field(i), got.Field(i))
		}
	case got.String() == "":
		t.Errorf("%s is missing", name)
	case !slices.Equal(verb.FindAllString(got.String(), -1), verb.FindAllString(model.String(), -1)):
		t.Errorf("%s fills in something else than German: %s", name, got)
	}
}

func TestALinkWithoutALanguageReadsGerman(t *testing.T) {
	for _, language := range []string{"", "de_DE", "it_IT", "de-DE"} {
		if speak(language).Language != "de-DE" {
			t.Errorf("%q reads %s", language, speak(language).Language)
		}
	}
	for language, tag := range map[string]string{"en_US": "en-US", "fr_FR": "fr-FR", "es_ES": "es-ES", "pl_PL": "pl-PL"} {
		if speak(language).Language != tag {
			t.Errorf("%s is %s", language, speak(language).Language)
		}
	}
}

// As the Common Locale Data Repository has it.
func TestAmounts(t *testing.T) {
	for _, test := range []struct {
		language, currency string
		minor              int64
		want               string
	}{
		{"de_DE", "EUR", 4998, "49,98\u00a0€"}, {"de_DE", "EUR", 123456789, "1.234.567,89\u00a0€"}, {"de_DE", "CHF", -500, "−5,00\u00a0CHF"}, {"de_DE", "JPY", 1000, "1.000\u00a0¥"},
		{"en_US", "EUR", 4998, "€49.98"}, {"en_US", "USD", 123456, "$1,234.56"}, {"en_US", "CHF", 5, "CHF\u00a00.05"}, {"en_US", "EUR", -500, "−€5.00"}, {"en_US", "BHD", 1234567, "BHD\u00a01,234.567"},
		{"fr_FR", "EUR", 123456, "1\u202f234,56\u00a0€"}, {"fr_FR", "USD", 100, "1,00\u00a0$US"},
		{"es_ES", "EUR", 123456, "1234,56\u00a0€"}, {"es_ES", "EUR", 1234567, "12.345,67\u00a0€"},
		{"pl_PL", "PLN", 123456, "1234,56\u00a0zł"}, {"pl_PL", "EUR", 1234567, "12\u00a0345,67\u00a0€"}, {"pl_PL", "PLN", 0, "0,00\u00a0zł"},
	} {
		if got := speak(test.language).Numbers.money(test.minor, test.currency); got != test.want {
			t.Errorf("%s: %d of %s is %q, want %q", test.language, test.minor, test.currency, got, test.want)
		}
	}
}

func TestSharesAndDays(t *testing.T) {
	for rate, want := range map[int64]string{0: "0\u00a0%", 7: "7\u00a0%", 19: "19\u00a0%", 99: "99\u00a0%", 100: "1\u00a0%", 1900: "19\u00a0%", 1950: "19,5\u00a0%", 555: "5,55\u00a0%", 9999: "99,99\u00a0%", 1000: "10\u00a0%"} {
		if got := german.Numbers.share(rate); got != want {
			t.Errorf("%d is %q", rate, got)
		}
	}
	for language, want := range map[string]string{"de_DE": "05.02.2026", "en_US": "Feb 5, 2026", "fr_FR": "05/02/2026", "es_ES": "05/02/2026", "pl_PL": "05.02.2026"} {
		if got := speak(language).Numbers.date("2026-02-05"); got != want {
			t.Errorf("%s: %s", language, got)
		}
	}
}
