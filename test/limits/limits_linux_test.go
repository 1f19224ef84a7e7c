// Package limits holds the real program to what it may take of a machine, whatever is asked of it: memory, file
// descriptors, connections. It measures from outside, by what the system tells of the process.
package limits

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/housetest"
)

var program string

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// run builds the program without the race detector, whose own memory is more than what is measured.
func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "mockbank-limits")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if program, err = housetest.BuildPlain(dir); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// patience is for what ought to happen soon.
const patience = 30 * time.Second

// start runs the program with all specs parsed, so that what a test measures is what it brought about.
func start(t *testing.T, flags ...string) *housetest.House {
	t.Helper()
	h, err := housetest.Start(housetest.Config{Program: program, Dir: t.TempDir(), Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	call(t, h, http.MethodPut, "/_mockbank/v1/workspaces/default", map[string]any{}, nil)
	createLink(t, h, "")
	return h
}

func call(t *testing.T, h *housetest.House, method, path string, body, reply any) {
	t.Helper()
	if err := h.Call(t.Context(), method, path, body, reply); err != nil {
		t.Fatal(err)
	}
}

// createLink makes one that nobody needs to pay by hand, and whose changes are told to a receiver.
func createLink(t *testing.T, h *housetest.House, callback string) {
	t.Helper()
	body := map[string]any{
		"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret",
		"single_transfer": map[string]any{"amount": "12.50", "currency": "RON", "creditor_name": "Magazin", "creditor_iban": "RO10RZBR0000069999999970"},
	}
	if callback != "" {
		body["options"] = map[string]any{"callback_url": callback}
	}
	call(t, h, http.MethodPost, "/finqlink/v2/links/create", body, nil)
}

// dial connects to the program, or to whoever else is at an address.
func dial(t *testing.T, base string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // the other side may have been first
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

// resident is the memory of the process that is backed by no file, in bytes: what is now, and the most of all memory
// that there ever was.
func resident(t *testing.T, h *housetest.House) (anonymous, peak int64) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.PID()))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		fields := strings.Fields(line)
		switch fields[0] {
		case "RssAnon:":
			anonymous = kilobytes(t, fields[1])
		case "VmHWM:":
			peak = kilobytes(t, fields[1])
		}
	}
	return anonymous, peak
}

func kilobytes(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}

// descriptors counts the open files and connections of the process.
func descriptors(t *testing.T, h *housetest.House) int {
	t.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", h.PID()))
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}

// TestJ1ABodyOfTwoHundredMegabytes: it is refused by its length, or when it becomes too long, the connection is
// closed, and the memory hardly grows, however the body comes.
func TestJ1ABodyOfTwoHundredMegabytes(t *testing.T) {
	const size, most, growth = 200 << 20, 1 << 20, 10 << 20
	h := start(t)
	for _, path := range []string{"/finqlink/v2/links/create", "/payone/pay-by-link/v1/links", "/_mockbank/v1/workspaces/default/clock/advance", "/w/a/_inbox/x"} {
		for name, head := range map[string]string{"told at once": fmt.Sprint("Content-Length: ", size), "in chunks": "Transfer-Encoding: chunked"} {
			_, before := resident(t, h)
			status, sent := flood(t, h.Base, path, head, size)
			_, after := resident(t, h)
			if status/100 != 4 {
				t.Errorf("%s, %s: %d", path, name, status)
			}
			if sent > most+(16<<20) { // what the buffers of both systems hold
				t.Errorf("%s, %s: %d bytes were taken", path, name, sent)
			}
			if after-before > growth {
				t.Errorf("%s, %s: the memory grew by %d bytes", path, name, after-before)
			}
		}
	}
}

// flood sends zeros until the other side hangs up, and gives its answer.
func flood(t *testing.T, base, path, head string, size int) (status, sent int) {
	t.Helper()
	c := dial(t, base)
	fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%s\r\n\r\n", path, head)
	told := make(chan int, 1)
	go func() {
		defer close(told)
		in := bufio.NewReader(c)
		if reply, err := http.ReadResponse(in, nil); err == nil {
			told <- reply.StatusCode
			_, _ = io.Copy(io.Discard, in) // ends when the other side has closed
		}
	}()
	chunk := []byte(fmt.Sprintf("%x\r\n%s\r\n", 64<<10, make([]byte, 64<<10)))
	for sent < size {
		n, err := c.Write(chunk)
		sent += n
		if err != nil {
			break
		}
	}
	return <-told, sent
}

// TestJ4IdleConnections: thousands of connections that say nothing are held, others are served meanwhile, and nothing
// is left of them afterwards.
func TestJ4IdleConnections(t *testing.T) {
	const connections = 2000
	h := start(t)
	before := descriptors(t, h)
	var all []net.Conn
	for range connections {
		all = append(all, dial(t, h.Base))
	}
	call(t, h, http.MethodGet, "/_mockbank/v1/health", nil, nil)
	await(t, "all connections are held", func() bool { return descriptors(t, h) >= before+connections })
	for _, c := range all {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "all connections are let go of", func() bool { return descriptors(t, h) <= before+10 })
}

// await asks until something holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("it does not come to pass that %s", what)
		}
	}
}

// TestJ8ADeadHost: thousands of notifications to a host that takes connections and says nothing hold a few of them
// open at a time, and one to a host that answers is not behind them.
func TestJ8ADeadHost(t *testing.T) {
	const notifications = 2000
	h := start(t)
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer dead.Close()
	before := descriptors(t, h)
	fan(t, h, "http://"+dead.Addr().String(), notifications)
	createLink(t, h, "http://inbox.localhost/default/live")
	await(t, "the live host is told", func() bool {
		var inbox struct{ Items []json.RawMessage }
		call(t, h, http.MethodGet, "/_mockbank/v1/workspaces/default/inbox/live", nil, &inbox)
		return len(inbox.Items) > 0
	})
	if open := descriptors(t, h) - before; open > 20 {
		t.Errorf("%d more descriptors are open", open)
	}
}

// fan makes links whose first change is told at once.
func fan(t *testing.T, h *housetest.House, callback string, n int) {
	t.Helper()
	call(t, h, http.MethodPut, "/_mockbank/v1/workspaces/default/scenarios/finqlink/link", map[string]any{"scenario": "unattended"}, nil)
	for range n {
		createLink(t, h, callback)
	}
}
