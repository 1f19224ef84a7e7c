package machine

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// place is where something stands in a file. The zero place is nowhere: what stands there is absent.
type place struct {
	file         string
	line, column int
}

func (p place) given() bool { return p.line > 0 }

// sort is what a node is, in the words of messages.
type sort string

const (
	mapping  sort = "a mapping"
	sequence sort = "a list"
	words    sort = "text"
	numeral  sort = "a number"
	boolean  sort = "true or false"
	nothing  sort = "nothing"
)

// node is a piece of a file: YAML without what scenario files have no use for, and with every place known.
type node struct {
	place
	sort   sort
	text   string // of a scalar: as it is written, or as the quotes mean it
	quotes int    // characters between the place and the text; -1 where the two do not run side by side
	trap   bool   // text that other YAML readers take for something else
	fields []field
	items  []*node
}

// field is a member of a mapping, standing where its key stands.
type field struct {
	place
	key   string
	value *node
}

// What bounds a file before and while it is parsed. The depth is bounded by brackets and by the length of a
// line, because block nesting needs a column for each level; the tokens, because the parser's work grows with the
// square of a mapping's keys. The built-in files have some 1,500.
const (
	maxFile     = 1 << 20
	maxLine     = 2000
	maxTokens   = 30_000
	maxBrackets = 32
)

// treeBuilder makes nodes of one file.
type treeBuilder struct {
	file string
	out  *defects
}

// parseTree reads a file; nil when it could not be read at all, and then there is a defect.
func parseTree(f File, out *defects) *node {
	b := &treeBuilder{f.Name, out}
	if !b.readable(f.Data) {
		return nil
	}
	doc := b.document(string(f.Data))
	if doc == nil {
		return nil
	}
	return b.node(doc)
}

func (b *treeBuilder) at(line, column int) place { return place{b.file, line, column} }

// readable checks the bytes: their number, their encoding, their lines.
func (b *treeBuilder) readable(data []byte) bool {
	switch {
	case len(data) > maxFile:
		b.out.add(b.at(1, 1), "the file is longer than 1 MiB")
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		b.out.add(b.at(1, 1), "the file begins with a byte order mark; save it as UTF-8 without one")
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		b.out.add(b.at(1, 1), "the file is UTF-16; save it as UTF-8")
	default:
		return b.lines(data)
	}
	return false
}

func (b *treeBuilder) lines(data []byte) bool {
	for i, line := range bytes.Split(data, []byte("\n")) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		if column, message := badLine(line); message != "" {
			b.out.add(b.at(i+1, column), message)
			return false
		}
	}
	return true
}

func badLine(line []byte) (column int, message string) {
	if len(line) > maxLine {
		return maxLine, fmt.Sprintf("the line is longer than %d bytes", maxLine)
	}
	indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
	if tab := bytes.IndexByte(indent, '\t'); tab >= 0 && len(indent) < len(line) {
		return tab + 1, "the line is indented with a tab; use spaces"
	}
	for at, r := range string(line) {
		switch {
		case r == utf8.RuneError && !bytes.HasPrefix(line[at:], []byte("\uFFFD")):
			return at + 1, "this is not UTF-8 text"
		case r < ' ' && r != '\t', r == 0x7f:
			return at + 1, fmt.Sprintf("the control character %U is not text", r)
		}
	}
	return 0, ""
}

// document parses the bytes into the one document that they hold.
func (b *treeBuilder) document(text string) (body ast.Node) {
	tokens := b.tokens(text)
	if tokens == nil {
		return nil
	}
	defer func() {
		// The parser is known to stumble over some broken files; that must stay a defect of the file.
		if recover() != nil {
			b.out.add(b.at(1, 1), "this is not YAML")
			body = nil
		}
	}()
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		b.syntax(err)
		return nil
	}
	return b.single(file)
}

