package providertest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/gateway"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
	"github.com/mockbank/mockbank/internal/webhook"
)

// Suite is what every provider has to keep. A provider says how to talk to it; Run checks the rest.
type Suite struct {
	Make func() (*provider.Provider, error)
	// Begin and End tell one story, which has every operation succeed and sends webhooks to the inbox named Inbox.
	// Between them the house may be stopped, so End finds again what it needs from Begin in what was said.
	Begin, End func(h *House)
	// Refusals provoke each error of the dialect.
	Refusals []Refusal
	// Play makes an entity of the kind that follows a scenario, and does what its payer does.
	Play func(h *House, kind, scenario string)
	// Read tells a webhook's type and what it says, where it is not JSON with a member type; nil: it is.
	Read func(m webhook.Message) (kind string, body any, err error)
	// Receive verifies a webhook as a receiver would that shares no code with the sender.
	Receive func(t *testing.T, h *House, m webhook.Message)
	// Counted says that ids count up from one number in every workspace, so that two workspaces share them by right.
	Counted bool
}

// Inbox is where the webhooks of a suite go.
const Inbox = "suite"

// Refusal is an error of the dialect, and how to provoke it.
type Refusal struct {
	Name   string
	Send   func(h *House) Answer
	Status int
	Member string // of the body, that holds the code
	Code   string
}

// Run checks all of it.
func (s Suite) Run(t *testing.T) {
	told := s.story(t) // by all who only listen; what says more in this house comes last
	t.Run("every operation answers", func(t *testing.T) { s.operations(t, told) })
	t.Run("every refusal is in the dialect", s.refusals)
	t.Run("the same seed says the same", func(t *testing.T) { s.repeats(t, told) })
	t.Run("every state is reached", s.states)
	t.Run("a stop in the middle changes nothing", func(t *testing.T) { s.reopened(t, told) })
	t.Run("every webhook verifies", func(t *testing.T) { s.webhooks(t, told) })
	if s.Counted {
		t.Run("nothing crosses workspaces", func(t *testing.T) { s.unmoved(t, told) })
	} else {
		t.Run("nothing crosses workspaces", func(t *testing.T) { s.apart(t, told) })
	}
}

func (s Suite) story(t *testing.T) *House {
	t.Helper()
	h := New(t, s.Make)
	s.Begin(h)
	s.End(h)
	return h
}

func (s Suite) operations(t *testing.T, h *House) {
	for _, op := range h.Runtime.Spec.Operations() {
		if !slices.ContainsFunc(h.said, func(x Exchange) bool { return x.Answer.Status < 300 && h.calls(x, op) }) {
			t.Errorf("%s %s never succeeded", op.Method, op.Path)
		}
	}
	for _, x := range h.said {
		if x.Answer.Status >= http.StatusBadRequest {
			t.Errorf("%s %s: %d %s", x.Method, x.Target, x.Answer.Status, x.Answer.Body)
		}
	}
}

// calls tells whether a request was one of the operation.
func (h *House) calls(x Exchange, op *spec.Operation) bool {
	path, _, _ := strings.Cut(x.Target, "?")
	for _, face := range h.Runtime.Faces {
		// A well-known place stands before the mount, which follows it (RFC 8414 section 3).
		path = strings.Replace(path, face.Mount+"/", "/", 1)
	}
	have, want := strings.Split(path, "/"), strings.Split(op.Path, "/")
	return x.Method == op.Method && slices.EqualFunc(have, want, func(have, want string) bool {
		return have == want || strings.HasPrefix(want, "{")
	})
}

func (s Suite) refusals(t *testing.T) {
	h := New(t, s.Make)
	for _, refusal := range s.Refusals {
		t.Run(refusal.Name, func(t *testing.T) {
			got := refusal.Send(h)
			if got.Status != refusal.Status || got.Text(refusal.Member) != refusal.Code {
				t.Errorf("%d %s, want %d %s", got.Status, got.Body, refusal.Status, refusal.Code)
			}
		})
	}
}

func (s Suite) webhooks(t *testing.T, h *House) {
	messages := h.Messages(Inbox)
	if len(messages) == 0 && len(h.channels) > 0 {
		t.Error("no webhook came")
	}
	for _, m := range messages {
		if !m.Verdict.Valid {
			t.Errorf("%s: %s", m.Body, m.Verdict.Error)
		}
		kind, body, err := s.read(m)
		must(t, err)
		schema := h.Runtime.Spec.Schema("webhook." + kind)
		if schema == nil {
			t.Fatalf("%s: there is no schema of this type", m.Body)
		}
		for _, broken := range schema.Check(body) {
			t.Errorf("%s: %s %s", m.Body, broken.Pointer, broken.Message)
		}
		s.Receive(t, h, m)
	}
}

func (s Suite) read(m webhook.Message) (kind string, body any, err error) {
	if s.Read != nil {
		return s.Read(m)
	}
	body, err = strictjson.Decode(m.Body)
	members, _ := body.(map[string]any)
	kind, _ = members["type"].(string)
	return kind, body, err
}

