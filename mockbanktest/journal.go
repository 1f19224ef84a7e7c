package mockbanktest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Match says what a request looks like. What is not said is not looked at.
type Match struct {
	Provider  string            `json:"provider,omitempty"`
	Operation string            `json:"operation,omitempty"` // or a page's name
	Client    string            `json:"client,omitempty"`
	Method    string            `json:"method,omitempty"`
	Path      string            `json:"path,omitempty"`   // of the provider; a final * stands for any rest
	Entity    string            `json:"entity,omitempty"` // its id
	Scenario  string            `json:"scenario,omitempty"`
	Status    int               `json:"status,omitempty"` // 4 stands for 400 to 499
	Headers   map[string]string `json:"headers,omitempty"`
	Query     map[string]string `json:"query,omitempty"`
	// Body is a part of the JSON body or form, such as map[string]any{"amount": "125.50"}: an object needs the
	// members that are named, a list all of its items.
	Body any `json:"body,omitempty"`
}

// Request is one request of a provider, and how it was answered. Secrets are shown as three asterisks.
type Request struct {
	ID        int       // its number in the world
	At        time.Time // of workspace time
	Provider  string
	Operation string
	Method    string
	URL       string
	Path      string
	Client    string // empty: nobody is known to have called
	Scenario  string
	Entity    string // kind and id of what the reply is about
	Status    int
	Mishaps   []string // what misbehaved on purpose
	Refused   Refused  `json:"verdict"` // zero: nothing refused it
	Request   Content
	Reply     Content
}

// Refused tells what refused a request.
type Refused struct {
	Step      string // of the request's way, such as route, guard hmac, validate, handle
	Code      string
	Pointer   string
	Message   string
	Diagnosis string // what the client is not told, and its engineer needs to know
}

// Content is headers and body of a request or a reply.
type Content struct {
	Headers http.Header
	Body    string // its first 64 KiB at the most
}

// Requests are the requests that match, oldest first, with headers and bodies. A match by headers, query or body is
// for Verify.
func (w *Workspace) Requests(match Match) []Request {
	w.tb.Helper()
	if match.Headers != nil || match.Query != nil || match.Body != nil {
		w.tb.Fatalf("mockbanktest: Requests looks at no headers, query and body; Verify does")
	}
	found := list[Request](w, []string{"requests"}, match.query())
	all := make([]Request, len(found))
	for i, r := range found {
		all[len(found)-1-i] = ask[Request](w, http.MethodGet, []string{"requests", strconv.Itoa(r.ID)}, nil)
	}
	return all
}

func (m Match) query() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{
		"provider": m.Provider, "operation": m.Operation, "client": m.Client, "method": m.Method, "path": m.Path,
		"entity": m.Entity, "scenario": m.Scenario,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if m.Status != 0 {
		query.Set("status", strconv.Itoa(m.Status))
	}
	return query
}

// Times says how often. The zero value is at least once.
type Times struct{ bounds map[string]any }

// Exactly n times.
func Exactly(n int) Times { return Times{map[string]any{"exactly": n}} }

// AtLeast n times.
func AtLeast(n int) Times { return Times{map[string]any{"at_least": n}} }

// AtMost n times.
func AtMost(n int) Times { return Times{map[string]any{"at_most": n}} }

// Never at all.
func Never() Times { return Times{map[string]any{"never": true}} }

// Verify fails the test unless such requests were made so often, and says how the nearest ones differ.
func (w *Workspace) Verify(match Match, times Times) {
	w.tb.Helper()
	wanted := map[string]any{"match": match}
	if times.bounds != nil {
		wanted["times"] = times.bounds
	}
	w.verify(wanted)
}

// VerifyOrder fails the test unless requests were made that match one after the other, whatever came between them.
func (w *Workspace) VerifyOrder(order ...Match) {
	w.tb.Helper()
	w.verify(map[string]any{"in_order": order})
}

// proof is what the control API finds.
type proof struct {
	Pass    bool
	Wanted  string
	Matched int
	Nearest []struct {
		Request     int
		Differences []string
	}
	Forgotten int
}

func (w *Workspace) verify(wanted any) {
	w.tb.Helper()
	p := ask[proof](w, http.MethodPost, []string{"requests", "verify"}, wanted)
	if !p.Pass {
		w.tb.Fatalf("%s", p)
	}
}

// String tells why a proof failed.
func (p proof) String() string {
	lines := []string{fmt.Sprintf("mockbank: wanted %s, found %d", p.Wanted, p.Matched)}
	for _, near := range p.Nearest {
		for _, difference := range near.Differences {
			lines = append(lines, fmt.Sprintf("request %d: %s", near.Request, difference))
		}
	}
	if p.Forgotten > 0 {
		lines = append(lines, fmt.Sprintf("%d older requests were not counted: the journal has no room for them", p.Forgotten))
	}
	return strings.Join(lines, "\n  ")
}
