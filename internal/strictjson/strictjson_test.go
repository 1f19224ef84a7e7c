package strictjson

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/clock"
)

func TestDecode(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want any
	}{
		{`null`, nil},
		{" true\r\n\t", true},
		{`"\u00e9\ud83d\ude00"`, "é😀"},
		{`[]`, []any{}},
		{`{}`, map[string]any{}},
		{`[1.10,-0,1e2,9007199254740993]`, []any{
			stdjson.Number("1.10"), stdjson.Number("-0"), stdjson.Number("1e2"), stdjson.Number("9007199254740993"),
		}},
		{`{"a":{"b":[false,null]},"A":""}`, map[string]any{
			"a": map[string]any{"b": []any{false, nil}}, "A": "",
		}},
		{`{"__proto__":"{{x}}","$ref":"../.."}`, map[string]any{"__proto__": "{{x}}", "$ref": "../.."}},
	} {
		got, err := Decode([]byte(tc.in))
		if err != nil {
			t.Errorf("Decode(%s): %v", tc.in, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("Decode(%s) (-want +got):\n%s", tc.in, diff)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		offset   int64
		reason   string // a part of it
	}{
		{"nothing", "", 0, "empty"},
		{"white space", " \n", 0, "empty"},
		{"open object", "{", 1, "ends in the middle"},
		{"open text", `{"a":"b`, 7, "ends in the middle"},
		{"trailing comma", `{"a":1,}`, 6, "invalid character"},
		{"comment", "{/**/}", 1, "invalid character"},
		{"single quotes", "{'a':1}", 1, "invalid character"},
		{"not a number", `{"a":NaN}`, 5, "invalid character"},
		{"leading zero", `{"a":01}`, 6, "invalid character"},
		{"plus", `+1`, 0, "invalid character"},
		{"second value", "{} {}", 3, "more after the end"},
		{"second bracket", "{}}", 2, "more after the end"},
		{"name twice", `{"a":1,"a":2}`, 7, "same name twice"},
		{"name twice, escaped", `{"a":1,"\u0061":2}`, 7, "same name twice"},
		{"name not a text", `{1:2}`, 1, "double quotes"},
		{"invalid UTF-8", "\"a\xff\"", 2, "invalid UTF-8"},
		{"lone surrogate", `"\ud800"`, 1, "surrogate"},
		{"surrogates swapped", `"\udc00\ud800"`, 1, "surrogate"},
		{"NUL in a text", `"a\u0000"`, 9, "NUL"},
		{"NUL in a name", `{"a\u0000":1}`, 10, "NUL"},
		{"raw NUL", "\"a\x00\"", 2, "invalid character"},
		{"byte order mark", "\xef\xbb\xbf{}", 0, "byte order mark"},
		{"UTF-16", "{\x00}\x00", 0, "UTF-16"},
		{"UTF-16 with mark", "\xff\xfe{\x00}\x00", 0, "UTF-16"},
		{"65 levels", strings.Repeat("[", 65) + strings.Repeat("]", 65), 64, "deeper than 64"},
		{"1001 digits", strings.Repeat("1", 1001), 1001, "longer than 1000"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Decode([]byte(tc.in))
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got %v, want a SyntaxError", err)
			}
			if syntax.Offset != tc.offset || !strings.Contains(syntax.Reason, tc.reason) {
				t.Errorf("got byte %d: %s; want byte %d: ...%s...", syntax.Offset, syntax.Reason, tc.offset, tc.reason)
			}
		})
	}
}

