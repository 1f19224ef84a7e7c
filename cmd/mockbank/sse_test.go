package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestMessages(t *testing.T) {
	stream := "retry: 500\n: hello\n\nid: 7\nevent: clock\ndata: {\"a\":\ndata: 1}\n\n: nothing new\nid: 9\n\ndata:x\n\nid: 10\ndata: cut off"
	m := readMessages(strings.NewReader(stream))
	var got []string
	for {
		next, err := m.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, next.id+" "+next.data)
	}
	if want := []string{" ", "7 {\"a\":\n1}", "9 ", "9 x"}; !slices.Equal(got, want) {
		t.Errorf("read %q, want %q", got, want)
	}
}

func FuzzMessages(f *testing.F) {
	f.Add("id: 1\ndata: x\n\n")
	f.Add("data\n\n:\n\r\n")
	f.Fuzz(func(t *testing.T, stream string) {
		m := readMessages(strings.NewReader(stream))
		for range len(stream) + 1 {
			if _, err := m.next(); err != nil {
				return
			}
		}
		t.Errorf("%q has no end", stream)
	})
}

// TestAFollowerComesBack to where it was, as often as it takes, and ends when mockbank refuses.
func TestAFollowerComesBack(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Last-Event-ID"))
		switch len(asked) {
		case 1:
			fmt.Fprint(w, "id: 5\ndata: one\n\n: nothing new\nid: 6\n\n")
		case 2:
			fmt.Fprint(w, "id: 7\ndata: two\n\n")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler) // the connection is cut
		case 3:
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"detail":"gone for good"}`)
		}
	}))
	defer server.Close()
	var read []string
	broken := 0
	f := follower{
		remote: &remote{Server: server.URL, Workspace: "a"},
		opened: func() {},
		read:   func(data string) error { read = append(read, data); return nil },
		broken: func() { broken++ },
	}
	err := f.run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "gone for good") {
		t.Errorf("it ended with %v", err)
	}
	if !slices.Equal(asked, []string{"", "6", "7"}) || !slices.Equal(read, []string{"one", "two"}) || broken != 2 {
		t.Errorf("asked for %q, read %q, broken %d times", asked, read, broken)
	}
}

func TestAFollowerHasEnough(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "data: x\n\ndata: x\n\n") }))
	defer server.Close()
	reads := 0
	f := follower{remote: &remote{Server: server.URL}, opened: func() {}, read: func(string) error { reads++; return errEnough }}
	if err := f.run(t.Context()); err != nil || reads != 1 {
		t.Errorf("%d reads: %v", reads, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	f.read, f.broken = func(string) error { return nil }, cancel
	if err := f.run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after Ctrl-C: %v", err)
	}
}
