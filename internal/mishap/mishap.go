// Package mishap misbehaves on purpose, after the state was stored: a reply that is lost, cut, spoilt or
// dripped. What acts before the commit, a refusal or a delay, is the gateway's own, since it is a reply like
// any other.
package mishap

import (
	"context"
	"net/http"
	"time"
)

// Reply says how one reply is spoilt. The zero value spoils nothing.
type Reply struct {
	Lose  bool          // the connection closes without an answer
	Cut   bool          // half of the body, then the connection closes
	Spoil bool          // the body is no longer of its syntax
	Drip  time.Duration // wall time between two pieces of the body; 0: all at once
}

// pieces is how many pieces a dripped body comes in, at the most.
const pieces = 20

// Send writes a reply and spoils it on the way. header holds all headers but Content-Length.
func Send(ctx context.Context, w http.ResponseWriter, status int, body []byte, as Reply) {
	if as.Lose {
		panic(http.ErrAbortHandler)
	}
	if as.Spoil {
		body = spoilt(body)
	}
	w.WriteHeader(status)
	if as.Drip > 0 {
		drip(ctx, w, body, as)
		return
	}
	if as.Cut {
		body = body[:len(body)/2]
	}
	_, _ = w.Write(body) // A client that went away is told nothing.
	if as.Cut {
		abort(w)
	}
}

// spoilt breaks any syntax: JSON, XML and forms alike.
func spoilt(body []byte) []byte {
	return append(body[:len(body)*2/3:len(body)*2/3], "<<<"...)
}

func drip(ctx context.Context, w http.ResponseWriter, body []byte, as Reply) {
	if as.Cut {
		body = body[:len(body)/2]
	}
	size := max(1, (len(body)+pieces-1)/pieces)
	tick := time.NewTicker(as.Drip)
	defer tick.Stop()
	for len(body) > 0 {
		n := min(size, len(body))
		if _, err := w.Write(body[:n]); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush() // Without a flusher the drip is only slow.
		body = body[n:]
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
	if as.Cut {
		abort(w)
	}
}

// abort closes the connection behind what was written.
func abort(w http.ResponseWriter) {
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
