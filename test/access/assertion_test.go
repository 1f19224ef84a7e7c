package access

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// signer is the demo client with the key that mockbank made for it.
type signer struct {
	h   *house
	key *rsa.PrivateKey
	kid string
	pem string
}

func newSigner(h *house) *signer {
	h.t.Helper()
	var made struct {
		Kid string `json:"kid"`
		PEM string `json:"private_key_pem"`
	}
	h.control("GET", "/clients/finqlink/"+demo+"/private-key", nil, &made)
	block, _ := pem.Decode([]byte(made.PEM))
	if block == nil {
		h.t.Fatalf("no key: %q", made.PEM)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		h.t.Fatal(err)
	}
	return &signer{h: h, key: key.(*rsa.PrivateKey), kid: made.Kid, pem: made.PEM}
}

type object = map[string]any

// claims are honest ones, with changes; nil takes one away.
func (s *signer) claims(changes object) object {
	now := time.Now().Unix()
	c := object{"iss": demo, "sub": demo, "aud": s.h.base() + tokenPath, "iat": now, "exp": now + 300, "jti": rand.Text()}
	for name, value := range changes {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

func (s *signer) header(changes object) object {
	head := object{"alg": "RS256", "typ": "JWT", "kid": s.kid}
	maps.Copy(head, changes)
	return head
}

func encoded(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// sign signs any header and payload truly, so that only a rule can refuse them.
func (s *signer) sign(header, payload string) string {
	input := b64([]byte(header)) + "." + b64([]byte(payload))
	digest := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, digest[:])
	if err != nil {
		s.h.t.Fatal(err)
	}
	return input + "." + b64(signature)
}

// made is an assertion with changes to header and claims.
func (s *signer) made(header, claims object) string {
	return s.sign(encoded(s.header(header)), encoded(s.claims(claims)))
}

func (s *signer) post(assertion string) answer {
	s.h.t.Helper()
	return s.h.token(grant("client_id", demo, "client_assertion_type", assertionType, "client_assertion", assertion).Encode())
}

func (s *signer) refused(name, assertion string) {
	s.h.t.Helper()
	a := s.post(assertion)
	refusal(s.h.t, name, a, http.StatusBadRequest, "invalid_client")
	if len(a.Body) > 600 {
		s.h.t.Errorf("%s: the answer repeats the input: %s", name, a)
	}
}

func (s *signer) taken(name, assertion string) {
	s.h.t.Helper()
	if a := s.post(assertion); a.Status != http.StatusOK {
		s.h.t.Errorf("%s: %s", name, a)
	}
}

// TestAssertions holds the lines E1 to E16 against one program, each in a workspace of its own.
func TestAssertions(t *testing.T) {
	h := start(t)
	for _, line := range []struct {
		name string
		hold func(*signer)
	}{
		{"E1", e1}, {"E2", e2}, {"E3", e3}, {"E4", e4}, {"E5", e5}, {"E6", e6}, {"E7", e7}, {"E8", e8}, {"E9", e9}, {"E11", e11},
		{"E12", e12}, {"E13", e13}, {"E14", e14}, {"E15", e15}, {"E16", e16},
	} {
		t.Run(line.name, func(t *testing.T) {
			s := newSigner(h.in(t, strings.ToLower(line.name)))
			line.hold(s)
			s.taken("an honest one afterwards", s.made(nil, nil))
		})
	}
}

// e1: no signature is no way in.
func e1(s *signer) {
	for _, alg := range []string{"none", "None", "nOnE", "NONE", ""} {
		head := b64([]byte(encoded(s.header(object{"alg": alg})))) + "." + b64([]byte(encoded(s.claims(nil))))
		s.refused(alg, head+".")
		s.refused(alg+" with a signature", s.made(object{"alg": alg}, nil))
	}
}

// e2: nothing that is public is a secret.
func e2(s *signer) {
	der, err := x509.MarshalPKIXPublicKey(&s.key.PublicKey)
	if err != nil {
		s.h.t.Fatal(err)
	}
	modulus := s.key.N.Bytes()
	for name, secret := range map[string][]byte{
		"PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), "DER": der, "modulus": modulus, "client id": []byte(demo), "nothing": nil,
		"JWK": []byte(encoded(object{"kty": "RSA", "kid": s.kid, "n": b64(modulus), "e": "AQAB"})), "client secret": []byte(demoSecret),
	} {
		for alg, hash := range map[string]crypto.Hash{"HS256": crypto.SHA256, "HS384": crypto.SHA384, "HS512": crypto.SHA512} {
			input := b64([]byte(encoded(s.header(object{"alg": alg})))) + "." + b64([]byte(encoded(s.claims(nil))))
			mac := hmac.New(hash.New, secret)
			mac.Write([]byte(input))
			s.refused(alg+" with "+name, input+"."+b64(mac.Sum(nil)))
		}
	}
}

// e3: the algorithm is the registered one.
func e3(s *signer) {
	for _, alg := range []any{"PS256", "RS384", "RS512", "ES256", "EdDSA", "rs256", "RS256 ", 256, []string{"RS256"}, object{"RS256": true}, nil, true, strings.Repeat("R", 10_000)} {
		s.refused(fmt.Sprintf("alg %.20v", alg), s.made(object{"alg": alg}, nil))
	}
}

// e4: what a header points to is neither used nor fetched.
func e4(s *signer) {
	var asked atomic.Int64
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.h.t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			conn.Close()
		}
	}()
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		s.h.t.Fatal(err)
	}
	attacker := &signer{h: s.h, key: own, kid: s.kid}
	jwk := object{"kty": "RSA", "kid": "mine", "alg": "RS256", "n": b64(own.N.Bytes()), "e": "AQAB"}
	place := "http://" + listener.Addr().String() + "/keys"
	for name, header := range map[string]object{
		"jwk": {"jwk": jwk}, "jwk with its kid": {"jwk": jwk, "kid": "mine"}, "jku": {"jku": place}, "jku with its kid": {"jku": place, "kid": "mine"},
		"x5u": {"x5u": place}, "x5c": {"x5c": []string{b64([]byte("x"))}}, "kid is a URL": {"kid": place},
	} {
		s.refused(name, attacker.made(header, nil))
	}
	s.taken("jku beside the right signature", s.made(object{"jku": place, "x5u": place}, nil))
	if n := asked.Load(); n != 0 {
		s.h.t.Errorf("%d requests went out", n)
	}
}

