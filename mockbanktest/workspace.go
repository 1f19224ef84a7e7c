package mockbanktest

import (
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// Workspace is a private world: entities, clock, clients, keys, scenarios, faults and journal of its own.
type Workspace struct {
	server *Server
	tb     TB
	name   string
}

// Workspace gives a test a world of its own, which is named after the test and is removed with it. What is called
// on the world fails this test, so a subtest makes its own.
func (s *Server) Workspace(tb TB) *Workspace {
	tb.Helper()
	w := &Workspace{server: s, tb: tb, name: worldName(tb.Name())}
	w.remove()
	tb.Cleanup(w.remove)
	return w
}

func (w *Workspace) remove() {
	w.tb.Helper()
	select {
	case <-w.server.ended: // and all worlds with it
	default:
		w.do(http.MethodDelete, nil, nil, nil)
	}
}

// The 40 characters that a name may have.
const (
	hashLength  = 8
	longestStem = 40 - 1 - hashLength
)

var notOfNames = regexp.MustCompile(`[^a-z0-9]+`)

// worldName makes a world's name of a test's: readable, and with a hash of all of it, since two tests may differ in
// nothing that a name may hold. The same test has the same name in each run, and so the same ids.
func worldName(test string) string {
	stem := strings.ToLower(strings.TrimPrefix(test, "Test"))
	stem = notOfNames.ReplaceAllString(stem, "-")
	stem = strings.Trim(stem[:min(len(stem), longestStem)], "-")
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(test)) // A hash takes everything.
	return strings.TrimPrefix(stem+"-"+hex.EncodeToString(sum.Sum(nil)), "-")
}

// Name is the world's name, for the header Mockbank-Workspace and for `mockbank --workspace`.
func (w *Workspace) Name() string { return w.name }

// URL is the address of a provider in this world, to be used in the place of the provider's own, such as
// http://127.0.0.1:41234/w/pay-1b2c3d4e/finqlink.
func (w *Workspace) URL(provider string) string {
	w.tb.Helper()
	mount, ok := w.server.faces[provider]
	if !ok {
		w.tb.Fatalf("mockbank: %v", w.server.unknownFace(provider))
	}
	return w.server.origin + "/w/" + w.name + mount
}

type clockReply struct{ Now time.Time }

// Now is what the world's clock reads.
func (w *Workspace) Now() time.Time {
	w.tb.Helper()
	return ask[clockReply](w, http.MethodGet, []string{"clock"}, nil).Now
}

// Freeze sets the clock to an instant, at which it stands until it is moved.
func (w *Workspace) Freeze(at time.Time) {
	w.tb.Helper()
	w.do(http.MethodPut, []string{"clock"}, nil, map[string]any{"mode": "frozen", "now": at})
}

// Run has the clock go on from what it reads, so many times as fast as the machine's, for tests with a browser or with
// another service that takes its time.
func (w *Workspace) Run(timesAsFast float64) {
	w.tb.Helper()
	w.do(http.MethodPut, []string{"clock"}, nil, map[string]any{"mode": "scaled", "scale": timesAsFast})
}

// Advanced tells what an advance did.
type Advanced struct {
	From, To   time.Time
	Fired      int // timers
	Deliveries int // attempts to deliver a webhook
	Unfinished int // of those, the ones that had not ended
}

// Advance moves the clock forward, in whole milliseconds: from one due instant to the next, each with its timers and
// webhooks. When it returns, all of that has happened.
func (w *Workspace) Advance(by time.Duration) Advanced {
	w.tb.Helper()
	return w.advance(map[string]any{"by": span(by)})
}

// AdvanceTo moves the clock forward to an instant.
func (w *Workspace) AdvanceTo(at time.Time) Advanced {
	w.tb.Helper()
	return w.advance(map[string]any{"to": at})
}

// AdvanceToNext moves the clock to the instant at which the next timer or webhook is due.
func (w *Workspace) AdvanceToNext() Advanced {
	w.tb.Helper()
	return w.advance(map[string]any{"to": "next"})
}

func (w *Workspace) advance(body any) Advanced {
	w.tb.Helper()
	return ask[Advanced](w, http.MethodPost, []string{"clock", "advance"}, body)
}

// Configure gives the world a provider's settings, such as {"cooldown": "1s"}; those that are not named get their
// defaults.
func (w *Workspace) Configure(provider string, settings map[string]any) {
	w.tb.Helper()
	w.do(http.MethodPut, nil, nil, map[string]any{"settings": map[string]any{provider: settings}})
}

// WebhookURL is the target of every webhook that names none of its own; empty is none.
func (w *Workspace) WebhookURL(target string) {
	w.tb.Helper()
	w.do(http.MethodPut, nil, nil, map[string]any{"webhook_url": target})
}

// Reset drops entities, timers, webhooks, queue, faults and journal. Clients, keys, settings, scenario choices and
// the clock stay.
func (w *Workspace) Reset() {
	w.tb.Helper()
	w.do(http.MethodPost, []string{"reset"}, nil, nil)
}

// Snapshot is the whole world but for its journal, as one readable JSON document, with all secrets.
func (w *Workspace) Snapshot() []byte {
	w.tb.Helper()
	return w.do(http.MethodGet, []string{"snapshot"}, nil, nil)
}

// Restore puts a snapshot in the place of all that the world holds. The snapshot may be that of another world.
func (w *Workspace) Restore(snapshot []byte) {
	w.tb.Helper()
	w.do(http.MethodPut, []string{"snapshot"}, nil, json.RawMessage(snapshot))
}
