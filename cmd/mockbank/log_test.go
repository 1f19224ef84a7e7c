package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/mockbank/mockbank/internal/kv/mem"
)

// page is where a log is written.
type page struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *page) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(data)
}

func (p *page) lines(t *testing.T) (all []map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.Lines(p.text.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, entry)
	}
	return all
}

// logged starts the whole house with the log that these flags ask for.
func logged(t *testing.T, log *page) http.Handler {
	cmd := serveCmd{Clock: "frozen@2026-01-15T10:30:00Z", Seed: 1, MaxWorkspaces: 100, MaxSnapshot: 1 << 20, JournalSize: 1 << 20, JournalTotal: 1 << 20, Log: "json", LogLevel: "debug"}
	logger, err := cmd.logger(&terminal{err: log})
	if err != nil {
		t.Fatal(err)
	}
	house, err := cmd.build(mem.New(), logger, &configFile{}, true)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- house.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return house
}

const planted = "xK9-planted-secret"

// TestTheLogKeepsSecrets, and says of every request by which numbers it is found again.
func TestTheLogKeepsSecrets(t *testing.T) {
	log := &page{}
	house := logged(t, log)
	send := func(method, path, media, body string, header ...string) {
		r := httptest.NewRequest(method, "http://localhost:6265"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		house.ServeHTTP(httptest.NewRecorder(), r)
	}
	const form, object = "application/x-www-form-urlencoded", "application/json"
	send("POST", "/finqlink/oauth2/default/v1/token", form, "grant_type=client_credentials&client_id=finqlink-demo&client_secret="+planted)
	send("POST", "/finqlink/v2/links/list", object, `{"client_id":"finqlink-demo","client_secret":"`+planted+`"}`, "X-Request-ID", "their-own-number")
	send("POST", "/finqlink/v2/links/list", object, `{"client_secret":"`+planted, "Authorization", "Bearer "+planted)
	send("GET", "/onelinkfintech/v1/accounts?api_key="+planted, object, "", "Authorization", "Bearer "+planted)
	send("GET", "/onelinkfintech/v1/accounts", object, "", "Authorization", "Bearer sk_test_"+planted)
	send("POST", "/payone/api/v1/payment-links", object, `{"merchantId":"10001"}`, "Authorization", "payone-hmac-sha256 "+planted, "Cookie", "session="+planted)
	send("PUT", "/_mockbank/v1/workspaces/default/clients/finqlink/acme", object, `{"secret":"`+planted+`","alg":"none"}`)
	send("PUT", "/_mockbank/v1/workspaces/default/clients/finqlink/acme", object, `{"secret":"`+planted+`"}`, "Authorization", "Bearer "+planted)

	requests, named := 0, false
	for _, line := range log.lines(t) {
		text, _ := json.Marshal(line)
		if bytes.Contains(text, []byte(planted)) {
			t.Errorf("the log tells a secret: %s", text)
		}
		if line["path"] == nil {
			continue
		}
		requests++
		if number := line["request"]; number == nil || number == 0.0 {
			t.Errorf("which request? %s", text)
		}
		named = named || line["request_id"] == "their-own-number"
	}
	if requests < 8 || !named {
		t.Errorf("%d lines are about requests, and one has the provider's own id: %t\n%s", requests, named, log.text.String())
	}
}

func TestTheLogIsText(t *testing.T) {
	log := &page{}
	logger, err := (&serveCmd{Log: "text", LogLevel: "warn"}).logger(&terminal{err: log})
	if err != nil {
		t.Fatal(err)
	}
	logger.Info("not this")
	logger.Warn("this", "request", 7)
	if text := log.text.String(); strings.Contains(text, "not this") || !strings.Contains(text, "level=WARN msg=this request=7") {
		t.Errorf("written: %s", text)
	}
}
