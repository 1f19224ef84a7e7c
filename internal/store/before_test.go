package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What an earlier mockbank left in a data folder is read as if it were written today.
func TestRowsOfBefore(t *testing.T) {
	want := Job{Entity: Ref{"finqlink", "link", "a/b"}, Visit: 3, Scenario: "pay_success", State: "created", Step: 1}
	now, err := want.encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{string(now), `{"e":{"provider":"finqlink","kind":"link","id":"a/b"},"v":3,"n":"pay_success","s":"created","i":1}`} {
		if got, err := decodeJob([]byte(row)); err != nil || got != want {
			t.Errorf("%s: %v %s", row, err, cmp.Diff(want, got))
		}
	}
	moment := Moment{At: time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC), Event: "open", Cause: "control", From: "created", To: "started"}
	for _, row := range []string{`{"t":1768473000000000,"e":"open","c":"control","f":"created","o":"started"}`,
		`{"at":"2026-01-15T10:30:00Z","event":"open","cause":"control","from":"created","to":"started"}`} {
		if got, err := decodeMoment([]byte(row)); err != nil || !cmp.Equal(got, moment) {
			t.Errorf("%s: %v %s", row, err, cmp.Diff(moment, got))
		}
	}
}
