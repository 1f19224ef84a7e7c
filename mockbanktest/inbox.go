package mockbanktest

import (
	"net/http"
	"net/url"
	"time"
)

// Inbox is a receiver of webhooks inside of mockbank, which verifies what it gets as the provider asks of receivers.
type Inbox struct {
	world *Workspace
	name  string
}

// Inbox is a receiver of this world. It is there as soon as it is named.
func (w *Workspace) Inbox(name string) *Inbox { return &Inbox{w, name} }

// URL is the webhook URL of the inbox. Nothing of it goes over the network.
func (in *Inbox) URL() string {
	return "http://inbox.localhost/" + in.world.name + "/" + url.PathEscape(in.name)
}

// Message is a webhook that an inbox got.
type Message struct {
	Sequence int
	At       time.Time // of workspace time
	Header   http.Header
	Body     []byte
	Status   int // what was answered; 0: the inbox hung
	Verdict  Verdict
}

// Verdict says whether a message is what the provider would send.
type Verdict struct {
	Provider string // whose message it is; empty: nobody's
	Channel  string
	Valid    bool   // signature and form
	Error    string // why it is not valid
}

// messageReply is a message as the control API shows it.
type messageReply struct {
	Sequence   int
	At         time.Time
	Headers    http.Header
	Body       string
	BodyBase64 []byte `json:"body_base64"`
	Status     int
	Verdict    Verdict
}

// Messages are what the inbox got, oldest first; it keeps the last 1,000.
func (in *Inbox) Messages() []Message {
	in.world.tb.Helper()
	var all []Message
	for _, m := range list[messageReply](in.world, in.path(), url.Values{}) {
		body := []byte(m.Body)
		if m.BodyBase64 != nil {
			body = m.BodyBase64
		}
		all = append(all, Message{m.Sequence, m.At, m.Headers, body, m.Status, m.Verdict})
	}
	return all
}

// Answer is how an inbox answers. The zero value is 200.
type Answer struct {
	Status     int    `json:"status,omitempty"`
	Hang       bool   `json:"hang,omitempty"`        // it never answers
	RedirectTo string `json:"redirect_to,omitempty"` // with 307, unless Status says another
	RetryAfter string `json:"retry_after,omitempty"` // that header, as it is
	Times      int    `json:"times,omitempty"`       // for so many messages, then 200 again; 0: for all
}

// Answers says how the inbox answers from now on.
func (in *Inbox) Answers(answer Answer) {
	in.world.tb.Helper()
	in.world.do(http.MethodPut, in.path(), nil, answer)
}

func (in *Inbox) path() []string { return []string{"inbox", in.name} }
