package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/strictjson"
)

const (
	mediaEvents = "text/event-stream"
	// lastEventID is where a client that comes back says where it was.
	lastEventID = "Last-Event-ID"
	// pulse is how often something is sent where nothing happens, so that neither side takes the other for dead.
	pulse = 15 * time.Second
	// writePatience is for how long a client may not read before it is given up.
	writePatience = 10 * time.Second
	// reconnect is how soon a client may come back, in milliseconds.
	reconnect = 500
)

// followEvents answers with a stream that ends when the client goes, the workspace is deleted or mockbank stops.
func (c *Control) followEvents(q *request) (reply, error) {
	if _, err := c.filtered(q); err != nil {
		return reply{}, err
	}
	after, err := q.lastEvent()
	if err != nil {
		return reply{}, err
	}
	r := reply{status: http.StatusOK, media: mediaEvents}
	if q.Method == http.MethodHead {
		return r, nil
	}
	listener, err := c.Events.Listen(q.workspace, q.eventFilter(), after)
	switch {
	case errors.Is(err, events.ErrFull):
		return r, problem.New(problem.TooManyRequests, "too_many_listeners", "Too many follow the events already: end some of them, or follow with fewer connections").With("Retry-After", "1")
	case err != nil:
		return r, &problem.Error{Kind: problem.Unavailable, Code: "stopping", Message: "mockbank is stopping", Err: err}
	}
	r.stream = func(w http.ResponseWriter) { newStream(w, listener).run(q.Context()) }
	return r, nil
}

func (q *request) eventFilter() events.Filter {
	f := events.Filter{Provider: q.query.Get("provider"), Kind: q.query.Get("kind"), ID: q.query.Get("id")}
	if types := q.query.Get("types"); types != "" {
		for _, name := range strings.Split(types, ",") {
			f.Types = append(f.Types, events.Type(name))
		}
	}
	return f
}

// lastEvent is the place behind which the client goes on; 0: it has none. The header is the one that browsers send.
func (q *request) lastEvent() (uint64, error) {
	text, place := q.Header.Get(lastEventID), "header:"+lastEventID
	if text == "" {
		text, place = q.after(), "query:after"
	}
	if text == "" {
		return 0, nil
	}
	after, err := strconv.ParseUint(text, 10, 53)
	if err != nil {
		return 0, problem.New(problem.Invalid, "bad_cursor", "This is not the id of an event").At(place)
	}
	return after, nil
}

// stream sends events to one client. It owns the listener.
type stream struct {
	listener *events.Listener
	w        http.ResponseWriter
	control  *http.ResponseController
	text     bytes.Buffer
}

func newStream(w http.ResponseWriter, listener *events.Listener) *stream {
	return &stream{listener: listener, w: w, control: http.NewResponseController(w)}
}

// run returns when there is nobody to send to, or nothing to send any more.
func (s *stream) run(ctx context.Context) {
	defer s.listener.Close()
	_ = s.control.SetReadDeadline(time.Time{}) // That of requests would end the stream. Where there is none, none ends it.
	fmt.Fprintf(&s.text, "retry: %d\n: these are the events of a workspace, one JSON object each\n\n", reconnect)
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	for s.send() == nil {
		more, err := s.write()
		if err != nil {
			return
		}
		if more == nil {
			continue
		}
		select {
		case <-more:
		case <-beat.C:
			// An id without data dispatches nothing, and has the client come back to this place.
			fmt.Fprintf(&s.text, ": nothing new\nid: %d\n\n", s.listener.Place())
		case <-ctx.Done():
			return
		}
	}
}

// write writes what came since. Where nothing did it gives what is closed when there is more.
func (s *stream) write() (more <-chan struct{}, err error) {
	taken, more, err := s.listener.Take()
	for i := range taken {
		data, err := strictjson.Marshal(&taken[i])
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&s.text, "id: %d\nevent: %s\ndata: %s\n\n", taken[i].ID, taken[i].Type, data)
	}
	return more, err
}

// send sends what was written. A client that does not read ends it.
func (s *stream) send() error {
	if s.text.Len() == 0 {
		return nil
	}
	defer time.AfterFunc(writePatience, func() { _ = s.control.SetWriteDeadline(time.Unix(1, 0)) }).Stop()
	_, err := s.text.WriteTo(s.w)
	if err != nil {
		return err
	}
	return s.control.Flush()
}
