package control

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/mockbank/mockbank/internal/intake"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/strictjson"
)

const (
	maxBody   = 1 << 20
	mediaJSON = intake.JSON
)

// request is one validated request.
type request struct {
	*http.Request
	workspace string
	params    map[string]string
	query     url.Values
	most      int  // bytes of the body
	unread    bool // the handler reads the body by itself
	raw       []byte
	body      map[string]any // as decoded; nil where there is none
}

// read takes the body in and holds the request against the spec.
func (q *request) read(w http.ResponseWriter, op *spec.Operation) error {
	violations := op.CheckParams(q.params, q.query, q.Header)
	if len(op.BodyMedia) > 0 {
		kind, value, err := q.readBody(w)
		if err != nil {
			return err
		}
		violations = append(violations, op.CheckBody(kind, value)...)
		q.body, _ = value.(map[string]any)
	}
	if broken := problem.Violated(violations); broken != nil {
		broken.Code = "invalid_request"
		return broken
	}
	return nil
}

// readBody gives the body's media type, empty where there is no body, and its value.
func (q *request) readBody(w http.ResponseWriter) (kind string, value any, err error) {
	if q.raw, err = readAll(w, q.Request, q.most); err != nil || len(q.raw) == 0 {
		return "", nil, err
	}
	if kind, err = mediaOf(q.Header); err != nil {
		return "", nil, err
	}
	if q.unread {
		return kind, nil, nil
	}
	value, err = strictjson.Decode(q.raw)
	return kind, value, explained(err)
}

// readAll reads a bounded body; the connection of a longer one is closed.
func readAll(w http.ResponseWriter, r *http.Request, most int) ([]byte, error) {
	if r.ContentLength > int64(most) {
		return nil, tooLong(most)
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(most)))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLong(most)
	case err != nil:
		return nil, &problem.Error{Kind: problem.Malformed, Code: "unreadable_body", Message: "The body could not be read to its end", Err: err}
	}
	return raw, nil
}

func tooLong(most int) error {
	message := "The body is longer than " + megabytes(most)
	if most != maxBody {
		message += ": start mockbank with a higher --max-snapshot"
	}
	return problem.New(problem.TooLarge, "body_too_large", message).With("Connection", "close")
}

func megabytes(n int) string { return strconv.FormatFloat(float64(n)/(1<<20), 'g', 4, 64) + " MiB" }

// mediaOf wants JSON, whatever else the body may be.
func mediaOf(h http.Header) (string, error) {
	if kind, err := intake.Media(h); err != nil || kind != mediaJSON {
		return "", problem.New(problem.UnsupportedMedia, "unsupported_media", "Send JSON: Content-Type: application/json, in UTF-8 and without Content-Encoding").At("header:Content-Type")
	}
	return mediaJSON, nil
}

// explained makes a refusal of what the JSON reader says.
func explained(err error) error {
	var syntax *strictjson.SyntaxError
	if errors.As(err, &syntax) {
		return &problem.Error{Kind: problem.Malformed, Code: "invalid_json", Message: "The body is " + syntax.Error(), Pointer: syntax.Pointer, Err: err}
	}
	return err
}

// bind decodes the body into a struct. Where there is no body the struct stays as it is.
func (q *request) bind(into any) error {
	if len(q.raw) == 0 {
		return nil
	}
	return explained(strictjson.Unmarshal(q.raw, into))
}

// has tells whether the body has a member.
func (q *request) has(name string) bool {
	_, ok := q.body[name]
	return ok
}

// defaultLimit is how many items a page has when nothing is asked for.
const defaultLimit = 50

// limit is the length of the page that is asked for; the spec bounds it.
func (q *request) limit() int {
	if n, err := strconv.Atoi(q.query.Get("limit")); err == nil {
		return n
	}
	return defaultLimit
}

func (q *request) after() string { return q.query.Get("after") }

// afterNumber is after as a sequence number; 0 where none is given.
func (q *request) afterNumber() (uint64, error) {
	if q.after() == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(q.after(), 10, 53)
	if err != nil || n == 0 {
		return 0, badCursor()
	}
	return n, nil
}

func badCursor() error {
	return problem.New(problem.Invalid, "bad_cursor", "after is not from a page of this list: hand back the next of the page before").At("query:after")
}
