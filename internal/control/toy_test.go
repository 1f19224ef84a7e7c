package control_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/strictjson"
	"github.com/mockbank/mockbank/specs"
)

// The toy is a provider as small as one can be that has all that the control API shows.

const toySpec = `openapi: 3.0.3
info: {title: Toy, version: "1"}
servers:
  - url: https://api.toy.example
paths:
  /orders:
    post:
      operationId: createOrder
      requestBody:
        required: true
        content: {application/json: {schema: {type: object}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {type: object}}}}
        default: {description: Refused., content: {application/json: {schema: {type: object}}}}
components:
  schemas:
    Settings:
      type: object
      additionalProperties: false
      properties:
        webhook_alg: {type: string, enum: [RS256, ES256], default: ES256}
        cooldown: {type: string, format: duration, default: 60s}
    ClientSettings:
      type: object
      additionalProperties: false
      properties:
        ais: {type: boolean, default: true}
    webhook.order_changed:
      type: object
    webhook.order_paid:
      type: object
      required: [from, to, subject, text]
`

const toyScenarios = `provider: toy
kind: order
default: paid
machine:
  initial: created
  states:
    created: {on: {pay: paying, revoke: revoked}, deadline: {after: 10m, fire: revoke}}
    paying: {on: {settle: settled, revoke: revoked}}
    settled: {}
    revoked: {}
  notify:
    - {on: any_change, channel: webhook, type: order_changed}
    - {on: pay, channel: letter, type: order_paid}
inputs:
  - {name: ref, from: entity.ref, form: exact}
scenarios:
  paid:
    title: The order is paid and settles after a minute
    steps:
      - {at: paying, after: 1m, fire: settle}
  manual:
    title: Nothing moves by itself
    select: {ref: "m-1"}
    steps: []
  unattended:
    title: As paid, with nobody to pay by hand
    extends: paid
    steps:
      - {at: created, fire: pay}
`

type order struct {
	Ref    string `json:"ref"`
	Amount int    `json:"amount"`
}

const orders provider.Kind[order] = "order"

// receipt is a record: a kind without a machine.
type receipt struct {
	Text string `json:"text"`
}

const receipts provider.Kind[receipt] = "receipt"

// A voucher is a record with a scenario file.
const vouchers provider.Kind[receipt] = "voucher"

const voucherScenarios = `provider: toy
kind: voucher
default: sound
scenarios:
  manual: {title: Nothing moves by itself}
  unattended: {title: As sound}
  sound: {title: Nothing goes wrong}
  lost:
    title: The answer is lost
    mishaps: [{operation: createOrder, when: after, lose: true}]
`

func toy() *provider.Provider {
	return &provider.Provider{
		ID: "toy", Title: "Toy", Faces: []provider.Face{{Name: "toy", Mount: "/toy", Hosts: []string{"api.toy.example"}}},
		Handlers:    map[string]provider.Handler{"createOrder": provider.Write(createOrder)},
		Problem:     refuse,
		Clients:     []oauth.Client{{ID: "demo", Name: "Demo", Secret: "demo-secret"}},
		Credentials: []provider.Credential{{Name: "client_id", Value: "demo"}, {Name: "client_secret", Value: "demo-secret"}},
		KeySets: []provider.KeySet{{Purpose: "webhook", Every: 90 * 24 * time.Hour, Alg: func(s map[string]any) string {
			alg, _ := s["webhook_alg"].(string)
			return alg
		}}},
		Kinds: []provider.KindDef{
			orders.Define(provider.Def[order]{Act: payOrder}),
			receipts.Define(provider.Def[receipt]{State: kept}),
			vouchers.Define(provider.Def[receipt]{State: kept}),
		},
		Channels: []provider.Channel{{
			Name: "webhook", Targets: toWorkspace,
			Body: func(c *provider.Call, s provider.Subject, _ string) (any, error) {
				e := orders.Of(s)
				return map[string]any{"id": e.ID(), "state": e.State()}, nil
			},
			Headers: func(*provider.Call, provider.Notification, provider.Spoil) (func() (http.Header, error), error) {
				return func() (http.Header, error) { return http.Header{"X-Toy": {"signed"}}, nil }, nil
			},
			Verify: func(_ *provider.Call, h http.Header, _ []byte) (bool, error) { return h.Get("X-Toy") != "", nil },
		}, provider.MailChannel("letter", toPayer)},
	}
}

func toWorkspace(c *provider.Call, _ provider.Subject, _ string) ([]string, error) {
	if url := c.WebhookURL(); url != "" {
		return []string{url}, nil
	}
	return nil, nil
}

func kept(*receipt, time.Time) string { return "kept" }

func createOrder(c *provider.Call) (provider.Reply, error) {
	var o order
	if err := c.Bind(&o); err != nil {
		return provider.Reply{}, err
	}
	name, err := orders.Next(c)
	if err != nil {
		return provider.Reply{}, err
	}
	e, err := orders.Create(c, name, name.UUID(), &o)
	if err != nil {
		return provider.Reply{}, err
	}
	if name, err = receipts.Next(c); err != nil {
		return provider.Reply{}, err
	}
	if _, err := receipts.Create(c, name, name.UUID(), &receipt{Text: o.Ref}); err != nil {
		return provider.Reply{}, err
	}
	return provider.JSON(http.StatusCreated, map[string]any{"id": e.ID()}), nil
}

func payOrder(c *provider.Call, e *provider.Entity[order], act string) error {
	if act != "approve" {
		return orders.Fire(c, e, "revoke")
	}
	return orders.Fire(c, e, "pay")
}

