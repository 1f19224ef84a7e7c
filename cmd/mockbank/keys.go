package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// keysCmd shows and rotates signing keys.
type keysCmd struct {
	Show   keysShowCmd   `cmd:"" help:"Show a provider's signing keys."`
	Rotate keysRotateCmd `cmd:"" help:"Give a provider new signing keys; those before stay published."`
}

type keySetReply struct {
	Purpose string `json:"purpose"`
	Alg     string `json:"alg"`
	Since   string `json:"since"`
	Current struct {
		Kid string `json:"kid"`
	} `json:"current"`
	Previous struct {
		Kid string `json:"kid"`
	} `json:"previous"`
}

const keyTitles = "PURPOSE\tALG\tSINCE\tSIGNS NOW\tBEFORE"

func (k keySetReply) row() string {
	return columns(k.Purpose, k.Alg, k.Since, k.Current.Kid, k.Previous.Kid)
}

type keysShowCmd struct {
	remote
	Provider string `arg:"" help:"Provider, such as finqlink."`
}

func (cmd *keysShowCmd) Run(ctx context.Context, t *terminal) error {
	items, more, err := cmd.list(ctx, mostOnPage, filter(), cmd.inWorkspace("keys", cmd.Provider)...)
	if err != nil {
		return err
	}
	return showList(t, &cmd.remote, items, more, keyTitles, keySetReply.row)
}

type keysRotateCmd struct {
	remote
	Provider string `arg:"" help:"Provider, such as finqlink."`
	Purpose  string `arg:"" optional:"" help:"The one key set, such as webhook; all otherwise."`
}

func (cmd *keysRotateCmd) Run(ctx context.Context, t *terminal) error {
	body := map[string]any{}
	if cmd.Purpose != "" {
		body["purpose"] = cmd.Purpose
	}
	data, err := cmd.call(ctx, http.MethodPost, cmd.inWorkspace("keys", cmd.Provider, "rotate"), nil, body)
	if err != nil {
		return err
	}
	var page struct {
		Items []json.RawMessage `json:"items"`
	}
	if err := strictjson.Unmarshal(data, &page); err != nil {
		return err
	}
	return showList(t, &cmd.remote, page.Items, false, keyTitles, keySetReply.row)
}
