package control

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

const workspacePath = "/w/"

// inboxOf reads the address of an inbox: /w/{ws}/_inbox/{name}.
func inboxOf(path string) (workspace, name string, ok bool) {
	rest, ok := strings.CutPrefix(path, workspacePath)
	if !ok {
		return "", "", false
	}
	parts := strings.Split(rest, "/")
	if len(parts) < 2 || parts[1] != "_inbox" {
		return "", "", false
	}
	name, err := url.PathUnescape(strings.Join(parts[2:], "/"))
	if err != nil {
		return parts[0], "", true // which is no inbox's name
	}
	return parts[0], name, true
}

// receive takes a webhook. It asks for no token, since senders have none; a web page of another origin may not
// fill the store by it.
func (c *Control) receive(w http.ResponseWriter, r *http.Request, workspace, name string) (encoded, error) {
	if r.Method != http.MethodPost && r.Method != http.MethodPut {
		return encoded{}, problem.New(problem.MethodNotAllowed, "method_not_allowed", "An inbox takes POST and PUT; read it at "+Prefix+"/workspaces/{ws}/inbox/{name}").With("Allow", "POST, PUT")
	}
	if crossSite(r) {
		return encoded{}, problem.New(problem.Forbidden, "cross_origin", "A page of another origin may not send to an inbox")
	}
	body, err := readAll(w, r, maxBody)
	if err != nil {
		return encoded{}, err
	}
	answer, err := c.Inbox.Receive(r.Context(), webhook.Incoming{Workspace: workspace, Name: name, Header: r.Header, Body: body})
	if r.Context().Err() != nil {
		return encoded{}, problem.New(problem.Timeout, "hung", "The inbox was told to hang, and the caller went away")
	}
	return encoded{status: answer.Status, header: answer.Header}, err
}

// messageView is a message of an inbox as it is shown.
type messageView struct {
	Sequence   uint64          `json:"sequence"`
	At         time.Time       `json:"at"`
	From       string          `json:"from,omitzero"`
	Headers    http.Header     `json:"headers"`
	Body       string          `json:"body,omitzero"`
	BodyBase64 string          `json:"body_base64,omitzero"`
	Status     int             `json:"status"`
	Verdict    webhook.Verdict `json:"verdict"`
}

func showMessage(m webhook.Message) messageView {
	v := messageView{Sequence: m.Sequence, At: m.At, From: m.From, Headers: m.Header, Status: m.Status, Verdict: m.Verdict}
	if v.Headers == nil {
		v.Headers = http.Header{}
	}
	v.Body, v.BodyBase64 = textOrBase64(m.Body)
	return v
}

// inboxPage is a page of messages with how the inbox answers.
type inboxPage struct {
	Items  []messageView  `json:"items"`
	Next   string         `json:"next,omitzero"`
	Answer webhook.Answer `json:"answer"`
	URL    string         `json:"url"`
}

func (c *Control) listInbox(q *request) (reply, error) {
	after, err := q.afterNumber()
	if err != nil {
		return reply{}, err
	}
	name, limit := q.params["name"], q.limit()
	shown := inboxPage{Items: []messageView{}, URL: c.origin(q.Request) + workspacePath + q.workspace + "/_inbox/" + url.PathEscape(name)}
	err = c.view(q, func(tx *store.Tx) (err error) {
		found, err := webhook.Messages(tx, name, after, limit+1)
		if err != nil {
			return err
		}
		for _, m := range found[:min(limit, len(found))] {
			shown.Items = append(shown.Items, showMessage(m))
		}
		if len(found) > limit {
			shown.Next = strconv.FormatUint(found[limit-1].Sequence, 10)
		}
		shown.Answer, err = webhook.AnswerOf(tx, name)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return ok(shown)
}

func (c *Control) putInbox(q *request) (reply, error) {
	var answer webhook.Answer
	if err := q.bind(&answer); err != nil {
		return reply{}, err
	}
	err := c.update(q, func(tx *store.Tx) error { return webhook.SetAnswer(tx, q.params["name"], answer) })
	if err != nil {
		return reply{}, err
	}
	return ok(answer)
}