func refuse(_ *provider.Call, err error) provider.Reply {
	return provider.JSON(http.StatusBadRequest, map[string]any{"error": problem.From(err).Error()})
}

// house is a mockbank with the toy in it, on a frozen clock.
type house struct {
	http.Handler
	t    testing.TB
	spec *spec.Document
}

// controlSpec is read once, because that takes longer than most tests.
var controlSpec = sync.OnceValue(func() *spec.Document {
	data, err := specs.FS.ReadFile("control.yaml")
	if err != nil {
		panic(err)
	}
	document, err := spec.Load("control.yaml", data)
	if err != nil {
		panic(err)
	}
	return document
})

var start = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

// config is that of a house with the toy alone.
func config(t testing.TB) app.Config {
	t.Helper()
	control, err := specs.FS.ReadFile("control.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return app.Config{
		Version: "test", Driver: mem.New(), Wall: func() time.Time { return start }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Providers: []*provider.Provider{toy()}, Seed: 1, Clock: clock.Setting{Mode: clock.Frozen, Base: start}, MaxWorkspaces: 20,
		JournalSize: 1 << 20, JournalTotal: 4 << 20,
		Specs:       fstest.MapFS{"toy.yaml": {Data: []byte(toySpec)}, "control.yaml": {Data: control}},
		Scenarios:   fstest.MapFS{"toy/order.yaml": {Data: []byte(toyScenarios)}, "toy/voucher.yaml": {Data: []byte(voucherScenarios)}},
		ControlOpen: true,
	}
}

func build(t testing.TB, change func(*app.Config)) *house {
	t.Helper()
	cfg := config(t)
	if change != nil {
		change(&cfg)
	}
	a, err := app.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return &house{Handler: a, t: t, spec: controlSpec()}
}

// answer is a reply, decoded.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// do makes a request below the control API, with a JSON body where it is not empty.
func (h *house) do(method, path, body string) answer {
	h.t.Helper()
	r := httptest.NewRequest(method, "http://localhost:6265/_mockbank/v1"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return h.send(r)
}

func (h *house) send(r *http.Request) answer {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), raw: w.Body.String()}
	if r.Method != http.MethodHead && strings.Contains(w.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			h.t.Fatalf("%s %s: %v in %s", r.Method, r.URL, err, a.raw)
		}
	}
	if a.status >= http.StatusBadRequest && strings.HasPrefix(r.URL.Path, "/_mockbank") {
		h.isProblem(a)
	}
	return a
}

// isProblem holds a refusal against the spec: replies of operations are held against it by the room itself.
func (h *house) isProblem(a answer) {
	h.t.Helper()
	value, err := strictjson.Decode([]byte(a.raw))
	if err != nil || a.header.Get("Content-Type") != "application/problem+json" {
		h.t.Fatalf("not a problem document: %s %q", a.header.Get("Content-Type"), a.raw)
	}
	if broken := h.spec.Schema("Problem").Check(value); len(broken) > 0 {
		h.t.Errorf("%v in %s", broken, a.raw)
	}
	if a.at("status") != float64(a.status) {
		h.t.Errorf("the document says %v and the reply %d", a.at("status"), a.status)
	}
}

// want makes a request and fails unless it is answered with the status.
func (h *house) want(status int, method, path, body string) answer {
	h.t.Helper()
	a := h.do(method, path, body)
	if a.status != status {
		h.t.Fatalf("%s %s %s: status %d, want %d: %s", method, path, body, a.status, status, a.raw)
	}
	return a
}

// order makes an order of the toy and gives its id.
func (h *house) order(workspace, ref string) string {
	h.t.Helper()
	r := httptest.NewRequest("POST", "http://localhost:6265/w/"+workspace+"/toy/orders", strings.NewReader(`{"ref":"`+ref+`","amount":5}`))
	r.Header.Set("Content-Type", "application/json")
	a := h.send(r)
	if a.status != http.StatusCreated {
		h.t.Fatalf("createOrder: %d %s", a.status, a.raw)
	}
	return a.text("id")
}

// at walks into a decoded reply by names and indexes.
func (a answer) at(path ...any) any {
	var v any = a.body
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			list, _ := v.([]any)
			if s >= len(list) {
				return nil
			}
			v = list[s]
		}
	}
	return v
}

func (a answer) text(path ...any) string {
	s, _ := a.at(path...).(string)
	return s
}

func (a answer) len(path ...any) int {
	list, _ := a.at(path...).([]any)
	return len(list)
}

// settled waits until no delivery of a workspace is under way, and gives them, newest first.
func (h *house) settled(workspace string) answer {
	h.t.Helper()
	for {
		a := h.want(200, "GET", "/workspaces/"+workspace+"/deliveries?limit=500", "")
		open := 0
		for i := range a.len("items") {
			if state := a.text("items", i, "state"); state == "pending" || state == "waiting" {
				open++
			}
		}
		if open == 0 {
			return a
		}
		if h.t.Context().Err() != nil {
			h.t.Fatalf("deliveries did not settle: %s", a.raw)
		}
		runtime.Gosched()
	}
}

// toPayer writes to those whose order has the reference mail.
func toPayer(_ *provider.Call, s provider.Subject, _ string) (*provider.Letter, error) {
	e := orders.Of(s)
	if e.Data.Ref != "mail" {
		return nil, nil
	}
	return &provider.Letter{
		From: "Toy <noreply@toy.example>", To: []string{"ann@example.test", "bob@example.test"}, Subject: "Paid \u2713",
		Text: "Thank you <b>.\n\nSee http://toy.example/orders/" + e.ID() + ".\n",
	}, nil
}
