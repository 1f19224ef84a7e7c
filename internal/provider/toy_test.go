package provider

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/schedule"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

// The toy sells with slips. A slip is a record; at its deadline it is used, which makes its child, a payment. A
// payment is told of over two channels: as JSON, and as a form whose receiver has to answer in words.

const toySpec = `openapi: 3.0.3
info: {title: Toy, version: "1"}
servers:
  - url: https://api.toy.example
paths: {}
components:
  schemas:
    webhook.used: {type: object, required: [id], properties: {id: {type: string}}}
    webhook.appointed: {type: object, required: [action, name], properties: {action: {type: string}, name: {type: string, maxLength: 10}}}
    webhook.paid: {type: object, required: [action, name], properties: {action: {type: string}, name: {type: string, maxLength: 10}}}
`

const slipStories = `provider: toy
kind: slip
default: usual
inputs:
  - {name: ref, from: entity.ref, form: prefix}
scenarios:
  manual: {title: Nothing moves by itself}
  unattended: {title: As usual}
  usual: {title: Nothing goes wrong}
  lost:
    title: The answer to the call is lost
    select: {ref: lost.}
    mishaps: [{operation: page.sell, when: after, lose: true}]
  turned:
    title: Paid is told before appointed
    select: {ref: turned.}
`

const paymentStories = `provider: toy
kind: payment
default: usual
machine:
  initial: made
  states:
    made:      {on: {appoint: appointed}}
    appointed: {on: {pay: paid}}
    paid:      {}
  notify:
    - {on: appoint, channel: status, type: appointed}
    - {on: appoint, channel: notify, type: used}
    - {on: pay, channel: status, type: paid}
scenarios:
  manual: {title: Nothing moves by itself}
  unattended: {extends: usual}
  usual:
    title: It is paid two seconds after it was appointed
    steps:
      - {at: made, fire: appoint}
      - {at: appointed, after: 2s, fire: pay}
  turned:
    extends: usual
    deliveries: [{channel: status, next: 1, reorder: true}]
`

type slip struct {
	Ref    string    `json:"ref"`
	Name   string    `json:"name,omitzero"`
	Status string    `json:"status,omitzero"` // the receivers of the two channels
	Notify string    `json:"notify,omitzero"`
	UseAt  time.Time `json:"use_at,omitzero"`
	Used   bool      `json:"used,omitzero"`
}

type payment struct {
	Name   string `json:"name"`
	Status string `json:"status,omitzero"`
	Notify string `json:"notify,omitzero"`
}

const (
	slips    Kind[slip]    = "slip"
	payments Kind[payment] = "payment"
)

func slipState(s *slip, _ time.Time) string {
	if s.Used {
		return "used"
	}
	return "ready"
}

func useSlipAt(_ *Call, e *Entity[slip]) (time.Time, error) {
	if e.Data.Used {
		return time.Time{}, nil
	}
	return e.Data.UseAt, nil
}

func useSlip(c *Call, e *Entity[slip]) error {
	e.Data.Used = true
	_, err := payments.Create(c, Name{Number: e.in.Sequence}, "of "+e.ID(), &payment{Name: e.Data.Name, Status: e.Data.Status, Notify: e.Data.Notify}, ChildOf(e))
	return err
}

// to sends to the address that a payment has for a channel, if it has one.
func to(address func(*payment) string) func(*Call, Subject, string) ([]string, error) {
	return func(_ *Call, s Subject, _ string) ([]string, error) {
		if url := address(payments.Of(s).Data); url != "" {
			return []string{url}, nil
		}
		return nil, nil
	}
}

func notifyChannel() Channel {
	return Channel{
		Name: "notify", Targets: to(func(p *payment) string { return p.Notify }),
		Body: func(_ *Call, s Subject, _ string) (any, error) { return map[string]any{"id": payments.Of(s).ID()}, nil },
		Headers: func(_ *Call, n Notification, _ Spoil) (func() (http.Header, error), error) {
			return func() (http.Header, error) { return http.Header{"X-Request-ID": {n.ID}}, nil }, nil
		},
		Schedule: []time.Duration{time.Minute, time.Hour}, Gone: GoneIsFailure,
	}
}

