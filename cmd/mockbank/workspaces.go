package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// workspacesCmd shows and changes workspaces.
type workspacesCmd struct {
	List   workspacesListCmd   `cmd:"" default:"withargs" help:"List stored workspaces (the default)."`
	Put    workspacesPutCmd    `cmd:"" help:"Create a workspace, or change what is given of it."`
	Delete workspacesDeleteCmd `cmd:"" help:"Remove a workspace with all that is in it."`
	Reset  workspacesResetCmd  `cmd:"" help:"Drop a workspace's entities, timers and deliveries."`
}

type workspaceReply struct {
	Name       string     `json:"name"`
	Stored     bool       `json:"stored"`
	Clock      clockReply `json:"clock"`
	WebhookURL string     `json:"webhook_url"`
}

const workspaceTitles = "NAME\tSTORED\tCLOCK\tNOW\tWEBHOOK URL"

func (ws workspaceReply) row() string {
	return columns(ws.Name, ws.Stored, ws.Clock.Mode, ws.Clock.Now, ws.WebhookURL)
}

func (ws workspaceReply) table(w io.Writer) {
	fmt.Fprintln(w, workspaceTitles)
	fmt.Fprintln(w, ws.row())
}

type workspacesListCmd struct {
	remote
	Limit int `help:"At most so many." default:"50" placeholder:"N" env:"-"`
}

func (cmd *workspacesListCmd) Run(ctx context.Context, t *terminal) error {
	items, more, err := cmd.list(ctx, cmd.Limit, filter(), "workspaces")
	if err != nil {
		return err
	}
	return showList(t, &cmd.remote, items, more, workspaceTitles, workspaceReply.row)
}

type workspacesPutCmd struct {
	remote
	Name string      `arg:"" help:"The workspace's name."`
	Set  assignments `arg:"" optional:"" help:"NAME=TEXT, NAME:=JSON or NAME=@FILE, such as webhook_url=http://localhost:8080/hook clock.mode=frozen settings.finqlink.refuse=http."`
}

func (cmd *workspacesPutCmd) Run(ctx context.Context, t *terminal) error {
	body, err := cmd.Set.object()
	if err != nil {
		return err
	}
	if body == nil {
		body = map[string]any{}
	}
	data, err := cmd.call(ctx, http.MethodPut, []string{"workspaces", cmd.Name}, nil, body)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, func(w io.Writer, ws workspaceReply) { ws.table(w) })
}

type workspacesDeleteCmd struct {
	remote
	Name string `arg:"" help:"The workspace's name."`
}

func (cmd *workspacesDeleteCmd) Run(ctx context.Context) error {
	_, err := cmd.call(ctx, http.MethodDelete, []string{"workspaces", cmd.Name}, nil, nil)
	return err
}

type workspacesResetCmd struct {
	remote
	Name string `arg:"" help:"The workspace's name."`
}

func (cmd *workspacesResetCmd) Run(ctx context.Context, t *terminal) error {
	data, err := cmd.call(ctx, http.MethodPost, []string{"workspaces", cmd.Name, "reset"}, nil, nil)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, func(w io.Writer, ws workspaceReply) { ws.table(w) })
}
