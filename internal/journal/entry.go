package journal

import (
	"bytes"
	"net/http"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
)

// Entry is one request and its reply, as the gateway saw them.
type Entry struct {
	ID   uint64        // of the workspace's requests; Add gives it
	At   time.Time     // when it came, in workspace time
	Wall time.Time     // likewise, on the machine's clock
	Took time.Duration // of wall time, until the reply was to be written

	Provider  string // empty: the address named none
	Face      string
	Operation string // or the page's name; empty: the path leads nowhere
	Method    string
	Origin    string // scheme and host as the client named them
	Whole     string // the path as it was sent, escaped
	Path      string // below the face's mount; Whole where no face is known
	Query     string // as it was sent

	Client   string // who called, once a guard found out
	Scenario string
	Entity   string   // kind/id of what the reply is about
	Repeated bool     // the reply is that of an earlier request with the same idempotency key
	Mishaps  []string // what misbehaved on purpose: refuse, delay, lose, cut, spoil, drip

	Verdict *Verdict // nil: nothing refused the request
	Status  int
	Request Message
	Reply   Message // as it was made, before a mishap lost or spoilt it
}

// Message is a request's or a reply's headers and body.
type Message struct {
	Header http.Header
	Media  string // of the body, where the headers do not say it
	Body   []byte // at most the first mostBody bytes
	Length int64  // of the whole body, read or not; -1: nobody knows
	// Withheld tells that the body is a secret as a whole, and so is not given to the journal.
	Withheld bool
}

// Verdict says what refused a request.
type Verdict struct {
	Step       string // of the request's way: resolve, route, read, "guard hmac", validate, handle, mishap, ...
	Kind       problem.Kind
	Code       string
	Pointer    string
	Message    string
	Violations []problem.Violation // the first mostViolations
	More       int                 // violations beyond those
	Diagnosis  string              // the private cause, which the client is not told
}

// Bounds of one entry.
const (
	mostBody       = 64 << 10
	mostViolations = 100
	mostDiagnosis  = 2 << 10
)

// Judge makes the verdict of a refusal at a step.
func Judge(step string, refusal *problem.Error) *Verdict {
	v := &Verdict{Step: step, Kind: refusal.Kind, Code: refusal.Code, Pointer: refusal.Pointer, Message: refusal.Message, Violations: refusal.Violations}
	if len(v.Violations) > mostViolations {
		v.More = len(v.Violations) - mostViolations
		v.Violations = append([]problem.Violation{}, v.Violations[:mostViolations]...)
	}
	if refusal.Err != nil {
		v.Diagnosis = refusal.Err.Error()
		v.Diagnosis = v.Diagnosis[:min(len(v.Diagnosis), mostDiagnosis)]
	}
	return v
}

// bound cuts long bodies. A cut one is copied, or the whole would be held.
func (e *Entry) bound() {
	for _, m := range []*Message{&e.Request, &e.Reply} {
		if len(m.Body) > mostBody {
			m.Body = bytes.Clone(m.Body[:mostBody])
		}
	}
}

// What an entry weighs besides its texts: itself, its places in the orders, and each line of a header.
const (
	entryWeight  = 1280
	headerWeight = 96
)

// size is about what the entry keeps from being freed.
func (e *Entry) size() int64 {
	n := entryWeight + len(e.Origin) + len(e.Whole) + len(e.Path) + len(e.Query) + len(e.Client) + len(e.Entity) + len(e.Scenario)
	return int64(n) + e.Request.size() + e.Reply.size() + e.Verdict.size()
}

func (m *Message) size() int64 {
	n := cap(m.Body)
	for name, values := range m.Header {
		n += headerWeight + len(name)
		for _, value := range values {
			n += len(value)
		}
	}
	return int64(n)
}

func (v *Verdict) size() int64 {
	if v == nil {
		return 0
	}
	n := 256 + len(v.Message) + len(v.Pointer) + len(v.Diagnosis)
	for _, violation := range v.Violations {
		n += 64 + len(violation.Pointer) + len(violation.Message)
	}
	return int64(n)
}
