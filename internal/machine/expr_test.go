package machine

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// testScope is what the expressions of a loan see.
func testScope() *scope {
	l := linker{facts: facts(), out: &defects{}, captures: []string{"code"}, raw: &rawFile{machine: &rawMachine{
		states: []rawState{{name: word{text: "asked"}}},
	}}}
	return l.newScope()
}

func TestValue(t *testing.T) {
	env := Env{
		Entity: map[string]any{
			"ref": "r1", "amount": "12.50", "count": json.Number("9007199254740993"), "share": json.Number("0.5"),
			"open": true, "account": nil, "accounts": []any{map[string]any{"number": "1"}}, "paid_at": "2026-01-16T12:00:00Z",
			"extra": map[string]any{"n": json.Number("3"), "f": json.Number("1e2"), "deep": []any{json.Number("4")}},
		},
		Client: map[string]any{"number": "c"}, Request: map[string]any{"x": "y"},
		Settings: map[string]any{"limit": json.Number("20"), "free": "z"},
		Input:    map[string]string{"code": "07"}, Now: noon, Visits: map[string]int{"asked": 2}, State: "asked", IdempotencyKey: "k-1",
	}
	tests := map[string]any{
		"entity.ref":                          "r1",
		"entity.amount == '12.50'":            true,
		"entity.count":                        9007199254740993,
		"entity.count + 1 > 0":                true,
		"entity.share < 1":                    true,
		"entity.account.number":               "",
		"entity?.account?.number":             "",
		"entity.accounts[0].number":           "1",
		"len(entity.accounts)":                1,
		"entity.extra.n":                      3,
		"entity.extra.f":                      100.0,
		"entity.extra.deep[0] == 4":           true,
		"entity.parent.parent.note":           "",
		"entity.paid_at == now":               true,
		"entity.expires_at.IsZero()":          true,
		"now + 1d2h":                          noon.Add(26 * time.Hour),
		"'1s 2d' + `3h` + \"4m\"":             "1s 2d3h4m",
		"duration('1d') == 24h":               true,
		"1bd":                                 Span{Days: 1},
		"client.number":                       "c",
		"request.x":                           "y",
		"settings.limit > 10":                 true,
		"settings.calendar":                   "",
		"settings.tell_created":               false,
		"settings.free":                       "z",
		"input.code":                          "07",
		"visits.asked > 1":                    true,
		"state in ['asked']":                  true,
		"upper(entity.ref) matches '^R[0-9]'": true,
		"idempotency_key":                     "k-1",
		"minute(now + 59s)":                   "2026-01-16T12:00Z",
		"minute(entity.paid_at + 60s)":        "2026-01-16T12:01Z",
		"idempotency_key == '' ? minute(now) : idempotency_key": "k-1",
	}
	scope := testScope()
	for source, want := range tests {
		e, err := scope.expr(source, unknown)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := e.Value(env); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s gives %#v, %v; want %#v", source, got, err, want)
		}
	}
}

