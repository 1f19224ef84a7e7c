package journal

import (
	"net/http"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
)

// View is an entry as it is shown, without its secrets. Summaries leave Request and Reply out.
type View struct {
	ID        uint64       `json:"id"`
	At        time.Time    `json:"at"`
	Wall      time.Time    `json:"wall"`
	TookMS    float64      `json:"took_ms"`
	Provider  string       `json:"provider,omitzero"`
	Face      string       `json:"face,omitzero"`
	Operation string       `json:"operation,omitzero"`
	Method    string       `json:"method"`
	URL       string       `json:"url"`
	Path      string       `json:"path"`
	Client    string       `json:"client,omitzero"`
	Scenario  string       `json:"scenario,omitzero"`
	Entity    string       `json:"entity,omitzero"`
	Repeated  bool         `json:"repeated"`
	Mishaps   []string     `json:"mishaps,omitzero"`
	Verdict   *VerdictView `json:"verdict,omitzero"`
	Status    int          `json:"status"`
	Request   *MessageView `json:"request,omitzero"`
	Reply     *MessageView `json:"reply,omitzero"`
}

// VerdictView is a verdict as it is shown.
type VerdictView struct {
	Step       string          `json:"step"`
	Kind       problem.Kind    `json:"kind"`
	Code       string          `json:"code,omitzero"`
	Pointer    string          `json:"pointer,omitzero"`
	Message    string          `json:"message"`
	Violations []ViolationView `json:"violations,omitzero"`
	More       int             `json:"more_violations,omitzero"`
	Diagnosis  string          `json:"diagnosis,omitzero"`
}

// ViolationView is a broken rule of a schema.
type ViolationView struct {
	Pointer string `json:"pointer"`
	Rule    string `json:"rule,omitzero"`
	Message string `json:"message"`
}

// MessageView is a request's or a reply's headers and body.
type MessageView struct {
	Headers http.Header `json:"headers"`
	Body    string      `json:"body,omitzero"`
	Note    string      `json:"note,omitzero"` // what is not shown of the body, and why
	Length  int64       `json:"length"`        // of the whole body; 0 where nobody knows
	Cut     bool        `json:"cut,omitzero"`  // not all of it was read and kept
}

// summary shows what a list shows. Secrets are looked for in the whole entry, since its line may repeat one.
func (m mask) summary(e *Entry) View {
	v := m.show(e)
	v.Request, v.Reply = nil, nil
	return v
}

// show makes the view of an entry: each part masked by its syntax, and then whatever was hidden in one is hidden in
// all others.
func (m mask) show(e *Entry) View {
	v, _ := m.open(e)
	return v
}

// open is show, and gives what hides the same secrets in texts that are made of the view.
func (m mask) open(e *Entry) (View, *strings.Replacer) {
	k := m.begin()
	v := View{
		ID: e.ID, At: e.At, Wall: e.Wall, TookMS: float64(e.Took.Microseconds()) / 1000, Provider: e.Provider, Face: e.Face,
		Operation: e.Operation, Method: clean(e.Method), URL: clean(e.Origin + e.Whole), Path: clean(e.Path), Client: clean(e.Client), Scenario: clean(e.Scenario),
		Entity: clean(e.Entity), Repeated: e.Repeated, Mishaps: e.Mishaps, Status: e.Status, Verdict: k.verdict(e.Verdict),
		Request: k.message(&e.Request), Reply: k.message(&e.Reply),
	}
	if e.Query != "" {
		v.URL += "?" + clean(k.form(e.Query))
	}
	scrubber := k.scrubber()
	v.scrub(scrubber)
	return v, scrubber
}

// clean makes a text of what a client wrote, which need not be one.
func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func (k *masking) message(m *Message) *MessageView {
	v := &MessageView{Headers: make(http.Header, len(m.Header)), Length: max(m.Length, 0), Cut: m.Length != int64(len(m.Body))}
	for name, values := range m.Header {
		for _, value := range values {
			v.Headers[name] = append(v.Headers[name], clean(k.header(name, value)))
		}
	}
	if m.Media != "" {
		v.Headers["Content-Type"] = []string{m.Media}
	}
	if m.Withheld {
		v.Note = "not remembered: it holds a secret that is shown once"
		return v
	}
	v.Body, v.Note = k.body(v.Headers.Get("Content-Type"), m.Body)
	return v
}

func (k *masking) verdict(of *Verdict) *VerdictView {
	if of == nil {
		return nil
	}
	v := &VerdictView{
		Step: of.Step, Kind: of.Kind, Code: clean(of.Code), Pointer: clean(of.Pointer), Message: clean(k.text(of.Message)),
		More: of.More, Diagnosis: clean(k.text(of.Diagnosis)),
	}
	for _, violation := range of.Violations {
		v.Violations = append(v.Violations, ViolationView{clean(violation.Pointer), violation.Rule, clean(violation.Message)})
	}
	return v
}

// scrub hides what was hidden in one place in all texts that a client may have had a hand in.
func (v *View) scrub(r *strings.Replacer) {
	texts := []*string{&v.Method, &v.URL, &v.Path, &v.Client, &v.Scenario, &v.Entity}
	if d := v.Verdict; d != nil {
		texts = append(texts, &d.Code, &d.Pointer, &d.Message, &d.Diagnosis)
		for i := range d.Violations {
			texts = append(texts, &d.Violations[i].Pointer, &d.Violations[i].Message)
		}
	}
	for _, m := range []*MessageView{v.Request, v.Reply} {
		texts = append(texts, &m.Body, &m.Note)
		m.scrub(r)
	}
	for _, text := range texts {
		*text = r.Replace(*text)
	}
}

// scrub cleans the headers, their names too.
func (m *MessageView) scrub(r *strings.Replacer) {
	headers := make(http.Header, len(m.Headers))
	for name, values := range m.Headers {
		for i := range values {
			values[i] = r.Replace(values[i])
		}
		headers[r.Replace(name)] = values
	}
	m.Headers = headers
}
