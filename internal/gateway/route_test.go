package gateway_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRouting(t *testing.T) {
	h := build(t, nil)
	id := h.make("x")
	tests := map[string]struct {
		method, path string
		status       int
		allow        string
	}{
		"an operation":               {"GET", "/toy/orders/" + id, 200, ""},
		"nothing there":              {"GET", "/toy/nowhere", 404, ""},
		"the mount alone":            {"GET", "/toy", 404, ""},
		"the mount and a slash":      {"GET", "/toy/", 404, ""},
		"a trailing slash":           {"GET", "/toy/orders/", 404, ""},
		"one behind a parameter":     {"GET", "/toy/orders/" + id + "/", 404, ""},
		"more behind a parameter":    {"GET", "/toy/where/a/b", 404, ""},
		"a double slash":             {"GET", "/toy//orders", 404, ""},
		"a double slash below":       {"GET", "/toy/orders//paid", 404, ""},
		"a slash, escaped":           {"GET", "/toy/where/a%2Fb", 404, ""},
		"a dot segment":              {"GET", "/toy/./orders", 404, ""},
		"two dots":                   {"GET", "/toy/orders/../orders", 404, ""},
		"two dots out of the mount":  {"GET", "/toy/../toy/orders", 404, ""},
		"an escaped operation":       {"GET", "/toy/%6Frders", 404, ""},
		"outside the pattern":        {"GET", "/toy/orders/ABC", 404, ""},
		"another case":               {"GET", "/toy/Orders", 404, ""},
		"another face's page":        {"GET", "/toy/show/1", 404, ""},
		"another face's operation":   {"GET", "/toy/pages-where", 404, ""},
		"a wrong method":             {"DELETE", "/toy/orders", 405, "GET, HEAD, POST"},
		"a wrong method of one":      {"PUT", "/toy/orders/" + id, 405, "GET, HEAD"},
		"a method of nobody":         {"BREW", "/toy/slow", 405, "POST"},
		"OPTIONS is a wrong method":  {"OPTIONS", "/toy/orders", 405, "GET, HEAD, POST"},
		"HEAD of what has no GET":    {"HEAD", "/toy/slow", 405, "POST"},
		"a page of its face":         {"GET", "/toy-pages/show/1", 200, ""},
		"a page's parameter, empty":  {"GET", "/toy-pages/show/", 404, ""},
		"a page of a wrong method":   {"GET", "/toy/button", 405, "POST"},
		"a method before a pattern":  {"DELETE", "/toy/orders/ABC", 405, "GET, HEAD"},
		"a query that is not one":    {"GET", "/toy/orders?limit=%zz", 400, ""},
		"a query with a semicolon":   {"GET", "/toy/orders?a;b", 400, ""},
		"a query that is no text":    {"GET", "/toy/orders?a=%ff", 400, ""},
		"a zero byte in the query":   {"GET", "/toy/orders?a%00=1", 400, ""},
		"a zero byte in the path":    {"GET", "/toy/where/a%00", 404, ""},
		"a path that is no text":     {"GET", "/toy/where/%c3%28", 404, ""},
		"no body where none is said": {"GET", "/toy/nothing", 204, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := h.do(tt.method, tt.path, "")
			if got.status != tt.status || got.header.Get("Allow") != tt.allow {
				t.Errorf("got %d, Allow %q, %s; want %d, %q", got.status, got.header.Get("Allow"), got.raw, tt.status, tt.allow)
			}
			if got.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("a browser may guess its media type")
			}
		})
	}
}

func TestParametersAreDecoded(t *testing.T) {
	h := build(t, nil)
	for path, want := range map[string]string{"a%20b": "a b", "%C3%A4": "ä", "a+b": "a+b", "a:b*c": "a:b*c", "%2e%2e": "..", "%3Fx%23": "?x#"} {
		if got := h.want(200, "GET", "/toy/where/"+path, ""); got.text("name") != want {
			t.Errorf("%s is read as %q, want %q", path, got.text("name"), want)
		}
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	h := build(t, nil)
	get, head := h.want(200, "GET", "/toy/orders", ""), h.want(200, "HEAD", "/toy/orders", "")
	if head.raw != "" {
		t.Errorf("it has the body %q", head.raw)
	}
	for _, name := range []string{"Content-Type", "Content-Length"} {
		if head.header.Get(name) != get.header.Get(name) || get.header.Get(name) == "" {
			t.Errorf("%s is %q, and %q of GET", name, head.header.Get(name), get.header.Get(name))
		}
	}
}

func TestNoContentHasNoLength(t *testing.T) {
	got := build(t, nil).want(204, "GET", "/toy/nothing", "")
	if got.raw != "" || got.header.Get("Content-Length") != "" || got.header.Get("Content-Type") != "" {
		t.Errorf("got %v %q", got.header, got.raw)
	}
}

func TestQueryViolations(t *testing.T) {
	h := build(t, nil)
	tests := map[string]string{ // query: the places that are wrong
		"limit=5&sort=asc&tag=a&tag=b&more=1": "",
		"limit=0":                             "query:limit minimum",
		"limit=101":                           "query:limit maximum",
		"limit=five":                          "query:limit type",
		"limit=1.5":                           "query:limit type",
		"limit=":                              "query:limit type",
		"limit=1&limit=2":                     "query:limit repeated",
		"sort=up&limit=0":                     "query:limit minimum, query:sort enum",
		"tag=a&tag=b&tag=c":                   "query:tag maxItems",
	}
	for query, want := range tests {
		t.Run(query, func(t *testing.T) {
			got := h.do("GET", "/toy/orders?"+query, "")
			var places []string
			if list, ok := got.body["places"].([]any); ok {
				for _, place := range list {
					places = append(places, place.(string))
				}
			}
			if strings.Join(places, ", ") != want || (got.status == 200) != (want == "") {
				t.Errorf("got %d %s, want %q", got.status, got.raw, want)
			}
		})
	}
}

// FuzzRoute: a part of a path is a parameter with its escapes undone, or no route; whatever stands there, nothing breaks.
func FuzzRoute(f *testing.F) {
	for _, seed := range []string{"a", "a%20b", "%2e%2e", "..", "a/b", "a%2fb", "%00", "%ff", "a;b", "", "a?b", "%c3%a4", ":", "*", "%E2%80%AE"} {
		f.Add(seed)
	}
	h := build(f, nil)
	f.Fuzz(func(t *testing.T, part string) {
		target, err := url.ParseRequestURI("/toy/where/" + part)
		if err != nil || target.RawQuery != "" {
			return
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Host, r.URL = "localhost", target
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		name, err := url.PathUnescape(strings.TrimPrefix(target.EscapedPath(), "/toy/where/"))
		leads := err == nil && name != "" && !strings.Contains(name, "/") && !strings.Contains(name, "\x00") && utf8.ValidString(name)
		var got struct {
			Name string `json:"name"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%q is answered %d %s: %v", part, w.Code, w.Body, err)
		}
		if leads && (w.Code != 200 || got.Name != name) || !leads && w.Code != 404 {
			t.Fatalf("%q is answered %d %s", part, w.Code, w.Body)
		}
	})
}
