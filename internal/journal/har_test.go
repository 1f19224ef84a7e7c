package journal

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// harFields are the members that the format demands, by the object in which they stand (HAR 1.2).
var harFields = map[string]string{
	"log":                                 "version creator entries",
	"log/creator":                         "name version",
	"log/entries/0":                       "startedDateTime time request response cache timings",
	"log/entries/0/request":               "method url httpVersion cookies headers queryString headersSize bodySize",
	"log/entries/0/response":              "status statusText httpVersion cookies headers content redirectURL headersSize bodySize",
	"log/entries/0/timings":               "send wait receive",
	"log/entries/0/cache":                 "",
	"log/entries/0/request/postData":      "mimeType text",
	"log/entries/0/response/content":      "size mimeType",
	"log/entries/0/request/cookies/0":     "name value",
	"log/entries/0/request/headers/0":     "name value",
	"log/entries/0/request/queryString/0": "name value",
	"log/entries/0/response/cookies/0":    "name value",
}

// archive decodes the archive of a workspace.
func archive(t *testing.T, j *Journal, workspace string) any {
	t.Helper()
	data, err := strictjson.Marshal(j.HAR(workspace, Filter{}, "1.0"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := strictjson.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// at walks to a place of a document; nil where there is none.
func at(v any, path string) any {
	for step := range strings.SplitSeq(path, "/") {
		switch inner := v.(type) {
		case map[string]any:
			v = inner[step]
		case []any:
			if len(inner) == 0 {
				return nil
			}
			v = inner[0]
		}
	}
	return v
}

func TestHARHasWhatTheFormatDemands(t *testing.T) {
	j := plainJournal()
	e := sent("create", `{"a":1}`)
	e.Query = "a=b%20c&token=secret-7"
	e.Request.Header.Set("Cookie", "session=abc; lang=de")
	e.Reply = Message{Header: http.Header{"Set-Cookie": {"session=abc; Path=/"}, "Location": {"/next"}}, Media: "text/html", Body: []byte("<p>hi"), Length: 5}
	e.Status, e.Took = http.StatusSeeOther, 1500*time.Microsecond
	e.Verdict = Judge("guard hmac", problem.New(problem.Unauthenticated, "", "Who are you"))
	j.Add("a", e)
	har := archive(t, j, "a")
	for place, fields := range harFields {
		object, ok := at(har, place).(map[string]any)
		for _, field := range strings.Fields(fields) {
			if _, there := object[field]; !there {
				t.Errorf("%s has no %s: %v", place, field, object)
			}
		}
		if !ok {
			t.Errorf("%s is not there", place)
		}
	}
	for place, want := range map[string]any{
		"log/version": "1.2", "log/entries/0/time": json.Number("1.5"), "log/entries/0/request/url": "http://localhost:6265/toy/orders?a=b%20c&token=***",
		"log/entries/0/request/queryString/0/value": "b c", "log/entries/0/request/postData/text": `{"a":1}`, "log/entries/0/response/redirectURL": "/next",
		"log/entries/0/response/content/text": "<p>hi", "log/entries/0/response/content/mimeType": "text/html", "log/entries/0/response/cookies/0/value": hidden,
		"log/entries/0/response/statusText": "See Other", "log/entries/0/_mockbank/operation": "create", "log/entries/0/startedDateTime": "2026-01-15T10:30:00Z",
		"log/entries/0/comment": "refused by guard hmac: Who are you",
	} {
		if got := at(har, place); got != want {
			t.Errorf("%s is %v, want %v", place, got, want)
		}
	}
}

func TestHAROfNothing(t *testing.T) {
	if entries, ok := at(archive(t, plainJournal(), "a"), "log/entries").([]any); !ok || len(entries) != 0 {
		t.Errorf("%v", entries)
	}
}

func TestHARIsInTheOrderOfTime(t *testing.T) {
	j := plainJournal()
	late, early := called("late"), called("early")
	late.Wall = start.Add(time.Second) // It was answered first.
	j.Add("a", late)
	j.Add("a", early)
	if first := at(archive(t, j, "a"), "log/entries/0/_mockbank/operation"); first != "early" {
		t.Errorf("the first is %v", first)
	}
}
