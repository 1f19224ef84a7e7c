// Command mockbank is a local mock of payment and open-banking providers, on a clock that you can move.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the release build.
var version = "dev"

// Exit codes. 1 is for what went wrong, 2 for a command line that says nothing sensible.
const (
	exitFailure = 1
	exitUsage   = 2
)

// cli is the command line: one file for each command.
type cli struct {
	Config string `help:"Configuration file; mockbank.yaml of the present folder is read by itself." placeholder:"FILE" type:"path"`
	// No environment variable prints the version: images and compose files often hold a MOCKBANK_VERSION of theirs.
	Version kong.VersionFlag `help:"Print the version." env:"-"`

	Serve       serveCmd       `cmd:"" default:"withargs" help:"Serve all providers (the default)."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask a running mockbank whether it is well; for containers."`

	Clock      clockCmd      `cmd:"" help:"Show, set and advance a workspace's time."`
	Fire       fireCmd       `cmd:"" help:"Apply an event to an entity."`
	Act        actCmd        `cmd:"" help:"Do all that the payer of an entity has to do."`
	Entities   entitiesCmd   `cmd:"" help:"Show what providers stored."`
	Wait       waitCmd       `cmd:"" help:"Wait until an entity or a notification has come to a state."`
	Events     eventsCmd     `cmd:"" help:"Follow what happens, as it happens."`
	Deliveries deliveriesCmd `cmd:"" help:"Show notifications, and send them again."`
	Mail       mailCmd       `cmd:"" help:"Show what was written to people by mail."`
	Requests   requestsCmd   `cmd:"" help:"Show what was asked of the providers, and prove it."`
	Clients    clientsCmd    `cmd:"" help:"Show and change API clients."`
	CA         caCmd         `cmd:"" name:"ca" help:"Show, trust and use the CA of HTTPS."`
	Keys       keysCmd       `cmd:"" help:"Show and rotate signing keys."`
	Tokens     tokensCmd     `cmd:"" help:"Look at access tokens, and revoke them."`
	Workspaces workspacesCmd `cmd:"" help:"Show and change workspaces."`
	Snapshot   snapshotCmd   `cmd:"" help:"Keep a workspace in a file, and bring it back."`
	Scenario   scenarioCmd   `cmd:"" help:"Show and choose scenarios."`
	Queue      queueCmd      `cmd:"" help:"Give the next entities a scenario: queue finqlink link pay_pending --times 2."`
	Faults     faultsCmd     `cmd:"" help:"Have calls and notifications go wrong: faults add --status 503 --times 1."`

	Completion completionCmd `cmd:"" help:"Print what has a shell complete these commands."`
	Complete   completeCmd   `cmd:"" hidden:"" help:"Print what a word may become; the scripts of completion ask it."`
}

func main() {
	// A signal ends in order, which takes a bounded time; more of them, as impatient people and init systems
	// send, change nothing about that.
	forgetEmptyVariables()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// forgetEmptyVariables takes a variable without a value for one that is not given: compose files write
// MOCKBANK_CLOCK=${CLOCK:-}.
func forgetEmptyVariables() {
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if value == "" && strings.HasPrefix(name, "MOCKBANK_") {
			_ = os.Unsetenv(name) // It can not fail for a name that the system gave.
		}
	}
}

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	exited := -1
	parser, err := newParser(ctx, &c, stdout, stderr, kong.Exit(func(code int) { exited = code }))
	if err != nil {
		return say(stderr, err, exitFailure)
	}
	// A broken file is told of after the parser had its turn: help and version are given all the same.
	file, broken := findConfig(args)
	if broken == nil {
		broken = kong.Resolvers(file).Apply(parser)
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if broken != nil && (err != nil || needsConfig(parsed.Command(), args)) {
		return say(stderr, broken, exitFailure)
	}
	if err != nil {
		return say(stderr, fmt.Errorf("%w; mockbank --help shows what there is", err), exitUsage)
	}
	if broken != nil {
		say(stderr, fmt.Errorf("%w; this command goes on without it", broken), 0)
	}
	parsed.Bind(file)
	if err := parsed.Run(); err != nil && !errors.Is(err, context.Canceled) {
		return say(stderr, err, exitFailure)
	}
	return 0
}

// newParser makes the parser of the command line.
func newParser(ctx context.Context, c *cli, stdout, stderr io.Writer, more ...kong.Option) (*kong.Kong, error) {
	return kong.New(c, append(more,
		kong.Name("mockbank"),
		kong.Description("A local mock of payment and open-banking providers, on a clock that you can move."),
		kong.Writers(stdout, stderr),
		kong.DefaultEnvars("MOCKBANK"),
		kong.Vars{"version": "mockbank " + version, "main_address": mainAddress},
		kong.Help(exemplary),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(&terminal{out: stdout, err: stderr}),
	)...)
}

// needsConfig tells whether a command can not go on without its configuration: the server, and any for which a file
// was named.
func needsConfig(command string, args []string) bool {
	_, named := configName(args)
	return named || command == "serve"
}

// terminal is where a command writes: results and errors.
type terminal struct{ out, err io.Writer }

func say(w io.Writer, err error, code int) int {
	fmt.Fprintln(w, "mockbank:", err)
	return code
}
