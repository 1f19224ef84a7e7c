package app

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/provider"
)

// loadScenarios reads the built-in scenario files and the user's own over them. The built-in ones are known to
// be sound; what a user's own have wrong is told with all its places at once.
func (a *App) loadScenarios() error {
	base, err := scenarioFiles(a.cfg.Scenarios)
	if err != nil {
		return err
	}
	var overlay []machine.File
	if a.cfg.Overlay != nil {
		if overlay, err = scenarioFiles(a.cfg.Overlay); err != nil {
			return err
		}
	}
	library, defects := machine.Load(base, overlay, a.Facts())
	if len(defects) > 0 {
		return &DefectsError{defects}
	}
	a.library.Store(library)
	return nil
}

// Facts tells the linter what the providers offer.
func (a *App) Facts() machine.Facts {
	byID := map[string]*provider.Runtime{}
	for _, r := range a.Providers {
		byID[r.ID] = r
	}
	return provider.Facts(byID)
}

// DefectsError lists what is wrong with scenario files.
type DefectsError struct{ Defects []machine.Defect }

func (e *DefectsError) Error() string {
	lines := make([]string, 0, len(e.Defects)+1)
	lines = append(lines, fmt.Sprintf("the scenario files have %d defects; mend them and start again:", len(e.Defects)))
	if len(e.Defects) == 1 {
		lines[0] = "the scenario files have a defect; mend it and start again:"
	}
	for _, d := range e.Defects {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n  ")
}

// maxScenarioFile is the longest file that is read, in bytes.
const maxScenarioFile = 1 << 20

func scenarioFiles(root fs.FS) ([]machine.File, error) {
	names, err := fs.Glob(root, "*/*.yaml")
	if err != nil {
		return nil, err
	}
	files := make([]machine.File, 0, len(names))
	for _, name := range names {
		data, err := readRegular(root, name)
		if err != nil {
			return nil, fmt.Errorf("the scenario file %s can not be read: %w", name, err)
		}
		files = append(files, machine.File{Name: name, Data: data})
	}
	return files, nil
}

// readRegular reads a file, and nothing that only looks like one: a device or a pipe would never end.
func readRegular(root fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(root, name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a regular file")
	case info.Size() > maxScenarioFile:
		return nil, fmt.Errorf("it is longer than %d bytes", maxScenarioFile)
	}
	return fs.ReadFile(root, name)
}
