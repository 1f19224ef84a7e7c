package gateway

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/mockbank/mockbank/internal/mishap"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// outgoing is a reply in the bytes in which it is sent, or what it still waits for.
type outgoing struct {
	status int
	header http.Header
	body   []byte
	media  string
	cause  error // why it is a refusal
	spoilt mishap.Reply
	hangUp bool // the connection is not used again

	reply provider.Reply
	await *provider.Await
	relay *provider.Relay
	later func() (any, error)
}

const mediaJSON = "application/json"

// encode turns a reply into bytes and holds them against the spec. What is not complete yet is passed through.
func (x *exchange) encode(reply provider.Reply) (outgoing, error) {
	out := outgoing{status: reply.Status, header: x.header(reply), reply: reply, await: reply.Await, relay: reply.Relay, later: reply.Later, spoilt: x.after}
	if out.status == 0 {
		out.status = http.StatusOK
	}
	out.hangUp = x.request.Payload.TooLong
	switch {
	case out.incomplete():
		return out, nil
	case reply.Raw != nil:
		out.media, out.body = reply.Raw.Media, reply.Raw.Bytes
	case reply.Body != nil:
		if err := out.encodeJSON(reply.Body); err != nil {
			return out, err
		}
	}
	if x.envelope == nil || out.media != mediaJSON {
		return out, x.check(&out)
	}
	if x.request.Enveloped == "" { // Its own operation speaks no JSON.
		return out, errors.Join(x.seal(&out), x.check(&out))
	}
	return out, errors.Join(x.check(&out), x.seal(&out))
}

// incomplete tells whether the body is only made after the commit.
func (out *outgoing) incomplete() bool {
	return out.await != nil || out.relay != nil || out.later != nil
}

func (out *outgoing) encodeJSON(body any) (err error) {
	out.media = mediaJSON
	out.body, err = strictjson.Marshal(body)
	return err
}

// check holds a reply against the spec, in the bytes that would be sent.
func (x *exchange) check(out *outgoing) error {
	op := x.request.Operation
	if op == nil || x.ordered { // An order may be of a status that the provider never sends.
		return nil
	}
	var value any
	if out.media == mediaJSON {
		if op.AcceptsReply(out.status, out.media, out.header, out.body) {
			return nil
		}
		var err error
		if value, err = strictjson.Decode(out.body); err != nil {
			return untrue(op.ID, err)
		}
	}
	if err := op.CheckReply(out.status, out.media, out.header, value); err != nil {
		return untrue(op.ID, err)
	}
	return nil
}

// header joins what the reply says, what guards added, and what the frame adds.
func (x *exchange) header(reply provider.Reply) http.Header {
	header := http.Header{}
	for _, part := range []http.Header{x.request.Reply, reply.Header} {
		for name, values := range part {
			header[name] = values
		}
	}
	if x.about.entity != "" {
		header.Set("Mockbank-Entity", x.about.entity)
	}
	if x.about.scenario != "" {
		header.Set("Mockbank-Scenario", x.about.scenario)
	}
	return header
}

// plain is a refusal where no provider's dialect is known.
func plain(e *problem.Error) outgoing {
	out := outgoing{status: plainStatus(e), header: e.Header.Clone(), cause: e}
	if out.header == nil {
		out.header = http.Header{}
	}
	code := e.Code
	if code == "" {
		code = string(e.Kind)
	}
	out.media = mediaJSON
	out.body, _ = strictjson.Marshal(map[string]any{"code": code, "message": e.Message}) // Two texts always encode.
	return out
}

func plainStatus(e *problem.Error) int {
	switch e.Kind {
	case problem.NoRoute, problem.NotFound:
		return http.StatusNotFound
	case problem.MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case problem.Forbidden:
		return http.StatusForbidden
	case problem.TooManyRequests:
		return http.StatusTooManyRequests
	case problem.StorageFull:
		return http.StatusInsufficientStorage
	case problem.Unavailable, problem.Timeout:
		return http.StatusServiceUnavailable
	case problem.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// send writes the reply; nobody else writes one.
func (out outgoing) send(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	for name, values := range out.header {
		header[name] = values
	}
	header.Set("X-Content-Type-Options", "nosniff")
	if out.media != "" {
		header.Set("Content-Type", out.media)
	}
	if out.hangUp {
		header.Set("Connection", "close")
	}
	if out.status != http.StatusNoContent {
		header.Set("Content-Length", strconv.Itoa(len(out.body)))
	}
	if r.Method == http.MethodHead {
		out.body = nil
	}
	if out.spoilt.Spoil {
		header.Del("Content-Length")
	}
	mishap.Send(r.Context(), w, out.status, out.body, out.spoilt)
}
