package fake

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/money"
)

// What a seed tells is part of what users write into their golden files: a change here is a change of theirs.
func TestAStoryIsToldAgain(t *testing.T) {
	for seed, want := range map[uint64][]string{
		0: {"Sorin Nistor", "Albastru Trans SA", "FlightStats", "Catena Sibiu", "Electrica Furnizare", "RO70RZBR9375575472886938"},
		1: {"Laura Florea", "Zimbrul Logistic SRL", "Retroficiency", "Profi Galati", "Electrica Furnizare", "RO13RZBR7464541686800412"},
	} {
		s := New(seed)
		got := []string{s.Person(), s.Firm(), s.FirmAbroad(), s.Shop(), s.Utility(), s.IBAN("RZBR")}
		if strings.Join(got, "; ") != strings.Join(want, "; ") {
			t.Errorf("the seed %d tells\n%q, want\n%q", seed, got, want)
		}
	}
}

func TestAccountNumbersAreValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bank := rapid.StringMatching(`[A-Z]{4}`).Draw(t, "bank")
		iban := New(rapid.Uint64().Draw(t, "seed")).IBAN(bank)
		if !money.ValidIBAN(iban) || iban[4:8] != bank {
			t.Fatalf("%q", iban)
		}
	})
}

func TestBetweenHoldsItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Int64Range(-1000, 1000).Draw(t, "low")
		high := rapid.Int64Range(low, low+5).Draw(t, "high")
		s := New(rapid.Uint64().Draw(t, "seed"))
		for range 20 {
			if n := s.Between(low, high); n < low || n > high {
				t.Fatalf("%d is not from %d to %d", n, low, high)
			}
		}
	})
}

// The seeds of neighbours, and of the same place in two series, must not meet.
func TestSeedsOfManyDiffer(t *testing.T) {
	seen := map[uint64]bool{}
	for _, seed := range []uint64{0, 1, 2, golden} {
		for n := int64(-500); n < 500; n++ {
			seen[Of(seed, n)] = true
		}
	}
	if len(seen) != 4000 {
		t.Errorf("4000 places have %d seeds", len(seen))
	}
}

func TestNamesAreUnlike(t *testing.T) {
	people := map[string]bool{}
	for seed := range uint64(200) {
		people[New(seed).Person()] = true
	}
	if len(people) < 150 {
		t.Errorf("200 seeds make %d people", len(people))
	}
}
