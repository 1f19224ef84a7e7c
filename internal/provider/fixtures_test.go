package provider

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/store"
)

// layingSlips gives the toy two slips from the start. The second is used an hour later, and would tell of it.
func layingSlips(y *toy) {
	y.Fixtures = func(c *Call) error {
		for _, data := range []slip{{Ref: "one", Used: true}, {Ref: "two", UseAt: start.Add(time.Hour)}} {
			name, err := slips.Next(c)
			if err != nil {
				return err
			}
			if _, err := slips.Create(c, name, data.Ref, &data, At(start.Add(-time.Hour))); err != nil {
				return err
			}
		}
		return nil
	}
}

// look reads a workspace through each door that a handler has, each in a call of its own.
func (y *toy) look(workspace string) (got []string) {
	y.t.Helper()
	note := func(what any, err error) error { got = append(got, fmt.Sprint(what)); return err }
	doors := []func(c *Call) error{
		func(c *Call) error { n, err := slips.Count(c, "state", Key{}.Text("ready")); return note(n, err) },
		func(c *Call) error {
			return slips.Page(c, "state", Key{}.Text("used"), 0, 5, func(e *Entity[slip]) (bool, error) { return true, note(e.ID(), nil) })
		},
		func(c *Call) error { e, err := slips.Get(c, "two"); return note(e != nil, err) },
		func(c *Call) error { e, err := slips.Find(c, "none", Key{}); return note(e == nil, err) },
	}
	for _, door := range doors {
		must(y.t, y.store.View(context.Background(), workspace, func(tx *store.Tx) error {
			return door(y.Call(context.Background(), tx, &Request{Workspace: workspace, Header: http.Header{}, Reply: http.Header{}}))
		}))
	}
	return got
}

func TestEveryDoorSeesTheFixtures(t *testing.T) {
	y := openToy(t, mem.New())
	layingSlips(y)
	if got, want := y.look(store.Default), []string{"1", "one", "true", "true"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if y.store.Stored(store.Default) {
		t.Error("to look stored the workspace")
	}
	must(t, y.sell(slip{Ref: "three"}))
	if got, want := y.look(store.Default), []string{"2", "one", "true", "true"}; !slices.Equal(got, want) {
		t.Errorf("once it is stored: got %q, want %q", got, want)
	}
}

func TestADeadlineOfAFixture(t *testing.T) {
	y := openToy(t, mem.New())
	layingSlips(y)
	must(t, y.sell(slip{Ref: "three"}))
	y.advance(2 * time.Hour)
	if got := y.made("one", "two", "three"); got != "-, 1h0m0s usual, -" {
		t.Errorf("got %s", got)
	}
}
