package attack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestC1Fields: each member that is not as the document has it is refused, and named.
func TestC1Fields(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, f := range d.broken {
			got := d.send(t, d.with(f))
			if got.status != d.fields || !strings.Contains(got.body, `"`+f.place+`"`) && !strings.Contains(got.body, `"`+f.place+`: `) {
				t.Errorf("%s = %v is answered %s, want %d naming %s", f.at, f.value, got, d.fields, f.place)
			}
		}
	})
}

// TestC2StrangeMembers are refused where the document is closed, and else mean nothing.
func TestC2StrangeMembers(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		got := d.send(t, d.with(flaw{at: "nobody_knows_this", value: object{"a": []any{nil}}}))
		if refused := got.status/100 != 2; refused != d.strange || refused && (got.status != d.fields || !strings.Contains(got.body, "nobody_knows_this")) {
			t.Error(got)
		}
	})
}

// TestC3Amounts: what is no amount is none, whoever reads it leniently elsewhere.
func TestC3Amounts(t *testing.T) {
	written := map[string][]any{
		"control":        {"1", "1.5", "-1s", "1e3s", "NaN", "9999999999d", "∞", 1},
		"finqlink":       {"01.00", "1,000", "1.", "-0", "1e3", "", "0", "0.00", ".5", "+1", " 1", "1 ", "1.001", "1000000000000", "١", "0x1", "1_0", 1, nil, true},
		"onelinkfintech": {"1000", 0, -1, 1.5, "", nil, true, []any{}, json.RawMessage("1e3"), json.RawMessage("1000.0"), json.RawMessage("1e-2"), json.RawMessage("-0")},
		"payone":         {"1,0", "1.0", 1.5, "", nil, true, "01e2", 2000000000, -2000000000, json.RawMessage("1e1"), "+1", "0x10", " 1", json.RawMessage("10.0")},
	}
	each(t, func(t *testing.T, d door) {
		for _, amount := range written[d.name] {
			if got := d.pay(t, amount); got.status != d.fields {
				t.Errorf("%#v: %s", amount, got)
			}
		}
		if len(written[d.name]) == 0 {
			t.Error("no amounts are tried here")
		}
	})
}

// pay sends a body that is good but for its amount.
func (d door) pay(t *testing.T, amount any) answer {
	t.Helper()
	switch d.name {
	case "onelinkfintech":
		body := must(json.Marshal(object{"amount": amount, "currency": "EUR", "recipient": "rec_test_123"}))
		return d.ask(t, "POST", "/v1/payments", body, d.lines()...)
	case "payone":
		amount = []any{object{"type": "goods", "number": "A-1", "price": amount, "quantity": 1}}
	}
	return d.send(t, d.with(flaw{at: d.money.at, value: amount}))
}

// lists ask for a page of a list: by a query, or by a body.
var lists = map[string]func(limit, after string) (method, path string, body []byte){
	"control": func(limit, after string) (string, string, []byte) {
		return "GET", "/workspaces/default/requests?" + paged("limit", limit, "after", after), nil
	},
	"finqlink": func(limit, after string) (string, string, []byte) {
		page := []string{}
		for name, value := range map[string]string{"limit": limit, "after": quoted(after)} {
			if value != "" {
				page = append(page, `"`+name+`":`+value)
			}
		}
		return "POST", "/v2/links/list", fmt.Appendf(nil, `{"client_id":"finqlink-demo","client_secret":"finqlink-demo-secret","pagination":{%s}}`, strings.Join(page, ","))
	},
	"onelinkfintech": func(limit, after string) (string, string, []byte) {
		return "GET", "/v1/accounts?" + paged("limit", limit, "starting_after", after), nil
	},
	"payone": func(limit, after string) (string, string, []byte) {
		return "GET", "/api/v1/payment-links?merchantId=1&accountId=2&portalId=777&mode=test&" + paged("limit", limit, "page", after), nil
	},
}

func paged(pairs ...string) string {
	query := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	return query.Encode()
}

func quoted(text string) string {
	if text == "" {
		return ""
	}
	return string(must(json.Marshal(text)))
}

