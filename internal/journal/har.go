package journal

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// HAR is an HTTP archive 1.2, for the readers of that format. Members that begin with an underscore are our own.
type HAR struct {
	Log harLog `json:"log"`
}

type harLog struct {
	Version string     `json:"version"`
	Creator harCreator `json:"creator"`
	Entries []harEntry `json:"entries"` // by the time at which they began
}

type harCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type harEntry struct {
	Started  time.Time   `json:"startedDateTime"`
	Time     float64     `json:"time"`
	Request  harRequest  `json:"request"`
	Response harResponse `json:"response"`
	Cache    struct{}    `json:"cache"`
	Timings  harTimings  `json:"timings"`
	Comment  string      `json:"comment,omitzero"`
	Mockbank View        `json:"_mockbank"`
}

type harRequest struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	Version     string    `json:"httpVersion"`
	Cookies     []harPair `json:"cookies"`
	Headers     []harPair `json:"headers"`
	Query       []harPair `json:"queryString"`
	PostData    *harPost  `json:"postData,omitzero"`
	HeadersSize int       `json:"headersSize"` // -1: not known
	BodySize    int64     `json:"bodySize"`
}

type harResponse struct {
	Status      int        `json:"status"`
	StatusText  string     `json:"statusText"`
	Version     string     `json:"httpVersion"`
	Cookies     []harPair  `json:"cookies"`
	Headers     []harPair  `json:"headers"`
	Content     harContent `json:"content"`
	RedirectURL string     `json:"redirectURL"`
	HeadersSize int        `json:"headersSize"`
	BodySize    int64      `json:"bodySize"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// harPost has either text or params, by the format; readers take the text.
type harPost struct {
	Media   string `json:"mimeType"`
	Text    string `json:"text"`
	Comment string `json:"comment,omitzero"`
}

type harContent struct {
	Size    int64  `json:"size"`
	Media   string `json:"mimeType"`
	Text    string `json:"text,omitzero"`
	Comment string `json:"comment,omitzero"`
}

type harTimings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

const httpVersion = "HTTP/1.1"

// HAR makes the archive of the requests of a workspace that the filter lets through.
func (j *Journal) HAR(workspace string, f Filter, version string) HAR {
	har := HAR{Log: harLog{Version: "1.2", Creator: harCreator{Name: "mockbank", Version: version}, Entries: []harEntry{}}}
	all, _ := j.entries(workspace)
	for _, e := range all {
		if f.lets(e) {
			har.Log.Entries = append(har.Log.Entries, harOf(j.mask.open(e)))
		}
	}
	slices.SortStableFunc(har.Log.Entries, func(a, b harEntry) int { return a.Started.Compare(b.Started) })
	return har
}

func harOf(v View, scrubber *strings.Replacer) harEntry {
	e := harEntry{
		Started: v.Wall, Time: v.TookMS, Timings: harTimings{Wait: v.TookMS},
		Request: harRequest{
			Method: v.Method, URL: v.URL, Version: httpVersion, Cookies: harCookies(v.Request.Headers["Cookie"], true), Headers: harHeaders(v.Request.Headers),
			Query: harQuery(v.URL, scrubber), PostData: harPosted(v.Request), HeadersSize: -1, BodySize: v.Request.Length,
		},
		Response: harResponse{
			Status: v.Status, StatusText: http.StatusText(v.Status), Version: httpVersion, Cookies: harCookies(v.Reply.Headers["Set-Cookie"], false),
			Headers: harHeaders(v.Reply.Headers), RedirectURL: v.Reply.Headers.Get("Location"), HeadersSize: -1, BodySize: v.Reply.Length,
			Content: harContent{Size: v.Reply.Length, Media: media(v.Reply), Text: v.Reply.Body, Comment: v.Reply.Note},
		},
	}
	if v.Verdict != nil {
		e.Comment = "refused by " + v.Verdict.Step + ": " + v.Verdict.Message
	}
	v.Request, v.Reply = nil, nil
	e.Mockbank = v
	return e
}

func media(m *MessageView) string {
	return cmp.Or(m.Headers.Get("Content-Type"), "x-unknown") // what the format says for none
}

func harPosted(m *MessageView) *harPost {
	if m.Length == 0 && m.Note == "" {
		return nil
	}
	return &harPost{Media: media(m), Text: m.Body, Comment: m.Note}
}

func harHeaders(h http.Header) []harPair {
	pairs := []harPair{}
	for name, values := range h {
		for _, value := range values {
			pairs = append(pairs, harPair{name, value})
		}
	}
	slices.SortStableFunc(pairs, func(a, b harPair) int { return strings.Compare(a.Name, b.Name) })
	return pairs
}

// harCookies reads the lines of Cookie, which hold several, or of Set-Cookie, which hold one with its attributes.
func harCookies(lines []string, several bool) []harPair {
	pairs := []harPair{}
	for _, line := range lines {
		for i, part := range strings.Split(line, ";") {
			if i > 0 && !several {
				break
			}
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			pairs = append(pairs, harPair{name, value})
		}
	}
	return pairs
}

func harQuery(address string, scrubber *strings.Replacer) []harPair {
	pairs := []harPair{}
	_, query, _ := strings.Cut(address, "?")
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, harPair{scrubber.Replace(plain(name)), scrubber.Replace(plain(value))})
	}
	return pairs
}

// plain decodes a part of a query, in place of which stands what was sent where it is not well encoded.
func plain(text string) string {
	if decoded, err := url.QueryUnescape(text); err == nil {
		return clean(decoded)
	}
	return text
}
