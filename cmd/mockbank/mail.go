package main

import (
	"context"
	"strings"
)

// mailCmd shows what was written to people.
type mailCmd struct {
	remote
	To    string `help:"Only to this address." placeholder:"ADDRESS" env:"-"`
	Limit int    `help:"At most so many." default:"50" placeholder:"N" env:"-"`
}

type mailReply struct {
	At      string   `json:"at"`
	To      []string `json:"to"`
	Subject string   `json:"subject"`
	Links   []string `json:"links"`
}

func (cmd *mailCmd) Run(ctx context.Context, t *terminal) error {
	items, more, err := cmd.list(ctx, cmd.Limit, filter("to", cmd.To), cmd.inWorkspace("mail")...)
	if err != nil {
		return err
	}
	return showList(t, &cmd.remote, items, more, "AT\tTO\tSUBJECT\tLINKS", func(m mailReply) string {
		return columns(m.At, strings.Join(m.To, ", "), m.Subject, strings.Join(m.Links, " "))
	})
}
