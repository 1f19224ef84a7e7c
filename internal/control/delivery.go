package control

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

// deliveryView is a delivery as it is shown. Lists leave Attempts out.
type deliveryView struct {
	Sequence     uint64        `json:"sequence"`
	ID           string        `json:"id,omitzero"`
	Provider     string        `json:"provider"`
	Channel      string        `json:"channel"`
	Type         string        `json:"type"`
	Entity       store.Ref     `json:"entity,omitzero"`
	Client       string        `json:"client,omitzero"`
	Target       string        `json:"target"`
	ContentType  string        `json:"content_type"`
	Body         string        `json:"body,omitzero"`
	BodyBase64   string        `json:"body_base64,omitzero"`
	State        webhook.State `json:"state"`
	Created      time.Time     `json:"created"`
	Due          time.Time     `json:"due,omitzero"`
	AttemptCount int           `json:"attempt_count"`
	Replays      int           `json:"replays"`
	Attempts     []attemptView `json:"attempts,omitzero"`
}

type attemptView struct {
	Number          int          `json:"number"`
	At              time.Time    `json:"at"`
	Ended           time.Time    `json:"ended,omitzero"`
	TookMS          int64        `json:"took_ms,omitzero"`
	Status          int          `json:"status,omitzero"`
	Failure         *failureView `json:"failure,omitzero"`
	RequestHeaders  http.Header  `json:"request_headers,omitzero"`
	ResponseHeaders http.Header  `json:"response_headers,omitzero"`
	Excerpt         string       `json:"excerpt,omitzero"`
	RetryAt         time.Time    `json:"retry_at,omitzero"`
}

type failureView struct {
	Class   webhook.Class `json:"class"`
	Message string        `json:"message"`
}

func showDelivery(d *webhook.Delivery) deliveryView {
	v := deliveryView{
		Sequence: d.Sequence, ID: d.ID, Provider: d.Provider, Channel: d.Channel, Type: d.Type, Entity: d.Entity, Client: d.Client,
		Target: d.Target, ContentType: d.ContentType, State: d.State, Created: d.Created, Due: d.Next,
		AttemptCount: d.Attempts, Replays: d.Replays,
	}
	v.Body, v.BodyBase64 = textOrBase64(d.Body)
	return v
}

// textOrBase64 gives bytes as a text where they are one.
func textOrBase64(data []byte) (text, encoded string) {
	if utf8.Valid(data) {
		return string(data), ""
	}
	return "", base64.StdEncoding.EncodeToString(data)
}

func showAttempt(a webhook.Attempt) attemptView {
	v := attemptView{
		Number: a.Number, At: a.At, Ended: a.Ended, TookMS: time.Duration(a.Took).Milliseconds(), Status: a.Status, RequestHeaders: a.Request,
		ResponseHeaders: a.Response, Excerpt: strings.ToValidUTF8(a.Excerpt, "\uFFFD"), RetryAt: a.RetryAt,
	}
	if a.Failure != nil {
		v.Failure = &failureView{a.Failure.Class, a.Failure.Message}
	}
	return v
}

func (c *Control) listDeliveries(q *request) (reply, error) {
	before, err := q.afterNumber()
	if err != nil {
		return reply{}, err
	}
	if _, err := c.filtered(q); err != nil {
		return reply{}, err
	}
	get := q.query.Get
	filter := webhook.Filter{
		Provider: get("provider"), Type: get("type"), Client: get("client"), Target: get("target"), State: webhook.State(get("state")),
		Entity: store.Ref{Kind: get("kind"), ID: get("entity")},
	}
	shown := page[deliveryView]{Items: []deliveryView{}}
	err = c.view(q, func(tx *store.Tx) error {
		found, rest, err := webhook.List(tx, filter, before, q.limit())
		for _, d := range found {
			shown.Items = append(shown.Items, showDelivery(d))
		}
		if rest != 0 {
			shown.Next = strconv.FormatUint(rest, 10)
		}
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return ok(shown)
}

// sequence is the path's; the spec has checked that it is a number.
func (q *request) sequence() uint64 {
	n, _ := strconv.ParseUint(q.params["sequence"], 10, 64)
	return n
}

func (c *Control) getDelivery(q *request) (reply, error) {
	var v deliveryView
	err := c.view(q, func(tx *store.Tx) (err error) {
		v, err = wholeDelivery(tx, q.sequence())
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return ok(v)
}

// wholeDelivery is a delivery with its attempts.
func wholeDelivery(tx *store.Tx, sequence uint64) (deliveryView, error) {
	d, err := webhook.Get(tx, sequence)
	if err != nil {
		return deliveryView{}, err
	}
	if d == nil {
		return deliveryView{}, problem.Newf(problem.NotFound, "no_delivery", "There is no delivery %d in this workspace", sequence)
	}
	v := showDelivery(d)
	v.Attempts = []attemptView{}
	made, err := webhook.Attempts(tx, sequence)
	for _, a := range made {
		v.Attempts = append(v.Attempts, showAttempt(a))
	}
	return v, err
}

func (c *Control) replayDelivery(q *request) (reply, error) {
	var v deliveryView
	err := c.update(q, func(tx *store.Tx) (err error) {
		if err := webhook.Replay(tx, q.sequence()); err != nil {
			return err
		}
		v, err = wholeDelivery(tx, q.sequence())
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusAccepted, body: v}, nil
}

// replayRange is which deliveries are to be sent again.
type replayRange struct {
	First    uint64        `json:"first"`
	Last     uint64        `json:"last"`
	Provider string        `json:"provider"`
	Type     string        `json:"type"`
	Client   string        `json:"client"`
	Target   string        `json:"target"`
	State    webhook.State `json:"state"`
}

type replayed struct {
	Replayed int `json:"replayed"`
}

func (c *Control) replayDeliveries(q *request) (reply, error) {
	var wanted replayRange
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	filter := webhook.Filter{Provider: wanted.Provider, Type: wanted.Type, Client: wanted.Client, Target: wanted.Target, State: wanted.State}
	var out replayed
	err := c.update(q, func(tx *store.Tx) (err error) {
		out.Replayed, err = webhook.ReplayRange(tx, filter, wanted.First, wanted.Last)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusAccepted, body: out}, nil
}
