package problem_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/problem"
)

func TestFromFindsTheRefusalInAChain(t *testing.T) {
	refusal := problem.New(problem.Conflict, "taken", "It is taken")
	for name, err := range map[string]error{
		"bare":    refusal,
		"wrapped": fmt.Errorf("store: %w", refusal),
		"joined":  errors.Join(errors.New("other"), refusal),
	} {
		t.Run(name, func(t *testing.T) {
			if got := problem.From(err); got != refusal {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestFromHidesAllOtherErrors(t *testing.T) {
	secret := errors.New("the password is hunter2")
	got := problem.From(secret)
	if got.Kind != problem.Internal || strings.Contains(got.Message, "hunter2") || got.Message == "" {
		t.Errorf("got %+v", got)
	}
	if !errors.Is(got, secret) {
		t.Error("the cause is lost for the log")
	}
	if got := problem.From(nil); got.Kind != problem.Internal || got.Unwrap() != nil {
		t.Errorf("nothing became %+v", got)
	}
}

func TestIs(t *testing.T) {
	refusal := fmt.Errorf("up here: %w", problem.New(problem.NotFound, "", "No such thing"))
	tests := []struct {
		err  error
		kind problem.Kind
		want bool
	}{
		{refusal, problem.NotFound, true},
		{refusal, problem.NoRoute, false},
		{errors.New("other"), problem.Internal, false}, // only From makes it one
		{nil, problem.NotFound, false},
	}
	for _, tt := range tests {
		if got := problem.Is(tt.err, tt.kind); got != tt.want {
			t.Errorf("Is(%v, %s) is %t", tt.err, tt.kind, got)
		}
	}
}

func TestAtAndWithLeaveTheOriginal(t *testing.T) {
	plain := problem.New(problem.TooManyRequests, "slow", "Slow down")
	placed := plain.At("query:limit")
	if plain.Pointer != "" || placed.Pointer != "query:limit" || placed.Code != "slow" {
		t.Errorf("%+v became %+v", plain, placed)
	}
	first := plain.With("retry-after", "5")
	second := first.With("Allow", "GET").With("Retry-After", "6")
	if plain.Header != nil {
		t.Error("With wrote into the original")
	}
	if diff := cmp.Diff(http.Header{"Retry-After": {"5"}}, first.Header); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(http.Header{"Retry-After": {"6"}, "Allow": {"GET"}}, second.Header); diff != "" {
		t.Error(diff)
	}
}

func TestViolated(t *testing.T) {
	if got := problem.Violated(nil); got != nil {
		t.Errorf("no violation became %v", got)
	}
	broken := []problem.Violation{
		{Pointer: "/amount", Rule: "type", Message: "must be a number"},
		{Pointer: "/name", Rule: "required", Message: "is required"},
	}
	got := problem.Violated(broken)
	want := &problem.Error{Kind: problem.Invalid, Pointer: "/amount", Message: "must be a number", Violations: broken}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestErrorTellsTheLogEverything(t *testing.T) {
	tests := map[string]*problem.Error{
		"internal": {Kind: problem.Internal},
		"invalid amount at /amount: too much: why": {Kind: problem.Invalid, Code: "amount", Pointer: "/amount", Message: "too much", Err: errors.New("why")},
		"refused: not 3 times":                     problem.Newf(problem.Refused, "", "not %d times", 3),
	}
	for want, err := range tests {
		if got := err.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
