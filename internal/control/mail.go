package control

import (
	_ "embed"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

//go:embed mail.html
var mailText string

var mailPage = sync.OnceValues(func() (*pages.Page, error) { return pages.New(mailText) })

// mailView is a letter as it is shown.
type mailView struct {
	Sequence uint64        `json:"sequence"` // of the delivery that it is
	Provider string        `json:"provider"`
	Type     string        `json:"type"`
	Entity   store.Ref     `json:"entity,omitzero"`
	At       time.Time     `json:"at"`
	From     string        `json:"from"`
	To       []string      `json:"to"`
	Subject  string        `json:"subject"`
	Text     string        `json:"text"`
	Links    []string      `json:"links"` // the addresses in the text, in its order
	State    webhook.State `json:"state"`
}

const mediaHTML = "text/html"

var address = regexp.MustCompile(`https?://[^\s<>"']*[^\s<>"'.,;:!?)]`)

func showMail(l webhook.Letter) mailView {
	return mailView{
		Sequence: l.Sequence, Provider: l.Provider, Type: l.Type, Entity: l.Entity, At: l.Created, From: l.From, To: l.To,
		Subject: l.Subject, Text: l.Text, Links: append([]string{}, address.FindAllString(l.Text, -1)...), State: l.State,
	}
}

// listMail shows what was written by mail; to a browser as the page of a mailbox.
func (c *Control) listMail(q *request) (reply, error) {
	before, err := q.afterNumber()
	if err != nil {
		return reply{}, err
	}
	if _, err := c.filtered(q); err != nil {
		return reply{}, err
	}
	shown := page[mailView]{Items: []mailView{}}
	err = c.view(q, func(tx *store.Tx) error {
		found, rest, err := webhook.Letters(tx, webhook.Filter{Provider: q.query.Get("provider"), Type: q.query.Get("type")}, q.query.Get("to"), before, q.limit())
		for _, letter := range found {
			shown.Items = append(shown.Items, showMail(letter))
		}
		if rest != 0 {
			shown.Next = strconv.FormatUint(rest, 10)
		}
		return err
	})
	if err != nil {
		return reply{}, err
	}
	if forBrowser(q.Request) {
		return mailbox(q, shown)
	}
	return ok(shown)
}

// forBrowser tells whether a person looks at the answer: programs do not ask for HTML.
func forBrowser(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), mediaHTML)
}

// span is a part of a text: words, or an address.
type span struct {
	Text string
	Link bool
}

func spans(text string) (all []span) {
	from := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		all = append(all, span{Text: text[from:at[0]]}, span{Text: text[at[0]:at[1]], Link: true})
		from = at[1]
	}
	return append(all, span{Text: text[from:]})
}

// Spans is the text with its addresses found.
func (m mailView) Spans() []span { return spans(m.Text) }

// When is when it was written, for people.
func (m mailView) When() string { return m.At.UTC().Format("2 January 2006, 15:04:05 UTC") }

// Receivers are those to whom it went, for people.
func (m mailView) Receivers() string { return strings.Join(m.To, ", ") }

func mailbox(q *request, shown page[mailView]) (reply, error) {
	page, err := mailPage()
	if err != nil {
		return reply{}, err
	}
	older := ""
	if shown.Next != "" {
		query := q.URL.Query()
		query.Set("after", shown.Next)
		older = "?" + query.Encode()
	}
	shell := pages.Shell{Title: "Mail of " + q.workspace, Brand: "mockbank"}
	body, err := page.Render(shell, struct {
		Workspace string
		Letters   []mailView
		Older     string
	}{q.workspace, shown.Items, older})
	return reply{status: http.StatusOK, media: mediaHTML + "; charset=utf-8", raw: body, header: shell.Header()}, err
}
