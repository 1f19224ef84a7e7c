package control_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// following is a client of an event stream.
type following struct {
	h     *house
	reply *http.Response
	lines *bufio.Scanner
	leave func()
}

// follow begins to follow over a real connection.
func (h *house) follow(url, lastEventID string) *following {
	h.t.Helper()
	ctx, leave := context.WithCancel(h.t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { leave(); reply.Body.Close() })
	return &following{h: h, reply: reply, lines: bufio.NewScanner(reply.Body), leave: leave}
}

// heard is one event of a stream.
type heard struct {
	id, name string
	answer
}

// next reads the next event, and holds it against the spec; false: the stream has ended.
func (f *following) next() (e heard, more bool) {
	f.h.t.Helper()
	for f.lines.Scan() {
		name, value, _ := strings.Cut(f.lines.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.raw = value
		case "":
			if e.raw != "" {
				f.check(&e)
				return e, true
			}
		}
	}
	return e, false
}

func (f *following) check(e *heard) {
	f.h.t.Helper()
	value, err := strictjson.Decode([]byte(e.raw))
	if err != nil {
		f.h.t.Fatalf("%v in %s", err, e.raw)
	}
	if broken := f.h.spec.Schema("StreamedEvent").Check(value); len(broken) > 0 {
		f.h.t.Errorf("%v in %s", broken, e.raw)
	}
	e.body = value.(map[string]any)
	if e.text("type") != e.name || fmt.Sprint(e.at("id")) != e.id || e.at(e.name) == nil {
		f.h.t.Errorf("the event %s with the id %s holds %s", e.name, e.id, e.raw)
	}
}

// read reads n events and says each in a few words.
func (f *following) read(n int) (said []string, last string) {
	f.h.t.Helper()
	for range n {
		e, more := f.next()
		if !more {
			f.h.t.Fatalf("the stream ended after %v", said)
		}
		said, last = append(said, e.say()), e.id
	}
	return said, last
}

func (e heard) say() string {
	of := func(names ...string) string {
		words := []string{e.name}
		for _, name := range names {
			if v := e.at(e.name, name); v != nil {
				words = append(words, fmt.Sprint(v))
			}
		}
		return strings.Join(words, " ")
	}
	switch e.name {
	case "entity":
		return of("kind", "change", "from", "event", "state", "cause")
	case "delivery":
		return of("number", "progress", "state", "status")
	case "request":
		return of("operation", "status", "kind")
	case "clock":
		return of("mode", "now", "advancing")
	}
	return of()
}

func (h *house) server() string {
	server := httptest.NewServer(h)
	h.t.Cleanup(server.Close)
	return server.URL + "/_mockbank/v1/workspaces/a/events"
}

