// Package providertest starts one provider in the real frame, in the process and without a network, and holds
// what every provider has to keep (suite.go).
//
// A House is store, gateway, clock loop and deliveries around one provider. Its clocks stand: nothing happens
// but what a test asks for, so two houses to which the same was said have said the same. The loop does not run
// by itself; Advance does what is due. Webhooks go to inboxes of the house.
package providertest

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/gateway"
	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/schedule"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
	"github.com/mockbank/mockbank/internal/webhook"
	"github.com/mockbank/mockbank/scenarios"
	"github.com/mockbank/mockbank/specs"
)

// Start is what every clock of a house reads at first, the wall's included.
var Start = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

// Host is how the house is called.
const Host = "localhost:6265"

// House is one provider in the real frame.
type House struct {
	t       testing.TB
	Runtime *provider.Runtime
	Library *machine.Library
	Store   *store.Store

	loop     *schedule.Loop
	gateway  *gateway.Gateway
	channels webhook.Channels
	wall     time.Time
	saying   sync.Mutex // several may speak at once
	said     []Exchange
}

// Exchange is one request and its reply.
type Exchange struct {
	Method, Target string
	Header         http.Header
	Body           []byte
	Answer         Answer
}

// Said is what was said to the house, in order.
func (h *House) Said() []Exchange { return h.said }

// New starts a house in memory.
func New(t testing.TB, make func() (*provider.Provider, error)) *House {
	t.Helper()
	return Open(t, make, mem.New())
}

// Open starts a house on a driver, which may hold what an earlier one left.
func Open(t testing.TB, make func() (*provider.Provider, error), driver kv.Driver) *House {
	t.Helper()
	p, err := make()
	must(t, err)
	h := &House{t: t, wall: Start}
	quiet := slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	h.Store, err = store.Open(store.Config{
		Driver: driver, Wall: func() time.Time { return h.wall }, Log: quiet, Seed: 1, MaxWorkspaces: 100,
		Clock: clock.Setting{Mode: clock.Frozen, Base: Start, Anchor: Start},
	})
	must(t, err)
	t.Cleanup(h.Store.Close)
	h.Runtime, err = provider.Install(p, document(t, p.ID), func() *machine.Library { return h.Library })
	must(t, err)
	h.loadScenarios()
	h.deliveries(quiet)
	h.gateway, err = gateway.New(gateway.Config{Store: h.Store, Providers: []*provider.Runtime{h.Runtime}, Log: quiet})
	must(t, err)
	must(t, h.gateway.Check())
	return h
}

// documents are the specs that were read: nobody changes them, and to read one takes most of a house's start.
var documents sync.Map

func document(t testing.TB, id string) *spec.Document {
	t.Helper()
	if known, ok := documents.Load(id); ok {
		return known.(*spec.Document)
	}
	loaded, err := spec.Load(id+".yaml", read(t, specs.FS, id+".yaml"))
	must(t, err)
	documents.Store(id, loaded)
	return loaded
}

// libraries are the laws and stories of each provider, compiled once too: a house only reads them.
var libraries sync.Map

func (h *House) loadScenarios() {
	h.t.Helper()
	known, ok := libraries.Load(h.Runtime.ID)
	if !ok {
		known = h.compile()
		libraries.Store(h.Runtime.ID, known)
	}
	h.Library = known.(*machine.Library)
}

func (h *House) compile() *machine.Library {
	h.t.Helper()
	names, err := fs.Glob(scenarios.FS, h.Runtime.ID+"/*.yaml")
	must(h.t, err)
	var files []machine.File
	for _, name := range names {
		files = append(files, machine.File{Name: name, Data: read(h.t, scenarios.FS, name)})
	}
	library, defects := machine.Load(nil, files, provider.Facts(map[string]*provider.Runtime{h.Runtime.ID: h.Runtime}))
	for _, defect := range defects {
		h.t.Error(defect)
	}
	if len(defects) > 0 {
		h.t.FailNow()
	}
	return library
}

