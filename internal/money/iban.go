package money

import "strings"

// ibanLength is the length of an IBAN by country, after the SWIFT registry, in which each country fixes its
// own.
var ibanLength = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27,
	"BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28,
	"EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
	"GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
	"IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
	"LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28,
	"NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
	"RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25,
	"SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}

// NormaliseIBAN drops the spaces of the printed form and writes capitals.
func NormaliseIBAN(s string) string {
	return strings.ToUpper(strings.ReplaceAll(s, " ", ""))
}

// ValidIBAN tells whether s is an IBAN in its electronic form: capitals and digits, the length of its
// country, and check digits after ISO 7064 (mod 97-10).
func ValidIBAN(s string) bool {
	if len(s) < 5 || ibanLength[s[:2]] != len(s) || !digit(s[2]) || !digit(s[3]) {
		return false
	}
	// 00, 01 and 99 leave the same remainder as 97, 98 and 02, but are never computed.
	if check := s[2:4]; check == "00" || check == "01" || check == "99" {
		return false
	}
	rest, ok := mod97(s[4:] + s[:4])
	return ok && rest == 1
}

// IBAN puts the country and the check digits before a basic bank account number. It is "" where these make
// no IBAN: an unknown country, a wrong length, or something else than capitals and digits.
func IBAN(country, bban string) string {
	if ibanLength[country] != len(bban)+4 {
		return ""
	}
	rest, ok := mod97(bban + country + "00")
	if !ok {
		return ""
	}
	check := 98 - rest
	return country + string([]byte{'0' + byte(check/10), '0' + byte(check%10)}) + bban
}

// mod97 is the remainder of the number that s spells, with A for 10 to Z for 35; false for other characters.
func mod97(s string) (rest int, ok bool) {
	for _, c := range []byte(s) {
		switch {
		case digit(c):
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return 0, false
		}
	}
	return rest, true
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
