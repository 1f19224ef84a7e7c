package finqlink

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var verb = regexp.MustCompile(`%[a-z]`)

// Every language says everything, and fills in the same things.
func TestNoLanguageLacksAText(t *testing.T) {
	for _, words := range languages {
		compare(t, words.Tag, reflect.ValueOf(romanian), reflect.ValueOf(*words))
	}
}

// mayLack are the texts that are empty where they would only repeat what is said already: the English of the bank's
// page and of the stories, and the text of a notice whose reason follows.
var mayLack = regexp.MustCompile(`^en\.(Bank|Reasons)\b|\.(Failed|DidNotWork)\.Text$`)

func compare(t *testing.T, name string, model, got reflect.Value) {
	t.Helper()
	switch got.Kind() {
	case reflect.Struct:
		for i := range got.NumField() {
			compare(t, name+"."+got.Type().Field(i).Name, model.Field(i), got.Field(i))
		}
	case reflect.Map:
		for _, key := range model.MapKeys() {
			if member := got.MapIndex(key); member.IsValid() {
				compare(t, name+"."+key.String(), model.MapIndex(key), member)
			} else if !mayLack.MatchString(name) {
				t.Errorf("%s lacks %s", name, key)
			}
		}
	case reflect.Slice:
		if got.Len() != model.Len() {
			t.Errorf("%s has %d texts, and the other language %d", name, got.Len(), model.Len())
		}
	default:
		if got.String() == "" && !mayLack.MatchString(name) {
			t.Errorf("%s is missing", name)
		}
		if got.String() != "" && !slices.Equal(verb.FindAllString(got.String(), -1), verb.FindAllString(model.String(), -1)) {
			t.Errorf("%s fills in something else: %s", name, got)
		}
	}
}

// Romanian has the letters with a comma below, which those with a cedilla of old keyboards only look like.
func TestRomanianHasItsOwnLetters(t *testing.T) {
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.String:
			if strings.ContainsAny(v.String(), "şţŞŢ") {
				t.Errorf("a cedilla in %q", v)
			}
		}
	}
	walk(reflect.ValueOf(romanian))
}

func TestAmountsAsPeopleWriteThem(t *testing.T) {
	for amount, want := range map[string][2]string{
		"125.50": {"125.50\u00a0RON", "125,50\u00a0RON"}, "0.5": {"0.50\u00a0RON", "0,50\u00a0RON"}, "7": {"7.00\u00a0RON", "7,00\u00a0RON"},
		"1250": {"1,250.00\u00a0RON", "1.250,00\u00a0RON"}, "999999999999.99": {"999,999,999,999.99\u00a0RON", "999.999.999.999,99\u00a0RON"},
	} {
		if got := [2]string{english.money(amount, "RON"), romanian.money(amount, "RON")}; got != want {
			t.Errorf("%s: %q", amount, got)
		}
	}
}

func TestSearchesFindNames(t *testing.T) {
	for _, test := range []struct {
		search, text string
		want         bool
	}{
		{"", "x", true}, {"  ", "x", true}, {"raif", "Raiffeisen Bank", true}, {"bank RAIF", "Raiffeisen Bank", true}, {"raif bcr", "Raiffeisen Bank", false},
		{"Științe", "banca de stiinte", true}, {"stiinte", "Banca de Științe", true}, {"ţară", "tara", true},
	} {
		if got := matches(test.search, test.text); got != test.want {
			t.Errorf("%q in %q: %v", test.search, test.text, got)
		}
	}
}
