package soap

import (
	"bytes"
	_ "embed"
	"encoding/xml"
	"fmt"
	"text/template"
)

//go:embed wsdl.xml
var wsdlText string

var wsdl = template.Must(template.New("wsdl").Funcs(template.FuncMap{"xml": escape}).Parse(wsdlText))

func escape(s string) (string, error) {
	var out bytes.Buffer
	err := xml.EscapeText(&out, []byte(s))
	return out.String(), err
}

// WSDL describes the service at an address (WSDL 1.1).
func (s *Service) WSDL(address string) ([]byte, error) {
	var out bytes.Buffer
	err := wsdl.Execute(&out, struct {
		*Service
		Address string
	}{s, address})
	if err != nil {
		return nil, fmt.Errorf("soap: write the WSDL of %s: %w", s.Name, err)
	}
	return out.Bytes(), nil
}
