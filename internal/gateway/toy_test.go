package gateway_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/gateway"
	"github.com/mockbank/mockbank/internal/journal"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/schedule"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/store"
)

// The toy is a provider that has one operation for each road through the gateway.

const toyScenarios = `provider: toy
kind: order
default: paid
machine:
  initial: created
  states:
    created: {on: {pay: paid}}
    paid: {}
inputs:
  - {name: ref, from: entity.ref, form: exact}
scenarios:
  paid:
    title: The order is paid after ten seconds
    steps:
      - {at: created, after: 10s, fire: pay}
  manual:
    title: Nothing moves by itself
    steps: []
  unattended:
    title: The order is paid at once
    extends: paid
    steps:
      - {at: created, fire: pay}
  down:
    extends: manual
    select: {ref: down}
    mishaps: [{operation: createOrder, when: before, status: 503, code: is_down, retry_after: 30s}]
  once:
    extends: manual
    select: {ref: once}
    mishaps: [{operation: createOrder, when: before, times: 1, status: 500, code: hiccup}]
  read_once:
    extends: manual
    select: {ref: read_once}
    mishaps: [{operation: getOrder, when: before, times: 2, status: 429, code: too_fast}]
  slow:
    extends: manual
    select: {ref: slow}
    mishaps: [{operation: createOrder, when: before, delay: 5s}]
  slow_once:
    extends: manual
    select: {ref: slow_once}
    mishaps: [{operation: getOrder, when: before, delay: 5s, times: 1}]
  slow_down:
    extends: manual
    select: {ref: slow_down}
    mishaps: [{operation: createOrder, when: before, delay: 5s, status: 504}]
  lost:
    extends: manual
    select: {ref: lost}
    mishaps: [{operation: createOrder, when: after, lose: true}]
  lost_once:
    extends: manual
    select: {ref: lost_once}
    mishaps: [{operation: getOrder, when: after, lose: true, times: 1}]
  cut:
    extends: manual
    select: {ref: cut}
    mishaps: [{operation: createOrder, when: after, cut: true}]
  spoilt:
    extends: manual
    select: {ref: spoilt}
    mishaps: [{operation: createOrder, when: after, spoil: true}]
  once_per_key:
    extends: manual
    select: {ref: once_per_key}
    mishaps: [{operation: createOrder, when: before, times: 1, per: 'idempotency_key != "" ? idempotency_key : minute(now)', status: 429, code: too_fast}]
  lost_per_amount:
    extends: manual
    select: {ref: lost_per_amount}
    mishaps: [{operation: createOrder, when: after, times: 1, per: string(entity.amount), lose: true}]
  barred:
    extends: manual
    select: {ref: barred}
    mishaps: [{operation: createOrder, when: before, times: 1, status: 402, code: barred}]
  dripped:
    extends: manual
    select: {ref: dripped}
    mishaps: [{operation: createOrder, when: after, drip: 1s}]
`

// order is the toy's one kind.
type order struct {
	Ref    string `json:"ref"`
	Amount int    `json:"amount"`
}

const orders provider.Kind[order] = "order"

func toy() *provider.Provider {
	return &provider.Provider{
		ID: "toy", Title: "Toy", MaxBody: 200,
		Faces: []provider.Face{
			{Name: "toy", Mount: "/toy", Hosts: []string{"API.toy.example"}, CORS: []provider.CORS{{Path: "/open", Methods: "GET, POST", Headers: "Content-Type"}}},
			{Name: "toy-pages", Mount: "/toy-pages", Hosts: []string{"pages.toy.example"}, Below: "/some/portal"},
		},
		Handlers: map[string]provider.Handler{
			"createOrder": provider.Write(createOrder), "listOrders": provider.Read(listOrders), "getOrder": provider.Read(getOrder),
			"awaitPaid": provider.Read(awaitPaid), "slowOrder": provider.Write(slowOrder), "laterOrder": provider.Write(laterOrder),
			"brokenOrder": provider.Write(brokenOrder), "panicOrder": provider.Write(panicOrder), "refusedOrder": provider.Write(refusedOrder),
			"echo": provider.Read(echo), "where": provider.Read(where), "strict": provider.Read(strict), "nothing": provider.Read(nothing),
		},
		Pages: []provider.Page{
			{Name: "page.button", Method: http.MethodPost, Path: "/button", Handler: provider.Write(press)},
			{Name: "page.show", Face: "toy-pages", Method: http.MethodGet, Path: "/show/:id", Handler: provider.Read(show)},
		},
		Problem:     refuse,
		Idempotency: toyIdempotency,
		Envelopes:   map[string]provider.Envelope{"envelope": {Open: openToy, Seal: sealToy}},
		Kinds:       []provider.KindDef{orders.Define(provider.Def[order]{Index: allOrders})},
	}
}

func allOrders(*provider.Entity[order]) []provider.Index { return []provider.Index{{Name: "all"}} }

func makeOrder(c *provider.Call) (*provider.Entity[order], error) {
	o := order{Ref: "by the house"}
	if c.Body() != nil {
		if err := c.Bind(&o); err != nil {
			return nil, err
		}
	}
	name, err := orders.Next(c)
	if err != nil {
		return nil, err
	}
	return orders.Create(c, name, name.UUID(), &o)
}

