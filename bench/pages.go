package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	shortList = 1000
	reads     = 1000 // of each first page
)

// measurePages is what the first page of a long list costs, as a multiple of that of a short one.
func measurePages(ctx context.Context, cfg config, binary, _ string) ([]figure, error) {
	p, err := serve(ctx, binary, "--journal-size", "0")
	if err != nil {
		return nil, err
	}
	for workspace, links := range map[string]int{"short": shortList, "long": cfg.long} {
		if err := newLoad(cfg.connections, p.base+"/w/"+workspace+"/finqlink/v2/links/create", createBody).times(ctx, links); err != nil {
			return nil, err
		}
	}
	var figures []figure
	for _, l := range []struct{ name, method, path, body string }{
		{"entities of the control API", http.MethodGet, "/_mockbank/v1/workspaces/%s/entities?provider=finqlink&kind=link&limit=50", ""},
		{"links/list", http.MethodPost, "/w/%s/finqlink/v2/links/list", `{"client_id":"finqlink-demo","client_secret":"finqlink-demo-secret","pagination":{"limit":50}}`},
	} {
		times := map[string][]time.Duration{}
		for range reads {
			for _, workspace := range []string{"short", "long"} { // in turn, so that a machine that slows down slows both
				took, err := read(ctx, l.method, p.base+fmt.Sprintf(l.path, workspace), l.body)
				if err != nil {
					return nil, err
				}
				times[workspace] = append(times[workspace], took)
			}
		}
		short, long := middle(times["short"]), middle(times["long"])
		figures = append(figures, figure{
			fmt.Sprintf("%s, page 1 of %d", l.name, cfg.long),
			fmt.Sprintf("%.2f of page 1 of %d (%s)", long.Seconds()/short.Seconds(), shortList, short.Round(time.Microsecond)), "at most 1.20",
		})
	}
	return figures, p.stop()
}

func middle(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// read is how long one whole answer takes.
func read(ctx context.Context, method, url, body string) (time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	began := time.Now()
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err == nil && reply.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s: %s", url, reply.Status, text)
	}
	return time.Since(began), err
}
