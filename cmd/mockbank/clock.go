package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// clockCmd shows and moves a workspace's time.
type clockCmd struct {
	Show    clockShowCmd    `cmd:"" default:"withargs" help:"Show the clock (the default)."`
	Set     clockSetCmd     `cmd:"" help:"Set the clock."`
	Advance clockAdvanceCmd `cmd:"" help:"Move time forward and run what is due on the way."`
}

type clockShowCmd struct{ remote }

type clockReply struct {
	Mode      string  `json:"mode"`
	Now       string  `json:"now"`
	Scale     float64 `json:"scale"`
	Next      string  `json:"next"`
	Advancing bool    `json:"advancing"`
}

func (c clockReply) mode() string {
	mode := c.Mode
	if c.Scale != 0 {
		mode += " x" + strconv.FormatFloat(c.Scale, 'g', -1, 64)
	}
	if c.Advancing {
		mode += ", advancing"
	}
	return mode
}

func (c clockReply) table(w io.Writer) {
	fmt.Fprintln(w, columns("now", c.Now))
	fmt.Fprintln(w, columns("mode", c.mode()))
	fmt.Fprintln(w, columns("next due", c.Next))
}

func (cmd *clockShowCmd) Run(ctx context.Context, t *terminal) error {
	data, err := cmd.get(ctx, cmd.inWorkspace("clock")...)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, func(w io.Writer, c clockReply) { c.table(w) })
}

type clockSetCmd struct {
	remote
	Clock string `arg:"" help:"real, frozen, x60, or one of these with @TIME: frozen@2026-01-15T10:30:00Z."`
}

func (cmd *clockSetCmd) Run(ctx context.Context, t *terminal) error {
	body, err := clockBody(cmd.Clock)
	if err != nil {
		return err
	}
	data, err := cmd.call(ctx, http.MethodPut, cmd.inWorkspace("clock"), nil, body)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, func(w io.Writer, c clockReply) { c.table(w) })
}

// clockBody reads a clock as serve --clock writes it. Without a time it goes on from what it reads.
func clockBody(text string) (map[string]any, error) {
	mode, now, hasTime := strings.Cut(text, "@")
	body := map[string]any{"mode": mode}
	if rate, ok := strings.CutPrefix(mode, "x"); ok {
		scale, err := strconv.ParseFloat(rate, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a rate such as x60", mode)
		}
		body["mode"], body["scale"] = "scaled", scale
	}
	if hasTime {
		body["now"] = now
	}
	return body, nil
}

type clockAdvanceCmd struct {
	remote
	By   string `arg:"" help:"A duration such as 90d (units ms, s, m, h, d), a time such as 2026-01-15T10:30:00Z, or next."`
	Wait string `help:"Whether time stands until the attempts of an instant have ended: deliveries or none." enum:"deliveries,none" default:"deliveries" env:"-"`
}

type advanceReply struct {
	From       string `json:"from"`
	To         string `json:"to"`
	Fired      int    `json:"fired"`
	Deliveries int    `json:"deliveries"`
	Unfinished int    `json:"unfinished"`
	Jobs       []struct {
		At     string `json:"at"`
		Entity struct {
			Provider string `json:"provider"`
			Kind     string `json:"kind"`
			ID       string `json:"id"`
		} `json:"entity"`
		State    string `json:"state"`
		Scenario string `json:"scenario"`
		Event    string `json:"event"`
	} `json:"jobs"`
}

func (cmd *clockAdvanceCmd) Run(ctx context.Context, t *terminal) error {
	body := map[string]any{"wait": cmd.Wait}
	if cmd.By == "next" || strings.ContainsFunc(cmd.By, func(r rune) bool { return unicode.IsUpper(r) || r == ':' }) {
		body["to"] = cmd.By
	} else {
		body["by"] = cmd.By
	}
	var data []byte
	err := t.withProgress(func() (string, error) { return cmd.whereabouts(ctx) }, func() (err error) {
		data, err = cmd.call(ctx, http.MethodPost, cmd.inWorkspace("clock", "advance"), nil, body)
		return err
	})
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, showAdvance)
}

// whereabouts tells to which instant a jump has come.
func (cmd *clockAdvanceCmd) whereabouts(ctx context.Context) (string, error) {
	data, err := cmd.get(ctx, cmd.inWorkspace("clock")...)
	if err != nil {
		return "", err
	}
	var now clockReply
	err = strictjson.Unmarshal(data, &now)
	return "time is at " + now.Now, err
}

func showAdvance(w io.Writer, a advanceReply) {
	fmt.Fprintf(w, "from %s to %s: %d timers, %d attempts", a.From, a.To, a.Fired, a.Deliveries)
	if a.Unfinished > 0 {
		fmt.Fprintf(w, " (%d not ended yet)", a.Unfinished)
	}
	fmt.Fprintln(w)
	for _, job := range a.Jobs {
		what := "step of " + job.Scenario
		if job.Event != "" {
			what = "deadline " + job.Event
		}
		fmt.Fprintln(w, columns(job.At, job.Entity.Provider, job.Entity.Kind, job.Entity.ID, job.State, what))
	}
	if a.Fired > len(a.Jobs) {
		fmt.Fprintf(w, "and %d more\n", a.Fired-len(a.Jobs))
	}
}
