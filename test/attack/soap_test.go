package attack

import (
	"net/http"
	"strings"
	"testing"
)

const titleEnvelope = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:i="urn:mock1link:ibft:v1"><e:Body><i:TitleFetchRequest>`

// TestEnvelopes: XML has one reading too. What it could have fetched, built or repeated is refused before it does.
func TestEnvelopes(t *testing.T) {
	d := named(t, "1link")
	const path = oneLinkCatalog + "/ibft-soap-service"
	bomb := "<!DOCTYPE a [<!ENTITY a0 \"ha\">"
	for _, digit := range "123456789" {
		before := string(digit - 1)
		bomb += "<!ENTITY a" + string(digit) + " \"" + strings.Repeat("&a"+before+";", 10) + "\">"
	}
	for name, body := range map[string]string{
		"entities that grow":      bomb + "]>" + titleEnvelope + "<i:STAN>&a9;</i:STAN>",
		"a file":                  `<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>` + titleEnvelope + "<i:STAN>&f;</i:STAN>",
		"a foreign document type": `<!DOCTYPE a SYSTEM "http://169.254.169.254/x.dtd">` + titleEnvelope,
		"an unknown entity":       titleEnvelope + "<i:STAN>&nobody;</i:STAN>",
		"an open envelope":        titleEnvelope,
		"depth":                   strings.Repeat("<a>", 100_000),
		"attributes":              "<a " + strings.Repeat(`b="c" `, 100_000) + "/>",
		"a long name":             "<" + strings.Repeat("a", 900_000) + "/>",
		"another encoding":        `<?xml version="1.0" encoding="UTF-16"?>` + titleEnvelope,
		"no text":                 titleEnvelope + "<i:STAN>\xff</i:STAN>",
		"a zero byte":             titleEnvelope + "<i:STAN>\x00</i:STAN>",
		"nothing":                 " ",
		"JSON":                    "{}",
		"two envelopes":           strings.Repeat(titleEnvelope+"</i:TitleFetchRequest></e:Body></e:Envelope>", 2),
	} {
		got := d.ask(t, http.MethodPost, path, []byte(body), append([]string{"Content-Type: text/xml; charset=utf-8"}, d.caller...)...)
		if got.status != 500 && got.status != 400 || !strings.Contains(got.body, "soapenv:Client") || strings.Contains(got.body, "root:") || len(got.body) > 2000 {
			t.Errorf("%s: %s", name, got)
		}
	}
}
