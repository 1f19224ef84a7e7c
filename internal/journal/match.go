package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// Match says what a request looks like. What is empty is not looked at.
type Match struct {
	Provider  string            `json:"provider"`
	Operation string            `json:"operation"` // or a page's name
	Client    string            `json:"client"`
	Method    string            `json:"method"`
	Path      string            `json:"path"` // below the face's mount; a final * stands for any rest
	Entity    string            `json:"entity"`
	Scenario  string            `json:"scenario"`
	Status    int               `json:"status"` // 1 to 5 stand for all statuses that begin so
	Headers   map[string]string `json:"headers"`
	Query     map[string]string `json:"query"`
	// Body is a part of the JSON body, or of the form: an object needs the members that are named, a list all of its
	// items, and numbers are compared by their value.
	Body any `json:"body"`
}

// How far one difference puts a request from a match: another call is further away than any other content of the same.
const (
	farCall    = 100
	farStatus  = 10
	farContent = 1
)

// difference is one reason why a request does not match, in words.
type difference struct {
	far  int
	text string
}

// comparison collects the differences between a match and an entry.
type comparison struct {
	*masking
	entry *Entry
	found []difference
}

// compare gives all differences; none: the entry matches.
func (m mask) compare(want *Match, e *Entry) *comparison {
	c := &comparison{masking: m.begin(), entry: e}
	c.same("provider", farCall, want.Provider, e.Provider)
	c.same("operation", farCall, want.Operation, e.Operation)
	c.same("method", farCall, want.Method, e.Method)
	if want.Path != "" && !isPath(want.Path, e.Path) {
		c.differ(farCall, "path", quote(want.Path), quote(e.Path))
	}
	c.same("client", farStatus, want.Client, e.Client)
	c.same("scenario", farStatus, want.Scenario, e.Scenario)
	if want.Entity != "" && !isEntity(want.Entity, e.Entity) {
		c.differ(farStatus, "entity", quote(want.Entity), quote(e.Entity))
	}
	if !isStatus(want.Status, e.Status) {
		c.differ(farStatus, "status", statusText(want.Status), statusText(e.Status))
	}
	c.headers(want.Headers)
	c.query(want.Query)
	if want.Body != nil {
		c.body(want.Body)
	}
	return c
}

func (c *comparison) same(place string, far int, want, got string) {
	if want != "" && want != got {
		c.differ(far, place, quote(want), quote(got))
	}
}

const nothing = "nothing"

func quote(s string) string {
	if s == "" {
		return nothing
	}
	return strconv.Quote(clean(s))
}

func statusText(status int) string {
	if status < 10 {
		return strconv.Itoa(status) + "xx"
	}
	return strconv.Itoa(status)
}

func (c *comparison) differ(far int, place, want, got string) {
	c.found = append(c.found, difference{far, fmt.Sprintf("%s: want %s, got %s", place, want, got)})
}

// secretly is differ for a value that nobody is shown.
func (c *comparison) secretly(place, want, got string) {
	c.hide(want)
	c.hide(got)
	c.differ(farContent, place, "a secret", "another one, or none")
}

func (c *comparison) headers(want map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		values := c.entry.Request.Header.Values(name)
		if !slices.Contains(values, want[name]) {
			c.named("header "+http.CanonicalHeaderKey(name), name, want[name], values)
		}
	}
}

func (c *comparison) query(want map[string]string) {
	got, _ := url.ParseQuery(c.entry.Query) // What is not well encoded is not there.
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !slices.Contains(got[name], want[name]) {
			c.named("query "+name, name, want[name], got[name])
		}
	}
}

// named tells of a named text that is another.
func (c *comparison) named(place, name, want string, got []string) {
	all := strings.Join(got, ", ")
	if c.secret(name) {
		c.secretly(place, want, all)
		return
	}
	c.differ(farContent, place, strconv.Quote(clean(want)), quote(all))
}

