package main

import (
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// examples are what each command's help ends with. They are real command lines: a test parses every one.
var examples = map[string][]string{
	"serve":             {"mockbank", "mockbank serve --clock frozen@2026-01-15T10:30:00Z --data ./state --tls 127.0.0.1:6266"},
	"healthcheck":       {"mockbank healthcheck --server http://mockbank:6265"},
	"clock show":        {"mockbank clock -o json"},
	"clock set":         {"mockbank clock set frozen@2026-01-15T10:30:00Z", "mockbank clock set x60 --workspace demo"},
	"clock advance":     {"mockbank clock advance 90d", "mockbank clock advance next --wait none"},
	"fire":              {"mockbank fire finqlink link 4f1c approve", "mockbank fire payone link 4f1c expire note=late"},
	"act":               {"mockbank act finqlink link 4f1c decline"},
	"entities list":     {"mockbank entities --provider finqlink --state completed", "mockbank entities -o json --limit 500"},
	"entities show":     {"mockbank entities show finqlink link 4f1c"},
	"wait":              {"mockbank wait --entity finqlink/link/4f1c --state completed --timeout 10s", "mockbank wait --delivery 7 --state delivered,exhausted"},
	"events":            {"mockbank events --types entity,delivery", "mockbank events -o json --count 10 --provider finqlink"},
	"deliveries list":   {"mockbank deliveries --state exhausted"},
	"mail":              {"mockbank mail --to dev@example.test", "mockbank mail -o json"},
	"deliveries show":   {"mockbank deliveries show 7"},
	"deliveries replay": {"mockbank deliveries replay 7", "mockbank deliveries replay 1 100 --state exhausted"},
	"requests list":     {"mockbank requests --operation createLink --status 4"},
	"requests show":     {"mockbank requests show 12"},
	"requests verify":   {"mockbank requests verify --operation createLink --times 1"},
	"requests har":      {"mockbank requests har > test.har"},
	"requests clear":    {"mockbank requests clear --workspace test-1"},
	"clients list":      {"mockbank clients --provider finqlink"},
	"clients put":       {"mockbank clients put finqlink acme secret=s3cret scopes:='[\"pay_by_link\"]'"},
	"clients delete":    {"mockbank clients delete finqlink acme"},
	"clients key":       {"mockbank clients key finqlink finqlink-demo > demo.pem"},
	"ca show":           {"mockbank ca > ca.pem", "mockbank ca --server http://mockbank:6265 > ca.pem"},
	"ca install":        {"mockbank ca install --ca ./ca"},
	"ca uninstall":      {"mockbank ca uninstall --ca ./ca"},
	"ca issue":          {"mockbank ca issue acme --client --ca ./ca", "mockbank ca issue localhost --broken expired --ca ./ca"},
	"keys show":         {"mockbank keys show finqlink"},
	"keys rotate":       {"mockbank keys rotate finqlink webhook"},
	"tokens introspect": {"mockbank tokens introspect $TOKEN -o json"},
	"tokens revoke":     {"mockbank tokens revoke $TOKEN"},
	"workspaces list":   {"mockbank workspaces"},
	"workspaces put":    {"mockbank workspaces put test-1 seed:=7 webhook_url=http://localhost:8080/hook"},
	"workspaces reset":  {"mockbank workspaces reset test-1"},
	"workspaces delete": {"mockbank workspaces delete test-1"},
	"snapshot save":     {"mockbank snapshot save before.json"},
	"snapshot load":     {"mockbank snapshot load before.json --workspace test-1"},
	"scenario list":     {"mockbank scenario list finqlink link"},
	"scenario choose":   {"mockbank scenario choose finqlink link sca_cancelled"},
	"scenario show":     {"mockbank scenario show finqlink link sca_cancelled"},
	"scenario lint":     {"mockbank scenario lint ./scenarios"},
	"scenario schema":   {"mockbank scenario schema > scenario.schema.json"},
	"queue add":         {"mockbank queue finqlink link sca_cancelled --times 2"},
	"queue list":        {"mockbank queue list"},
	"queue clear":       {"mockbank queue clear"},
	"faults list":       {"mockbank faults"},
	"faults add":        {"mockbank faults add --operation createLink --status 503 --times 1", "mockbank faults add --preset flaky"},
	"faults clear":      {"mockbank faults clear"},
	"completion":        {"source <(mockbank completion bash)", "mockbank completion fish > ~/.config/fish/completions/mockbank.fish"},
}

// exemplary prints a command's help and ends it with its examples. A command that only groups others shows the first
// of each.
func exemplary(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	selected := ctx.Selected()
	if selected == nil {
		printExamples(ctx.Stdout, []string{"mockbank", "mockbank clock advance 90d", "mockbank wait --entity finqlink/link/4f1c --state completed"})
		return nil
	}
	if selected.Leaf() {
		printExamples(ctx.Stdout, examples[pathOf(selected)])
		return nil
	}
	var first []string
	for _, leaf := range selected.Leaves(true) {
		if lines := examples[pathOf(leaf)]; len(lines) > 0 {
			first = append(first, lines[0])
		}
	}
	printExamples(ctx.Stdout, first)
	return nil
}

func printExamples(w io.Writer, lines []string) {
	fmt.Fprint(w, "\nExamples:\n")
	for _, line := range lines {
		fmt.Fprintln(w, "  "+line)
	}
}

// pathOf is a command's name with those of the commands above it.
func pathOf(node *kong.Node) string {
	if node.Parent == nil || node.Parent.Type == kong.ApplicationNode {
		return node.Name
	}
	return pathOf(node.Parent) + " " + node.Name
}
