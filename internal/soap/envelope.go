package soap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Bounds of an envelope, whose length its caller bounds.
const (
	maxDepth    = 16
	maxElements = 1000
	maxName     = 256 // bytes of a name or a namespace, which messages repeat
)

// element is a node of an envelope's tree.
type element struct {
	space, name  string
	attributes   []xml.Attr
	text         string // all of it, without that of its children, once it has ended
	said         strings.Builder
	children     []*element
	line, column int
}

func (e *element) errorf(format string, args ...any) *Error {
	return &Error{Line: e.line, Column: e.column, Message: fmt.Sprintf(format, args...)}
}

// reader makes the tree.
type reader struct {
	decoder *xml.Decoder
	open    []*element // from the root down to where it stands
	root    *element
	count   int
}

func parse(envelope []byte) (*element, error) {
	if !utf8.Valid(envelope) {
		return nil, &Error{Message: "The envelope is not UTF-8"}
	}
	r := &reader{decoder: xml.NewDecoder(bytes.NewReader(envelope))}
	r.decoder.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("UTF-8 is the one that is taken") }
	for {
		token, err := r.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, r.wrong("The envelope is no well-formed XML: " + cause(err))
		}
		if err := r.take(token); err != nil {
			return nil, err
		}
	}
	if r.root == nil {
		return nil, &Error{Message: "The envelope is empty"}
	}
	return r.root, nil
}

// cause is what the decoder says, without its own count of lines.
func cause(err error) string {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return printable(syntax.Msg)
	}
	return printable(strings.TrimPrefix(err.Error(), "xml: "))
}

func (r *reader) wrong(message string) *Error {
	line, column := r.decoder.InputPos()
	return &Error{Line: line, Column: column, Message: message}
}

func (r *reader) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		return r.wrong("A document type declaration is not taken")
	case xml.ProcInst:
		if t.Target != "xml" || r.root != nil {
			return r.wrong("A processing instruction is not taken")
		}
	case xml.StartElement:
		return r.begin(t)
	case xml.EndElement:
		last := len(r.open) - 1
		r.open[last].text = r.open[last].said.String()
		r.open = r.open[:last]
	case xml.CharData:
		return r.say(t)
	}
	return nil
}

func (r *reader) begin(t xml.StartElement) error {
	r.count++
	switch {
	case len(r.open) == 0 && r.root != nil:
		return r.wrong("There is a second root element, " + printable(t.Name.Local))
	case len(r.open) == maxDepth:
		return r.wrong(fmt.Sprintf("The elements are nested deeper than %d", maxDepth))
	case r.count > maxElements:
		return r.wrong(fmt.Sprintf("There are more than %d elements", maxElements))
	case len(t.Name.Local) > maxName || len(t.Name.Space) > maxName:
		return r.wrong(fmt.Sprintf("The name of an element is longer than %d bytes", maxName))
	}
	e := &element{space: t.Name.Space, name: t.Name.Local, attributes: t.Attr}
	e.line, e.column = r.decoder.InputPos()
	if r.root == nil {
		r.root = e
	} else {
		parent := r.open[len(r.open)-1]
		parent.children = append(parent.children, e)
	}
	r.open = append(r.open, e)
	return nil
}

func (r *reader) say(text []byte) error {
	if len(r.open) == 0 {
		if strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff")) != "" {
			return r.wrong("There is text outside of the root element")
		}
		return nil
	}
	r.open[len(r.open)-1].said.Write(text)
	return nil
}

// bodyOf finds the one element of the envelope's body. A header that has to be understood is refused: none is.
func bodyOf(root *element) (*element, error) {
	if root.space != Namespace || root.name != "Envelope" {
		return nil, root.errorf("The root is {%s}%s, and has to be a SOAP 1.1 Envelope in {%s}", root.space, root.name, Namespace)
	}
	rest := root.children
	if len(rest) > 0 && rest[0].is("Header") {
		if err := understood(rest[0]); err != nil {
			return nil, err
		}
		rest = rest[1:]
	}
	if len(rest) != 1 || !rest[0].is("Body") {
		return nil, root.errorf("An Envelope holds one Body, and before it perhaps a Header")
	}
	if len(rest[0].children) != 1 {
		return nil, rest[0].errorf("The Body holds %d elements, and has to hold the one request", len(rest[0].children))
	}
	return rest[0].children[0], nil
}

func (e *element) is(name string) bool { return e.space == Namespace && e.name == name }

func understood(header *element) error {
	for _, entry := range header.children {
		for _, a := range entry.attributes {
			if a.Name.Space == Namespace && a.Name.Local == "mustUnderstand" && a.Value == "1" {
				return entry.errorf("The header %s has to be understood, and is not", entry.name)
			}
		}
	}
	return nil
}

// printable shortens a text of a stranger for a message.
func printable(s string) string {
	const most = 80
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "..."
	}
	return s
}
