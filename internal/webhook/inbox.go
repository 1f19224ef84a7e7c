package webhook

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

var (
	messages = store.Bucket{Name: "inbox"}        // name, sequence -> Message
	answers  = store.Bucket{Name: "inbox-answer"} // name -> Answer
)

const (
	maxMessages = 1000    // kept for each inbox; the oldest go
	maxMessage  = 1 << 20 // bytes
)

var inboxName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Inbox is a receiver of webhooks that verifies what it gets, keeps it, and answers as it was told to.
type Inbox struct {
	Store    *store.Store
	Channels Channels
}

// Incoming is a request to an inbox.
type Incoming struct {
	Workspace string // whose inbox it is
	Name      string
	From      string // the workspace whose keys it should be signed with; empty: the same
	Header    http.Header
	Body      []byte
}

// Message is what an inbox got.
type Message struct {
	Sequence uint64      `json:"sequence"` // 1 for the first of its inbox
	At       time.Time   `json:"at"`
	From     string      `json:"from,omitzero"` // the workspace that sent it, where it is another
	Header   http.Header `json:"header"`
	Body     []byte      `json:"body"`
	Verdict  Verdict     `json:"verdict"`
	Status   int         `json:"status,omitzero"` // that was answered; 0: nothing was, it hung
}

// Verdict is what the inbox found out about a message.
type Verdict struct {
	Provider string `json:"provider,omitzero"` // empty: no channel recognised it
	Channel  string `json:"channel,omitzero"`
	Valid    bool   `json:"valid"`
	Error    string `json:"error,omitzero"`
}

// Answer says how an inbox answers. The zero value is 200.
type Answer struct {
	Status     int    `json:"status,omitzero"`
	Hang       bool   `json:"hang,omitzero"`        // it never answers
	RedirectTo string `json:"redirect_to,omitzero"` // with 307, unless Status says another
	RetryAfter string `json:"retry_after,omitzero"` // that header, as it is
	Times      int    `json:"times,omitzero"`       // for so many messages, then 200 again; 0: for all
}

// Answered is what the sender is to be answered.
type Answered struct {
	Status int
	Header http.Header
	Body   []byte
}

func checkInbox(workspace, name string) error {
	if store.CheckName(workspace) != nil || !inboxName.MatchString(name) {
		return problem.New(problem.NotFound, "no_inbox", "There is no such inbox: its name is 1 to 64 characters of A-Z, a-z, 0-9, dot, dash and underscore, in a workspace")
	}
	return nil
}

// Receive keeps a message and gives the answer. An inbox that hangs returns ctx's error when it ends. A message
// above 1 MiB is problem.TooLarge, and a name that can be none problem.NotFound.
func (in *Inbox) Receive(ctx context.Context, msg Incoming) (Answered, error) {
	if err := checkInbox(msg.Workspace, msg.Name); err != nil {
		return Answered{}, err
	}
	if len(msg.Body) > maxMessage {
		return Answered{}, problem.New(problem.TooLarge, "message_too_large", "An inbox takes messages of up to 1 MiB")
	}
	verdict, receipt, err := in.judge(ctx, msg)
	if err != nil {
		return Answered{}, err
	}
	var answer Answer
	err = in.Store.Update(ctx, msg.Workspace, func(tx *store.Tx) (err error) {
		if answer, err = nextAnswer(tx, msg.Name); err != nil {
			return err
		}
		return keep(tx, msg, verdict, answer.status())
	})
	if err != nil {
		return Answered{}, err
	}
	if answer.Hang {
		<-ctx.Done()
		return Answered{}, ctx.Err()
	}
	return answer.answered(receipt), nil
}

// judge asks the channels whether they know the message, and whether it is sound. receipt is what the sender waits
// for.
func (in *Inbox) judge(ctx context.Context, msg Incoming) (verdict Verdict, receipt string, err error) {
	from := msg.From
	if from == "" {
		from = msg.Workspace
	}
	err = in.Store.View(ctx, from, func(tx *store.Tx) error {
		for _, c := range in.Channels {
			if c.Verify == nil {
				continue
			}
			if recognised, flaw := c.Verify(tx, msg.Header, msg.Body); recognised {
				verdict, receipt = Verdict{Provider: c.Provider, Channel: c.Name, Valid: flaw == nil}, c.Receipt
				if flaw != nil {
					verdict.Error = clean(flaw.Error())
				}
				return nil
			}
		}
		return nil
	})
	return verdict, receipt, err
}

