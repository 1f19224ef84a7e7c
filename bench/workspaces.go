package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

const workspaces = 1000

// measureWorkspaces is what a thousand workspaces with a link each add to the memory of an idle server, and to the
// start of one that finds them in its folder.
func measureWorkspaces(ctx context.Context, cfg config, binary, dir string) ([]figure, error) {
	p, err := serve(ctx, binary)
	if err != nil {
		return nil, err
	}
	before, err := p.anonymous()
	if err != nil {
		return nil, err
	}
	if err := populate(p.base); err != nil {
		return nil, err
	}
	after, err := p.anonymous()
	if err != nil {
		return nil, err
	}
	if err := p.stop(); err != nil {
		return nil, err
	}
	starts, err := startsOver(ctx, cfg, binary, dir)
	return append(starts, figure{fmt.Sprintf("RssAnon for %d workspaces", workspaces), fmt.Sprintf("%.0f MB", float64(after-before)/1e6), "below 100 MB"}), err
}

// populate makes a link in each workspace.
func populate(base string) error {
	for n := range workspaces {
		if _, err := createOne(fmt.Sprintf("%s/w/bench-%d", base, n)); err != nil {
			return err
		}
	}
	return nil
}

// startsOver compares starts over an empty folder and over one with the workspaces, in turn.
func startsOver(ctx context.Context, cfg config, binary, dir string) ([]figure, error) {
	empty, full := filepath.Join(dir, "empty"), filepath.Join(dir, "full")
	p, err := serve(ctx, binary, "--data", full)
	if err != nil {
		return nil, err
	}
	if err := populate(p.base); err != nil {
		return nil, err
	}
	if err := p.stop(); err != nil {
		return nil, err
	}
	took := map[string][]time.Duration{}
	for range 5 * cfg.rounds {
		for _, folder := range []string{empty, full} {
			p, err := serve(ctx, binary, "--data", folder)
			if err != nil {
				return nil, err
			}
			took[folder] = append(took[folder], p.took)
			if err := p.stop(); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(took[empty])
	slices.Sort(took[full])
	middle := 5 * cfg.rounds / 2
	return []figure{{
		fmt.Sprintf("start over %d workspaces", workspaces),
		fmt.Sprintf("%d ms, over none %d ms", took[full][middle].Milliseconds(), took[empty][middle].Milliseconds()), "the same",
	}}, nil
}
