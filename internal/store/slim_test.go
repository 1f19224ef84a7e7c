package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestAJobKeepsItsEntity whatever its id holds.
func TestAJobKeepsItsEntity(t *testing.T) {
	for _, ref := range []Ref{{}, {"bank", "loan", "1"}, {"bank", "loan", "a/b//c"}, {"bank", "loan", ""}} {
		job := Job{Entity: ref, Visit: 3, Scenario: "quick", State: "open", Step: 2, Fire: "expire", Delivery: 4, Target: "t"}
		value, err := job.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeJob(value)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(job, got); diff != "" {
			t.Errorf("%s: %s", value, diff)
		}
	}
	for _, damaged := range []string{`{"e":"bank/loan"}`, `{"e":{"provider":"bank"}}`, `{`} {
		if got, err := decodeJob([]byte(damaged)); err == nil {
			t.Errorf("%s gives %+v", damaged, got)
		}
	}
}

func TestAMomentIsReadAsItWasWritten(t *testing.T) {
	m := Moment{At: time.Date(2026, 1, 15, 10, 30, 0, 123456000, time.UTC), Event: "open", Cause: "step a_year", From: "created", To: "started", Note: "n"}
	if diff := cmp.Diff(m, m.row().moment()); diff != "" {
		t.Error(diff)
	}
}
