package payone

import "strconv"

// exponents are the currencies of ISO 4217 whose minor unit is not the hundredth part.
var exponents = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
	"UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// exponent is the number of decimal places of a currency.
func exponent(currency string) int {
	if places, ok := exponents[currency]; ok {
		return places
	}
	return 2
}

// decimal writes minor units with the places of their currency: 4998 of EUR is 49.98.
func decimal(minor int64, currency string) string {
	sign, digits := "", strconv.FormatInt(minor, 10)
	if minor < 0 {
		sign, digits = "-", digits[1:]
	}
	places := exponent(currency)
	if places == 0 {
		return sign + digits
	}
	for len(digits) <= places {
		digits = "0" + digits
	}
	return sign + digits[:len(digits)-places] + "." + digits[len(digits)-places:]
}

// unit is one whole of a currency, in minor units.
func unit(currency string) int64 {
	n := int64(1)
	for range exponent(currency) {
		n *= 10
	}
	return n
}