// repeats tells the story in another house and compares every byte.
func (s Suite) repeats(t *testing.T, first *House) {
	second := s.story(t)
	for i, x := range first.said {
		if a, b := x.Answer.String(), second.said[i].Answer.String(); a != b {
			t.Fatalf("%s %s was answered\n%s\nand then\n%s", x.Method, x.Target, a, b)
		}
	}
	sameMessages(t, first, second)
}

// String is the reply in text, with its headers in the order of their names.
func (a Answer) String() string {
	var out bytes.Buffer
	fmt.Fprintln(&out, a.Status)
	_ = a.Header.Write(&out) // A buffer takes all.
	out.Write(a.Body)
	return out.String()
}

func sameMessages(t *testing.T, first, second *House) {
	t.Helper()
	a, b := first.Messages(Inbox), second.Messages(Inbox)
	if len(a) != len(b) {
		t.Fatalf("%d webhooks, and then %d", len(a), len(b))
	}
	for i := range a {
		if !bytes.Equal(a[i].Body, b[i].Body) || !a[i].At.Equal(b[i].At) || !maps.EqualFunc(a[i].Header, b[i].Header, slices.Equal) {
			t.Fatalf("webhook %d:\n%v %s\n%v %s", i, a[i].Header, a[i].Body, b[i].Header, b[i].Body)
		}
	}
}

// apart sends all that was said in one workspace to another, which must not know of anything in it.
func (s Suite) apart(t *testing.T, h *House) {
	known := h.entities(store.Default)
	if len(known) == 0 {
		t.Fatal("the story made nothing")
	}
	for _, x := range slices.Clone(h.said) {
		got := h.withoutPath(x.Target, h.elsewhere(x).String())
		for _, id := range known {
			if strings.Contains(got, id) {
				t.Errorf("%s %s in another workspace tells of %s:\n%s", x.Method, x.Target, id, got)
			}
		}
	}
	for _, id := range h.entities("another") {
		if slices.Contains(known, id) {
			t.Errorf("%s is in both workspaces", id)
		}
	}
}

// unmoved says all that was said in one workspace in another too, which must answer as it does where the first one
// was never spoken to.
func (s Suite) unmoved(t *testing.T, h *House) {
	quiet := New(t, s.Make)
	for _, x := range slices.Clone(h.said) {
		got, want := h.elsewhere(x).String(), quiet.elsewhere(x).String()
		if got != want {
			t.Errorf("%s %s in another workspace is answered\n%s\nand with no first workspace\n%s", x.Method, x.Target, got, want)
		}
	}
}

// elsewhere says in the workspace "another" what was said in the default one.
func (h *House) elsewhere(x Exchange) Answer {
	header := x.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set(gateway.WorkspaceHeader, "another")
	return h.Do(x.Method, x.Target, header, x.Body)
}

// withoutPath takes the path of a request out of its answer: to repeat it tells nothing.
func (h *House) withoutPath(target, answer string) string {
	path, _, _ := strings.Cut(target, "?")
	for _, face := range h.Runtime.Faces {
		path = strings.TrimPrefix(path, face.Mount)
	}
	return strings.ReplaceAll(answer, path, "")
}

func (h *House) entities(workspace string) (ids []string) {
	h.t.Helper()
	must(h.t, h.Store.View(context.Background(), workspace, func(tx *store.Tx) error {
		for _, kind := range h.Runtime.KindNames() {
			err := tx.ScanEntities(h.Runtime.ID, kind, 0, func(e *store.Entity) (bool, error) {
				ids = append(ids, e.ID)
				return true, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return ids
}

// states plays every scenario of every kind, and looks where that led.
func (s Suite) states(t *testing.T) {
	h := New(t, s.Make)
	for _, kind := range h.Runtime.KindNames() {
		law := h.Library.Kind(h.Runtime.ID, kind)
		if law == nil || law.Machine == nil {
			continue
		}
		for _, scenario := range law.Scenarios {
			s.Play(h, kind, scenario.Name)
		}
		h.Advance(48 * time.Hour)
		visited := h.visited(kind)
		for _, state := range law.Machine.States {
			if !visited[state.Name] {
				t.Errorf("no scenario of %s leads to %s", kind, state.Name)
			}
		}
	}
}

func (h *House) visited(kind string) map[string]bool {
	visited := map[string]bool{}
	h.View(func(tx *store.Tx) error {
		return tx.ScanEntities(h.Runtime.ID, kind, 0, func(e *store.Entity) (bool, error) {
			for state := range e.Visits {
				visited[state] = true
			}
			return true, nil
		})
	})
	return visited
}

// reopened stops the house in the middle and goes on in another one.
func (s Suite) reopened(t *testing.T, whole *House) {
	driver := mem.New()
	first := Open(t, s.Make, driver)
	s.Begin(first)
	first.Store.Close()
	second := Open(t, s.Make, driver)
	second.said = first.said
	s.End(second)
	sameMessages(t, whole, second)
	if a, b := whole.entities(store.Default), second.entities(store.Default); !slices.Equal(a, b) {
		t.Errorf("the entities are %v, and after a stop %v", a, b)
	}
}