func (b *treeBuilder) tokens(text string) token.Tokens {
	tokens := lexer.Tokenize(text)
	depth := 0
	for i, t := range tokens {
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		}
		if depth > maxBrackets || i >= maxTokens {
			b.out.add(b.at(t.Position.Line, t.Position.Column), "the file is too large or too deeply nested to be a scenario file")
			return nil
		}
	}
	if len(tokens) == 0 {
		b.out.add(b.at(1, 1), "the file is empty")
		return nil
	}
	return tokens
}

func (b *treeBuilder) syntax(err error) {
	var placed yaml.Error
	if !errors.As(err, &placed) || placed.GetToken() == nil {
		b.out.add(b.at(1, 1), "this is not YAML: "+err.Error())
		return
	}
	p := placed.GetToken().Position
	b.out.add(b.at(max(p.Line, 1), max(p.Column, 1)), "this is not YAML: "+placed.GetMessage())
}

func (b *treeBuilder) single(file *ast.File) ast.Node {
	var found ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil:
		case found != nil:
			b.out.add(b.of(doc.Body), "a second document; a scenario file holds one")
			return nil
		default:
			found = doc.Body
		}
	}
	if found == nil {
		b.out.add(b.at(1, 1), "the file is empty")
	}
	return found
}

// of is the place of a node of the library. It points to the first key of a block mapping, not to its colon.
func (b *treeBuilder) of(n ast.Node) place {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return b.of(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return b.of(n.Key)
	}
	t := n.GetToken()
	if t == nil || t.Position == nil {
		return b.at(1, 1)
	}
	return b.at(max(t.Position.Line, 1), max(t.Position.Column, 1))
}

// node makes a node; what has no place in a scenario file is a defect and reads as nothing.
func (b *treeBuilder) node(n ast.Node) *node {
	out := &node{place: b.of(n), sort: nothing}
	switch n := n.(type) {
	case ast.MapNode:
		out.sort, out.fields = mapping, b.fields(n)
	case *ast.SequenceNode:
		out.sort = sequence
		for _, item := range n.Values {
			out.items = append(out.items, b.node(item))
		}
	case *ast.NullNode:
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode:
		b.out.add(out.place, "anchors, aliases and tags are not taken here; write it out, or let a scenario extend another")
		out.sort = ""
	default:
		b.scalar(n, out)
	}
	return out
}

func (b *treeBuilder) fields(n ast.MapNode) []field {
	var out []field
	first := map[string]place{}
	for i := n.MapRange(); i.Next(); {
		p := b.of(i.Key())
		if _, merge := i.Key().(*ast.MergeKeyNode); merge {
			b.out.add(p, "merge keys are not taken here; let a scenario extend another")
			continue
		}
		name := i.Key().GetToken().Value
		if before, twice := first[name]; twice {
			b.out.add(p, fmt.Sprintf("%s stands here twice; the first is in line %d", name, before.line))
			continue
		}
		first[name] = p
		out = append(out, field{place: p, key: name, value: b.node(i.Value())})
	}
	return out
}

func (b *treeBuilder) scalar(n ast.Node, out *node) {
	out.text = n.GetToken().Value
	switch n := n.(type) {
	case *ast.StringNode:
		out.sort, out.quotes, out.trap = words, quotesOf(n.Token), ambiguous(n.Token)
	case *ast.LiteralNode:
		out.sort, out.quotes = words, -1
		out.text = n.Value.Value
	case *ast.BoolNode:
		out.sort = boolean
	default:
		out.sort = numeral
	}
}

func quotesOf(t *token.Token) int {
	switch {
	case strings.Contains(strings.TrimSpace(t.Origin), "\n"):
		return -1
	case t.Type == token.SingleQuoteType, t.Type == token.DoubleQuoteType:
		return 1
	}
	return 0
}

// trap matches plain text that YAML 1.1 reads as true or false, as a number to the base of 60, or as a date.
var trap = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*)$`)

func ambiguous(t *token.Token) bool {
	return t.Type == token.StringType && trap.MatchString(t.Value)
}
