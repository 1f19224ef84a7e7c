package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// waitCmd ends when something has come to a state.
type waitCmd struct {
	remote
	Entity   string        `help:"The entity that is waited for." placeholder:"PROVIDER/KIND/ID" xor:"what" required:"" env:"-"`
	Delivery uint64        `help:"The notification that is waited for, by its number." placeholder:"NUMBER" xor:"what" required:"" env:"-"`
	State    []string      `help:"The state; with commas between them, any of several." placeholder:"STATE" required:"" env:"-"`
	Timeout  time.Duration `help:"How long to wait, by the clock on the wall." default:"30s" env:"-"`
}

// lookPause is how often a wait looks without an event: a state that follows from the time alone tells of none.
const lookPause = time.Second

// Run looks whenever something is told of what is waited for. It returns an error, and so ends with exit code 1, when
// the time is up.
func (cmd *waitCmd) Run(ctx context.Context, t *terminal) error {
	awaited, err := cmd.awaited()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, cmd.Timeout)
	defer cancel()
	news, ended := make(chan struct{}, 1), make(chan error, 1)
	look := func() {
		select {
		case news <- struct{}{}:
		default:
		}
	}
	f := follower{remote: &cmd.remote, query: awaited.events, opened: look, read: func(string) error { look(); return nil }, broken: func() {}}
	go func() { ended <- f.run(ctx) }()
	return cmd.until(ctx, t, awaited, news, ended)
}

// until looks until the state is there.
func (cmd *waitCmd) until(ctx context.Context, t *terminal, awaited awaited, news <-chan struct{}, ended <-chan error) error {
	again := time.NewTicker(lookPause)
	defer again.Stop()
	var seen standing
	for {
		select {
		case <-news:
		case <-again.C:
		case <-ctx.Done():
			return cmd.late(ctx, awaited, seen)
		case err := <-ended:
			if ctx.Err() == nil {
				return err
			}
			return cmd.late(ctx, awaited, seen)
		}
		data, err := cmd.get(ctx, awaited.path...)
		if ctx.Err() != nil {
			return cmd.late(ctx, awaited, seen)
		}
		if err != nil {
			return err
		}
		seen = standing{}
		if err := strictjson.Unmarshal(data, &seen); err != nil {
			return err
		}
		if slices.Contains(cmd.State, seen.State) {
			return awaited.show(t, &cmd.remote, data)
		}
	}
}

// late says how things stand when the time is up. Ctrl-C is no such case.
func (cmd *waitCmd) late(ctx context.Context, awaited awaited, seen standing) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	if seen.State == "" {
		return fmt.Errorf("after %s no mockbank at %s has told of %s", cmd.Timeout, cmd.Server, awaited.name)
	}
	return fmt.Errorf("after %s %s is %s and not %s; %s", cmd.Timeout, awaited.name, seen.State, strings.Join(cmd.State, " or "), seen.outlook())
}

// awaited is what is waited for.
type awaited struct {
	name   string
	path   []string
	events url.Values // those after which it is worth looking
	show   func(t *terminal, r *remote, data []byte) error
}

func (cmd *waitCmd) awaited() (awaited, error) {
	if cmd.Delivery != 0 {
		number := strconv.FormatUint(cmd.Delivery, 10)
		return awaited{
			name: "delivery " + number, path: cmd.inWorkspace("deliveries", number), events: filter("types", "delivery,clock"),
			show: func(t *terminal, r *remote, data []byte) error { return show(t, r, data, showDelivery) },
		}, nil
	}
	part := strings.SplitN(cmd.Entity, "/", 3)
	if len(part) != 3 || slices.Contains(part, "") {
		return awaited{}, fmt.Errorf("--entity %q is no entity such as finqlink/link/ID: provider, kind and id", cmd.Entity)
	}
	return awaited{
		name: strings.Join(part, " "), path: cmd.inWorkspace("entities", part[0], part[1], part[2]),
		events: filter("types", "entity,clock", "provider", part[0], "kind", part[1], "id", part[2]),
		show:   func(t *terminal, r *remote, data []byte) error { return show(t, r, data, showEntity) },
	}, nil
}

// standing is what a late wait tells of an entity or a delivery.
type standing struct {
	State string   `json:"state"`
	Legal []string `json:"legal_events"`
	Due   string   `json:"due"` // of a delivery
	Next  []struct {
		Due string `json:"due"`
	} `json:"next"`
}

func (s *standing) outlook() string {
	legal, due := "no event is legal now", "nothing is due"
	if len(s.Legal) > 0 {
		legal = "legal now: " + strings.Join(s.Legal, ", ")
	}
	if s.Due == "" && len(s.Next) > 0 {
		s.Due = s.Next[0].Due
	}
	if s.Due != "" {
		due = "next due at " + s.Due
	}
	if s.Legal == nil {
		return due
	}
	return legal + "; " + due
}
