package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// requestsCmd shows what was asked of the providers, and proves it.
type requestsCmd struct {
	List   requestsListCmd   `cmd:"" default:"withargs" help:"List requests, newest first (the default)."`
	Show   requestsShowCmd   `cmd:"" help:"Show one with its reply, and with what refused it."`
	Verify requestsVerifyCmd `cmd:"" help:"Were these requests made? Exits with 1, and says what nearly matched, where they were not."`
	HAR    requestsHARCmd    `cmd:"" name:"har" help:"Write all of them as an HTTP archive: mockbank requests har > test.har."`
	Clear  requestsClearCmd  `cmd:"" help:"Forget them."`
}

// requestFlags choose requests.
type requestFlags struct {
	Provider  string `help:"Only of this provider." placeholder:"ID" env:"-"`
	Operation string `help:"Only of this operation, or of the page of this name." placeholder:"NAME" env:"-"`
	Client    string `help:"Only of this API client." placeholder:"ID" env:"-"`
	Method    string `help:"Only with this method." placeholder:"METHOD" env:"-"`
	Path      string `help:"Only of this path of the provider; a final * stands for any rest." placeholder:"PATH" env:"-"`
	Status    int    `help:"Only answered so; 4 stands for 400 to 499." placeholder:"STATUS" env:"-"`
	Entity    string `help:"Only about the entity with this id." placeholder:"ID" env:"-"`
	Scenario  string `help:"Only under this scenario." placeholder:"NAME" env:"-"`
}

func (f *requestFlags) texts() []string {
	return []string{
		"provider", f.Provider, "operation", f.Operation, "client", f.Client, "method", f.Method,
		"path", f.Path, "entity", f.Entity, "scenario", f.Scenario,
	}
}

func (f *requestFlags) query() url.Values {
	query := filter(f.texts()...)
	if f.Status != 0 {
		query.Set("status", strconv.Itoa(f.Status))
	}
	return query
}

type requestReply struct {
	ID        uint64   `json:"id"`
	At        string   `json:"at"`
	Took      float64  `json:"took_ms"`
	Operation string   `json:"operation"`
	Method    string   `json:"method"`
	URL       string   `json:"url"`
	Path      string   `json:"path"`
	Client    string   `json:"client"`
	Scenario  string   `json:"scenario"`
	Entity    string   `json:"entity"`
	Mishaps   []string `json:"mishaps"`
	Status    int      `json:"status"`
	Verdict   struct {
		Step       string `json:"step"`
		Message    string `json:"message"`
		Diagnosis  string `json:"diagnosis"`
		Violations []struct {
			Pointer string `json:"pointer"`
			Message string `json:"message"`
		} `json:"violations"`
	} `json:"verdict"`
	Request messageReply `json:"request"`
	Reply   messageReply `json:"reply"`
}

type messageReply struct {
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
	Note    string              `json:"note"`
}

type requestsListCmd struct {
	remote
	requestFlags
	Limit int `help:"At most so many." default:"50" placeholder:"N" env:"-"`
}

func (cmd *requestsListCmd) Run(ctx context.Context, t *terminal) error {
	items, more, err := cmd.list(ctx, cmd.Limit, cmd.query(), cmd.inWorkspace("requests")...)
	if err != nil {
		return err
	}
	return showList(t, &cmd.remote, items, more, "NUMBER\tAT\tREQUEST\tOPERATION\tSTATUS\tCLIENT\tENTITY\tREFUSED BY", func(r requestReply) string {
		return columns(r.ID, r.At, r.Method+" "+r.Path, r.Operation, r.Status, r.Client, r.Entity, r.Verdict.Step)
	})
}

type requestsShowCmd struct {
	remote
	Number uint64 `arg:"" help:"The request's number."`
}

func (cmd *requestsShowCmd) Run(ctx context.Context, t *terminal) error {
	data, err := cmd.get(ctx, cmd.inWorkspace("requests", strconv.FormatUint(cmd.Number, 10))...)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, showRequest)
}

func showRequest(w io.Writer, r requestReply) {
	fmt.Fprintln(w, columns("request", fmt.Sprint(r.ID, " ", r.Method, " ", r.URL)))
	fmt.Fprintln(w, columns("at", fmt.Sprintf("%s, took %g ms", r.At, r.Took)))
	for _, line := range [][2]string{
		{"operation", r.Operation}, {"client", r.Client}, {"entity", r.Entity}, {"scenario", r.Scenario}, {"mishaps", strings.Join(r.Mishaps, ", ")},
		{"refused by", r.Verdict.Step}, {"because", r.Verdict.Message}, {"diagnosis", r.Verdict.Diagnosis},
	} {
		if line[1] != "" {
			fmt.Fprintln(w, columns(line[0], line[1]))
		}
	}
	for _, v := range r.Verdict.Violations {
		fmt.Fprintln(w, columns("violation", v.Pointer+" "+v.Message))
	}
	showMessage(w, "sent", r.Request)
	fmt.Fprintln(w, columns("status", r.Status))
	showMessage(w, "answered", r.Reply)
}

func showMessage(w io.Writer, title string, m messageReply) {
	names := make([]string, 0, len(m.Headers))
	for name := range m.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintln(w, columns(title, name+": "+strings.Join(m.Headers[name], ", ")))
	}
	if m.Body != "" {
		fmt.Fprintln(w, columns(title, m.Body))
	}
	if m.Note != "" {
		fmt.Fprintln(w, columns(title, "("+m.Note+")"))
	}
}

