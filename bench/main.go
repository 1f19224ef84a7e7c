// Command bench measures mockbank against a bare echo handler, on this machine and in one run:
//
//	go run ./bench
//
// Both run as processes of their own, and the same clients load them over loopback, so that the ratios hold
// where the absolute numbers do not. Requests and replies are validated, state is stored, and the machine steps.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"text/tabwriter"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var cfg config
	flag.DurationVar(&cfg.span, "span", 4*time.Second, "how long each rate is measured")
	flag.IntVar(&cfg.rounds, "rounds", 3, "rounds; the median counts")
	flag.IntVar(&cfg.connections, "connections", 32, "connections of the load")
	flag.IntVar(&cfg.links, "links", 200_000, "links stored for the memory figure")
	flag.IntVar(&cfg.gets, "gets", 1_000_000, "gets before the memory figure")
	echoOnly := flag.Bool("echo", false, "serve the bare handler (used by the bench itself)")
	flag.Parse()
	work := func() error { return run(ctx, cfg) }
	if *echoOnly {
		work = func() error { return serveEcho(ctx) }
	}
	err := work()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type config struct {
	span        time.Duration
	rounds      int
	connections int
	links, gets int
}

// figure is one line of the table.
type figure struct{ name, value, bound string }

func run(ctx context.Context, cfg config) error {
	dir, err := os.MkdirTemp("", "mockbank-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // it lies among temporary files
	binary := filepath.Join(dir, "mockbank")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/mockbank").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	var figures []figure
	for _, measure := range []func(context.Context, config, string, string) ([]figure, error){measureStart, measureRates, measureMemory, measureWorkspaces} {
		found, err := measure(ctx, cfg, binary, dir)
		if err != nil {
			return err
		}
		figures = append(figures, found...)
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "figure\tmeasured\tbound")
	for _, f := range figures {
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.name, f.value, f.bound)
	}
	return table.Flush()
}
