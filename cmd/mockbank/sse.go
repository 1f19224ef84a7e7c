package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// message is one server-sent event.
type message struct {
	id   string // of the last event that was read, this one included
	data string // empty: it only tells the id
}

// messages reads a stream of server-sent events.
type messages struct {
	lines *bufio.Scanner
	id    string
}

// longestLine bounds a line of a stream.
const longestLine = 1 << 20

func readMessages(from io.Reader) *messages {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longestLine)
	return &messages{lines: lines}
}

// next gives the next message, or io.EOF. A message that the end of the stream cut off is none.
func (m *messages) next() (message, error) {
	var data []string
	for m.lines.Scan() {
		line := m.lines.Text()
		if line == "" {
			return message{id: m.id, data: strings.Join(data, "\n")}, nil
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			m.id = value
		case "data":
			data = append(data, value)
		}
	}
	if err := m.lines.Err(); err != nil {
		return message{}, err
	}
	return message{}, io.EOF
}

// follower follows the events of a workspace, over as many connections as it takes. An error of read ends it;
// errEnough does so without being one.
type follower struct {
	remote *remote
	query  url.Values
	opened func()                  // a stream has begun
	read   func(data string) error // an event came
	broken func()                  // a connection was lost, and the next one is about to be tried

	last string // id of the last event that was read
}

// errEnough is returned by whoever has read what it wanted.
var errEnough = errors.New("enough")

// reconnectPause is how long a follower waits before it connects again.
const reconnectPause = 500 * time.Millisecond

// ending is how a connection ended.
type ending int

const (
	nobody  ending = iota // there was none: nobody answers
	lost                  // it broke off, or mockbank ended it
	settled               // it makes no sense to try again
)

// run follows until ctx ends, a function ends it, or mockbank refuses. The first connection has to succeed.
func (f *follower) run(ctx context.Context) error {
	for first := true; ; first = false {
		end, err := f.once(ctx)
		switch {
		case errors.Is(err, errEnough):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case end == settled || end == nobody && first:
			return err
		}
		f.broken()
		if err := pause(ctx, reconnectPause); err != nil {
			return err
		}
	}
}

// once follows over one connection.
func (f *follower) once(ctx context.Context) (ending, error) {
	request, err := f.remote.request(ctx, http.MethodGet, f.remote.inWorkspace("events"), f.query, nil)
	if err != nil {
		return settled, err
	}
	if f.last != "" {
		request.Header.Set("Last-Event-ID", f.last)
	}
	reply, err := f.remote.send(request)
	if err != nil {
		return nobody, err
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		_, err := f.remote.readAll(reply)
		return settled, err
	}
	f.opened()
	return f.drain(reply.Body)
}

func (f *follower) drain(stream io.Reader) (ending, error) {
	messages := readMessages(stream)
	for {
		m, err := messages.next()
		if err != nil {
			return lost, err
		}
		if m.data != "" {
			if err := f.read(m.data); err != nil {
				return settled, err
			}
		}
		if m.id != "" {
			f.last = m.id
		}
	}
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
