package main

import (
	"bytes"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/provider/finqlink"
	"github.com/mockbank/mockbank/scenarios"
	"github.com/mockbank/mockbank/specs"
)

// These measure the house without the network: go test -bench . ./bench

var linkID = regexp.MustCompile(`"link_id":"([^"]+)"`)

func house(b *testing.B) http.Handler { return houseWith(b, "") }

// houseWith has one provider, whose links can follow one more story.
func houseWith(b *testing.B, story string) http.Handler {
	b.Helper()
	stories, err := fs.ReadFile(scenarios.FS, "finqlink/link.yaml")
	if err != nil {
		b.Fatal(err)
	}
	p, err := finqlink.New()
	if err != nil {
		b.Fatal(err)
	}
	a, err := app.New(app.Config{
		Version: "bench", Driver: mem.New(), Wall: clock.System, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Providers: []*provider.Provider{p}, Specs: specs.FS,
		Scenarios: fstest.MapFS{"finqlink/link.yaml": {Data: append(stories, story...)}}, Seed: 1, MaxWorkspaces: 10, ControlOpen: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	return a
}

func post(b *testing.B, h http.Handler, path string, body []byte) *httptest.ResponseRecorder {
	return send(b, h, http.MethodPost, path, body)
}

func put(b *testing.B, h http.Handler, path, body string) {
	send(b, h, http.MethodPut, path, []byte(body))
}

func send(b *testing.B, h http.Handler, method, path string, body []byte) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "http://127.0.0.1"+path, bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	reply := httptest.NewRecorder()
	h.ServeHTTP(reply, request)
	if reply.Code != http.StatusOK {
		b.Fatalf("%d %s", reply.Code, reply.Body)
	}
	return reply
}

func BenchmarkCreateLink(b *testing.B) {
	h := house(b)
	b.ReportAllocs()
	for b.Loop() {
		post(b, h, "/finqlink/v2/links/create", createBody(1))
	}
}

func BenchmarkGetLink(b *testing.B) {
	h := house(b)
	made := post(b, h, "/finqlink/v2/links/create", createBody(1)).Body.Bytes()
	id := linkID.FindSubmatch(made)[1]
	body := getBody(string(id))(0)
	b.ReportAllocs()
	for b.Loop() {
		post(b, h, "/finqlink/v2/links/get", body)
	}
}

// BenchmarkJ9Tokens asks for tokens as fast as all cores can. What comes faster than that waits, and none is refused.
func BenchmarkJ9Tokens(b *testing.B) {
	h := house(b)
	const form = "grant_type=client_credentials&scope=pay_by_link&client_id=finqlink-demo&client_secret=finqlink-demo-secret"
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			request := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/finqlink/oauth2/ausfqbxutkZBUKUgQ417/v1/token", strings.NewReader(form))
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			reply := httptest.NewRecorder()
			h.ServeHTTP(reply, request)
			if reply.Code != http.StatusOK {
				b.Errorf("%d %s", reply.Code, reply.Body)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}

// BenchmarkI1Year is a jump of a year over timers that are due all the time.
func BenchmarkI1Year(b *testing.B) {
	const timers = 100_000
	for b.Loop() {
		b.StopTimer()
		h := houseWith(b, yearStory)
		put(b, h, control+"/clock", `{"mode":"frozen"}`)
		put(b, h, control+"/scenarios/finqlink/link", `{"scenario":"a_year"}`)
		for n := range int64(timers) {
			post(b, h, "/finqlink/v2/links/create", linkBody(n, (time.Duration(n+1)*300*time.Second).String(), ""))
		}
		b.StartTimer()
		post(b, h, control+"/clock/advance", []byte(`{"by":"366d"}`))
	}
}
