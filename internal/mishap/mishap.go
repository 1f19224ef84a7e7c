// Package mishap is deliberate misbehaviour of one exchange, and the way to spoil its reply: lost, reset, cut, spoilt
// or dripped.
//
// A Mishap is what a story's file and a workspace's faults have become when they act: all chances are drawn and all
// spans worked out. What acts before the reply, a refusal or a wait, is the gateway's to do, since it knows the
// dialect and the clock.
package mishap

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// Mishap is one thing that goes wrong with an exchange. The zero value does nothing.
type Mishap struct {
	By         string        // who ordered it, for the refusal's message
	After      bool          // latency and status act after the commit, so that what the call does is done
	Delay      time.Duration // before the answer, in workspace time
	Latency    time.Duration // before the answer, in wall time
	Status     int           // with which the call is refused; 0: it is not
	Code       string        // the provider's error code; empty: what the dialect has for the status
	RetryAfter time.Duration // that header, in seconds; 0: none
	Undone     bool          // the call is not done, and Reply is what becomes of the connection
	Reply      Reply
}

// Refuses tells whether the call gets another answer than its own.
func (m Mishap) Refuses() bool { return m.Status != 0 || m.Undone }

// Reply says how one reply is spoilt. The zero value spoils nothing.
type Reply struct {
	Lose  bool          // the connection closes without an answer
	Reset bool          // the connection is reset without an answer, as by a host that crashed
	Cut   bool          // half of the body, then the connection closes
	Spoil bool          // the body is no longer of its syntax
	Drip  time.Duration // wall time between two pieces of the body; 0: all at once
}

// And spoils a reply in both ways; of two drips the slower one.
func (r Reply) And(other Reply) Reply {
	return Reply{
		Lose: r.Lose || other.Lose, Reset: r.Reset || other.Reset, Cut: r.Cut || other.Cut, Spoil: r.Spoil || other.Spoil,
		Drip: max(r.Drip, other.Drip),
	}
}

// pieces is how many pieces a dripped body comes in, at the most.
const pieces = 20

// Send writes a reply and spoils it on the way. header holds all headers but Content-Length.
func Send(ctx context.Context, w http.ResponseWriter, status int, body []byte, as Reply) {
	if as.Reset && reset(w) {
		return
	}
	if as.Reset || as.Lose {
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

// reset has the client's next read fail, where the connection can be had for that; HTTP/2 has none to give.
func reset(w http.ResponseWriter) bool {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn() // Closing the outer one would say farewell first.
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // Where that fails, closing it is nearly the same.
	}
	_ = conn.Close()
	return true
}
