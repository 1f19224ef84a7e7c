package gateway

import (
	"io"
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/intake"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

const defaultMaxBody = 1 << 20

// read takes the body in, once and bounded. What is wrong with it is a value, reported where the provider
// reports it.
func (x *exchange) read() error {
	p := &x.request.Payload
	p.Media, p.Refused = intake.Media(x.http.Header)
	most := x.face.runtime.MaxBody
	if most == 0 {
		most = defaultMaxBody
	}
	if x.http.ContentLength > most {
		p.TooLong = true
		return nil
	}
	raw, err := readAll(x.http, most)
	if err != nil {
		return &problem.Error{Kind: problem.Malformed, Code: "unreadable_body", Message: "The request body could not be read to its end", Err: err}
	}
	if int64(len(raw)) > most {
		p.TooLong = true
		return nil
	}
	p.Raw = raw
	return nil
}

func readAll(r *http.Request, most int64) ([]byte, error) {
	if r.ContentLength < 0 {
		return io.ReadAll(io.LimitReader(r.Body, most+1))
	}
	raw := make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, raw)
	return raw, err
}

// admit asks the provider's guards in their order, and then, who calls being known, whether a fault is ordered.
func (x *exchange) admit() error {
	return x.gateway.Store.View(x.http.Context(), x.request.Workspace, func(tx *store.Tx) error {
		if err := x.sameOrigin(); err != nil {
			x.step = "origin"
			return err
		}
		c := x.face.runtime.Call(x.http.Context(), tx, &x.request)
		for _, guard := range x.route.guards {
			if err := guard.Check(c); err != nil {
				x.step = "guard " + guard.Name
				return err
			}
		}
		return x.beset(tx)
	})
}

// sameOrigin keeps web pages of other origins from pressing a payer's buttons, and from filling the store with
// workspaces. An API call needs no such guard: its credentials are in the call, not in the browser.
func (x *exchange) sameOrigin() error {
	exists := x.request.Workspace == store.Default || x.gateway.Store.Stored(x.request.Workspace)
	if !x.route.handler.Writes() || (x.request.Operation != nil && exists) {
		return nil
	}
	var protection http.CrossOriginProtection
	if err := protection.Check(x.http); err != nil {
		return &problem.Error{Kind: problem.Forbidden, Err: err,
			Message: "A page of another origin may not do this; a new workspace is made with PUT /_mockbank/v1/workspaces/" + x.request.Workspace}
	}
	return nil
}

// normalise applies the provider's leniency.
func (x *exchange) normalise() error {
	p := &x.request.Payload
	if !x.request.HasBody() {
		return nil
	}
	value, err := p.Decode()
	if err != nil || x.face.runtime.Normalise == nil {
		return err
	}
	if changed := x.face.runtime.Normalise(x.request.Operation, value); changed != nil {
		p.Normalise(changed)
	}
	return nil
}

// validate holds parameters and body against the spec and the provider's rules.
func (x *exchange) validate() error {
	op := x.request.Operation
	if op == nil {
		return nil
	}
	violations := op.CheckParams(x.request.Params, x.request.Query, x.request.Header)
	if x.request.HasBody() {
		value, err := x.request.Payload.Decode()
		if err != nil {
			return err
		}
		if raw, same := x.request.Payload.JSON(); !same || len(violations) > 0 || !op.AcceptsBody(raw) {
			violations = append(violations, op.CheckBody(x.request.Payload.Media, value)...)
		}
		if x.face.runtime.Rules != nil {
			violations = append(violations, x.face.runtime.Rules(op, value)...)
		}
	}
	if refusal := problem.Violated(violations); refusal != nil {
		return refusal
	}
	return nil
}

// preflight answers the browser's question before a cross-origin call, and notes what a cross-origin reply
// has to carry.
func (x *exchange) preflight() (outgoing, bool) {
	origin := x.http.Header.Get("Origin")
	if origin == "" {
		return outgoing{}, false
	}
	for _, cors := range x.face.CORS {
		if !strings.HasPrefix(x.request.Path, cors.Path) {
			continue
		}
		x.request.Reply.Set("Access-Control-Allow-Origin", "*")
		if x.http.Method != http.MethodOptions || x.http.Header.Get("Access-Control-Request-Method") == "" {
			return outgoing{}, false
		}
		header := x.request.Reply.Clone()
		header.Set("Access-Control-Allow-Methods", cors.Methods)
		header.Set("Access-Control-Allow-Headers", cors.Headers)
		header.Set("Access-Control-Max-Age", "600")
		return outgoing{status: http.StatusNoContent, header: header}, true
	}
	return outgoing{}, false
}
