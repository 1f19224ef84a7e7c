package spec

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/strictjson"
)

func things(t testing.TB) *Document {
	t.Helper()
	doc, err := Load("things.yaml", []byte(thingsYAML))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func operation(t testing.TB, doc *Document, id string) *Operation {
	t.Helper()
	for _, op := range doc.Operations() {
		if op.ID == id {
			return op
		}
	}
	t.Fatalf("no operation %s", id)
	return nil
}

func decode(t testing.TB, text string) any {
	t.Helper()
	v, err := strictjson.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// lines writes violations as "pointer rule: message".
func lines(vs []problem.Violation) []string {
	var all []string
	for _, v := range vs {
		all = append(all, v.Pointer+" "+v.Rule+": "+v.Message)
	}
	return all
}

func TestOperationsComeInTheOrderOfTheDocument(t *testing.T) {
	doc := things(t)
	var got []string
	for _, op := range doc.Operations() {
		got = append(got, op.Method+" "+op.Path+" "+op.ID+" "+op.Name)
	}
	want := []string{"GET /z/{id} getZ getZ", "POST /a createAV1 createA", "DELETE /a deleteA deleteA"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	op := operation(t, doc, "createAV1")
	if diff := cmp.Diff([]string{"application/json", "application/x-www-form-urlencoded"}, op.BodyMedia); diff != "" {
		t.Error(diff)
	}
	if !op.BodyRequired || op.Tags[0] != "things" {
		t.Errorf("got %+v of %+v", op, doc)
	}
	if doc.Schema("thing") == nil || doc.Schema("nothing") != nil {
		t.Error("schemas are not found by name")
	}
	if diff := cmp.Diff([]string{"thing", "tree"}, doc.Schemas("t")); diff != "" {
		t.Error(diff)
	}
}

const good = `{"zulu":"ab","mike":3,"alpha":{"when":"2026-01-15T10:30:00.5+02:00"}}`

func TestCheckBody(t *testing.T) {
	op := operation(t, things(t), "createAV1")
	for _, tc := range []struct {
		name, body string
		want       []string
	}{
		{"good", good, nil},
		{"everything missing", `{}`, []string{"/zulu required: is required", "/mike required: is required", "/alpha required: is required"}},
		{"all at once, as written in the document", `{"what":1,"amount":1e2,"list":[{"zeta":""},{}],"alpha":{"day":"2026-02-31","kind":"x"},"mike":1.0,"zulu":"ABCDE"}`,
			[]string{
				"/zulu maxLength: must be at most 4 characters",
				`/zulu pattern: must match ^\u00e9*[a-z]+$`,
				"/mike type: must be a whole number without a point or an exponent, within 64 bits",
				"/alpha/when required: is required",
				"/alpha/day format: must be a date of the calendar, such as 2026-01-15",
				"/alpha/kind enum: must be one of big, small",
				"/list/0/zeta minLength: must not be empty",
				"/list/1/zeta required: is required",
				"/amount format: must be an amount with at most two decimals and without an exponent",
				"/what additionalProperties: is not known here",
			}},
		{"wrong types", `{"zulu":1,"mike":"3","alpha":[],"list":{},"both":true,"either":1,"amount":"1"}`, []string{
			"/zulu type: must be a string", "/mike type: must be an integer", "/alpha type: must be an object",
			"/list type: must be an array", "/amount type: must be a number", "/both type: must be an object",
			"/either anyOf: must match one of the allowed forms",
		}},
		{"null", `{"zulu":null,"mike":1,"alpha":{"when":"2026-01-15T10:30:00Z","kind":null}}`, []string{"/zulu nullable: must not be null"}},
		{"not an object", `[]`, []string{" type: must be an object"}},
		{"null for all", `null`, []string{" nullable: must not be null"}},
		{"bounds", `{"zulu":"a","mike":11,"alpha":{"when":"2026-01-15T10:30:00Z"},"list":[],"amount":0,"more":{"x":7}}`, []string{
			"/mike maximum: must be between 1 and 10", "/list minItems: must hold at least 1 item",
			"/amount exclusiveMinimum: must be more than 0", "/more/x multipleOf: must be a multiple of 5",
		}},
		{"items", `{"zulu":"a","mike":1,"alpha":{"when":"2026-01-15T10:30:00Z"},"list":[{"zeta":"a"},{"zeta":"a"},{"zeta":"a"},{"zeta":"a"}],"more":{}}`, []string{
			"/list maxItems: must hold at most 3 items", "/list uniqueItems: must not hold the same item twice",
			"/more minProperties: must have at least 1 member",
		}},
		{"allOf", `{"zulu":"a","mike":1,"alpha":{"when":"2026-01-15T10:30:00Z"},"both":{"beta":1}}`, []string{
			"/both/zeta required: is required", "/both/beta type: must be a boolean",
		}},
		{"escaped names", `{"zulu":"a","mike":1,"alpha":{"when":"2026-01-15T10:30:00Z"},"a/b~c":1}`, []string{"/a~1b~0c type: must be a string"}},
		{"names in another case", `{"Zulu":"a","mike":1,"alpha":{"when":"2026-01-15T10:30:00Z"}}`, []string{
			"/zulu required: is required", "/Zulu additionalProperties: is not known here",
		}},
		{"unknown name with a quote", `{"zulu":"a","mike":1,"alpha":{"when":"2026-01-15T10:30:00Z"},"q\"é\n":1}`, []string{"/q\"é\n additionalProperties: is not known here"}},
		{"a schema within itself", `{"zulu":"a","mike":1,"alpha":{"when":"2026-01-15T10:30:00Z"},"tree":{"left":{"left":{"size":1.5}}}}`, []string{
			"/tree/left/left/size type: must be an integer",
		}},
		{"numbers out of all bounds", `{"zulu":"a","mike":1e400,"alpha":{"when":"2026-01-15T10:30:00Z"},"tree":{"size":9223372036854775808}}`, []string{
			"/mike type: must be an integer",
			"/tree/size type: must be a whole number without a point or an exponent, within 64 bits",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, lines(op.CheckBody("application/json", decode(t, tc.body)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMessagesDoNotShowTheValue(t *testing.T) {
	op := operation(t, things(t), "createAV1")
	body := `{"zulu":"SECRET!","mike":987654321,"alpha":{"when":"SECRET!","kind":"SECRET!"},"list":["SECRET!"],"either":[987654321]}`
	for _, line := range lines(op.CheckBody("application/json", decode(t, body))) {
		if strings.Contains(line, "SECRET") || strings.Contains(line, "98765") {
			t.Errorf("%q shows the value", line)
		}
	}
}

func TestCheckBodyKnowsMedia(t *testing.T) {
	doc := things(t)
	op := operation(t, doc, "createAV1")
	form := "application/x-www-form-urlencoded"
	for _, tc := range []struct {
		op    *Operation
		media string
		v     any
		want  []string
	}{
		{op, "", nil, []string{" required: a body is required"}},
		{op, "text/plain", "x", []string{" content: the media type must be application/json or application/x-www-form-urlencoded"}},
		{op, form, map[string]any{"count": "3", "flags": []any{"true"}, "name": "1"}, []string{"/flags/0 type: must be a boolean"}},
		{op, form, map[string]any{"count": "3", "flags": "true", "name": "1"}, nil},
		{op, form, map[string]any{"count": "3.0"}, []string{"/count type: must be a whole number without a point or an exponent, within 64 bits"}},
		{op, form, map[string]any{"count": []any{"3", "4"}}, []string{"/count type: must be an integer"}},
		{operation(t, doc, "deleteA"), "", nil, nil},
		{operation(t, doc, "deleteA"), "application/json", nil, []string{" content: the media type must be absent: no body is taken here"}},
	} {
		if diff := cmp.Diff(tc.want, lines(tc.op.CheckBody(tc.media, tc.v))); diff != "" {
			t.Errorf("%s %v (-want +got):\n%s", tc.media, tc.v, diff)
		}
	}
}

func TestCheckParams(t *testing.T) {
	op := operation(t, things(t), "getZ")
	for _, tc := range []struct {
		query, trace string
		want         []string
	}{
		{"tag=a&limit=1&csv=1,2&deep=true&unknown=x", "abc", nil},
		{"", "", []string{"query:tag required: is required"}},
		{"tag=a&limit=0", "", []string{"query:limit minimum: must be between 1 and 250"}},
		{"tag=a&limit=251", "", []string{"query:limit maximum: must be between 1 and 250"}},
		{"tag=a&limit=-1", "", []string{"query:limit minimum: must be between 1 and 250"}},
		{"tag=a&limit=1.5", "", []string{"query:limit type: must be an integer"}},
		{"tag=a&limit=abc", "", []string{"query:limit type: must be an integer"}},
		{"tag=a&limit=", "", []string{"query:limit type: must be an integer"}},
		{"tag=a&limit=+1", "", []string{"query:limit type: must be an integer"}},
		{"tag=a&limit=1&limit=2", "", []string{"query:limit repeated: must be given once"}},
		{"tag=c&tag=a&tag=b&deep=yes", "abcd", []string{
			"query:tag maxItems: must hold at most 2 items", "query:tag/0 enum: must be one of a, b",
			"query:deep type: must be a boolean", "header:X-Trace maxLength: must be at most 3 characters",
		}},
		{"tag=a&csv=1,x", "", []string{"query:csv/1 type: must be an integer"}},
	} {
		query, err := url.ParseQuery(tc.query)
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{}
		if tc.trace != "" {
			header.Set("X-Trace", tc.trace)
		}
		if diff := cmp.Diff(tc.want, lines(op.CheckParams(map[string]string{"id": "abc"}, query, header))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.query, diff)
		}
	}
	got := lines(op.CheckParams(map[string]string{"id": "ABC"}, url.Values{"tag": {"a"}}, nil))
	if diff := cmp.Diff([]string{"path:id pattern: must match ^[a-z]{3}$"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestPathMatches(t *testing.T) {
	doc := things(t)
	op := operation(t, doc, "getZ")
	for text, want := range map[string]bool{"abc": true, "ab": false, "ABC": false, "": false, "a/b": false, strings.Repeat("a", 1<<20): false} {
		if got := op.PathMatches(map[string]string{"id": text}); got != want {
			t.Errorf("PathMatches(%.10q) = %v", text, got)
		}
	}
	if op.PathMatches(nil) || !operation(t, doc, "deleteA").PathMatches(nil) {
		t.Error("a missing parameter matches, or none does not")
	}
}

func TestCheckReply(t *testing.T) {
	doc := things(t)
	op := operation(t, doc, "getZ")
	counted := http.Header{"X-Count": {"3"}}
	for _, tc := range []struct {
		status int
		media  string
		header http.Header
		body   string
		want   string // a part of the error; empty for none
	}{
		{200, "application/json; charset=utf-8", counted, good, ""},
		{200, "application/json", counted, `{"zulu":"a"}`, "reply 200: the body: /mike is required; /alpha is required"},
		{200, "application/json", nil, good, "the header X-Count is required"},
		{200, "application/json", http.Header{"X-Count": {"x"}}, good, "the header X-Count: must be an integer"},
		{200, "text/html", counted, good, `media type "text/html" is not declared`},
		{200, "", counted, good, `media type "" is not declared`},
		{201, "application/json", counted, good, "getZ does not declare the status 201"},
		{204, "", nil, good, ""},
		{204, "application/json", nil, good, "is not declared"},
		{404, "application/problem+json", nil, `{}`, ""},
		{404, "application/problem+json", nil, `[]`, "must be an object"},
		{500, "application/json", nil, `{}`, "status 500"},
	} {
		err := op.CheckReply(tc.status, tc.media, tc.header, decode(t, tc.body))
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%d %s: got %v, want ...%s...", tc.status, tc.media, err, tc.want)
		}
	}
	if err := operation(t, doc, "createAV1").CheckReply(599, "", nil, nil); err != nil {
		t.Errorf("default does not stand for 599: %v", err)
	}
}

func TestSchemaDefaults(t *testing.T) {
	settings := things(t).Schema("Settings")
	want := map[string]any{"first": false, "second": "60s", "group": map[string]any{"inner": "x"}}
	if diff := cmp.Diff(want, settings.Defaults()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"second", "first", "group"}, settings.Properties()); diff != "" {
		t.Error(diff)
	}
}

func TestYAMLNamesTheBase(t *testing.T) {
	got := string(things(t).YAML("http://localhost:8080/things"))
	head, tail, _ := strings.Cut(thingsYAML, "servers:")
	_, tail, _ = strings.Cut(tail, "paths:")
	want := head + "servers:\n  - url: \"http://localhost:8080/things\"\npaths:" + tail
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := Load("served.yaml", []byte(got)); err != nil {
		t.Error(err)
	}
}

func TestLoadNamesTheDefect(t *testing.T) {
	for _, tc := range []struct {
		name, old, new string
		want           []string // parts of the error
	}{
		{"pattern", "^[a-z]{3}$", "^(?=x)$", []string{"things.yaml:18", "(?=x)", "RE2"}},
		{"huge repetition", "^[a-z]{3}$", "^a{1,2000}$", []string{"things.yaml:18"}},
		{"format", "format: money", "format: monney", []string{"things.yaml:108", `"monney" is not known`, "money"}},
		{"reference", "schemas/tree\" }\n        more", "schemas/three\" }\n        more", []string{"things.yaml", "three"}},
		{"version", "openapi: 3.0.3", "openapi: 3.1.0", []string{"write 3.0.3"}},
		{"same id", "deleteA", "getZ", []string{"getZ"}},
		{"no servers", "servers:", "x-servers:", []string{"servers"}},
		{"syntax", "info:", "info: [", []string{"things.yaml", "yaml"}},
		{"other file", "#/components/schemas/tree", "/etc/passwd", []string{"must stand alone"}},
		{"type", "type: boolean, default: false", "type: bool, default: false", []string{"things.yaml:135", "bool"}},
		{"default", "default: false", "default: 1", []string{"things.yaml:135", "default"}},
		{"example of a schema", "example: { zeta: z }", "example: { zeta: 1 }", []string{"things.yaml:8", "components/schemas/base", "must be a string"}},
		{"example of a body", "mike: 3", "mike: 30", []string{"POST /a, request application/json", "/mike must be between 1 and 10"}},
		{"read only", "beta: { type: boolean }", "beta: { type: boolean, readOnly: true }", []string{"things.yaml:114", "two schemas"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := strings.Replace(thingsYAML, tc.old, tc.new, 1)
			if text == thingsYAML {
				t.Fatal("nothing was replaced")
			}
			_, err := Load("things.yaml", []byte(text))
			if err == nil {
				t.Fatal("it was loaded")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\ndoes not say %s", err, want)
				}
			}
		})
	}
}

func TestManyAtOnce(t *testing.T) {
	doc := things(t)
	op := operation(t, doc, "createAV1")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if n := len(op.CheckBody("application/json", decode(t, `{"zulu":"A","mike":1.0}`))); n != 3 {
					t.Errorf("%d violations", n)
				}
			}
		})
	}
	wg.Go(func() { _, _ = Load("things.yaml", []byte(thingsYAML)) })
	wg.Wait()
}

func BenchmarkCheckBody(b *testing.B) {
	op := operation(b, things(b), "createAV1")
	body := decode(b, `{"zulu":"ab","mike":3,"alpha":{"when":"2026-01-15T10:30:00Z","day":"2026-01-15","kind":"big"},`+
		`"list":[{"zeta":"a"},{"zeta":"b"}],"amount":12.50,"both":{"zeta":"c","beta":true},"a/b~c":"d","either":"e","tree":{"left":{"size":1}}}`)
	b.ReportAllocs()
	for b.Loop() {
		if vs := op.CheckBody("application/json", body); vs != nil {
			b.Fatal(vs)
		}
	}
}
