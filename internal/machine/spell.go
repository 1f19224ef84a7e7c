package machine

import (
	"errors"
	"regexp"
	"strings"
	"unicode"

	"github.com/expr-lang/expr/file"
)

// businessFunc is what a literal of business days is rewritten to. It is not a name that people use.
const businessFunc = "business__"

// spelt is an expression in which literals such as 40s, which the expression language does not know, are
// spelt out as calls. It remembers what stood where, so that a defect is shown in the text that people wrote.
type spelt struct {
	source string
	edits  []edit
}

// edit is one replacement, in characters: from and to in the new text, old the place in the original.
type edit struct{ from, to, old, oldTo int }

var spanLiteral = regexp.MustCompile(`^(?:[0-9]+bd|(?:[0-9]+(?:ms|s|m|h|d))+)$`)

// spellOut rewrites the literals of an expression. Text in quotes and names are left alone.
func spellOut(in []rune) (*spelt, error) {
	out := &spelt{}
	var b strings.Builder
	written := 0
	write := func(s string) { b.WriteString(s); written += len([]rune(s)) }
	for at := 0; at < len(in); {
		end := wordEnd(in, at)
		word := string(in[at:end])
		if !spanLiteral.MatchString(word) {
			write(word)
			at = end
			continue
		}
		if _, err := parseSpan(word); err != nil {
			return nil, &badExpr{at, err.Error()}
		}
		from := written
		write(call(word))
		out.edits = append(out.edits, edit{from, written, at, end})
		at = end
	}
	out.source = b.String()
	return out, nil
}

func call(literal string) string {
	name := "duration"
	if strings.HasSuffix(literal, "bd") {
		name = businessFunc
	}
	return name + `("` + literal + `")`
}

// wordEnd is the end of the piece that starts at a place: a quoted text, a name, a number, or one character.
func wordEnd(in []rune, at int) int {
	switch r := in[at]; {
	case r == '"' || r == '\'' || r == '`':
		return quoteEnd(in, at)
	case isWord(r):
		end := at
		for end < len(in) && isWord(in[end]) {
			end++
		}
		return end
	}
	return at + 1
}

func isWord(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func quoteEnd(in []rune, at int) int {
	for i := at + 1; i < len(in); i++ {
		switch {
		case in[i] == '\\' && in[at] != '`':
			i++
		case in[i] == in[at]:
			return i + 1
		}
	}
	return len(in)
}

// origin is the place in the original of a place in the rewritten text.
func (s *spelt) origin(at int) int {
	shift := 0
	for _, e := range s.edits {
		if at < e.from {
			break
		}
		if at < e.to {
			return e.old
		}
		shift = e.oldTo - e.to
	}
	return at + shift
}

// plainTypes says the names of Go's types in the words of this package.
var plainTypes = strings.NewReplacer("machine.Span", "business days", "time.Time", "time", "time.Duration", "length of time")

// place turns the compiler's error into one that points into the original.
func (s *spelt) place(err error) error {
	var placed *file.Error
	if !errors.As(err, &placed) {
		return &badExpr{0, err.Error()}
	}
	message, _, _ := strings.Cut(placed.Message, "\n")
	return &badExpr{s.origin(placed.From), plainTypes.Replace(message)}
}
