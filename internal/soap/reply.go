package soap

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// Side says whose fault a Fault is.
type Side string

// The two sides (SOAP 1.1 section 4.4.1).
const (
	Client Side = "Client"
	Server Side = "Server"
)

// Request writes a call of an operation, as its callers do: for samples.
func (s *Service) Request(operation string, values map[string]any) ([]byte, error) {
	for _, op := range s.Operations {
		if op.Name == operation {
			return s.envelope(func(w *writer) {
				w.message(op.Name+"Request", op.Request, values)
			})
		}
	}
	return nil, fmt.Errorf("soap: %s has no operation %q", s.Name, operation)
}

// Respond writes the response of an operation: those of its fields that the reply has, in their order.
func (s *Service) Respond(operation string, reply map[string]any) ([]byte, error) {
	for _, op := range s.Operations {
		if op.Name == operation {
			return s.envelope(func(w *writer) {
				w.message(op.Name+"Response", op.Response, reply)
			})
		}
	}
	return nil, fmt.Errorf("soap: %s has no operation %q", s.Name, operation)
}

// Fault writes a fault with its detail.
func (s *Service) Fault(side Side, text string, detail map[string]any) ([]byte, error) {
	return s.envelope(func(w *writer) {
		w.raw("<soapenv:Fault><faultcode>soapenv:" + string(side) + "</faultcode><faultstring>")
		w.text(text)
		w.raw("</faultstring><detail>")
		w.message(s.Detail.Name, s.Detail.Fields, detail)
		w.raw("</detail></soapenv:Fault>")
	})
}

func (s *Service) envelope(body func(*writer)) ([]byte, error) {
	w := &writer{namespace: s.Namespace}
	w.raw(xml.Header + `<soapenv:Envelope xmlns:soapenv="` + Namespace + `"><soapenv:Body>`)
	body(w)
	w.raw("</soapenv:Body></soapenv:Envelope>\n")
	return w.out.Bytes(), w.err
}

// writer writes elements and remembers its first error.
type writer struct {
	out       bytes.Buffer
	namespace string
	err       error
}

func (w *writer) raw(markup string) { w.out.WriteString(markup) }

func (w *writer) text(s string) {
	if err := xml.EscapeText(&w.out, []byte(s)); err != nil && w.err == nil {
		w.err = fmt.Errorf("soap: %w", err)
	}
}

func (w *writer) message(name string, fields []Field, values map[string]any) {
	w.raw("<s:" + name + ` xmlns:s="`)
	w.text(w.namespace)
	w.raw(`">`)
	w.fields(fields, values)
	w.raw("</s:" + name + ">")
}

func (w *writer) fields(fields []Field, values map[string]any) {
	for _, f := range fields {
		value, there := values[f.Name]
		if !there || value == nil {
			continue
		}
		w.raw("<s:" + f.Name + ">")
		switch value := value.(type) {
		case string:
			w.text(value)
		case map[string]any:
			w.fields(f.Fields, value)
		default:
			w.text(fmt.Sprint(value))
		}
		w.raw("</s:" + f.Name + ">")
	}
}
