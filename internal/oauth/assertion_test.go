package oauth

import (
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/keys"
)

func TestAssertionsTaken(t *testing.T) {
	demo := pair("demo", keys.RS256)
	seconds := func(d time.Duration) string { return fmt.Sprint(wall.Add(d).Unix()) }
	for name, changes := range map[string][]string{
		"as documented":          nil,
		"aud is the issuer":      {"aud", `"` + issuer + `"`},
		"aud in its real form":   {"aud", `"https://finqware.okta.com/oauth2/ausfqbxutkZBUKUgQ417/v1/token"`},
		"aud in an array":        {"aud", `["https://elsewhere.example","` + tokenURL + `"]`},
		"no iat, no nbf":         {"iat", ""},
		"iat 8 s ahead":          {"iat", seconds(8 * time.Second)},
		"nbf 60 s ahead":         {"nbf", seconds(60 * time.Second)},
		"iat long ago":           {"iat", "1"},
		"exp in a second":        {"exp", seconds(time.Second)},
		"exp in a day":           {"exp", seconds(MaxAssertionLife)},
		"exp with a fraction":    {"exp", seconds(time.Hour) + ".25"},
		"exp as an exponent":     {"exp", fmt.Sprintf("%.9e", float64(wall.Add(time.Hour).Unix()))},
		"claims of another kind": {"https://example.com/x", `{"y":[1,{"iss":"z"}]}`},
	} {
		form := asserted("demo", forge(t, demo, header(demo), claimsOf(t, "demo", changes...)))
		if g, err := bench(t).Grant(Request{Form: form}, wall); err != nil || g.Client.ID != "demo" {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
	es := pair("es", keys.ES256)
	form := asserted("es", forge(t, es, header(es), claimsOf(t, "es")))
	if _, err := bench(t).Grant(Request{Form: form}, wall); err != nil {
		t.Errorf("ES256: %v", err)
	}
}

// refused posts an assertion of demo and wants invalid_client, without the assertion being used up.
func refused(t *testing.T, name, assertion string) *Error {
	t.Helper()
	e := bench(t)
	replay := &ledger{}
	e.Replay = replay
	g, err := e.Grant(Request{Form: asserted("demo", assertion)}, wall)
	refusal := wantRefusal(t, name, g, err, 400, InvalidClient)
	if len(replay.used) > 0 {
		t.Errorf("%s: a refused assertion was used up", name)
	}
	if len(refusal.Description) > 400 {
		t.Errorf("%s: the answer repeats the input: %.300s", name, refusal.Description)
	}
	return refusal
}

// E1 to E5, E15, E16: what the header says opens nothing.
func TestHeadersRefused(t *testing.T) {
	demo, other, es := pair("demo", keys.RS256), pair("other", keys.RS256), pair("es", keys.ES256)
	attacker := pair("attacker", keys.RS256)
	jwk, err := json.Marshal(attacker.Public().JWK())
	if err != nil {
		t.Fatal(err)
	}
	claims, kid := claimsOf(t, "demo"), demo.Kid()
	with := func(alg, more string) string { return `{"alg":` + alg + `,"kid":"` + kid + `"` + more + `}` }
	kidded := func(value string) string { return `{"alg":"RS256","kid":` + value + `}` }
	for name, c := range map[string]struct {
		key    keys.Key
		header string
	}{
		"none": {demo, with(`"none"`, "")}, "None": {demo, with(`"None"`, "")}, "nOnE": {demo, with(`"nOnE"`, "")}, "no name": {demo, with(`""`, "")},
		"PS256 said": {demo, with(`"PS256"`, "")}, "RS512 said": {demo, with(`"RS512"`, "")}, "rs256": {demo, with(`"rs256"`, "")},
		"ES256 with its kid": {es, with(`"ES256"`, "")}, "alg number": {demo, with("256", "")}, "alg array": {demo, with(`["RS256"]`, "")},
		"alg of 10 kB": {demo, with(`"`+strings.Repeat("R", 10_000)+`"`, "")}, "alg null": {demo, with("null", "")},
		"jwk": {attacker, with(`"RS256"`, `,"jwk":`+string(jwk))}, "jku": {attacker, with(`"RS256"`, `,"jku":"http://127.0.0.1:1/jwks"`)},
		"x5u": {attacker, with(`"RS256"`, `,"x5u":"http://127.0.0.1:1/cert"`)}, "x5c": {attacker, with(`"RS256"`, `,"x5c":["AAAA"]`)},
		"own jwk and kid": {attacker, `{"alg":"RS256","kid":"` + attacker.Kid() + `","jwk":` + string(jwk) + `}`},
		"kid URL":         {attacker, kidded(`"http://127.0.0.1:1/key"`)},
		"kid unknown":     {demo, kidded(`"nope"`)}, "kid path": {demo, kidded(`"../../../../dev/null"`)}, "kid SQL": {demo, kidded(`"' OR '1'='1"`)},
		"kid NUL": {demo, kidded(`"` + kid + `\u0000"`)}, "kid case": {demo, kidded(`"` + strings.ToUpper(kid) + `"`)}, "kid empty": {demo, kidded(`""`)},
		"kid prefix": {demo, kidded(`"` + kid[:31] + `"`)}, "kid 100 kB": {demo, kidded(`"` + strings.Repeat("k", 100_000) + `"`)},
		"kid number": {demo, kidded("1")}, "kid array": {demo, kidded(`["` + kid + `"]`)}, "kid missing": {demo, `{"alg":"RS256"}`},
		"crit": {demo, with(`"RS256"`, `,"crit":["exp"]`)}, "b64": {demo, with(`"RS256"`, `,"b64":false,"crit":["b64"]`)},
		"another client's key, own kid": {other, header(other)}, "another client's key, demo's kid": {other, with(`"RS256"`, "")},
	} {
		refused(t, name, forge(t, c.key, c.header, claims))
	}
}

func TestRefusalsBeforeTheProofLookAlike(t *testing.T) {
	demo, other := pair("demo", keys.RS256), pair("other", keys.RS256)
	seen := map[string]bool{}
	for name, c := range map[string]struct {
		client string
		key    keys.Key
		header string
	}{
		"unknown client": {"nobody", demo, header(demo)}, "keyless client": {"keyless", demo, header(demo)},
		"unknown kid": {"demo", demo, `{"alg":"RS256","kid":"x"}`}, "wrong key": {"demo", other, header(demo)},
		"wrong alg": {"demo", demo, `{"alg":"PS256","kid":"` + demo.Kid() + `"}`}, "long id": {strings.Repeat("x", 1e5), demo, header(demo)},
	} {
		form := asserted(c.client, forge(t, c.key, c.header, claimsOf(t, "demo")))
		g, err := bench(t).Grant(Request{Form: form}, wall)
		seen[wantRefusal(t, name, g, err, 400, InvalidClient).Description] = true
	}
	if len(seen) != 1 {
		t.Errorf("the answers differ: %v", seen)
	}
}

// E2
func TestHMACWithWhatIsPublic(t *testing.T) {
	public := pair("demo", keys.RS256).Public()
	der, err := x509.MarshalPKIXPublicKey(public.Key)
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := json.Marshal(public.JWK())
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string][]byte{
		"PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), "DER": der, "JWK": jwk,
		"modulus": public.Key.(*rsa.PublicKey).N.Bytes(), "client id": []byte("demo"), "client secret": []byte("s3cret"), "nothing": nil,
	} {
		input := b64([]byte(`{"alg":"HS256","kid":"`+public.Kid+`"}`)) + "." + b64([]byte(claimsOf(t, "demo")))
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(input))
		refused(t, "HS256 with "+name, input+"."+b64(mac.Sum(nil)))
	}
}