// TestC4Pages: a length that is none and a cursor that is not of this list give no page, and never that of another.
func TestC4Pages(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		page := func(limit, after string) answer {
			method, path, body := lists[d.name](limit, after)
			return d.ask(t, method, path, body, d.lines()...)
		}
		if got := page("2", ""); got.status != 200 {
			t.Fatalf("a page: %s", got)
		}
		for _, limit := range []string{"0", "501", "-1", "1.5", `"50"`, "1e1", "99999999999999999999", "null", "[]", "0x1", "²"} {
			if got := page(limit, ""); got.status/100 != 4 {
				t.Errorf("limit %s: %s", limit, got)
			}
		}
		for _, after := range []string{"!", "-1", "AAAA", "eyJhIjoxfQ", strings.Repeat("A", 600), "' OR 1=1", "\x00", "acc_000000000", "../x", "ff ff"} {
			if got := page("1", after); got.status/100 != 4 {
				t.Errorf("after %q: %s", after, got)
			}
		}
	})
}

// TestC4ATamperedCursor is refused, or leads to the same client's rows: the client of the request counts, not the cursor.
func TestC4ATamperedCursor(t *testing.T) {
	d := named(t, "finqlink")
	for range 3 {
		d.send(t, d.good())
	}
	d.send(t, d.with(flaw{at: "client_id", value: "stranger"}))
	method, path, body := lists[d.name]("1", "")
	var first struct {
		Pagination struct {
			After string `json:"after"`
		} `json:"pagination"`
	}
	if err := json.Unmarshal([]byte(d.ask(t, method, path, body, d.lines()...).body), &first); err != nil || first.Pagination.After == "" {
		t.Fatalf("no cursor: %v", err)
	}
	good := first.Pagination.After
	for i := range good {
		for _, other := range []string{"A", "z", "-"} {
			_, _, body := lists[d.name]("250", good[:i]+other+good[i+1:])
			got := d.ask(t, method, path, body, d.lines()...)
			if got.status != 200 && got.status != 400 || strings.Contains(got.body, "stranger") {
				t.Fatalf("changed at %d: %s", i, got)
			}
		}
	}
}

func TestC5UnknownPaths(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, path := range []string{"/v1/ais/accounts", "/v9/links/create", d.post + "/", d.post + "/x/y/z/w", strings.ToUpper(d.post), "/v1", ""} {
			if got := d.ask(t, "POST", path, d.good(), d.lines()...); got.status != 404 && got.status != d.method {
				t.Errorf("%s: %s", path, got)
			}
		}
	})
}

// TestC6IDs: one that is none finds nothing.
func TestC6IDs(t *testing.T) {
	places := map[string]string{
		"control": "/workspaces/default/requests/", "finqlink": "/bank/x/sca/", "onelinkfintech": "/v1/accounts/", "payone": "/api/v1/payment-links/",
	}
	each(t, func(t *testing.T, d door) {
		for _, id := range []string{"x", "-1", "0", "99999999999999999999", "%27%20OR%201=1", "%00", "%2e%2e", "..%2f..", "%c3%28", "null", "%7b%7d", strings.Repeat("a", 30<<10), "%E2%80%AE"} {
			if got := d.ask(t, "GET", places[d.name]+id, nil, d.caller...); got.status/100 != 4 {
				t.Errorf("%.40s: %s", id, got)
			}
		}
	})
	d := named(t, "finqlink")
	for _, id := range []any{"x", 1, nil, strings.Repeat("a", 1<<19), "00000000-0000-0000-0000-000000000000", "{6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21}", []any{}} {
		body := must(json.Marshal(object{"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret", "link_id": id}))
		if got := d.ask(t, "POST", "/v2/links/get", body, d.lines()...); got.status != 400 && got.status != 404 {
			t.Errorf("%.40v: %s", id, got)
		}
	}
}