// body compares with the decoded body. One that can not be decoded is as far away as if nothing were in it.
func (c *comparison) body(want any) {
	got, err := c.entry.Request.decoded()
	if err != nil {
		c.found = append(c.found, difference{farContent * leaves(want), "body: " + err.Error()})
		return
	}
	c.value("", "", want, got)
}

// decoded reads a body as its Content-Type says, and without one as JSON.
func (m *Message) decoded() (any, error) {
	switch {
	case m.Length != int64(len(m.Body)):
		return nil, errors.New("not all of it was read and kept")
	case len(m.Body) == 0:
		return nil, errors.New("the request has none")
	case strings.HasPrefix(m.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		return decodedForm(string(m.Body))
	}
	return strictjson.Decode(m.Body)
}

func decodedForm(body string) (any, error) {
	fields, err := url.ParseQuery(body)
	if err != nil {
		return nil, errors.New("it is no well-encoded form")
	}
	form := map[string]any{}
	for name, values := range fields {
		form[name] = values[0]
	}
	return form, nil
}

func leaves(v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			n += leaves(inner)
		}
	case []any:
		for _, inner := range v {
			n += leaves(inner)
		}
	}
	return max(n, 1)
}

// value compares what a pointer leads to. name is the member in which it stands.
func (c *comparison) value(pointer, name string, want, got any) {
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok {
			c.object(pointer, name, w, g)
			return
		}
	case []any:
		if g, ok := got.([]any); ok && len(g) == len(w) {
			for i := range w {
				c.value(pointer+"/"+strconv.Itoa(i), name, w[i], g[i])
			}
			return
		}
	case json.Number:
		if g, ok := got.(json.Number); ok && sameNumber(w, g) {
			return
		}
	default:
		if want == got {
			return
		}
	}
	c.other(pointer, name, want, written(got))
}

func (c *comparison) object(pointer, name string, want, got map[string]any) {
	for _, member := range slices.Sorted(maps.Keys(want)) {
		place := pointer + "/" + escaped(member)
		of := member
		if c.secret(name) {
			of = name
		}
		value, there := got[member]
		if !there {
			c.other(place, of, want[member], nothing)
			continue
		}
		c.value(place, of, want[member], value)
	}
}

// other tells of a value that is another, as far away as what was wanted has values.
func (c *comparison) other(pointer, name string, want any, got string) {
	place := strings.TrimSpace("body " + pointer)
	if c.secret(name) {
		c.secretly(place, written(want), got)
		return
	}
	c.differ(farContent*leaves(want), place, c.shown(written(want)), c.shown(got))
}

// longestShown bounds what a difference shows of a value.
const longestShown = 200

func (c *comparison) shown(value string) string {
	if value != nothing {
		value, _ = c.json([]byte(value))
	}
	if len(value) > longestShown {
		value = clean(value[:longestShown]) + "..."
	}
	return value
}

func written(v any) string {
	data, err := strictjson.Marshal(v)
	if err != nil {
		return nothing
	}
	return string(data)
}

// sameNumber compares by value: 1.5 is 1.50. Exponents that would take long to write out are compared as they are.
func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	if strings.ContainsAny(string(a+b), "eE") {
		return false
	}
	x, okX := new(big.Rat).SetString(string(a))
	y, okY := new(big.Rat).SetString(string(b))
	return okX && okY && x.Cmp(y) == 0
}

// escaped writes a name as a part of a JSON pointer (RFC 6901 section 3).
func escaped(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// distance adds up how far away an entry is from the match; 0 is a match.
func (c *comparison) distance() int {
	n := 0
	for _, d := range c.found {
		n += d.far
	}
	return n
}

// lines are the differences in words, without the secrets of the entry.
func (c *comparison) lines() []string {
	_, scrubber := c.open(c.entry)
	own := c.scrubber()
	lines := make([]string, len(c.found))
	for i, d := range c.found {
		lines[i] = own.Replace(scrubber.Replace(d.text))
	}
	return lines
}