func TestExpressionsThatFailWhenEvaluated(t *testing.T) {
	tests := map[string]string{
		"request.a.b":                     "can not be evaluated",
		"request.text":                    "gives string where true or false is due",
		"entity.accounts[7].number == ''": "can not be evaluated",
		"int(entity.amount) == 1":         "can not be evaluated",
		"entity.ref matches request.text": "can not be evaluated",
		"duration(request.text) > 1s":     "can not be evaluated",
		"minute(request.text) > ''":       "can not be evaluated",
	}
	for source, want := range tests {
		e, err := testScope().expr(source, truth)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		_, err = e.Bool(Env{Request: map[string]any{"text": "("}, Entity: map[string]any{"amount": "x"}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", source, err, want)
		}
	}
}

func TestTextOfUnknownType(t *testing.T) {
	e, err := testScope().expr("request.x", text)
	if err != nil {
		t.Fatal(err)
	}
	for v, want := range map[any]string{nil: "", "": "", "a": "a"} {
		if got, err := e.Text(Env{Request: map[string]any{"x": v}}); err != nil || got != want {
			t.Errorf("the text %v: %q, %v", v, got, err)
		}
	}
	if _, err := e.Text(Env{Request: map[string]any{"x": true}}); err == nil {
		t.Error("true passes for a text")
	}
	if got, err := (*Expr)(nil).Text(Env{}); got != "" || err != nil {
		t.Errorf("no expression: %q, %v", got, err)
	}
}

func TestTimeAndDurationOfUnknownType(t *testing.T) {
	scope := testScope()
	compile := func(source string, want class) *Expr {
		t.Helper()
		e, err := scope.expr(source, want)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	env := func(v any) Env { return Env{Request: map[string]any{"x": v}} }
	at := compile("request.x", instant)
	for v, ok := range map[any]bool{nil: true, "": true, "2026-01-16T12:00:00Z": true, "tomorrow": false, 5: false} {
		if _, err := at.Time(env(v)); (err == nil) != ok {
			t.Errorf("the time %v: %v", v, err)
		}
	}
	span := compile("request.x", length)
	for v, ok := range map[any]bool{"60s": true, "2bd": false, "60": false, nil: false} {
		if _, err := span.Duration(env(v)); (err == nil) != ok {
			t.Errorf("the duration %v: %v", v, err)
		}
	}
	if _, err := compile("duration('36500d') + 24h", length).Duration(Env{}); err == nil {
		t.Error("more than 100 years pass")
	}
}

// What an expression is run with never holds a nil where its type promises something, whatever the entity holds.
func TestTypedMembersAreNeverNil(t *testing.T) {
	s := shapeOf(reflect.TypeFor[loan](), 0)
	junk := rapid.OneOf(
		rapid.Just[any](nil), rapid.Just[any]("text"), rapid.Just[any](true), rapid.Just[any](json.Number("1e400")),
		rapid.Just[any](json.Number("7")), rapid.Just[any]([]any{nil}), rapid.Just[any](map[string]any{"number": nil}),
	)
	rapid.Check(t, func(t *rapid.T) {
		entity := map[string]any{}
		for name := range s.members {
			if rapid.Bool().Draw(t, "has "+name) {
				entity[name] = junk.Draw(t, name)
			}
		}
		noNil(t, s, s.value(entity), "entity")
	})
}

func noNil(t *rapid.T, s *shape, v any, path string) {
	if v == nil && s.class != unknown {
		t.Fatalf("%s is nil", path)
	}
	for name, member := range s.members {
		noNil(t, member, v.(map[string]any)[name], path+"."+name)
	}
}

func TestMembersOfAStruct(t *testing.T) {
	got := map[string]string{}
	for name, member := range shapeOf(reflect.TypeFor[loan](), 0).members {
		got[name] = string(member.class)
	}
	want := map[string]string{
		"ref": "text", "amount": "text", "note": "text", "count": "a whole number", "share": "a number",
		"open": "true or false", "account": "an object", "accounts": "a list", "extra": "an object", "parent": "an object",
		"paid_at": "a time", "expires_at": "a time",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A place in the rewritten text leads back to the same character of the original.
func TestPlacesSurviveSpellingOut(t *testing.T) {
	pieces := []string{"entity.a", " ", "40s", "2bd", "'5m'", "+", "1h30m", "é", "x1d", "12"}
	rapid.Check(t, func(t *rapid.T) {
		source := strings.Join(rapid.SliceOf(rapid.SampledFrom(pieces)).Draw(t, "pieces"), " ")
		in := []rune(source)
		s, err := spellOut(in)
		if err != nil {
			t.Fatal(err)
		}
		inCall := func(at int) bool {
			for _, e := range s.edits {
				if at >= e.from && at < e.to {
					return true
				}
			}
			return false
		}
		for at, r := range []rune(s.source) {
			if o := s.origin(at); !inCall(at) && in[o] != r {
				t.Fatalf("character %d of %q is %c, and %d of %q is %c", at, s.source, r, o, source, in[o])
			}
		}
	})
}

func FuzzCompile(f *testing.F) {
	for _, source := range []string{"entity.amount == '1'", "now + 40s", "2bd", "((((", "entity?.a", "'\\", "let x = 1; x", "1..9", "a ? b : c"} {
		f.Add(source)
	}
	scope := testScope()
	f.Fuzz(func(t *testing.T, source string) {
		e, err := scope.expr(source, unknown)
		if err == nil {
			_, _ = e.Value(Env{Now: noon})
			return
		}
		bad, ok := err.(*badExpr)
		if !ok || bad.at < 0 || bad.at > len([]rune(source)) || bad.message == "" {
			t.Errorf("%q: %#v", source, err)
		}
	})
}
