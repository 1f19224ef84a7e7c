package keys

import (
	"bytes"
	"encoding/base64"
	"runtime"
	"strings"
	"testing"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/problem"
)

var limits = Limits{Header: 4 << 10, Payload: 16 << 10}

// The examples of RFC 7515, appendix A.2 and A.3.
const (
	rsaExample = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ." +
		"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
	rsaExampleKey = `{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}`
	ecExample     = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ." +
		"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
	ecExampleKey = `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
)

func mustKey(t *testing.T, text string) PublicKey {
	t.Helper()
	keys, err := ParsePublic([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return keys[0]
}

func mustParse(t *testing.T, compact string) *JWS {
	t.Helper()
	j, err := Parse(compact, limits)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestExamplesOfRFC7515(t *testing.T) {
	for alg, c := range map[Alg]struct{ compact, key string }{
		RS256: {rsaExample, rsaExampleKey},
		ES256: {ecExample, ecExampleKey},
	} {
		j, key := mustParse(t, c.compact), mustKey(t, c.key)
		if err := j.Verify(key, alg); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		claims, err := j.Claims("iss")
		if err != nil || claims["iss"] != "joe" {
			t.Errorf("%s: claims %v, %v", alg, claims, err)
		}
		j.Payload = []byte("{}") // Verify judges what was sent, whatever was made of it since
		j.input += "A"
		if err := j.Verify(key, alg); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("%s: a changed payload passes: %v", alg, err)
		}
	}
}

func TestSignaturesRepeatAndVerifyElsewhere(t *testing.T) {
	payload := []byte(`{"type":"link_status_update","status":"completed"}`)
	for _, alg := range []Alg{RS256, ES256, EdDSA} {
		key := webhooks.Key(1, alg)
		compact, err := Sign(key, payload)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := Sign(webhooks.Key(1, alg), payload); again != compact {
			t.Errorf("%s: two signatures of one payload differ", alg)
		}
		header, _ := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[0])
		if want := `{"alg":"` + string(alg) + `","kid":"` + key.Kid() + `"}`; string(header) != want {
			t.Errorf("header %s, want %s", header, want)
		}
		got, err := jws.Verify([]byte(compact), jws.WithKey(jwa.SignatureAlgorithm(alg), key.Public().Key))
		if err != nil || string(got) != string(payload) {
			t.Errorf("%s: jwx reads %q, %v", alg, got, err)
		}
		if err := mustParse(t, compact).Verify(key.Public(), alg); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
	}
}

func TestAnyPayloadComesBackByteForByte(t *testing.T) {
	key := webhooks.Key(1, ES256)
	rapid.Check(t, func(t *rapid.T) {
		payload := rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "payload")
		compact, err := Sign(key, payload)
		if err != nil {
			t.Fatal(err)
		}
		j, err := Parse(compact, limits)
		if err != nil || !bytes.Equal(j.Payload, payload) || j.Kid() != key.Kid() || j.Verify(key.Public(), ES256) != nil {
			t.Fatalf("%q came back as %+v, %v", payload, j, err)
		}
	})
}

// RFC 6979 appendix A.2.5, P-256 with SHA-256 and the message "sample".
func TestNonceOfRFC6979(t *testing.T) {
	key := rfc6979Key(t)
	got, err := Key{alg: ES256, signer: key}.sign([]byte("sample"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
	if hexed := strings.ToUpper(hexOf(got)); hexed != want {
		t.Errorf("signature %s", hexed)
	}
}

func TestSignRefuses(t *testing.T) {
	for name, key := range map[string]Key{"PS256": webhooks.Key(1, PS256), "no key": {}} {
		if compact, err := Sign(key, []byte("x")); err == nil {
			t.Errorf("%s: %s", name, compact)
		}
	}
}

// forge makes a JWS with a true signature under any header.
func forge(t *testing.T, key Key, header, payload string) string {
	t.Helper()
	input := b64([]byte(header)) + "." + b64([]byte(payload))
	signature, err := key.sign([]byte(input))
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64(signature)
}

// All of these carry a signature that is right for the bytes, so that nothing but the rule can refuse them.
func TestParseRefusesForms(t *testing.T) {
	key := webhooks.Key(1, RS256)
	good := forge(t, key, `{"alg":"RS256"}`, `{}`)
	h, rest, _ := strings.Cut(good, ".")
	p, s, _ := strings.Cut(rest, ".")
	header := func(text string) string { return forge(t, key, text, `{}`) }
	for name, compact := range map[string]string{
		"empty":                   "",
		"dots":                    "..",
		"a million dots":          strings.Repeat(".", 1e6),
		"one segment":             h,
		"two segments":            h + "." + p,
		"four segments":           good + "." + s,
		"five segments":           good + "..",
		"trailing dot":            good + ".",
		"leading dot":             "." + good,
		"no header":               "." + p + "." + s,
		"no payload":              h + ".." + s,
		"no signature":            h + "." + p + ".",
		"padding":                 good + "==",
		"padded header":           h + "=." + p + "." + s,
		"line break at the end":   good + "\n",
		"line break in a segment": h[:4] + "\r\n" + h[4:] + "." + p + "." + s,
		"space":                   " " + good,
		"plain base64":            h + "." + p + "." + strings.NewReplacer("-", "+", "_", "/").Replace(s) + "+/",
		"unused bits":             h + "." + p[:len(p)-1] + "1." + s,
		"JSON serialisation":      `{"protected":"` + h + `","payload":"` + p + `","signature":"` + s + `"}`,
		"header not JSON":         header(`alg=RS256`),
		"header null":             header(`null`),
		"header array":            header(`[{"alg":"RS256"}]`),
		"header with a tail":      header(`{"alg":"RS256"}{}`),
		"header not UTF-8":        header("{\"alg\":\"RS256\",\"x\":\"\xff\"}"),
		"no alg":                  header(`{}`),
		"alg empty":               header(`{"alg":""}`),
		"alg number":              header(`{"alg":256}`),
		"alg array":               header(`{"alg":["RS256"]}`),
		"alg null":                header(`{"alg":null}`),
		"alg twice":               header(`{"alg":"none","alg":"RS256"}`),
		"alg twice, escaped":      header(`{"alg":"none","\u0061lg":"RS256"}`),
		"Alg":                     header(`{"Alg":"RS256"}`),
		"alg and ALG":             header(`{"alg":"RS256","ALG":"none"}`),
		"alg of 10 kB":            header(`{"alg":"` + strings.Repeat("R", 10_000) + `"}`),
		"kid number":              header(`{"alg":"RS256","kid":1}`),
		"kid null":                header(`{"alg":"RS256","kid":null}`),
		"kid object":              header(`{"alg":"RS256","kid":{}}`),
		"kid of 100 kB":           header(`{"alg":"RS256","kid":"` + strings.Repeat("k", 100_000) + `"}`),
		"crit":                    header(`{"alg":"RS256","crit":["exp"],"exp":1}`),
		"crit empty":              header(`{"alg":"RS256","crit":[]}`),
		"b64 false":               header(`{"alg":"RS256","b64":false,"crit":["b64"]}`),
		"b64 true":                header(`{"alg":"RS256","b64":true}`),
		"payload of 20 MB":        h + "." + strings.Repeat("A", 20<<20) + "." + s,
		"signature of 1 MB":       h + "." + p + "." + strings.Repeat("A", 1<<20),
	} {
		j, err := Parse(compact, limits)
		if !problem.Is(err, problem.Malformed) && !problem.Is(err, problem.TooLarge) {
			t.Errorf("%s: read as %v, %v", name, j, err)
			continue
		}
		if text := err.Error(); len(text) > 200 {
			t.Errorf("%s: the error repeats the input: %.300s", name, text)
		}
	}
	if _, err := Parse(good, limits); err != nil {
		t.Errorf("the untouched one is refused: %v", err)
	}
}

// A bound must be checked before the work is done: what is counted here does not grow with the input.
func TestHugeInputsCostLittle(t *testing.T) {
	huge := strings.Repeat("A", 20<<20)
	for name, compact := range map[string]string{
		"header": huge + ".e30.AA", "payload": "e30." + huge + ".AA", "signature": "e30.e30." + huge, "no dots": huge, "dots": strings.Repeat(".", 20<<20),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Parse(compact, limits)
		runtime.ReadMemStats(&after)
		if spent := after.TotalAlloc - before.TotalAlloc; err == nil || spent > 1<<20 {
			t.Errorf("a huge %s costs %d bytes and ends in %v", name, spent, err)
		}
	}
}

func TestClaimsRefuse(t *testing.T) {
	key := webhooks.Key(1, RS256)
	for name, payload := range map[string]string{
		"null": `null`, "array": `[]`, "text": `"x"`, "number": `1`, "not JSON": `exp=1`,
		"trailing bytes": `{} x`, "second value": `{}{}`, "comment": `{/**/}`, "trailing comma": `{"a":1,}`,
		"NUL": "{\"a\":\"\x00\"}", "byte order mark": "\xef\xbb\xbf{}", "lone surrogate": `{"a":"\ud800"}`,
		"twice": `{"aud":"a","aud":"b"}`, "twice below": `{"x":{"a":1,"a":2}}`,
		"other case": `{"Aud":"a"}`, "both cases": `{"aud":"a","AUD":"b"}`, "long s": `{"i\u017fs":"a"}`,
		"deep": `{"a":` + strings.Repeat("[", 12_000),
	} {
		j := mustParse(t, forge(t, key, `{"alg":"RS256"}`, payload))
		if claims, err := j.Claims("iss", "aud"); !problem.Is(err, problem.Malformed) {
			t.Errorf("%s: read as %v, %v", name, claims, err)
		}
	}
	j := mustParse(t, forge(t, key, `{"alg":"RS256"}`, ` {"n":9007199254740993.0,"l":[1e400]} `))
	if claims, err := j.Claims(); err != nil || fmtAny(claims) != "map[l:[1e400] n:9007199254740993.0]" {
		t.Errorf("numbers are not exact: %v, %v", claims, err)
	}
}

// TestBothNamesOfEdDSA: RFC 9864 has a name of its own for the curve, which common clients write.
func TestBothNamesOfEdDSA(t *testing.T) {
	ed, es := webhooks.Key(1, EdDSA), webhooks.Key(1, ES256)
	for name, passes := range map[string]bool{"EdDSA": true, "Ed25519": true, "ed25519": false, "Ed448": false, "ES256": false} {
		err := mustParse(t, forge(t, ed, `{"alg":"`+name+`"}`, `{}`)).Verify(ed.Public(), EdDSA)
		if (err == nil) != passes {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := mustParse(t, forge(t, es, `{"alg":"Ed25519"}`, `{}`)).Verify(es.Public(), ES256); err == nil {
		t.Error("it is taken of a key of another kind")
	}
	if alg, err := ParseAlg("Ed25519"); alg != EdDSA || err != nil {
		t.Errorf("%s, %v", alg, err)
	}
}

func TestVerifyBelievesNothing(t *testing.T) {
	rs, es, ed := webhooks.Key(1, RS256), webhooks.Key(1, ES256), webhooks.Key(1, EdDSA)
	signed := func(k Key, header string) string { return forge(t, k, header, `{}`) }
	withoutSignature := func(alg string) string {
		return b64([]byte(`{"alg":"`+alg+`"}`)) + "." + b64([]byte(`{}`)) + ".AA"
	}
	jwk := func(k Key) string {
		j := k.Public().JWK()
		return `{"kty":"` + j.Kty + `","n":"` + j.N + `","e":"` + j.E + `"}`
	}
	attacker := webhooks.Key(2, RS256)
	for name, c := range map[string]struct {
		compact string
		key     PublicKey
		alg     Alg
	}{
		"none":                 {withoutSignature("none"), rs.Public(), RS256},
		"None":                 {withoutSignature("None"), rs.Public(), RS256},
		"nOnE":                 {withoutSignature("nOnE"), rs.Public(), RS256},
		"none was registered":  {withoutSignature("none"), PublicKey{Key: rs.Public().Key}, "none"},
		"HS256 was registered": {withoutSignature("HS256"), PublicKey{Key: rs.Public().Key}, "HS256"},
		"rs256":                {signed(rs, `{"alg":"rs256"}`), rs.Public(), RS256},
		"RS512 said":           {signed(rs, `{"alg":"RS512"}`), rs.Public(), RS256},
		"PS256 said":           {signed(rs, `{"alg":"PS256"}`), rs.Public(), RS256},
		"RS256 for PS256":      {signed(rs, `{"alg":"PS256"}`), PublicKey{Key: rs.Public().Key}, PS256},
		"ES256 by RSA key":     {signed(es, `{"alg":"ES256"}`), rs.Public(), ES256},
		"EdDSA by EC key":      {signed(ed, `{"alg":"EdDSA"}`), es.Public(), EdDSA},
		"key of another alg":   {signed(rs, `{"alg":"RS256"}`), PublicKey{Alg: PS256, Key: rs.Public().Key}, RS256},
		"another key":          {signed(attacker, `{"alg":"RS256"}`), rs.Public(), RS256},
		"jwk in the header":    {signed(attacker, `{"alg":"RS256","jwk":`+jwk(attacker)+`}`), rs.Public(), RS256},
		"jku in the header":    {signed(attacker, `{"alg":"RS256","jku":"http://127.0.0.1:1/"}`), rs.Public(), RS256},
		"x5u in the header":    {signed(attacker, `{"alg":"RS256","x5u":"http://127.0.0.1:1/"}`), rs.Public(), RS256},
		"no key":               {signed(rs, `{"alg":"RS256"}`), PublicKey{}, RS256},
		"signature of zeros":   {b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte(`{}`)) + "." + b64(make([]byte, 64)), es.Public(), ES256},
		"short signature":      {b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte(`{}`)) + "." + b64(make([]byte, 3)), es.Public(), ES256},
	} {
		if err := mustParse(t, c.compact).Verify(c.key, c.alg); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHMACWithPublicKeyMaterial(t *testing.T) {
	key := webhooks.Key(1, RS256)
	public := key.Public()
	input := b64([]byte(`{"alg":"HS256"}`)) + "." + b64([]byte(`{}`))
	for name, secret := range publicForms(t, public) {
		compact := input + "." + b64(hmac256(secret, input))
		if err := mustParse(t, compact).Verify(public, RS256); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("HS256 with %s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(rsaExample)
	f.Add(ecExample)
	f.Add("..")
	f.Add(`e30.e30.AA`)
	keys, err := ParsePublic([]byte(ecExampleKey))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, compact string) {
		j, err := Parse(compact, limits)
		if err != nil {
			if !problem.Is(err, problem.Malformed) && !problem.Is(err, problem.TooLarge) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		if back := j.input + "." + b64(j.signature); back != compact {
			t.Fatalf("%q has a second form %q", compact, back)
		}
		if j.Verify(keys[0], ES256) == nil && compact != ecExample {
			// ECDSA signatures can be negated, which is the one change that stays true.
			if !strings.HasPrefix(compact, ecExample[:strings.LastIndexByte(ecExample, '.')]) {
				t.Fatalf("forged: %q", compact)
			}
		}
		_, _ = j.Claims("iss", "sub", "aud", "exp")
	})
}
