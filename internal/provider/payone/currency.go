package payone

import (
	"strings"

	"github.com/mockbank/mockbank/internal/money"
)

// decimal writes minor units with the places of their currency and nothing else: 123498 of EUR is 1234.98.
func decimal(minor int64, currency string) string {
	return strings.ReplaceAll(money.FormatMinor(minor, currency), ",", "")
}

// unit is one whole of a currency, in minor units.
func unit(currency string) int64 {
	n := int64(1)
	for range money.Places(currency) {
		n *= 10
	}
	return n
}
