package spec

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/strictjson"
)

func TestHostileBodiesAreJudgedQuickly(t *testing.T) {
	op := operation(t, things(t), "createAV1")
	for name, body := range map[string]string{
		"a hundred thousand wrong items": `{"list":[` + strings.Repeat(`1,`, 100_000) + `1]}`,
		"unknown members":                `{` + members(20_000) + `}`,
		"wrong members":                  `{"more":{` + members(20_000) + `}}`,
		"a megabyte of text":             `{"zulu":"` + strings.Repeat("a", 1<<20) + `"}`,
		"a number beyond all floats":     `{"mike":1e1000000,"amount":1e1000000}`,
		"a schema within itself, nested": strings.Repeat(`{"tree":{"left":`, 30) + `{}` + strings.Repeat(`}}`, 30),
	} {
		v := decode(t, body)
		begin := clock.System()
		vs := op.CheckBody("application/json", v)
		if took := clock.System().Sub(begin); took > 5*time.Second || len(vs) == 0 || len(vs) > MaxViolations {
			t.Errorf("%s: %d violations after %v", name, len(vs), took)
		}
	}
}

// members writes n members with names of their own.
func members(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"name%d":1`, i)
	}
	return b.String()
}

// FuzzCheckBody: no value makes a check panic, change the value, or say the same thing in two ways.
func FuzzCheckBody(f *testing.F) {
	doc := things(f)
	op := operation(f, doc, "createAV1")
	for _, seed := range []string{good, `{"list":[{},1,[]],"more":{"x":1e2},"tree":{"left":{"left":1}}}`, `[null]`, `{"a/b~c":1,"both":{"beta":0}}`, `{"":1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := strictjson.Decode(data)
		if err != nil {
			return
		}
		first := op.CheckBody("application/json", v)
		again := op.CheckBody("application/json", decode(t, string(data)))
		if !reflect.DeepEqual(first, again) {
			t.Fatalf("%s: %v, and then %v", data, first, again)
		}
		if untouched := decode(t, string(data)); !reflect.DeepEqual(v, untouched) {
			t.Fatalf("%s became %v", data, v)
		}
		for _, violation := range first {
			if violation.Rule == "" || violation.Message == "" || !utf8.ValidString(violation.Pointer) {
				t.Fatalf("%s: %+v", data, violation)
			}
		}
	})
}