func keep(tx *store.Tx, msg Incoming, verdict Verdict, status int) error {
	n, err := tx.Next("inbox/" + msg.Name)
	if err != nil {
		return err
	}
	corner := store.Key(nil).Text(msg.Name)
	if n > maxMessages {
		messages.Delete(tx, store.Key(nil).Text(msg.Name).Number(n-maxMessages))
	}
	m := Message{Sequence: n, At: tx.Now(), Header: cleanHeader(msg.Header, nil), Body: msg.Body, Verdict: verdict, Status: status}
	if msg.From != msg.Workspace {
		m.From = msg.From
	}
	return messages.Put(tx, corner.Number(n), m)
}

// Messages reads what an inbox got, the oldest first, from after the sequence number on. At most the last 1,000
// are kept.
func Messages(tx *store.Tx, name string, after uint64, limit int) (page []Message, err error) {
	corner := store.Key(nil).Text(name)
	from := store.Key(nil).Text(name).Number(after + 1)
	err = messages.ScanFrom(tx, corner, from, false, func(_ store.Key, decode func(any) error) (bool, error) {
		if len(page) == limit {
			return false, nil
		}
		var m Message
		err := decode(&m)
		page = append(page, m)
		return true, err
	})
	return page, err
}

// SetAnswer says how an inbox answers from here on.
func SetAnswer(tx *store.Tx, name string, a Answer) error {
	switch {
	case checkInbox(tx.Workspace().Name, name) != nil:
		return checkInbox(tx.Workspace().Name, name)
	case a.Status != 0 && (a.Status < 200 || a.Status > 599):
		return problem.New(problem.Invalid, "bad_status", "A status is between 200 and 599").At("status")
	case a.Times < 0:
		return problem.New(problem.Invalid, "bad_times", "times is not below 0").At("times")
	case clean(a.RedirectTo) != a.RedirectTo || clean(a.RetryAfter) != a.RetryAfter:
		return problem.New(problem.Invalid, "bad_header", "A header holds no control characters")
	}
	return answers.Put(tx, store.Key(nil).Text(name), a)
}

// AnswerOf reads how an inbox answers.
func AnswerOf(tx *store.Tx, name string) (a Answer, err error) {
	_, err = answers.Get(tx, store.Key(nil).Text(name), &a)
	return a, err
}

// nextAnswer is AnswerOf for a message, which uses it up.
func nextAnswer(tx *store.Tx, name string) (Answer, error) {
	a, err := AnswerOf(tx, name)
	if err != nil || a.Times == 0 {
		return a, err
	}
	left := a
	left.Times--
	if left.Times == 0 {
		answers.Delete(tx, store.Key(nil).Text(name))
		return a, nil
	}
	return a, answers.Put(tx, store.Key(nil).Text(name), left)
}

func (a Answer) status() int {
	switch {
	case a.Hang:
		return 0
	case a.Status != 0:
		return a.Status
	case a.RedirectTo != "":
		return http.StatusTemporaryRedirect
	}
	return http.StatusOK
}

// answered makes the answer. One that takes the message says so in the channel's own words.
func (a Answer) answered(receipt string) Answered {
	h := http.Header{}
	if a.RedirectTo != "" {
		h.Set("Location", a.RedirectTo)
	}
	if a.RetryAfter != "" {
		h.Set("Retry-After", a.RetryAfter)
	}
	body := strconv.Itoa(a.status())
	if receipt != "" && a.status() == http.StatusOK {
		body = receipt
	}
	return Answered{Status: a.status(), Header: h, Body: []byte(body)}
}

// deliver is an attempt at an inbox, as exchange is one at a receiver outside.
func (in *Inbox) deliver(ctx context.Context, msg Incoming) (res result) {
	answered, err := in.Receive(ctx, msg)
	switch {
	case ctx.Err() != nil:
		return result{err: ctx.Err()}
	case problem.Is(err, problem.NotFound):
		return result{status: http.StatusNotFound}
	case err != nil:
		return result{err: err, status: http.StatusInternalServerError}
	}
	return result{status: answered.Status, header: answered.Header, body: answered.Body}
}
