package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const health = "/_mockbank/v1/health"

func serve(ctx context.Context, binary string, flags ...string) (*process, error) {
	return start(ctx, health, binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--log-level", "warn"}, flags...)...)
}

// measureStart is the time from the start of the process to the first right answer.
func measureStart(ctx context.Context, cfg config, binary, _ string) ([]figure, error) {
	var all []time.Duration
	for range 5 * cfg.rounds {
		p, err := serve(ctx, binary)
		if err != nil {
			return nil, err
		}
		all = append(all, p.took)
		if err := p.stop(); err != nil {
			return nil, err
		}
	}
	slices.Sort(all)
	return []figure{{"start to first answer", fmt.Sprintf("%d ms", all[len(all)/2].Milliseconds()), "below 100 ms"}}, nil
}

// measureRates loads the bare handler and mockbank in turn, so that a machine that changes its speed changes
// both, and gives the median ratio.
func measureRates(ctx context.Context, cfg config, binary, dir string) ([]figure, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	bare, err := start(ctx, "/", self, "-echo")
	if err != nil {
		return nil, err
	}
	memory, err := serve(ctx, binary)
	if err != nil {
		return nil, err
	}
	durable, err := serve(ctx, binary, "--data", filepath.Join(dir, "data"))
	if err != nil {
		return nil, err
	}
	id, err := createOne(memory.base)
	if err != nil {
		return nil, err
	}
	loads := []load{
		newLoad(cfg.connections, bare.base+"/", createBody),
		newLoad(cfg.connections, memory.base+"/finqlink/v2/links/create", createBody),
		newLoad(cfg.connections, memory.base+"/finqlink/v2/links/get", getBody(id)),
		newLoad(cfg.connections, durable.base+"/finqlink/v2/links/create", createBody),
	}
	rounds, err := inTurn(ctx, cfg, loads)
	if err != nil {
		return nil, err
	}
	figures := []figure{
		{"bare echo handler", fmt.Sprintf("%.0f/s", median(rounds, func(r []outcome) float64 { return r[0].rate })), ""},
		ratio("links/create, memory", rounds, 1, "at least 0.30"),
		ratio("links/get", rounds, 2, "at least 0.45"),
		ratio("links/create, --data", rounds, 3, "at least 0.12"),
		{"links/create, p99", fmt.Sprintf("%.1f ms", median(rounds, func(r []outcome) float64 { return float64(r[1].p99.Microseconds()) / 1000 })), "below 15 ms"},
	}
	return figures, errors.Join(bare.stop(), memory.stop(), durable.stop())
}

func inTurn(ctx context.Context, cfg config, loads []load) ([][]outcome, error) {
	var rounds [][]outcome
	for round := range cfg.rounds + 1 {
		var results []outcome
		for _, l := range loads {
			o, err := l.during(ctx, cfg.span)
			if err != nil {
				return nil, err
			}
			results = append(results, o)
		}
		if round > 0 { // the first one warms up
			rounds = append(rounds, results)
		}
	}
	return rounds, nil
}

func ratio(name string, rounds [][]outcome, i int, bound string) figure {
	rate := median(rounds, func(r []outcome) float64 { return r[i].rate })
	share := median(rounds, func(r []outcome) float64 { return r[i].rate / r[0].rate })
	return figure{name, fmt.Sprintf("%.0f/s, %.2f of the bare handler", rate, share), bound}
}

func median(rounds [][]outcome, of func([]outcome) float64) float64 {
	var all []float64
	for _, r := range rounds {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// measureMemory is the anonymous memory after many gets, and what each stored link adds to it.
func measureMemory(ctx context.Context, cfg config, binary, _ string) ([]figure, error) {
	p, err := serve(ctx, binary)
	if err != nil {
		return nil, err
	}
	id, err := createOne(p.base)
	if err != nil {
		return nil, err
	}
	if err := newLoad(cfg.connections, p.base+"/finqlink/v2/links/get", getBody(id)).times(ctx, cfg.gets); err != nil {
		return nil, err
	}
	before, err := p.anonymous()
	if err != nil {
		return nil, err
	}
	if err := newLoad(cfg.connections, p.base+"/finqlink/v2/links/create", createBody).times(ctx, cfg.links); err != nil {
		return nil, err
	}
	after, err := p.anonymous()
	if err != nil {
		return nil, err
	}
	return []figure{
		{fmt.Sprintf("RssAnon after %d gets", cfg.gets), fmt.Sprintf("%.0f MB", float64(before)/1e6), "below 80 MB"},
		{fmt.Sprintf("RssAnon for each of %d links", cfg.links), fmt.Sprintf("%d B", (after-before)/int64(cfg.links)), "at most 2000 B"},
	}, p.stop()
}
