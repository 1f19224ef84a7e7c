package finqlink

import (
	"encoding/base64"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/strictjson"
)

const (
	defaultPage = 50
	longestV1   = 1000 // links in one reply of v1, which has no pages
)

type listBody struct {
	Filter struct {
		Status string    `json:"status"`
		From   time.Time `json:"inserted_at_from"`
		To     time.Time `json:"inserted_at_to"`
	} `json:"filter"`
	Pagination struct {
		Limit int     `json:"limit"`
		After *string `json:"after"`
	} `json:"pagination"`
}

type listReply struct {
	RequestID  string     `json:"request_id"`
	App        string     `json:"api_client_app"`
	ClientID   string     `json:"client_id"`
	Pagination pagination `json:"pagination"`
	Links      []linkView `json:"links"`
}

type pagination struct {
	Count int     `json:"count"`
	More  bool    `json:"more?"`
	After *string `json:"after"`
}

func (f *finqlink) listLinks(c *provider.Call) (provider.Reply, error) {
	var body listBody
	if version(c) == v1 {
		body.Pagination.Limit = longestV1
	} else if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	if body.Pagination.Limit == 0 {
		body.Pagination.Limit = defaultPage
	}
	after, err := body.after(c)
	if err != nil {
		return provider.Reply{}, err
	}
	found, more, err := f.page(c, body, after)
	if err != nil {
		return provider.Reply{}, err
	}
	if version(c) == v1 {
		return provider.Reply{Body: map[string]any{"links": found}}, nil
	}
	reply := listReply{RequestID: requestID(c), ClientID: c.Principal.Client, Links: found, Pagination: pagination{Count: len(found), More: more}}
	if len(found) > 0 {
		reply.Pagination.After = &found[len(found)-1].Keyset
	}
	reply.App, err = appOf(c)
	return provider.Reply{Body: reply}, err
}

// page reads one link more than the page holds, to know whether there are more.
func (f *finqlink) page(c *provider.Call, body listBody, after *cursor) ([]linkView, bool, error) {
	app, err := appOf(c)
	if err != nil {
		return nil, false, err
	}
	index, part := body.part(c.Principal.Client, after)
	found, more := []linkView{}, false
	err = links.List(c, index, part, func(e *provider.Entity[Link]) (bool, error) {
		if after != nil && e.ID() == after.ID {
			return true, nil
		}
		if more = len(found) == body.Pagination.Limit; more {
			return false, nil
		}
		view := f.view(c, e, app)
		if version(c) != v1 {
			view.Keyset = cursorOf(e).text()
		}
		found = append(found, view)
		return true, nil
	})
	return found, more, err
}

// part is the part of an index that holds what the filter asks for, from the cursor on.
func (b listBody) part(client string, after *cursor) (index string, in provider.Range) {
	index = byClient
	prefix := func() provider.Key {
		key := provider.Key{}.Text(client)
		if b.Filter.Status != "" {
			key = key.Text(b.Filter.Status)
		}
		return key
	}
	if b.Filter.Status != "" {
		index = byStatus
	}
	in.Prefix = prefix()
	if !b.Filter.To.IsZero() {
		in.From = prefix().Latest(before(b.Filter.To))
	}
	if !b.Filter.From.IsZero() {
		in.To = prefix().Latest(before(b.Filter.From))
	}
	if after != nil {
		in.From = place(prefix(), after.at, after.ID)
	}
	return index, in
}

// before is the last instant that a link can have been inserted at and lie before t: links have microseconds.
func before(t time.Time) time.Time { return t.Add(-time.Nanosecond).Truncate(time.Microsecond) }

// cursor is a place in a list: that of one link.
type cursor struct {
	InsertedAt string `json:"inserted_at"`
	ID         string `json:"id"`

	at time.Time
}

func cursorOf(e *provider.Entity[Link]) cursor {
	return cursor{InsertedAt: stamp(e.Created()), ID: e.ID()}
}

func (c cursor) text() string {
	raw, _ := strictjson.Marshal(c) // Two texts always encode.
	return base64.RawURLEncoding.EncodeToString(raw)
}

// parseCursor reads a cursor that is written in just the way in which text writes it.
func parseCursor(text string) (at cursor, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || strictjson.Unmarshal(raw, &at) != nil || at.text() != text {
		return cursor{}, false
	}
	at.at, err = time.Parse(stampForm, at.InsertedAt)
	return at, err == nil && stamp(at.at) == at.InsertedAt
}

// after reads the cursor. Its form is documented, so anyone can write one: it counts only when it is, byte for
// byte, that of a link of this client which the filter could have given.
func (b listBody) after(c *provider.Call) (*cursor, error) {
	if b.Pagination.After == nil {
		return nil, nil
	}
	refused := problem.New(problem.Invalid, "", "is no cursor of this list: send the after of the last page as it is, with the same filter").At("/pagination/after")
	at, ok := parseCursor(*b.Pagination.After)
	if !ok || !b.holds(at.at) {
		return nil, refused
	}
	found := false
	start := place(provider.Key{}.Text(c.Principal.Client), at.at, at.ID)
	err := links.List(c, byClient, provider.Range{Prefix: start}, func(*provider.Entity[Link]) (bool, error) {
		found = true
		return false, nil
	})
	if err == nil && !found {
		err = refused
	}
	return &at, err
}

func (b listBody) holds(at time.Time) bool {
	return (b.Filter.From.IsZero() || !at.Before(b.Filter.From)) && (b.Filter.To.IsZero() || at.Before(b.Filter.To))
}
