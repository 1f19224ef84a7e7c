package gateway

import (
	"fmt"
	"slices"

	"github.com/mockbank/mockbank/internal/problem"
)

// open has the rest of the line serve the operation that an envelope holds a call of. One that can not be opened stays
// with its own operation, whose guards report it.
func (x *exchange) open() error {
	if x.request.Operation == nil {
		return nil
	}
	envelope, ok := x.face.runtime.Envelopes[x.request.Operation.Name]
	if !ok {
		return nil
	}
	x.envelope = &envelope
	p := &x.request.Payload
	if p.TooLong || !slices.Contains(x.request.Operation.BodyMedia, p.Media) {
		return nil
	}
	name, body, err := envelope.Open(&x.request)
	p.Open(body, err)
	if err != nil {
		return nil //nolint:nilerr // The payload tells it to whoever asks for its value.
	}
	return x.redirect(name)
}

// redirect has the call be one of another operation.
func (x *exchange) redirect(name string) error {
	all, err := x.face.routes()
	if err != nil {
		return err
	}
	inner := all.named[name]
	if inner == nil {
		return &problem.Error{Kind: problem.Internal, Err: fmt.Errorf("gateway: the envelope of %s holds a call of %q, which the face %s does not have", x.request.Operation.Name, name, x.face.Name)}
	}
	x.request.Enveloped = x.request.Operation.Name
	x.route, x.request.Operation = inner, inner.operation
	return nil
}

// seal puts a reply that was found true to the spec into its envelope.
func (x *exchange) seal(out *outgoing) error {
	name := ""
	if x.request.Enveloped != "" {
		name = x.request.Operation.Name
	}
	sealed, err := x.envelope.Seal(name, out.status, out.body)
	out.status, out.media, out.body = sealed.Status, sealed.Media, sealed.Bytes
	return err
}