// E6 to E9, E12, E14
func TestClaimsRefused(t *testing.T) {
	demo := pair("demo", keys.RS256)
	seconds := func(d time.Duration) string { return fmt.Sprint(wall.Add(d).Unix()) }
	rows := map[string]string{}
	add := func(name string, changes ...string) { rows[name] = claimsOf(t, "demo", changes...) }
	for _, claim := range []string{"iss", "sub", "aud", "exp", "jti"} {
		add(claim+" missing", claim, "")
		if claim != "jti" {
			add(claim+" of another", claim, `"other"`)
		}
		for _, value := range []string{"null", "[]", "{}", "true", `""`, "-1", "1e400", "[5]", "0"} {
			add(claim+" "+value, claim, value)
		}
	}
	for _, aud := range []string{tokenURL + "/", tokenURL[:len(tokenURL)-1], strings.ToUpper(tokenURL), "https://elsewhere.example", " " + tokenURL, tokenURL + "#", issuer + "/"} {
		add("aud "+aud, "aud", `"`+aud+`"`)
	}
	add("aud with a number beside it", "aud", `["`+tokenURL+`",5]`)
	add("aud in an array of arrays", "aud", `[["`+tokenURL+`"]]`)
	add("aud in an object", "aud", `{"x":"`+tokenURL+`"}`)
	add("exp now", "exp", seconds(0))
	add("exp a text", "exp", `"`+seconds(time.Hour)+`"`)
	add("exp in ten years", "exp", seconds(87600*time.Hour))
	add("exp a second too far", "exp", seconds(MaxAssertionLife+time.Second))
	add("exp in milliseconds", "exp", seconds(time.Hour)+"000")
	for _, claim := range []string{"nbf", "iat"} {
		add(claim+" 90 s ahead", claim, seconds(90*time.Second))
		add(claim+" 61 s ahead", claim, seconds(61*time.Second))
		for _, value := range []string{"null", `"` + seconds(0) + `"`, "[]", "-5", "1e400"} {
			add(claim+" "+value, claim, value)
		}
	}
	add("jti of 1 kB", "jti", `"`+strings.Repeat("j", 1000)+`"`)
	good := claimsOf(t, "demo")
	rows["Iss"] = strings.Replace(good, `"iss"`, `"Iss"`, 1)
	rows["iss and ISS"] = strings.Replace(good, `{`, `{"ISS":"other",`, 1)
	rows["aud twice"] = strings.Replace(good, `{`, `{"aud":"x",`, 1)
	rows["exp twice, escaped"] = strings.Replace(good, `{`, `{"\u0065xp":1,`, 1)
	rows["jti twice below"] = strings.Replace(good, `{`, `{"x":{"jti":1,"jti":2},`, 1)
	rows["null"], rows["array"], rows["not JSON"], rows["number"] = "null", "[]", "exp=1", "1"
	rows["trailing bytes"], rows["two objects"] = good+"x", good+good
	rows["50,000 deep"] = strings.Repeat(`{"a":`, 50_000)
	rows["12,000 deep"] = `{"a":` + strings.Repeat("[", 12_000)
	rows["1 MB"] = strings.Replace(good, `{`, `{"x":"`+strings.Repeat("x", 1<<20)+`",`, 1)
	for name, payload := range rows {
		refused(t, name, forge(t, demo, header(demo), payload))
	}
}

