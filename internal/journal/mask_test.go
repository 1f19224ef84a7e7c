package journal

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/strictjson"
)

func TestSecretNames(t *testing.T) {
	m := newMask([]string{"cardExpiry"})
	for _, name := range []string{
		"client_secret", "clientSecret", "Client-Secret", "X-IBM-Client-Secret", "password", "psu_password", "X-Api-Key", "apiKey", "pin", "PIN", "otp",
		"access_token", "token", "client_assertion", "cardNumber", "card_number", "cvc", "cardCvc", "cvv2", "Authorization", "card-expiry",
	} {
		if !m.secret(name) {
			t.Errorf("%s is shown", name)
		}
	}
	for _, name := range []string{
		"client_id", "iban", "creditor_iban", "shipping", "company", "token_type", "client_assertion_type", "token_endpoint", "code", "amount", "",
		"Content-Type", "X-Request-ID", "spinning", "expiry",
	} {
		if m.secret(name) {
			t.Errorf("%s is hidden", name)
		}
	}
}

func TestHeadersAreMasked(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"Authorization", "Bearer abc.def", "Bearer ***"},
		{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("me:secret-7")), "Basic ***"},
		{"Authorization", "abcdef", "***"},
		{"Authorization", "my-secret is here", "***"},
		{"Cookie", "session=abc; lang=de", "session=***; lang=***"},
		{"Cookie", "abc", "***"},
		{"Set-Cookie", "session=abc; Path=/; HttpOnly", "session=***; Path=/; HttpOnly"},
		{"X-Api-Key", "sk_test", "***"},
		{"Content-Type", "application/json; charset=utf-8", "application/json; charset=utf-8"},
		{"Location", "https://shop.example/back?state=1&token=abc#access_token=def", "https://shop.example/back?state=1&token=***#access_token=***"},
	} {
		if got := newMask(nil).begin().header(tt.name, tt.value); got != tt.want {
			t.Errorf("%s: %s: got %s, want %s", tt.name, tt.value, got, tt.want)
		}
	}
}

func TestBodiesAreMasked(t *testing.T) {
	const form, jsonMedia = "application/x-www-form-urlencoded", "application/json"
	for name, tt := range map[string]struct{ media, body, want, note string }{
		"nothing":             {jsonMedia, ``, ``, ""},
		"a member":            {jsonMedia, `{ "client_id": "a", "client_secret" : "b", "n": 1.50 }`, `{ "client_id": "a", "client_secret" : "***", "n": 1.50 }`, ""},
		"deep down":           {jsonMedia, `{"a":[{"card":{"cardNumber":"4111","holder":"X"}}]}`, `{"a":[{"card":{"cardNumber":"***","holder":"X"}}]}`, ""},
		"a number":            {jsonMedia, `{"pin":1234,"amount":1234}`, `{"pin":"***","amount":1234}`, ""},
		"all below":           {jsonMedia, `{"password":{"old":"a","new":["b",1,true]}}`, `{"password":{"old":"***","new":["***","***",true]}}`, ""},
		"twice":               {jsonMedia, `{"pin":"1","pin":"2"}`, `{"pin":"***","pin":"***"}`, ""},
		"an escaped name":     {jsonMedia, `{"p\u0069n":"1"}`, `{"p\u0069n":"***"}`, ""},
		"an address in it":    {jsonMedia, `{"url":"http://a/?token=b&c=d"}`, `{"url":"http://a/?token=***&c=d"}`, ""},
		"a broken one":        {jsonMedia, `{"a":"b","client_secret":"c`, `{"a":"b","client_secret"`, "well-formed"},
		"two documents":       {jsonMedia, `{"pin":"1"} {"pin":"2"}`, `{"pin":"***"} {"pin":"***"}`, ""},
		"a bare one":          {jsonMedia, `"hello"`, `"hello"`, ""},
		"a form":              {form, `a=b&client_secret=c%20d&e`, `a=b&client_secret=***&e`, ""},
		"an escaped field":    {form, `p%69n=1`, `p%69n=***`, ""},
		"JSON called a form":  {form, `{"client_secret":"c","a":"b=c&d"}`, `{"client_secret":"***","a":"b=c&d"}`, ""},
		"prose called a form": {form, `my password is c`, ``, "may hold a secret"},
		"JSON without a type": {"", `{"pin":"1"}`, `{"pin":"***"}`, ""},
		"a text":              {"text/plain", `hello`, `hello`, ""},
		"a text with a name":  {"text/xml", `<Login><Password>c</Password></Login>`, ``, "may hold a secret"},
		"no text":             {"image/png", "\x89PNG\xff", ``, "no text"},
		"UTF-16":              {"text/plain", "p\x00i\x00n\x00", ``, "no text"},
	} {
		text, note := newMask(nil).begin().body(tt.media, []byte(tt.body))
		if text != tt.want || !strings.Contains(note, tt.note) || (note == "") != (tt.note == "") {
			t.Errorf("%s: got %s (%s), want %s (%s)", name, text, note, tt.want, tt.note)
		}
	}
}

