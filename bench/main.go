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
	"slices"
	"strings"
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
	flag.IntVar(&cfg.timers, "timers", 100_000, "timers that are pending in the jump of a year")
	flag.IntVar(&cfg.dead, "dead", 10_000, "webhooks to a dead host")
	flag.IntVar(&cfg.long, "long", 1_000_000, "links in the long list")
	only := flag.String("only", "", "measure only these, separated by commas: "+strings.Join(names(), ", "))
	echoOnly := flag.Bool("echo", false, "serve the bare handler (used by the bench itself)")
	flag.Parse()
	work := func() error { return run(ctx, cfg, *only) }
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
	timers      int
	dead        int
	long        int
}

// measures are all that can be measured, in the order in which that is done.
var measures = []struct {
	name string
	take func(ctx context.Context, cfg config, binary, dir string) ([]figure, error)
}{
	{"start", measureStart}, {"rates", measureRates}, {"memory", measureMemory}, {"workspaces", measureWorkspaces},
	{"year", measureYear}, {"dead", measureDead}, {"pages", measurePages},
}

func names() (all []string) {
	for _, m := range measures {
		all = append(all, m.name)
	}
	return all
}

// figure is one line of the table.
type figure struct{ name, value, bound string }

// run measures what is asked for; empty: everything.
func run(ctx context.Context, cfg config, only string) error {
	for name := range strings.SplitSeq(only, ",") {
		if name != "" && !slices.Contains(names(), name) {
			return fmt.Errorf("there is nothing called %q to measure; there are %s", name, strings.Join(names(), ", "))
		}
	}
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
	for _, m := range measures {
		if only != "" && !slices.Contains(strings.Split(only, ","), m.name) {
			continue
		}
		found, err := m.take(ctx, cfg, binary, dir)
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