// E13
func TestFormsRefused(t *testing.T) {
	demo := pair("demo", keys.RS256)
	good := forge(t, demo, header(demo), claimsOf(t, "demo"))
	parts := strings.Split(good, ".")
	for name, assertion := range map[string]string{
		"padding": good + "=", "padded payload": parts[0] + "." + parts[1] + "=." + parts[2], "line break": good + "\n",
		"line break within": parts[0] + "\n." + parts[1] + "." + parts[2], "trailing dot": good + ".", "two segments": parts[0] + "." + parts[1],
		"four segments": good + "." + parts[2], "five segments": good + "." + parts[1] + "." + parts[2], "plain base64": good[:len(good)-4] + "+/+/",
		"JSON serialisation": `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"no signature":       parts[0] + "." + parts[1] + ".", "cut signature": good[:len(good)-8], "junk": "x", "20 MB": strings.Repeat("A", 20<<20),
	} {
		refused(t, name, assertion)
	}
}

// The answer says which time the server went by.
func TestI9TimesAreNamed(t *testing.T) {
	demo := pair("demo", keys.RS256)
	for _, changes := range [][]string{{"exp", "1"}, {"exp", "9999999999"}, {"iat", "9999999999"}, {"nbf", "9999999999"}} {
		e := refused(t, changes[0], forge(t, demo, header(demo), claimsOf(t, "demo", changes...)))
		if !strings.Contains(e.Description, "wall clock") || !strings.Contains(e.Description, "2026-11-20T12:00:00Z") {
			t.Errorf("%v: %s", changes, e.Description)
		}
	}
}

// E10
func TestAssertionWorksOnce(t *testing.T) {
	e, demo := bench(t), pair("demo", keys.RS256)
	form := asserted("demo", forge(t, demo, header(demo), claimsOf(t, "demo")))
	var granted atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := e.Grant(Request{Form: form}, wall); err == nil {
				granted.Add(1)
			}
		})
	}
	all.Wait()
	if granted.Load() != 1 {
		t.Errorf("20 posts of one assertion were granted %d times", granted.Load())
	}
	other := pair("other", keys.RS256)
	form = asserted("other", forge(t, other, header(other), claimsOf(t, "other")))
	if _, err := e.Grant(Request{Form: form}, wall); err != nil {
		t.Errorf("the jti of one client is used up for another: %v", err)
	}
}

// E11
func TestForgerCannotUseUpAnHonestAssertion(t *testing.T) {
	e, demo := bench(t), pair("demo", keys.RS256)
	honest := forge(t, demo, header(demo), claimsOf(t, "demo"))
	bad := []string{
		honest[:strings.LastIndexByte(honest, '.')] + "." + b64(make([]byte, 256)),
		forge(t, pair("other", keys.RS256), header(demo), claimsOf(t, "demo")),
		forge(t, demo, header(demo), claimsOf(t, "demo", "exp", "1")),
	}
	for _, assertion := range bad {
		_, err := e.Grant(Request{Form: asserted("demo", assertion)}, wall)
		if refusal := (*Error)(nil); !errors.As(err, &refusal) {
			t.Fatalf("the bad one: %v", err)
		}
	}
	misspelt := asserted("demo", honest)
	misspelt["scope"] = "pay-by-link"
	if _, err := e.Grant(Request{Form: misspelt}, wall); err == nil {
		t.Fatal("a misspelt scope was granted")
	}
	if _, err := e.Grant(Request{Form: asserted("demo", honest)}, wall); err != nil {
		t.Errorf("the honest one: %v", err)
	}
}

// E16
func TestAccessTokenIsNoAssertion(t *testing.T) {
	token := mint(t, NewTokens(8), Order{Issuer: "demo", Audience: tokenURL, Grant: Grant{Client: Client{ID: "demo"}}, Lifetime: time.Hour})
	refused(t, "access token", token)
}

func TestProfileFAPI2(t *testing.T) {
	fapi, rs := pair("fapi", keys.ES256), pair("fapi-rs", keys.RS256)
	post := func(client string, key keys.Key, aud string) error {
		_, err := bench(t).Grant(Request{Form: asserted(client, forge(t, key, header(key), claimsOf(t, client, "aud", aud)))}, wall)
		return err
	}
	quoted := `"` + issuer + `"`
	for _, aud := range []string{quoted, `[` + quoted + `]`} {
		if err := post("fapi", fapi, aud); err != nil {
			t.Errorf("aud %s: %v", aud, err)
		}
	}
	for _, aud := range []string{`"` + tokenURL + `"`, `[` + quoted + `,"` + tokenURL + `"]`, `[` + quoted + `,` + quoted + `]`, `[]`} {
		if err := post("fapi", fapi, aud); err == nil {
			t.Errorf("aud %s passes", aud)
		}
	}
	if err := post("fapi-rs", rs, quoted); err == nil {
		t.Error("RS256 passes")
	}
}

func FuzzAssertion(f *testing.F) {
	demo := pair("demo", keys.RS256)
	f.Add(header(demo), claimsOf(f, "demo"))
	f.Add(`{"alg":"none"}`, `{}`)
	f.Add(header(demo), claimsOf(f, "demo", "aud", `["`+issuer+`"]`, "exp", "1.8e9"))
	f.Add(`{"alg":"RS256","alg":"none"}`, claimsOf(f, "demo", "nbf", "0"))
	f.Add(header(demo), claimsOf(f, "demo", "aud", `["x","`+tokenURL+`"]`, "jti", `"\u0000"`))
	f.Add(`{"alg":"HS256","kid":"`+demo.Kid()+`","jku":"http://127.0.0.1:1/"}`, claimsOf(f, "demo", "iss", `"other"`))
	f.Fuzz(func(t *testing.T, head, payload string) {
		e := bench(t)
		signed, err := e.Grant(Request{Form: asserted("demo", forge(t, demo, head, payload))}, wall)
		var refusal *Error
		if err != nil && !errors.As(err, &refusal) {
			t.Fatalf("neither granted nor refused: %v", err)
		}
		if err == nil && signed.Client.ID != "demo" {
			t.Fatalf("granted to %q", signed.Client.ID)
		}
		if err == nil {
			// What the standard reader understands must be what was judged.
			var c struct {
				Iss, Sub, Jti string
				Exp           float64
			}
			if json.Unmarshal([]byte(payload), &c) != nil || c.Iss != "demo" || c.Sub != "demo" || c.Jti == "" || c.Exp <= float64(wall.Unix()) {
				t.Fatalf("two readers differ over %q: %+v", payload, c)
			}
		}
		if strict, err := bench(t).Grant(Request{Form: asserted("fapi-rs", forge(t, pair("fapi-rs", keys.RS256), head, payload))}, wall); err == nil {
			t.Fatalf("RS256 is granted under fapi2: %v", strict)
		}
		unsigned := b64([]byte(head)) + "." + b64([]byte(payload)) + "." + b64(make([]byte, 256))
		if _, err := bench(t).Grant(Request{Form: asserted("demo", unsigned)}, wall); err == nil {
			t.Fatal("granted without a signature")
		}
	})
}
