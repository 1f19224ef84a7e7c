package spec

import (
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mockbank/mockbank/internal/problem"
)

// reply is what an operation may answer with one status.
type reply struct {
	text    string             // what the document says of it
	headers []replyHeader      // by name
	bodies  map[string]*Schema // by media type; none where it has no body
}

type replyHeader struct {
	name     string
	required bool
	schema   *Schema
}

func newReply(tree *openapi3.Response, o order) *reply {
	r := &reply{bodies: map[string]*Schema{}}
	if tree.Description != nil {
		r.text = *tree.Description
	}
	for _, name := range slices.Sorted(maps.Keys(tree.Headers)) {
		header := tree.Headers[name].Value
		r.headers = append(r.headers, replyHeader{name: name, required: header.Required, schema: schemaOf(header.Schema, o)})
	}
	for media, content := range tree.Content {
		r.bodies[media] = schemaOf(content.Schema, o)
	}
	return r
}

// CheckReply judges a reply of ours. Media is empty where it has no body; a Content-Type with parameters
// will do. The error says what is outside the contract, for the log.
func (o *Operation) CheckReply(status int, media string, header http.Header, v any) error {
	declared := o.reply(status)
	if declared == nil {
		return fmt.Errorf("spec: %s does not declare the status %d", o.ID, status)
	}
	if err := declared.checkHeaders(header); err != nil {
		return fmt.Errorf("spec: %s, reply %d: %w", o.ID, status, err)
	}
	if err := declared.checkBody(media, v); err != nil {
		return fmt.Errorf("spec: %s, reply %d: %w", o.ID, status, err)
	}
	return nil
}

// AcceptsReply looks at a reply of ours in the bytes that would be sent. True says that CheckReply would find
// nothing wrong; false says nothing.
func (o *Operation) AcceptsReply(status int, media string, header http.Header, document []byte) bool {
	declared := o.reply(status)
	if declared == nil || declared.checkHeaders(header) != nil {
		return false
	}
	schema := declared.bodies[media]
	return schema != nil && schema.Accepts(document)
}

// reply finds what is declared for a status: for it alone, for its hundred, or for all that is not declared.
func (o *Operation) reply(status int) *reply {
	for _, name := range []string{strconv.Itoa(status), strconv.Itoa(status/100) + "XX", "default"} {
		if declared := o.replies[name]; declared != nil {
			return declared
		}
	}
	return nil
}

func (r *reply) checkBody(media string, v any) error {
	if media == "" && len(r.bodies) == 0 {
		return nil
	}
	if strings.Contains(media, ";") {
		if bare, _, err := mime.ParseMediaType(media); err == nil {
			media = bare
		}
	}
	schema, ok := r.bodies[media]
	if !ok {
		return fmt.Errorf("the media type %q is not declared", media)
	}
	return asError("the body", schema.Check(v))
}

func (r *reply) checkHeaders(header http.Header) error {
	var all []error
	for _, h := range r.headers {
		switch value := header.Get(h.name); {
		case value != "":
			all = append(all, asError("the header "+h.name, h.schema.Check(typed(h.schema.tree, value))))
		case h.required:
			all = append(all, fmt.Errorf("the header %s is required", h.name))
		}
	}
	return errors.Join(all...)
}

// asError joins violations into one error; nil for none.
func asError(what string, vs []problem.Violation) error {
	if len(vs) == 0 {
		return nil
	}
	texts := make([]string, len(vs))
	for i, v := range vs {
		texts[i] = strings.TrimSpace(v.Pointer + " " + v.Message)
	}
	return fmt.Errorf("%s: %s", what, strings.Join(texts, "; "))
}