// e5: the kid is one of the client's, to the letter.
func e5(s *signer) {
	for _, kid := range []any{
		"nope", "../../../dev/null", "' OR '1'='1", s.kid + "\x00", strings.ToUpper(s.kid), s.kid[:len(s.kid)-1], "", strings.Repeat("k", 100_000), 1, []string{s.kid}, nil, object{},
	} {
		s.refused(fmt.Sprintf("kid %.20v", kid), s.made(object{"kid": kid}, nil))
	}
	head := s.header(nil)
	delete(head, "kid")
	s.refused("no kid", s.sign(encoded(head), encoded(s.claims(nil))))
}

// e6: every claim that RFC 7523 wants must be there, and jti.
func e6(s *signer) {
	for _, name := range []string{"iss", "sub", "aud", "exp", "jti"} {
		s.refused("no "+name, s.made(nil, object{name: nil}))
		s.refused(name+" of another type", s.made(nil, object{name: true}))
	}
	s.refused("iss of another", s.made(nil, object{"iss": "other"}))
	s.refused("sub of another", s.made(nil, object{"sub": "other"}))
}

// e7: the audience is ours, to the letter.
func e7(s *signer) {
	ours := s.h.base() + tokenPath
	for _, aud := range []any{
		"https://elsewhere.example", ours + "/", ours[:len(ours)-1], strings.ToUpper(ours), strings.Replace(ours, "/w/"+s.h.workspace, "/w/another", 1),
		[]any{}, []any{5}, []any{ours, 5}, []any{[]any{ours}}, object{"x": ours}, "", " " + ours,
	} {
		s.refused(fmt.Sprintf("aud %v", aud), s.made(nil, object{"aud": aud}))
	}
	s.refused("aud null", s.sign(encoded(s.header(nil)), strings.Replace(encoded(s.claims(object{"aud": "X"})), `"X"`, "null", 1)))
	for _, aud := range []any{[]any{ours}, []any{"https://elsewhere.example", ours}, s.h.base() + issuerPath, "https://finqware.okta.com" + tokenPath} {
		s.taken(fmt.Sprintf("aud %v", aud), s.made(nil, object{"aud": aud}))
	}
}

// e8: an end that has passed, is no time, or is too far.
func e8(s *signer) {
	now := time.Now().Unix()
	for _, exp := range []any{now - 1, now, 0, -1, fmt.Sprint(now + 300), true, []any{now + 300}, now + 10*365*86400, now + 86400 + 120, json.Number("1e400"), json.Number("9e18")} {
		s.refused(fmt.Sprintf("exp %v", exp), s.sign(encoded(s.header(nil)), encoded(s.claims(object{"exp": exp}))))
	}
	s.refused("exp null", s.sign(encoded(s.header(nil)), strings.Replace(encoded(s.claims(object{"exp": "X"})), `"X"`, "null", 1)))
}

// e9: a client's clock may be a little ahead.
func e9(s *signer) {
	now := time.Now().Unix()
	for _, name := range []string{"nbf", "iat"} {
		s.taken(name+" 8 s ahead", s.made(nil, object{name: now + 8}))
		s.refused(name+" 90 s ahead", s.made(nil, object{name: now + 90}))
		s.refused(name+" a text", s.made(nil, object{name: "now"}))
	}
}

// TestE10AnAssertionWorksOnce also when twenty come at once, and after a crash.
func TestE10AnAssertionWorksOnce(t *testing.T) {
	data := t.TempDir()
	first := &house{House: launch(t, "--data", data), t: t, workspace: "default", client: &http.Client{}}
	first.origin = first.Base
	s := newSigner(first)
	assertion := s.made(nil, object{"aud": "https://finqware.okta.com" + tokenPath})
	var granted atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if s.post(assertion).Status == http.StatusOK {
				granted.Add(1)
			}
		})
	}
	all.Wait()
	if granted.Load() != 1 {
		t.Errorf("twenty posts of one assertion got %d tokens", granted.Load())
	}
	s.refused("once more", assertion)
	if err := first.Kill(); err == nil {
		t.Log("the program ended by itself")
	}
	second := start(t, "--data", data)
	s.h = second
	s.refused("after a crash", assertion)
	s.taken("a new one", s.made(nil, nil))
}

