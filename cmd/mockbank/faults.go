package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// faultsCmd orders what goes wrong, and shows it.
type faultsCmd struct {
	List  faultsListCmd  `cmd:"" default:"withargs" help:"List faults with how often they acted (the default)."`
	Add   faultsAddCmd   `cmd:"" help:"Have something go wrong: --status 503 --times 1, or --preset flaky."`
	Clear faultsClearCmd `cmd:"" help:"Take one fault away, or all."`
}

type faultsListCmd struct {
	remote
	Limit int `help:"At most so many." default:"100" placeholder:"N" env:"-"`
}

type faultReply struct {
	ID      uint64         `json:"id"`
	Title   string         `json:"title"`
	Match   map[string]any `json:"match"`
	Fault   map[string]any `json:"fault"`
	Matched uint64         `json:"matched"`
	Acted   uint64         `json:"acted"`
}

const faultTitles = "ID\tMATCHES\tFAULT\tMATCHED\tACTED\tTITLE"

func (f faultReply) row() string {
	return columns(f.ID, pairs(f.Match), pairs(f.Fault), f.Matched, f.Acted, f.Title)
}

// pairs writes an object on one line, as compact as JSON in which a flag that is set needs no value.
func pairs(object map[string]any) string {
	data, err := json.Marshal(object) // sorts the names
	if err != nil {
		return err.Error()
	}
	text := strings.NewReplacer(`":true`, "", `"`, "", ",", ", ", ":", "=").Replace(string(data))
	return text[1 : len(text)-1]
}

func (cmd *faultsListCmd) Run(ctx context.Context, t *terminal) error {
	items, more, err := cmd.list(ctx, cmd.Limit, filter(), cmd.inWorkspace("faults")...)
	if err != nil {
		return err
	}
	return showList(t, &cmd.remote, items, more, faultTitles, faultReply.row)
}

// faultMatch are the flags that say what is meant; they have the names of the API.
type faultMatch struct {
	Provider    string   `help:"Only of this provider." placeholder:"ID" env:"-" json:"provider,omitzero" group:"What is meant:"`
	Operation   string   `help:"Only this operation, or this page." placeholder:"NAME" env:"-" json:"operation,omitzero" group:"What is meant:"`
	Client      string   `help:"Only of this API client." placeholder:"ID" env:"-" json:"client,omitzero" group:"What is meant:"`
	Channel     string   `help:"Only notifications of this channel." placeholder:"NAME" env:"-" json:"channel,omitzero" group:"What is meant:"`
	Type        string   `help:"Only notifications of this type." placeholder:"TYPE" env:"-" json:"type,omitzero" group:"What is meant:"`
	Every       int      `help:"Only every Nth of them." placeholder:"N" env:"-" json:"every,omitzero" group:"What is meant:"`
	Probability *float64 `help:"How likely it acts, from 0 to 1." placeholder:"P" env:"-" json:"probability,omitzero" group:"What is meant:"`
	Times       int      `help:"How often it acts at the most." placeholder:"N" env:"-" json:"times,omitzero" group:"What is meant:"`
}

// callHarm are the flags of what happens to calls.
type callHarm struct {
	When       string   `help:"On which side of the commit latency, status and reset act: before or after." placeholder:"SIDE" env:"-" json:"when,omitzero" group:"What happens to calls:"`
	Latency    *latency `help:"How much longer they take: 250ms, between 100ms..2s, or log-normal 80ms~2s (median and 99th percentile)." placeholder:"TIME" env:"-" json:"latency,omitzero" group:"What happens to calls:"`
	Status     int      `help:"Answer with this status and the provider's own error." placeholder:"CODE" env:"-" json:"status,omitzero" group:"What happens to calls:"`
	Code       string   `help:"The provider's error code." placeholder:"CODE" env:"-" json:"code,omitzero" group:"What happens to calls:"`
	RetryAfter string   `help:"With that header." placeholder:"TIME" env:"-" json:"retry_after,omitzero" group:"What happens to calls:"`
	Reset      bool     `help:"Reset the connection without a reply." env:"-" json:"reset,omitzero" group:"What happens to calls:"`
	Truncate   bool     `help:"Send half of the reply." env:"-" json:"truncate,omitzero" group:"What happens to calls:"`
	Malformed  bool     `help:"Break the reply's syntax." env:"-" json:"malformed,omitzero" group:"What happens to calls:"`
	Drip       string   `help:"Send the reply in pieces, so far apart." placeholder:"TIME" env:"-" json:"drip,omitzero" group:"What happens to calls:"`
}

