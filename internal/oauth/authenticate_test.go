package oauth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/problem"
)

func TestGrantTakes(t *testing.T) {
	withID := grantForm()
	withID["client_id"] = "demo"
	twice := secretForm("demo", "s3cret")
	twice["scope"] = "pay_by_link pay_by_link"
	for name, r := range map[string]Request{
		"secret in the form":      {Form: secretForm("demo", "s3cret")},
		"Basic":                   {Form: grantForm(), Header: basic("demo", "s3cret")},
		"Basic and client_id":     {Form: withID, Header: basic("demo", "s3cret")},
		"Basic of odd characters": {Form: grantForm(), Header: basic("a b:c%+", "p:w %+é")},
		"scope twice":             {Form: twice},
		"query of someone else":   {Form: secretForm("demo", "s3cret"), Query: "trace=1"},
		"form of odd characters":  {Form: secretForm("a b:c%+", "p:w %+é")},
		"basic, in small letters": {Form: grantForm(), Header: http.Header{"Authorization": {strings.Replace(basic("demo", "s3cret").Get("Authorization"), "Basic", "bAsIc", 1)}}},
	} {
		g, err := bench(t).Grant(r, wall)
		if err != nil || g.Scope() != "pay_by_link" || g.Client.ID == "" {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
}

// D1: neither status nor words nor header tell a wrong secret from an unknown client.
func TestWrongSecretAndUnknownClientLookAlike(t *testing.T) {
	seen := map[string]string{}
	for name, form := range map[string]Form{
		"wrong secret": secretForm("demo", "wrong"), "unknown client": secretForm("nobody", "wrong"),
		"no secret registered": secretForm("keyless", "wrong"), "long id": secretForm(strings.Repeat("x", 1e6), "wrong"),
		"long secret": secretForm("demo", strings.Repeat("x", 1e6)),
	} {
		g, err := bench(t).Grant(Request{Form: form}, wall)
		e := wantRefusal(t, name, g, err, 400, InvalidClient)
		seen[fmt.Sprint(e.Description, e.Header)] = name

		g, err = bench(t).Grant(Request{Form: grantForm(), Header: basic(form["client_id"], form["client_secret"])}, wall)
		e = wantRefusal(t, name+", Basic", g, err, 401, InvalidClient)
		if got := e.Header.Get("WWW-Authenticate"); !strings.HasPrefix(got, `Basic realm="finqlink"`) {
			t.Errorf("%s: challenge %q", name, got)
		}
		seen[fmt.Sprint(e.Description, e.Header)] = name + ", Basic"
	}
	if len(seen) != 2 {
		t.Errorf("the answers differ: %v", seen)
	}
}

func authorization(values ...string) http.Header { return http.Header{"Authorization": values} }

// D2
func TestBrokenBasic(t *testing.T) {
	b := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	for name, value := range map[string]string{
		"empty": "", "scheme only": "Basic", "scheme and blank": "Basic ", "not base64": "Basic ####",
		"base64url": "Basic " + base64.URLEncoding.EncodeToString([]byte("d\xff\xfe:s3cret")),
		"no colon":  b("demo"), "bad percent": b("demo:%zz"), "cut percent": b("demo:s3cret%4"),
		"not UTF-8": b("demo:\xff\xfe"), "not UTF-8, escaped": b("demo:%ff"), "no padding": strings.TrimRight(b("demo:s3cret1"), "="),
		"Bearer": "Bearer abc", "empty id and secret": b(":"), "empty secret": b("keyless:"),
	} {
		g, err := bench(t).Grant(Request{Form: grantForm(), Header: authorization(value)}, wall)
		e := wantRefusal(t, name, g, err, 401, InvalidClient)
		if e.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: 401 without a challenge", name)
		}
	}
}

// D3, D4, D6, D9
func TestBadTokenRequests(t *testing.T) {
	with := func(form Form, pairs ...string) Form {
		for i := 0; i < len(pairs); i += 2 {
			if form[pairs[i]] = pairs[i+1]; pairs[i+1] == "" {
				delete(form, pairs[i])
			}
		}
		return form
	}
	good := func() Form { return secretForm("demo", "s3cret") }
	header := basic("demo", "s3cret")
	for name, c := range map[string]struct {
		request Request
		code    string
	}{
		"Basic and form secret":       {Request{Form: good(), Header: header}, InvalidRequest},
		"Basic and assertion":         {Request{Form: asserted("demo", "x"), Header: header}, InvalidRequest},
		"secret and assertion":        {Request{Form: with(asserted("demo", "x"), "client_secret", "s3cret")}, InvalidRequest},
		"secret and assertion type":   {Request{Form: with(good(), "client_assertion_type", AssertionType)}, InvalidRequest},
		"two Authorization headers":   {Request{Form: grantForm(), Header: authorization(header.Get("Authorization"), header.Get("Authorization"))}, InvalidRequest},
		"Basic, other client_id":      {Request{Form: with(grantForm(), "client_id", "other"), Header: header}, InvalidRequest},
		"secret in the query":         {Request{Form: good(), Query: "client_secret=s3cret"}, InvalidRequest},
		"only in the query":           {Request{Form: grantForm(), Query: "client_id=demo&client_secret=s3cret"}, InvalidRequest},
		"hidden in the query":         {Request{Form: good(), Query: "a=b&%63lient_secret=s3cret"}, InvalidRequest},
		"assertion in the query":      {Request{Form: good(), Query: "client_assertion=x"}, InvalidRequest},
		"no credentials":              {Request{Form: with(grantForm(), "client_id", "demo")}, InvalidRequest},
		"nothing":                     {Request{Form: Form{}}, InvalidRequest},
		"no form at all":              {Request{}, InvalidRequest},
		"no client_id":                {Request{Form: with(good(), "client_id", "")}, InvalidRequest},
		"assertion without client_id": {Request{Form: with(asserted("demo", "x"), "client_id", "")}, InvalidRequest},
		"assertion without type":      {Request{Form: with(asserted("demo", "x"), "client_assertion_type", "")}, InvalidRequest},
		"type without assertion":      {Request{Form: asserted("demo", "")}, InvalidRequest},
		"SAML assertion":              {Request{Form: with(asserted("demo", "x"), "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")}, InvalidRequest},
		"no grant_type":               {Request{Form: with(good(), "grant_type", "")}, InvalidRequest},
		"password grant":              {Request{Form: with(good(), "grant_type", "password")}, UnsupportedGrantType},
		"grant in capitals":           {Request{Form: with(good(), "grant_type", "CLIENT_CREDENTIALS")}, UnsupportedGrantType},
		"no scope":                    {Request{Form: with(good(), "scope", "")}, InvalidRequest},
		"unknown scope":               {Request{Form: with(good(), "scope", "admin")}, InvalidScope},
		"one scope too many":          {Request{Form: with(good(), "scope", "pay_by_link admin")}, InvalidScope},
		"blanks in the scope":         {Request{Form: with(good(), "scope", "pay_by_link  ")}, InvalidScope},
		"scope in capitals":           {Request{Form: with(good(), "scope", "PAY_BY_LINK")}, InvalidScope},
		"scope of another client":     {Request{Form: secretForm("narrow", "narrow")}, InvalidScope},
		"client of internal auth":     {Request{Form: secretForm("internal", "inner")}, UnauthorizedClient},
	} {
		g, err := bench(t).Grant(c.request, wall)
		wantRefusal(t, name, g, err, 400, c.code)
	}
}

func TestProvidersDiffer(t *testing.T) {
	e := bench(t)
	e.DefaultScope, e.FormStatus = "pay_by_link", 401
	form := secretForm("demo", "s3cret")
	delete(form, "scope")
	if g, err := e.Grant(Request{Form: form}, wall); err != nil || g.Scope() != "pay_by_link" {
		t.Errorf("default scope: %v, %v", g, err)
	}
	g, err := e.Grant(Request{Form: secretForm("demo", "wrong")}, wall)
	wantRefusal(t, "status of the provider", g, err, 401, InvalidClient)
}

// D11
func TestSecretsStayOutOfErrorsAndLogs(t *testing.T) {
	c := Client{ID: "demo", Secret: "hunter2"}
	if text := fmt.Sprintf("%v %+v %s", c, c, c); strings.Contains(text, "hunter2") {
		t.Errorf("printed: %s", text)
	}
	if m := c.Masked(); m.Secret == "hunter2" || m.Secret == "" || c.Secret != "hunter2" {
		t.Errorf("masked %q, kept %q", m.Secret, c.Secret)
	}
	for _, r := range []Request{
		{Form: secretForm("demo", "hunter2")},
		{Form: grantForm(), Header: basic("demo", "hunter2")},
		{Form: secretForm("demo", "x"), Query: "client_secret=hunter2"},
		{Form: grantForm(), Header: authorization("Basic hunter2:")},
	} {
		if _, err := bench(t).Grant(r, wall); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

func TestEmptySecretIsNoSecret(t *testing.T) {
	if (Client{ID: "keyless"}).HasSecret("") {
		t.Error("a client without a secret is entered with an empty one")
	}
}

func TestStoreErrorsAreNotRefusals(t *testing.T) {
	e := bench(t)
	good := asserted("demo", forge(t, pair("demo", "RS256"), header(pair("demo", "RS256")), claimsOf(t, "demo")))
	noReplay := e
	noReplay.Replay = broken{}
	e.Clients = broken{}
	for name, fail := range map[string]func() (Grant, error){
		"clients by secret": func() (Grant, error) { return e.Grant(Request{Form: secretForm("demo", "s3cret")}, wall) },
		"clients by Basic": func() (Grant, error) {
			return e.Grant(Request{Form: grantForm(), Header: basic("demo", "s3cret")}, wall)
		},
		"clients by assertion": func() (Grant, error) { return e.Grant(Request{Form: good}, wall) },
		"replay":               func() (Grant, error) { return noReplay.Grant(Request{Form: good}, wall) },
	} {
		g, err := fail()
		if !errors.Is(err, errStore) || problem.From(err).Kind != problem.Internal || g.Client.ID != "" {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
}

func TestErrorIsAProblem(t *testing.T) {
	_, err := bench(t).Grant(Request{Form: grantForm(), Header: basic("demo", "wrong")}, wall)
	p := problem.From(fmt.Errorf("wrapped: %w", err))
	if p.Kind != problem.Unauthenticated || p.Code != InvalidClient || p.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("%+v", p)
	}
	if got := Plain("a\"b\\c\nd\u00e9"); got != "a'b?c?d?" {
		t.Errorf("plain gives %q", got)
	}
}
