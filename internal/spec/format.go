package spec

import (
	"errors"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mockbank/mockbank/internal/money"
)

// moneyFormat marks a JSON number that is an amount; exact.go looks at it.
const moneyFormat = "money"

// format is a check that schemas name in their format keyword.
type format struct {
	says string // completes "must be ..."
	ok   func(string) bool
}

var (
	durationText = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$`)
)

var formats = map[string]format{
	"date-time":       {"a date-time as in RFC 3339, such as 2026-01-15T10:30:00Z", isDateTime},
	"date":            {"a date of the calendar, such as 2026-01-15", isDate},
	"uuid":            {"a UUID, such as 6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21", isUUID},
	"email":           {"an e-mail address", isEmail},
	"uri":             {"an absolute URL", isURI},
	"http-uri":        {"an absolute http or https URL", isHTTP},
	"redirect-uri":    {"an absolute http or https URL, or one of an app such as myapp://paid", isRedirect},
	"iban":            {"a valid IBAN", isIBAN},
	"positive-amount": {"above 0", isPositive},
	"duration":        {"a duration such as 90s; the units are ms, s, m, h and d", durationText.MatchString},
	"ipv4":            {"an IPv4 address", isIPv4},
}

// ignored formats are hints for people and generators; integers are checked to 64 bits in any case.
var ignored = []string{"int32", "int64", "float", "double", "password", "binary", "byte", moneyFormat}

// stringFormats is the table as the library wants it.
var stringFormats = func() map[string]openapi3.StringFormatValidator {
	broken := errors.New("format")
	all := map[string]openapi3.StringFormatValidator{}
	for name, f := range formats {
		all[name] = openapi3.NewCallbackValidator(func(s string) error {
			if f.ok(s) {
				return nil
			}
			return broken
		})
	}
	return all
}()

func knownFormat(name string) bool {
	_, ok := formats[name]
	return ok || slices.Contains(ignored, name)
}

func formatNames() []string {
	names := slices.Clone(ignored)
	for name := range formats {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func formatName(name string) string {
	if f, ok := formats[name]; ok {
		return f.says
	}
	return "of the format " + name
}

// isUUID takes the usual form, in either case (RFC 9562 section 4).
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case ('0' > c || c > '9') && ('a' > c || c > 'f') && ('A' > c || c > 'F'):
			return false
		}
	}
	return true
}

// isDateTime takes what RFC 3339 takes and the calendar knows, but no leap second: no clock here shows one.
func isDateTime(s string) bool {
	t, err := time.Parse(time.RFC3339, s)
	return err == nil && t.Year() > 0 && isDateTimeForm(s)
}

// isDateTimeForm refuses what time.Parse takes beyond RFC 3339 section 5.6: a fraction behind a comma, a single
// digit of an hour, an offset of a day or more.
func isDateTimeForm(s string) bool {
	const form = "2006-01-02T15:04:05"
	if len(s) <= len(form) || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return false
	}
	zone := s[len(form):]
	if zone[0] == '.' {
		zone = strings.TrimLeft(zone[1:], "0123456789")
	}
	return zone == "Z" || (len(zone) == 6 && zone[1:] < "24:00" && zone[4] < '6')
}

func isDate(s string) bool {
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && t.Year() > 0
}

func isEmail(s string) bool {
	addr, err := mail.ParseAddress(s)
	return err == nil && addr.Address == s
}

func isURI(s string) bool {
	u := parseURL(s)
	return u != nil && u.Scheme != ""
}

func isHTTP(s string) bool {
	u := parseURL(s)
	return u != nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// isRedirect refuses every scheme without "://", because it runs or shows something (javascript:, data:),
// and the one that opens files.
func isRedirect(s string) bool {
	u := parseURL(s)
	if u == nil || u.Scheme == "http" || u.Scheme == "https" {
		return isHTTP(s)
	}
	script := slices.Contains([]string{"javascript", "data", "file", "vbscript", "blob", "about"}, u.Scheme)
	return u.Scheme != "" && !script && strings.Contains(s, "://")
}

// parseURL returns nil also for what browsers and servers would read differently: white space, controls and
// back-slashes.
func parseURL(s string) *url.URL {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7F || r == '\\' }) {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil
	}
	return u
}

func isIBAN(s string) bool { return money.ValidIBAN(money.NormaliseIBAN(s)) }

func isIPv4(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is4()
}

// isPositive leaves a text that is no amount to its pattern.
func isPositive(s string) bool {
	return s == "" || strings.Trim(s, "0.") != ""
}

var unicodeEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// compile reads an ECMA pattern: RE2 writes \u00e9 as \x{00e9}. The library keeps compiled patterns in one
// global table by their text, so all documents must be compiled by this one function.
func compile(pattern string) (openapi3.RegexMatcher, error) {
	re, err := regexp.Compile(unicodeEscape.ReplaceAllString(pattern, `\x{$1}`))
	if err != nil {
		return nil, err
	}
	return re, nil
}
