package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// deliveriesCmd shows notifications and sends them again.
type deliveriesCmd struct {
	List   deliveriesListCmd   `cmd:"" default:"withargs" help:"List notifications, newest first (the default)."`
	Show   deliveriesShowCmd   `cmd:"" help:"Show one with its attempts."`
	Replay deliveriesReplayCmd `cmd:"" help:"Send one, or a range, again."`
}

type deliveriesListCmd struct {
	remote
	Provider string `help:"Only of this provider." placeholder:"ID" env:"-"`
	State    string `help:"Only in this state, such as exhausted." placeholder:"STATE" env:"-"`
	Limit    int    `help:"At most so many." default:"50" placeholder:"N" env:"-"`
}

type deliveryReply struct {
	Sequence uint64 `json:"sequence"`
	Type     string `json:"type"`
	Target   string `json:"target"`
	State    string `json:"state"`
	Due      string `json:"due"`
	Count    int    `json:"attempt_count"`
	Body     string `json:"body"`
	Entity   struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
	} `json:"entity"`
	Attempts []struct {
		Number  int    `json:"number"`
		At      string `json:"at"`
		Status  int    `json:"status"`
		Failure struct {
			Message string `json:"message"`
		} `json:"failure"`
		RetryAt string `json:"retry_at"`
	} `json:"attempts"`
}

func (cmd *deliveriesListCmd) Run(ctx context.Context, t *terminal) error {
	items, more, err := cmd.list(ctx, cmd.Limit, filter("provider", cmd.Provider, "state", cmd.State), cmd.inWorkspace("deliveries")...)
	if err != nil {
		return err
	}
	return showList(t, &cmd.remote, items, more, "NUMBER\tTYPE\tENTITY\tSTATE\tATTEMPTS\tNEXT DUE\tTARGET", func(d deliveryReply) string {
		return columns(d.Sequence, d.Type, strings.TrimSpace(d.Entity.Kind+" "+d.Entity.ID), d.State, d.Count, d.Due, d.Target)
	})
}

type deliveriesShowCmd struct {
	remote
	Number uint64 `arg:"" help:"The delivery's number."`
}

func (cmd *deliveriesShowCmd) Run(ctx context.Context, t *terminal) error {
	data, err := cmd.get(ctx, cmd.inWorkspace("deliveries", strconv.FormatUint(cmd.Number, 10))...)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, showDelivery)
}

func showDelivery(w io.Writer, d deliveryReply) {
	fmt.Fprintln(w, columns("delivery", fmt.Sprint(d.Sequence, " ", d.Type, " to ", d.Target)))
	fmt.Fprintln(w, columns("state", d.State))
	fmt.Fprintln(w, columns("body", d.Body))
	for _, a := range d.Attempts {
		outcome := "no answer yet"
		if a.Status != 0 {
			outcome = strconv.Itoa(a.Status)
		}
		if a.Failure.Message != "" {
			outcome = a.Failure.Message
		}
		if a.RetryAt != "" {
			outcome += ", again at " + a.RetryAt
		}
		fmt.Fprintln(w, columns("attempt "+strconv.Itoa(a.Number), a.At+" "+outcome))
	}
}

type deliveriesReplayCmd struct {
	remote
	First uint64 `arg:"" help:"The delivery's number, or the first of a range."`
	Last  uint64 `arg:"" optional:"" help:"The last of a range."`
	State string `help:"Of a range, only those in this state, such as exhausted." placeholder:"STATE" env:"-"`
}

func (cmd *deliveriesReplayCmd) Run(ctx context.Context, t *terminal) error {
	if cmd.Last == 0 && cmd.State == "" {
		path := cmd.inWorkspace("deliveries", strconv.FormatUint(cmd.First, 10), "replay")
		data, err := cmd.call(ctx, http.MethodPost, path, nil, nil)
		if err != nil {
			return err
		}
		return show(t, &cmd.remote, data, showDelivery)
	}
	body := map[string]any{"first": cmd.First, "last": max(cmd.First, cmd.Last)}
	if cmd.Last != 0 {
		body["last"] = cmd.Last
	}
	if cmd.State != "" {
		body["state"] = cmd.State
	}
	data, err := cmd.call(ctx, http.MethodPost, cmd.inWorkspace("deliveries", "replay"), nil, body)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, func(w io.Writer, r struct {
		Replayed int `json:"replayed"`
	}) {
		fmt.Fprintln(w, r.Replayed, "are on their way again")
	})
}