// statusChannel sends a form in ISO-8859-1.
func statusChannel() Channel {
	return Channel{
		Name: "status", Media: mediaForm, Targets: to(func(p *payment) string { return p.Status }),
		Body: func(_ *Call, s Subject, kind string) (any, error) {
			return map[string]any{"action": kind, "name": payments.Of(s).Data.Name}, nil
		},
		Encode: func(value any) ([]byte, error) {
			form := value.(map[string]any)
			encoded := []byte("action=" + form["action"].(string) + "&name=")
			for _, r := range form["name"].(string) {
				encoded = append(encoded, byte(r))
			}
			return encoded, nil
		},
		Headers: func(*Call, Notification, Spoil) (func() (http.Header, error), error) {
			return func() (http.Header, error) { return http.Header{"User-Agent": {"Toy FinanceGate"}}, nil }, nil
		},
		Accepted: func(status int, body []byte) bool {
			return status == http.StatusOK && strings.TrimSpace(string(body)) == "TSOK"
		},
		Schedule: []time.Duration{time.Minute, time.Hour},
	}
}

// toy is the provider with a store, and with the timed half of the house.
type toy struct {
	*Runtime
	t        *testing.T
	store    *store.Store
	loop     *schedule.Loop
	channels webhook.Channels
}

func openToy(t *testing.T, driver kv.Driver) *toy {
	t.Helper()
	document, err := spec.Load("toy.yaml", []byte(toySpec))
	must(t, err)
	var library *machine.Library
	y := &toy{t: t}
	y.Runtime, err = Install(&Provider{
		ID: "toy", Pages: []Page{{Name: "page.sell"}}, Channels: []Channel{notifyChannel(), statusChannel()},
		Kinds: []KindDef{
			slips.Define(Def[slip]{State: slipState, Deadline: useSlipAt, Wake: useSlip, Index: func(e *Entity[slip]) []Index {
				return []Index{{Name: "state", Counted: true, Key: Key{}.Text(slipState(e.Data, time.Time{}))}}
			}}),
			payments.Define(Def[payment]{Parent: string(slips)}),
		},
	}, document, func() *machine.Library { return library })
	must(t, err)
	files := []machine.File{{Name: "toy/slip.yaml", Data: []byte(slipStories)}, {Name: "toy/payment.yaml", Data: []byte(paymentStories)}}
	facts := Facts(map[string]*Runtime{"toy": y.Runtime})
	var defects []machine.Defect
	if library, defects = machine.Load(files, nil, facts); len(defects) > 0 {
		t.Fatal(defects)
	}
	y.open(driver)
	return y
}

func (y *toy) open(driver kv.Driver) {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	var err error
	y.store, err = store.Open(store.Config{
		Driver: driver, Wall: func() time.Time { return start }, Log: quiet, Clock: clock.Setting{Mode: clock.Frozen, Base: start}, Seed: 1, MaxWorkspaces: 10,
	})
	must(y.t, err)
	y.t.Cleanup(y.store.Close)
	y.channels = y.Transports()
	sender := webhook.New(webhook.Config{Store: y.store, Log: quiet, Channels: y.channels, Inbox: &webhook.Inbox{Store: y.store, Channels: y.channels}, Version: "test"})
	y.t.Cleanup(sender.Close)
	y.loop = schedule.New(schedule.Config{Store: y.store, Log: quiet, Apply: y.Due, Send: sender.Send})
}

// do runs fn in a call, and stores what it did.
func (y *toy) do(fn func(c *Call) error) error {
	return y.store.Update(context.Background(), store.Default, func(tx *store.Tx) error {
		c := y.Call(context.Background(), tx, &Request{Page: "page.sell", Workspace: store.Default, Header: http.Header{}, Reply: http.Header{}})
		_, err := c.Run(Write(func(c *Call) (Reply, error) { return Reply{}, fn(c) }))
		return err
	})
}

func (y *toy) must(fn func(c *Call) error) {
	y.t.Helper()
	must(y.t, y.do(fn))
}

func (y *toy) sell(data slip) error {
	return y.do(func(c *Call) error {
		name, err := slips.Next(c)
		if err != nil {
			return err
		}
		_, err = slips.Create(c, name, data.Ref, &data)
		return err
	})
}

func (y *toy) advance(by time.Duration) {
	y.t.Helper()
	var now time.Time
	y.must(func(c *Call) error { now = c.Now(); return nil })
	_, err := y.loop.Advance(context.Background(), store.Default, now.Add(by), schedule.WaitDeliveries)
	must(y.t, err)
}
