package provider

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/intake"
	"github.com/mockbank/mockbank/internal/problem"
)

func fields(n int) string {
	var pairs []string
	for i := range n {
		pairs = append(pairs, fmt.Sprintf("f%d=", i))
	}
	return strings.Join(pairs, "&")
}

func TestDecodeForm(t *testing.T) {
	tests := map[string]struct {
		raw  string
		want map[string]any
	}{
		"nothing":                {"", map[string]any{}},
		"fields":                 {"a=1&b=2", map[string]any{"a": "1", "b": "2"}},
		"escapes":                {"a+b=%C3%A4+%26%3D%2B", map[string]any{"a b": "ä &=+"}},
		"no value":               {"a&b=", map[string]any{"a": "", "b": ""}},
		"an equals sign within":  {"a=b=c", map[string]any{"a": "b=c"}},
		"empty pairs":            {"&a=1&&", map[string]any{"a": "1"}},
		"no name":                {"=1", map[string]any{"": "1"}},
		"a semicolon is no pair": {"a=1;b=2", map[string]any{"a": "1;b=2"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := decodeForm(tt.raw)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(any(tt.want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got, err := decodeForm(fields(MaxFields)); err != nil || len(got.(map[string]any)) != MaxFields {
		t.Errorf("as many fields as may be: %v", err)
	}
}

func TestDecodeFormRefuses(t *testing.T) {
	tests := map[string]struct{ raw, code string }{
		"a field twice":            {"a=1&b=2&a=1", "repeated_field"},
		"a field twice, escaped":   {"a=1&%61=2", "repeated_field"},
		"a lone percent":           {"a=%", "invalid_form"},
		"no digits":                {"a=%zz", "invalid_form"},
		"an ill name":              {"%zz=1", "invalid_form"},
		"bytes that are no text":   {"a=%FF", "invalid_form"},
		"a zero byte":              {"a=%00", "invalid_form"},
		"a zero byte in the name":  {"%00=a", "invalid_form"},
		"raw bytes of no text":     {"a=\xff", "invalid_form"},
		"one field too many":       {fields(MaxFields + 1), "too_many_fields"},
		"separators and no fields": {strings.Repeat("&", 10_000), "too_many_fields"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := decodeForm(tt.raw)
			if !problem.Is(err, problem.Malformed) || problem.From(err).Code != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
}

// TestARepeatedFieldIsShownTamed: its name is a stranger's text.
func TestARepeatedFieldIsShownTamed(t *testing.T) {
	name := url.QueryEscape("\x1b[31m\n" + strings.Repeat("ä", 100))
	_, err := decodeForm(name + "=1&" + name + "=2")
	message := problem.From(err).Message
	if strings.ContainsAny(message, "\x1b\n") || utf8.RuneCountInString(message) > 100 || !utf8.ValidString(message) {
		t.Errorf("the message is %q", message)
	}
}

func FuzzDecodeForm(f *testing.F) {
	for _, seed := range []string{"", "a=1&b=2", "a+b=%C3%A4", "&&", "=", "a=%zz", "a=1&a=2", "%00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := decodeForm(raw)
		if err != nil {
			if !problem.Is(err, problem.Malformed) {
				t.Errorf("refused with %v", err)
			}
			return
		}
		agreesWithStandard(t, raw, got.(map[string]any))
		again := url.Values{}
		for name, value := range got.(map[string]any) {
			text := value.(string)
			if !intake.IsText(name) || !intake.IsText(text) {
				t.Errorf("took %q=%q", name, text)
			}
			again.Set(name, text)
		}
		// What was read and is written again reads the same.
		back, err := decodeForm(again.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, back); diff != "" {
			t.Error(diff)
		}
	})
}

// agreesWithStandard: what is taken means the same to the standard library, which refuses a semicolon.
func agreesWithStandard(t *testing.T, raw string, got map[string]any) {
	t.Helper()
	want, err := url.ParseQuery(raw)
	if err != nil && strings.Contains(raw, ";") {
		return
	}
	if err != nil || len(want) != len(got) {
		t.Fatalf("%q is %v, and to the standard library %v, %v", raw, got, want, err)
	}
	for name, values := range want {
		if len(values) != 1 || got[name] != values[0] {
			t.Fatalf("%q: %q is %v, and to the standard library %v", raw, name, got[name], values)
		}
	}
}

func TestDecodeByMedia(t *testing.T) {
	if _, err := decode(mediaJSON, nil); problem.From(err).Code != "empty_body" {
		t.Errorf("no body: %v", err)
	}
	_, err := decode(mediaJSON, []byte(`{"a":[1,}`))
	if p := problem.From(err); p.Code != "invalid_json" || !strings.HasPrefix(p.Pointer, "/a") {
		t.Errorf("broken JSON: %v at %q", err, p.Pointer)
	}
	if v, err := decode(mediaForm, nil); err != nil || v == nil {
		t.Errorf("an empty form: %v, %v", v, err)
	}
}

// TestPayloadIsDecodedOnce, and Bind sees what Normalise made of it.
func TestPayloadIsDecodedOnce(t *testing.T) {
	p := Payload{Media: mediaJSON, Raw: []byte(`{"name":"a"}`)}
	first, err := p.Decode()
	if err != nil {
		t.Fatal(err)
	}
	first.(map[string]any)["seen"] = true
	if second, _ := p.Decode(); second.(map[string]any)["seen"] != true {
		t.Error("it was decoded twice")
	}
	var into struct {
		Name string `json:"name"`
	}
	if err := p.bind(&into); err != nil || into.Name != "a" {
		t.Errorf("as sent: %+v, %v", into, err)
	}
	p.Normalise(map[string]any{"name": "b"})
	if err := p.bind(&into); err != nil || into.Name != "b" {
		t.Errorf("as normalised: %+v, %v", into, err)
	}
	form := Payload{Media: mediaForm, Raw: []byte("name=c")}
	if _, err := form.Decode(); err != nil {
		t.Fatal(err)
	}
	if err := form.bind(&into); err != nil || into.Name != "c" {
		t.Errorf("of a form: %+v, %v", into, err)
	}
}
