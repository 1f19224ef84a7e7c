package main

import (
	"errors"
	"fmt"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/overlay"
	"github.com/mockbank/mockbank/internal/providers"
	"github.com/mockbank/mockbank/internal/strictjson"
	"github.com/mockbank/mockbank/scenarios"
	"github.com/mockbank/mockbank/specs"
)

// scenarioLintCmd holds a folder to what mockbank serve --scenarios would. It serves nothing and calls nobody.
type scenarioLintCmd struct {
	Dir    string `arg:"" help:"Folder of <provider>/<kind>.yaml; the built-in files lie underneath."`
	Output string `help:"How defects are shown: as file:line:column: text, or as json." short:"o" enum:"table,json" default:"table"`
}

func (cmd *scenarioLintCmd) Run(t *terminal) error {
	all, err := providers.All()
	if err != nil {
		return err
	}
	own, library, err := app.Lint(app.Config{Providers: all, Specs: specs.FS, Scenarios: scenarios.FS, Overlay: overlay.Folder(cmd.Dir)})
	var broken *app.DefectsError
	switch {
	case errors.As(err, &broken):
		return cmd.tell(t, broken.Defects)
	case err != nil:
		return err
	case cmd.Output == "json":
		return cmd.tell(t, nil)
	}
	stories := 0
	for _, p := range all {
		stories += len(library.Scenarios(p.ID))
	}
	fmt.Fprintf(t.out, "no defects; files over the built-in ones: %d, scenarios in all: %d\n", len(own.Files), stories)
	return nil
}

// defectView is a defect as JSON shows it. One that concerns a whole file has no line.
type defectView struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitzero"`
	Column  int    `json:"column,omitzero"`
	Message string `json:"message"`
}

// tell prints the defects. Its error makes the exit code.
func (cmd *scenarioLintCmd) tell(t *terminal, defects []machine.Defect) error {
	views := []defectView{}
	for _, d := range defects {
		views = append(views, defectView(d))
		if cmd.Output != "json" {
			fmt.Fprintln(t.out, d)
		}
	}
	if cmd.Output == "json" {
		data, err := strictjson.Marshal(views)
		if err != nil {
			return err
		}
		if err := printJSON(t.out, data); err != nil {
			return err
		}
	}
	switch len(defects) {
	case 0:
		return nil
	case 1:
		return errors.New("the scenario files have a defect")
	}
	return fmt.Errorf("the scenario files have %d defects", len(defects))
}

type scenarioSchemaCmd struct{}

func (scenarioSchemaCmd) Run(t *terminal) error {
	data, err := machine.Schema()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, string(data))
	return err
}
