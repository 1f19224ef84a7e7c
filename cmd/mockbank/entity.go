package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// entitiesCmd shows what providers stored.
type entitiesCmd struct {
	List entitiesListCmd `cmd:"" default:"withargs" help:"List entities, newest first (the default)."`
	Show entitiesShowCmd `cmd:"" help:"Show one with its history and its timers."`
}

type entitiesListCmd struct {
	remote
	Provider string `help:"Only of this provider." placeholder:"ID" env:"-"`
	Kind     string `help:"Only of this kind." placeholder:"KIND" env:"-"`
	State    string `help:"Only in this state." placeholder:"STATE" env:"-"`
	Limit    int    `help:"At most so many." default:"50" placeholder:"N" env:"-"`
}

type entityReply struct {
	Provider string   `json:"provider"`
	Kind     string   `json:"kind"`
	ID       string   `json:"id"`
	State    string   `json:"state"`
	Scenario string   `json:"scenario"`
	Legal    []string `json:"legal_events"`
	Updated  string   `json:"updated"`
	History  []struct {
		At    string `json:"at"`
		Event string `json:"event"`
		Cause string `json:"cause"`
		From  string `json:"from"`
		To    string `json:"to"`
		Note  string `json:"note"`
	} `json:"history"`
	Next []struct {
		Due      string `json:"due"`
		Scenario string `json:"scenario"`
		Event    string `json:"event"`
	} `json:"next"`
}

func (cmd *entitiesListCmd) Run(ctx context.Context, t *terminal) error {
	query := filter("provider", cmd.Provider, "kind", cmd.Kind, "state", cmd.State)
	items, more, err := cmd.list(ctx, cmd.Limit, query, cmd.inWorkspace("entities")...)
	if err != nil {
		return err
	}
	return showList(t, &cmd.remote, items, more, "PROVIDER\tKIND\tID\tSTATE\tSCENARIO\tUPDATED", func(e entityReply) string {
		return columns(e.Provider, e.Kind, e.ID, e.State, e.Scenario, e.Updated)
	})
}

// which names one entity.
type which struct {
	Provider string `arg:"" help:"Provider, such as finqlink."`
	Kind     string `arg:"" help:"Kind, such as link."`
	ID       string `arg:"" help:"Id of the entity."`
}

func (e which) path(r *remote, more ...string) []string {
	return r.inWorkspace(append([]string{"entities", e.Provider, e.Kind, e.ID}, more...)...)
}

type entitiesShowCmd struct {
	remote
	which
}

func (cmd *entitiesShowCmd) Run(ctx context.Context, t *terminal) error {
	data, err := cmd.get(ctx, cmd.path(&cmd.remote)...)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, showEntity)
}

func showEntity(w io.Writer, e entityReply) {
	fmt.Fprintln(w, columns("entity", e.Provider+" "+e.Kind+" "+e.ID))
	fmt.Fprintln(w, columns("state", e.State))
	fmt.Fprintln(w, columns("scenario", e.Scenario))
	fmt.Fprintln(w, columns("legal events", strings.Join(e.Legal, ", ")))
	for _, m := range e.History {
		fmt.Fprintln(w, columns(m.At, m.Event+" by "+m.Cause, m.From+" -> "+m.To, m.Note))
	}
	for _, timer := range e.Next {
		what := "step of " + timer.Scenario
		if timer.Event != "" {
			what = "deadline " + timer.Event
		}
		fmt.Fprintln(w, columns(timer.Due, "due: "+what))
	}
}

// fireCmd applies an event.
type fireCmd struct {
	remote
	which
	Event string      `arg:"" help:"One of the entity's legal events."`
	Set   assignments `arg:"" optional:"" help:"New values of its members: NAME=TEXT, NAME:=JSON or NAME=@FILE."`
}

func (cmd *fireCmd) Run(ctx context.Context, t *terminal) error {
	body := map[string]any{"event": cmd.Event}
	set, err := cmd.Set.object()
	if err != nil {
		return err
	}
	if set != nil {
		body["set"] = set
	}
	return post(ctx, t, &cmd.remote, cmd.path(&cmd.remote, "events"), body)
}

// actCmd does what a payer does.
type actCmd struct {
	remote
	which
	Act string `arg:"" help:"approve, cancel or decline." enum:"approve,cancel,decline"`
}

func (cmd *actCmd) Run(ctx context.Context, t *terminal) error {
	return post(ctx, t, &cmd.remote, cmd.path(&cmd.remote, "events"), map[string]any{"act": cmd.Act})
}

// post moves an entity and shows it as it is then.
func post(ctx context.Context, t *terminal, r *remote, segments []string, body any) error {
	data, err := r.call(ctx, http.MethodPost, segments, nil, body)
	if err != nil {
		return err
	}
	return show(t, r, data, showEntity)
}