func wantSaid(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("heard\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// TestFollow: whoever follows hears all that happens in the workspace, in the order in which it became durable.
func TestFollow(t *testing.T) {
	h := build(t, nil)
	h.want(201, "PUT", "/workspaces/a", `{"webhook_url":"http://inbox.localhost/a/x"}`)
	all := h.follow(h.server(), "")
	if got := all.reply.Header.Get("Content-Type"); got != "text/event-stream" || all.reply.StatusCode != 200 {
		t.Fatalf("%d %s", all.reply.StatusCode, got)
	}
	id := h.order("a", "x")
	h.order("b", "of another workspace")
	said, _ := all.read(3)
	wantSaid(t, said, "entity order created created api createOrder", "entity receipt created kept api createOrder", "request createOrder 201 order")

	h.want(200, "POST", "/workspaces/a/entities/toy/order/"+id+"/events", `{"event":"pay"}`)
	h.want(409, "POST", "/workspaces/a/entities/toy/order/"+id+"/events", `{"event":"pay"}`) // tells nothing
	said, _ = all.read(4)
	wantSaid(t, said, "entity order moved created pay paying control", "delivery 1 recorded waiting", "delivery 1 attempted pending 200", "delivery 1 ended delivered")

	h.want(200, "PUT", "/workspaces/a/entities/toy/order/"+id+"/scenario", `{"scenario":"manual"}`)
	h.want(200, "PUT", "/workspaces/a/clock", `{"mode":"frozen","now":"2026-01-16T00:00:00Z"}`)
	h.want(200, "POST", "/workspaces/a/clock/advance", `{"by":"1h"}`)
	said, _ = all.read(4)
	wantSaid(t, said, "entity order retold paying control", "clock frozen 2026-01-16T00:00:00Z false",
		"clock frozen 2026-01-16T00:00:00Z true", "clock frozen 2026-01-16T01:00:00Z false")
}

func TestEventsAreFiltered(t *testing.T) {
	h := build(t, nil)
	url := h.server()
	one, other := h.order("a", "m-1"), h.order("a", "m-1")
	some := h.follow(url+"?types=entity,clock&provider=toy&kind=order&id="+one, "")
	for _, id := range []string{other, one} {
		h.want(200, "POST", "/workspaces/a/entities/toy/order/"+id+"/events", `{"event":"pay"}`)
	}
	h.want(200, "PUT", "/workspaces/a/clock", `{"mode":"real"}`)
	e, _ := some.next()
	if e.text("entity", "id") != one {
		t.Errorf("heard of another: %s", e.raw)
	}
	if e, _ := some.next(); e.name != "clock" {
		t.Errorf("heard %s", e.raw)
	}
	for query, code := range map[string]string{
		"types=entity,nothing": "invalid_request", "types=": "invalid_request", "provider=nope": "unknown_provider", "kind=nope": "unknown_kind", "after=x": "bad_cursor", "after=99999999999999999999": "bad_cursor",
	} {
		if a := h.want(422, "GET", "/workspaces/a/events?"+query, ""); a.text("code") != code {
			t.Errorf("%s: %s", query, a.raw)
		}
	}
	if a := h.do("HEAD", "/workspaces/a/events", ""); a.status != 200 || a.raw != "" {
		t.Errorf("HEAD: %d %q", a.status, a.raw)
	}
}

// TestEventsGoOn where a client was when its connection was lost.
func TestEventsGoOn(t *testing.T) {
	h := build(t, nil)
	url := h.server()
	first := h.follow(url+"?types=request", "")
	h.order("a", "1")
	_, last := first.read(1)
	first.leave()
	h.order("a", "2")
	h.order("a", "3")
	for _, again := range []*following{h.follow(url+"?types=request", last), h.follow(url+"?types=request&after="+last, "")} {
		said, _ := again.read(2)
		wantSaid(t, said, "request createOrder 201 order", "request createOrder 201 order")
	}
	late := h.follow(url+"?types=request", "1") // of a run long ago
	if e, _ := late.next(); e.name != "lost" || e.at("lost", "from") == nil {
		t.Errorf("what is lost is not told: %s", e.raw)
	}
	late.read(3)
}

// TestEventsEnd when the workspace is deleted, for its own listeners only.
func TestEventsEnd(t *testing.T) {
	h := build(t, nil)
	url := h.server()
	h.want(201, "PUT", "/workspaces/a", `{}`)
	one, other := h.follow(url, ""), h.follow(strings.Replace(url, "/a/", "/b/", 1), "")
	h.want(204, "DELETE", "/workspaces/a", "")
	if e, more := one.next(); more {
		t.Errorf("heard %s", e.raw)
	}
	h.order("b", "x")
	other.read(1)
}

func TestEventsAreBounded(t *testing.T) {
	h := build(t, nil)
	url := h.server()
	var all []*following
	for range 64 {
		all = append(all, h.follow(url, ""))
	}
	if a := h.want(429, "GET", "/workspaces/a/events", ""); a.text("code") != "too_many_listeners" || a.header.Get("Retry-After") == "" {
		t.Errorf("one too many: %s", a.raw)
	}
	all[0].leave()
	for h.t.Context().Err() == nil {
		if again := h.follow(url, ""); again.reply.StatusCode == 200 {
			return
		}
	}
}

// TestWhatIsTakenBackIsNotTold: a refused call leaves nothing, and so nothing happened but the request.
func TestWhatIsTakenBackIsNotTold(t *testing.T) {
	h := build(t, nil)
	all := h.follow(h.server(), "")
	r := httptest.NewRequest("POST", "http://localhost:6265/w/a/toy/orders", strings.NewReader(`{"ref":5}`))
	r.Header.Set("Content-Type", "application/json")
	h.send(r)
	said, _ := all.read(1)
	wantSaid(t, said, "request createOrder 400")
}

func TestMetricsAreShown(t *testing.T) {
	h := build(t, nil)
	h.order("a", "secret-ref")
	a := h.want(200, "GET", "/metrics", "")
	for _, line := range []string{
		`mockbank_requests_total{operation="createOrder",provider="toy",status="201"} 1`, `mockbank_workspaces 1`, `mockbank_store_transactions_total`, `go_goroutines`,
		`mockbank_build_info{version="test"} 1`,
	} {
		if !strings.Contains(a.raw, line) {
			t.Errorf("%s is missing in\n%s", line, a.raw)
		}
	}
	if got := a.header.Get("Content-Type"); got != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("media %s", got)
	}
	h.want(200, "HEAD", "/metrics", "")
	h.want(200, "HEAD", "/health", "")
}

// TestMetricsAreBounded: what strangers invent makes no series.
func TestMetricsAreBounded(t *testing.T) {
	h := build(t, nil)
	series := func() int { return strings.Count(h.want(200, "GET", "/metrics", "").raw, "mockbank_request") }
	call := func(workspace, path string) {
		h.send(httptest.NewRequest("GET", "http://localhost:6265/w/"+workspace+path, nil))
	}
	call("a", "/toy/orders/1")
	call("a", "/nowhere")
	before := series()
	for i := range 50 {
		call(fmt.Sprint("w", i), fmt.Sprint("/toy/orders/", i))
		call("a", fmt.Sprint("/nowhere/", i))
	}
	if after := series(); after != before {
		t.Errorf("%d lines became %d", before, after)
	}
}

// TestWatchingWantsTheToken, and health does not.
func TestWatchingWantsTheToken(t *testing.T) {
	h := build(t, func(cfg *app.Config) { cfg.ControlOpen, cfg.ControlToken = false, "right" })
	h.want(401, "GET", "/metrics", "")
	h.want(401, "GET", "/workspaces/a/events", "")
	h.want(200, "GET", "/health", "")
}
