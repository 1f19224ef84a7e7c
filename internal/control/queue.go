package control

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/engine"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// queueKey is the place of a queued scenario in the list.
func queueKey(q engine.Queued) string {
	return fmt.Sprintf("%s/%s/%020d", q.Provider, q.Kind, q.Number)
}

func (c *Control) listQueue(q *request) (reply, error) {
	if _, err := c.filtered(q); err != nil {
		return reply{}, err
	}
	var waiting []engine.Queued
	err := c.view(q, func(tx *store.Tx) (err error) {
		waiting, err = engine.Queue(tx)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	id, kind := q.query.Get("provider"), q.query.Get("kind")
	waiting = slices.DeleteFunc(waiting, func(w engine.Queued) bool {
		return id != "" && w.Provider != id || kind != "" && w.Kind != kind
	})
	slices.SortFunc(waiting, func(a, b engine.Queued) int { return strings.Compare(queueKey(a), queueKey(b)) })
	return ok(cut(q, waiting, queueKey))
}

// queueOrder is a scenario for the next entities of a kind.
type queueOrder struct {
	Provider string `json:"provider"`
	Kind     string `json:"kind"`
	Scenario string `json:"scenario"`
	Times    int    `json:"times"`
}

func (c *Control) queueScenario(q *request) (reply, error) {
	wanted := queueOrder{Times: 1}
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	r, err := c.kind(wanted.Provider, wanted.Kind)
	if err != nil {
		return reply{}, problem.From(err).At("/kind")
	}
	if err := hasScenario(r, wanted.Kind, wanted.Scenario, "/scenario"); err != nil {
		return reply{}, err
	}
	queued := engine.Queued{Provider: wanted.Provider, Kind: wanted.Kind, Scenario: wanted.Scenario, Left: wanted.Times}
	err = c.update(q, func(tx *store.Tx) (err error) {
		queued, err = engine.Enqueue(tx, queued)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: queued}, nil
}

func (c *Control) emptyQueue(q *request) (reply, error) {
	if err := c.update(q, engine.EmptyQueue); err != nil {
		return reply{}, err
	}
	return gone()
}