func TestDecodeStaysWithinItsBounds(t *testing.T) {
	for name, in := range map[string]string{
		"100,000 arrays":  strings.Repeat("[", 100_000),
		"100,000 objects": strings.Repeat(`{"a":`, 100_000),
		"1 MB of digits":  strings.Repeat("9", 1<<20),
		"1 MB name twice": `{"` + strings.Repeat("k", 1<<20) + `":1,"` + strings.Repeat("k", 1<<20) + `":1}`,
	} {
		begin := clock.System()
		_, err := Decode([]byte(in))
		if took := clock.System().Sub(begin); err == nil || took > time.Second {
			t.Errorf("%s: took %v and gave %v, want a quick refusal", name, took, err)
		}
		if err != nil && len(err.Error()) > 1000 {
			t.Errorf("%s: the message has %d bytes", name, len(err.Error()))
		}
	}
	if _, err := Decode([]byte(strings.Repeat("[", 64) + strings.Repeat("]", 64))); err != nil {
		t.Errorf("64 levels: %v", err)
	}
}

func TestSyntaxErrorNamesThePlace(t *testing.T) {
	_, err := Decode([]byte(`{"a":[1,{"b":tru}]}`))
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Pointer != "/a/1/b" {
		t.Errorf("got %#v, want the pointer /a/1/b", err)
	}
	if got := err.Error(); !strings.HasPrefix(got, "not valid JSON at byte ") {
		t.Errorf("message %q", got)
	}
}

