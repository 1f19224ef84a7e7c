package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// eventsCmd follows what happens.
type eventsCmd struct {
	remote
	Types    []string `help:"Only of these types: entity, delivery, request, clock." placeholder:"TYPE" enum:"entity,delivery,request,clock" env:"-"`
	Provider string   `help:"Only of this provider." placeholder:"ID" env:"-"`
	Kind     string   `help:"Only about entities of this kind." placeholder:"KIND" env:"-"`
	ID       string   `name:"id" help:"Only about the entity with this id." placeholder:"ID" env:"-"`
	After    string   `help:"Begin behind the event with this id." placeholder:"ID" env:"-"`
	Count    int      `help:"End after so many; without it, at Ctrl-C." placeholder:"N" env:"-"`
}

// Run prints one line for each event: a row, or a JSON object.
func (cmd *eventsCmd) Run(ctx context.Context, t *terminal) error {
	printed := 0
	f := follower{
		remote: &cmd.remote, last: cmd.After,
		query:  filter("types", strings.Join(cmd.Types, ","), "provider", cmd.Provider, "kind", cmd.Kind, "id", cmd.ID),
		opened: func() {},
		broken: func() { fmt.Fprintln(t.err, "The connection ended; trying again.") },
	}
	f.read = func(data string) error {
		if err := cmd.print(t, data); err != nil {
			return err
		}
		if printed++; printed == cmd.Count {
			return errEnough
		}
		return nil
	}
	return f.run(ctx)
}

func (cmd *eventsCmd) print(t *terminal, data string) error {
	if cmd.Output == "json" {
		_, err := fmt.Fprintln(t.out, data)
		return err
	}
	var e eventReply
	if err := strictjson.Unmarshal([]byte(data), &e); err != nil {
		return fmt.Errorf("an event of %s is not understood; is it a mockbank of this version? (%w)", cmd.Server, err)
	}
	_, err := fmt.Fprintf(t.out, "%d  %s  %-8s  %s\n", e.ID, e.At, e.Type, e.text())
	return err
}

type eventReply struct {
	ID     uint64 `json:"id"`
	Type   string `json:"type"`
	At     string `json:"at"`
	Entity struct {
		Provider string `json:"provider"`
		Kind     string `json:"kind"`
		ID       string `json:"id"`
		Change   string `json:"change"`
		State    string `json:"state"`
		From     string `json:"from"`
		Event    string `json:"event"`
		Cause    string `json:"cause"`
		Scenario string `json:"scenario"`
	} `json:"entity"`
	Delivery struct {
		Number   uint64 `json:"number"`
		Progress string `json:"progress"`
		Type     string `json:"type"`
		Target   string `json:"target"`
		State    string `json:"state"`
		Attempt  int    `json:"attempt"`
		Status   int    `json:"status"`
		Failure  string `json:"failure"`
	} `json:"delivery"`
	Request struct {
		Provider  string  `json:"provider"`
		Operation string  `json:"operation"`
		Method    string  `json:"method"`
		Path      string  `json:"path"`
		Client    string  `json:"client"`
		Status    int     `json:"status"`
		Took      float64 `json:"took_ms"`
	} `json:"request"`
	Clock clockReply `json:"clock"`
	Lost  struct {
		From uint64 `json:"from"`
		To   uint64 `json:"to"`
	} `json:"lost"`
}

// text says the event on one line.
func (e *eventReply) text() string {
	switch e.Type {
	case "entity":
		return e.moved()
	case "delivery":
		return e.sent()
	case "request":
		r := e.Request
		return spaced(r.Provider, r.Method, r.Path, r.Operation, fmt.Sprint(r.Status), fmt.Sprintf("%g ms", r.Took), r.Client)
	case "clock":
		return spaced(e.Clock.Now, e.Clock.mode())
	case "lost":
		return fmt.Sprintf("the events %d to %d are lost: this reader was too slow, or came too late", e.Lost.From, e.Lost.To)
	}
	return ""
}

func (e *eventReply) moved() string {
	moved := e.Entity
	text := spaced(moved.Provider, moved.Kind, moved.ID, moved.Change)
	if moved.Event != "" {
		return spaced(text+":", moved.From, "->", moved.State, "on", moved.Event, "by", moved.Cause)
	}
	return spaced(text+":", moved.State, "by", moved.Cause)
}

func (e *eventReply) sent() string {
	d := e.Delivery
	text := spaced(fmt.Sprint(d.Number), d.Type, d.Progress+":", d.State)
	if d.Attempt > 0 {
		outcome := d.Failure
		if d.Status > 0 {
			outcome = spaced(fmt.Sprint(d.Status), outcome)
		}
		text = spaced(text, "after attempt", fmt.Sprint(d.Attempt), outcome)
	}
	return text + ", to " + d.Target
}

// spaced joins what is not empty.
func spaced(words ...string) string {
	var said []string
	for _, word := range words {
		if word != "" {
			said = append(said, word)
		}
	}
	return strings.Join(said, " ")
}
