package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

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

func house(b *testing.B) http.Handler {
	b.Helper()
	p, err := finqlink.New()
	if err != nil {
		b.Fatal(err)
	}
	a, err := app.New(app.Config{
		Version: "bench", Driver: mem.New(), Wall: clock.System, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Providers: []*provider.Provider{p}, Specs: specs.FS, Scenarios: scenarios.FS, Seed: 1, MaxWorkspaces: 10, ControlOpen: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	return a
}

func post(b *testing.B, h http.Handler, path string, body []byte) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, "http://127.0.0.1"+path, bytes.NewReader(body))
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
