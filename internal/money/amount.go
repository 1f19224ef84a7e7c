// Package money keeps amounts and account numbers exactly.
//
// An amount is decimal and keeps its text: "1.10" stays "1.10". Which amounts a provider takes is told by its
// spec; here is only what makes a number of a text. Invariant: no value ever passes through a floating-point
// number.
package money

import (
	"errors"
	"strings"

	"github.com/govalues/decimal"
)

// Amount is an exact decimal number of up to 19 digits. The zero value is 0. Two amounts may be equal by
// Compare and differ in their text, as 1.1 and 1.10 do; == is not for amounts.
type Amount struct {
	value decimal.Decimal
}

var (
	errForm  = errors.New("money: an amount is written as 12.50: digits without a leading zero, and a point before decimals")
	errRange = errors.New("money: an amount has at most 19 digits, and zero has no sign")
)

// Parse reads an amount as JSON writes a number, but without an exponent: "12.50", "-0.5", "3". A sign "+",
// a leading zero, a comma, and a point without digits on both sides are refused.
func Parse(text string) (Amount, error) {
	if !plain(strings.TrimPrefix(text, "-")) {
		return Amount{}, errForm
	}
	value, err := decimal.Parse(text)
	if err != nil || value.String() != text { // the library rounds what is too long
		return Amount{}, errRange
	}
	return Amount{value}, nil
}

// plain: digits without a leading zero, and perhaps a point and more digits.
func plain(text string) bool {
	whole, fraction, point := strings.Cut(text, ".")
	if len(whole) > 1 && whole[0] == '0' {
		return false
	}
	return digits(whole) && (!point || digits(fraction))
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if !digit(c) {
			return false
		}
	}
	return s != ""
}

// String is the text that Parse was given.
func (a Amount) String() string { return a.value.String() }

// Compare is -1, 0 or 1 as a is less than, equal to, or more than b.
func (a Amount) Compare(b Amount) int { return a.value.Cmp(b.value) }

// Sign is -1, 0 or 1.
func (a Amount) Sign() int { return a.value.Sign() }
