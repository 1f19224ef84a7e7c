package pages

import (
	"crypto/sha256"
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Logo draws the mark of a name: its initials on a colour of its own, as SVG.
func Logo(name string) []byte {
	hue := int(sha256.Sum256([]byte(name))[0]) * 360 / 256
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="%s">`+
		`<rect width="64" height="64" rx="12" fill="hsl(%d 60%% 32%%)"/>`+
		`<text x="32" y="41" text-anchor="middle" font-family="sans-serif" font-size="26" font-weight="700" fill="#fff">%s</text></svg>`,
		html.EscapeString(name), hue, html.EscapeString(initials(name)))
}

// initials are those of the first two words, or the first two letters of one.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return "?"
	}
	first, size := utf8.DecodeRuneInString(words[0])
	second, _ := utf8.DecodeRuneInString(words[0][size:])
	if len(words) > 1 && !strings.EqualFold(words[1], "mock") {
		second, _ = utf8.DecodeRuneInString(words[1])
	}
	if second == utf8.RuneError {
		return string(unicode.ToUpper(first))
	}
	return string([]rune{unicode.ToUpper(first), unicode.ToUpper(second)})
}