func TestUnmarshal(t *testing.T) {
	type thing struct {
		Name  string         `json:"name"`
		Count stdjson.Number `json:"count"`
		Any   any            `json:"any"`
	}
	var got thing
	in := `{"name":"x","NAME":"y","count":1.10,"any":{"n":1.00,"l":[null]},"more":1}`
	if err := Unmarshal([]byte(in), &got); err != nil {
		t.Fatal(err)
	}
	want := thing{"x", "1.10", map[string]any{"n": stdjson.Number("1.00"), "l": []any{nil}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	for in, reason := range map[string]string{
		`{"name":1}`:              "the value at /name must be a text",
		`{"name":"secret`:         "ends in the middle",
		`{"name":"x","name":"y"}`: "same name twice",
		`{} 1`:                    "after",
		`[]`:                      "the value must be an object",
		`{"count":"1"}`:           "/count",
	} {
		var v thing
		err := Unmarshal([]byte(in), &v)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(syntax.Reason, reason) {
			t.Errorf("Unmarshal(%s) gave %v, want ...%s...", in, err, reason)
		}
	}
}

func TestWrongTypeIsNotCalledBadSyntax(t *testing.T) {
	var v struct {
		At time.Time `json:"at"`
	}
	err := Unmarshal([]byte(`{"at":"tomorrow"}`), &v)
	if want := "the value at /at must be an RFC 3339 time such as 2026-01-15T10:30:00Z"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestMarshal(t *testing.T) {
	type inner struct {
		B string         `json:"b"`
		A stdjson.Number `json:"a"`
	}
	in := map[string]any{
		"z": inner{"<&>", "1.10"}, "a": []string(nil), "m": map[string]any{"y": nil, "x": stdjson.Number("2.0")},
		"t": time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC),
	}
	want := `{"a":[],"m":{"x":2.0,"y":null},"t":"2026-01-02T03:04:05.000006Z","z":{"b":"<&>","a":1.10}}`
	got, err := Marshal(in)
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
	if _, err := Marshal(map[string]any{"x": "\xff"}); err == nil {
		t.Error("text that is not UTF-8 was written")
	}
	if _, err := Marshal(stdjson.Number("1,0")); err == nil {
		t.Error("a number that is none was written")
	}
}

// value draws what Decode can yield.
func value(depth int) *rapid.Generator[any] {
	leaves := []*rapid.Generator[any]{
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		rapid.StringN(0, 8, -1).Filter(func(s string) bool { return !strings.Contains(s, "\x00") }).AsAny(),
		rapid.Map(rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?`),
			func(s string) any { return stdjson.Number(s) }),
	}
	if depth == 0 {
		return rapid.OneOf(leaves...)
	}
	list := rapid.Map(rapid.SliceOfN(value(depth-1), 0, 4), func(l []any) any { return l })
	object := rapid.Map(rapid.MapOfN(rapid.StringMatching(`[a-cA-C]{0,2}`), value(depth-1), 0, 4),
		func(m map[string]any) any { return m })
	return rapid.OneOf(append(leaves, list, object)...)
}

func TestWhatIsWrittenReadsBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := value(4).Draw(t, "value")
		data, err := Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(data)
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("%s: got %#v, want %#v", data, got, want)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.50,"x",null,true]}`, `{"a":1,"a":2}`, `"\ud800"`, `[[[]]]`, "{} {}", "1e400", strings.Repeat("[", 70), `{"a":"\u0000"}`, "\xef\xbb\xbf{}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Decode(data)
		if err != nil {
			refusedWithReason(t, data, err)
			return
		}
		agreesWithStandard(t, data, v)
		again, err := Marshal(v)
		if err != nil {
			t.Fatalf("%q was read and can not be written: %v", data, err)
		}
		if back, err := Decode(again); err != nil || !reflect.DeepEqual(v, back) {
			t.Fatalf("%q reads as %#v, and written as %q as %#v, %v", data, v, again, back, err)
		}
	})
}

// agreesWithStandard: whatever passes here means the same to the standard library.
func agreesWithStandard(t *testing.T, data []byte, v any) {
	t.Helper()
	dec := stdjson.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var std any
	if err := dec.Decode(&std); err != nil {
		t.Fatalf("%q passes here, and the standard library says %v", data, err)
	}
	if !reflect.DeepEqual(v, std) {
		t.Fatalf("%q reads as %#v here and as %#v in the standard library", data, v, std)
	}
}

// stricter are the reasons to refuse what the standard library takes.
var stricter = []string{"same name twice", "NUL", "UTF-8", "surrogate", "deeper than", "longer than"}

// refusedWithReason: whatever does not pass here and is JSON all the same has more than one reading, or breaks a bound.
func refusedWithReason(t *testing.T, data []byte, err error) {
	t.Helper()
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > int64(len(data)) || len(err.Error()) > 1000 {
		t.Fatalf("%q is refused with %#v", data, err)
	}
	if !stdjson.Valid(data) {
		return
	}
	if !slices.ContainsFunc(stricter, func(reason string) bool { return strings.Contains(syntax.Reason, reason) }) {
		t.Fatalf("%q is JSON to the standard library, and refused here: %v", data, err)
	}
}

// FuzzUnmarshal: a struct is filled with what Decode reads under exactly its names, and with nothing else.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{`{"amount":1.50}`, `{"Amount":1,"name":"x"}`, `{"name":null,"any":{"n":1e400}}`, `{"AMOUNT":2,"amount":1}`, `{"amount":"1"}`, `[]`, `{"amount":1}{}`} {
		f.Add([]byte(seed))
	}
	type thing struct {
		Amount stdjson.Number `json:"amount"`
		Name   *string        `json:"name"`
		Any    any            `json:"any"`
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Decode(data)
		members, ok := v.(map[string]any)
		var got thing
		if failed := Unmarshal(data, &got); failed != nil || err != nil || !ok {
			return
		}
		amount, _ := members["amount"].(stdjson.Number)
		if got.Amount != amount || !reflect.DeepEqual(got.Any, members["any"]) {
			t.Fatalf("%q reads as %v, and into a struct as %+v", data, members, got)
		}
		if name, isText := members["name"].(string); isText != (got.Name != nil) || isText && *got.Name != name {
			t.Fatalf("%q reads as %v, and into a struct as %+v", data, members, got)
		}
	})
}

var body = []byte(`{"client_id":"finqlink-demo","client_secret":"finqlink-demo-secret","single_transfer":{"amount":"125.50",` +
	`"currency":"RON","creditor_name":"Magazin Exemplu SRL","creditor_iban":"RO10RZBR0000069999999970","details":"Factura 1042"},` +
	`"options":{"type":"link","expires_in":604800,"user_editable":false},"tracking":{"customer_ref":"shop-17"}}`)

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}
