package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// An envelope of the toy is the name of an operation, a blank and its JSON.
func openToy(r *provider.Request) (string, any, error) {
	name, body, ok := strings.Cut(string(r.Payload.Raw), " ")
	if !ok {
		return "", nil, problem.New(problem.Malformed, "torn", "The envelope is torn")
	}
	value, err := strictjson.Decode([]byte(body))
	if err != nil {
		err = problem.New(problem.Malformed, "torn", err.Error())
	}
	return name, value, err
}

func sealToy(operation string, status int, body []byte) (provider.Sealed, error) {
	return provider.Sealed{Status: min(status, 500), Media: "text/plain", Bytes: fmt.Appendf(nil, "%s %d %s", operation, status, body)}, nil
}

func TestAnEnvelopeIsServedAsACallByItsOwnPath(t *testing.T) {
	h := build(t, nil)
	for sent, want := range map[string]struct {
		status int
		says   string
	}{
		`createOrder {"ref":"a"}`:    {201, `createOrder 201 {"`},
		`createOrder {"ref":7}`:      {422, `createOrder 422 {"`},
		`createOrder {"ref":"down"}`: {500, `createOrder 503 {"`},
		`createOrder {"ref":`:        {400, ` 400 {"`},
		`torn`:                       {400, ` 400 {"`},
		`unknown {}`:                 {500, ` 500 {"`},
	} {
		a := h.do("POST", "/toy/envelope", sent, "Content-Type", "text/plain")
		if a.status != want.status || !strings.HasPrefix(a.raw, want.says) || a.header.Get("Content-Type") != "text/plain" {
			t.Errorf("%s: %d %s %s, want %d %s", sent, a.status, a.header.Get("Content-Type"), a.raw, want.status, want.says)
		}
	}
	if a := h.do("POST", "/toy/envelope", `createOrder {"ref":"a"}`, "Content-Type", "application/json"); a.status != 415 || !strings.HasPrefix(a.raw, " 415 ") {
		t.Errorf("an envelope of another type: %d %s", a.status, a.raw)
	}
	if a := h.do("POST", "/toy/envelope", strings.Repeat("x", 300), "Content-Type", "text/plain"); a.status != 413 {
		t.Errorf("a long envelope: %d %s", a.status, a.raw)
	}
}
