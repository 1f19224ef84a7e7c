package main

import (
	"context"
	"net/http"
)

// queueCmd gives the next entities a scenario, and shows what waits.
type queueCmd struct {
	Add   queueAddCmd   `cmd:"" default:"withargs" help:"Give the next entities of a kind a scenario (the default)."`
	List  queueListCmd  `cmd:"" help:"List what waits."`
	Clear queueClearCmd `cmd:"" help:"Drop all that waits."`
}

type queueAddCmd struct {
	remote
	Provider string `arg:"" help:"Provider, such as finqlink."`
	Kind     string `arg:"" help:"Kind, such as link."`
	Scenario string `arg:"" help:"The scenario's name."`
	Times    int    `help:"For how many entities." default:"1" placeholder:"N" env:"-"`
}

type queuedReply struct {
	Number   uint64 `json:"number"`
	Provider string `json:"provider"`
	Kind     string `json:"kind"`
	Scenario string `json:"scenario"`
	Left     int    `json:"left"`
}

const queueTitles = "NUMBER\tPROVIDER\tKIND\tSCENARIO\tLEFT"

func (q queuedReply) row() string {
	return columns(q.Number, q.Provider, q.Kind, q.Scenario, q.Left)
}

// Run queues, and shows all that waits then.
func (cmd *queueAddCmd) Run(ctx context.Context, t *terminal) error {
	order := map[string]any{"provider": cmd.Provider, "kind": cmd.Kind, "scenario": cmd.Scenario, "times": cmd.Times}
	if _, err := cmd.call(ctx, http.MethodPost, cmd.inWorkspace("scenarios", "queue"), nil, order); err != nil {
		return err
	}
	return (&queueListCmd{remote: cmd.remote, Limit: mostOnPage}).Run(ctx, t)
}

type queueListCmd struct {
	remote
	Limit int `help:"At most so many." default:"500" placeholder:"N" env:"-"`
}

func (cmd *queueListCmd) Run(ctx context.Context, t *terminal) error {
	items, more, err := cmd.list(ctx, cmd.Limit, filter(), cmd.inWorkspace("scenarios", "queue")...)
	if err != nil {
		return err
	}
	return showList(t, &cmd.remote, items, more, queueTitles, queuedReply.row)
}

type queueClearCmd struct{ remote }

func (cmd *queueClearCmd) Run(ctx context.Context, _ *terminal) error {
	_, err := cmd.call(ctx, http.MethodDelete, cmd.inWorkspace("scenarios", "queue"), nil, nil)
	return err
}
