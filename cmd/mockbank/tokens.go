package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// tokensCmd shows and revokes access tokens.
type tokensCmd struct {
	Introspect tokensIntrospectCmd `cmd:"" help:"Tell what an access token is, and whether it is still good."`
	Revoke     tokensRevokeCmd     `cmd:"" help:"Have calls with an access token be refused from now on."`
}

// whichToken is a token, or a dash for one that comes from standard input, where no list of processes shows it.
type whichToken struct {
	remote
	Token string `arg:"" help:"The access token; - reads it from standard input."`
}

type tokenReply struct {
	Active   bool   `json:"active"`
	Reason   string `json:"reason"`
	Provider string `json:"provider"`
	Kind     string `json:"kind"`
	Client   string `json:"client_id"`
	Scope    string `json:"scope"`
	Expires  int64  `json:"exp"`
	Cnf      *struct {
		Thumbprint string `json:"x5t#S256"`
	} `json:"cnf"`
}

const tokenTitles = "ACTIVE\tPROVIDER\tKIND\tCLIENT\tSCOPE\tEXPIRES\tCERTIFICATE\tREASON"

func (t tokenReply) row() string {
	active, expires, certificate := "no", "", ""
	if t.Active {
		active = "yes"
	}
	if t.Expires != 0 {
		expires = time.Unix(t.Expires, 0).UTC().Format(time.RFC3339)
	}
	if t.Cnf != nil {
		certificate = t.Cnf.Thumbprint
	}
	return columns(active, t.Provider, t.Kind, t.Client, t.Scope, expires, certificate, t.Reason)
}

// longestToken is far above what any provider gives out.
const longestToken = 64 << 10

func (cmd *whichToken) ask(ctx context.Context, t *terminal, what string) error {
	token := cmd.Token
	if token == "-" {
		text, err := io.ReadAll(io.LimitReader(os.Stdin, longestToken))
		if err != nil {
			return fmt.Errorf("standard input can not be read: %w", err)
		}
		token = strings.TrimSpace(string(text))
	}
	if token == "" {
		return errors.New("there is no token: give it as the argument, or write it to standard input")
	}
	data, err := cmd.call(ctx, http.MethodPost, cmd.inWorkspace("tokens", what), nil, map[string]any{"token": token})
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, func(w io.Writer, r tokenReply) {
		fmt.Fprintln(w, tokenTitles)
		fmt.Fprintln(w, r.row())
	})
}

type tokensIntrospectCmd struct{ whichToken }

func (cmd *tokensIntrospectCmd) Run(ctx context.Context, t *terminal) error {
	return cmd.ask(ctx, t, "introspect")
}

type tokensRevokeCmd struct{ whichToken }

func (cmd *tokensRevokeCmd) Run(ctx context.Context, t *terminal) error {
	return cmd.ask(ctx, t, "revoke")
}
