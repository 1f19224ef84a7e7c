package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"
)

// probes are how many webhooks to the live host are timed.
const probes = 20

// measureDead is by how much webhooks to a host that takes connections and never answers delay one to a host that
// does. Both are told at once when a link is made.
func measureDead(ctx context.Context, cfg config, binary, _ string) ([]figure, error) {
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer dead.Close()
	p, err := serve(ctx, binary)
	if err != nil {
		return nil, err
	}
	if err := p.tell(ctx, "unattended"); err != nil {
		return nil, err
	}
	before, err := p.delays(ctx)
	if err != nil {
		return nil, err
	}
	create := newLoad(cfg.connections, p.base+"/finqlink/v2/links/create", toldBody("http://"+dead.Addr().String()))
	if err := create.times(ctx, cfg.dead); err != nil {
		return nil, err
	}
	after, err := p.delays(ctx)
	if err != nil {
		return nil, err
	}
	return []figure{{
		fmt.Sprintf("webhook to a live host, behind %d to a dead one", cfg.dead),
		fmt.Sprintf("%s, at worst %s; %s and %s without them", middle(after), slices.Max(after), middle(before), slices.Max(before)),
		"at most 100 ms more",
	}}, p.stop()
}

// delays are how long after its link was made a live host is told of it.
func (p *process) delays(ctx context.Context) (all []time.Duration, err error) {
	told := make(chan string, 16*probes) // a link tells of some eight changes
	live := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told <- r.URL.Path }))
	defer live.Close()
	for n := range probes {
		path := fmt.Sprintf("/%d", n)
		began := time.Now()
		if err := newLoad(1, p.base+"/finqlink/v2/links/create", toldBody(live.URL+path)).times(ctx, 1); err != nil {
			return nil, err
		}
		for got := ""; got != path; { // those before it are told of what happens to them still
			select {
			case got = <-told:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		all = append(all, time.Since(began).Round(100*time.Microsecond))
	}
	return all, nil
}
