package attack

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// syntax wants that each of the bodies is refused as no JSON. What is asked of the answer is in the provider's own words,
// so only the control API is held to naming the place.
func syntax(t *testing.T, bodies ...string) {
	t.Helper()
	each(t, func(t *testing.T, d door) {
		for _, body := range bodies {
			got := d.send(t, []byte(body))
			if got.status != http.StatusBadRequest {
				t.Errorf("%.100q: %s", body, got)
			}
			if d.name == "control" && body != "" && !strings.Contains(got.body, "byte ") {
				t.Errorf("%.100q: the answer does not name the place: %s", body, got)
			}
		}
	})
}

func TestB1NoJSON(t *testing.T) {
	syntax(t, " ", "{", `{"a":1,}`, `{"a":1 /* b */}`, "{'a':1}", `{"a":NaN}`, `{"a":Infinity}`, `{"a":01}`, `{"a":+1}`, `{"a":.5}`, `{"a":1.}`, "{a:1}", "\x00", `{"a":"`+"\n"+`"}`, `{"a":"\x"}`)
	each(t, func(t *testing.T, d door) {
		if got := d.send(t, []byte{}); got.status != 400 && got.status != d.fields {
			t.Errorf("no body: %s", got)
		}
	})
}

func TestB2NoObject(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, body := range []string{"null", "[]", `"x"`, "1", "true", `[{"by":"1s"}]`} {
			if got := d.send(t, []byte(body)); got.status != d.shape {
				t.Errorf("%s: %s", body, got)
			}
		}
	})
}

func TestB3MoreThanOneValue(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, tail := range []string{" {}", "{}", ",", "]", "}", "\x00", " null", "//"} {
			if got := d.send(t, append(d.good(), tail...)); got.status != 400 {
				t.Errorf("%q: %s", tail, got)
			}
		}
	})
}

func TestB4KeysTwice(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		good := string(d.good())
		key, _, _ := strings.Cut(good[2:], `"`)
		for _, again := range []string{`,"` + key + `":null}`, fmt.Sprintf(`,"\u%04x%s":null}`, key[0], key[1:]), `,"x":{"a":1,"a":1}}`} {
			if got := d.send(t, []byte(strings.TrimSuffix(good, "}")+again)); got.status != 400 {
				t.Errorf("%s: %s", again, got)
			}
		}
	})
}

func TestB5Depth(t *testing.T) {
	const most = 100 * time.Millisecond // of the program's own time; a busy machine has twenty tries
	each(t, func(t *testing.T, d door) {
		for _, open := range []string{"[", `{"a":`} {
			took := patience
			for try := 0; try < 20 && took > most; try++ {
				began := time.Now()
				got := d.send(t, []byte(strings.Repeat(open, 100_000)))
				took = min(took, time.Since(began))
				if got.status != 400 {
					t.Fatalf("%s: %s", open, got)
				}
			}
			if took > most {
				t.Errorf("%s: it took %v", open, took)
			}
		}
	})
}

// TestB6Numbers: none is rounded, whatever it costs to write.
func TestB6Numbers(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, number := range []string{"1e1000000", strings.Repeat("9", 1<<19), "9007199254740993.5", "-1e-1000000"} {
			f := d.money
			f.value = json.RawMessage(number)
			if got := d.send(t, d.with(f)); got.status/100 != 4 {
				t.Errorf("%.30s: %s", number, got)
			}
		}
	})
}

// TestB6MoneyIsExact: what a double can not hold is refused by its bound, or kept to the last digit.
func TestB6MoneyIsExact(t *testing.T) {
	const big = "9007199254740993"
	d := named(t, "onelinkfintech")
	got := d.ask(t, "POST", "/v1/payments", []byte(`{"amount":`+big+`,"currency":"EUR","recipient":"rec_test_123"}`), d.lines()...)
	if got.status/100 == 2 && !strings.Contains(got.body, big) || strings.Contains(got.body, "9007199254740992") || got.status/100 == 5 {
		t.Errorf("the amount is rounded: %s", got)
	}
	d = named(t, "finqlink")
	if got := d.send(t, d.with(flaw{at: "single_transfer.amount", value: "999999999999.99"})); got.status != 200 {
		t.Errorf("the largest amount: %s", got)
	}
}

func named(t *testing.T, name string) door {
	t.Helper()
	for _, d := range doors {
		if d.name == name {
			return d
		}
	}
	t.Fatalf("there is no door %s", name)
	return door{}
}

