package scripttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var callWords = words{
	"call": word("call STATUS METHOD URL [ITEM...]", 3, -1, func(ts *testscript.TestScript, args []string) error {
		return call(ts, args[0], args[1], args[2], args[3:])
	}),
	"control": word("control STATUS METHOD PATH [ITEM...]", 3, -1, func(ts *testscript.TestScript, args []string) error {
		return call(ts, args[0], args[1], ts.Getenv("CONTROL")+args[2], args[3:])
	}),
	"finqlink": word("finqlink STATUS PATH [ITEM...]", 2, -1, func(ts *testscript.TestScript, args []string) error {
		return finqlink(ts, args[0], args[1], args[2:])
	}),
	"onelinkfintech": word("onelinkfintech STATUS METHOD PATH [ITEM...]", 3, -1, func(ts *testscript.TestScript, args []string) error {
		return onelinkfintech(ts, args[0], args[1], args[2], args[3:])
	}),
	"submit":  word("submit STATUS URL [NAME=VALUE...]", 2, -1, submit),
	"json":    negatable("[!] json MEMBER WANT", 2, 2, wants, isOther),
	"members": word("members NAME...", 1, -1, members),
	"header":  word("header NAME WANT", 2, 2, header),
	"keep":    word("keep VARIABLE MEMBER", 2, 2, keep),
	"leads":   word("leads VARIABLE", 1, 1, leads),
}

// reply is what the last call brought.
type reply struct {
	status int
	header http.Header
	body   any // decoded; nil where it is no JSON
	text   string
}

var client = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// demo are the credentials of FinqLink's demo client.
var demo = []string{"client_id=finqlink-demo", "client_secret=finqlink-demo-secret"}

func finqlink(ts *testscript.TestScript, status, path string, items []string) error {
	return call(ts, status, http.MethodPost, ts.Getenv("API")+path, append(slices.Clone(demo), items...))
}

func onelinkfintech(ts *testscript.TestScript, status, method, path string, items []string) error {
	key := []string{"Authorization:Bearer sk_test_mock_0000000000000001"}
	return call(ts, status, method, ts.Getenv("ONELINK")+path, append(key, items...))
}

// call sends a request, remembers the reply, and says all of it where the status is another than wanted.
func call(ts *testscript.TestScript, status, method, target string, items []string) error {
	headers, body, err := message(items)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(context.Background(), method, target, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header, request.Host = headers, headers.Get("Host")
	return send(ts, status, request)
}

// submit sends a form, as a page's button does.
func submit(ts *testscript.TestScript, args []string) error {
	form := url.Values{}
	for _, field := range args[2:] {
		name, value, _ := strings.Cut(field, "=")
		form.Add(name, value)
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, args[1], strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(ts, args[0], request)
}

func send(ts *testscript.TestScript, status string, request *http.Request) error {
	got, err := exchange(request)
	if err != nil {
		return err
	}
	taleOf(ts).reply = got
	if strconv.Itoa(got.status) != status {
		return fmt.Errorf("%s %s answers %d, want %s: %s", request.Method, request.URL, got.status, status, got.text)
	}
	return nil
}

func exchange(request *http.Request) (reply, error) {
	answer, err := client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	got := reply{status: answer.StatusCode, header: answer.Header, text: string(text)}
	if strings.Contains(answer.Header.Get("Content-Type"), "json") {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		err = decoder.Decode(&got.body)
	}
	return got, err
}

var itemForm = regexp.MustCompile(`(?s)^([A-Za-z0-9._?-]+?)(:=|=|:)(.*)$`)

// message makes headers and a JSON body of items; without a member there is no body.
func message(items []string) (http.Header, []byte, error) {
	headers, object := http.Header{}, map[string]any{}
	for _, item := range items {
		part := itemForm.FindStringSubmatch(item)
		if part == nil {
			return nil, nil, fmt.Errorf("%q is no item: write member=text, member:=JSON or Header:value", item)
		}
		var value any = part[3]
		switch part[2] {
		case ":":
			headers.Set(part[1], part[3])
			continue
		case ":=":
			if err := json.Unmarshal([]byte(part[3]), &value); err != nil {
				return nil, nil, fmt.Errorf("item %q: %w", item, err)
			}
		}
		place(object, strings.Split(part[1], "."), value)
	}
	if len(object) == 0 {
		return headers, nil, nil
	}
	headers.Set("Content-Type", "application/json")
	body, err := json.Marshal(object)
	return headers, body, err
}

// place puts a value where a path of names leads.
func place(object map[string]any, path []string, value any) {
	if len(path) == 1 {
		object[path[0]] = value
		return
	}
	inner, ok := object[path[0]].(map[string]any)
	if !ok {
		inner = map[string]any{}
		object[path[0]] = inner
	}
	place(inner, path[1:], value)
}

const absent = "absent"

// look finds what a path leads to, as text: strings as they are, all else as JSON.
func look(value any, path string) string {
	for name := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			inner, ok := v[name]
			if !ok {
				return absent
			}
			value = inner
		case []any:
			if name == "length" {
				return strconv.Itoa(len(v))
			}
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(v) {
				return absent
			}
			value = v[i]
		default:
			return absent
		}
	}
	if s, ok := value.(string); ok {
		return s
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func isOther(ts *testscript.TestScript, args []string) error {
	last := taleOf(ts).reply
	if got := look(last.body, args[0]); got == args[1] || got == absent {
		return fmt.Errorf("%s is %q, want something else: %s", args[0], got, last.text)
	}
	return nil
}

func wants(ts *testscript.TestScript, args []string) error {
	last := taleOf(ts).reply
	if got := look(last.body, args[0]); got != args[1] {
		return fmt.Errorf("%s is %q, want %q: %s", args[0], got, args[1], last.text)
	}
	return nil
}

func members(ts *testscript.TestScript, want []string) error {
	last := taleOf(ts).reply
	object, _ := last.body.(map[string]any)
	got := make([]string, 0, len(object))
	for name := range object {
		got = append(got, name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Errorf("the members are %q, want %q: %s", got, want, last.text)
	}
	return nil
}

func header(ts *testscript.TestScript, args []string) error {
	if got := taleOf(ts).reply.header.Get(args[0]); got != args[1] {
		return fmt.Errorf("the header %s is %q, want %q", args[0], got, args[1])
	}
	return nil
}

func keep(ts *testscript.TestScript, args []string) error {
	last := taleOf(ts).reply
	got := look(last.body, args[1])
	if got == absent {
		return fmt.Errorf("there is no %s to keep: %s", args[1], last.text)
	}
	ts.Setenv(args[0], got)
	return nil
}

// leads keeps the query of the address to which the last reply sends the browser.
func leads(ts *testscript.TestScript, args []string) error {
	target, err := url.Parse(taleOf(ts).reply.header.Get("Location"))
	if err != nil {
		return err
	}
	if target.RawQuery == "" {
		return fmt.Errorf("the last reply leads to %q, which has no query", target)
	}
	ts.Setenv(args[0], target.RawQuery)
	return nil
}
