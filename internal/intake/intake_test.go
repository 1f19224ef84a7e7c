package intake

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/problem"
)

func TestMedia(t *testing.T) {
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
			got, err := Media(c.header)
			if c.at == "" && (err != nil || got != c.want) {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
			if c.at != "" && (!problem.Is(err, problem.UnsupportedMedia) || problem.From(err).Pointer != c.at || got != "") {
				t.Errorf("got %q, %v; want a refusal at %s", got, err, c.at)
			}
		})
	}
}

// FuzzMedia: whatever is said to be JSON begins with its name, and no header makes it panic.
func FuzzMedia(f *testing.F) {
	for _, seed := range []string{"application/json", "application/json; charset=utf-8", "a/b;c=\"d", "a/b; charset*=utf-16''x", ";", "=?utf-8?q?x?="} {
		f.Add(seed, "")
	}
	f.Add("application/json", "identity")
	f.Fuzz(func(t *testing.T, kind, encoding string) {
		got, err := Media(http.Header{"Content-Type": {kind}, "Content-Encoding": {encoding}})
		if err != nil && (got != "" || !problem.Is(err, problem.UnsupportedMedia)) {
			t.Fatalf("%q, %q: %q, %v", kind, encoding, got, err)
		}
		plain := encoding == "" || strings.EqualFold(encoding, "identity")
		if err == nil && (!plain || got != strings.ToLower(got) || !strings.HasPrefix(strings.ToLower(strings.TrimSpace(kind)), got)) {
			t.Fatalf("%q, %q: taken as %q", kind, encoding, got)
		}
	})
}

func TestQuery(t *testing.T) {
	got, err := Query("a=1&a=%C3%A4+b&c")
	if want := (url.Values{"a": {"1", "ä b"}, "c": {""}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, raw := range []string{"a=%zz", "%", "a;b", "a=%ff", "%ff=a", "a=%00", "a=1&a=%c3%28", "a=\xff"} {
		if got, err := Query(raw); got != nil || !problem.Is(err, problem.Malformed) || problem.From(err).Code != "bad_query" {
			t.Errorf("%q: %v, %v", raw, got, err)
		}
	}
}

func TestSegment(t *testing.T) {
	for escaped, want := range map[string]string{"a%20b": "a b", "%C3%A4": "ä", "a+b": "a+b", "%2e%2e": "..", "": ""} {
		if got, ok := Segment(escaped); !ok || got != want {
			t.Errorf("%q: %q, %t; want %q", escaped, got, ok, want)
		}
	}
	for _, escaped := range []string{"%zz", "%", "%00", "%ff", "a%c3%28", "\xff"} {
		if got, ok := Segment(escaped); ok {
			t.Errorf("%q is taken as %q", escaped, got)
		}
	}
}

// FuzzQuery: what is taken is text, and says the same when it is written again.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"", "a=1&b=2", "a+b=%C3%A4", "&&", "=", "a=%zz", "a=1&a=2", "%00", "a;b", "a=%ff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := Query(raw)
		if err != nil {
			return
		}
		for name, values := range got {
			if !IsText(name + strings.Join(values, "")) {
				t.Fatalf("%q: %q is no text", raw, name)
			}
		}
		if again, err := Query(got.Encode()); err != nil || len(got) > 0 && !reflect.DeepEqual(got, again) {
			t.Fatalf("%q is %v, and written again %v, %v", raw, got, again, err)
		}
	})
}