// TestC7Queries: a parameter of the document stands once, one that it does not have means nothing.
func TestC7Queries(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		glue := "?"
		if strings.Contains(d.get, "?") {
			glue = "&"
		}
		for query, statuses := range map[string][]int{
			"nobody=1": {200}, "nobody=1&nobody=2": {200}, "x=%zz": {400}, "x=%": {400}, "a;b": {400}, "&&&": {200}, "=": {200}, "__proto__=1": {200}, strings.Repeat("a=1&", 10_000): {200, 400},
		} {
			oneOf(t, query, say(t, request("GET", d.mount+d.get+glue+query, nil, d.caller...)), statuses)
		}
		if d.extra == "" {
			return
		}
		for _, again := range []string{"2", "1", ""} {
			if got := d.ask(t, "GET", d.get+"&"+d.extra+"="+again, nil, d.caller...); got.status/100 != 4 {
				t.Errorf("%s twice: %s", d.extra, got)
			}
		}
	})
}

// TestC8Dates: what is no instant is refused, and a span that holds none is an empty page.
func TestC8Dates(t *testing.T) {
	d := named(t, "finqlink")
	list := func(filter object) answer {
		body := must(json.Marshal(object{"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret", "filter": filter}))
		return d.ask(t, "POST", "/v2/links/list", body, d.lines()...)
	}
	for _, date := range []any{"yesterday", "2026-02-30T00:00:00Z", "2026-01-15", "2026-01-15T10:30:00", "2026-01-15T25:00:00Z", "2026-01-15 10:30:00Z", 1, "", "0000-00-00T00:00:00Z", "2026-01-15T10:30:00+99:99"} {
		if got := list(object{"inserted_at_from": date}); got.status != 400 {
			t.Errorf("%v: %s", date, got)
		}
	}
	for _, span := range [][2]string{{"9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"}, {"2026-01-15T10:30:00Z", "2026-01-15T10:30:00Z"}, {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"}, {"2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z"}} {
		got := list(object{"inserted_at_from": span[0], "inserted_at_to": span[1]})
		if got.status != 400 && (got.status != 200 || !strings.Contains(got.body, `"links":[]`)) {
			t.Errorf("%v: %s", span, got)
		}
	}
}

// TestC9Patterns take a time that grows with the text and not with its powers: those of the documents are RE2. A
// document whose pattern is none is refused at the start, with its place (package spec tests that).
func TestC9Patterns(t *testing.T) {
	d := named(t, "finqlink")
	for _, evil := range []string{strings.Repeat("a=&", 2700) + "!", strings.Repeat("a=b&state&", 800), strings.Repeat("=", 8192), "state=" + strings.Repeat("&a=", 2700) + "&"} {
		body := must(json.Marshal(object{"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret", "query_string": evil}))
		began := time.Now()
		if got := d.ask(t, "POST", "/v2/links/redirect", body, d.lines()...); got.status/100 != 4 {
			t.Error(got)
		}
		if took := time.Since(began); took > 10*prompt {
			t.Errorf("%.20s... took %v", evil, took)
		}
	}
}

// TestJ5ManyParameters: a form of a hundred thousand is refused at once.
func TestJ5ManyParameters(t *testing.T) {
	d := named(t, "finqlink")
	const path = "/oauth2/ausfqbxutkZBUKUgQ417/v1/token"
	for _, pair := range []string{"a%d=1", "a=%d", "&%.0d"} {
		var form strings.Builder
		for i := range 100_000 {
			form.WriteString(fmt.Sprintf(pair, i) + "&")
		}
		if got := d.ask(t, http.MethodPost, path, []byte(form.String()), "Content-Type: application/x-www-form-urlencoded"); got.status != 400 {
			t.Error(got)
		}
	}
	// What stands in the query is no part of the form.
	got := d.ask(t, http.MethodPost, path+"?grant_type=client_credentials&client_id=finqlink-demo&client_secret=finqlink-demo-secret&scope=pay_by_link", []byte(""), "Content-Type: application/x-www-form-urlencoded")
	if got.status/100 != 4 {
		t.Errorf("credentials in the query: %s", got)
	}
}

// TestBodiesWhereNoneIsTaken: what a read is sent along is bounded too, and its answer stays in the document.
func TestBodiesWhereNoneIsTaken(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, body := range []string{"{", "x", strings.Repeat("x", 2<<20)} {
			if got := d.ask(t, "GET", d.get, []byte(body), d.lines()...); got.status >= 500 {
				t.Errorf("%.5s: %s", body, got)
			}
		}
	})
}
