package journal

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// sent is a request with a JSON body.
func sent(operation, body string) *Entry {
	e := called(operation)
	e.Request.Header = http.Header{"X-Shop": {"one", "two"}}
	e.Request.text("application/json", body)
	return e
}

func decode(t *testing.T, text string) any {
	t.Helper()
	v, err := strictjson.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDifferences(t *testing.T) {
	e := sent("create", `{"amount":"1.50","n":1.50,"list":[{"a":1,"b":2},null],"client_secret":"abcdefgh","ok":true,"a/b":{"c":"abcdefgh"}}`)
	e.Query, e.Entity, e.Scenario = "page=2&page=3&token=abcdefgh", "order/7", "paid"
	body := func(text string) Match { return Match{Body: decode(t, text)} }
	for name, tt := range map[string]struct {
		match    Match
		distance int
		want     []string
	}{
		"nothing asked":     {Match{}, 0, nil},
		"all that it is":    {Match{Provider: "toy", Operation: "create", Client: "demo", Method: "POST", Path: "/ord*", Entity: "7", Scenario: "paid", Status: 2}, 0, nil},
		"another call":      {Match{Provider: "tin", Operation: "get"}, 200, []string{`provider: want "tin", got "toy"`, `operation: want "get", got "create"`}},
		"another method":    {Match{Method: "GET", Path: "/x"}, 200, []string{`method: want "GET", got "POST"`, `path: want "/x", got "/orders"`}},
		"another outcome":   {Match{Client: "x", Status: 4, Entity: "8", Scenario: "lost"}, 40, []string{`client: want "x", got "demo"`, `scenario: want "lost", got "paid"`, `entity: want "8", got "order/7"`, `status: want 4xx, got 200`}},
		"headers":           {Match{Headers: map[string]string{"x-shop": "two", "X-Other": "z"}}, 1, []string{`header X-Other: want "z", got nothing`}},
		"another header":    {Match{Headers: map[string]string{"x-shop": "three"}}, 1, []string{`header X-Shop: want "three", got "one, two"`}},
		"query":             {Match{Query: map[string]string{"page": "3", "size": "9"}}, 1, []string{`query size: want "9", got nothing`}},
		"a secret query":    {Match{Query: map[string]string{"token": "mine-is-it"}}, 1, []string{`query token: want a secret, got another one, or none`}},
		"the right secret":  {Match{Query: map[string]string{"token": "abcdefgh"}, Body: decode(t, `{"client_secret":"abcdefgh"}`)}, 0, nil},
		"a part":            {body(`{"amount":"1.50","list":[{"a":1},null]}`), 0, nil},
		"numbers by value":  {body(`{"n":1.5}`), 0, nil},
		"another number":    {body(`{"n":1.51}`), 1, []string{`body /n: want 1.51, got 1.50`}},
		"a text, no number": {body(`{"amount":1.50}`), 1, []string{`body /amount: want 1.50, got "1.50"`}},
		"a missing member":  {body(`{"x":{"y":1,"z":2}}`), 2, []string{`body /x: want {"y":1,"z":2}, got nothing`}},
		"deep down":         {body(`{"list":[{"b":3},1]}`), 2, []string{`body /list/0/b: want 3, got 2`, `body /list/1: want 1, got null`}},
		"a shorter list":    {body(`{"list":[{"a":1}]}`), 1, []string{`body /list: want [{"a":1}], got [{"a":1,"b":2},null]`}},
		"an odd name":       {body(`{"a/b":{"c":"d"}}`), 1, []string{`body /a~1b/c: want "d", got "***"`}}, // It is the client's secret.
		"a secret":          {body(`{"client_secret":"zyxwvuts"}`), 1, []string{`body /client_secret: want a secret, got another one, or none`}},
		"another kind":      {body(`[1,2]`), 2, []string{`body: want [1,2], got {"a/b":{"c":"***"},"amount":"1.50","client_secret":"***","list":[{"a":1,"b":2},null],"n":1.50,"ok":true}`}},
	} {
		c := newMask(nil).compare(&tt.match, e)
		var lines []string
		if len(c.found) > 0 {
			lines = c.lines()
		}
		if c.distance() != tt.distance || !cmp.Equal(lines, tt.want) {
			t.Errorf("%s: %d away, want %d: %s", name, c.distance(), tt.distance, cmp.Diff(tt.want, lines))
		}
	}
}

func TestBodiesThatCanNotBeCompared(t *testing.T) {
	long := sent("create", `{}`)
	long.Request.Length = 100_000
	form := called("create")
	form.Request.Header = http.Header{}
	form.Request.text("application/x-www-form-urlencoded", "a=1&b=x+y")
	badForm := called("create")
	badForm.Request.Header = http.Header{}
	badForm.Request.text("application/x-www-form-urlencoded", "a=%zz")
	want := Match{Body: decode(t, `{"a":"1","b":"x y"}`)}
	for name, tt := range map[string]struct {
		entry    *Entry
		distance int
		says     string
	}{
		"none":       {called("create"), 2, "body: the request has none"},
		"cut":        {long, 2, "body: not all of it was read and kept"},
		"broken":     {sent("create", `{"a":"1"`), 2, "body: "},
		"a form":     {form, 0, ""},
		"a bad form": {badForm, 2, "body: it is no well-encoded form"},
	} {
		c := newMask(nil).compare(&want, tt.entry)
		if c.distance() != tt.distance || tt.says != "" && !strings.HasPrefix(c.lines()[0], tt.says) {
			t.Errorf("%s: %d away: %v", name, c.distance(), c.found)
		}
	}
}

func TestVerify(t *testing.T) {
	j := plainJournal()
	for _, body := range []string{`{"a":1,"b":1}`, `{"a":1,"b":2}`, `{"a":2,"b":2}`, `{"a":3,"b":3}`} {
		j.Add("a", sent("create", body))
	}
	j.Add("a", called("get"))
	once := Times{Least: 1, Most: -1}
	for name, tt := range map[string]struct {
		match   Match
		times   Times
		pass    bool
		matched int
		near    []uint64
		wanted  string
	}{
		"at least once":   {Match{Operation: "create"}, once, true, 4, nil, "at least 1"},
		"exactly":         {Match{Operation: "create"}, Times{4, 4}, true, 4, nil, "exactly 4"},
		"too often":       {Match{Operation: "create"}, Times{3, 3}, false, 4, nil, "exactly 3"},
		"too few":         {Match{Operation: "create"}, Times{5, 5}, false, 4, []uint64{5}, "exactly 5"},
		"never":           {Match{Operation: "list"}, Times{0, 0}, true, 0, nil, "none"},
		"at most":         {Match{Operation: "create"}, Times{0, 3}, false, 4, nil, "at most 3"},
		"between":         {Match{Operation: "create"}, Times{1, 4}, true, 4, nil, "1 to 4"},
		"the nearest":     {Match{Operation: "create", Body: decode(t, `{"a":1,"b":3}`)}, once, false, 0, []uint64{4, 2, 1}, "at least 1"},
		"the right call":  {Match{Operation: "get", Client: "x"}, once, false, 0, []uint64{5, 4, 3}, "at least 1"},
		"no request here": {Match{Operation: "get", Client: "demo", Status: 200}, once, true, 1, nil, "at least 1"},
	} {
		p := j.Verify("a", &tt.match, tt.times)
		var near []uint64
		for _, n := range p.Nearest {
			near = append(near, n.Request)
		}
		if p.Pass != tt.pass || p.Matched != tt.matched || len(p.Requests) != tt.matched || !cmp.Equal(near, tt.near) || p.Wanted != tt.wanted {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if p := j.Verify("b", &Match{}, once); p.Pass || p.Matched != 0 {
		t.Errorf("another workspace: %+v", p)
	}
}

func TestVerifyOrder(t *testing.T) {
	j := plainJournal()
	for _, operation := range []string{"create", "get", "get", "cancel", "get"} {
		j.Add("a", called(operation))
	}
	for name, tt := range map[string]struct {
		order   []string
		pass    bool
		matched int
		ids     []uint64
		near    []uint64
	}{
		"in order":         {[]string{"create", "get", "cancel"}, true, 3, []uint64{1, 2, 4}, nil},
		"with itself":      {[]string{"get", "get", "get"}, true, 3, []uint64{2, 3, 5}, nil},
		"the wrong way":    {[]string{"cancel", "create"}, false, 1, []uint64{4}, []uint64{5}},
		"one too many":     {[]string{"create", "create"}, false, 1, []uint64{1}, []uint64{5, 4, 3}},
		"nothing after it": {[]string{"cancel", "get", "get"}, false, 2, []uint64{4, 5}, nil},
	} {
		var matches []Match
		for _, operation := range tt.order {
			matches = append(matches, Match{Operation: operation})
		}
		p := j.VerifyOrder("a", matches)
		var near []uint64
		for _, n := range p.Nearest {
			near = append(near, n.Request)
		}
		if p.Pass != tt.pass || p.Matched != tt.matched || !cmp.Equal(p.Requests, tt.ids) || !cmp.Equal(near, tt.near) {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestAProofTellsWhatWasForgotten(t *testing.T) {
	size := called("get").size()
	j := New(Config{Room: 2 * size, Total: 9 * size})
	for range 5 {
		j.Add("a", called("get"))
	}
	if p := j.Verify("a", &Match{}, Times{5, 5}); p.Pass || p.Forgotten != 3 || p.Matched != 2 {
		t.Errorf("%+v", p)
	}
	if j.Clear("a"); j.Verify("a", &Match{}, Times{}).Forgotten != 0 {
		t.Error("what a person cleared counts as forgotten")
	}
}
