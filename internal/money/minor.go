// Package money keeps amounts and account numbers exactly.
//
// An amount is a whole number of its currency's smallest unit. Which amounts a provider takes is told by its spec; here
// is only what makes a number of a text, and a text of a number. Invariant: no value ever passes through a
// floating-point number.
package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// uneven are the currencies of ISO 4217 whose smallest unit is not the hundredth part, with their decimal places.
var uneven = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
	"UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// Places is how many decimals the amounts of a currency have.
func Places(currency string) int {
	if places, ok := uneven[currency]; ok {
		return places
	}
	return 2
}

// FormatMinor writes a count of a currency's smallest units as people read it: 123456789 of EUR is 1,234,567.89.
func FormatMinor(n int64, currency string) string {
	sign, digits := "", strconv.FormatInt(n, 10)
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	places := Places(currency)
	if short := places + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	whole, fraction := digits[:len(digits)-places], digits[len(digits)-places:]
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole
}

var (
	errMinorForm  = errors.New("money: an amount is written as 1234.50")
	errMinorRange = errors.New("money: the amount is too high to be counted")
)

// ParseMinor counts the smallest units of an amount above or equal to 0 as people write it: 1234.5 of EUR is 123450.
// Commas may part thousands where FormatMinor puts them. Its errors are for people.
func ParseMinor(text, currency string) (int64, error) {
	whole, fraction, point := strings.Cut(text, ".")
	places := Places(currency)
	if point && !digits(fraction) || !digits(ungrouped(whole)) {
		return 0, errMinorForm
	}
	if len(fraction) > places {
		return 0, fmt.Errorf("money: an amount in %s has at most %d decimals", currency, places)
	}
	n, err := strconv.ParseInt(ungrouped(whole)+fraction+strings.Repeat("0", places-len(fraction)), 10, 64)
	if err != nil {
		return 0, errMinorRange
	}
	return n, nil
}

// ungrouped takes the commas out of 1,234,567; any other text with commas is left as it is.
func ungrouped(whole string) string {
	groups := strings.Split(whole, ",")
	if len(groups) > 1 && (groups[0] == "" || len(groups[0]) > 3) {
		return whole
	}
	for _, group := range groups[1:] {
		if len(group) != 3 {
			return whole
		}
	}
	return strings.Join(groups, "")
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if !digit(c) {
			return false
		}
	}
	return s != ""
}