func (h *House) deliveries(log *slog.Logger) {
	h.channels = h.Runtime.Transports()
	inbox := &webhook.Inbox{Store: h.Store, Channels: h.channels}
	sender := webhook.New(webhook.Config{Store: h.Store, Log: log, Channels: h.channels, Inbox: inbox, Version: "test"})
	h.t.Cleanup(sender.Close)
	h.loop = schedule.New(schedule.Config{Store: h.Store, Log: log, Apply: h.Runtime.Due, Send: sender.Send})
}

// SetWall moves the machine's clock, by which client assertions are judged.
func (h *House) SetWall(at time.Time) { h.wall = at }

// Advance moves the default workspace's clock and does all that is due until then.
func (h *House) Advance(by time.Duration) schedule.Report {
	h.t.Helper()
	report, err := h.loop.Advance(context.Background(), store.Default, h.Now().Add(by), schedule.WaitDeliveries)
	must(h.t, err)
	return report
}

// Settle does what is due now.
func (h *House) Settle() { h.t.Helper(); h.Advance(time.Microsecond) }

// Now is the default workspace's time.
func (h *House) Now() (now time.Time) {
	h.View(func(tx *store.Tx) error { now = tx.Now(); return nil })
	return now
}

// View reads the default workspace.
func (h *House) View(fn func(*store.Tx) error) {
	h.t.Helper()
	must(h.t, h.Store.View(context.Background(), store.Default, fn))
}

// Update changes the default workspace.
func (h *House) Update(fn func(*store.Tx) error) {
	h.t.Helper()
	must(h.t, h.Store.Update(context.Background(), store.Default, fn))
}

// Set gives the default workspace a setting of the provider.
func (h *House) Set(name string, value any) {
	h.t.Helper()
	h.Update(func(tx *store.Tx) error {
		before, err := h.Runtime.AllKeys(tx)
		if err != nil {
			return err
		}
		ws := tx.Change()
		values := map[string]any{name: value}
		for other, v := range ws.Settings[h.Runtime.ID] {
			if other != name {
				values[other] = v
			}
		}
		ws.Settings[h.Runtime.ID] = values
		return h.Runtime.AdaptKeys(tx, before)
	})
}

// Show reads an entity.
func (h *House) Show(kind, id string) (view *provider.View) {
	h.t.Helper()
	h.View(func(tx *store.Tx) (err error) { view, err = h.Runtime.Show(tx, kind, id); return err })
	return view
}

// Fire applies an event as the control API's. The error is the refusal.
func (h *House) Fire(kind, id, event string) (err error) {
	return h.Store.Update(context.Background(), store.Default, func(tx *store.Tx) error {
		_, err := h.Runtime.Fire(tx, kind, id, event, nil)
		return err
	})
}

// Act does what a person has to do. The error is the refusal.
func (h *House) Act(kind, id, act string) (err error) {
	return h.Store.Update(context.Background(), store.Default, func(tx *store.Tx) error {
		_, err := h.Runtime.Act(tx, kind, id, act)
		return err
	})
}

// Retell gives an entity another story. The error is the refusal.
func (h *House) Retell(kind, id, scenario string) error {
	return h.Store.Update(context.Background(), store.Default, func(tx *store.Tx) error {
		_, err := h.Runtime.Retell(tx, kind, id, scenario)
		return err
	})
}

// Data reads one member of an entity's data.
func (h *House) Data(kind, id, member string, into any) {
	h.t.Helper()
	members, _ := h.Show(kind, id).Data.(map[string]any)
	raw, err := strictjson.Marshal(members[member])
	must(h.t, err)
	must(h.t, strictjson.Unmarshal(raw, into))
}

