package journal

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// hidden stands in views where a secret was.
const hidden = "***"

// mask knows by their names what is secret. Case and punctuation of a name mean nothing: client_secret, clientSecret
// and X-Client-Secret are one.
type mask struct{ names map[string]bool }

// Names of secrets: whole ones, those that say it anywhere, and those that say it at their end.
var (
	secretNames = []string{"authorization", "proxyauthorization", "cookie", "setcookie", "pin", "otp", "tan", "pan", "cvc", "cvv", "cvv2"}
	secretParts = []string{"secret", "password", "passwd", "passphrase", "passcode", "apikey", "privatekey", "cardnumber", "credential"}
	secretEnds  = []string{"token", "assertion", "cvc", "cvv"}
)

func newMask(names []string) mask {
	m := mask{names: map[string]bool{}}
	for _, name := range slices.Concat(secretNames, names) {
		m.names[bare(name)] = true
	}
	return m
}

// bare is a name without case and punctuation.
func bare(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)
}

// secret tells whether what stands under a name is shown to nobody.
func (m mask) secret(name string) bool {
	name = bare(name)
	return m.names[name] ||
		slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(name, part) }) ||
		slices.ContainsFunc(secretEnds, func(end string) bool { return strings.HasSuffix(name, end) })
}

// masking masks one entry. What it hid in one place it hides wherever else it stands.
type masking struct {
	mask
	found map[string]bool
}

func (m mask) begin() *masking { return &masking{mask: m, found: map[string]bool{}} }

// shortest is the length of a secret that is looked for in other places too. A shorter one stands there by chance.
const shortest = 6

// hide notes a secret and gives what is shown for it.
func (k *masking) hide(secret string) string {
	for _, plain := range []string{secret, strings.TrimSpace(secret), unescaped(secret)} {
		for _, form := range []string{plain, url.QueryEscape(plain), url.PathEscape(plain), quoted(plain)} {
			if len(form) >= shortest {
				k.found[form] = true
			}
		}
	}
	return hidden
}

func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// quoted is a text as JSON writes it, without the quotes.
func quoted(text string) string {
	data, err := strictjson.Marshal(text)
	if err != nil {
		return text // It is no text, so JSON can not hold it.
	}
	return string(data[1 : len(data)-1])
}

// scrubber replaces all that was hidden so far, the longest first, or a part of a secret would spare its rest.
func (k *masking) scrubber() *strings.Replacer {
	forms := make([]string, 0, len(k.found))
	for form := range k.found {
		forms = append(forms, form)
	}
	slices.SortFunc(forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	pairs := make([]string, 0, 2*len(forms))
	for _, form := range forms {
		pairs = append(pairs, form, hidden)
	}
	return strings.NewReplacer(pairs...)
}

// form masks name=value pairs with & between them.
func (k *masking) form(text string) string { return k.pairs(text, "&") }

// text masks name=value pairs in an address, or wherever else they stand.
func (k *masking) text(text string) string {
	if !strings.Contains(text, "=") {
		return text
	}
	return k.pairs(text, "?&#")
}

func (k *masking) pairs(text, separators string) string {
	var out strings.Builder
	for len(text) > 0 {
		end := strings.IndexAny(text, separators)
		if end < 0 {
			end = len(text)
		}
		out.WriteString(k.pair(text[:end]))
		if end < len(text) {
			out.WriteByte(text[end])
			end++
		}
		text = text[end:]
	}
	return out.String()
}

func (k *masking) pair(pair string) string {
	name, value, ok := strings.Cut(pair, "=")
	if !ok || !k.secret(unescaped(name)) {
		return pair
	}
	return name + "=" + k.hide(value)
}

// header masks one header's value.
func (k *masking) header(name, value string) string {
	switch bare(name) {
	case "authorization", "proxyauthorization":
		return k.authorization(value)
	case "cookie":
		return k.cookies(value)
	case "setcookie":
		first, attributes, more := strings.Cut(value, ";")
		first = k.cookie(first)
		if more {
			return first + ";" + attributes
		}
		return first
	}
	if k.secret(name) {
		return k.hide(value)
	}
	return k.text(value)
}

// schemes are those of Authorization that a view may name; any other word may be the secret itself.
var schemes = []string{"basic", "bearer", "digest"}

func (k *masking) authorization(value string) string {
	scheme, credentials, two := strings.Cut(value, " ")
	if two && slices.Contains(schemes, strings.ToLower(scheme)) {
		if plain, err := base64.StdEncoding.DecodeString(credentials); err == nil {
			_, password, _ := strings.Cut(string(plain), ":")
			k.hide(password)
		}
		return scheme + " " + k.hide(credentials)
	}
	if two {
		k.hide(credentials)
	}
	return k.hide(value)
}

func (k *masking) cookies(value string) string {
	parts := strings.Split(value, ";")
	for i, part := range parts {
		parts[i] = k.cookie(part)
	}
	return strings.Join(parts, ";")
}

// cookie masks all but the name.
func (k *masking) cookie(pair string) string {
	name, value, ok := strings.Cut(pair, "=")
	if !ok {
		return k.hide(pair)
	}
	return name + "=" + k.hide(value)
}

// body masks a body by its syntax. note says what is not shown of it, and why.
func (k *masking) body(contentType string, data []byte) (text, note string) {
	media, _, err := mime.ParseMediaType(contentType)
	first := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(data) == 0:
		return "", ""
	case strings.Contains(media, "json"), len(first) > 0 && (first[0] == '{' || first[0] == '['):
		return k.json(data) // Also where it is called a form, as by a client that forgot to say what it sends.
	case err == nil && strings.HasSuffix(media, "x-www-form-urlencoded") && isText(data) && bytes.ContainsRune(data, '='):
		return k.form(string(data)), ""
	}
	return k.unknown(data)
}

func isText(data []byte) bool { return utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 }

var word = regexp.MustCompile(`[A-Za-z0-9_-]+`)

// unknown shows a text of another syntax only where it names no secret, since its value can not be told apart.
func (k *masking) unknown(data []byte) (text, note string) {
	if !isText(data) {
		return "", fmt.Sprintf("%d bytes that are no text", len(data))
	}
	for _, name := range word.FindAllString(string(data), -1) {
		if k.secret(name) {
			return "", fmt.Sprintf("not shown: it may hold a secret, since it names %q", bareWord(name))
		}
	}
	return string(data), ""
}

// bareWord shortens a word for a note: one of any length may hold more than the name.
func bareWord(name string) string {
	for _, part := range slices.Concat(secretParts, secretEnds) {
		if strings.Contains(bare(name), part) {
			return part
		}
	}
	return bare(name)
}
