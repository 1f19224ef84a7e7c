package spec

import (
	"strings"
	"testing"
)

func TestFormats(t *testing.T) {
	for name, texts := range map[string]struct{ good, bad []string }{
		"date-time": {
			[]string{"2026-01-15T10:30:00Z", "2026-01-15T10:30:00.123456789+02:00", "2024-02-29T23:59:59-12:45", "9999-12-31T23:59:59Z"},
			[]string{
				"", "2026-01-15", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-15T24:00:00Z", "2016-12-31T23:59:60Z",
				"2026-01-15T10:30:00", "2026-01-15T10:30Z", "2026-01-15T10:30:00,5Z", "2026-01-15T1:30:00Z", "0000-01-01T00:00:00Z",
				"2026-01-15T10:30:00+24:00", "2026-01-15 10:30:00Z", "2026-01-15T10:30:00Z ", "12026-01-15T10:30:00Z",
			},
		},
		"date":  {[]string{"2026-01-15", "2024-02-29"}, []string{"", "2026-02-31", "2026-1-5", "15.01.2026", "0000-01-01", "2026-01-15T00:00:00Z"}},
		"uuid":  {[]string{"6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21", "6F1C2F0E-5A53-4A1C-9A39-0D6A3C1F7B21"}, []string{"", "6f1c2f0e5a534a1c9a390d6a3c1f7b21", "{6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21}", "6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b2g", strings.Repeat("a", 1<<20)}},
		"email": {[]string{"a@b.example", "a+b@c.d.example"}, []string{"", "a", "a@", "@b", "A <a@b.example>", "a@b.example, c@d.example", "a b@c.example"}},
		"uri":   {[]string{"http://a/b?c#d", "urn:x:y", "myapp://paid"}, []string{"", "/a", "a b", "http://a b", "http://a\n", "://a", "http://[::1"}},
		"http-uri": {
			[]string{"http://localhost:3000/webhook", "https://a.example/x?y=z", "HTTP://a", "http://[::1]:80/"},
			[]string{"", "ftp://a", "http:", "http:///x", "//a", "http:a", "javascript:alert(1)", `http:\\a`, "http://a\t"},
		},
		"redirect-uri": {
			[]string{"https://a.example/paid", "myapp://paid", "com.example.app://x/y?z=1"},
			[]string{
				"", "/paid", "paid", "javascript:alert(1)", "javascript://x%0aalert(1)", "JAVASCRIPT://x", "data:text/html,x", "data://x", "file:///etc/passwd",
				"vbscript://x", "blob:http://a/x", "http:///x", " javascript://x", "java\tscript://x", "mailto:a@b.example",
			},
		},
		"iban":            {[]string{"DE89370400440532013000", "de89 3704 0044 0532 0130 00"}, []string{"", "DE89370400440532013001", "XX"}},
		"positive-amount": {[]string{"0.01", "10", "0.10"}, []string{"0", "0.00", "00"}},
		"duration":        {[]string{"0s", "60s", "250ms", "5m", "90d", "1h"}, []string{"", "60", "1.5s", "-1s", "01s", "1w", "s"}},
		"ipv4":            {[]string{"127.0.0.1"}, []string{"", "::1", "256.0.0.1", "1.2.3", "01.2.3.4"}},
	} {
		for _, text := range texts.good {
			if !formats[name].ok(text) {
				t.Errorf("%s: %q is refused", name, text)
			}
		}
		for _, text := range texts.bad {
			if formats[name].ok(text) {
				t.Errorf("%s: %.40q passes", name, text)
			}
		}
	}
}

func TestEveryFormatSaysWhatItWants(t *testing.T) {
	for name, f := range formats {
		if f.says == "" || f.ok == nil {
			t.Errorf("%s is silent", name)
		}
	}
}
