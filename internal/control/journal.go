package control

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/mockbank/mockbank/internal/journal"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/strictjson"
)

func (c *Control) listRequests(q *request) (reply, error) {
	before, err := q.afterNumber()
	if err != nil {
		return reply{}, err
	}
	filter, err := c.requestFilter(q)
	if err != nil {
		return reply{}, err
	}
	found, more := c.Journal.List(q.workspace, filter, before, q.limit())
	shown := page[journal.View]{Items: append([]journal.View{}, found...)}
	if more {
		shown.Next = strconv.FormatUint(found[len(found)-1].ID, 10)
	}
	return ok(shown)
}

// requestFilter reads what the query says of requests.
func (c *Control) requestFilter(q *request) (journal.Filter, error) {
	get := q.query.Get
	f := journal.Filter{
		Provider: get("provider"), Operation: get("operation"), Client: get("client"), Method: get("method"), Path: get("path"),
		Entity: get("entity"), Scenario: get("scenario"),
	}
	if f.Provider != "" {
		if _, err := c.provider(f.Provider); err != nil {
			return f, asQuery(err, "provider")
		}
	}
	f.Status, _ = strconv.Atoi(get("status")) // The spec has checked both numbers and the time.
	f.Beyond, _ = strconv.ParseUint(get("beyond"), 10, 64)
	f.Since, _ = time.Parse(time.RFC3339Nano, get("since"))
	return f, nil
}

func (c *Control) getRequest(q *request) (reply, error) {
	v, found := c.Journal.Get(q.workspace, q.sequence())
	if !found {
		return reply{}, problem.Newf(problem.NotFound, "no_request", "There is no request %d in the journal of this workspace. The oldest go first; --journal-size keeps more.", q.sequence())
	}
	return ok(v)
}

func (c *Control) clearRequests(q *request) (reply, error) {
	c.Journal.Clear(q.workspace)
	return gone()
}

func (c *Control) exportRequests(q *request) (reply, error) {
	filter, err := c.requestFilter(q)
	if err != nil {
		return reply{}, err
	}
	return ok(c.Journal.HAR(q.workspace, filter, c.Version))
}

// verification is what a test wants to have been called.
type verification struct {
	Match   *journal.Match  `json:"match"`
	Times   json.RawMessage `json:"times"`
	InOrder []journal.Match `json:"in_order"`
}

func (c *Control) verifyRequests(q *request) (reply, error) {
	var wanted verification
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	switch {
	case (wanted.Match == nil) == (len(wanted.InOrder) == 0):
		return reply{}, problem.New(problem.Invalid, "what_to_verify", "Say either match, or in_order with at least one match").At("/match")
	case wanted.Match == nil && len(wanted.Times) > 0:
		return reply{}, problem.New(problem.Invalid, "what_to_verify", "times goes with match: in_order wants each of its matches once").At("/times")
	case wanted.Match == nil:
		return ok(c.Journal.VerifyOrder(q.workspace, wanted.InOrder))
	}
	times, err := timesOf(wanted.Times)
	if err != nil {
		return reply{}, err
	}
	return ok(c.Journal.Verify(q.workspace, wanted.Match, times))
}

// timesWanted is the long form of times; a number alone means exactly.
type timesWanted struct {
	Exactly *int `json:"exactly"`
	AtLeast *int `json:"at_least"`
	AtMost  *int `json:"at_most"`
	Never   bool `json:"never"`
}

// timesOf reads how often something is wanted: at least once where nothing is said.
func timesOf(raw json.RawMessage) (journal.Times, error) {
	if len(raw) == 0 {
		return journal.Times{Least: 1, Most: -1}, nil
	}
	var exactly int
	if strictjson.Unmarshal(raw, &exactly) == nil {
		return journal.Times{Least: exactly, Most: exactly}, nil
	}
	var w timesWanted
	if err := strictjson.Unmarshal(raw, &w); err != nil {
		return journal.Times{}, explained(err)
	}
	return w.bounds()
}

func (w timesWanted) bounds() (journal.Times, error) {
	t := journal.Times{Most: -1}
	switch {
	case w.Never:
		t.Most = 0
	case w.Exactly != nil:
		t.Least, t.Most = *w.Exactly, *w.Exactly
	default:
		give(&t.Least, w.AtLeast)
		give(&t.Most, w.AtMost)
	}
	bounded := w.AtLeast != nil || w.AtMost != nil
	if w.Never && (w.Exactly != nil || bounded) || w.Exactly != nil && bounded {
		return t, problem.New(problem.Invalid, "bad_times", "must be one of exactly, never, or at_least and at_most").At("/times")
	}
	if t.Most >= 0 && t.Least > t.Most {
		return t, problem.New(problem.Invalid, "bad_times", "at_least is above at_most, so nothing would do").At("/times")
	}
	return t, nil
}
