package attack

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// values that a header may have, none of which it should. Bytes above ASCII are let through by HTTP.
var oddValues = []string{
	"\xff\xfe", "\x80", "é\xc3", "", " ", "<script>", strings.Repeat("x", 30<<10), "%00", "a, b", "bytes=0-1", "null", "0", "-1", "\t", `"`, "h2c", "100-continue",
}

// TestHeadersThatAreNoText: what a header holds is a stranger's bytes, and breaks no answer.
func TestHeadersThatAreNoText(t *testing.T) {
	together := [][]string{
		{"Mockbank-Scenario"}, {"Authorization"}, {"Idempotency-Key"}, {"X-Request-Id", "Accept", "Accept-Language", "Cookie", "User-Agent", "X-Forwarded-For", "Range", "If-None-Match"},
		{"Origin", "Sec-Fetch-Site", "Access-Control-Request-Method", "Upgrade", "HTTP2-Settings"},
	}
	each(t, func(t *testing.T, d door) {
		for _, names := range together {
			for _, value := range oddValues {
				lines := d.lines()
				for _, name := range names {
					lines = replaced(lines, name+": "+value[:min(len(value), 8<<10)])
				}
				if got := d.ask(t, http.MethodPost, d.post, d.good(), lines...); got.status >= 500 {
					t.Errorf("%s %.60q: %s", names, value, got)
				}
			}
		}
	})
}

// TestHeadersOfTheFrame are judged before a provider is known, so its document does not speak of the answer.
func TestHeadersOfTheFrame(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, value := range oddValues {
			raw := request(http.MethodPost, d.mount+d.post, d.good(), replaced(d.lines(), "Mockbank-Workspace: "+value)...)
			refused(t, raw, 400, 200, 201)
			if value != "100-continue" { // which is what HTTP knows
				refused(t, request(http.MethodPost, d.mount+d.post, d.good(), replaced(d.lines(), "Expect: "+value)...), 417, 200, 201)
			}
		}
	})
}

// replaced are lines of which one is another.
func replaced(lines []string, line string) []string {
	name, _, _ := strings.Cut(line, ":")
	return append(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, name+":") }), line)
}

// TestHeadersThatNobodyVouchesFor name no host: links carry the one that was called.
func TestHeadersThatNobodyVouchesFor(t *testing.T) {
	d := named(t, "finqlink")
	got := d.send(t, d.good(), "X-Forwarded-Host: evil.example", "Forwarded: host=evil.example;proto=https", "X-Original-URL: /admin", "X-HTTP-Method-Override: DELETE")
	if got.status != 200 || strings.Contains(got.body, "evil.example") || strings.Contains(got.body, "https://") {
		t.Error(got)
	}
}