// e11: a forger can not use up an honest assertion, nor can an honest mistake.
func e11(s *signer) {
	honest := s.made(nil, nil)
	s.refused("forged", honest[:strings.LastIndexByte(honest, '.')+1]+b64(make([]byte, 256)))
	form := grant("client_id", demo, "client_assertion_type", assertionType, "client_assertion", honest)
	form.Set("scope", "admin")
	refusal(s.h.t, "a misspelt scope", s.h.token(form.Encode()), http.StatusBadRequest, "invalid_scope")
	s.taken("the honest one", honest)
	s.refused("the honest one again", honest)
}

// e12: names are read to the letter, and once.
func e12(s *signer) {
	good := encoded(s.claims(nil))
	head := encoded(s.header(nil))
	for _, payload := range []string{
		strings.Replace(good, `"iss"`, `"Iss"`, 1), strings.Replace(good, `"aud"`, `"AUD"`, 1), strings.Replace(good, "{", `{"ISS":"other",`, 1),
		strings.Replace(good, "{", `{"aud":"x",`, 1), strings.Replace(good, "{", `{"\u0065xp":1,`, 1), strings.Replace(good, "{", `{"x":{"y":1,"y":2},`, 1),
	} {
		s.refused(payload[:30], s.sign(head, payload))
	}
	s.refused("alg twice", s.sign(`{"alg":"none",`+head[1:], good))
	s.refused("Kid", s.sign(strings.Replace(head, `"kid"`, `"Kid"`, 1), good))
}

// e13: there is one way to write an assertion.
func e13(s *signer) {
	good := s.made(nil, nil)
	parts := strings.Split(good, ".")
	for name, assertion := range map[string]string{
		"padding": good + "=", "padding inside": parts[0] + "." + parts[1] + "=." + parts[2], "plain base64": parts[0] + "." + parts[1] + "." + "+/+/" + parts[2][4:],
		"line break": good + "\n", "line break inside": parts[0] + "\n." + parts[1] + "." + parts[2], "blank before": " " + good, "trailing dot": good + ".",
		"two segments": parts[0] + "." + parts[1], "four segments": good + "." + parts[2], "five segments": good + "." + parts[1] + "." + parts[2], "no signature": parts[0] + "." + parts[1] + ".",
		"JSON serialisation": encoded(object{"payload": parts[1], "protected": parts[0], "signature": parts[2]}), "dots": "...",
	} {
		s.refused(name, assertion)
	}
	s.taken("as it should be", good)
}

// e14: payloads that are no claims, or without end, are refused fast.
func e14(s *signer) {
	good, head := encoded(s.claims(nil)), encoded(s.header(nil))
	for name, payload := range map[string]string{
		"null": "null", "array": "[]", "text": `"x"`, "no JSON": "exp=1", "empty": "", "trailing bytes": good + "x", "two objects": good + good,
		"50,000 deep": strings.Repeat(`{"a":`, 50_000), "deep and closed": `{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}", "a NUL": good + "\x00",
	} {
		begun := time.Now()
		s.refused(name, s.sign(head, payload))
		if took := time.Since(begun); took > 2*time.Second {
			s.h.t.Errorf("%s: after %s", name, took)
		}
	}
	form := grant("client_id", demo, "client_assertion_type", assertionType, "client_assertion", "x").Encode() + strings.Repeat("A", 20<<20)
	a, err := s.h.send(http.MethodPost, s.h.base()+tokenPath, form, "Content-Type", formType)
	if err == nil && a.Status != http.StatusBadRequest && a.Status != http.StatusRequestEntityTooLarge {
		s.h.t.Errorf("20 MB: %s", a)
	}
}

// e15: extensions that must be understood are not.
func e15(s *signer) {
	s.refused("crit", s.made(object{"crit": []string{"exp"}, "exp": 1}, nil))
	s.refused("empty crit", s.made(object{"crit": []string{}}, nil))
	s.refused("b64", s.made(object{"b64": false, "crit": []string{"b64"}}, nil))
}

// e16: another's key, and a token of ours, prove nothing.
func e16(s *signer) {
	s.h.control("PUT", "/clients/finqlink/other", object{"jwks": object{"keys": []any{object{"kty": "RSA", "kid": "theirs", "n": b64(s.key.N.Bytes()), "e": "AQAB"}}}}, nil)
	s.refused("another client's kid", s.made(object{"kid": "theirs"}, nil))
	form := url.Values{"client_id": {"other"}, "client_assertion_type": {assertionType}, "client_assertion": {s.made(nil, nil)}}
	refusal(s.h.t, "for another client", s.h.token(grant().Encode()+"&"+form.Encode()), http.StatusBadRequest, "invalid_client")
	s.refused("an access token", s.h.login())
}
