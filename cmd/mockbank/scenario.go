package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// scenarioCmd shows and chooses stories.
type scenarioCmd struct {
	List   scenarioListCmd   `cmd:"" help:"List scenarios with the magic values that choose them."`
	Show   scenarioShowCmd   `cmd:"" help:"Show a kind's law and inputs, or what a story does: steps and mishaps, also the inherited ones."`
	Choose scenarioChooseCmd `cmd:"" help:"Choose the scenario of a workspace's new entities."`
	Lint   scenarioLintCmd   `cmd:"" help:"Say all that is wrong with a folder of scenario files, each with its place; needs no server."`
	Schema scenarioSchemaCmd `cmd:"" help:"Print the JSON Schema of scenario files, for editors; needs no server."`
}

type scenarioListCmd struct {
	remote
	Provider string `arg:"" optional:"" help:"Only of this provider."`
	Kind     string `arg:"" optional:"" help:"Only of this kind."`
	Limit    int    `help:"At most so many." default:"500" placeholder:"N" env:"-"`
}

type scenarioReply struct {
	Provider string            `json:"provider"`
	Kind     string            `json:"kind"`
	Name     string            `json:"name"`
	Title    string            `json:"title"`
	Chosen   bool              `json:"chosen"`
	Select   map[string]string `json:"select"`
}

func (s scenarioReply) row() string {
	chosen := ""
	if s.Chosen {
		chosen = "chosen"
	}
	var magic []string
	for _, input := range slices.Sorted(maps.Keys(s.Select)) {
		magic = append(magic, input+" "+s.Select[input])
	}
	return columns(s.Provider, s.Kind, s.Name, chosen, strings.Join(magic, ", "), s.Title)
}

func (cmd *scenarioListCmd) Run(ctx context.Context, t *terminal) error {
	items, more, err := cmd.list(ctx, cmd.Limit, filter("provider", cmd.Provider, "kind", cmd.Kind), cmd.inWorkspace("scenarios")...)
	if err != nil {
		return err
	}
	return showList(t, &cmd.remote, items, more, "PROVIDER\tKIND\tNAME\t\tMAGIC VALUES\tTITLE", scenarioReply.row)
}

type scenarioChooseCmd struct {
	remote
	Provider string `arg:"" help:"Provider, such as finqlink."`
	Kind     string `arg:"" help:"Kind, such as link."`
	Scenario string `arg:"" optional:"" help:"The scenario's name; the kind's own default otherwise."`
}

func (cmd *scenarioChooseCmd) Run(ctx context.Context, t *terminal) error {
	path := cmd.inWorkspace("scenarios", cmd.Provider, cmd.Kind)
	data, err := cmd.call(ctx, http.MethodPut, path, nil, map[string]any{"scenario": cmd.Scenario})
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, func(w io.Writer, s struct {
		Scenario string `json:"scenario"`
	}) {
		fmt.Fprintf(w, "new entities of %s %s follow %s\n", cmd.Provider, cmd.Kind, s.Scenario)
	})
}
