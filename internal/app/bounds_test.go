package app_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/app"
)

// patience is for what ought to happen within milliseconds.
const patience = 20 * time.Second

// bounded serves the counting provider with short bounds, and gives its address.
func bounded(t *testing.T, bounds app.Bounds) (address string) {
	t.Helper()
	cfg := toyConfig(t)
	cfg.Bounds = bounds
	address, stop, ended := serve(t, cfg)
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return address
}

// dial connects and says the beginning of a request.
func dial(t *testing.T, address, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // the server may have been first
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

// answered tells whether the server serves others.
func answered(t *testing.T, address string) {
	t.Helper()
	reply, err := http.Get("http://" + address + "/_mockbank/v1/health")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		t.Errorf("others are answered %s", reply.Status)
	}
}

// TestJ2HeadersThatDoNotEnd: three hundred clients that never finish their headers are cut off, and delay nobody.
func TestJ2HeadersThatDoNotEnd(t *testing.T) {
	address := bounded(t, app.Bounds{Header: 300 * time.Millisecond})
	var slow []net.Conn
	for range 300 {
		slow = append(slow, dial(t, address, "GET /toy/count HTTP/1.1\r\nHost: localhost\r\nX-Slow: "))
	}
	answered(t, address)
	for _, c := range slow {
		if said, err := io.ReadAll(c); err != nil || strings.Contains(string(said), "200 OK") {
			t.Fatalf("a slow client is told %q, %v", said, err)
		}
	}
}

// TestJ3ABodyThatDoesNotEnd: a client that never finishes its body is told so, and its connection is closed.
func TestJ3ABodyThatDoesNotEnd(t *testing.T) {
	address := bounded(t, app.Bounds{Read: 300 * time.Millisecond})
	const head = " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
	for _, request := range []string{"PUT /_mockbank/v1/workspaces/a", "GET /toy/count"} {
		c := dial(t, address, request+head)
		answered(t, address)
		in := bufio.NewReader(c)
		reply, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("%s: %v", request, err)
		}
		said, err := io.ReadAll(reply.Body)
		if err != nil || reply.StatusCode/100 == 2 || strings.Contains(string(said), "goroutine") {
			t.Errorf("%s: %s %s, %v", request, reply.Status, said, err)
		}
		if rest, err := io.ReadAll(in); err != nil || len(rest) > 0 {
			t.Errorf("%s: the connection is not closed: %q, %v", request, rest, err)
		}
	}
}

// TestJ4IdleConnectionsAreClosed: who keeps a connection without using it loses it.
func TestJ4IdleConnectionsAreClosed(t *testing.T) {
	address := bounded(t, app.Bounds{Idle: 50 * time.Millisecond})
	in := bufio.NewReader(dial(t, address, "GET /_mockbank/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	reply, err := http.ReadResponse(in, nil)
	if err != nil || reply.StatusCode != http.StatusOK {
		t.Fatal(reply, err)
	}
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(in); err != nil || len(rest) > 0 {
		t.Errorf("the connection is not closed: %q, %v", rest, err)
	}
}
