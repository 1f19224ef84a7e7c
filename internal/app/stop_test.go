package app_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/specs"
)

// TestAStopEndsWhoFollows: somebody who follows events would follow for ever, and a stop does not wait for that.
func TestAStopEndsWhoFollows(t *testing.T) {
	control, err := specs.FS.ReadFile("control.yaml")
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(app.Config{
		Driver: mem.New(), Wall: clock.System, Log: slog.New(slog.DiscardHandler), Providers: []*provider.Provider{counting()},
		MaxWorkspaces: 2, ControlOpen: true,
		Specs: fstest.MapFS{"toy.yaml": {Data: []byte(toySpec)}, "control.yaml": {Data: control}}, Scenarios: fstest.MapFS{},
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, app.Listener{Listener: l}) }()
	reply, err := http.Get("http://" + l.Addr().String() + "/_mockbank/v1/workspaces/default/events")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	begun := time.Now()
	stop()
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		t.Errorf("the stream was cut off: %v", err)
	}
	if err := <-ended; err != nil || time.Since(begun) > 3*time.Second {
		t.Errorf("ended after %s: %v", time.Since(begun), err)
	}
}
