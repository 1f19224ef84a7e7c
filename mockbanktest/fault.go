package mockbanktest

import (
	"net/http"
	"time"
)

// Target says which calls or webhooks a fault is for. What is not said is any.
type Target struct {
	Provider    string  `json:"provider,omitempty"`
	Operation   string  `json:"operation,omitempty"` // or a page; * is every operation and no page
	Client      string  `json:"client,omitempty"`    // the API client
	Channel     string  `json:"channel,omitempty"`   // of webhooks
	Type        string  `json:"type,omitempty"`      // of webhooks
	Every       int     `json:"every,omitempty"`     // only every nth of them
	Probability float64 `json:"probability,omitempty"`
	Times       int     `json:"times,omitempty"` // it acts so often at the most; 0: always
}

// Harm is what happens to a call, or to a webhook. Times are in whole milliseconds.
type Harm struct {
	// To calls. What is answered is the provider's own error, and nothing is stored where the status comes Before.
	When       string        // Before or After: on which side of the commit latency, status and reset act
	Latency    time.Duration // of wall time
	Status     int
	Code       string // the provider's error code
	RetryAfter time.Duration
	Reset      bool // of the connection, without a reply
	Truncate   bool
	Malformed  bool
	Drip       time.Duration // between two pieces of the reply

	// To webhooks.
	Delay        time.Duration // of workspace time
	Duplicate    int           // how often it is sent in all
	Reorder      bool          // it lets the next one pass
	Drop         bool
	BadSignature bool
	UnknownKid   bool
}

// The sides of a commit.
const (
	Before = "before"
	After  = "after"
)

// Fault has something go wrong from now on.
func (w *Workspace) Fault(target Target, harm Harm) {
	w.tb.Helper()
	w.do(http.MethodPost, []string{"faults"}, nil, map[string]any{"match": target, "fault": harm.body()})
}

// Flaky is a bad Monday, the same one in each run: some calls are slow, and a few fail in various ways.
func (w *Workspace) Flaky(target Target) {
	w.tb.Helper()
	w.do(http.MethodPost, []string{"faults"}, nil, map[string]any{"match": target, "preset": "flaky"})
}

// ClearFaults has nothing go wrong any more.
func (w *Workspace) ClearFaults() {
	w.tb.Helper()
	w.do(http.MethodDelete, []string{"faults"}, nil, nil)
}

// body is the harm as the control API takes it: durations as texts, and nothing that is not said.
func (h Harm) body() any {
	return struct {
		When         string `json:"when,omitempty"`
		Latency      string `json:"latency,omitempty"`
		Status       int    `json:"status,omitempty"`
		Code         string `json:"code,omitempty"`
		RetryAfter   string `json:"retry_after,omitempty"`
		Reset        bool   `json:"reset,omitempty"`
		Truncate     bool   `json:"truncate,omitempty"`
		Malformed    bool   `json:"malformed,omitempty"`
		Drip         string `json:"drip,omitempty"`
		Delay        string `json:"delay,omitempty"`
		Duplicate    int    `json:"duplicate,omitempty"`
		Reorder      bool   `json:"reorder,omitempty"`
		Drop         bool   `json:"drop,omitempty"`
		BadSignature bool   `json:"bad_signature,omitempty"`
		UnknownKid   bool   `json:"unknown_kid,omitempty"`
	}{
		h.When, given(h.Latency), h.Status, h.Code, given(h.RetryAfter), h.Reset, h.Truncate, h.Malformed, given(h.Drip),
		given(h.Delay), h.Duplicate, h.Reorder, h.Drop, h.BadSignature, h.UnknownKid,
	}
}

// given is a length of time; none is not said.
func given(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return span(d)
}