func TestB7TextThatIsNone(t *testing.T) {
	var wide bytes.Buffer
	for _, unit := range utf16.Encode([]rune(`{"a":"b"}`)) {
		wide.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	syntax(t, "{\"a\":\"\xff\"}", "{\"\xc0\xaf\":1}", `{"a":"\ud800"}`, `{"a":"\udc00\ud800"}`, `{"a":"\u0000"}`, "{\"a\":\"\x00\"}", "\xef\xbb\xbf{}", wide.String(), "\xff\xfe"+wide.String(), "{\"a\":\"\xed\xa0\x80\"}")
}

// TestB8KeysOfAnotherCase are not those of the document: what they say is not heard.
func TestB8KeysOfAnotherCase(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		body := d.body(serial.Add(1))
		other := object{}
		for name, value := range body {
			other[strings.ToUpper(name[:1])+name[1:]] = value
		}
		if got := d.send(t, must(json.Marshal(other))); got.status/100 != 4 {
			t.Errorf("%v: %s", other, got)
		}
	})
}

func TestB9Types(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, media := range []string{"", "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/json;charset", "text/json", "*/*", "application/json, text/plain", "application/jsonx"} {
			if got := d.send(t, d.good(), "Content-Type: "+media); got.status != d.media {
				t.Errorf("%q: %s", media, got)
			}
		}
		if got := d.send(t, d.good(), "Content-Type: application/json", "Content-Type: text/plain"); got.status != d.media {
			t.Errorf("two types: %s", got)
		}
		if got := d.ask(t, "POST", d.post, d.good(), d.caller...); got.status != d.media {
			t.Errorf("no type: %s", got)
		}
		if got := d.send(t, d.good(), "Content-Type: Application/JSON; charset=\"UTF-8\""); got.status/100 != 2 {
			t.Errorf("a type that is spelt in its own way: %s", got)
		}
	})
}

// TestB10Encodings: nothing is inflated, not even where the header is hidden behind one that is fine.
func TestB10Encodings(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	for range 100 {
		must(w.Write(make([]byte, 100_000)))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, d door) {
		for _, lines := range [][]string{
			{"Content-Encoding: gzip"}, {"Content-Encoding: br"}, {"Content-Encoding: identity, gzip"}, {"Content-Encoding: identity", "Content-Encoding: gzip"}, {"Content-Encoding: x"},
			{"Content-Encoding: ", "Content-Encoding: deflate"},
		} {
			if got := d.send(t, bomb.Bytes(), lines...); got.status != d.media {
				t.Errorf("%v: %s", lines, got)
			}
		}
		if got := d.send(t, d.good(), "Content-Encoding: identity"); got.status/100 != 2 {
			t.Errorf("identity: %s", got)
		}
	})
}

func TestB11LongBodies(t *testing.T) {
	var members strings.Builder
	for i := range 1_000_000 {
		fmt.Fprintf(&members, `"%d":0,`, i)
	}
	each(t, func(t *testing.T, d door) {
		for name, body := range map[string]string{
			"a key of 1 MB": `{"` + strings.Repeat("k", 1<<20) + `":1}`, "a million members": "{" + members.String() + `"x":0}`,
			"a key within the bound": `{"` + strings.Repeat("k", 1<<19) + `":1}`, "blanks": strings.Repeat(" ", 2<<20) + "{}",
		} {
			statuses := []int{d.size}
			if len(body) <= 1<<20 {
				statuses = []int{d.fields, d.shape, 400, 401}
			}
			got := oneOf(t, name, say(t, request("POST", d.mount+d.post, []byte(body), d.lines()...)), statuses)
			d.hold(t, "POST", d.post, got)
		}
	})
}

// TestB12TextsThatMeanSomethingElsewhere are stored and shown as they are, and mean nothing here.
func TestB12TextsThatMeanSomethingElsewhere(t *testing.T) {
	const sharp = `{{template}} ${7*7} ../../etc/passwd <b>"'; DROP`
	d := named(t, "finqlink")
	made := d.send(t, d.with(flaw{at: "single_transfer.creditor_name", value: sharp}))
	var link struct {
		ID string `json:"link_id"`
	}
	if err := json.Unmarshal([]byte(made.body), &link); err != nil || made.status != 200 {
		t.Fatal(made, err)
	}
	var entity struct {
		Data json.RawMessage `json:"data"`
	}
	if err := house.Call(t.Context(), http.MethodGet, control+"/workspaces/default/entities/finqlink/link/"+link.ID, nil, &entity); err != nil {
		t.Fatal(err)
	}
	if want := string(must(json.Marshal(sharp))); !strings.Contains(unescaped(entity.Data), unescaped([]byte(want))) {
		t.Errorf("%s is kept as %s", sharp, entity.Data)
	}
	each(t, func(t *testing.T, d door) {
		for _, name := range []string{"__proto__", "constructor", "$ref", "toString", ""} {
			body := d.body(serial.Add(1))
			body[name] = object{"$ref": "#/components", "polluted": true}
			got := d.send(t, must(json.Marshal(body)))
			if strange := got.status/100 != 2; strange != d.strange || strange && got.status != d.fields {
				t.Errorf("%s: %s", name, got)
			}
		}
	})
}

// unescaped spells what one writer of JSON escapes and another does not.
func unescaped(data []byte) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(data))
}