// places are where a client may put a secret: each plants it in an entry.
var places = map[string]func(e *Entry, secret string){
	"basic": func(e *Entry, s string) {
		e.Request.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("me:"+s)))
	},
	"bearer":     func(e *Entry, s string) { e.Request.Header.Set("Authorization", "Bearer "+s) },
	"raw":        func(e *Entry, s string) { e.Request.Header.Set("Authorization", s) },
	"api key":    func(e *Entry, s string) { e.Request.Header.Set("X-Api-Key", s) },
	"cookie":     func(e *Entry, s string) { e.Request.Header.Set("Cookie", "a=b; session="+url.QueryEscape(s)) },
	"set-cookie": func(e *Entry, s string) { e.Reply.Header.Set("Set-Cookie", "session="+url.QueryEscape(s)+"; Path=/") },
	"query":      func(e *Entry, s string) { e.Query = "a=b&access_token=" + url.QueryEscape(s) },
	"referer": func(e *Entry, s string) {
		e.Request.Header.Set("Referer", "http://localhost/?token="+url.QueryEscape(s))
	},
	"json": func(e *Entry, s string) {
		e.Request.json(map[string]any{"a": []any{map[string]any{"client_secret": s}}})
	},
	"foreign": func(e *Entry, s string) { e.Request.json(map[string]any{"toyWord": s}) },
	"form": func(e *Entry, s string) {
		e.Request.text("application/x-www-form-urlencoded", url.Values{"a": {"b"}, "password": {s}}.Encode())
	},
	"broken":  func(e *Entry, s string) { e.Request.text("application/json", `{"a":1,"pin":`+written(s)+`,,`) },
	"half":    func(e *Entry, s string) { e.Request.text("application/json", `{"a":1,"pin":"`+quoted(s)) },
	"no type": func(e *Entry, s string) { e.Request.text("", `{"cardNumber":`+written(s)+`}`) },
	"xml":     func(e *Entry, s string) { e.Request.text("text/xml", "<Pin>"+s+"</Pin>") },
	"page":    func(e *Entry, s string) { e.Reply.text("text/html", `<input name="token" value="`+s+`">`) },
	"reply":   func(e *Entry, s string) { e.Reply.json(map[string]any{"access_token": s}) },
}

// echoes are where a secret that is known by its name may come back under none.
var echoes = []func(e *Entry, secret string){
	func(*Entry, string) {},
	func(e *Entry, s string) {
		e.Path, e.Whole = "/orders/"+url.PathEscape(s), "/toy/orders/"+url.PathEscape(s)
	},
	func(e *Entry, s string) { e.Query += "&note=" + url.QueryEscape(s) },
	func(e *Entry, s string) { e.Request.Header.Set("X-Note", s) },
	func(e *Entry, s string) { e.Client = s },
	func(e *Entry, s string) {
		e.Verdict = &Verdict{Step: "guard", Kind: problem.Refused, Message: "no client " + s, Diagnosis: "not " + s, Violations: []problem.Violation{{Pointer: "/" + s, Message: s}}}
	},
	func(e *Entry, s string) { e.Reply.text("text/plain", "you sent "+s) },
}

func (m *Message) text(media, body string) {
	m.Body, m.Length = []byte(body), int64(len(body))
	m.Header.Del("Content-Type")
	if media != "" {
		m.Header.Set("Content-Type", media)
	}
}

func (m *Message) json(body any) { m.text("application/json", written(body)) }

// TestNoSecretShows, in whatever place it was planted and wherever it comes back, in any view.
func TestNoSecretShows(t *testing.T) {
	names := make([]string, 0, len(places))
	for name := range places {
		names = append(names, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		secret := "s3" + rapid.StringMatching(`[A-Za-z0-9 _.~+/%&?#"'\\éß-]{5,20}`).Draw(t, "secret") + "z9"
		j := New(Config{Room: 1 << 20, Total: 1 << 20, Secrets: []string{"toy_word"}})
		e := called("create")
		e.Request.Header, e.Reply.Header = http.Header{}, http.Header{}
		place := rapid.SampledFrom(names).Draw(t, "place")
		rapid.SampledFrom(echoes).Draw(t, "echo")(e, secret)
		if places[place](e, secret); place == "page" || place == "xml" || place == "half" {
			e = without(e, secret, place) // There its value can not be told apart, so it is hidden with all around it.
		}
		j.Add("a", e)
		shows(t, j, secret)
	})
}

// without is an entry that holds the secret only in a place from which nobody can learn it.
func without(e *Entry, secret, place string) *Entry {
	clean := called("create")
	clean.Request.Header, clean.Reply.Header = http.Header{}, http.Header{}
	places[place](clean, secret)
	return clean
}

func shows(t *rapid.T, j *Journal, secret string) {
	v, _ := j.Get("a", 1)
	list, _ := j.List("a", Filter{}, 0, 1)
	match := &Match{Client: "another", Headers: map[string]string{"Authorization": "x", "X-Note": "y"}, Query: map[string]string{"note": "z", "access_token": "y"}, Body: map[string]any{"a": "b", "client_secret": "c", "password": "d"}}
	for name, view := range map[string]any{"view": v, "list": list, "archive": j.HAR("a", Filter{}, "test"), "proof": j.Verify("a", match, Times{Least: 1, Most: -1})} {
		data, err := strictjson.Marshal(view)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), quoted(secret)} {
			if text := quoted(form); strings.Contains(string(data), text) || strings.Contains(string(data), strings.ReplaceAll(text, `\u0026`, "&")) {
				t.Fatalf("the %s shows %q: %s", name, form, data)
			}
		}
	}
}

// FuzzJSONMask: what is shown of a JSON body is JSON again, and says the same but for its secrets.
func FuzzJSONMask(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, `{"pin":"x","b":[1,2,{"token":null}]}`, `[`, `"a`, `{"a":"\ud800"}`, "\xff", `{"url":"?token=1"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		shown, note := newMask(nil).begin().json(data)
		if _, err := strictjson.Decode(data); err != nil {
			return
		}
		if !json.Valid([]byte(shown)) || note != "" {
			t.Errorf("%s became %s (%s)", data, shown, note)
		}
		if again, _ := newMask(nil).begin().json([]byte(shown)); again != shown {
			t.Errorf("%s is masked again to %s", shown, again)
		}
	})
}
