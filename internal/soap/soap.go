// Package soap is a leaf: services as SOAP 1.1 binds them, document/literal, described by a WSDL.
//
// A Service is data. From it follow the WSDL, what an envelope may hold, and how replies and faults are written; so
// none of the three can say something else than the others. An envelope is read in two steps: its XML within bounds,
// into a tree (envelope.go), and that tree held against the request that it names (Open). What comes out is a value as
// JSON of the same members would decode to.
//
// Invariant: nothing in an envelope has anything outside of it read. There are no document types, no entities but the
// five of XML, no encodings but UTF-8.
package soap

import (
	"fmt"
	"strings"
)

// Media is the type of an envelope (SOAP 1.1 section 6).
const Media = "text/xml"

// Namespace is that of the envelope's own elements.
const Namespace = "http://schemas.xmlsoap.org/soap/envelope/"

// Service is one endpoint with its operations.
type Service struct {
	Name       string // of the WSDL's definitions: IbftService is its service, IbftPort its port type
	Namespace  string // of its elements, which are qualified
	Action     string // before an operation's name it is the operation's SOAPAction
	Operations []Operation
	Detail     Message // what a fault tells besides its text
}

// Operation is a call: the elements <Name>Request and <Name>Response.
type Operation struct {
	Name              string
	Request, Response []Field
}

// Message is an element with members.
type Message struct {
	Name   string
	Fields []Field
}

// Field is a member: a text, or an object of its own fields.
type Field struct {
	Name     string
	Optional bool
	Fields   []Field // none: a text
}

// Error is what is wrong with an envelope, for people.
type Error struct {
	Line, Column int // in the bytes; 0: of no one place
	Message      string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// Open reads a call: the operation's name and the members of its request. action is the SOAPAction header, with or
// without its quotes, which has to name the same operation (SOAP 1.1 section 6.1.1). Members may stand in any order.
// Every error is an *Error.
func (s *Service) Open(envelope []byte, action string) (operation string, request map[string]any, err error) {
	root, err := parse(envelope)
	if err != nil {
		return "", nil, err
	}
	body, err := bodyOf(root)
	if err != nil {
		return "", nil, err
	}
	op := s.named(body)
	if op == nil {
		return "", nil, body.errorf("{%s}%s is no request of this service; it takes %s in {%s}", body.space, body.name, s.requests(), s.Namespace)
	}
	if got := strings.Trim(strings.TrimSpace(action), `"`); got != s.Action+op.Name {
		return "", nil, &Error{Message: fmt.Sprintf("SOAPAction is %q, and the envelope holds a %s: it must be %q", printable(got), body.name, s.Action+op.Name)}
	}
	request, err = s.read(body, op.Request)
	return op.Name, request, err
}

func (s *Service) named(body *element) *Operation {
	for i := range s.Operations {
		if body.space == s.Namespace && body.name == s.Operations[i].Name+"Request" {
			return &s.Operations[i]
		}
	}
	return nil
}

func (s *Service) requests() string {
	names := make([]string, len(s.Operations))
	for i, op := range s.Operations {
		names[i] = op.Name + "Request"
	}
	return strings.Join(names, ", ")
}

// read holds an element's members against their fields. Whether one is missing is for the schema of the operation to
// say, which says it of every form of the call.
func (s *Service) read(e *element, fields []Field) (map[string]any, error) {
	if strings.TrimSpace(e.text) != "" {
		return nil, e.errorf("%s holds a text, and takes elements only", e.name)
	}
	members := map[string]any{}
	for _, child := range e.children {
		field := find(fields, child.name)
		_, twice := members[child.name]
		switch {
		case child.space != s.Namespace || field == nil:
			return nil, child.errorf("%s has no element {%s}%s", e.name, child.space, child.name)
		case twice:
			return nil, child.errorf("%s is there twice", child.name)
		}
		value, err := s.value(child, field)
		if err != nil {
			return nil, err
		}
		members[child.name] = value
	}
	return members, nil
}

func (s *Service) value(e *element, field *Field) (any, error) {
	if len(field.Fields) > 0 {
		return s.read(e, field.Fields)
	}
	if len(e.children) > 0 {
		return nil, e.children[0].errorf("%s is a text, and holds the element %s", e.name, e.children[0].name)
	}
	return e.text, nil
}

func find(fields []Field, name string) *Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}