// deliveryHarm are the flags of what happens to notifications.
type deliveryHarm struct {
	Delay        string `help:"Send them so much later, in workspace time." placeholder:"TIME" env:"-" json:"delay,omitzero" group:"What happens to notifications:"`
	Duplicate    int    `help:"Send them N times." placeholder:"N" env:"-" json:"duplicate,omitzero" group:"What happens to notifications:"`
	Reorder      bool   `help:"Send them after the one that follows." env:"-" json:"reorder,omitzero" group:"What happens to notifications:"`
	Drop         bool   `help:"Do not send them." env:"-" json:"drop,omitzero" group:"What happens to notifications:"`
	BadSignature bool   `help:"Sign them so that they do not verify." env:"-" json:"bad_signature,omitzero" group:"What happens to notifications:"`
	UnknownKid   bool   `help:"Sign them with a key that nobody published." env:"-" json:"unknown_kid,omitzero" group:"What happens to notifications:"`
}

type faultsAddCmd struct {
	remote
	Preset     string       `help:"A ready set of faults: flaky is a bad Monday, the same one each time." placeholder:"NAME" env:"-"`
	Title      string       `help:"What the list says about it." placeholder:"TEXT" env:"-"`
	Match      faultMatch   `embed:""`
	Calls      callHarm     `embed:""`
	Deliveries deliveryHarm `embed:""`
}

// Run adds, and shows what was added.
func (cmd *faultsAddCmd) Run(ctx context.Context, t *terminal) error {
	order := map[string]any{"match": cmd.Match}
	if cmd.Title != "" {
		order["title"] = cmd.Title
	}
	if cmd.Preset != "" {
		order["preset"] = cmd.Preset
	}
	harm := struct {
		callHarm
		deliveryHarm
	}{cmd.Calls, cmd.Deliveries}
	if cmd.Preset == "" || harm.callHarm != (callHarm{}) || harm.deliveryHarm != (deliveryHarm{}) {
		order["fault"] = harm
	}
	data, err := cmd.call(ctx, http.MethodPost, cmd.inWorkspace("faults"), nil, order)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, func(w io.Writer, added struct {
		Items []faultReply `json:"items"`
	}) {
		fmt.Fprintln(w, faultTitles)
		for _, f := range added.Items {
			fmt.Fprintln(w, f.row())
		}
	})
}

// latency is one as a flag writes it.
type latency struct{ value any }

// UnmarshalText reads 250ms, 100ms..2s and 80ms~2s.
func (l *latency) UnmarshalText(text []byte) error {
	l.value = string(text)
	if least, most, ok := strings.Cut(string(text), ".."); ok {
		l.value = map[string]string{"min": least, "max": most}
	}
	if median, p99, ok := strings.Cut(string(text), "~"); ok {
		l.value = map[string]string{"median": median, "p99": p99}
	}
	if len(text) == 0 {
		return errors.New("a latency is a time such as 250ms")
	}
	return nil
}

// MarshalJSON writes it as the API has it.
func (l *latency) MarshalJSON() ([]byte, error) { return json.Marshal(l.value) }

type faultsClearCmd struct {
	remote
	ID uint64 `arg:"" optional:"" help:"The fault's id; all of them otherwise."`
}

func (cmd *faultsClearCmd) Run(ctx context.Context, _ *terminal) error {
	path := cmd.inWorkspace("faults")
	if cmd.ID != 0 {
		path = append(path, strconv.FormatUint(cmd.ID, 10))
	}
	_, err := cmd.call(ctx, http.MethodDelete, path, nil, nil)
	return err
}
