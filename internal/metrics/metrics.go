// Package metrics counts what mockbank does and shows it to Prometheus.
//
// Rooms know nothing of it: each has a small hook of its own (gateway.Meter, store.Observer, schedule.Config.Ran), and
// package app hands them a Metrics. What is cheaper to ask for than to count is asked for when somebody looks.
//
// Invariant: there is a bounded number of series. Labels take their values from the house, such as the operations of a
// spec, and never from a request's path, host, header or workspace.
package metrics

import (
	"bytes"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/schedule"
)

const (
	namespace = "mockbank"
	nowhere   = "none" // provider and operation of an address that leads nowhere
	success   = "success"
)

// Metrics holds the counters of one mockbank, in a registry of their own. Its methods may be called from many
// goroutines.
type Metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	latency    *prometheus.HistogramVec
	jobs       *prometheus.CounterVec
	lateness   prometheus.Histogram
	attempts   *prometheus.CounterVec
	deliveries *prometheus.CounterVec
	commits    *prometheus.CounterVec
	grouped    prometheus.Counter
	committing prometheus.Histogram
}

// New makes counters that stand at zero. version is that of mockbank.
func New(version string) *Metrics {
	m := &Metrics{
		registry:   prometheus.NewRegistry(),
		requests:   counters("requests_total", "Requests on providers' paths that were answered.", "provider", "operation", "status"),
		latency:    histograms("request_duration_seconds", "Wall time from a request's arrival until its reply was to be written.", quick, "provider", "operation"),
		jobs:       counters("jobs_total", "Timers of entities that were due, by what came of them.", "outcome"),
		lateness:   histogram("job_delay_seconds", "Workspace time between a timer's due time and the turn that ran it, on clocks that run by themselves.", quick),
		attempts:   counters("delivery_attempts_total", "Attempts to deliver notifications: success, or the class of the failure.", "provider", "outcome"),
		deliveries: counters("deliveries_total", "Notifications that came to their end, by how.", "provider", "outcome"),
		commits:    counters("store_commits_total", "Transactions of the store's driver, each with all that waited.", "outcome"),
		grouped:    prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: "store_transactions_total", Help: "Transactions of workspaces that the commits held."}),
		committing: histogram("store_commit_duration_seconds", "Wall time of a commit.", quick),
	}
	m.registry.MustRegister(m.requests, m.latency, m.jobs, m.lateness, m.attempts, m.deliveries, m.commits, m.grouped, m.committing,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	build := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "build_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(build)
	return m
}

// quick are bounds for what takes between a tenth of a millisecond and ten seconds.
var quick = []float64{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets})
}

// Gauge shows a number that is asked for when somebody looks.
func (m *Metrics) Gauge(name, help string, ask func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, func() float64 { return float64(ask()) }))
}

// Answered counts a request.
func (m *Metrics) Answered(provider, operation string, status int, took time.Duration) {
	if provider == "" {
		provider = nowhere
	}
	if operation == "" {
		operation = nowhere
	}
	m.requests.WithLabelValues(provider, operation, strconv.Itoa(status)).Inc()
	m.latency.WithLabelValues(provider, operation).Observe(took.Seconds())
}

// Ran counts a timer.
func (m *Metrics) Ran(outcome schedule.Outcome, late time.Duration) {
	m.jobs.WithLabelValues(string(outcome)).Inc()
	m.lateness.Observe(late.Seconds())
}

// Committed counts a transaction of the driver and those of workspaces in it.
func (m *Metrics) Committed(transactions int, took time.Duration, err error) {
	if err != nil {
		m.commits.WithLabelValues("failed").Inc()
		return
	}
	m.commits.WithLabelValues(success).Inc()
	m.grouped.Add(float64(transactions))
	m.committing.Observe(took.Seconds())
}

// Told counts notifications: their attempts, and their ends.
func (m *Metrics) Told(told []events.Event) {
	for i := range told {
		d := told[i].Delivery
		switch {
		case d == nil:
		case d.Progress == events.Attempted && d.Failure == "":
			m.attempts.WithLabelValues(d.Provider, success).Inc()
		case d.Progress == events.Attempted:
			m.attempts.WithLabelValues(d.Provider, d.Failure).Inc()
		case d.Progress == events.Ended:
			m.deliveries.WithLabelValues(d.Provider, d.State).Inc()
		}
	}
}

// Media is the type of what Text gives.
const Media = "text/plain"

// Text shows everything in Prometheus' text form, version 0.0.4.
func (m *Metrics) Text() ([]byte, error) {
	families, err := m.registry.Gather()
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}
