package soap

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func shop() *Service {
	return &Service{
		Name: "Shop", Namespace: "urn:shop:v1", Action: "urn:shop:",
		Operations: []Operation{
			{Name: "Buy", Request: []Field{{Name: "What"}, {Name: "Note", Optional: true}, {Name: "To", Fields: []Field{{Name: "City"}, {Name: "Zip", Optional: true}}}}, Response: []Field{{Name: "Code"}, {Name: "To", Fields: []Field{{Name: "City"}}}}},
			{Name: "Ask", Request: []Field{{Name: "What"}}, Response: []Field{{Name: "Code"}}},
		},
		Detail: Message{Name: "ShopError", Fields: []Field{{Name: "code"}}},
	}
}

func around(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="` + Namespace + `" xmlns:s="urn:shop:v1">` + body + `</e:Envelope>`
}

const buy = `<e:Body><s:BuyRequest><s:What> a &amp; b </s:What><s:To><s:City>Lahore</s:City></s:To></s:BuyRequest></e:Body>`

func TestOpen(t *testing.T) {
	want := map[string]any{"What": " a & b ", "To": map[string]any{"City": "Lahore"}}
	for name, envelope := range map[string]string{
		"plain":                    around(buy),
		"a header":                 around(`<e:Header><x xmlns="urn:x" e:mustUnderstand="0">y</x></e:Header>` + buy),
		"comments and white space": around("\n<!-- hello -->\n" + strings.ReplaceAll(buy, "><s:", ">\n <s:")),
		"a byte order mark":        "\ufeff" + around(buy),
		"another order":            around(`<e:Body><s:BuyRequest><s:To><s:City>Lahore</s:City></s:To><s:What> a <![CDATA[&]]> b </s:What></s:BuyRequest></e:Body>`),
		"a default namespace":      around(`<e:Body><BuyRequest xmlns="urn:shop:v1"><What> a &#38; b </What><To><City>Lahore</City></To></BuyRequest></e:Body>`),
	} {
		for _, action := range []string{"urn:shop:Buy", `"urn:shop:Buy"`} {
			operation, got, err := shop().Open([]byte(envelope), action)
			if err != nil || operation != "Buy" || !cmp.Equal(got, want) {
				t.Errorf("%s: %q %v %s", name, operation, err, cmp.Diff(want, got))
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	deep := strings.Repeat("<a>", 100_000)
	for name, c := range map[string]struct{ envelope, action, says string }{
		"empty":                  {"", "urn:shop:Buy", "empty"},
		"JSON":                   {`{"a":1}`, "urn:shop:Buy", "outside of the root"},
		"torn":                   {around(buy)[:200], "urn:shop:Buy", "well-formed"},
		"a document type":        {`<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + around(strings.Replace(buy, "Lahore", "&x;", 1)), "urn:shop:Buy", "document type"},
		"a billion laughs":       {`<!DOCTYPE e [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>` + around(buy), "urn:shop:Buy", "document type"},
		"a document type inside": {around(`<!DOCTYPE x>` + buy), "urn:shop:Buy", "document type"},
		"an unknown entity":      {around(strings.Replace(buy, "Lahore", "&x;", 1)), "urn:shop:Buy", "entity"},
		"an instruction":         {around(`<?php x?>` + buy), "urn:shop:Buy", "instruction"},
		"UTF-16":                 {`<?xml version="1.0" encoding="UTF-16"?>` + around(buy)[38:], "urn:shop:Buy", `"UTF-16": UTF-8 is the one`},
		"a long name":            {"<" + strings.Repeat("a", 1000) + "/>", "urn:shop:Buy", "longer than 256"},
		"a long namespace":       {`<a xmlns="` + strings.Repeat("a", 1000) + `"/>`, "urn:shop:Buy", "longer than 256"},
		"not UTF-8":              {strings.Replace(around(buy), "Lahore", "\xff", 1), "urn:shop:Buy", "UTF-8"},
		"two roots":              {around(buy) + "<x/>", "urn:shop:Buy", "second root"},
		"too deep":               {deep, "urn:shop:Buy", "deeper"},
		"too many":               {around("<e:Body>" + strings.Repeat("<a/>", 2000) + "</e:Body>"), "urn:shop:Buy", "more than 1000"},
		"SOAP 1.2":               {strings.ReplaceAll(around(buy), Namespace, "http://www.w3.org/2003/05/soap-envelope"), "urn:shop:Buy", "SOAP 1.1"},
		"no body":                {around(""), "urn:shop:Buy", "one Body"},
		"two bodies":             {around(buy + buy), "urn:shop:Buy", "one Body"},
		"an empty body":          {around("<e:Body/>"), "urn:shop:Buy", "holds 0"},
		"two requests":           {around(strings.Replace(buy, "</e:Body>", "<s:AskRequest/></e:Body>", 1)), "urn:shop:Buy", "holds 2"},
		"a header to understand": {around(`<e:Header><x e:mustUnderstand="1"/></e:Header>` + buy), "urn:shop:Buy", "understood"},
		"another request":        {around(`<e:Body><s:SellRequest/></e:Body>`), "urn:shop:Sell", "BuyRequest, AskRequest"},
		"another namespace":      {strings.Replace(around(buy), "urn:shop:v1", "urn:shop:v2", 1), "urn:shop:Buy", "no request"},
		"another action":         {around(buy), "urn:shop:Ask", `must be "urn:shop:Buy"`},
		"no action":              {around(buy), "", "SOAPAction"},
		"an unknown element":     {around(strings.Replace(buy, "s:City", "s:city", 2)), "urn:shop:Buy", "no element {urn:shop:v1}city"},
		"an element not in it":   {around(strings.Replace(buy, "<s:City>", `<s:City xmlns:s="urn:x">`, 1)), "urn:shop:Buy", "no element {urn:x}City"},
		"an element twice":       {around(strings.Replace(buy, "<s:To>", "<s:What>c</s:What><s:To>", 1)), "urn:shop:Buy", "twice"},
		"a text among elements":  {around(strings.Replace(buy, "<s:To>", "<s:To>x", 1)), "urn:shop:Buy", "To holds a text"},
		"an element in a text":   {around(strings.Replace(buy, "Lahore", "<s:What/>", 1)), "urn:shop:Buy", "City is a text"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := shop().Open([]byte(c.envelope), c.action)
			var wrong *Error
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

// TestATextInManyPieces is read in a time that grows with its length, and not with its square.
func TestATextInManyPieces(t *testing.T) {
	const pieces = 300_000
	began := time.Now()
	_, request, err := shop().Open([]byte(around(strings.Replace(buy, "Lahore", strings.Repeat("<!---->x", pieces), 1))), "urn:shop:Buy")
	if to, _ := request["To"].(map[string]any); err != nil || to["City"] != strings.Repeat("x", pieces) {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestPlacesAreNamed(t *testing.T) {
	_, _, err := shop().Open([]byte(strings.Replace(around(buy), "<s:To>", "\n<s:Too/><s:To>", 1)), "urn:shop:Buy")
	if err == nil || !strings.HasPrefix(err.Error(), "line 2, column ") {
		t.Errorf("%v", err)
	}
}

func TestRespond(t *testing.T) {
	got, err := shop().Respond("Buy", map[string]any{"To": map[string]any{"City": "<Lahore>"}, "Code": "00", "More": "x"})
	want := xml.Header + `<soapenv:Envelope xmlns:soapenv="` + Namespace + `"><soapenv:Body><s:BuyResponse xmlns:s="urn:shop:v1"><s:Code>00</s:Code>` +
		"<s:To><s:City>&lt;Lahore&gt;</s:City></s:To></s:BuyResponse></soapenv:Body></soapenv:Envelope>\n"
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, cmp.Diff(want, string(got)))
	}
	if _, err := shop().Respond("Sell", nil); err == nil {
		t.Error("a response of no operation is written")
	}
}

func TestFault(t *testing.T) {
	got, err := shop().Fault(Client, "No <b>", map[string]any{"code": 401})
	want := xml.Header + `<soapenv:Envelope xmlns:soapenv="` + Namespace + `"><soapenv:Body><soapenv:Fault><faultcode>soapenv:Client</faultcode><faultstring>No &lt;b&gt;</faultstring>` +
		`<detail><s:ShopError xmlns:s="urn:shop:v1"><s:code>401</s:code></s:ShopError></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>` + "\n"
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, cmp.Diff(want, string(got)))
	}
}

func TestTheWSDLIsXMLAndNamesEverything(t *testing.T) {
	data, err := shop().WSDL("http://localhost:6265/shop?a=1&b=2")
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(data, new(struct{})); err != nil {
		t.Errorf("%v\n%s", err, data)
	}
	for _, part := range []string{
		`location="http://localhost:6265/shop?a=1&amp;b=2"`, `soapAction="urn:shop:Ask"`, `name="ShopService"`, `<xs:element name="Zip" type="xs:string" minOccurs="0"/>`,
		`element="t:BuyResponse"`, `element="t:ShopError"`,
	} {
		if !strings.Contains(string(data), part) {
			t.Errorf("the WSDL lacks %s:\n%s", part, data)
		}
	}
}

func TestTextsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab <>&'\"]]>\u00e9\U0001F600\t\n"))).Draw(t, "text")
		reply, err := shop().Respond("Ask", map[string]any{"Code": text})
		if err != nil {
			t.Fatal(err)
		}
		root, err := parse(reply)
		if err != nil {
			t.Fatal(err)
		}
		body, err := bodyOf(root)
		if err != nil || body.children[0].text != text {
			t.Fatalf("%v: %q became %q", err, text, body.children[0].text)
		}
	})
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(around(buy)))
	f.Add([]byte(`<!DOCTYPE x [<!ENTITY a "b">]><a>&a;</a>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		operation, request, err := shop().Open(data, "urn:shop:Buy")
		if err == nil && (operation != "Buy" || request == nil) {
			t.Errorf("%q gives %q %v", data, operation, request)
		}
		if err != nil && (!utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\r\n")) {
			t.Errorf("the error %q", err)
		}
	})
}