type requestsClearCmd struct{ remote }

func (cmd *requestsClearCmd) Run(ctx context.Context) error {
	_, err := cmd.call(ctx, http.MethodDelete, cmd.inWorkspace("requests"), nil, nil)
	return err
}

type requestsHARCmd struct {
	remote
	requestFlags
}

func (cmd *requestsHARCmd) Run(ctx context.Context, t *terminal) error {
	data, err := cmd.call(ctx, http.MethodGet, cmd.inWorkspace("requests.har"), cmd.query(), nil)
	if err != nil {
		return err
	}
	return printJSON(t.out, data)
}

type requestsVerifyCmd struct {
	remote
	requestFlags
	Header  map[string]string `help:"With this header; may be repeated." placeholder:"NAME=VALUE" env:"-" mapsep:"none"`
	Query   map[string]string `help:"With this in the query; may be repeated." placeholder:"NAME=VALUE" env:"-" mapsep:"none"`
	Body    string            `help:"With a body that holds this." placeholder:"JSON" env:"-"`
	Times   *int              `help:"Exactly so often." placeholder:"N" env:"-" xor:"least,most"`
	AtLeast *int              `help:"At least so often; once where nothing is said." placeholder:"N" env:"-" xor:"least"`
	AtMost  *int              `help:"At most so often." placeholder:"N" env:"-" xor:"most"`
	Never   bool              `help:"Not once." env:"-" xor:"least,most"`
	From    string            `help:"Take all of this from a file, as the control API takes it (in_order too); - is the standard input." placeholder:"FILE" env:"-"`
}

type proofReply struct {
	Pass      bool     `json:"pass"`
	Wanted    string   `json:"wanted"`
	Matched   int      `json:"matched"`
	Requests  []uint64 `json:"requests"`
	Forgotten uint64   `json:"forgotten"`
	Nearest   []struct {
		Request     uint64   `json:"request"`
		Differences []string `json:"differences"`
	} `json:"nearest"`
}

func (cmd *requestsVerifyCmd) Run(ctx context.Context, t *terminal) error {
	wanted, err := cmd.wanted()
	if err != nil {
		return err
	}
	data, err := cmd.call(ctx, http.MethodPost, cmd.inWorkspace("requests", "verify"), nil, wanted)
	if err != nil {
		return err
	}
	var p proofReply
	if err := strictjson.Unmarshal(data, &p); err != nil {
		return err
	}
	if err := show(t, &cmd.remote, data, showProof); err != nil {
		return err
	}
	if p.Forgotten > 0 {
		fmt.Fprintf(t.err, "%d older requests were not counted: the journal has no room for them. Start mockbank with a higher --journal-size.\n", p.Forgotten)
	}
	if !p.Pass {
		return fmt.Errorf("wanted %s, found %d", p.Wanted, p.Matched)
	}
	return nil
}

func showProof(w io.Writer, p proofReply) {
	fmt.Fprintln(w, columns("wanted", p.Wanted))
	fmt.Fprintln(w, columns("found", fmt.Sprint(p.Matched, " ", p.Requests)))
	for _, near := range p.Nearest {
		for _, difference := range near.Differences {
			fmt.Fprintln(w, columns("request "+strconv.FormatUint(near.Request, 10), difference))
		}
	}
}

// wanted is the document that the control API takes.
func (cmd *requestsVerifyCmd) wanted() (map[string]any, error) {
	if cmd.From != "" {
		return cmd.file()
	}
	match := map[string]any{}
	for i, texts := 0, cmd.texts(); i < len(texts); i += 2 {
		if texts[i+1] != "" {
			match[texts[i]] = texts[i+1]
		}
	}
	if cmd.Status != 0 {
		match["status"] = cmd.Status
	}
	if len(cmd.Header) > 0 {
		match["headers"] = cmd.Header
	}
	if len(cmd.Query) > 0 {
		match["query"] = cmd.Query
	}
	if cmd.Body != "" {
		body, err := strictjson.Decode([]byte(cmd.Body))
		if err != nil {
			return nil, fmt.Errorf("--body is no JSON: %w", err)
		}
		match["body"] = body
	}
	wanted := map[string]any{"match": match}
	if times := cmd.times(); len(times) > 0 {
		wanted["times"] = times
	}
	return wanted, nil
}

func (cmd *requestsVerifyCmd) times() map[string]any {
	times := map[string]any{}
	for name, n := range map[string]*int{"exactly": cmd.Times, "at_least": cmd.AtLeast, "at_most": cmd.AtMost} {
		if n != nil {
			times[name] = *n
		}
	}
	if cmd.Never {
		times["never"] = true
	}
	return times
}

func (cmd *requestsVerifyCmd) file() (map[string]any, error) {
	read := func() ([]byte, error) { return os.ReadFile(cmd.From) }
	if cmd.From == "-" {
		read = func() ([]byte, error) { return io.ReadAll(os.Stdin) }
	}
	data, err := read()
	if err != nil {
		return nil, fmt.Errorf("--from can not be read: %w", err)
	}
	value, err := strictjson.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("--from %s is no JSON: %w", cmd.From, err)
	}
	wanted, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("--from holds no JSON object such as {\"in_order\": [{\"operation\": \"createLink\"}]}")
	}
	return wanted, nil
}
