package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// clientsCmd shows and changes API clients.
type clientsCmd struct {
	List   clientsListCmd   `cmd:"" default:"withargs" help:"List API clients (the default)."`
	Key    clientsKeyCmd    `cmd:"" help:"Print the private key of a client whose pair mockbank made."`
	Put    clientsPutCmd    `cmd:"" help:"Create an API client, or change what is given of it."`
	Delete clientsDeleteCmd `cmd:"" help:"Remove an API client."`
}

type clientsListCmd struct {
	remote
	Provider string `help:"Only of this provider." placeholder:"ID" env:"-"`
	Limit    int    `help:"At most so many." default:"50" placeholder:"N" env:"-"`
}

type clientReply struct {
	Provider     string   `json:"provider"`
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Secret       string   `json:"secret"`
	PublicKeyPEM string   `json:"public_key_pem"`
	JWKS         any      `json:"jwks"`
	Scopes       []string `json:"scopes"`
	WebhookURL   string   `json:"webhook_url"`
}

// proofs says how the client can prove who it is.
func (c clientReply) proofs() string {
	var all []string
	if c.Secret != "" {
		all = append(all, "secret")
	}
	if c.PublicKeyPEM != "" || c.JWKS != nil {
		all = append(all, "key")
	}
	return strings.Join(all, ", ")
}

const clientTitles = "PROVIDER\tID\tNAME\tPROVES BY\tSCOPES\tWEBHOOK URL"

func (c clientReply) row() string {
	return columns(c.Provider, c.ID, c.Name, c.proofs(), strings.Join(c.Scopes, " "), c.WebhookURL)
}

func (cmd *clientsListCmd) Run(ctx context.Context, t *terminal) error {
	items, more, err := cmd.list(ctx, cmd.Limit, filter("provider", cmd.Provider), cmd.inWorkspace("clients")...)
	if err != nil {
		return err
	}
	return showList(t, &cmd.remote, items, more, clientTitles, clientReply.row)
}

// whichClient names one API client.
type whichClient struct {
	Provider string `arg:"" help:"Provider, such as finqlink."`
	ID       string `arg:"" help:"The client's id."`
}

func (c whichClient) path(r *remote, more ...string) []string {
	return r.inWorkspace(append([]string{"clients", c.Provider, c.ID}, more...)...)
}

type clientsKeyCmd struct {
	remote
	whichClient
}

// Run prints nothing but the PEM, so that it can go into a file; the kid goes to the errors.
func (cmd *clientsKeyCmd) Run(ctx context.Context, t *terminal) error {
	data, err := cmd.get(ctx, cmd.path(&cmd.remote, "private-key")...)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, func(w io.Writer, key struct {
		Kid string `json:"kid"`
		PEM string `json:"private_key_pem"`
	}) {
		fmt.Fprintln(t.err, "kid", key.Kid)
		fmt.Fprint(w, key.PEM)
	})
}

type clientsPutCmd struct {
	remote
	whichClient
	Set assignments `arg:"" optional:"" help:"NAME=TEXT, NAME:=JSON or NAME=@FILE, such as secret=s3cret public_key_pem=@key.pem settings.ais:=false."`
}

func (cmd *clientsPutCmd) Run(ctx context.Context, t *terminal) error {
	body, err := cmd.Set.object()
	if err != nil {
		return err
	}
	if body == nil {
		body = map[string]any{}
	}
	data, err := cmd.call(ctx, http.MethodPut, cmd.path(&cmd.remote), nil, body)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, func(w io.Writer, c clientReply) {
		fmt.Fprintln(w, clientTitles)
		fmt.Fprintln(w, c.row())
	})
}

type clientsDeleteCmd struct {
	remote
	whichClient
}

func (cmd *clientsDeleteCmd) Run(ctx context.Context) error {
	_, err := cmd.call(ctx, http.MethodDelete, cmd.path(&cmd.remote), nil, nil)
	return err
}
