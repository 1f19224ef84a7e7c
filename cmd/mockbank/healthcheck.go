package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// healthcheckCmd asks a running mockbank whether it is well.
type healthcheckCmd struct {
	Server  string        `help:"Address of the mockbank." default:"http://127.0.0.1:6265" placeholder:"URL"`
	Timeout time.Duration `help:"How long to wait for its answer." default:"2s"`
}

// Run returns an error, and so ends with exit code 1, unless the answer is 200.
func (cmd *healthcheckCmd) Run(ctx context.Context, t *terminal) error {
	ctx, cancel := context.WithTimeout(ctx, cmd.Timeout)
	defer cancel()
	url := strings.TrimSuffix(cmd.Server, "/") + "/_mockbank/v1/health"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("--server %q is no address such as http://127.0.0.1:6265: %w", cmd.Server, err)
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no mockbank answers at %s: is it running, and is --server right? (%w)", cmd.Server, err)
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		_, refusal := (&remote{Server: cmd.Server}).readAll(reply)
		return fmt.Errorf("what answers at %s is not well: %s: %w", cmd.Server, reply.Status, refusal)
	}
	fmt.Fprintln(t.out, "ok")
	return nil
}