func said(c *provider.Call, status int, e *provider.Entity[order]) provider.Reply {
	return provider.JSON(status, map[string]any{"id": e.ID(), "state": e.State(), "base": e.Base(), "request": c.UUID("request")})
}

func createOrder(c *provider.Call) (provider.Reply, error) {
	e, err := makeOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	return said(c, http.StatusCreated, e), nil
}

func findOrder(c *provider.Call) (*provider.Entity[order], error) {
	e, err := orders.Get(c, c.Params["id"])
	if err == nil && e == nil {
		err = problem.New(problem.NotFound, "no_order", "There is no such order")
	}
	return e, err
}

func getOrder(c *provider.Call) (provider.Reply, error) {
	e, err := findOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	return said(c, http.StatusOK, e), nil
}

func listOrders(c *provider.Call) (provider.Reply, error) {
	refs := []any{}
	err := orders.List(c, "all", provider.Range{Prefix: provider.Key{}}, func(e *provider.Entity[order]) (bool, error) {
		refs = append(refs, e.Data.Ref)
		return true, nil
	})
	return provider.JSON(http.StatusOK, map[string]any{"refs": refs}), err
}

func untilPaid(id string, status int) *provider.Await {
	return &provider.Await{
		For: 30 * time.Second,
		Until: func(c *provider.Call) (bool, error) {
			e, err := orders.Get(c, id)
			return e != nil && e.State() == "paid", err
		},
		Then: func(c *provider.Call) (provider.Reply, error) {
			e, err := orders.Get(c, id)
			if err != nil {
				return provider.Reply{}, err
			}
			return said(c, status, e), nil
		},
	}
}

func awaitPaid(c *provider.Call) (provider.Reply, error) {
	e, err := findOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{Await: untilPaid(e.ID(), http.StatusOK)}, nil
}

func slowOrder(c *provider.Call) (provider.Reply, error) {
	e, err := makeOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{Await: untilPaid(e.ID(), http.StatusCreated)}, nil
}

func laterOrder(c *provider.Call) (provider.Reply, error) {
	e, err := makeOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	fail := c.Query.Get("how")
	return provider.Reply{Status: http.StatusCreated, Later: func() (any, error) {
		switch fail {
		case "error":
			return nil, problem.New(problem.Unavailable, "no_ink", "The pen is dry")
		case "untrue":
			return map[string]any{"id": 7}, nil
		}
		return map[string]any{"id": e.ID(), "state": "signed"}, nil
	}}, nil
}

// brokenOrder makes replies that its spec does not allow.
func brokenOrder(c *provider.Call) (provider.Reply, error) {
	e, err := makeOrder(c)
	if err != nil {
		return provider.Reply{}, err
	}
	switch c.Query.Get("how") {
	case "status":
		return said(c, http.StatusTeapot, e), nil
	case "media":
		return provider.HTML(http.StatusCreated, []byte("<p>")), nil
	case "body":
		return provider.JSON(http.StatusCreated, map[string]any{"id": 7}), nil
	case "empty":
		return provider.Reply{Status: http.StatusCreated}, nil
	}
	return provider.JSON(http.StatusCreated, map[string]any{"id": func() {}}), nil
}

func panicOrder(c *provider.Call) (provider.Reply, error) {
	if _, err := makeOrder(c); err != nil {
		return provider.Reply{}, err
	}
	panic("the secret of the toy")
}

func refusedOrder(c *provider.Call) (provider.Reply, error) {
	if _, err := makeOrder(c); err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{}, problem.New(problem.Refused, "too_dear", "It is too dear").With("X-Price", "12")
}

// echo tells what the gateway made of a body.
func echo(c *provider.Call) (provider.Reply, error) {
	return provider.JSON(http.StatusOK, map[string]any{"body": c.Body()}), nil
}

// where tells what the gateway made of an address.
func where(c *provider.Call) (provider.Reply, error) {
	return provider.JSON(http.StatusOK, map[string]any{
		"base": c.Base(), "called": c.Called, "origin": c.Origin, "workspace": c.Workspace, "path": c.Path, "name": c.Params["name"], "method": c.Method,
	}), nil
}

// strict has no reply for refusals in its spec.
func strict(*provider.Call) (provider.Reply, error) {
	return provider.Reply{}, problem.New(problem.Refused, "never", "Never")
}

func nothing(*provider.Call) (provider.Reply, error) {
	return provider.Reply{Status: http.StatusNoContent}, nil
}

func press(c *provider.Call) (provider.Reply, error) {
	if _, err := makeOrder(c); err != nil {
		return provider.Reply{}, err
	}
	return provider.SeeOther(c.Base() + "/done?" + c.FormValue("go")), nil
}

func show(c *provider.Call) (provider.Reply, error) {
	return provider.HTML(http.StatusOK, []byte("<p>"+c.Params["id"]+" "+c.Base())), nil
}