// Await waits until something holds that another goroutine brings about by a change of the default workspace.
func (h *House) Await(holds func() bool) {
	h.t.Helper()
	patience := time.NewTimer(10 * time.Second)
	defer patience.Stop()
	for {
		changed, release := h.Store.Change(store.Default)
		if holds() {
			release()
			return
		}
		select {
		case <-changed:
		case <-patience.C:
			h.t.Fatal("waited for something that did not come")
		}
		release()
	}
}

// InboxURL is where an inbox of the default workspace receives.
func InboxURL(name string) string { return "http://inbox.localhost/" + store.Default + "/" + name }

// Messages are what an inbox of the default workspace got.
func (h *House) Messages(name string) (messages []webhook.Message) {
	h.t.Helper()
	h.View(func(tx *store.Tx) (err error) { messages, err = webhook.Messages(tx, name, 0, 1000); return err })
	return messages
}

// Answer is a reply.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON reads the body as an object; nil when it is none.
func (a Answer) JSON() map[string]any {
	v, _ := strictjson.Decode(a.Body)
	object, _ := v.(map[string]any)
	return object
}

// Text is a member of the body, by its path with dots; empty where there is no such text.
func (a Answer) Text(path string) string {
	var v any = a.JSON()
	for name := range strings.SplitSeq(path, ".") {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	text, _ := v.(string)
	return text
}

// Do sends a request below the face's mount, or to an absolute address.
func (h *House) Do(method, target string, header http.Header, body []byte) Answer {
	h.t.Helper()
	address := target
	if !strings.Contains(target, "://") {
		address = "http://" + Host + target
	}
	r := httptest.NewRequestWithContext(h.t.Context(), method, address, bytes.NewReader(body))
	for name, values := range header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	w := httptest.NewRecorder()
	h.gateway.ServeHTTP(w, r)
	reply := w.Result()
	got, err := io.ReadAll(reply.Body)
	must(h.t, err)
	answer := Answer{Status: reply.StatusCode, Header: reply.Header, Body: got}
	h.saying.Lock()
	defer h.saying.Unlock()
	h.said = append(h.said, Exchange{Method: method, Target: target, Header: header, Body: body, Answer: answer})
	return answer
}

// Get reads an address.
func (h *House) Get(target string) Answer {
	h.t.Helper()
	return h.Do(http.MethodGet, target, nil, nil)
}

// Post sends a value as JSON, or bytes as they are.
func (h *House) Post(target string, body any, header ...string) Answer {
	h.t.Helper()
	raw, ok := body.([]byte)
	if !ok {
		var err error
		raw, err = strictjson.Marshal(body)
		must(h.t, err)
	}
	return h.Do(http.MethodPost, target, headers("Content-Type", "application/json", header...), raw)
}

// Form sends a form.
func (h *House) Form(target string, form url.Values, header ...string) Answer {
	h.t.Helper()
	return h.Do(http.MethodPost, target, headers("Content-Type", "application/x-www-form-urlencoded", header...), []byte(form.Encode()))
}

// headers joins pairs of name and value; the last of one name wins.
func headers(name, value string, more ...string) http.Header {
	header := http.Header{name: {value}}
	for i := 0; i+1 < len(more); i += 2 {
		header.Set(more[i], more[i+1])
	}
	return header
}

func read(t testing.TB, from fs.FS, name string) []byte {
	t.Helper()
	data, err := fs.ReadFile(from, name)
	must(t, err)
	return data
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// testLog brings warnings to the test's output. A reply that breaks the spec and a panic fail the test, also
// where nobody looked at the reply.
type testLog struct{ t testing.TB }

func (l testLog) Write(line []byte) (int, error) {
	l.t.Helper()
	text := strings.TrimSpace(string(line))
	l.t.Log("house: " + text)
	for _, defect := range []string{"not true to", "panic", "was not recorded", "is dropped"} {
		if strings.Contains(text, defect) {
			l.t.Error("the house has a defect; see its log above")
		}
	}
	return len(line), nil
}
