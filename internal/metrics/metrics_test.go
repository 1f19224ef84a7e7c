package metrics

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/schedule"
)

// played is a Metrics after a short life.
func played() *Metrics {
	m := New("1.2.3")
	m.Answered("toy", "createOrder", 201, 3*time.Millisecond)
	m.Answered("toy", "createOrder", 201, time.Millisecond)
	m.Answered("", "", 404, time.Microsecond)
	m.Ran(schedule.JobFired, 20*time.Millisecond)
	m.Ran(schedule.JobStale, 0)
	m.Committed(3, time.Millisecond, nil)
	m.Committed(1, time.Millisecond, errors.New("full"))
	m.Told([]events.Event{
		{Type: events.OfEntity, Entity: &events.Entity{}},
		{Type: events.OfDelivery, Delivery: &events.Delivery{Provider: "toy", Progress: events.Recorded, State: "waiting"}},
		{Type: events.OfDelivery, Delivery: &events.Delivery{Provider: "toy", Progress: events.Attempted, Failure: "timeout"}},
		{Type: events.OfDelivery, Delivery: &events.Delivery{Provider: "toy", Progress: events.Attempted, Status: 200}},
		{Type: events.OfDelivery, Delivery: &events.Delivery{Provider: "toy", Progress: events.Ended, State: "delivered"}},
	})
	m.Gauge("workspaces", "Stored workspaces.", func() int { return 7 })
	return m
}

func TestText(t *testing.T) {
	text, err := played().Text()
	if err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for name, family := range families {
		for _, metric := range family.Metric {
			series := name
			for _, label := range metric.Label {
				series += fmt.Sprintf(" %s=%s", label.GetName(), label.GetValue())
			}
			got[series] = metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + float64(metric.GetHistogram().GetSampleCount())
		}
	}
	for series, want := range map[string]float64{
		"mockbank_requests_total operation=createOrder provider=toy status=201": 2,
		"mockbank_requests_total operation=none provider=none status=404":       1,
		"mockbank_request_duration_seconds operation=createOrder provider=toy":  2,
		"mockbank_jobs_total outcome=fired":                                     1,
		"mockbank_jobs_total outcome=stale":                                     1,
		"mockbank_job_delay_seconds":                                            2,
		"mockbank_delivery_attempts_total outcome=timeout provider=toy":         1,
		"mockbank_delivery_attempts_total outcome=success provider=toy":         1,
		"mockbank_deliveries_total outcome=delivered provider=toy":              1,
		"mockbank_store_commits_total outcome=success":                          1,
		"mockbank_store_commits_total outcome=failed":                           1,
		"mockbank_store_transactions_total":                                     3,
		"mockbank_store_commit_duration_seconds":                                1,
		"mockbank_workspaces":                                                   7,
		"mockbank_build_info version=1.2.3":                                     1,
	} {
		if got[series] != want {
			t.Errorf("%s is %v, want %v", series, got[series], want)
		}
	}
	if got["go_goroutines"] == 0 {
		t.Error("the runtime is not there")
	}
}

// TestNames holds names, units and help texts to what Prometheus asks of them.
func TestNames(t *testing.T) {
	flaws, err := testutil.GatherAndLint(played().registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, flaw := range flaws {
		t.Errorf("%s: %s", flaw.Metric, flaw.Text)
	}
}

// TestTwoStandSideBySide: there is no registry of the process in which they would clash.
func TestTwoStandSideBySide(t *testing.T) {
	one, other := played(), New("1.2.3")
	one.Answered("toy", "x", 200, 0)
	text, err := other.Text()
	if err != nil || bytes.Contains(text, []byte("mockbank_requests_total{")) {
		t.Errorf("%v: one counts for the other:\n%s", err, text)
	}
}
