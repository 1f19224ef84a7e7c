package payone

import (
	"regexp"
	"strings"
	"time"
)

// brand is how the cards of one brand are numbered (ISO/IEC 7812, and what the schemes publish of their ranges).
type brand struct {
	number *regexp.Regexp
	code   int // digits of its security code
}

var brands = map[string]brand{
	"visa":       {regexp.MustCompile(`^4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})$`), 3},
	"mastercard": {regexp.MustCompile(`^(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}$`), 3},
	"amex":       {regexp.MustCompile(`^3[47][0-9]{13}$`), 4},
	"jcb":        {regexp.MustCompile(`^35(?:2[89]|[3-8][0-9])[0-9]{12}$`), 3},
}

// onlyDigits drops the spaces and dashes with which people group digits.
func onlyDigits(text string) string {
	return strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(text)
}

// luhn tells whether the last digit is the check digit of those before it.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		digit := int(number[len(number)-1-i] - '0')
		if digit < 0 || digit > 9 {
			return false
		}
		if i%2 == 1 {
			digit = digit*2/10 + digit*2%10
		}
		sum += digit
	}
	return len(number) > 1 && sum%10 == 0
}

// fits tells whether the security code has the length of the brand's.
func (b brand) fits(code string) bool {
	for _, r := range code {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(code) == b.code
}

var expiryForm = regexp.MustCompile(`^(0[1-9]|1[0-2]) ?/ ?([0-9]{2})$`)

// usable tells whether a card that is good until MM/YY is still good now, and whether it was written like that. A
// card is good until its month ends.
func usable(expiry string, now time.Time) (good, readable bool) {
	found := expiryForm.FindStringSubmatch(expiry)
	if found == nil {
		return false, false
	}
	month, err := time.ParseInLocation("01/2006", found[1]+"/20"+found[2], now.Location())
	return err == nil && now.Before(month.AddDate(0, 1, 0)), err == nil
}
