package gateway_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// TestThePrivateCauseOfARefusalIsLogged, and neither told to the caller nor made up where there is none.
func TestThePrivateCauseOfARefusalIsLogged(t *testing.T) {
	for name, cause := range map[string]error{"a cause": errors.New("the string to sign was abc"), "none": nil} {
		t.Run(name, func(t *testing.T) {
			guard := provider.Guard{Name: "nobody", Check: func(*provider.Call) error {
				return &problem.Error{Kind: problem.Forbidden, Message: "No", Err: cause}
			}}
			h := build(t, func(p *plan) {
				p.provider.Guards = func(*provider.Operation) []provider.Guard { return []provider.Guard{guard} }
			})
			got := h.want(403, "POST", "/toy/echo", `{}`)
			log := h.log.String()
			if strings.Contains(got.raw, "to sign") || strings.Contains(log, "refused") != (cause != nil) || strings.Contains(log, "abc") != (cause != nil) {
				t.Errorf("answered %s; the log says %s", got.raw, log)
			}
		})
	}
}

// TestRulesAreToldAlongWithTheSchema, and alone where the schema finds nothing.
func TestRulesAreToldAlongWithTheSchema(t *testing.T) {
	h := build(t, func(p *plan) {
		p.provider.Rules = func(_ *provider.Operation, body any) []problem.Violation {
			if members, _ := body.(map[string]any); members["ref"] != "unlucky" {
				return nil
			}
			return []problem.Violation{{Pointer: "/ref", Rule: "luck", Message: "must not be unlucky"}}
		}
	})
	h.want(201, "POST", "/toy/orders", `{"ref":"sound"}`)
	for body, want := range map[string]string{`{"ref":"unlucky"}`: "/ref luck", `{"ref":"unlucky","amount":-1}`: "/amount minimum /ref luck"} {
		got := h.want(422, "POST", "/toy/orders", body)
		for place := range strings.FieldsSeq(want) {
			if !strings.Contains(got.raw, place) {
				t.Errorf("%s: %s", body, got.raw)
			}
		}
	}
	h.wantRefs("default", "sound")
}
