package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/overlay"
	"github.com/mockbank/mockbank/internal/provider"
)

// loadScenarios reads the built-in scenario files and the user's own over them. The built-in ones are known to
// be sound; what a user's own have wrong is told with all its places at once.
func (a *App) loadScenarios() error {
	if a.cfg.Overlay != "" {
		if err := a.cfg.Overlay.Check(); err != nil {
			return fmt.Errorf("%w; name another one with --scenarios", err)
		}
		a.overlay = a.cfg.Overlay.Read()
	}
	library, err := a.joinScenarios(a.overlay)
	var broken *DefectsError
	if errors.As(err, &broken) {
		broken.Remedy = "mend %s and start again"
	}
	if err != nil {
		return err
	}
	a.library.Store(library)
	return nil
}

// joinScenarios lays a user's files over the built-in ones. Its error is a *DefectsError where they are to blame.
func (a *App) joinScenarios(own overlay.Contents) (*machine.Library, error) {
	base, err := builtIn(a.cfg.Scenarios)
	if err != nil {
		return nil, err
	}
	facts := a.Facts()
	facts.Sound = true
	library, defects := machine.Load(base, own.Files, facts)
	if defects = slices.Concat(own.Defects, defects); len(defects) > 0 {
		slices.SortStableFunc(defects, func(a, b machine.Defect) int { return cmp.Compare(a.File, b.File) })
		return nil, &DefectsError{Defects: defects}
	}
	return library, nil
}

// followScenarios puts the user's files into force whenever they change, until ctx ends. Files with a defect leave
// the ones before in force.
func (a *App) followScenarios(ctx context.Context) error {
	if a.cfg.Overlay == "" {
		return nil
	}
	a.cfg.Overlay.Watch(ctx, a.cfg.Log, a.overlay, func(now overlay.Contents) {
		library, err := a.joinScenarios(now)
		if err != nil {
			a.cfg.Log.Warn("app: the scenario files were changed, and those before stay in force", "error", err)
			return
		}
		a.library.Store(library)
		a.cfg.Log.Info("app: the scenario files were changed, and are in force", "files", len(now.Files))
	})
	return nil
}

// Lint reads a user's scenario files as a start would, and serves nothing. It gives all kinds of all providers, or
// a *DefectsError.
func Lint(cfg Config) (own overlay.Contents, library *machine.Library, err error) {
	a := &App{cfg: cfg}
	if a.Providers, err = a.install(); err != nil {
		return own, nil, err
	}
	if err := cfg.Overlay.Check(); err != nil {
		return own, nil, err
	}
	own = cfg.Overlay.Read()
	library, err = a.joinScenarios(own)
	return own, library, err
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
type DefectsError struct {
	Defects []machine.Defect
	Remedy  string // with %s for the defects; empty: none is told
}

func (e *DefectsError) Error() string {
	count, them := fmt.Sprintf("%d defects", len(e.Defects)), "them"
	if len(e.Defects) == 1 {
		count, them = "a defect", "it"
	}
	head := "the scenario files have " + count
	if e.Remedy != "" {
		head += "; " + fmt.Sprintf(e.Remedy, them)
	}
	lines := []string{head + ":"}
	for _, d := range e.Defects {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n  ")
}

func builtIn(root fs.FS) ([]machine.File, error) {
	names, err := fs.Glob(root, "*/*.yaml")
	if err != nil {
		return nil, err
	}
	files := make([]machine.File, 0, len(names))
	for _, name := range names {
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return nil, fmt.Errorf("the scenario file %s can not be read: %w", name, err)
		}
		files = append(files, machine.File{Name: name, Data: data})
	}
	return files, nil
}