var statuses = map[problem.Kind]int{
	problem.Malformed: 400, problem.Invalid: 422, problem.Refused: 402, problem.Forbidden: 403, problem.NotFound: 404, problem.NoRoute: 404,
	problem.MethodNotAllowed: 405, problem.TooLarge: 413, problem.UnsupportedMedia: 415, problem.Timeout: 504, problem.TooManyRequests: 429,
	problem.Unavailable: 503, problem.Conflict: 409,
}

func refuse(c *provider.Call, err error) provider.Reply {
	p := problem.From(err)
	status := statuses[p.Kind]
	if status == 0 {
		status = http.StatusInternalServerError
	}
	if p.Status != 0 {
		status = p.Status
	}
	places := []any{}
	for _, v := range p.Violations {
		places = append(places, v.Pointer+" "+v.Rule)
	}
	return provider.JSON(status, map[string]any{
		"kind": string(p.Kind), "code": p.Code, "message": p.Message, "at": p.Pointer, "places": places, "error_id": c.UUID("error"),
	})
}

var start = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

// house is a gateway with the toy behind it.
type house struct {
	*gateway.Gateway
	t       testing.TB
	store   *store.Store
	runtime *provider.Runtime
	loop    *schedule.Loop
	log     *notes
}

// notes is a log that tests read.
type notes struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// plan says what a house is like.
type plan struct {
	provider  *provider.Provider
	wall      clock.Wall
	clock     clock.Setting
	publicURL string
	most      int // workspaces
}

var toyDocument = sync.OnceValues(func() (*spec.Document, error) { return spec.Load("toy.yaml", []byte(toySpec)) })

// build makes a house whose clocks stand at start, unless change says otherwise.
func build(t testing.TB, change func(*plan)) *house {
	t.Helper()
	p := plan{provider: toy(), wall: func() time.Time { return start }, clock: clock.Setting{Mode: clock.Frozen, Base: start}, most: 20}
	if change != nil {
		change(&p)
	}
	h := &house{t: t, log: &notes{}}
	log := slog.New(slog.NewTextHandler(h.log, nil))
	var err error
	h.store, err = store.Open(store.Config{Driver: mem.New(), Wall: p.wall, Log: log, Seed: 1, MaxWorkspaces: p.most, Clock: p.clock})
	must(t, err)
	t.Cleanup(h.store.Close)
	document, err := toyDocument()
	must(t, err)
	var library *machine.Library
	r, err := provider.Install(p.provider, document, func() *machine.Library { return library })
	must(t, err)
	h.runtime = r
	var defects []machine.Defect
	library, defects = machine.Load([]machine.File{{Name: "toy/order.yaml", Data: []byte(toyScenarios)}}, nil, provider.Facts(map[string]*provider.Runtime{"toy": r}))
	for _, d := range defects {
		t.Fatal(d)
	}
	h.loop = schedule.New(schedule.Config{Store: h.store, Log: log, Apply: r.Due})
	h.Gateway, err = gateway.New(gateway.Config{Store: h.store, Providers: []*provider.Runtime{r}, Log: log, PublicURL: p.publicURL, Journal: journal.New(journal.Config{Room: 1 << 20, Total: 4 << 20})})
	must(t, err)
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is a reply, decoded where it is JSON.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (a answer) text(name string) string {
	s, _ := a.body[name].(string)
	return s
}

// request makes a request to a path, or to a whole address. headers are pairs.
func request(method, target, body string, headers ...string) *http.Request {
	if strings.HasPrefix(target, "/") {
		target = "http://localhost:6265" + target
	}
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func (h *house) do(method, target, body string, headers ...string) answer {
	h.t.Helper()
	return h.send(request(method, target, body, headers...))
}

func (h *house) send(r *http.Request) answer {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), raw: w.Body.String()}
	if w.Header().Get("Content-Type") == "application/json" && a.raw != "" {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			h.t.Fatalf("%s %s: %v in %q", r.Method, r.URL, err, a.raw)
		}
	}
	return a
}

// want fails unless the reply has the status.
func (h *house) want(status int, method, target, body string, headers ...string) answer {
	h.t.Helper()
	a := h.do(method, target, body, headers...)
	if a.status != status {
		h.t.Fatalf("%s %s %s: status %d, want %d: %s", method, target, body, a.status, status, a.raw)
	}
	return a
}

// make makes an order and gives its id.
func (h *house) make(ref string, headers ...string) string {
	h.t.Helper()
	return h.want(http.StatusCreated, "POST", "/toy/orders", `{"ref":"`+ref+`"}`, headers...).text("id")
}

// wantRefs fails unless these are the orders of a workspace.
func (h *house) wantRefs(workspace string, want ...string) {
	h.t.Helper()
	refs := h.refs(workspace)
	if strings.Join(refs, ", ") != strings.Join(want, ", ") {
		h.t.Errorf("the orders of %s are %q, want %q", workspace, refs, want)
	}
}

func (h *house) refs(workspace string) (refs []string) {
	h.t.Helper()
	for _, ref := range h.want(http.StatusOK, "GET", "/toy/orders", "", gateway.WorkspaceHeader, workspace).body["refs"].([]any) {
		refs = append(refs, ref.(string))
	}
	return refs
}
