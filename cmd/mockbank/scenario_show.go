package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/strictjson"
)

type scenarioShowCmd struct {
	remote
	Provider string `arg:"" help:"Provider, such as finqlink."`
	Kind     string `arg:"" help:"Kind, such as link."`
	Scenario string `arg:"" optional:"" help:"The scenario's name; without it the law of the kind is shown."`
}

func (cmd *scenarioShowCmd) Run(ctx context.Context, t *terminal) error {
	path := cmd.inWorkspace("scenarios", cmd.Provider, cmd.Kind)
	if cmd.Scenario == "" {
		data, err := cmd.get(ctx, path...)
		if err != nil {
			return err
		}
		return show(t, &cmd.remote, data, showLaw)
	}
	data, err := cmd.get(ctx, append(path, cmd.Scenario)...)
	if err != nil {
		return err
	}
	return show(t, &cmd.remote, data, showStory)
}

type lawReply struct {
	Chosen  string `json:"chosen"`
	Initial string `json:"initial"`
	States  []struct {
		Name      string      `json:"name"`
		On        []eventDo   `json:"on"`
		Deadlines []stepReply `json:"deadlines"`
	} `json:"states"`
	Inputs []struct {
		Name   string   `json:"name"`
		From   []string `json:"from"`
		Form   string   `json:"form"`
		Prefix string   `json:"prefix"`
	} `json:"inputs"`
	Scenarios []string `json:"scenarios"`
}

type eventDo struct {
	Event string `json:"event"`
	To    string `json:"to"`
}

func showLaw(w io.Writer, law lawReply) {
	for _, s := range law.States {
		name := s.Name
		if name == law.Initial {
			name += " (initial)"
		}
		if len(s.On) == 0 {
			fmt.Fprintln(w, columns(name, "final"))
		}
		for _, e := range s.On {
			fmt.Fprintln(w, columns(name, e.Event+" -> "+e.To))
			name = " "
		}
		for _, d := range s.Deadlines {
			fmt.Fprintln(w, columns(" ", "deadline: "+d.sentence()))
		}
	}
	for _, in := range law.Inputs {
		fmt.Fprintln(w, columns("input "+in.Name, strings.Join(in.From, "."), in.Form, in.Prefix))
	}
	fmt.Fprintln(w, columns("chosen", law.Chosen))
	fmt.Fprintln(w, columns("scenarios", strings.Join(law.Scenarios, ", ")))
}

type storyReply struct {
	scenarioReply
	Extends    string            `json:"extends"`
	Steps      []stepReply       `json:"steps"`
	Deliveries []json.RawMessage `json:"deliveries"`
	Mishaps    []json.RawMessage `json:"mishaps"`
}

func showStory(w io.Writer, s storyReply) {
	fmt.Fprintln(w, columns("scenario", s.Name))
	fmt.Fprintln(w, columns("title", s.Title))
	if s.Extends != "" {
		fmt.Fprintln(w, columns("extends", s.Extends))
	}
	for _, input := range slices.Sorted(maps.Keys(s.Select)) {
		fmt.Fprintln(w, columns("chosen by", input+" "+s.Select[input]))
	}
	for _, step := range s.Steps {
		fmt.Fprintln(w, columns("at "+step.At, step.sentence()))
	}
	for _, d := range s.Deliveries {
		fmt.Fprintln(w, columns("delivery", spelled(d)))
	}
	for _, m := range s.Mishaps {
		fmt.Fprintln(w, columns("mishap", spelled(m)))
	}
}

// stepReply is a step, or a deadline, which has fewer members.
type stepReply struct {
	At     string            `json:"at"`
	After  string            `json:"after"`
	Until  string            `json:"until"`
	On     string            `json:"on"`
	When   string            `json:"when"`
	Set    map[string]string `json:"set"`
	Do     []string          `json:"do"`
	Fire   string            `json:"fire"`
	Refuse string            `json:"refuse"`
}

// sentence says a step in the words of the file.
func (s stepReply) sentence() string {
	var said []string
	say := func(key, value string) {
		if value != "" {
			said = append(said, key+" "+value)
		}
	}
	say("after", s.After)
	say("until", s.Until)
	say("on", s.On)
	say("when", s.When)
	for _, member := range slices.Sorted(maps.Keys(s.Set)) {
		say("set", member+" = "+s.Set[member])
	}
	say("do", strings.Join(s.Do, ", "))
	say("fire", s.Fire)
	say("refuse", s.Refuse)
	return strings.Join(said, ", ")
}

// spelled says the members of an object in the words of the file, in their order of names.
func spelled(data json.RawMessage) string {
	var members map[string]any
	if err := strictjson.Unmarshal(data, &members); err != nil {
		return string(data)
	}
	var said []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		said = append(said, fmt.Sprintf("%s: %v", name, members[name]))
	}
	return strings.Join(said, ", ")
}
