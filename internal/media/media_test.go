package media

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/problem"
)

func TestOf(t *testing.T) {
	for name, c := range map[string]struct {
		header http.Header
		want   string
		at     string // of the refusal; empty: there is none
	}{
		"nothing":               {http.Header{}, "", ""},
		"JSON":                  {http.Header{"Content-Type": {"application/json"}}, JSON, ""},
		"JSON, spelt large":     {http.Header{"Content-Type": {"Application/JSON ; Charset=\"UTF-8\""}}, JSON, ""},
		"another type":          {http.Header{"Content-Type": {"text/xml"}}, "text/xml", ""},
		"an empty type":         {http.Header{"Content-Type": {""}}, "", ""},
		"identity":              {http.Header{"Content-Type": {"text/xml"}, "Content-Encoding": {"Identity"}}, "text/xml", ""},
		"UTF-16":                {http.Header{"Content-Type": {"application/json; charset=utf-16"}}, "", "header:Content-Type"},
		"two charsets":          {http.Header{"Content-Type": {"application/json; charset=utf-8; charset=utf-16"}}, "", "header:Content-Type"},
		"two types":             {http.Header{"Content-Type": {"application/json", "text/plain"}}, "", "header:Content-Type"},
		"the same type twice":   {http.Header{"Content-Type": {"application/json", "application/json"}}, "", "header:Content-Type"},
		"two types in one":      {http.Header{"Content-Type": {"application/json, text/plain"}}, "", "header:Content-Type"},
		"a parameter of none":   {http.Header{"Content-Type": {"application/json; charset"}}, "", "header:Content-Type"},
		"gzip":                  {http.Header{"Content-Encoding": {"gzip"}}, "", "header:Content-Encoding"},
		"gzip behind identity":  {http.Header{"Content-Encoding": {"identity", "gzip"}}, "", "header:Content-Encoding"},
		"gzip behind nothing":   {http.Header{"Content-Encoding": {"", "gzip"}}, "", "header:Content-Encoding"},
		"gzip in one with it":   {http.Header{"Content-Encoding": {"identity, gzip"}}, "", "header:Content-Encoding"},
		"an encoding of a type": {http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"br"}}, "", "header:Content-Encoding"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Of(c.header)
			if c.at == "" && (err != nil || got != c.want) {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
			if c.at != "" && (!problem.Is(err, problem.UnsupportedMedia) || problem.From(err).Pointer != c.at || got != "") {
				t.Errorf("got %q, %v; want a refusal at %s", got, err, c.at)
			}
		})
	}
}

// FuzzOf: whatever is said to be JSON begins with its name, and no header makes it panic.
func FuzzOf(f *testing.F) {
	for _, seed := range []string{"application/json", "application/json; charset=utf-8", "a/b;c=\"d", "a/b; charset*=utf-16''x", ";", "=?utf-8?q?x?="} {
		f.Add(seed, "")
	}
	f.Add("application/json", "identity")
	f.Fuzz(func(t *testing.T, kind, encoding string) {
		got, err := Of(http.Header{"Content-Type": {kind}, "Content-Encoding": {encoding}})
		if err != nil && (got != "" || !problem.Is(err, problem.UnsupportedMedia)) {
			t.Fatalf("%q, %q: %q, %v", kind, encoding, got, err)
		}
		plain := encoding == "" || strings.EqualFold(encoding, "identity")
		if err == nil && (!plain || got != strings.ToLower(got) || !strings.HasPrefix(strings.ToLower(strings.TrimSpace(kind)), got)) {
			t.Fatalf("%q, %q: taken as %q", kind, encoding, got)
		}
	})
}
