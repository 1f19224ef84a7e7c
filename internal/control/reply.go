package control

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// reply is what a handler answers, as a value.
type reply struct {
	status int
	header http.Header               // that the raw body needs
	body   any                       // written as JSON; nil: none
	media  string                    // of raw
	raw    []byte                    // goes instead of body
	stream func(http.ResponseWriter) // sends the body, for as long as it takes; goes instead of both
}

func ok(body any) (reply, error) { return reply{status: http.StatusOK, body: body}, nil }

func gone() (reply, error) { return reply{status: http.StatusNoContent}, nil }

// madeOr is 201 for what was created, and 200 for what was there.
func madeOr(made bool, body any) (reply, error) {
	if made {
		return reply{status: http.StatusCreated, body: body}, nil
	}
	return ok(body)
}

// encoded is a reply in bytes.
type encoded struct {
	status int
	header http.Header
	media  string
	body   []byte
	stream func(http.ResponseWriter)
}

// encode turns a reply into bytes and holds them against the spec.
func encode(op *spec.Operation, r reply) (encoded, error) {
	out := encoded{status: r.status, header: r.header, media: r.media, body: r.raw, stream: r.stream}
	var value any
	if r.body != nil {
		var err error
		if out.body, err = strictjson.Marshal(r.body); err != nil {
			return out, untrue(op.ID, err)
		}
		out.media = mediaJSON
		// Unmarshal and not Decode, whose bounds are for bytes from outside.
		if err := strictjson.Unmarshal(out.body, &value); err != nil {
			return out, untrue(op.ID, err)
		}
	}
	if err := op.CheckReply(out.status, out.media, http.Header{}, value); err != nil {
		return out, untrue(op.ID, err)
	}
	return out, nil
}

// document is a problem document (RFC 9457).
type document struct {
	Type       string      `json:"type"`
	Title      string      `json:"title"`
	Status     int         `json:"status"`
	Detail     string      `json:"detail"`
	Code       string      `json:"code"`
	Violations []violation `json:"violations,omitzero"`
}

type violation struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// refusal makes the problem document of an error.
func refusal(p *problem.Error) encoded {
	status := statusOf(p)
	d := document{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: p.Message, Code: p.Code}
	if d.Code == "" {
		d.Code = string(p.Kind)
	}
	for _, v := range p.Violations {
		d.Violations = append(d.Violations, violation{v.Pointer, v.Message})
	}
	if len(p.Violations) > 0 {
		d.Detail = summary(p.Violations)
	} else if p.Pointer != "" {
		d.Violations = []violation{{pointer(p.Pointer), p.Message}}
	}
	body, _ := strictjson.Marshal(d) // Texts and a number always encode: foreign ones were cleaned before.
	return encoded{status: status, header: p.Header, media: "application/problem+json", body: body}
}

// summary says all broken rules in one line.
func summary(vs []problem.Violation) string {
	texts := make([]string, len(vs))
	for i, v := range vs {
		place := v.Pointer
		if place == "" {
			place = "the body"
		}
		texts[i] = place + " " + v.Message
	}
	return strings.Join(texts, "; ")
}

// pointer completes the place of rooms that name a member only.
func pointer(place string) string {
	if strings.HasPrefix(place, "/") || strings.Contains(place, ":") {
		return place
	}
	return "/" + place
}

var statuses = map[problem.Kind]int{
	problem.Malformed:        http.StatusBadRequest,
	problem.Invalid:          http.StatusUnprocessableEntity,
	problem.Refused:          http.StatusUnprocessableEntity,
	problem.Unauthenticated:  http.StatusUnauthorized,
	problem.Forbidden:        http.StatusForbidden,
	problem.NotFound:         http.StatusNotFound,
	problem.NoRoute:          http.StatusNotFound,
	problem.MethodNotAllowed: http.StatusMethodNotAllowed,
	problem.NotAcceptable:    http.StatusNotAcceptable,
	problem.Conflict:         http.StatusConflict,
	problem.TooLarge:         http.StatusRequestEntityTooLarge,
	problem.UnsupportedMedia: http.StatusUnsupportedMediaType,
	problem.TooManyRequests:  http.StatusTooManyRequests,
	problem.Timeout:          http.StatusGatewayTimeout,
	problem.Unavailable:      http.StatusServiceUnavailable,
	problem.StorageFull:      http.StatusInsufficientStorage,
}

func statusOf(p *problem.Error) int {
	if status, ok := statuses[p.Kind]; ok {
		return status
	}
	return http.StatusInternalServerError
}

// send writes the reply; nobody else writes one.
func send(w http.ResponseWriter, r *http.Request, out encoded) {
	header := w.Header()
	for name, values := range out.header {
		header[name] = values
	}
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	if out.media != "" {
		header.Set("Content-Type", out.media)
	}
	if out.status != http.StatusNoContent && out.media != mediaEvents {
		header.Set("Content-Length", strconv.Itoa(len(out.body)))
	}
	w.WriteHeader(out.status)
	if out.stream != nil {
		out.stream(w)
		return
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(out.body) // A client that went away reads no reply.
	}
}
