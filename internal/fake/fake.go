// Package fake makes up people, firms, shops, account numbers and sums of money, as a bank in Romania has them in its
// books.
//
// A Source is begun with a seed and then asked. What it answers follows from the seed and from what it was asked
// before, and from nothing else: the same seed tells the same story on every run. Invariant: nothing here reads a clock
// or a chance of its own. The library gofakeit does both where it is asked for something about now, or begun with the
// seed 0; so it is begun with a sequence of ours, and asked for neither.
package fake

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/brianvoe/gofakeit/v7"

	"github.com/mockbank/mockbank/internal/money"
)

// Source is one story. It is not for use by several goroutines.
type Source struct {
	faker *gofakeit.Faker
}

// New begins the story of a seed.
func New(seed uint64) Source {
	s := sequence(seed)
	return Source{gofakeit.NewFaker(&s, false)}
}

// Seed makes a seed of a text: another one for every text.
func Seed(text string) uint64 {
	digest := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(digest[:])
}

// Of is the seed of the n-th of many things that share a seed. n may be negative.
func Of(seed uint64, n int64) uint64 {
	s := sequence(seed)
	s = sequence(s.Uint64() + uint64(n)*golden)
	return s.Uint64()
}

// Person is a name: first name, then family name.
func (s Source) Person() string { return s.one(firstNames) + " " + s.one(familyNames) }

// Firm is a company of Romania, with its legal form.
func (s Source) Firm() string {
	return s.one(firmNames) + " " + s.one(firmTrades) + " " + s.one(firmForms)
}

// FirmAbroad is a company of some other country.
func (s Source) FirmAbroad() string { return s.faker.Company() }

// Shop is where people in Romania pay by card, with its town.
func (s Source) Shop() string { return s.one(shops) + " " + s.Town() }

// Town is one of Romania's larger towns, as cards are printed: without diacritics.
func (s Source) Town() string { return s.one(towns) }

// Utility is whom a household pays each month.
func (s Source) Utility() string { return s.one(utilities) }

// Between is a whole number from low to high, both included.
func (s Source) Between(low, high int64) int64 { return int64(s.faker.IntRange(int(low), int(high))) }

// IBAN is a valid account number in Romania at the bank whose BIC begins with these four letters.
func (s Source) IBAN(bank string) string {
	const digits = 16
	number := make([]byte, digits)
	for i := range number {
		number[i] = '0' + byte(s.Between(0, 9))
	}
	return money.IBAN("RO", bank+string(number))
}

func (s Source) one(of []string) string { return s.faker.RandomString(of) }

// sequence is SplitMix64: any seed is good, also 0, and seeds that lie close together tell stories that do not.
type sequence uint64

const golden = 0x9e3779b97f4a7c15

// Uint64 makes a sequence the library's source of chance.
func (s *sequence) Uint64() uint64 {
	*s += golden
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
