// Package attack sends hostile bytes to the real program over real connections, at every door that it has: the API of
// each provider, and the control API.
//
// Each test carries the number of one line of the list of attacks: A for the framing of HTTP and its paths, B for JSON,
// C for what a document says of a request, J for limits. say writes bytes as they are, and ask a request that is well
// formed but for what the test is about.
//
// Invariant, whatever was sent: the connection ends, no answer shows the inside of the program, every answer to a known
// operation is true to its document, every page is sent with the headers of a page, and others are served meanwhile.
package attack

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/housetest"
)

var house *housetest.House

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// run starts one program for all tests: what one attack breaks, the next one shows.
func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "mockbank-attack")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	program, err := housetest.Build(dir)
	if err != nil {
		return 1, err
	}
	house, err = housetest.Start(housetest.Config{Program: program, Dir: dir, Flags: []string{"--accept-any-credentials"}})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, house.Close()) }()
	unlimited := map[string]any{"settings": map[string]any{"payone": map[string]any{"rate_limit": 0}, "onelinkfintech": map[string]any{"rate_limit": 0}}}
	if err := house.Call(context.Background(), http.MethodPut, control+"/workspaces/default", unlimited, nil); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

const (
	patience = 30 * time.Second // for what ought to happen soon
	prompt   = time.Second      // for others, whatever is done to the program meanwhile
)

// answer is one that came over a connection.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) String() string { return fmt.Sprintf("%d %.300s", a.status, a.body) }

// say writes bytes to a new connection and gives all answers that came until the program closed it.
func say(t *testing.T, raw string) []answer {
	t.Helper()
	all := listen(t, dial(t), raw, false)
	served(t)
	return all
}

// mumble is say for what is no request: nothing follows, and the program is told so.
func mumble(t *testing.T, raw string) []answer {
	t.Helper()
	all := listen(t, dial(t), raw, true)
	served(t)
	return all
}

func dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(house.Base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // the program may have been first
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

// listen writes and reads at once: an answer may come long before all is written.
func listen(t *testing.T, c net.Conn, raw string, last bool) []answer {
	t.Helper()
	go func() {
		_, err := io.WriteString(c, raw)
		if half, ok := c.(*net.TCPConn); ok && err == nil && last {
			_ = half.CloseWrite() // the program may have been first
		}
	}()
	var all []answer
	method, _, _ := strings.Cut(raw, " ")
	for in := bufio.NewReader(c); ; method = http.MethodGet {
		if _, err := in.Peek(1); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%.200q: the connection is not closed after %v", raw, all)
			}
			return all
		}
		reply, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("%.200q: the answer is no HTTP: %v", raw, err)
		}
		body, err := io.ReadAll(reply.Body)
		if err != nil {
			t.Fatalf("%.200q: %v", raw, err)
		}
		a := answer{reply.StatusCode, reply.Header, string(body)}
		inspect(t, raw, a)
		all = append(all, a)
	}
}

// inspect holds an answer to what is true of every one.
func inspect(t *testing.T, raw string, a answer) {
	t.Helper()
	for _, inside := range []string{"goroutine ", ".go:", "runtime error", "reply_outside_spec"} {
		if strings.Contains(a.body, inside) {
			t.Errorf("%.200q: the answer shows the inside: %s", raw, a)
		}
	}
	if a.status == http.StatusInternalServerError {
		t.Errorf("%.200q: %s", raw, a)
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		inspectPage(t, raw, a)
	}
}

// served looks whether somebody else is answered promptly. A machine that is busy with other things gets three tries.
func served(t *testing.T) {
	t.Helper()
	var err error
	for range 3 {
		if err = healthy(t.Context()); err == nil {
			return
		}
	}
	t.Errorf("others are not served: %v", err)
}

func healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, prompt)
	defer cancel()
	return house.Call(ctx, http.MethodGet, control+"/health", nil, nil)
}

// refused wants one answer of one of these statuses and the end of the connection. 0 is the end without an answer.
func refused(t *testing.T, raw string, statuses ...int) answer {
	t.Helper()
	return oneOf(t, raw, say(t, raw), statuses)
}

func oneOf(t *testing.T, raw string, all []answer, statuses []int) answer {
	t.Helper()
	switch {
	case len(all) == 0 && slices.Contains(statuses, 0):
		return answer{}
	case len(all) == 1 && slices.Contains(statuses, all[0].status):
		return all[0]
	}
	t.Errorf("%.200q is answered %v, want one of %v", raw, all, statuses)
	return answer{}
}

// request writes a request line by line. It ends the connection unless a line speaks of that.
func request(method, target string, body []byte, lines ...string) string {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, target)
	for _, line := range lines {
		out.WriteString(line + "\r\n")
	}
	if !mentions(lines, "Connection") {
		out.WriteString("Connection: close\r\n")
	}
	if body != nil && !mentions(lines, "Content-Length") && !mentions(lines, "Transfer-Encoding") {
		fmt.Fprintf(&out, "Content-Length: %d\r\n", len(body))
	}
	out.WriteString("\r\n")
	out.Write(body)
	return out.String()
}

func mentions(lines []string, name string) bool {
	return slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, name+":") })
}
