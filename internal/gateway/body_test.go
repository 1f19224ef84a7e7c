package gateway_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

func TestBodies(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", 200) + `"}`
	just := `{"a":"` + strings.Repeat("x", 200-len(`{"a":""}`)) + `"}`
	tests := map[string]struct {
		path, media, body string
		status            int
		code              string
	}{
		"JSON":                       {"/echo", "application/json", `{"a":1}`, 200, ""},
		"JSON, spelt large":          {"/echo", "Application/JSON", `{"a":1}`, 200, ""},
		"JSON in UTF-8":              {"/echo", `application/json; charset="UTF-8"`, `{"a":1}`, 200, ""},
		"JSON in Latin-1":            {"/echo", "application/json; charset=iso-8859-1", `{"a":1}`, 415, ""},
		"a parameter that is broken": {"/echo", "application/json; charset", `{"a":1}`, 415, ""},
		"no media type":              {"/echo", "", `{"a":1}`, 415, ""},
		"another media type":         {"/echo", "text/plain", `{"a":1}`, 415, ""},
		"a form where JSON is taken": {"/echo", "application/x-www-form-urlencoded", `a=1`, 415, ""},
		"JSON where a form is taken": {"/form", "application/json", `{"a":1}`, 415, ""},
		"as long as may be":          {"/echo", "application/json", just, 200, ""},
		"longer than may be":         {"/echo", "application/json", long, 413, ""},
		"empty":                      {"/echo", "application/json", "", 400, "empty_body"},
		"white space":                {"/echo", "application/json", "  ", 400, "invalid_json"},
		"a key twice":                {"/echo", "application/json", `{"a":1,"a":2}`, 400, "invalid_json"},
		"a key twice, deeper":        {"/echo", "application/json", `{"b":[{"a":1,"a":2}]}`, 400, "invalid_json"},
		"two values":                 {"/echo", "application/json", `{}{}`, 400, "invalid_json"},
		"cut off":                    {"/echo", "application/json", `{"a":`, 400, "invalid_json"},
		"not UTF-8":                  {"/echo", "application/json", "{\"a\":\"\xff\"}", 400, "invalid_json"},
		"not an object":              {"/echo", "application/json", `[]`, 422, ""},
		"null":                       {"/echo", "application/json", `null`, 422, ""},
		"a form":                     {"/form", "application/x-www-form-urlencoded", "a=1&b=%20+", 200, ""},
		"a form without fields":      {"/form", "application/x-www-form-urlencoded", "", 200, ""},
		"a field twice":              {"/form", "application/x-www-form-urlencoded", "a=1&a=2", 400, "repeated_field"},
		"a form, ill encoded":        {"/form", "application/x-www-form-urlencoded", "a=%zz", 400, "invalid_form"},
		"a body where none is taken": {"/panic?not", "application/json", long, 413, ""},
		"an optional body":           {"/optional", "application/json", `{"a":1}`, 200, ""},
		"no optional body":           {"/optional", "", "", 200, ""},
		"an optional body, empty":    {"/optional", "application/json", "", 400, "empty_body"},
		"an optional body, untyped":  {"/optional", "", "{}", 415, ""},
	}
	h := build(t, nil)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, chunked := range []bool{false, true} {
				r := httptest.NewRequest("POST", "http://localhost:6265/toy"+tt.path, io.NopCloser(strings.NewReader(tt.body)))
				r.ContentLength = int64(len(tt.body))
				if chunked {
					r.ContentLength = -1
				}
				if tt.media != "" {
					r.Header.Set("Content-Type", tt.media)
				}
				got := h.send(r)
				if got.status != tt.status || got.text("code") != tt.code {
					t.Errorf("chunked %t: got %d %s, want %d %s", chunked, got.status, got.raw, tt.status, tt.code)
				}
				if hangsUp := got.header.Get("Connection") == "close"; hangsUp != (tt.status == 413) {
					t.Errorf("chunked %t: hangs up: %t", chunked, hangsUp)
				}
			}
		})
	}
}

func TestTheValueArrivesAsSent(t *testing.T) {
	h := build(t, nil)
	got := h.want(200, "POST", "/toy/form?a=query", "a=1&b=x%26y+z&c", "Content-Type", "application/x-www-form-urlencoded")
	if diff := cmp.Diff(map[string]any{"a": "1", "b": "x&y z", "c": ""}, got.body["body"]); diff != "" {
		t.Error(diff)
	}
	got = h.want(200, "POST", "/toy/echo", `{"n":1.50,"big":12345678901234567890}`)
	if !strings.Contains(got.raw, "1.50") || !strings.Contains(got.raw, "12345678901234567890") {
		t.Errorf("a number was changed: %s", got.raw)
	}
}

func TestContentEncoding(t *testing.T) {
	h := build(t, nil)
	for encoding, status := range map[string]int{"gzip": 415, "br, gzip": 415, "identity": 200, "Identity": 200} {
		got := h.do("POST", "/toy/echo", `{}`, "Content-Encoding", encoding)
		if got.status != status || (status == 415 && got.text("at") != "header:Content-Encoding") {
			t.Errorf("%s: %d %s", encoding, got.status, got.raw)
		}
	}
}

// TestABodyThatEndsEarly: what was announced and did not come is refused and not decoded.
func TestABodyThatEndsEarly(t *testing.T) {
	h := build(t, nil)
	r := request("POST", "/toy/echo", `{}`)
	r.ContentLength = 100
	if got := h.send(r); got.status != 400 || got.text("code") != "unreadable_body" {
		t.Errorf("got %d %s", got.status, got.raw)
	}
}

func TestBodyViolationsComeWithTheirPlaces(t *testing.T) {
	h := build(t, nil)
	got := h.want(422, "POST", "/toy/orders", `{"amount":-1,"colour":"red"}`)
	want := []any{"/ref required", "/amount minimum", "/colour additionalProperties"}
	if diff := cmp.Diff(want, got.body["places"]); diff != "" {
		t.Error(diff)
	}
	if got.text("at") != "/ref" {
		t.Errorf("the first place is %s", got.text("at"))
	}
	h.wantRefs("default")
}

// TestGuardsAreAskedInTheirOrder: the provider's own, the first refusal ends it, and all stand before the schema.
func TestGuardsAreAskedInTheirOrder(t *testing.T) {
	var asked []string
	guard := func(name string, refuse bool) provider.Guard {
		return provider.Guard{Name: name, Check: func(c *provider.Call) error {
			asked = append(asked, name)
			c.Reply.Set("X-Guard", name)
			if refuse {
				return problem.New(problem.Forbidden, name, "No")
			}
			return nil
		}}
	}
	refusing := true
	h := build(t, func(p *plan) {
		p.provider.Guards = func(op *provider.Operation) []provider.Guard {
			if op.Name != "createOrder" {
				return nil
			}
			return []provider.Guard{guard("first", false), provider.Syntax, guard("second", refusing), guard("third", false)}
		}
	})
	got := h.do("POST", "/toy/orders", `{"amount":-1}`)
	if got.status != 403 || got.text("code") != "second" || got.header.Get("X-Guard") != "second" {
		t.Errorf("got %d %s %v", got.status, got.raw, got.header)
	}
	if got := h.do("POST", "/toy/orders", `{`); got.text("code") != "invalid_json" {
		t.Errorf("got %d %s", got.status, got.raw)
	}
	if diff := cmp.Diff([]string{"first", "second", "first"}, asked); diff != "" {
		t.Error(diff)
	}
}

func TestNormaliseStandsBeforeTheSchema(t *testing.T) {
	h := build(t, func(p *plan) {
		p.provider.Normalise = func(_ *provider.Operation, body any) any {
			m, ok := body.(map[string]any)
			if !ok || m["reference"] == nil {
				return nil
			}
			return map[string]any{"ref": m["reference"]}
		}
	})
	h.want(201, "POST", "/toy/orders", `{"reference":"old name"}`)
	h.want(422, "POST", "/toy/orders", `{"refs":"x"}`)
	h.wantRefs("default", "old name")
}

func TestPagesTakeFormsOnly(t *testing.T) {
	h := build(t, nil)
	got := h.want(303, "POST", "/w/a-1/toy/button", "go=on", "Content-Type", form)
	if got.header.Get("Location") != "http://localhost:6265/w/a-1/toy/done?on" {
		t.Errorf("it leads to %s", got.header.Get("Location"))
	}
	h.want(415, "POST", "/toy/button", `{}`)
	h.want(400, "POST", "/toy/button", "go=1&go=2", "Content-Type", form)
	h.want(413, "POST", "/toy/button", strings.Repeat("x", 201), "Content-Type", form)
	if got := h.want(200, "GET", "/toy-pages/show/x", ""); got.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("the page is %s", got.header.Get("Content-Type"))
	}
}
